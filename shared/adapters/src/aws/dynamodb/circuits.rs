//! Circuit breakers.

use domain::port::{CircuitReader, Circuits, WriteOutcome};
use domain::provider::breaker::{Breaker, Circuit};
use domain::value::failure::Failure;

use super::keys;
use super::log_lines::log_breaker;
use super::rows::breaker;
use super::{Table, bad, number};

impl CircuitReader for Table {
    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure> {
        const WHAT: &str = "read the breaker";
        let item = self.read(WHAT, &keys::breaker(circuit)).await?;
        let row = item.as_ref().map(breaker::decode).transpose().map_err(bad(WHAT))?;
        Ok(row.unwrap_or(Breaker::untouched(circuit)))
    }
}

impl Circuits for Table {
    async fn put_breaker(&self, next: &Breaker) -> Result<WriteOutcome, Failure> {
        let update = self
            .amending(breaker::encode(next))
            .condition_expression("attribute_not_exists(PK) OR #version = :before")
            .expression_attribute_values(":before", number(next.version.saturating_sub(1)));
        let write = self.amended("write the breaker", update).await?;
        if write == WriteOutcome::Committed {
            log_breaker(next);
        }
        Ok(write)
    }
}
