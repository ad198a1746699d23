//! What the provider's books show to whoever has an admin key: usage and costs by the day, the hour or the minute.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::bill::Bill;
use super::error::ApiError;
use super::query::Query;
use super::request::rule::known;

const PROJECT: &str = "proj_simulated";
const KEY: &str = "key_simulated";
const USAGE_GROUPS: [&str; 7] = ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "api_source"];
const COST_GROUPS: [&str; 5] = ["project_id", "user_id", "line_item", "api_key_id", "api_source"];

/// The buckets of one page, in seconds.
struct Span {
    from: i64,
    until: i64,
    width: i64,
    more: bool,
}

impl Span {
    fn of(query: &Query, widths: &[(&str, i64, usize, usize)], now_s: i64) -> Result<Self, ApiError> {
        let number = |name: &str| match query.get(name) {
            None => Ok(None),
            Some(text) => text.parse::<i64>().map(Some).map_err(|_| ApiError::wrong_type(name, "an integer")),
        };
        let asked = query.get("bucket_width").unwrap_or("1d");
        known("bucket_width", asked, &widths.iter().map(|(name, ..)| *name).collect::<Vec<_>>())?;
        let (_, width, usual, most) =
            *widths.iter().find(|(name, ..)| *name == asked).unwrap_or(&("1d", 86_400, 7, 31));
        let start = number("start_time")?.ok_or_else(|| ApiError::missing("start_time"))?;
        let end = number("end_time")?.unwrap_or(now_s);
        let limit = number("limit")?.map_or(usual, |limit| usize::try_from(limit).unwrap_or_default());
        if limit == 0 || limit > most {
            return Err(ApiError::invalid(format!("Invalid 'limit': expected 1 to {most}.")).about("limit"));
        }
        if start < 0 || end <= start {
            return Err(ApiError::invalid("'end_time' must be later than 'start_time'.").about("end_time"));
        }
        // A page is named by the moment at which it starts.
        let page = query.get("page").map(|page| page.strip_prefix("page_").and_then(|at| at.parse::<i64>().ok()));
        let from = match page {
            None => start,
            Some(Some(at)) if (start..end).contains(&at) => at,
            Some(_) => return Err(ApiError::invalid("There is no such page.").about("page")),
        };
        let from = from - from.rem_euclid(width);
        let last = from.saturating_add(width.saturating_mul(limit as i64));
        Ok(Self { from, until: last.min(end), width, more: last < end })
    }

    fn page(&self, results: impl Fn(i64, i64) -> Vec<Value>) -> Value {
        let starts = (self.from..self.until).step_by(usize::try_from(self.width).unwrap_or(1));
        let bucket = |start: i64| {
            let end = start + self.width;
            json!({"object": "bucket", "start_time": start, "end_time": end, "results": results(start, end)})
        };
        json!({
            "object": "page",
            "data": starts.map(bucket).collect::<Vec<_>>(),
            "has_more": self.more,
            "next_page": self.more.then(|| format!("page_{}", self.until)),
        })
    }
}

fn groups(query: &Query, words: &[&str]) -> Result<Vec<String>, ApiError> {
    let asked: Vec<String> = query.all("group_by").map(str::to_owned).collect();
    asked.iter().try_for_each(|word| known("group_by", word, words))?;
    Ok(asked)
}

fn is_within(bill: &Bill, start: i64, end: i64) -> bool {
    (start..end).contains(&(bill.at_ms / 1000))
}

pub(super) fn usage(bills: &[Bill], query: &Query, now_s: i64) -> Result<Value, ApiError> {
    let widths = [("1d", 86_400, 7, 31), ("1h", 3_600, 24, 168), ("1m", 60, 60, 1_440)];
    let span = Span::of(query, &widths, now_s)?;
    let groups = groups(query, &USAGE_GROUPS)?;
    let models: Vec<&str> = query.all("models").collect();
    let batch = query.get("batch").map(|text| text == "true");
    let is_meant = |bill: &&Bill| {
        (models.is_empty() || models.contains(&bill.model.as_str())) && batch.is_none_or(|batch| bill.batch == batch)
    };
    Ok(span.page(|start, end| {
        let mut sums: BTreeMap<String, (Map<String, Value>, Bill)> = BTreeMap::new();
        for bill in bills.iter().filter(is_meant).filter(|bill| is_within(bill, start, end)) {
            let value = |name: &str| match name {
                "project_id" => json!(PROJECT),
                "api_key_id" => json!(KEY),
                "model" => json!(bill.model),
                "batch" => json!(bill.batch),
                "service_tier" => json!(bill.tier),
                _ => Value::Null,
            };
            let key: Map<_, _> = groups.iter().map(|name| (name.clone(), value(name))).collect();
            sums.entry(json!(key).to_string()).or_insert_with(|| (key, Bill::default())).1.add(bill);
        }
        sums.into_values().map(|(key, sum)| used(key, &sum)).collect()
    }))
}

/// What is not grouped by is null.
fn used(key: Map<String, Value>, sum: &Bill) -> Value {
    let written = sum.cache_write_30m + sum.cache_write_12h;
    let mut result = json!({
        "object": "organization.usage.completions.result",
        "input_tokens": sum.input,
        "input_cached_tokens": sum.cached,
        "input_uncached_tokens": sum.input.saturating_sub(sum.cached + written),
        "input_cache_write_tokens": written,
        "input_cache_write_30m_tokens": sum.cache_write_30m,
        "input_cache_write_12h_tokens": sum.cache_write_12h,
        "output_tokens": sum.output,
        "input_audio_tokens": 0,
        "output_audio_tokens": 0,
        "num_model_requests": sum.requests,
    });
    if let Some(result) = result.as_object_mut() {
        result.extend(USAGE_GROUPS.iter().map(|name| ((*name).to_owned(), Value::Null)));
        result.extend(key);
    }
    result
}

pub(super) fn costs(bills: &[Bill], query: &Query, now_s: i64) -> Result<Value, ApiError> {
    let span = Span::of(query, &[("1d", 86_400, 7, 180)], now_s)?;
    let groups = groups(query, &COST_GROUPS)?;
    let by_line = groups.iter().any(|name| name == "line_item");
    Ok(span.page(|start, end| {
        let mut sums: BTreeMap<Option<String>, f64> = BTreeMap::new();
        for bill in bills.iter().filter(|bill| is_within(bill, start, end)) {
            for (line, dollars) in bill.lines() {
                *sums.entry(by_line.then_some(line)).or_default() += dollars;
            }
        }
        let known = |name: &str, value: &str| groups.iter().any(|group| group == name).then(|| value.to_owned());
        let result = |(line, dollars): (Option<String>, f64)| {
            json!({
                "object": "organization.costs.result",
                "amount": {"value": dollars, "currency": "usd"},
                "line_item": line,
                "project_id": known("project_id", PROJECT),
                "api_key_id": known("api_key_id", KEY),
            })
        };
        sums.into_iter().map(result).collect()
    }))
}
