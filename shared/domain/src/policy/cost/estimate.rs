//! What a run may come to at most, reckoned from its request before it is sent.

use serde_json::Value;

use super::list::{PriceList, is_image_model};
use super::models::{Model, reasons};
use super::{Bill, CostState, Usage, Usd};
use crate::value::time::Timestamp;

/// No text has more tokens than bytes.
const TOKENS_OF_BYTE: u64 = 1;
/// For the structure around each message and part.
const TOKENS_OF_PART: u64 = 16;
/// More than the largest image takes in full detail.
const TOKENS_OF_IMAGE: u64 = 20_000;
/// What one call of a tool brings back. OpenAI bills so much for a search where it bills a fixed number.
const TOKENS_OF_CALL: u64 = 8_000;
const CONTAINER_SECONDS: u64 = 1_200;

/// A run that is about to be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Estimate<'a> {
    pub model: &'a str,
    pub tier: Option<&'a str>,
    pub instructions: &'a str,
    pub input: &'a Value,
    pub tools: &'a [Value],
    pub output_schema: Option<&'a Value>,
    pub max_tool_calls: u32,
    pub max_output_tokens: u32,
    /// How long it is watched for.
    pub run_seconds: u64,
    pub is_regional: bool,
    pub prices: &'a PriceList,
    pub at: Timestamp,
}

impl Estimate<'_> {
    /// `None` where something in it has no price. A discount for waiting is left out: it may be missed.
    pub fn most(&self) -> Option<Usd> {
        let tier = self.tier.unwrap_or("default");
        self.prices.price(self.model, self.at)?.tier(tier)?;
        let usage = self.usage()?;
        let bill = Bill {
            model: Some(self.model),
            tier: Some(tier),
            asked_tier: None,
            asked_window: None,
            usage: Some(&usage),
            has_output: false,
            is_regional: self.is_regional,
            prices: self.prices,
            at: self.at,
        };
        // What has no price in it could come to anything.
        bill.cost().filter(|cost| cost.state > CostState::Unknown).map(|cost| cost.usd)
    }

    /// All that it may use; `None` where something in it has no price.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let price = self.prices.price(self.model, self.at)?;
        let mut usage = self.calls()?;
        usage.input_tokens = usage.input_tokens.saturating_add(self.input_tokens()?);
        usage.output_tokens = self.max_output_tokens.into();
        // What is not in the cache yet is written to it, which costs more than reading.
        if price.write_30m != Some(price.input) {
            (usage.cache_write_tokens, usage.cache_write_30m_tokens) = (usage.input_tokens, usage.input_tokens);
        }
        Some(usage)
    }

    /// What it can be shown at most before any tool is called; `None` where nobody knows how much the model takes of a file.
    pub fn input_tokens(&self) -> Option<u64> {
        let most = Model::find(self.model).map(|model| model.max_input_tokens);
        let mut size = Size::default();
        size.add(self.input);
        self.tools.iter().chain(self.output_schema).for_each(|value| size.add(value));
        let text = size.bytes.saturating_add(self.instructions.len() as u64).saturating_mul(TOKENS_OF_BYTE);
        let parts =
            size.parts.saturating_mul(TOKENS_OF_PART).saturating_add(size.images.saturating_mul(TOKENS_OF_IMAGE));
        let tokens = text.saturating_add(parts).saturating_add(TOKENS_OF_PART);
        // How long a file is shows only when it is read, and more than fits is refused.
        if size.has_file { most } else { Some(most.map_or(tokens, |most| tokens.min(most))) }
    }

    /// All calls that it may make, each to the dearest of its tools.
    fn calls(&self) -> Option<Usage> {
        let mut usage = Usage::default();
        let calls = u64::from(self.max_tool_calls);
        let sessions = self.run_seconds.div_ceil(CONTAINER_SECONDS).max(1);
        let mut is_called = false;
        for tool in self.tools {
            let kind = tool.get("type").and_then(Value::as_str).unwrap_or_default();
            // Not run by the provider.
            if matches!(kind, "function" | "custom") {
                continue;
            }
            is_called = true;
            match kind {
                _ if kind.starts_with("web_search_preview") && !reasons(self.model) => usage.preview_searches = calls,
                _ if kind.starts_with("web_search") => usage.web_searches = calls,
                "file_search" => usage.file_searches = calls,
                "code_interpreter" | "shell" => *container(&mut usage, tool) = sessions,
                "image_generation" if !tool.get("model").and_then(Value::as_str).is_some_and(is_image_model) => {
                    return None;
                }
                "image_generation" => usage.image_output_tokens = calls.saturating_mul(TOKENS_OF_IMAGE),
                _ => {}
            }
        }
        if usage.preview_searches > 0 {
            usage.web_searches = 0;
        }
        if usage.preview_searches.max(usage.web_searches) > 0 {
            usage.file_searches = 0;
        }
        usage.input_tokens = if is_called { calls.saturating_mul(TOKENS_OF_CALL) } else { 0 };
        Some(usage)
    }
}

/// The counter of containers as large as the tool asks for. One that exists may be as large as there are.
fn container<'a>(usage: &'a mut Usage, tool: &Value) -> &'a mut u64 {
    let place = tool.get("container").or_else(|| tool.get("environment"));
    let memory = place.and_then(|place| place.get("memory_limit")).and_then(Value::as_str);
    usage.containers(memory.or_else(|| place.is_none_or(Value::is_object).then_some("1g")))
}

