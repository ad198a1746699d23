//! The price list: dated rows, those of the installation before those that ship.

mod figure;
mod read;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::factor::Factor;
use super::models::{MODELS, Window};
use crate::value::time::Timestamp;

pub use self::read::InvalidPrice;

/// What ships. A test reads it whole.
static SHIPPED: LazyLock<Rows> =
    LazyLock::new(|| read::all(include_str!("../../../prices/openai.json")).unwrap_or_default());

/// Above so many input tokens a model of which nobody says otherwise may have another price.
const LONG_PROMPT: u64 = 272_000;

/// So long before a model is shut down whoever has types on it is told.
const WARNED_BEFORE: Duration = Duration::from_secs(60 * 86_400);

/// Everything that is billed, with the day from which each price holds. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct PriceList {
    /// The installation's.
    own: Arc<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    models: Vec<Price>,
    tools: Vec<Flat>,
    containers: Vec<Flat>,
    images: Vec<ImagePrice>,
}

/// Prices of one model on the standard tier, in pico-dollars a token. `None` is what nobody states.
#[derive(Debug, Clone)]
pub(super) struct Price {
    pub(super) model: String,
    /// Other names of it.
    aliases: Vec<String>,
    /// Until another row of the same model does.
    valid_from: Timestamp,
    shuts_down: Option<Timestamp>,
    pub(super) input: u64,
    pub(super) cached: Option<u64>,
    pub(super) write_30m: Option<u64>,
    pub(super) write_12h: Option<u64>,
    pub(super) output: u64,
    /// Figures that follow from others and are stated nowhere: estimates.
    pub(super) inferred: Vec<String>,
    /// What the sources do not agree on is the higher price, and an estimate.
    pub(super) is_settled: bool,
    batch: Option<Factor>,
    flex: Option<Factor>,
    priority: Option<Factor>,
    ultrafast: Option<Factor>,
    two_hours: Option<Factor>,
    eight_hours: Option<Factor>,
    pub(super) long: Option<Long>,
    /// What the address of a region makes of it.
    pub(super) regional: Option<Factor>,
    /// Content tokens of each web search that are billed on top of the input.
    pub(super) tokens_of_search: u64,
}

/// Above so many input tokens the whole request costs more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Long {
    above: u64,
    pub(super) input: Factor,
    pub(super) output: Factor,
}

/// One price for one of something.
#[derive(Debug, Clone)]
struct Flat {
    name: String,
    valid_from: Timestamp,
    pico: u64,
}

/// Tokens of images, in pico-dollars each.
#[derive(Debug, Clone)]
struct ImagePrice {
    model: String,
    valid_from: Timestamp,
    input: u64,
    output: u64,
}

impl PriceList {
    /// What ships, and nothing before it.
    pub fn shipped() -> Self {
        Self::default()
    }

    /// The shipped list with an installation's own rows before it, in the same form.
    pub fn with(own: &str) -> Result<Self, Vec<InvalidPrice>> {
        Ok(Self { own: Arc::new(read::own(own)?) })
    }

    /// Whether it has a price for this model.
    pub fn has(&self, model: &str) -> bool {
        self.rows().any(|price| price.is_of(model))
    }

    /// The models on it, for whoever asks for another.
    pub fn names(&self) -> String {
        let mut names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
        for price in self.rows() {
            if !names.contains(&price.model.as_str()) {
                names.push(&price.model);
            }
        }
        names.join(", ")
    }

    /// When this model is shut down, once that is near or over.
    pub fn shutdown_soon(&self, model: &str, now: Timestamp) -> Option<Timestamp> {
        let on = self.rows().filter(|price| price.is_of(model)).find_map(|price| price.shuts_down);
        on.filter(|on| *on <= now + WARNED_BEFORE)
    }

    /// The row that holds for a model at this time.
    pub(super) fn price(&self, model: &str, at: Timestamp) -> Option<&Price> {
        let held = |rows| latest(rows, |price: &Price| price.is_of(model), at);
        held(&self.own.models).or_else(|| held(&SHIPPED.models))
    }

