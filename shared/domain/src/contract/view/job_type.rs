//! A job type as callers see it, and what its workspace's admins should know of it.

use serde::Serialize;

use crate::policy::cost::PriceList;
use crate::policy::job_type::{JobType, Overridable};
use crate::policy::lane::{Effect, Lane};
use crate::value::id::TypeName;
use crate::value::time::Timestamp;

/// One of a list of types.
#[derive(Debug, Serialize)]
pub struct JobTypeView<'a> {
    pub name: &'a TypeName,
    pub version: u32,
    pub description: &'a str,
    pub lane: Lane,
    pub model: &'a str,
    pub effects: &'a [Effect],
    pub overridable: &'a Overridable,
    pub run_deadline_seconds: u64,
    pub expected_seconds: u64,
    pub retention_days: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning<'a>>,
}

impl<'a> JobTypeView<'a> {
    pub fn of(job_type: &'a JobType, prices: &PriceList, now: Timestamp) -> Self {
        Self {
            name: &job_type.name,
            version: job_type.version,
            description: &job_type.description,
            lane: job_type.lane,
            model: &job_type.model,
            effects: &job_type.effects,
            overridable: &job_type.overridable,
            run_deadline_seconds: job_type.run_deadline.as_secs(),
            expected_seconds: job_type.expected.as_secs(),
            retention_days: job_type.retention.as_secs() / 86_400,
            warnings: warnings(job_type, prices, now),
        }
    }
}

/// The whole of a type.
#[derive(Debug, Serialize)]
pub struct JobTypeAnswer<'a> {
    #[serde(flatten)]
    pub job_type: &'a JobType,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning<'a>>,
}

impl<'a> JobTypeAnswer<'a> {
    pub fn of(job_type: &'a JobType, prices: &PriceList, now: Timestamp) -> Self {
        Self { job_type, warnings: warnings(job_type, prices, now) }
    }
}

/// Something that nothing is wrong with yet.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Warning<'a> {
    pub code: &'static str,
    pub model: &'a str,
    /// The day, in UTC.
    pub on: String,
    pub message: String,
}

/// The models of a type that the provider shuts down within 60 days, or has shut down.
fn warnings<'a>(job_type: &'a JobType, prices: &PriceList, now: Timestamp) -> Vec<Warning<'a>> {
    let others = job_type.overridable.model.iter().filter(|model| **model != job_type.model);
    let ending = [&job_type.model].into_iter().chain(others).filter_map(|model| {
        let on: String = prices.shutdown_soon(model, now)?.to_string().chars().take(10).collect();
        let message = format!("The provider shuts {model} down on {on}. Set a version of this type without it.");
        Some(Warning { code: "model_shuts_down", model, on, message })
    });
    ending.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::job_type::shipped;

    #[test]
    fn admins_are_told_of_each_model_of_a_type_that_is_shut_down_within_sixty_days() {
        let mut job_type = shipped("quick-answer").unwrap();
        job_type.model = "gpt-4.1".to_owned();
        job_type.overridable.model = ["gpt-4.1", "gpt-5.1", "gpt-6.1-terra"].map(str::to_owned).to_vec();
        let prices = PriceList::shipped();
        let warned = |time: &str| {
            let answer = JobTypeAnswer::of(&job_type, &prices, Timestamp::parse(time).unwrap());
            let whole = serde_json::to_value(&answer).unwrap();
            assert_eq!(whole.get("warnings").is_some(), !answer.warnings.is_empty());
            assert_eq!(whole["name"], "quick-answer");
            answer.warnings.iter().map(|warning| format!("{} {}", warning.model, warning.on)).collect::<Vec<_>>()
        };
        assert!(warned("2026-11-14T12:00:00Z").is_empty());
        assert_eq!(warned("2026-12-01T12:00:00Z"), ["gpt-4.1 2027-01-14"]);
        assert_eq!(warned("2027-02-01T12:00:00Z"), ["gpt-4.1 2027-01-14", "gpt-5.1 2027-04-01"]);
    }
}
