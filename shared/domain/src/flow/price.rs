//! Price: what an answer says that its run cost, and what it leaves unsaid.

use super::Settings;
use crate::job::Job;
use crate::policy::cost::{Bill, Cost, CostState, Usd, Window, is_standard};
use crate::policy::job_type::JobType;
use crate::provider::{ASKED_TIER, ASKED_WINDOW, Answer};
use crate::value::time::Timestamp;

/// `None` as long as the provider has not told what the run used. `job` is the one whose attempt this is, which may know
/// from an earlier answer what this one leaves out; `policy` is its type, where that can be read.
pub(super) fn cost(
    answer: &Answer,
    job: Option<&Job>,
    policy: Option<&JobType>,
    setting: &Settings,
    at: Timestamp,
) -> Option<Cost> {
    if answer.costs_nothing() {
        return Some(Cost::known(Usd::default()));
    }
    let attempt = job.map(|job| &job.attempt).filter(|attempt| attempt.response.as_ref() == Some(&answer.id));
    let told =
        |word: &Option<String>, before: Option<&Option<String>>| word.clone().or_else(|| before.and_then(Clone::clone));
    let model = told(&answer.model, attempt.map(|attempt| &attempt.model));
    let tier = told(&answer.service_tier, attempt.map(|attempt| &attempt.service_tier));
    let asked = |name: &str| answer.metadata.get(name).map(String::as_str);
    let bill = Bill {
        model: model.as_deref(),
        tier: tier.as_deref(),
        asked_tier: asked(ASKED_TIER),
        asked_window: asked(ASKED_WINDOW).and_then(Window::parse),
        usage: answer.usage.as_ref(),
        has_output: answer.has_written(),
        is_regional: setting.is_regional,
        at,
    };
    if answer.repeats_metadata() || !policy.is_none_or(|policy| may_have_asked(policy, &bill)) {
        return bill.cost();
    }
    // What was asked for is forgotten: the dearest of it is not too little.
    let tiers = policy.map_or(&[][..], |policy| &policy.overridable.service_tier);
    let costs = tiers.iter().map(|tier| Bill { asked_tier: Some(tier), ..bill }.cost());
    let cost =
        costs.fold(bill.cost(), |most, cost| if cost.map(|it| it.usd) > most.map(|it| it.usd) { cost } else { most });
    cost.map(|cost| Cost { state: cost.state.min(CostState::Estimated), ..cost })
}

/// Whether a job of this type may have asked for another way of processing than this bill shows. A tier that is told is
/// the one, and a longer wait lowers the price of the usual tier alone.
fn may_have_asked(policy: &JobType, bill: &Bill<'_>) -> bool {
    let may_have_waited = policy.overridable.flexible && bill.tier.is_none_or(is_standard);
    may_have_waited || (bill.tier.is_none() && !policy.overridable.service_tier.is_empty())
}
