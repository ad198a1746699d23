//! What the same request could ask for otherwise, and what that would save or cost.

use super::CreateRequest;
use super::asked::{Asked, check};
use crate::policy::cost::Rates;
use crate::policy::job_type::{JobType, Overridable};
use crate::policy::lane::{Alternative, AlternativeReason, Lane, Prices, Way};
use crate::value::time::Timestamp;

/// Every other way that a create of this type would take, at the price of the largest run that the request allows. Nothing
/// is left out of it but the lane: that is the type's.
pub fn alternatives(
    request: &CreateRequest,
    policy: &JobType,
    lane: Lane,
    rates: Rates<'_>,
    at: Timestamp,
) -> Vec<Alternative> {
    let CreateRequest { input, overrides, .. } = request;
    let patience = request.deadline.map(|deadline| deadline.since(at));
    let asked = Asked::of(policy, overrides, request.flexible, patience);
    let way = |asked: &Asked| Way::of(asked.service_tier.as_deref(), asked.window);
    let Some(chosen) = way(&asked) else { return Vec::new() };
    let usage = asked.usage(policy, input, rates, at);
    let Some(prices) = usage.map(|usage| Prices::of(&asked.model, &usage, 1, rates, at)) else {
        return Vec::new();
    };
    let mut plain = overrides.clone();
    plain.retain(|name, _| !matches!(name.as_str(), "service_tier" | "window"));
    let named = |name: &str, word: &String| {
        let mut overrides = plain.clone();
        overrides.insert(name.to_owned(), word.as_str().into());
        (overrides, false)
    };
    let Overridable { service_tier, window, .. } = &policy.overridable;
    let tiers = service_tier.iter().map(|tier| named("service_tier", tier));
    let windows = window.iter().map(|window| named("window", window));
    let mut others = Vec::<Alternative>::new();
    for (overrides, flexible) in
        [(plain.clone(), true)].into_iter().chain(windows).chain(tiers).chain([(plain.clone(), false)])
    {
        let other = Asked::of(policy, &overrides, flexible, patience);
        let is_taken = check(policy, &overrides, flexible, patience).is_empty()
            && other.refusal(policy, (input, &overrides), rates, at).is_none();
        // Whoever waits in front of the screen is not sent away for a lower price.
        let may = |way: &Way| lane != Lane::Interactive || way.may_wait_seconds() <= chosen.may_wait_seconds();
        let Some(way) = way(&other).filter(|way| is_taken && *way != chosen && may(way)) else { continue };
        if others.iter().all(|known| known.way != way) {
            others.extend(Alternative::new(lane, way, AlternativeReason::of(way), chosen, &prices));
        }
    }
    others
}

#[cfg(test)]
mod tests;
