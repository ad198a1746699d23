//! The provider in memory: how each run lives and ends, what a GET shows of it, and a ledger of what was asked and told.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use domain::policy::cost::{Bill, Cost, PriceList, Usage, Usd};
use domain::policy::reason::Reason;
use domain::port::{CreateFailure, Lookup, NewResponse};
use domain::provider::{ErrorWords, Item, ProviderResponse, ResponseMetadata};
use domain::value::id::{JobId, ResponseId};
use domain::value::time::Timestamp;
use fastrand::Rng;
use serde_json::Value;

use crate::faulty::Invocation;
use crate::world::START;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Completed,
    WithoutUsage,
    /// By a model that is on no price list.
    WithoutPrice,
    Failed,
    /// Turned away before it did anything, with this code.
    TurnedAway(&'static str),
    /// With what had come out by then.
    FailedMidway,
    Incomplete,
    PendingCall,
    Empty,
    Refused,
    Canceled,
    /// First it says cancelled and tells no usage, some time later it has completed.
    CanceledThenCompleted(Duration),
}

/// What a GET shows for a while, or for ever, instead of what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mask {
    None,
    Missing(Timestamp),
    OtherId(Timestamp),
    UnknownWord(Timestamp),
}

/// One run, and what the provider remembers of it.
#[derive(Debug)]
pub struct Run {
    pub tag: ResponseMetadata,
    model: String,
    runs_from: Timestamp,
    /// Never, for a run that hangs.
    pub ends: Timestamp,
    end: End,
    mask: Mask,
    usage: Usage,
    pub gets: u32,
    pub cancels: u32,
    /// How often a GET did not show it.
    pub denied: u32,
    /// The usage in each final answer; several only where the provider changed its mind.
    pub told: Vec<Option<Usage>>,
    /// A webhook about it was answered with 200.
    pub heard: bool,
    /// GETs since then.
    pub gets_since: u32,
    /// The process that got the answer to the create call, and how many faults it had met by then.
    pub holder: Option<(Rc<Invocation>, u32)>,
    /// Of that answer no more came than the id.
    pub is_cut: bool,
}

/// What can be odd in this seed, of 10,000 runs each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moods {
    pub refuses: u32,
    pub ends_badly: u32,
    /// Some runs end at once, and some take half an hour.
    pub odd_lengths: bool,
    /// Cancels that are answered and do nothing.
    pub deaf: u32,
    pub masks: u32,
    pub hangs: u32,
}

#[derive(Debug, Default)]
pub struct Provider {
    pub runs: BTreeMap<ResponseId, Run>,
    /// The attempts that a create call was made for.
    posts: BTreeSet<(JobId, u16)>,
    /// One for which a second was made.
    pub second_post: Option<(JobId, u16)>,
    moods: Moods,
    /// Runs whose end has to be announced, with the moment.
    ends: Vec<(Timestamp, ResponseId)>,
}

impl Provider {
    pub fn new(moods: Moods) -> Self {
        Self { moods, ..Self::default() }
    }

    /// Ends that became known since the last call.
    pub fn take_ends(&mut self) -> Vec<(Timestamp, ResponseId)> {
        std::mem::take(&mut self.ends)
    }

    /// From now on everything is shown as it is, and whatever runs ends soon.
    pub fn heal(&mut self, now: Timestamp, rng: &mut Rng) {
        self.moods = Moods::default();
        for (id, run) in &mut self.runs {
            run.mask = Mask::None;
            if let End::CanceledThenCompleted(later) = &mut run.end {
                *later = Duration::ZERO;
            }
            if now < run.ends {
                run.ends = now + Duration::from_millis(rng.u64(0..10_000));
                self.ends.push((run.ends, id.clone()));
            }
        }
    }

    pub fn create_response(
        &mut self,
        new: &NewResponse,
        now: Timestamp,
        rng: &mut Rng,
    ) -> Result<ProviderResponse, CreateFailure> {
        let tag = new.tag.clone();
        if !self.posts.insert((tag.job.clone(), tag.attempt)) {
            self.second_post = Some((tag.job.clone(), tag.attempt));
        }
        if rng.u32(0..10_000) < self.moods.refuses {
            return Err(refusal(rng));
        }
        let id =
            ResponseId::parse(&format!("resp_{}", self.runs.len() + 1)).map_err(|_| CreateFailure::NotCreated {
                reason: Reason::ProviderRefused,
                retry_after: None,
                error: ErrorWords::default(),
            })?;
        let run = self.draw(tag, &new.model, now, rng);
        if run.ends < Timestamp::NEVER {
            self.ends.push((run.ends, id.clone()));
            if let End::CanceledThenCompleted(later) = run.end {
                self.ends.push((run.ends + later, id.clone()));
            }
        }
        let run = self.runs.entry(id.clone()).or_insert(run);
        Ok(run.answer(&id, now, false))
    }

