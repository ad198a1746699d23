//! Circuit breakers: while the provider is in trouble, a probe now and then goes out instead of a call for each job.

use std::time::Duration;

use crate::policy::lane::Lane;
use crate::policy::reason::{ErrorClass, Reason};
use crate::value::time::{Timestamp, Timing, gap};

/// What is parked as one: the starts of a lane, or all polls of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Circuit {
    Starts(Lane),
    Polls,
}

/// How a circuit fares. A circuit without a row has never seen trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    pub circuit: Circuit,
    /// Calls in a row that failed.
    pub failures: u16,
    /// No call leaves before; then one does, as a probe.
    pub parked_until: Option<Timestamp>,
    pub reason: Option<Reason>,
    /// +1 for each write.
    pub version: u32,
}

/// Whether a call may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    Free,
    /// Whoever writes this row is the probe.
    Probe(Breaker),
    Parked,
}

/// What a call showed about the provider, whatever it meant for its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    Answered,
    /// It asked to be left alone.
    Refused {
        reason: Reason,
        retry_after: Option<Duration>,
    },
    /// It did not answer, or not as a provider does.
    Failed,
}

/// Failures in a row before a circuit is parked: one bad answer, or a limit on one model, says little about the next.
const PATIENCE: u16 = 3;

impl Breaker {
    pub fn untouched(circuit: Circuit) -> Self {
        Self { circuit, failures: 0, parked_until: None, reason: None, version: 0 }
    }

    pub fn pass(&self, timing: &Timing, now: Timestamp) -> Pass {
        match self.parked_until {
            None => Pass::Free,
            // No longer than that is anything parked, unless by a clock that is wrong.
            Some(until) if now < until && until.since(now) <= timing.quota_wait => Pass::Parked,
            Some(_) => Pass::Probe(self.next(self.failures, Some(now + self.gap(timing)), self.reason)),
        }
    }

    /// Whether calls wait now because the account has no money, which somebody has met and shows.
    pub fn is_out_of_money(&self, now: Timestamp) -> bool {
        self.reason == Some(Reason::ProviderQuota) && self.parked_until.is_some_and(|until| now < until)
    }

    /// The row after a call, or `None` when the call has nothing to add.
    pub fn after(&self, verdict: CallOutcome, timing: &Timing, now: Timestamp) -> Option<Self> {
        let failures = self.failures.saturating_add(1);
        match verdict {
            CallOutcome::Answered if self.failures == 0 && self.parked_until.is_none() => None,
            CallOutcome::Answered => Some(self.next(0, None, None)),
            CallOutcome::Refused { reason, .. } if reason.class() == ErrorClass::Account => {
                Some(self.next(failures, Some(now + timing.quota_wait), Some(reason)))
            }
            CallOutcome::Refused { .. } | CallOutcome::Failed if failures < PATIENCE && self.parked_until.is_none() => {
                Some(self.next(failures, None, None))
            }
            CallOutcome::Refused { reason, retry_after } => {
                // The job that was told obeys in full; a probe finds out whether it is as bad for all.
                let wait = self.gap(timing).max(retry_after.unwrap_or_default()).min(timing.quota_wait);
                Some(self.next(failures, Some(now + wait), Some(reason)))
            }
            CallOutcome::Failed => {
                Some(self.next(failures, Some(now + self.gap(timing)), Some(Reason::ProviderUnreachable)))
            }
        }
    }

    fn gap(&self, timing: &Timing) -> Duration {
        gap(&timing.parking, self.failures)
    }

