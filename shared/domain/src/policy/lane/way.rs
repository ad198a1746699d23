//! Ways to process a run, and what a piece of work comes to in each of them. The lanes ask for
//! prices here and nowhere else.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::policy::cost::{Bill, CostState, Model, Rates, Usage, Usd, Window};
use crate::value::time::Timestamp;

/// How a run is processed, which decides its price and how long it may take. The soonest come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Ultrafast,
    Priority,
    Now,
    Flex,
    Within(Window),
    Batch,
}

impl Way {
    pub const ALL: [Self; 7] = [
        Self::Ultrafast,
        Self::Priority,
        Self::Now,
        Self::Flex,
        Self::Within(Window::TwoHours),
        Self::Within(Window::EightHours),
        Self::Batch,
    ];

    /// What a run that is asked for like this takes. `None` for a tier that is none of these ways.
    pub fn of(service_tier: Option<&str>, window: Option<Window>) -> Option<Self> {
        match (service_tier, window) {
            (None, Some(window)) => Some(Self::Within(window)),
            (None | Some("default" | "auto"), None) => Some(Self::Now),
            (Some("flex"), None) => Some(Self::Flex),
            (Some("priority" | "fast"), None) => Some(Self::Priority),
            (Some("ultrafast"), None) => Some(Self::Ultrafast),
            _ => None,
        }
    }

    /// The name of its price.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Priority => "priority",
            Self::Now => "now",
            Self::Flex => "flex",
            Self::Within(window) => window.word(),
            Self::Batch => "batch",
        }
    }

    /// The tier that a request names to be processed like this.
    pub const fn service_tier(self) -> Option<&'static str> {
        match self {
            Self::Ultrafast | Self::Priority | Self::Flex => Some(self.word()),
            Self::Now | Self::Within(_) | Self::Batch => None,
        }
    }

    pub const fn window(self) -> Option<Window> {
        match self {
            Self::Within(window) => Some(window),
            Self::Ultrafast | Self::Priority | Self::Now | Self::Flex | Self::Batch => None,
        }
    }

    /// How long the provider may let a run wait. It says 15 minutes for how long to be patient with flex, and gives a batch
    /// 24 hours.
    pub const fn may_wait_seconds(self) -> u64 {
        match self {
            Self::Ultrafast | Self::Priority | Self::Now => 0,
            Self::Flex => 900,
            Self::Within(window) => window.seconds(),
            Self::Batch => 86_400,
        }
    }
}

/// What a piece of work comes to in each way that its model has. Without a model it has no price.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices(BTreeMap<Way, Usd>);

impl Prices {
    /// Of so many runs that each use so much.
    pub fn of(model: &str, usage: &Usage, runs: u16, rates: Rates<'_>, at: Timestamp) -> Self {
        let has_windows = Model::find(model).is_some_and(|model| model.has_windows);
        let price = |way: Way| {
            let bill = Bill {
                model: Some(model),
                tier: way.service_tier().or((way == Way::Batch).then_some("batch")),
                asked_window: way.window(),
                usage: Some(usage),
                is_regional: rates.is_regional,
                ..Bill::at(rates.prices, at)
            };
            let cost = bill.cost().filter(|cost| cost.state != CostState::Unknown)?;
            (way.window().is_none() || has_windows).then(|| cost.usd.times(runs))
        };
        Self(Way::ALL.into_iter().filter_map(|way| Some((way, price(way)?))).collect())
    }

    pub fn get(&self, way: Way) -> Option<Usd> {
        self.0.get(&way).copied()
    }
}

impl Serialize for Prices {
    /// Every way by its word, `null` where it has no price.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Way::ALL.map(|way| (way.word(), self.get(way))))
    }
}
