//! The provider's responses, one row for each.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::response::ResponseRow;
use domain::port::{Responses, WriteOutcome};
use domain::value::failure::Failure;
use domain::value::id::{Nonce, ResponseId};

use super::keys;
use super::rows::{denied, response};
use super::{Table, bad, number};

impl Responses for Table {
    async fn response(&self, id: &ResponseId) -> Result<Option<ResponseRow>, Failure> {
        const WHAT: &str = "read the response row";
        let item = self.read(WHAT, &keys::response(id)).await?;
        item.as_ref().map(response::decode).transpose().map_err(bad(WHAT))
    }

    async fn put_response(&self, seen: Option<&ResponseRow>, row: &ResponseRow) -> Result<WriteOutcome, Failure> {
        const WHAT: &str = "write the response row";
        if let Some(seen) = seen {
            let update = self
                .amending(response::encode(row))
                .condition_expression("#claim_count = :seen AND #settled = :open")
                .expression_attribute_values(":seen", number(seen.claim_count))
                .expression_attribute_values(":open", AttributeValue::Bool(false));
            return self.amended(WHAT, update).await;
        }
        self.put_new(WHAT, response::item(row)).await
    }

    async fn watcher(&self, id: &ResponseId) -> Result<Option<Nonce>, Failure> {
        const WHAT: &str = "read who polls the response";
        let item = self.read(WHAT, &keys::denied(id)).await?;
        item.as_ref().map(denied::decode).transpose().map_err(bad(WHAT))
    }

    async fn put_watcher(&self, id: &ResponseId, watcher: Nonce) -> Result<WriteOutcome, Failure> {
        self.put_new("write who polls the response", denied::item(id, watcher)).await
    }
}
