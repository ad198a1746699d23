//! Rows about the provider: a response that it gave us, and the breaker of a circuit to it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::response::ResponseRow;
use domain::policy::cost::{StoredUsage, Usd};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::id::{JobId, Nonce, ResponseId, WorkspaceId};

use super::item::keyed;
use super::keys;
use super::row::{BadRow, Item, Reader, bytes, number, text, time};

/// The attributes of a response row that come and go.
pub(super) const MAY_GO: [&str; 3] = ["due_at", "due_shard", "usage"];

/// The attributes of a breaker's row that do.
pub(super) const BREAKER_MAY_GO: [&str; 2] = ["parked_until", "reason"];

/// The response row.
pub fn response(response: &ResponseRow) -> Item {
    let key = keys::response(&response.id);
    let mut item = keyed(&key, "response");
    let mut set = |name: &str, value: AttributeValue| {
        item.insert(name.to_owned(), value);
    };
    set("workspace", text(response.workspace.as_str()));
    set("job", text(response.job.as_str()));
    set("attempt", number(response.attempt));
    set("orphan", AttributeValue::Bool(response.orphan));
    set("tries", number(response.tries));
    set("usd", number(response.usd.pico()));
    set("cost_state", text(response.cost_state.code()));
    set("settled", AttributeValue::Bool(response.settled));
    if let Some(usage) = response.usage.and_then(|usage| serde_json::to_string(&StoredUsage(usage)).ok()) {
        set("usage", text(usage));
    }
    if let Some(due) = response.due {
        set("due_shard", text(keys::shard(&key.pk)));
        set("due_at", time(due));
    }
    item
}

/// Reads a response row back.
pub(super) fn read_response(item: &Item) -> Result<ResponseRow, BadRow> {
    let row = Reader { entity: "response", item };
    let id = row.text("PK")?.strip_prefix("RESP#").ok_or_else(|| row.bad("PK"))?;
    Ok(ResponseRow {
        id: ResponseId::parse(id).map_err(|_| row.bad("PK"))?,
        workspace: row.parsed("workspace", WorkspaceId::parse)?,
        job: row.parsed("job", JobId::parse)?,
        attempt: row.number("attempt")?,
        orphan: row.is_set("orphan"),
        due: row.optional_time("due_at"),
        tries: row.number("tries")?,
        usd: Usd::from_pico(row.number("usd")?),
        cost_state: row.word("cost_state")?,
        settled: row.is_set("settled"),
        usage: match row.optional_text("usage") {
            Some(text) => {
                let StoredUsage(usage) = serde_json::from_str(text).map_err(|_| row.bad("usage"))?;
                Some(usage)
            }
            None => None,
        },
    })
}

/// Who looks at a response that the provider denied. Only signed webhooks bring such ids, so that there are few.
pub(super) fn denied(id: &ResponseId, watcher: Nonce) -> Item {
    let mut item = keyed(&keys::denied(id), "denied");
    item.insert("watcher".to_owned(), bytes(&watcher.0));
    item
}

/// Reads it back.
pub(super) fn read_denied(item: &Item) -> Result<Nonce, BadRow> {
    let row = Reader { entity: "denied", item };
    let watcher = row.optional_bytes("watcher").and_then(|watcher| watcher.try_into().ok());
    watcher.map(Nonce).ok_or_else(|| row.bad("watcher"))
}

/// A circuit's breaker.
pub(super) fn breaker(breaker: &Breaker) -> Item {
    let mut item = keyed(&keys::breaker(breaker.circuit), "breaker");
    item.insert("failures".to_owned(), number(breaker.failures));
    item.insert("version".to_owned(), number(breaker.version));
    if let Some(until) = breaker.parked_until {
        item.insert("parked_until".to_owned(), time(until));
    }
    if let Some(reason) = breaker.reason {
        item.insert("reason".to_owned(), text(reason.code()));
    }
    item
}

/// Reads a breaker back.
pub(super) fn read_breaker(circuit: Circuit, item: &Item) -> Result<Breaker, BadRow> {
    let row = Reader { entity: "breaker", item };
    Ok(Breaker {
        circuit,
        failures: row.number("failures")?,
        parked_until: row.optional_time("parked_until"),
        reason: row.optional_word("reason")?,
        version: row.number("version")?,
    })
}
