//! Price: what an answer says that its run cost, and what it leaves unsaid.

use super::Settings;
use crate::job::Job;
use crate::policy::cost::{Bill, Cost, Usd, Window};
use crate::provider::{ASKED_TIER, ASKED_WINDOW, ProviderResponse};
use crate::value::time::Timestamp;

/// `None` as long as the provider has not told what the run used. `job` is the one whose response this is. It knows what
/// was asked for, and of its attempt what an earlier answer told, which this one may leave out.
pub(super) fn cost(answer: &ProviderResponse, job: Option<&Job>, setting: &Settings, at: Timestamp) -> Option<Cost> {
    if answer.costs_nothing() {
        return Some(Cost::known(Usd::default()));
    }
    let attempt = job.map(|job| &job.attempt).filter(|attempt| attempt.response.as_ref() == Some(&answer.id));
    let told =
        |word: &Option<String>, before: Option<&Option<String>>| word.clone().or_else(|| before.and_then(Clone::clone));
    let model = told(&answer.model, attempt.map(|attempt| &attempt.model));
    let tier = told(&answer.service_tier, attempt.map(|attempt| &attempt.service_tier));
    // What was asked for, and not what came of it.
    let tier = tier.filter(|tier| tier != "auto");
    // Some servers send nothing back of what they were told to remember.
    let kept = job.and_then(|job| job.attempt.asked.as_deref()).filter(|_| !answer.repeats_metadata());
    let asked = |name: &str| answer.metadata.get(name).map(String::as_str).or(kept);
    let asked_window = asked(ASKED_WINDOW).and_then(Window::parse);
    let bill = Bill {
        model: model.as_deref(),
        tier: tier.as_deref(),
        asked_tier: asked(ASKED_TIER).filter(|word| Window::parse(word).is_none()),
        asked_window,
        usage: answer.usage.as_ref(),
        has_output: answer.has_written(),
        is_regional: setting.is_regional,
        at,
    };
    bill.cost()
}
