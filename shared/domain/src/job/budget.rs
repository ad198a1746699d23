//! Budget: what a job has cost, how sure that is, and what it may still begin.

use super::{Finish, Job};
use crate::policy::cost::{Cost, CostState, Usd};

impl Job {
    /// Once for each response, however sure it is: what is booked is never corrected.
    pub(super) fn book(&mut self, cost: Cost) {
        self.cost_usd = self.cost_usd + cost.usd;
        self.cost_state = self.cost_state.min(cost.state);
        self.unpriced_responses = self.unpriced_responses.saturating_sub(1);
        if self.unpriced_responses == 0 {
            self.cost_estimate = Usd::default();
        }
    }

    /// The job's cost once this is booked.
    pub(super) fn cost_with(&self, finish: &Finish) -> Cost {
        let mut booked = self.clone();
        if let Some(cost) = finish.cost {
            booked.book(cost);
        }
        booked.cost()
    }

    /// Whether another attempt that may come to so much keeps the type's limit, if every response that has not told its
    /// cost came to the most it may. What has no price keeps none.
    pub(crate) fn affords(&self, attempt: Option<Usd>) -> bool {
        let Some(limit) = self.cost_limit else { return true };
        let open = self.attempt_cost.map(|cost| cost.times(self.unpriced_responses));
        let open = if self.unpriced_responses == 0 { Some(Usd::default()) } else { open };
        let total = open.zip(attempt).map(|(open, attempt)| self.cost_usd + open + attempt);
        self.cost_state != CostState::Unknown && total.is_some_and(|total| total <= limit)
    }

    /// The same for whoever looks at it now: a start whose answer nobody knows may have cost something.
    pub fn shown_cost(&self) -> Cost {
        let cost = self.cost();
        if self.is_starting() { Cost { state: CostState::Unknown, ..cost } } else { cost }
    }

    pub fn cost(&self) -> Cost {
        cost_of(self.cost_usd, self.cost_state, self.unpriced_responses, self.cost_estimate)
    }

    /// It has cost more, or may have, than its type says it should. What has no price counts as over every limit.
    pub fn is_over_budget(&self) -> bool {
        self.cost_limit.is_some_and(|limit| self.cost().usd > limit || self.cost_state == CostState::Unknown)
    }
}

/// The cost of a job of which so much is booked, and so many responses have not told yet what they used, of which those
/// that are over may come to `guess`.
pub(crate) fn cost_of(usd: Usd, booked: CostState, open: u16, guess: Usd) -> Cost {
    match open {
        0 => Cost { usd, state: booked },
        _ if guess > Usd::default() => Cost { usd: usd + guess, state: booked.min(CostState::Estimated) },
        _ => Cost { usd, state: CostState::Unknown },
    }
}
