//! A reviewer who loses the role while they decide: nothing of theirs counts.

use std::sync::Mutex;

use adapters::aws::dynamodb::Table;
use domain::flow::decide::{Decision, decide};
use domain::flow::{Caller, FlowContext, FlowError};
use domain::job::Job;
use domain::people::review::{Action, ActionDenied, ReviewCommand};
use domain::port::{Clock as _, JobReader as _};
use domain::value::failure::Failure;
use domain::value::id::{Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use domain::value::time::Timestamp;
use serde_json::json;

use local::identity::ISSUER;

use super::Scene;
use crate::flow::watched::{Watch, Watched};

/// While the trail is read, after the caller's own row.
const READ: &str = "trail";

/// Right before the write.
const WRITE: &str = "commit";

/// Makes rita an operator before that call, once.
struct Revoking<'a> {
    table: &'a Table,
    now: Timestamp,
    moment: Mutex<Option<&'static str>>,
}

impl Watch for Revoking<'_> {
    async fn before(&self, call: &'static str) -> Result<(), Failure> {
        if self.moment.lock().unwrap().take_if(|wanted| *wanted == call).is_some() {
            let rita = Principal::parse("rita").unwrap();
            let member =
                Member { principal: rita, roles: [Role::Operator].into(), issuer: None, active: true, name: None };
            self.table.put_member(&WorkspaceId::parse("acme").unwrap(), &member, self.now).await?;
        }
        Ok(())
    }
}

async fn decided(scene: &Scene, id: &str, action: Action, moment: &'static str) -> Result<Job, FlowError> {
    let row = scene.row(id).await;
    let world = scene.world.clone();
    let watch = Revoking { table: world.table(), now: world.clock().now(), moment: Mutex::new(Some(moment)) };
    let store = Watched { port: world.table(), watch };
    let setting = world.setting("control-job");
    let flow = FlowContext::new(&store, world.payloads(), world.clock(), &setting);
    let caller = Caller {
        workspace: row.workspace,
        principal: Principal::parse("rita").unwrap(),
        issuer: Issuer::of(ISSUER),
        is_first_admin: false,
    };
    let ask = ReviewCommand { action, digest: row.result.unwrap().stored.digest, seen: row.version };
    let text = (action == Action::Edit).then(|| "Hello".to_owned());
    let note = Some("A note.".to_owned());
    decide(&flow, &caller, id, &Decision { ask, text, note }).await.map(|(job, ..)| job)
}

/// Nothing happened, nothing is kept, and once rita is a reviewer again her decision is as good as any.
async fn nothing_comes_of(action: Action, moment: &'static str) {
    let scene = Scene::new().await;
    let id = scene.draft().await;
    let before = scene.row(&id).await;
    let answer = decided(&scene, &id, action, moment).await;
    let events: Vec<_> = scene.records(&id).await.into_iter().skip(3).map(|record| record.event).collect();
    assert_eq!(events, [], "{action:?} at {moment}: {answer:?}");
    assert!(
        matches!(answer, Err(FlowError::Denied(ActionDenied::NotReviewer, _))),
        "{action:?} at {moment}: {answer:?}"
    );
    assert_eq!(scene.row(&id).await, before);
    assert!(scene.world.table().notes(&before.workspace, &before.id).await.unwrap().is_empty());
    scene.appoint("rita", &[Role::Reviewer]).await;
    let approved = scene.now("rita", &id, "approve", json!({})).await;
    assert_eq!(approved.body["status"], "completed", "{}", approved.text);
}

#[tokio::test]
async fn whoever_loses_the_role_before_the_write_decides_nothing() {
    for action in Action::ALL {
        nothing_comes_of(action, WRITE).await;
    }
}

#[tokio::test]
async fn whoever_loses_the_role_between_two_reads_decides_nothing() {
    for action in [Action::Edit, Action::Reject, Action::RequestChanges] {
        nothing_comes_of(action, READ).await;
    }
}

#[tokio::test]
async fn whoever_loses_the_role_between_two_reads_approves_nothing() {
    nothing_comes_of(Action::Approve, READ).await;
}
