//! Circuits: whether the provider takes calls of a kind.

use super::WriteOutcome;
use crate::provider::breaker::{Breaker, Circuit};
use crate::value::failure::Failure;

/// Reads circuit breakers.
pub trait CircuitReader {
    async fn breaker(&self, circuit: Circuit) -> Result<Breaker, Failure>;
}

/// Changes circuit breakers.
pub trait Circuits: CircuitReader {
    /// The next version of a circuit's breaker, if the one before is there.
    async fn put_breaker(&self, next: &Breaker) -> Result<WriteOutcome, Failure>;
}
