//! Changes: what a reviewer wants done differently, as the next attempt is told of it.

use serde_json::{Value, json};

use super::{FlowContext, Ports, true_notes};
use crate::contract::result::{Edited, answered};
use crate::job::record::Record;
use crate::job::{EventKind, Job, PayloadRef};
use crate::port::{PayloadKind, Payloads, Provider};
use crate::value::failure::Failure;

/// The reviewer's words, and the text that they are about, where there was one.
#[derive(Debug)]
pub(super) struct Changes {
    note: String,
    draft: Option<String>,
}

/// What the decision at this version asked for.
pub(super) async fn wanted(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    job: &Job,
    version: u32,
) -> Result<Changes, Failure> {
    let missing = |what| Failure::permanent(what, "the bytes are missing or altered");
    let (notes, records) = true_notes(flow.store, job).await?;
    let note = notes.into_iter().find(|note| note.version == version).ok_or_else(|| missing("read the note"))?;
    let reviewed =
        records.iter().take_while(|record| record.version < version).filter(|record| record.event.opens_round()).last();
    let draft = match reviewed.and_then(|record| Some((record, kept(record)?))) {
        Some((record, (kind, stored))) => {
            let bytes = flow.payloads.get((&job.workspace, &job.id), kind, &stored).await?;
            let bytes = bytes.ok_or_else(|| missing("read the draft"))?;
            Some(if record.event == EventKind::Edited {
                Edited::read(&bytes)?.text
            } else {
                answered(&provider.read(&bytes)?).0
            })
        }
        None => None,
    };
    Ok(Changes { note: note.text, draft: draft.filter(|draft| !draft.is_empty()) })
}

/// Where the text of a round is kept.
fn kept(record: &Record) -> Option<(PayloadKind, PayloadRef)> {
    let stored = PayloadRef { digest: record.digest?, bytes: record.bytes? };
    let attempt = record.attempt;
    let is_edit = record.event == EventKind::Edited;
    let kind = if is_edit { PayloadKind::Edit { attempt } } else { PayloadKind::Result { attempt } };
    Some((kind, stored))
}

/// The caller's input, and behind it the draft and what the reviewer wrote about it.
pub(super) fn told(input: Value, changes: Changes) -> Value {
    let said = |role: &str, content: Value| json!({"role": role, "content": content});
    let mut items = match input {
        Value::Array(items) => items,
        text => vec![said("user", text)],
    };
    items.extend(changes.draft.map(|draft| said("assistant", json!(draft))));
    let note = format!("A reviewer of this answer asks for these changes:\n\n{}", changes.note);
    items.push(said("user", json!(note)));
    Value::Array(items)
}
