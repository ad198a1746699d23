//! Lanes: how a job may run, and the words for why.

mod alternative;
mod classify;
mod way;

pub use self::alternative::{Alternative, AlternativeReason, Difference};
pub use self::classify::{Classification, FEWEST_RECORDS, MOST_RECORDS, Questions, RunSize, classify};
pub use self::way::{Prices, Way};
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

impl Lane {
    /// Whether it runs as its name says. A create in the batch lane is refused, and one in the interactive lane is answered
    /// before its result is there.
    pub const fn runs(self) -> bool {
        matches!(self, Self::Background | Self::Approval)
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

macro_rules! lane_reasons {
    ($($name:ident $word:literal $($code:literal)? : $message:literal)*) => {
        words! {
            /// Why a lane was chosen; stored on the job and returned to the caller.
            pub enum LaneReason {
                $($name $word $($code)?,)*
            }
        }

        impl LaneReason {
            /// The sentence for people.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)*
                    Self::Other(_) => "A newer release gave a reason that this one does not know.",
                }
            }
        }
    };
}

lane_reasons! {
    ConsequentialEffect "consequential_effect" "ce": "The result sets off something that a person has to allow."
    PreApprovedEffect "pre_approved_effect" "pe": "Every declared effect is pre-approved."
    ManyIndependentRecords "many_independent_records" "mr": "There are many independent records, and nobody waits for one of them."
    ValueAfterSession "value_after_session" "va": "The result still has value after the session."
    SeveralStepsOrSlowTools "several_steps_or_slow_tools" "ss": "The work takes several steps or slow tools."
    StatusCanBeShown "status_can_be_shown" "sc": "Status, retry and retrieval can be shown."
    UserSteers "user_steers" "us": "The user steers the work while it runs."
    ShortWithFastTools "short_with_fast_tools" "sf": "The work is short, with narrow fast tools."
    JobType "job_type" "jt": "The job type names its lane."
    FewRecords "few_records": "The records are too few for a batch, which could keep them waiting for hours."
    WantedSooner "wanted_sooner": "The records are many, and wanted sooner than a batch is sure to bring them."
    NothingLost "nothing_lost" "nl": "Nothing known speaks for another lane, and this one loses nothing."
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

    #[test]
    fn a_pre_approved_effect_keeps_the_types_lane_and_says_so() {
        let effects = [Effect::RecordChange];
        assert_eq!(
            for_job(Lane::Background, &effects, &effects),
            (Lane::Background, vec![LaneReason::JobType, LaneReason::PreApprovedEffect])
        );
        assert_eq!(for_job(Lane::Background, &effects, &[]).0, Lane::Approval);
    }

    #[test]
    fn every_reason_is_a_sentence() {
        let messages = LaneReason::ALL.map(LaneReason::message).into_iter();
        for message in messages.chain(AlternativeReason::ALL.map(AlternativeReason::message)) {
            assert!(
                message.ends_with('.') && message.starts_with(|first: char| first.is_ascii_uppercase()),
                "{message}"
            );
        }
    }
}
