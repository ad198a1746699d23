//! What a write takes away from a row, and what it leaves to others.

use domain::job::{Attempt, Job};
use domain::people::workspace::Workspace;
use domain::port::{Circuits as _, Commit, Jobs as _, ResponseWrite, Responses as _, Workspaces as _};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::member::Role;
use serde_json::{Value, json};

use super::canned::{Canned, ok};
use crate::contract::layout::{looked_after, rita, snapshot};
use crate::contract::make::{NOW, bare, filled, next, nonce, response_row, workspace};
use crate::contract::people::{member, principal};

/// The names of a clause of an update, in order.
fn clauses(write: &Value) -> String {
    let update = write.get("Update").unwrap_or(write);
    let expression = update["UpdateExpression"].as_str().unwrap_or_default();
    let (set, remove) = expression.split_once("REMOVE").unwrap_or((expression, ""));
    let names = |clause: &str| {
        let mut names: Vec<String> = clause
            .trim()
            .trim_start_matches("SET ")
            .split(", ")
            .map(|part| part.split(" = ").next().unwrap_or_default().trim_matches(['#', ' ']).to_owned())
            .collect();
        names.sort();
        names.join(" ")
    };
    format!(
        "  SET {}\n  REMOVE {}\n  IF {}\n",
        names(set),
        names(remove),
        update["ConditionExpression"].as_str().unwrap_or_default()
    )
}

#[tokio::test]
async fn a_write_takes_away_what_is_gone_and_nothing_that_others_move() {
    let canned = Canned::new(std::iter::repeat_n(ok(json!({})), 8));
    let table = canned.table();
    let due = Job { due_index_at: Some(NOW), ..bare("1") };
    let settle = ResponseWrite::Settle(response_row(1));
    let _ = table.commit(Commit::of(&next(&filled("1"), |_| ()), Some(&settle))).await.unwrap();
    let _ =
        table.commit(Commit::of(&next(&bare("1"), |_| ()), Some(&ResponseWrite::Move(looked_after())))).await.unwrap();
    let _ = table.claim(&bare("1"), &due).await.unwrap();
    let attempt = Attempt { submit_token: Some(nonce(1)), ..bare("1").attempt };
    let _ = table.claim(&due, &Job { claim_count: 1, attempt, ..bare("1") }).await.unwrap();
    let _ = table.put_response(Some(&looked_after()), &response_row(1)).await.unwrap();
    let _ = table.put_breaker(&Breaker::untouched(Circuit::Polls)).await.unwrap();
    let own =
        Workspace::untouched(workspace()).set_member(member("rita", &[Role::Admin]), &principal("rita"), NOW).unwrap();
    let _ = table.change_workspace(&own, Some(&principal("rita"))).await.unwrap();
    let other = Workspace::untouched(workspace()).set_member(rita(), &principal("root"), NOW).unwrap();
    let _ = table.change_workspace(&other, Some(&principal("root"))).await.unwrap();
    let mut page = String::new();
    for call in canned.calls() {
        page.push_str(&format!("{}\n", call.operation));
        match call.body["TransactItems"].as_array() {
            Some(writes) => writes.iter().for_each(|write| {
                page.push_str(&format!(" {}\n", write.as_object().unwrap().keys().next().unwrap()));
                page.push_str(&if write.get("Update").is_some() { clauses(write) } else { String::new() });
            }),
            None => page.push_str(&clauses(&call.body)),
        }
    }
    snapshot("amendments", &page);
}
