//! What submitters and operators do with a job, through the handlers: what comes of it, what it costs, and what it leaves.

mod archive;
mod attention;
mod cancel;
mod escalate;
mod gone;
mod late;
mod lost;
mod republish;
mod retry;
mod words;

use std::collections::BTreeSet;

use domain::event::published::detail_type;
use domain::job::record::{Replay, chain_intact};
use local::world::{Answer, Call};
use openai_simulator::Plans;
use serde_json::{Value, json};

use super::Scene;

impl Scene {
    /// Gives a control, with these headers.
    pub(super) async fn order(
        &self,
        who: &str,
        id: &str,
        control: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let route = format!("POST /v1/workspaces/{{workspace}}/jobs/{{id}}/{control}");
        let (path, body) = ([("workspace", "acme"), ("id", id)], body.to_string());
        let call =
            Call { route: &route, principal: who, issuer: None, path: &path, headers, body: Some(&body), query: &[] };
        self.world.call(call).await.unwrap()
    }

    /// The same, and nothing is wrong with it.
    pub(super) async fn does(&self, who: &str, id: &str, control: &str) -> Value {
        let version = format!("\"{}\"", self.see(id).await["version"]);
        let answer = self.order(who, id, control, &[("if-match", &version)], json!({})).await;
        assert_eq!(answer.status, 200, "{control}: {}", answer.text);
        assert!(answer.headers["etag"].as_str().unwrap().starts_with(&format!("\"{}-", answer.body["version"])));
        answer.body
    }

    /// How the responses of this scene's jobs go, one after the other.
    fn plans(&self, plans: Value) {
        let plans = Plans::parse(&json!({"document-analysis": plans})).unwrap();
        self.world.simulator().unwrap().plan_by_type(plans);
    }

    /// What is running at the provider.
    fn running(&self) -> usize {
        let ledger = self.world.simulator().unwrap().ledger();
        ledger.responses.iter().filter(|response| response.terminal_status.is_none()).count()
    }

    /// A type of the workspace's own: like `document-analysis`, but for these fields.
    async fn own_type(&self, name: &str, fields: Value) {
        let mut body = json!({
            "description": "Checks.", "lane": "background", "model": "gpt-6.1-terra", "instructions": "Check it.",
        });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = self.set_type("ada", name, &body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn create_of(&self, job_type: &str) -> String {
        let body = json!({"type": job_type, "input": "The parties agree."}).to_string();
        let answer = self.world.create("acme", "alice", None, &body).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// What the bus heard of this job: the kinds and levels, in the order of their versions.
    fn heard(&self, id: &str) -> Vec<(String, u8)> {
        let events = self.world.bus().events().into_iter().filter(|event| event.job_id.as_str() == id);
        let mut events: Vec<_> =
            events.map(|event| (event.version, event.kind.word().to_owned(), event.escalation_level)).collect();
        events.sort();
        events.into_iter().map(|(_, kind, level)| (kind, level)).collect()
    }

    /// The trail is whole and tells the row's story, and everybody heard of each event once.
    async fn whole(&self, id: &str) -> Vec<String> {
        let (row, trail) = (self.row(id).await, self.trail(id).await);
        assert!(chain_intact(&row, &trail), "the chain is broken");
        let records = self.records(id).await;
        assert_eq!(Replay::of(&records), Some(Replay::from_row(&row)));
        assert_eq!(row.published, row.version, "an event is unconfirmed");
        let owed = records.iter().filter(|record| detail_type(record).is_some());
        let owed: Vec<_> = owed.map(|record| format!("{id}-{}", record.version)).collect();
        let sent = self.world.bus().events().into_iter().filter(|event| event.job_id.as_str() == id);
        let mut sent: Vec<_> = sent.map(|event| (event.version, event.id)).collect();
        sent.sort();
        assert_eq!(sent.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), owed);
        let starts = self.world.simulator().map(|it| it.ledger().posts_by_attempt).unwrap_or_default();
        assert!(starts.values().all(|posts| *posts == 1), "{starts:?}");
        records.into_iter().map(|record| record.event.word().to_owned()).collect()
    }
}

fn dollars(job: &Value) -> f64 {
    job["cost"]["usd"].as_str().unwrap().parse().unwrap()
}

fn distinct(ids: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    ids.into_iter().collect()
}
