//! The models that OpenAI has, and what each family takes.

use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;

/// Year, month and day.
type Date = (i64, i64, i64);

/// As published by 2026-11-30; a model with a date is gone from that day on.
const LISTED: &[(&str, Option<Date>)] = &[
    ("gpt-6.2-astra", None),
    ("gpt-6.2-sol", None),
    ("gpt-6.1-sol", None),
    ("gpt-6.1-terra", None),
    ("gpt-6-astra", None),
    ("gpt-6-sol", None),
    ("gpt-6-luna", None),
    ("gpt-5.6", None),
    ("gpt-5.6-sol", None),
    ("gpt-5.6-terra", None),
    ("gpt-5.6-luna", None),
    ("gpt-5.5", None),
    ("gpt-5.5-pro", None),
    ("gpt-5.4", None),
    ("gpt-5.4-mini", None),
    ("gpt-5.4-nano", Some((2027, 4, 1))),
    ("gpt-5.2", None),
    ("gpt-5.2-pro", None),
    ("gpt-5.1", Some((2027, 4, 1))),
    ("gpt-5", Some((2026, 12, 11))),
    ("gpt-5-mini", Some((2026, 12, 11))),
    ("gpt-5-nano", Some((2026, 12, 11))),
    ("gpt-5-pro", Some((2026, 12, 11))),
    ("gpt-4.1", Some((2027, 1, 14))),
    ("gpt-4.1-mini", Some((2027, 1, 14))),
    ("gpt-4.1-nano", Some((2026, 10, 23))),
    ("gpt-4o", Some((2027, 1, 14))),
    ("gpt-4o-mini", Some((2027, 1, 14))),
    ("o1", Some((2026, 10, 23))),
    ("o3", Some((2026, 12, 11))),
    ("o3-pro", Some((2026, 12, 11))),
    ("o3-mini", Some((2026, 10, 23))),
    ("o4-mini", Some((2026, 10, 23))),
    ("o3-deep-research", Some((2026, 7, 23))),
    ("o4-mini-deep-research", Some((2026, 7, 23))),
];

/// Which models a create call may name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Models {
    /// Those that OpenAI has.
    #[default]
    Listed,
    /// Those, and whatever has no name of OpenAI's kind, such as `llama`.
    ListedOrForeign,
    Any,
}

impl Models {
    pub(super) fn has(self, name: &str, now_ms: i64) -> bool {
        match self {
            Models::Listed => is_listed(name, now_ms),
            Models::ListedOrForeign => is_listed(name, now_ms) || !is_of_openai(name),
            Models::Any => true,
        }
    }
}

/// Snapshots (`gpt-5.4-2026-03-05`) and fine-tuned ones (`ft:gpt-4.1:...`) are there as long as what they come from.
fn is_listed(name: &str, now_ms: i64) -> bool {
    let base = name.strip_prefix("ft:").and_then(|rest| rest.split(':').next()).unwrap_or(name);
    LISTED.iter().any(|(listed, shutdown)| {
        let snapshot = base.strip_prefix(listed);
        let is_it = snapshot.is_some_and(|rest| rest.is_empty() || is_date(rest));
        is_it && shutdown.is_none_or(|date| now_ms < days(date) * DAY_MS)
    })
}

/// `-2026-03-05`.
fn is_date(rest: &str) -> bool {
    rest.len() == 11
        && rest.char_indices().all(|(at, c)| if matches!(at, 0 | 5 | 8) { c == '-' } else { c.is_ascii_digit() })
}

fn is_of_openai(name: &str) -> bool {
    let is_o = name.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    is_o || ["gpt-", "chatgpt-", "codex-", "computer-use-", "ft:"].iter().any(|own| name.starts_with(own))
}

