//! The classifier: one table names the lane of a piece of work, and a second one what else it could take.

use std::time::Duration;

use super::AlternativeReason::{AnswersInTheCall, LaneRuns};
use super::{Alternative, AlternativeReason, Effect, Lane, LaneReason, Prices, Way, needs_approval};
use crate::policy::cost::{Rates, Usage, Window};
use crate::value::time::Timestamp;

/// Fewer are no batch. One record has been seen to wait half an hour in a batch of its own; the number is ours.
pub const FEWEST_RECORDS: u16 = 20;

/// What a batch of the provider takes.
pub const MOST_RECORDS: u16 = 50_000;

/// What the table asks about a piece of work. Absent answers count as no.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    pub effects: Vec<Effect>,
    pub pre_approved_effects: Vec<Effect>,
    pub many_independent_records: bool,
    pub somebody_waits_for_one: bool,
    pub value_after_session: bool,
    pub several_steps_or_slow_tools: bool,
    pub status_can_be_shown: bool,
    pub user_steers: bool,
    pub short_with_fast_tools: bool,
    /// How many independent records there are. A number says more than `many_independent_records`.
    pub records: Option<u16>,
    /// How long the result may take, if there is an end to it.
    pub patience: Option<Duration>,
    pub size: Option<RunSize>,
}

/// What one run of the work, or of one record of it, is expected to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSize {
    pub model: String,
    pub input_tokens: u64,
    pub output_tokens: u32,
}

impl Questions {
    /// What the work comes to as a whole.
    pub fn prices(&self, rates: Rates<'_>, at: Timestamp) -> Prices {
        let Some(RunSize { model, input_tokens, output_tokens }) = &self.size else { return Prices::default() };
        let usage = Usage { input_tokens: *input_tokens, output_tokens: u64::from(*output_tokens), ..Usage::default() };
        Prices::of(model, &usage, self.records.unwrap_or(1), rates, at)
    }

    fn has_many_records(&self) -> bool {
        self.records.map_or(self.many_independent_records, |records| records >= FEWEST_RECORDS)
    }

    fn has_time_for(&self, way: Way) -> bool {
        self.patience.is_none_or(|patience| patience.as_secs() >= way.may_wait_seconds())
    }
}

/// The tables' answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    pub lane: Lane,
    pub reasons: Vec<LaneReason>,
    pub alternatives: Vec<Alternative>,
}

/// The decision table: the first row that holds names the lane. Every row of the second table that holds is an alternative.
pub fn classify(work: &Questions, prices: &Prices) -> Classification {
    use LaneReason::*;
    use Window::{EightHours, TwoHours};
    let many = work.has_many_records();
    let few = !many && work.records.is_some();
    let batchable = many && !work.somebody_waits_for_one && work.has_time_for(Way::Batch);
    let lanes: [(bool, Lane, &[LaneReason]); 8] = [
        (needs_approval(&work.effects, &work.pre_approved_effects), Lane::Approval, &[ConsequentialEffect]),
        (batchable, Lane::Batch, &[ManyIndependentRecords]),
        (
            work.value_after_session && work.several_steps_or_slow_tools && work.status_can_be_shown,
            Lane::Background,
            &[ValueAfterSession, SeveralStepsOrSlowTools, StatusCanBeShown],
        ),
        (work.user_steers, Lane::Interactive, &[UserSteers]),
        (work.short_with_fast_tools, Lane::Interactive, &[ShortWithFastTools]),
        (few, Lane::Background, &[FewRecords]),
        (many, Lane::Background, &[WantedSooner]),
        (true, Lane::Background, &[NothingLost]),
    ];
    let row = lanes.into_iter().find(|(holds, ..)| *holds);
    let (lane, reasons) = row.map_or((Lane::Background, &[NothingLost][..]), |(_, lane, reasons)| (lane, reasons));

    let (background, batch) = (lane == Lane::Background, lane == Lane::Batch);
    let chosen = if batch { Way::Batch } else { Way::Now };
    // Whoever waits in front of the screen is not sent away for a lower price.
    let patient = lane != Lane::Interactive && !work.somebody_waits_for_one && !work.user_steers;
    // Work with a consequential effect has no way round a person.
    let single = if batch { Lane::Background } else { lane };
    let by = AlternativeReason::of;
    let others = [
        (lane == Lane::Interactive && !lane.runs(), Lane::Background, Way::Now, LaneRuns),
        (background && (work.user_steers || work.short_with_fast_tools), Lane::Interactive, Way::Now, AnswersInTheCall),
        (background && many, Lane::Batch, Way::Batch, by(Way::Batch)),
        (patient, single, Way::Within(EightHours), by(Way::Within(EightHours))),
        (patient, single, Way::Within(TwoHours), by(Way::Within(TwoHours))),
        (patient, single, Way::Flex, by(Way::Flex)),
        (batch, single, Way::Now, by(Way::Now)),
        (!batch, lane, Way::Priority, by(Way::Priority)),
    ];
    let others = others.into_iter().filter(|(holds, _, way, _)| *holds && work.has_time_for(*way));
    let alternatives =
        others.filter_map(|(_, lane, way, reason)| Alternative::new(lane, way, reason, chosen, prices)).collect();
    let pre_approved = (lane != Lane::Approval && !work.effects.is_empty()).then_some(PreApprovedEffect);
    Classification { lane, reasons: reasons.iter().copied().chain(pre_approved).collect(), alternatives }
}