impl Usage {
    /// The counter of containers of this memory; the largest for a word that nobody knows.
    pub fn containers(&mut self, memory: Option<&str>) -> &mut u64 {
        match memory {
            Some("1g") => &mut self.containers_1g,
            Some("4g") => &mut self.containers_4g,
            Some("16g") => &mut self.containers_16g,
            _ => &mut self.containers_64g,
        }
    }
}

/// How much there is to read in an input.
#[derive(Debug, Default)]
struct Size {
    bytes: u64,
    parts: u64,
    images: u64,
    has_file: bool,
}

impl Size {
    fn add(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) => self.bytes = self.bytes.saturating_add(5),
            Value::Number(number) => self.bytes = self.bytes.saturating_add(number.to_string().len() as u64),
            Value::String(text) => self.bytes = self.bytes.saturating_add(text.len() as u64),
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(fields) => {
                self.parts = self.parts.saturating_add(1);
                match fields.get("type").and_then(Value::as_str) {
                    Some("input_image") => self.images = self.images.saturating_add(1),
                    Some("input_file") => self.has_file = true,
                    _ if fields.contains_key("file_id") || fields.contains_key("file_url") => self.has_file = true,
                    _ => {
                        for (name, value) in fields {
                            self.bytes = self.bytes.saturating_add(name.len() as u64);
                            self.add(value);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn most(model: &str, tier: Option<&str>, input: &Value, tools: &[Value], max_output_tokens: u32) -> Option<String> {
        let at = Timestamp::parse("2026-11-30T12:00:00Z").unwrap();
        let (instructions, max_tool_calls, run_seconds, is_regional) = ("Do it.", 10, 3_600, false);
        let estimate = Estimate {
            model,
            tier,
            instructions,
            input,
            tools,
            output_schema: None,
            max_tool_calls,
            max_output_tokens,
            run_seconds,
            is_regional,
            prices: &PriceList::shipped(),
            at,
        };
        estimate.most().map(|usd| usd.to_string())
    }

    #[test]
    fn a_run_of_all_the_output_on_the_fastest_tier_is_not_taken_for_what_its_type_says() {
        let text = json!("x");
        // 128,000 at 100 dollars, and 23 tokens at 25.
        assert_eq!(most("gpt-6-astra", Some("priority"), &text, &[], 128_000).unwrap(), "12.800575");
        // 128,000 at 300 dollars, and 23 at 75.
        assert_eq!(most("gpt-6-astra", Some("ultrafast"), &text, &[], 128_000).unwrap(), "38.401725");
        // 2,000 at 0.50, and 23 at 0.125.
        assert_eq!(most("gpt-6-luna", None, &text, &[], 2_000).unwrap(), "0.001002875");
        // 100 at 0.60 and 23 at 0.15, which bills no cache writes.
        assert_eq!(most("gpt-4o-mini", None, &text, &[], 100).unwrap(), "0.00006345");
    }

    #[test]
    fn what_has_no_price_has_no_estimate() {
        assert_eq!(most("llama", None, &json!("x"), &[], 100), None);
        assert_eq!(most("gpt-6-luna", Some("ultrafast"), &json!("x"), &[], 100), None);
        assert_eq!(most("gpt-6-luna", Some("scale"), &json!("x"), &[], 100), None);
        assert_eq!(most("gpt-6-luna", None, &json!("x"), &[json!({"type": "image_generation"})], 100), None);
    }

    #[test]
    fn a_long_text_a_file_and_an_image_count_with_what_they_can_come_to() {
        // 300,023 tokens at twice 0.125, and 100 at one and a half times 0.50.
        assert_eq!(most("gpt-6-luna", None, &json!("x".repeat(300_001)), &[], 100).unwrap(), "0.07508075");
        let item = |part: Value| json!([{"role": "user", "content": [part]}]);
        let file = item(json!({"type": "input_file", "file_id": "file_1"}));
        // The whole context: 922,000 at twice 0.125.
        assert_eq!(most("gpt-6-luna", None, &file, &[], 100).unwrap(), "0.230575");
        let image = item(json!({"type": "input_image", "image_url": format!("data:{}", "x".repeat(900_000))}));
        // 20,000, two parts of 16, 16 more, 15 bytes of names and words, 6 of instructions: 20,069 at 0.125.
        assert_eq!(most("gpt-6-luna", None, &image, &[], 100).unwrap(), "0.002558625");
    }

    #[test]
    fn calls_of_tools_are_counted_up_to_their_limit() {
        let text = json!("x");
        let with = |tool: Value| most("gpt-6-luna", None, &text, &[tool], 100).unwrap();
        // 23 + 16 + 14 and 80,000 tokens at 0.125, 100 at 0.50, ten searches.
        assert_eq!(with(json!({"type": "web_search"})), "0.110056625");
        // Three sessions of 64 GB: 23 + 32 + 52 + ... tokens are a trifle beside them.
        let interpreter = json!({"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "64g"}});
        assert!(with(interpreter).starts_with("5.77"));
        assert!(with(json!({"type": "code_interpreter", "container": "cntr_1"})).starts_with("5.77"));
        assert!(with(json!({"type": "shell", "environment": {"type": "container_auto"}})).starts_with("0.10"));
        let preview = most("gpt-4.1", None, &text, &[json!({"type": "web_search_preview"})], 100).unwrap();
        assert!(preview.starts_with("0.41"), "{preview}");
        // A function is run by nobody but us.
        assert!(with(json!({"type": "function", "name": "f"})).starts_with("0.00005"));
    }
}
