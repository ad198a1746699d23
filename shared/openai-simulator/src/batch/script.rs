//! How a batch goes, as a plan says it.

use super::check::BatchError;

#[derive(Debug, Clone, Default)]
pub(in super::super) struct BatchScript {
    pub(in super::super) end: BatchEnd,
    /// How long it runs, in milliseconds.
    pub(in super::super) after_ms: Option<i64>,
    /// Only so many lines are run before the end.
    pub(in super::super) done: Option<usize>,
    pub(in super::super) failing: Option<Failing>,
    /// It fails at validation with these.
    pub(in super::super) errors: Vec<BatchError>,
    /// The id of a file that there is not is an empty string.
    pub(in super::super) empty_ids: bool,
    /// From the moment that it runs, no look and no list shows it.
    pub(in super::super) disappears: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) enum BatchEnd {
    #[default]
    Completed,
    Failed,
    Expired,
    /// By nobody here.
    Cancelled,
    /// It is validated for ever.
    NeverStarts,
    /// Half of it is done, and no more.
    NeverEnds,
}

/// How lines fail that would not by themselves.
#[derive(Debug, Clone)]
pub(in super::super) struct Failing {
    /// The first so many.
    pub(in super::super) lines: usize,
    pub(in super::super) status: u16,
    pub(in super::super) code: String,
    /// The error stands inside the response's body, and the line's own is null.
    pub(in super::super) in_body: bool,
    /// The line stands among the successes.
    pub(in super::super) in_output: bool,
}
