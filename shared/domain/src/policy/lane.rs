//! Lanes: how a job may run, decided by one table with reasons a caller can read.

use serde::Serialize;

use crate::value::word::words;

words! {
    /// How a job runs.
    pub enum Lane {
        Interactive "interactive" "i",
        Background "background" "b",
        Batch "batch" "n",
        Approval "approval" "a",
    }
}

words! {
    /// What a result sets off outside the product.
    pub enum Effect {
        CustomerMessage "customer_message",
        RecordChange "record_change",
        Purchase "purchase",
        ProductionWrite "production_write",
        Publishing "publishing",
        Permission "permission",
        Deployment "deployment",
        Deletion "deletion",
    }
}

words! {
    /// Why a lane was chosen; stored on the job and returned to the caller.
    pub enum LaneReason {
        /// An effect that the job type does not pre-approve.
        ConsequentialEffect "consequential_effect" "ce",
        /// Every declared effect is pre-approved by the job type.
        PreApprovedEffect "pre_approved_effect" "pe",
        /// Many independent records, and nobody waits for one of them.
        ManyIndependentRecords "many_independent_records" "mr",
        /// The result still has value after the session.
        ValueAfterSession "value_after_session" "va",
        /// Several steps or slow tools.
        SeveralStepsOrSlowTools "several_steps_or_slow_tools" "ss",
        /// Status, retry and retrieval can be shown.
        StatusCanBeShown "status_can_be_shown" "sc",
        /// The user steers it while it runs.
        UserSteers "user_steers" "us",
        /// Short, with narrow fast tools.
        ShortWithFastTools "short_with_fast_tools" "sf",
        /// The job type names its lane.
        JobType "job_type" "jt",
        /// Nothing known speaks for another lane, and this one loses nothing.
        NothingLost "nothing_lost" "nl",
    }
}

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
}

/// The table's answer. `alternatives` are the lanes of later rows that hold as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Classification {
    pub lane: Lane,
    pub reasons: Vec<LaneReason>,
    pub alternatives: Vec<Lane>,
}

/// The decision table: the first row that holds names the lane.
pub fn classify(work: &Questions) -> Classification {
    use LaneReason::*;
    let table: [(bool, Lane, &[LaneReason]); 6] = [
        (needs_approval(&work.effects, &work.pre_approved_effects), Lane::Approval, &[ConsequentialEffect]),
        (work.many_independent_records && !work.somebody_waits_for_one, Lane::Batch, &[ManyIndependentRecords]),
        (
            work.value_after_session && work.several_steps_or_slow_tools && work.status_can_be_shown,
            Lane::Background,
            &[ValueAfterSession, SeveralStepsOrSlowTools, StatusCanBeShown],
        ),
        (work.user_steers, Lane::Interactive, &[UserSteers]),
        (work.short_with_fast_tools, Lane::Interactive, &[ShortWithFastTools]),
        (true, Lane::Background, &[NothingLost]),
    ];
    let mut rows = table.into_iter().filter(|(holds, ..)| *holds);
    let (lane, reasons) =
        rows.next().map_or((Lane::Background, &[NothingLost][..]), |(_, lane, reasons)| (lane, reasons));
    let mut alternatives: Vec<Lane> = rows.map(|(_, other, _)| other).filter(|other| *other != lane).collect();
    alternatives.dedup();
    // Work with a consequential effect has no way round a person.
    if lane == Lane::Approval {
        alternatives.clear();
    }
    Classification { lane, reasons: reasons.to_vec(), alternatives }
}

/// Whether a person has to allow the result: any effect that is not pre-approved.
pub fn needs_approval(effects: &[Effect], pre_approved: &[Effect]) -> bool {
    effects.iter().any(|effect| !pre_approved.contains(effect))
}

/// The lane of a new job: its type's, unless an effect asks for a person.
pub fn for_job(type_lane: Lane, effects: &[Effect], pre_approved: &[Effect]) -> (Lane, Vec<LaneReason>) {
    if needs_approval(effects, pre_approved) {
        (Lane::Approval, vec![LaneReason::ConsequentialEffect])
    } else if effects.is_empty() {
        (type_lane, vec![LaneReason::JobType])
    } else {
        (type_lane, vec![LaneReason::JobType, LaneReason::PreApprovedEffect])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(bits: u16) -> Questions {
        let bit = |n: u16| bits & (1 << n) != 0;
        Questions {
            effects: if bit(0) { vec![Effect::CustomerMessage] } else { vec![] },
            pre_approved_effects: if bit(1) { vec![Effect::CustomerMessage] } else { vec![] },
            many_independent_records: bit(2),
            somebody_waits_for_one: bit(3),
            value_after_session: bit(4),
            several_steps_or_slow_tools: bit(5),
            status_can_be_shown: bit(6),
            user_steers: bit(7),
            short_with_fast_tools: bit(8),
        }
    }

    #[test]
    fn a_consequential_effect_asks_for_approval_whatever_else_is_said() {
        for bits in 0..512 {
            let work = answers(bits);
            let consequential = bits & 0b11 == 0b01;
            let answer = classify(&work);
            assert_eq!(answer.lane == Lane::Approval, consequential, "{work:?}");
            assert!(!consequential || answer.alternatives.is_empty(), "{work:?}");
        }
    }

    #[test]
    fn the_first_row_that_holds_names_the_lane() {
        let lane = |bits: u16| classify(&answers(bits)).lane;
        assert_eq!(lane(0b0_0000_0100), Lane::Batch);
        assert_eq!(lane(0b0_0000_1100), Lane::Background, "somebody waits for one record");
        assert_eq!(lane(0b0_0111_0000), Lane::Background);
        assert_eq!(lane(0b0_1111_0000), Lane::Background, "steering comes after the background row");
        assert_eq!(lane(0b0_1001_0000), Lane::Interactive);
        assert_eq!(lane(0b1_0000_0000), Lane::Interactive);
        assert_eq!(classify(&answers(0)).reasons, [LaneReason::NothingLost]);
        assert_eq!(classify(&answers(0b1_0111_0000)).alternatives, [Lane::Interactive]);
    }

    #[test]
    fn a_pre_approved_effect_keeps_the_types_lane_and_says_so() {
        let effects = [Effect::RecordChange];
        assert_eq!(
            for_job(Lane::Background, &effects, &effects),
            (Lane::Background, vec![LaneReason::JobType, LaneReason::PreApprovedEffect])
        );
        assert_eq!(for_job(Lane::Background, &effects, &[]).0, Lane::Approval);
    }
}
