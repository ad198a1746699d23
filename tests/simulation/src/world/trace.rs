//! One seed from its beginning to its end, and what is to be said of it.

use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use super::{Profile, World};
use crate::check::{Invariant, Violation};
use crate::tally::Tally;

/// What a world is asked to be.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub profile: Profile,
    /// Keep the trace in words.
    pub words: bool,
}

/// How a world went.
#[derive(Debug)]
pub struct Trace {
    pub tally: Tally,
    pub violation: Option<Violation>,
    pub trace_hash: u64,
    pub lines: Vec<String>,
}

/// The provider may forget a run ten minutes after its end; half of that is ours. A run that nobody wants any more has as
/// long to be stopped.
const LONGEST_CAPTURE: Duration = Duration::from_secs(300);

/// Lives one seed to its end.
pub fn live(seed: u64, options: &Options) -> Trace {
    let mut world = World::new(seed, options);
    let run = panic::catch_unwind(AssertUnwindSafe(|| world.run()));
    let run = run.unwrap_or_else(|_| Err(Violation::new(Invariant::Panic, "something panicked".to_owned())));
    let tally = world.tally();
    let is_prompt = options.profile == Profile::WebhooksLost;
    let violation = run.err().or_else(|| is_prompt.then(|| too_late(&tally)).flatten());
    Trace { tally, violation, trace_hash: world.shared.executor.trace_hash(), lines: world.shared.executor.lines() }
}

fn too_late(tally: &Tally) -> Option<Violation> {
    let late = |what, took| Violation::new(Invariant::F11, format!("{what} after {took:?}"));
    [("a finished run was seen", tally.worst_capture), ("a canceled run was booked", tally.worst_stop)]
        .into_iter()
        .find_map(|(what, took)| (took > LONGEST_CAPTURE).then(|| late(what, took)))
}
