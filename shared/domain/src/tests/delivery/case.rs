//! The cases: how a result came to be there, under which policy, and what came out.

use super::super::make::{Made, a_job, a_result, attached, nonce, response};
use crate::job::delivery::{Access, Reader, access};
use crate::job::{Job, State};
use crate::policy::cost::Usd;
use crate::policy::job_type::{Conditions, JobType, ReviewPolicy};
use crate::policy::lane::{Lane, LaneReason};

macro_rules! kind {
    ($(#[doc = $doc:literal])* $kind:ident { $($value:ident $name:literal)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $kind { $($value),* }

        impl $kind {
            pub(super) const ALL: &[Self] = &[$(Self::$value),*];

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$value => $name),* }
            }
        }
    };
}

kind! {
    /// Where the job stands, and since when its result is there.
    Stands {
        AwaitsDecision "awaits a decision"
        AwaitsAction "awaits an action"
        Completed "completed"
        Failed "failed"
        FailedThenLate "failed, late"
        CanceledInReview "canceled in review"
        CanceledThenLate "canceled, late"
        Rejected "rejected"
        ReviewExpired "review expired"
        ExpiredThenLate "expired, late"
    }
}

kind! {
    /// When the type asks.
    Review {
        Never "never"
        Always "always"
        OfEffects "when effects"
        OfPartial "when partial"
        OverCost "when over cost"
    }
}

kind! {
    /// What the job has cost, of a limit of a dollar.
    Costs { Little "known cost" Much "over the limit" Unknown "unknown cost" Estimated "estimated cost" }
}

/// One combination.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) stands: Stands,
    pub(super) lane: Lane,
    pub(super) review: Review,
    pub(super) edited: bool,
    pub(super) partial: bool,
    pub(super) pending: bool,
    /// Pre-approved, where the lane is not for others.
    pub(super) effects: bool,
    pub(super) costs: Costs,
    /// A reviewer asked for this attempt.
    pub(super) sent_back: bool,
}

impl Stands {
    /// Only what waits for a decision can be edited.
    const fn can_be_edited(self) -> bool {
        matches!(
            self,
            Self::AwaitsDecision | Self::Completed | Self::CanceledInReview | Self::Rejected | Self::ReviewExpired
        )
    }

    const fn is_late(self) -> bool {
        matches!(self, Self::FailedThenLate | Self::CanceledThenLate | Self::ExpiredThenLate)
    }

    const fn state(self) -> State {
        match self {
            Self::AwaitsDecision => State::AwaitingDecision,
            Self::AwaitsAction => State::AwaitingAction,
            Self::Completed => State::Completed,
            Self::Failed | Self::FailedThenLate => State::Failed,
            Self::CanceledInReview | Self::CanceledThenLate | Self::Rejected => State::Canceled,
            Self::ReviewExpired | Self::ExpiredThenLate => State::Expired,
        }
    }
}

impl Case {
    /// Whatever else there is to a case.
    pub(super) const OTHERS: usize = 5;

    pub(super) fn others(&self) -> [&'static str; Self::OTHERS] {
        let word = |holds: bool, yes: &'static str, no: &'static str| if holds { yes } else { no };
        [
            word(self.partial, "partial", "whole"),
            word(self.pending, "a call pending", "no call pending"),
            word(self.effects, "effects", "no effects"),
            self.costs.name(),
            word(self.sent_back, "sent back", "not sent back"),
        ]
    }

    pub(super) fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for stands in Stands::ALL.iter().copied() {
            for lane in Lane::ALL {
                for review in Review::ALL.iter().copied() {
                    for bits in 0..32_u8 {
                        let bit = |n: u8| bits & (1 << n) != 0;
                        let [edited, partial, pending, effects, sent_back] = [0, 1, 2, 3, 4].map(bit);
                        if edited && !stands.can_be_edited() {
                            continue;
                        }
                        let case = |costs: &Costs| Self {
                            stands,
                            lane,
                            review,
                            edited,
                            partial,
                            pending,
                            effects,
                            costs: *costs,
                            sent_back,
                        };
                        cases.extend(Costs::ALL.iter().map(case));
                    }
                }
            }
        }
        cases
    }

    pub(super) fn policy(&self) -> JobType {
        let mut policy = a_job().policy;
        let dollar = Usd::parse("1");
        policy.review = match self.review {
            Review::Never => ReviewPolicy::Never,
            Review::Always => ReviewPolicy::Always,
            Review::OfEffects => ReviewPolicy::When(Conditions { effects: true, ..Conditions::default() }),
            Review::OfPartial => ReviewPolicy::When(Conditions { partial: true, ..Conditions::default() }),
            Review::OverCost => ReviewPolicy::When(Conditions { cost_over: dollar, ..Conditions::default() }),
        };
        policy
    }

    /// The job while its run is under way.
    pub(super) fn running(&self) -> Made {
        let mut made = a_job().created().starting(nonce(1)).then(attached(response(1)));
        self.fill(&mut made.job);
        made
    }

    fn fill(&self, job: &mut Job) {
        job.lane = self.lane;
        job.lane_reasons = match (self.effects, self.lane) {
            (true, Lane::Approval) => vec![LaneReason::ConsequentialEffect],
            (true, _) => vec![LaneReason::JobType, LaneReason::PreApprovedEffect],
            (false, _) => vec![LaneReason::JobType],
        };
        job.attempt.note = self.sent_back.then_some(3);
        let usd = |text: &str| Usd::parse(text).unwrap();
        (job.cost_usd, job.unpriced_responses, job.cost_estimate) = match self.costs {
            Costs::Little => (usd("1"), 0, usd("0")),
            Costs::Much => (usd("1.000000000001"), 0, usd("0")),
            Costs::Unknown => (usd("0"), 1, usd("0")),
            Costs::Estimated => (usd("0"), 1, usd("0.5")),
        };
    }

    fn job(&self) -> Job {
        let mut job = self.running().job;
        job.state = self.stands.state();
        let mut result = a_result(self.partial);
        (result.late, result.edited) = (self.stands.is_late(), self.edited);
        job.result = Some(result);
        job
    }

    pub(super) fn access(&self, reader: Reader) -> Access {
        let job = self.job();
        access(reader, &job, &job.result.unwrap(), Some(&self.policy()), self.pending)
    }

    pub(super) fn access_without_policy(&self, reader: Reader) -> Access {
        let job = self.job();
        access(reader, &job, &job.result.unwrap(), None, self.pending)
    }
}
