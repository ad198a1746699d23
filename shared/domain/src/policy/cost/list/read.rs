//! Reading a price list: each row checked by name, so that an error says which row and which field.

use std::fmt;

use serde_json::{Map, Value};

use super::figure::{FACTOR, Given, MONEY, day, factor, figure, pico_of_one, pico_of_token};
use super::{Flat, ImagePrice, Long, Price, Rows};
use crate::value::time::Timestamp;

/// What every row says of itself.
const ROW: [&str; 3] = ["valid_from", "checked_on", "source"];
const FIGURES: [&str; 5] = ["input", "cached", "cache_write_30m", "cache_write_12h", "output"];
const TIERS: [&str; 4] = ["batch", "flex", "priority", "ultrafast"];
const WINDOWS: [&str; 2] = ["2h", "8h"];
const TOOLS: [&str; 3] = ["web_search", "web_search_preview", "file_search"];
const MEMORIES: [&str; 4] = ["1g", "4g", "16g", "64g"];
const MODEL: [&str; 11] = [
    "model",
    "aliases",
    "shuts_down",
    "usd_per_million",
    "inferred",
    "tiers",
    "windows",
    "long_context",
    "regional",
    "tokens_of_search",
    "settled",
];

/// What is wrong with a price list, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPrice {
    /// Such as `models[2] (gpt-7)`.
    pub row: String,
    /// Empty where the row itself is no row.
    pub field: String,
    pub problem: String,
}

impl fmt::Display for InvalidPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, field, problem } = self;
        let space = if field.is_empty() { "" } else { " " };
        write!(f, "{row}: {field}{space}{problem}")
    }
}

/// The shipped list.
pub(super) fn all(text: &str) -> Result<Rows, Vec<InvalidPrice>> {
    rows(text, &["models", "tools", "containers", "images"])
}

/// An installation's rows. Which images a run made is not kept with its usage, so that they have one price for all.
pub(super) fn own(text: &str) -> Result<Rows, Vec<InvalidPrice>> {
    rows(text, &["models", "tools", "containers"])
}