    fn draw(&self, tag: ResponseMetadata, model: &str, now: Timestamp, rng: &mut Rng) -> Run {
        let mut chance = |of_ten_thousand: u32| rng.u32(0..10_000) < of_ten_thousand;
        let (badly, masked, hangs) =
            (chance(self.moods.ends_badly), chance(self.moods.masks), chance(self.moods.hangs));
        let odd = self.moods.odd_lengths;
        let runs_from = now + Duration::from_millis(rng.u64(0..3_000));
        let lasts = match rng.u8(0..8) {
            // Some servers answer with the finished run.
            0 if odd => Duration::ZERO,
            1 if odd => Duration::from_secs(rng.u64(60..1_800)),
            _ => Duration::from_millis(rng.u64(3_000..20_000)),
        };
        let end = match rng.u8(0..12) {
            _ if !badly => End::Completed,
            0 => End::WithoutUsage,
            1 => End::Failed,
            2 => End::Incomplete,
            3 => End::PendingCall,
            4 => End::Empty,
            5 => End::Refused,
            6 => End::WithoutPrice,
            7 => End::Canceled,
            8 => End::TurnedAway("rate_limit_exceeded"),
            9 => End::TurnedAway("insufficient_quota"),
            10 => End::FailedMidway,
            _ => End::CanceledThenCompleted(Duration::from_secs(rng.u64(1..900))),
        };
        let until = if rng.u8(0..4) == 0 { Timestamp::NEVER } else { now + Duration::from_secs(rng.u64(1..1_200)) };
        let mask = match rng.u8(0..4) {
            _ if !masked => Mask::None,
            0 | 1 => Mask::Missing(until),
            2 => Mask::OtherId(until),
            _ => Mask::UnknownWord(until),
        };
        let input_tokens = rng.u64(10..300_000);
        let usage = Usage {
            input_tokens,
            cached_tokens: rng.u64(0..=input_tokens / 2),
            output_tokens: rng.u64(1..20_000),
            web_searches: rng.u64(0..3),
            // What its server left out or nobody here can read.
            untold: u64::from(badly && rng.u8(0..3) == 0),
            unpriced: u64::from(badly && rng.u8(0..6) == 0),
            ..Usage::default()
        };
        Run {
            tag,
            model: if end == End::WithoutPrice { "some-model".to_owned() } else { model.to_owned() },
            runs_from: if lasts.is_zero() { now } else { runs_from },
            ends: if hangs { Timestamp::NEVER } else { now + lasts },
            end,
            mask,
            usage,
            gets: 0,
            cancels: 0,
            denied: 0,
            told: Vec::new(),
            heard: false,
            gets_since: 0,
            holder: None,
            is_cut: false,
        }
    }

    pub fn get(&mut self, id: &ResponseId, now: Timestamp) -> Lookup {
        let other = self.runs.keys().find(|other| *other != id).cloned();
        let Some(run) = self.runs.get_mut(id) else { return Lookup::Missing };
        run.gets += 1;
        run.gets_since += u32::from(run.heard);
        match (run.mask, other) {
            (Mask::Missing(until), _) if now < until => {
                run.denied += 1;
                Lookup::Missing
            }
            (Mask::OtherId(until), Some(other)) if now < until => {
                run.denied += 1;
                match self.runs.get_mut(&other) {
                    Some(run) => Lookup::Found(Box::new(run.answer(&other, now, true))),
                    None => Lookup::Missing,
                }
            }
            _ => Lookup::Found(Box::new(run.answer(id, now, true))),
        }
    }

    /// The final answer whose bytes these are. Nobody is told anything by it.
    pub fn read(&self, kept: &[u8], now: Timestamp) -> Option<ProviderResponse> {
        let said: Value = serde_json::from_slice(kept).ok()?;
        let word = |name: &str| said.get(name).and_then(Value::as_str);
        let id = ResponseId::parse(word("id")?).ok()?;
        let status = word("status").map(str::to_owned);
        Some(ProviderResponse { status, raw: kept.to_vec(), ..self.runs.get(&id)?.said(&id, now, false) })
    }

    /// Best effort: some runs take no notice.
    pub fn cancel(&mut self, id: &ResponseId, now: Timestamp, rng: &mut Rng) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.cancels += 1;
        if now < run.ends && rng.u32(0..10_000) >= self.moods.deaf {
            (run.ends, run.end) = (now, End::Canceled);
            self.ends.push((now, id.clone()));
        }
    }

    /// The webhook's type for a run that is over.
    pub fn announcement(&self, id: &ResponseId, now: Timestamp) -> Option<&'static str> {
        let run = self.runs.get(id).filter(|run| run.ends <= now)?;
        Some(match run.status(now) {
            "completed" => "response.completed",
            "incomplete" => "response.incomplete",
            "failed" => "response.failed",
            _ => "response.cancelled",
        })
    }
}

