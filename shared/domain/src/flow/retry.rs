//! Retry: the one loop over conflicts. Whoever loses a race reads again and decides again, a few times.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::port::Clock;
use crate::value::failure::{Class, Failure};

/// How often a lost race or a bad answer of the table is met before the caller, or the message's queue, has to try again.
const MAX_COMMIT_ATTEMPTS: u32 = 5;

/// Before the second round, doubled for each that follows.
const PAUSE: Duration = Duration::from_millis(200);

/// One try to read, decide and commit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round(u32);

impl Round {
    /// Waits before the next round, if there is one and the same may go better in it.
    pub(super) async fn pause(self, clock: &impl Clock, failure: Failure) -> Result<(), Failure> {
        if failure.class != Class::Transient || self.0 + 1 == MAX_COMMIT_ATTEMPTS {
            return Err(failure);
        }
        clock.sleep(PAUSE * 2_u32.pow(self.0)).await;
        Ok(())
    }
}

/// Does rounds until one breaks with what came of it. One that was a conflict continues, with what the next goes by.
/// `what` could not be done where every round was one.
pub(super) async fn retry_on_conflict<S, T, E: From<Failure>, F: Future<Output = Result<ControlFlow<T, S>, E>>>(
    what: &'static str,
    begin: S,
    round: impl FnMut(Round, S) -> F,
) -> Result<T, E> {
    match while_in_conflict(begin, round).await? {
        ControlFlow::Break(done) => Ok(done),
        ControlFlow::Continue(_) => Err(Failure::transient(what, "others kept coming first").into()),
    }
}

/// The same, with what the next round would have gone by where every one was a conflict.
pub(super) async fn while_in_conflict<S, T, E, F: Future<Output = Result<ControlFlow<T, S>, E>>>(
    begin: S,
    mut round: impl FnMut(Round, S) -> F,
) -> Result<ControlFlow<T, S>, E> {
    let mut state = begin;
    for number in 0..MAX_COMMIT_ATTEMPTS {
        match round(Round(number), state).await? {
            ControlFlow::Break(done) => return Ok(ControlFlow::Break(done)),
            ControlFlow::Continue(next) => state = next,
        }
    }
    Ok(ControlFlow::Continue(state))
}
