//! Messages of the two queues: each is read in its own queue only, and what cannot be read there stays there.

use std::collections::BTreeSet;

use domain::port::{Message, PollMessage, SubmitMessage};
use domain::value::id::ResponseId;
use serde_json::json;

use super::make::{job_id, workspace};
use super::words::{NEWER, batch, left};

#[test]
fn a_message_of_a_kind_that_nobody_knows_stays_in_its_queue_and_a_field_is_passed_over() {
    let (workspace, job_id) = (workspace(), job_id("1"));
    let mut submits = batch(&[
        json!({"kind": NEWER, "workspace": "acme", "job_id": "job_1"}),
        json!({"kind": "submit_v1", "workspace": "acme", "job_id": "job_1", "priority": 3}),
        json!({"kind": "submit_v2", "batch": 7}),
    ]);
    let read: Vec<SubmitMessage> = std::iter::from_fn(|| submits.next_message()).collect();
    assert_eq!(read, [SubmitMessage::SubmitV1 { workspace: workspace.clone(), job_id: job_id.clone() }]);
    assert_eq!(left(submits), ["m0", "m2"]);
    are_known(&read);

    let mut polls = batch(&[
        json!({"kind": NEWER, "workspace": "acme", "job_id": "job_1"}),
        json!({"kind": "observe_v1", "workspace": "acme", "job_id": "job_1", "zz": null}),
        json!({"kind": "response_v1", "response_id": "resp_1", "denials": 2, "zz": {"a": [1]}}),
        json!({"kind": "workspace_v1", "workspace": "acme", "zz": 1}),
        json!({"kind": "observe_v2", "batch": 7}),
    ]);
    let read: Vec<PollMessage> = std::iter::from_fn(|| polls.next_message()).collect();
    let expected = [
        PollMessage::ObserveV1 { workspace: workspace.clone(), job_id },
        PollMessage::ResponseV1 { response_id: ResponseId::parse("resp_1").unwrap(), denials: 2, watcher: None },
        PollMessage::WorkspaceV1 { workspace },
    ];
    assert_eq!(read, expected);
    assert_eq!(left(polls), ["m0", "m4"]);
    are_known(&read);
}

/// Each kind of the queue's is listed, and one message of each is here.
fn are_known<M: Message>(messages: &[M]) {
    let kinds: BTreeSet<_> = messages
        .iter()
        .map(|message| serde_json::to_value(message).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, M::KINDS.iter().map(|kind| (*kind).to_owned()).collect());
}

#[test]
fn a_message_in_the_other_queue_is_not_acknowledged_and_lost() {
    let all = [
        json!({"kind": "submit_v1", "workspace": "acme", "job_id": "job_1"}),
        json!({"kind": "observe_v1", "workspace": "acme", "job_id": "job_1"}),
        json!({"kind": "response_v1", "response_id": "resp_1", "denials": 0}),
        json!({"kind": "workspace_v1", "workspace": "acme"}),
    ];
    let mut submits = batch(&all);
    assert_eq!(std::iter::from_fn(|| submits.next_message::<SubmitMessage>()).count(), 1);
    assert_eq!(left(submits), ["m1", "m2", "m3"]);
    let mut polls = batch(&all);
    assert_eq!(std::iter::from_fn(|| polls.next_message::<PollMessage>()).count(), 3);
    assert_eq!(left(polls), ["m0"]);
}