fn rows(text: &str, sections: &[&str]) -> Result<Rows, Vec<InvalidPrice>> {
    let wrong = |row: &str, problem: String| InvalidPrice { row: row.to_owned(), field: String::new(), problem };
    let whole = serde_json::from_str::<Map<String, Value>>(text)
        .map_err(|error| vec![wrong("the list", format!("must be a JSON object: {error}"))])?;
    let (mut errors, mut read) = (Vec::new(), Rows::default());
    for (section, list) in &whole {
        let Some(list) = list.as_array().filter(|_| sections.contains(&section.as_str())) else {
            errors.push(wrong(section, format!("must be one of {}, and a list", sections.join(", "))));
            continue;
        };
        for (place, value) in list.iter().enumerate() {
            let name = ["model", "tool", "memory"].iter().find_map(|name| value.get(name)?.as_str());
            let name = name.map(|name| format!(" ({})", name.chars().take(48).collect::<String>()));
            let row = format!("{section}[{place}]{}", name.unwrap_or_default());
            let Some(map) = value.as_object() else {
                errors.push(wrong(&row, "must be an object".to_owned()));
                continue;
            };
            let mut row = Row { name: row, map, errors: &mut errors };
            match section.as_str() {
                "models" => read.models.extend(row.model()),
                "tools" => read.tools.extend(row.flat("tool", &TOOLS, "usd_per_thousand", 1_000)),
                "containers" => read.containers.extend(row.flat("memory", &MEMORIES, "usd_per_20_minutes", 1)),
                _ => read.images.extend(row.image()),
            }
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

struct Row<'a> {
    name: String,
    map: &'a Map<String, Value>,
    errors: &'a mut Vec<InvalidPrice>,
}

impl Row<'_> {
    fn wrong(&mut self, field: &str, problem: &str) {
        let (row, field, problem) = (self.name.clone(), field.to_owned(), problem.to_owned());
        self.errors.push(InvalidPrice { row, field, problem });
    }

    fn model(&mut self) -> Option<Price> {
        self.takes(&MODEL);
        for (object, known) in
            [("usd_per_million", FIGURES.as_slice()), ("tiers", TIERS.as_slice()), ("windows", WINDOWS.as_slice())]
        {
            self.parts(object, known);
        }
        let (model, from) = (self.word("model"), self.from());
        let (input, output) = (self.price("input"), self.price("output"));
        let mut kind = |name: &str| self.figure("usd_per_million", name, MONEY, pico_of_token);
        let (cached, write_30m, write_12h) = (kind("cached"), kind("cache_write_30m"), kind("cache_write_12h"));
        let [batch, flex, priority, ultrafast] = TIERS.map(|tier| self.figure("tiers", tier, FACTOR, factor));
        let [two_hours, eight_hours] = WINDOWS.map(|window| self.figure("windows", window, FACTOR, factor));
        let regional = self.at("regional", self.map.get("regional"), FACTOR, factor);
        let (long, shuts_down) = (self.long(), self.shuts_down());
        let tokens_of_search = self.value("tokens_of_search", "must be a whole number", Value::as_u64);
        let is_settled = self.value("settled", "must be true or false", Value::as_bool);
        let (aliases, inferred) = (self.words("aliases", None), self.words("inferred", Some(&FIGURES)));
        Some(Price {
            model: model?,
            aliases,
            valid_from: from?,
            shuts_down,
            input: input?,
            cached,
            write_30m,
            write_12h,
            output: output?,
            inferred,
            is_settled: is_settled.unwrap_or(true),
            batch,
            flex,
            priority,
            ultrafast,
            two_hours,
            eight_hours,
            long,
            regional,
            tokens_of_search: tokens_of_search.unwrap_or_default(),
        })
    }

    fn shuts_down(&mut self) -> Option<Timestamp> {
        match self.map.get("shuts_down").map(day)? {
            Given::Known(on) => Some(on),
            Given::Unknown => None,
            Given::Wrong => {
                self.wrong("shuts_down", "must be a day, such as 2027-01-14, or unknown");
                None
            }
        }
    }

    fn long(&mut self) -> Option<Long> {
        const RULE: &str = "must be none, unknown, or an object of above, input and output";
        match self.map.get("long_context")? {
            Value::String(word) if word == "none" => return Some(Long::NONE),
            Value::String(word) if word == "unknown" => return None,
            Value::Object(_) => self.parts("long_context", &["above", "input", "output"]),
            _ => {}
        }
        let above = self.map.get("long_context").and_then(|long| long.get("above")).and_then(Value::as_u64);
        let [input, output] = ["input", "output"].map(|part| self.figure("long_context", part, FACTOR, factor));
        let long = above.zip(input.zip(output)).map(|(above, (input, output))| Long { above, input, output });
        if long.is_none() {
            self.wrong("long_context", RULE);
        }
        long
    }

    fn flat(&mut self, kind: &str, known: &[&str], price: &str, of: u64) -> Option<Flat> {
        self.takes(&[kind, price]);
        let name = self.word(kind);
        if name.as_deref().is_some_and(|name| !known.contains(&name)) {
            self.wrong(kind, &format!("must be one of {}", known.join(", ")));
        }
        let from = self.from();
        let given = self.needed(price, self.map.get(price));
        let pico = self.at(price, given, MONEY, |text| pico_of_one(text, of));
        Some(Flat { name: name?, valid_from: from?, pico: pico? })
    }

    fn image(&mut self) -> Option<ImagePrice> {
        self.takes(&["model", "usd_per_million"]);
        let (model, from) = (self.word("model"), self.from());
        let (input, output) = (self.price("input"), self.price("output"));
        Some(ImagePrice { model: model?, valid_from: from?, input: input?, output: output? })
    }

    /// From when it holds. Who says so and when that was checked stands beside it for people.
    fn from(&mut self) -> Option<Timestamp> {
        self.word("source");
        if !matches!(self.map.get("checked_on").map(day), Some(Given::Known(_))) {
            self.wrong("checked_on", "must be a day, such as 2026-11-30");
        }
        match self.map.get("valid_from").map(day) {
            Some(Given::Known(from)) => Some(from),
            Some(Given::Unknown) => Some(Timestamp::from_millis(i64::MIN)),
            None | Some(Given::Wrong) => {
                self.wrong("valid_from", "must be a day or a time, such as 2026-11-17, or unknown");
                None
            }
        }
    }

    /// A price that no row can do without.
    fn price(&mut self, name: &str) -> Option<u64> {
        let field = format!("usd_per_million.{name}");
        let map = self.map;
        let given = self.needed(&field, map.get("usd_per_million").and_then(|prices| prices.get(name)));
        self.at(&field, given, MONEY, pico_of_token)
    }

    fn needed<'v>(&mut self, field: &str, given: Option<&'v Value>) -> Option<&'v Value> {
        if given.is_none_or(|given| *given == "unknown") {
            self.wrong(field, "is required");
            return None;
        }
        given
    }

    fn takes(&mut self, known: &[&str]) {
        let map = self.map;
        for name in map.keys().filter(|name| !known.contains(&name.as_str()) && !ROW.contains(&name.as_str())) {
            self.wrong(name, "is not a field of such a row");
        }
    }

    fn parts(&mut self, object: &str, known: &[&str]) {
        let map = self.map;
        let Some(parts) = map.get(object) else { return };
        let Some(parts) = parts.as_object() else { return self.wrong(object, "must be an object") };
        for name in parts.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong(&format!("{object}.{name}"), &format!("is none of {}", known.join(", ")));
        }
    }

    /// `None` is what the row does not say.
    fn figure<T>(&mut self, object: &str, name: &str, rule: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let map = self.map;
        self.at(&format!("{object}.{name}"), map.get(object).and_then(|object| object.get(name)), rule, read)
    }

    fn at<T>(&mut self, field: &str, given: Option<&Value>, rule: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        match figure(given?, read) {
            Given::Known(figure) => Some(figure),
            Given::Unknown => None,
            Given::Wrong => {
                self.wrong(field, rule);
                None
            }
        }
    }

    fn value<T>(&mut self, name: &str, rule: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = read(self.map.get(name)?);
        if value.is_none() {
            self.wrong(name, rule);
        }
        value
    }

    fn word(&mut self, name: &str) -> Option<String> {
        let word = self.map.get(name).and_then(Value::as_str).filter(|word| (1..=200).contains(&word.len()));
        if word.is_none() {
            self.wrong(name, "is required, and a text of at most 200 bytes");
        }
        word.map(str::to_owned)
    }

    fn words(&mut self, name: &str, known: Option<&[&str]>) -> Vec<String> {
        let Some(given) = self.map.get(name) else { return Vec::new() };
        let fits = |word: &String| !word.is_empty() && known.is_none_or(|known| known.contains(&word.as_str()));
        let words = serde_json::from_value::<Vec<String>>(given.clone()).ok();
        let words = words.filter(|words| words.iter().all(fits));
        if words.is_none() {
            let of = known.map_or("names".to_owned(), |known| known.join(", "));
            self.wrong(name, &format!("must be a list of {of}"));
        }
        words.unwrap_or_default()
    }
}
