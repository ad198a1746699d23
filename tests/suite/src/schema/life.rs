//! Real events of every kind, as jobs of a world publish them.

use std::time::Duration;

use domain::event::published::{Published, published};
use domain::job::record::{Actor, Cause};
use domain::job::{Event, PersonInput, TransitionContext};
use domain::policy::job_type::shipped;
use domain::port::{Clock as _, Commit, JobReader as _, Jobs as _, WriteOutcome};
use domain::value::id::{JobId, WorkspaceId};
use domain::value::time::Timing;
use local::world::Call;
use openai_simulator::Plan;
use serde_json::json;

use crate::flow::Scene;

const DRAFT: &str = "support-reply-draft";

/// A world in which everything has happened to some of its jobs.
pub(super) struct Life {
    pub(super) scene: Scene,
    pub(super) jobs: Vec<JobId>,
}

impl Life {
    pub(super) async fn whole() -> Self {
        let mut life = Self { scene: Scene::new().await, jobs: Vec::new() };
        let done = life.create("document-analysis").await;
        life.scene.pass(60).await;
        life.happens(&done, Event::Archived(PersonInput::default())).await;
        life.scene.world.simulator().unwrap().plan_next(Plan::FailsByPolicy);
        life.create("document-analysis").await;
        life.scene.pass(60).await;
        let approved = life.create(DRAFT).await;
        let rejected = life.create(DRAFT).await;
        let _nobody_decides = life.create(DRAFT).await;
        life.scene.pass(60).await;
        life.happens(&approved, Event::Escalated(PersonInput::default())).await;
        life.decide(&approved, "approve", None).await;
        life.decide(&rejected, "reject", Some("Not like this.")).await;
        life.scene.world.skip(Duration::from_secs(3 * 86_400)).await.unwrap();
        life
    }

    async fn create(&mut self, job_type: &str) -> JobId {
        let body = json!({"type": job_type, "input": "canary", "summary": "canary", "tags": {"team": "canary"}});
        let answer = self.scene.world.create("acme", "alice", None, &body.to_string()).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text);
        let id = JobId::parse(answer.body["id"].as_str().unwrap()).unwrap();
        self.jobs.push(id.clone());
        id
    }

    async fn decide(&self, id: &JobId, action: &str, note: Option<&str>) {
        let job = self.scene.see(id.as_str()).await;
        let route = format!("POST /v1/workspaces/{{workspace}}/jobs/{{id}}/{action}");
        let mut body = json!({"digest": job["result"]["digest"]});
        if let Some(note) = note {
            body["note"] = json!(note);
        }
        let (body, version) = (body.to_string(), format!("\"{}\"", job["version"]));
        let call = Call {
            route: &route,
            principal: "rita",
            issuer: None,
            path: &[("workspace", "acme"), ("id", id.as_str())],
            headers: &[("if-match", &version)],
            body: Some(&body),
            query: &[],
        };
        let answer = self.scene.world.call(call).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.scene.world.settle().await;
    }

    /// What the API has no route for yet.
    async fn happens(&self, id: &JobId, event: Event) {
        let world = &self.scene.world;
        let job = world.table().job(&workspace(), id).await.unwrap().unwrap();
        let policy = shipped(job.job_type.as_str()).unwrap();
        let (timing, actor) = (Timing::aws(), Actor::system("control-job"));
        let now = world.clock().now();
        let context = TransitionContext { policy: &policy, timing: &timing, actor: &actor, cause: Cause::Due, now };
        let change = job.apply(event, &context).unwrap().unwrap();
        assert_eq!(world.table().commit(Commit::of(&change, None)).await.unwrap(), WriteOutcome::Committed);
        world.settle().await;
    }

    /// What was published, in order.
    pub(super) fn heard(&self) -> Vec<Published> {
        self.scene.world.bus().events()
    }

    /// What the audit trails say is published.
    pub(super) async fn owed(&self) -> Vec<Published> {
        let mut owed = Vec::new();
        for id in &self.jobs {
            let trail = self.scene.world.table().trail(&workspace(), id, 0).await.unwrap();
            owed.extend(
                trail.iter().filter_map(|sealed| published(&workspace(), id, &sealed.decode().unwrap(), sealed)),
            );
        }
        owed
    }
}

fn workspace() -> WorkspaceId {
    WorkspaceId::parse("acme").unwrap()
}
