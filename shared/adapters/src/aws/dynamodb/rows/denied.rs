//! The row that remembers who polls a response that the provider denied. Only signed webhooks bring such ids, so that
//! there are few.

use domain::value::id::{Nonce, ResponseId};

use super::{BadRow, Item, RowDecoder, RowEncoder, response};
use crate::aws::dynamodb::keys::Key;

pub fn key(id: &ResponseId) -> Key {
    Key { sk: "DENIED".to_owned(), ..response::key(id) }
}

pub(in super::super) fn item(id: &ResponseId, watcher: Nonce) -> Item {
    let mut row = RowEncoder::new(key(id), "denied");
    row.put("watcher", &watcher);
    row.item()
}

pub(in super::super) fn decode(item: &Item) -> Result<Nonce, BadRow> {
    RowDecoder { entity: "denied", item }.get("watcher")
}