    /// All rows of models, the installation's first.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Price> {
        self.own.models.iter().chain(&SHIPPED.models)
    }

    /// For one call.
    pub(super) fn tool(&self, name: &str, at: Timestamp) -> Option<u64> {
        let flat = |rows: &Rows| latest(&rows.tools, |row| row.name == name, at).map(|row| row.pico);
        flat(&self.own).or_else(|| flat(&SHIPPED))
    }

    /// For each 20 minutes.
    pub(super) fn container(&self, memory: &str, at: Timestamp) -> Option<u64> {
        let flat = |rows: &Rows| latest(&rows.containers, |row| row.name == memory, at).map(|row| row.pico);
        flat(&self.own).or_else(|| flat(&SHIPPED))
    }
}

/// The model on the shipped list that a name, an alias or the name of a snapshot means.
pub(super) fn shipped_name(name: &str) -> Option<&'static str> {
    SHIPPED.models.iter().find(|price| price.is_of(name)).map(|price| price.model.as_str())
}

/// Of a token of input and of output. Usage does not say of which image model: the dearest holds for all.
pub(super) fn image(at: Timestamp) -> Option<(u64, u64)> {
    let held = SHIPPED.images.iter().filter(|price| price.valid_from <= at);
    held.map(|price| (price.input, price.output)).reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)))
}

/// Whether what an image model charges is known.
pub(super) fn is_image_model(model: &str) -> bool {
    SHIPPED.images.iter().any(|price| is_dated(model, &price.model))
}

/// A row that holds from a day on.
trait Dated {
    fn valid_from(&self) -> Timestamp;
}

/// Of these rows the one that came last by this time.
fn latest<R: Dated>(rows: &[R], is_it: impl Fn(&R) -> bool, at: Timestamp) -> Option<&R> {
    rows.iter().filter(|row| is_it(row) && row.valid_from() <= at).max_by_key(|row| row.valid_from())
}

impl Dated for Price {
    fn valid_from(&self) -> Timestamp {
        self.valid_from
    }
}

impl Dated for Flat {
    fn valid_from(&self) -> Timestamp {
        self.valid_from
    }
}

impl Price {
    /// By how much a tier multiplies the standard price; `None` for one that has no price.
    pub(super) fn tier(&self, word: &str) -> Option<Factor> {
        match word {
            "flex" => self.flex,
            "priority" | "fast" => self.priority,
            "ultrafast" => self.ultrafast,
            "batch" => self.batch,
            _ => is_standard(word).then_some(Factor::ONE),
        }
    }

    pub(super) const fn window(&self, window: Window) -> Option<Factor> {
        match window {
            Window::TwoHours => self.two_hours,
            Window::EightHours => self.eight_hours,
        }
    }

    pub(super) fn is_inferred(&self, figure: &str) -> bool {
        self.inferred.iter().any(|inferred| inferred == figure)
    }

    fn is_of(&self, model: &str) -> bool {
        is_dated(model, &self.model) || self.aliases.iter().any(|alias| is_dated(model, alias))
    }
}

impl Long {
    const NONE: Self = Self { above: u64::MAX, input: Factor::ONE, output: Factor::ONE };

    pub(super) const fn holds(&self, input_tokens: u64) -> bool {
        input_tokens > self.above
    }
}

/// Whether nobody says what so long a request costs.
pub(super) const fn may_be_long(input_tokens: u64) -> bool {
    input_tokens > LONG_PROMPT
}

/// What a request may say and still be processed as any other.
pub(super) fn is_standard(tier: &str) -> bool {
    matches!(tier, "default" | "auto")
}

/// `gpt-5.4-2026-03-05` is a snapshot of `gpt-5.4`; `gpt-5.4-mini` is another model.
pub(super) fn is_dated(model: &str, name: &str) -> bool {
    let is_date = |rest: &str| {
        let digit =
            |place: usize, byte: u8| if matches!(place, 0 | 5 | 8) { byte == b'-' } else { byte.is_ascii_digit() };
        rest.len() == 11 && rest.bytes().enumerate().all(|(place, byte)| digit(place, byte))
    };
    model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || is_date(rest))
}

#[cfg(test)]
mod tests;