impl Run {
    fn status(&self, now: Timestamp) -> &'static str {
        if now < self.ends {
            return if now < self.runs_from { "queued" } else { "in_progress" };
        }
        match self.end {
            End::Completed | End::WithoutUsage | End::WithoutPrice => "completed",
            End::PendingCall | End::Empty | End::Refused => "completed",
            End::Failed | End::FailedMidway | End::TurnedAway(_) => "failed",
            End::Incomplete => "incomplete",
            End::Canceled => "cancelled",
            End::CanceledThenCompleted(later) if now < self.ends + later => "cancelled",
            End::CanceledThenCompleted(_) => "completed",
        }
    }

    fn usage(&self, now: Timestamp) -> Option<Usage> {
        match self.end {
            End::WithoutUsage | End::TurnedAway(_) => None,
            End::CanceledThenCompleted(later) if now < self.ends + later => None,
            _ => (self.ends <= now).then_some(self.usage),
        }
    }

    /// The same, remembered as told.
    fn answer(&mut self, id: &ResponseId, now: Timestamp, may_mask: bool) -> ProviderResponse {
        let said = self.said(id, now, may_mask);
        let is_final = self.ends <= now && said.status.as_deref() != Some("requires_action");
        if is_final && !self.told.contains(&said.usage) {
            self.told.push(said.usage);
        }
        said
    }

    /// What it says of itself.
    fn said(&self, id: &ResponseId, now: Timestamp, may_mask: bool) -> ProviderResponse {
        let (status, usage) = (self.status(now), self.usage(now));
        let is_over = self.ends <= now;
        let status = match self.mask {
            Mask::UnknownWord(until) if may_mask && now < until => "requires_action",
            _ => status,
        };
        let text = || Item::Text { text: "canned".to_owned(), citations: Vec::new(), is_final: false };
        let output = match self.end {
            _ if !is_over => vec![],
            End::Empty | End::Failed | End::TurnedAway(_) | End::Canceled => vec![],
            End::Refused => vec![Item::Refusal("no".to_owned())],
            End::PendingCall => {
                vec![Item::PendingAction { kind: "function_call".to_owned(), input: serde_json::Value::Null }]
            }
            _ => vec![text()],
        };
        let code = match self.end {
            End::Failed | End::FailedMidway if is_over => Some("server_error"),
            End::TurnedAway(code) if is_over => Some(code),
            _ => None,
        };
        ProviderResponse {
            id: id.clone(),
            status: Some(status.to_owned()),
            model: Some(self.model.clone()),
            service_tier: None,
            metadata: self.tag.to_metadata(),
            output,
            error: ErrorWords::checked(None, code.map(str::to_owned)),
            incomplete_reason: (self.end == End::Incomplete).then(|| "max_output_tokens".to_owned()),
            usage,
            is_usage_unread: false,
            finished_at: None,
            request_id: None,
            raw: format!(r#"{{"id":"{id}","status":"{status}"}}"#).into_bytes(),
        }
    }

    /// What a final answer that told so much usage costs.
    pub fn price(&self, usage: Option<Usage>) -> Option<Cost> {
        if matches!(self.end, End::TurnedAway(_)) {
            return Some(Cost::known(Usd::default()));
        }
        Bill { model: Some(&self.model), usage: usage.as_ref(), ..Bill::at(&PriceList::shipped(), START) }.cost()
    }

    /// Whether its model is on the price list.
    pub fn has_price(&self) -> bool {
        PriceList::shipped().has(&self.model)
    }
}

fn refusal(rng: &mut Rng) -> CreateFailure {
    let not_created = |reason, seconds: Option<u64>| CreateFailure::NotCreated {
        reason,
        retry_after: seconds.map(Duration::from_secs),
        error: ErrorWords::default(),
    };
    match rng.u8(0..9) {
        8 => CreateFailure::Held { reason: Reason::ProviderAddress, error: ErrorWords::default() },
        0 => CreateFailure::Held { reason: Reason::ProviderQuota, error: ErrorWords::default() },
        1 => not_created(Reason::ProviderRefused, None),
        2 => not_created(Reason::ProviderUnauthorized, None),
        3 | 4 => not_created(Reason::ProviderBusy, Some(rng.u64(1..120))),
        _ => not_created(Reason::ProviderBusy, None),
    }
}
