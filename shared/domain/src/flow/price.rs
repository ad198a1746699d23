//! Price: what an answer says that its run cost, and what it leaves unsaid.

use super::Settings;
use crate::job::Job;
use crate::policy::cost::{Bill, Cost, Usd, Window};
use crate::provider::{ASKED_TIER, ASKED_WINDOW, ProviderResponse};
use crate::value::time::Timestamp;

/// `None` as long as the provider has not told what the run used. `job` is the one whose response this is: its attempt
/// knows what an earlier answer told, which this one may leave out. `kept` is what the response's own POST asked for, as
/// its row says.
pub(super) fn cost(
    answer: &ProviderResponse,
    job: Option<&Job>,
    kept: Option<&str>,
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
    // What was asked for, and not what came of it.
    let tier = tier.filter(|tier| tier != "auto");
    // Its own attempt says it too, and is read where the row is not.
    let kept = kept.or_else(|| attempt.and_then(|attempt| attempt.asked.as_deref()));
    let asked = asked(answer, kept);
    let asked_window = asked.as_deref().and_then(Window::parse);
    let bill = Bill {
        model: model.as_deref(),
        tier: tier.as_deref(),
        asked_tier: asked.as_deref().filter(|_| asked_window.is_none()),
        asked_window,
        usage: answer.usage.as_ref(),
        has_output: answer.has_written(),
        is_regional: setting.is_regional,
        prices: &setting.prices,
        at,
    };
    bill.cost()
}

/// The tier or the window that a response was asked for with: as its answer repeats it, or else as it was kept, because some
/// servers send nothing back of what they were told to remember.
pub(super) fn asked(answer: &ProviderResponse, kept: Option<&str>) -> Option<String> {
    let told = [ASKED_TIER, ASKED_WINDOW].into_iter().find_map(|name| answer.metadata.get(name).cloned());
    told.or_else(|| kept.filter(|_| !answer.repeats_metadata()).map(str::to_owned))
}
