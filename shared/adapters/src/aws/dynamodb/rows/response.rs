//! The row of a response that the provider gave us.

use domain::job::response::ResponseRow;
use domain::value::id::ResponseId;

use super::{BadRow, Item, RowDecoder, RowEncoder, row};
use crate::aws::dynamodb::keys::Key;

const PREFIX: &str = "RESP#";

pub fn key(id: &ResponseId) -> Key {
    Key { pk: format!("{PREFIX}{id}"), sk: "RESPONSE".to_owned() }
}

pub(in super::super) fn encode(response: &ResponseRow) -> RowEncoder {
    let mut row = RowEncoder::new(key(&response.id), "response");
    write(response, &mut row);
    row
}

/// The row of a response that is new.
pub fn item(response: &ResponseRow) -> Item {
    encode(response).item()
}

pub(in super::super) fn decode(item: &Item) -> Result<ResponseRow, BadRow> {
    read(&RowDecoder { entity: "response", item })
}

row! {
    ResponseRow as response in row;
    write { row.put("due_shard", &response.due.map(|_| row.shard())); }
    read { let id = row.parsed("PK", |pk| ResponseId::parse(pk.strip_prefix(PREFIX)?).ok())?; }
    given { id }
    stored {
        workspace: "workspace",
        job: "job",
        attempt: "attempt",
        orphan: ("orphan" or false),
        asked: "asked",
        due: "due_at",
        claim_count: "claim_count",
        usage: "usage",
        usd: "usd",
        cost_state: "cost_state",
        settled: ("settled" or false),
    }
}
