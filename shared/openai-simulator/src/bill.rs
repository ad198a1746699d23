//! What runs used, as the provider's own books have it: tokens and tools by model and tier, and what they cost.

use serde_json::{Value, json};

use super::price;
use super::response::Response;

/// One or more runs of one model and tier.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bill {
    pub(super) at_ms: i64,
    pub(super) model: String,
    pub(super) tier: String,
    /// The completion window, where one was asked for.
    pub(super) window: Option<String>,
    pub(super) batch: bool,
    pub(super) requests: u64,
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) cache_write_30m: u64,
    pub(super) cache_write_12h: u64,
    pub(super) output: u64,
    pub(super) reasoning: u64,
    pub(super) web_searches: u64,
    pub(super) file_searches: u64,
    /// Dollars of containers, by their memory.
    pub(super) containers: f64,
    /// Dollars of tokens by kind: input, cached, cache writes, output.
    pub(super) tokens: [f64; 4],
}

impl Bill {
    /// Of one response; none before its end, and none if it never started.
    pub(super) fn of(response: &Response, batch: bool) -> Option<Self> {
        let (_, at_ms) = response.end.as_ref()?;
        let computed = json!(response.usage()?);
        let shown = |name: &str| {
            let raw = response.shown_instead.get(name)?;
            serde_json::from_str::<Value>(raw.get()).ok().filter(|value| !value.is_null())
        };
        // What a plan makes up is billed where it is a number of tokens at all.
        let is_sound = |usage: &Value| {
            usage.pointer("/input_tokens").is_some_and(|tokens| tokens.as_u64().is_some_and(|tokens| tokens < 1 << 40))
        };
        let usage = shown("usage").filter(is_sound).unwrap_or(computed);
        let tokens = |path: &str| usage.pointer(path).and_then(Value::as_u64).unwrap_or_default();
        let text = |name: &str| shown(name).and_then(|value| value.as_str().map(str::to_owned));
        let model = text("model").unwrap_or_else(|| response.request.model.clone());
        let fields = &response.request.fields;
        let asked = fields.get("service_tier").and_then(Value::as_str);
        let served = super::model::Model::of(&model).tier_served(asked).to_owned();
        let window = fields.get("background_options").and_then(|options| options.get("completion_window"));
        let writes = tokens("/input_tokens_details/cache_write_tokens");
        let writes_12h = tokens("/input_tokens_details/cache_write_tokens_details/ttl_12h_tokens").min(writes);
        let (web_searches, file_searches, code) = super::output::calls(response);
        let memory = response.script.container.as_ref().map(|container| container.memory_limit.as_str());
        let mut bill = Self {
            at_ms: *at_ms,
            tier: text("service_tier").unwrap_or(served),
            window: window.and_then(Value::as_str).filter(|window| *window != "soonest").map(str::to_owned),
            batch,
            requests: 1,
            input: tokens("/input_tokens"),
            cached: tokens("/input_tokens_details/cached_tokens"),
            cache_write_30m: writes - writes_12h,
            cache_write_12h: writes_12h,
            output: tokens("/output_tokens"),
            reasoning: tokens("/output_tokens_details/reasoning_tokens"),
            web_searches,
            file_searches,
            containers: if code || memory.is_some() { price::container(memory.unwrap_or("1g")) } else { 0.0 },
            tokens: [0.0; 4],
            model,
        };
        bill.tokens = price::tokens(&bill);
        Some(bill)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.at_ms = self.at_ms.max(other.at_ms);
        if self.model.is_empty() {
            (self.model, self.tier, self.batch) = (other.model.clone(), other.tier.clone(), other.batch);
        }
        let sums = [
            (&mut self.requests, other.requests),
            (&mut self.input, other.input),
            (&mut self.cached, other.cached),
            (&mut self.cache_write_30m, other.cache_write_30m),
            (&mut self.cache_write_12h, other.cache_write_12h),
            (&mut self.output, other.output),
            (&mut self.reasoning, other.reasoning),
            (&mut self.web_searches, other.web_searches),
            (&mut self.file_searches, other.file_searches),
        ];
        for (own, more) in sums {
            *own = own.saturating_add(more);
        }
        self.containers += other.containers;
        self.tokens.iter_mut().zip(other.tokens).for_each(|(own, more)| *own += more);
    }

    /// The usage of a batch, which has no field for cache writes and none for tools.
    pub(super) fn batch_usage(&self) -> Value {
        json!({
            "input_tokens": self.input,
            "input_tokens_details": {"cached_tokens": self.cached},
            "output_tokens": self.output,
            "output_tokens_details": {"reasoning_tokens": self.reasoning},
            "total_tokens": self.input.saturating_add(self.output),
        })
    }

    /// Dollars by the name that the line of an invoice has.
    pub(super) fn lines(&self) -> Vec<(String, f64)> {
        let [input, cached, written, output] = self.tokens;
        let model = &self.model;
        let lines = [
            (format!("{model}, input"), input),
            (format!("{model}, cached input"), cached),
            (format!("{model}, cache writes"), written),
            (format!("{model}, output"), output),
            ("web search tool calls".to_owned(), price::WEB_SEARCH * self.web_searches as f64),
            ("file search tool calls".to_owned(), price::FILE_SEARCH * self.file_searches as f64),
            ("code interpreter sessions".to_owned(), self.containers),
        ];
        lines.into_iter().filter(|(_, dollars)| *dollars > 0.0).collect()
    }
}