    fn next(&self, failures: u16, parked_until: Option<Timestamp>, reason: Option<Reason>) -> Self {
        Self { circuit: self.circuit, failures, parked_until, reason, version: self.version.saturating_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
    const BUSY_FOR_GOOD: CallOutcome = CallOutcome::Refused { reason: Reason::ProviderQuota, retry_after: None };
    const BUSY: CallOutcome = CallOutcome::Refused { reason: Reason::ProviderBusy, retry_after: None };

    fn starts() -> Breaker {
        Breaker::untouched(Circuit::Starts(Lane::Background))
    }

    fn after(verdicts: &[CallOutcome]) -> Breaker {
        let step =
            |breaker: Breaker, verdict: &CallOutcome| breaker.after(*verdict, &Timing::aws(), NOW).unwrap_or(breaker);
        verdicts.iter().fold(starts(), step)
    }

    fn wait(breaker: &Breaker) -> Option<Duration> {
        breaker.parked_until.map(|until| until.since(NOW))
    }

    #[test]
    fn a_healthy_provider_costs_no_write() {
        assert_eq!(starts().after(CallOutcome::Answered, &Timing::aws(), NOW), None);
        assert_eq!(starts().pass(&Timing::aws(), NOW), Pass::Free);
    }

    #[test]
    fn one_bad_answer_parks_nothing_and_three_in_a_row_do() {
        use CallOutcome::{Answered, Failed};
        assert_eq!(after(&[Failed, Failed]).pass(&Timing::aws(), NOW), Pass::Free);
        assert_eq!(after(&[Failed, Failed, Answered, Failed, Failed]).pass(&Timing::aws(), NOW), Pass::Free);
        assert_eq!(after(&[Failed, Failed, Failed]).pass(&Timing::aws(), NOW), Pass::Parked);
    }

    #[test]
    fn a_provider_that_asks_for_time_gets_it_and_never_more_than_a_quota_problem_takes() {
        let asked = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            after(&[BUSY, BUSY, CallOutcome::Refused { reason: Reason::ProviderBusy, retry_after }])
        };
        assert_eq!(wait(&after(&[BUSY, BUSY])), None, "two models may be busy, and the third not");
        assert_eq!(wait(&after(&[BUSY; 3])), Some(Duration::from_secs(20)));
        assert_eq!(wait(&asked(90)), Some(Duration::from_secs(90)));
        assert_eq!(wait(&asked(86_400)), Some(Timing::aws().quota_wait));
        assert_eq!(wait(&after(&[BUSY; 9])), Some(Duration::from_secs(50)), "one for each run of the schedule");
    }

    #[test]
    fn an_account_that_takes_no_work_is_parked_at_once_and_a_probe_that_fails_does_not_open_it() {
        for reason in [Reason::ProviderQuota, Reason::ProviderUnauthorized, Reason::ProviderAddress] {
            let parked = after(&[CallOutcome::Refused { reason, retry_after: None }]);
            assert_eq!((wait(&parked), parked.reason), (Some(Timing::aws().quota_wait), Some(reason)));
            let Pass::Probe(probe) = parked.pass(&Timing::aws(), NOW + Timing::aws().quota_wait) else { panic!() };
            let failed = probe.after(CallOutcome::Failed, &Timing::aws(), NOW + Timing::aws().quota_wait).unwrap();
            assert_eq!(failed.pass(&Timing::aws(), NOW + Timing::aws().quota_wait), Pass::Parked);
        }
    }

    #[test]
    fn a_clock_that_is_a_day_ahead_parks_nothing_for_a_day() {
        let parked = starts().after(BUSY_FOR_GOOD, &Timing::aws(), NOW + Duration::from_secs(86_400)).unwrap();
        assert!(matches!(parked.pass(&Timing::aws(), NOW), Pass::Probe(_)));
    }

    #[test]
    fn when_the_time_is_over_one_probe_leaves_and_its_answer_decides_for_all() {
        let timing = Timing::aws();
        let parked = after(&[BUSY; 4]);
        let later = NOW + Duration::from_secs(61);
        let Pass::Probe(probe) = parked.pass(&timing, later) else { panic!("{parked:?}") };
        assert_eq!(probe.version, parked.version + 1, "only one writer can be the probe");
        assert_eq!(probe.pass(&timing, later), Pass::Parked, "for everyone else");
        assert_eq!(probe.after(CallOutcome::Answered, &timing, later).unwrap().pass(&timing, later), Pass::Free);
        assert_eq!(probe.after(BUSY, &timing, later).unwrap().pass(&timing, later), Pass::Parked);
    }
}
