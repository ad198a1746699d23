//! A provider that does what the test says: it keeps its runs, ends one when told to, and can lose one from sight.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use domain::policy::cost::{Bill, CostState, PriceList, Usage, Usd};
use domain::port::{CreateFailure, Lookup, NewResponse, Provider};
use domain::provider::{ErrorWords, Item, ProviderResponse, ResponseMetadata};
use domain::value::failure::Failure;
use domain::value::id::{JobId, ResponseId};
use domain::value::time::Timestamp;

/// A run and what it says of itself.
#[derive(Debug, Clone)]
pub(super) struct Run {
    tag: ResponseMetadata,
    model: String,
    pub(super) status: &'static str,
    usage: Usage,
}

#[derive(Debug, Default)]
pub(super) struct Script {
    runs: RefCell<BTreeMap<ResponseId, Run>>,
    /// In the order in which they were made.
    order: RefCell<Vec<ResponseId>>,
    /// The attempts that were posted, as often as they were.
    posts: RefCell<Vec<(JobId, u16)>>,
    is_blind: Cell<bool>,
}

impl Script {
    /// Whatever runs has its answer now.
    pub(super) fn finish(&self) {
        for run in self.runs.borrow_mut().values_mut().filter(|run| run.status == "in_progress") {
            run.status = "completed";
        }
    }

    /// Whether no run is to be seen for now.
    pub(super) fn hide(&self, is_blind: bool) {
        self.is_blind.set(is_blind);
    }

    pub(super) fn posts(&self) -> Vec<(JobId, u16)> {
        self.posts.borrow().clone()
    }

    pub(super) fn ids(&self) -> Vec<ResponseId> {
        self.order.borrow().clone()
    }

    pub(super) fn run(&self, id: &ResponseId) -> Run {
        self.runs.borrow()[id].clone()
    }
}

impl Run {
    /// What it costs once it is over.
    pub(super) fn price(&self) -> Usd {
        let (prices, at) = (PriceList::shipped(), Timestamp::from_millis(0));
        let bill = Bill { model: Some(&self.model), usage: Some(&self.usage), ..Bill::at(&prices, at) };
        let cost = bill.cost().unwrap();
        assert_eq!(cost.state, CostState::Known);
        cost.usd
    }

    fn answer(&self, id: &ResponseId) -> ProviderResponse {
        let is_over = self.status != "in_progress";
        let text = Item::Text { text: format!("Attempt {}.", self.tag.attempt), citations: vec![], is_final: false };
        ProviderResponse {
            id: id.clone(),
            status: Some(self.status.to_owned()),
            model: Some(self.model.clone()),
            service_tier: None,
            metadata: self.tag.to_metadata(),
            output: if self.status == "completed" { vec![text] } else { vec![] },
            error: ErrorWords::default(),
            incomplete_reason: None,
            usage: is_over.then_some(self.usage),
            is_usage_unread: false,
            finished_at: None,
            request_id: None,
            raw: format!(r#"{{"id":"{id}","status":"{}"}}"#, self.status).into_bytes(),
        }
    }
}

impl Provider for Script {
    async fn create_response(&self, new: &NewResponse) -> Result<ProviderResponse, CreateFailure> {
        let ResponseMetadata { job, attempt, submit_token: nonce, .. } = &new.tag;
        self.posts.borrow_mut().push((job.clone(), *attempt));
        let id = ResponseId::parse(&format!("resp_{nonce}")).unwrap();
        // Each attempt has a price of its own, so that what is booked for one cannot pass for another's.
        let usage = Usage { input_tokens: 1_000, output_tokens: 10_u64.pow(u32::from(*attempt)), ..Usage::default() };
        let run = Run { tag: new.tag.clone(), model: new.model.clone(), status: "in_progress", usage };
        let answer = run.answer(&id);
        self.order.borrow_mut().push(id.clone());
        self.runs.borrow_mut().insert(id, run);
        Ok(answer)
    }

    async fn get(&self, id: &ResponseId) -> Result<Lookup, Failure> {
        let runs = self.runs.borrow();
        let run = runs.get(id).filter(|_| !self.is_blind.get());
        Ok(run.map_or(Lookup::Missing, |run| Lookup::Found(Box::new(run.answer(id)))))
    }

    fn read(&self, kept: &[u8]) -> Result<ProviderResponse, Failure> {
        let said: serde_json::Value = serde_json::from_slice(kept).unwrap();
        let id = ResponseId::parse(said["id"].as_str().unwrap()).unwrap();
        Ok(self.runs.borrow()[&id].answer(&id))
    }

    async fn cancel(&self, id: &ResponseId) -> Result<(), Failure> {
        if let Some(run) = self.runs.borrow_mut().get_mut(id).filter(|run| run.status == "in_progress") {
            run.status = "cancelled";
        }
        Ok(())
    }
}