/// Days since 1970.
fn days((year, month, day): Date) -> i64 {
    // The year starts in March, so that the day that comes and goes is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

/// What there is to say of every model, or of one.
pub(super) fn list(models: Models, now_ms: i64) -> Value {
    let there = LISTED.iter().filter(|(name, _)| models.has(name, now_ms));
    json!({"object": "list", "data": there.map(|(name, _)| shown(name)).collect::<Vec<_>>()})
}

pub(super) fn shown(name: &str) -> Value {
    let shutdown = LISTED.iter().find(|(listed, _)| *listed == name).and_then(|(_, shutdown)| *shutdown);
    let shutdown = shutdown.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    // When a model came is not on the pages that the list is from.
    json!({"id": name, "object": "model", "created": 0, "owned_by": "openai", "shutdown_date": shutdown})
}

/// What one model takes. A name that says nothing takes everything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Model<'a>(&'a str);

impl<'a> Model<'a> {
    pub(super) fn of(name: &'a str) -> Self {
        Self(name.strip_prefix("ft:").unwrap_or(name))
    }

    pub(super) fn reasons(self) -> bool {
        !self.0.starts_with("gpt-4")
    }

    /// From gpt-6 on, each message says whether it is the answer.
    pub(super) fn has_phases(self) -> bool {
        self.0.starts_with("gpt-6")
    }

    pub(super) fn takes_effort(self, effort: &str) -> bool {
        !(effort == "none" && self.0.starts_with("gpt-6.2"))
    }

    pub(super) fn takes_tier(self, tier: &str) -> bool {
        let starts = |families: &[&str]| families.iter().any(|family| self.0.starts_with(family));
        match tier {
            "flex" => !starts(&["gpt-4", "gpt-6.2"]),
            "ultrafast" => {
                !is_of_openai(self.0) || starts(&["gpt-6-astra", "gpt-6.1-sol", "gpt-6.2-sol", "gpt-5.6-sol"])
            }
            _ => true,
        }
    }

    /// The tier that a request really gets. `auto` is never one.
    pub(super) fn tier_served(self, asked: Option<&str>) -> &str {
        match asked {
            None | Some("auto") => "default",
            Some("fast" | "priority") if self.0.starts_with("gpt-6") => "fast",
            Some("fast" | "priority") => "priority",
            Some("flex") => "flex",
            Some("scale") => "scale",
            Some("ultrafast") => "ultrafast",
            Some(_) => "default",
        }
    }

    pub(super) fn usual_effort(self) -> Option<&'static str> {
        self.reasons().then_some("medium")
    }

    /// The most input and output tokens, where they are published.
    pub(super) fn limits(self) -> Option<(usize, u64)> {
        let published = ["gpt-5.6", "gpt-6"].iter().any(|family| self.0.starts_with(family));
        published.then_some((922_000, 128_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVEMBER_30: i64 = 1_796_000_000_000;

    #[test]
    fn a_model_is_there_until_its_last_day_with_its_snapshots() {
        for (name, there) in [
            ("gpt-6.2-sol", true),
            ("gpt-5.4-2026-03-05", true),
            ("ft:gpt-4.1:acme::1", true),
            ("gpt-5.4-2026", false),
            ("gpt-5.4-large", false),
            ("gpt-7", false),
            ("o1", false),
            ("o3-deep-research", false),
            ("llama", false),
        ] {
            assert_eq!(Models::Listed.has(name, NOVEMBER_30), there, "{name}");
        }
        assert_eq!(days((2026, 12, 11)), 20_798);
        let last_ms = 20_798 * DAY_MS - 1;
        assert!(Models::Listed.has("gpt-5", last_ms) && !Models::Listed.has("gpt-5", last_ms + 1));
    }

    #[test]
    fn models_of_other_servers_are_taken_where_that_is_allowed_and_misspelt_ones_of_openai_are_not() {
        for name in ["llama", "qwen3:32b", "ollama", "mistral-large"] {
            assert!(Models::ListedOrForeign.has(name, NOVEMBER_30), "{name}");
        }
        for name in ["gpt-6.1-tera", "o9", "ft:gpt-9:acme"] {
            assert!(!Models::ListedOrForeign.has(name, NOVEMBER_30), "{name}");
            assert!(Models::Any.has(name, NOVEMBER_30), "{name}");
        }
    }
}
