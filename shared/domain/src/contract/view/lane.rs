//! The lane of a piece of work as callers see it, and what else it could take.

use serde::Serialize;

use super::JobView;
use crate::policy::cost::{Usd, Window};
use crate::policy::lane::{Alternative, AlternativeReason, Classification, Difference, Lane, LaneReason, Prices};

/// A word for programs with its sentence for people.
#[derive(Debug, Serialize)]
pub struct WordView<T> {
    pub code: T,
    pub message: &'static str,
}

impl From<LaneReason> for WordView<LaneReason> {
    fn from(code: LaneReason) -> Self {
        Self { code, message: code.message() }
    }
}

impl From<AlternativeReason> for WordView<AlternativeReason> {
    fn from(code: AlternativeReason) -> Self {
        Self { code, message: code.message() }
    }
}

#[derive(Debug, Serialize)]
pub struct ClassificationView {
    pub lane: Lane,
    /// Whether it runs yet.
    pub available: bool,
    pub reasons: Vec<WordView<LaneReason>>,
    /// `None` where the questions leave the size of the work out.
    pub prices: Option<Prices>,
    pub alternatives: Vec<AlternativeView>,
}

impl ClassificationView {
    pub fn of(answer: Classification, prices: Prices) -> Self {
        Self {
            lane: answer.lane,
            available: answer.lane.runs(),
            reasons: answer.reasons.into_iter().map(WordView::from).collect(),
            prices: Some(prices).filter(|prices| *prices != Prices::default()),
            alternatives: answer.alternatives.iter().map(AlternativeView::of).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct AlternativeView {
    pub lane: Lane,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    pub reason: WordView<AlternativeReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saves_usd: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs_usd: Option<Usd>,
    pub available: bool,
}

impl AlternativeView {
    pub fn of(other: &Alternative) -> Self {
        let (saves_usd, costs_usd) = match other.difference {
            Some(Difference::Saves(usd)) => (Some(usd), None),
            Some(Difference::Costs(usd)) => (None, Some(usd)),
            None => (None, None),
        };
        Self {
            lane: other.lane,
            service_tier: other.way.service_tier(),
            window: other.way.window(),
            reason: other.reason.into(),
            saves_usd,
            costs_usd,
            available: other.is_available(),
        }
    }
}

/// A job as its create answers it.
#[derive(Debug, Serialize)]
pub struct CreatedView<'a> {
    #[serde(flatten)]
    pub job: &'a JobView<'a>,
    pub alternatives: Vec<AlternativeView>,
}

impl<'a> CreatedView<'a> {
    pub fn of(job: &'a JobView<'a>, alternatives: &[Alternative]) -> Self {
        Self { job, alternatives: alternatives.iter().map(AlternativeView::of).collect() }
    }
}
