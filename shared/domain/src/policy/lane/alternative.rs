//! What else a piece of work could take: another lane or another way to be processed, and what that saves or costs.

use super::{Lane, Prices, Way};
use crate::policy::cost::Usd;
use crate::value::word::words;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    pub lane: Lane,
    pub way: Way,
    pub reason: AlternativeReason,
    /// `None` where one of the two has no price.
    pub difference: Option<Difference>,
}

/// Between an alternative and what was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    Saves(Usd),
    /// Nothing, where the two cost the same.
    Costs(Usd),
}

macro_rules! alternative_reasons {
    ($($name:ident $word:literal $message:literal)*) => {
        words! {
            /// What speaks for an alternative.
            pub enum AlternativeReason {
                $($name $word,)*
            }
        }

        impl AlternativeReason {
            /// The sentence for people.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)*
                    Self::Other(_) => "A newer release gave a reason that this one does not know.",
                }
            }
        }
    };
}

alternative_reasons! {
    StartsAtOnce "starts_at_once" "The run starts at once, at the usual price."
    LaneRuns "lane_runs" "The lane that fits does not run yet, and this one does."
    AnswersInTheCall "answers_in_the_call" "A short run is answered within the call that asks for it."
    BatchPrice "batch_price" "Tokens cost half in a batch, whose results may take 24 hours."
    WindowPrice "window_price" "Tokens cost less than now if the run may take as long as its window."
    FlexPrice "flex_price" "Tokens cost half in the flex tier, and the provider refuses the run while it is busy."
    FasterTier "faster_tier" "The tier answers sooner, for a higher price."
}

impl AlternativeReason {
    /// What speaks for this way, whatever the lane.
    pub const fn of(way: Way) -> Self {
        match way {
            Way::Ultrafast | Way::Priority => Self::FasterTier,
            Way::Now => Self::StartsAtOnce,
            Way::Flex => Self::FlexPrice,
            Way::Within(_) => Self::WindowPrice,
            Way::Batch => Self::BatchPrice,
        }
    }
}

impl Alternative {
    /// `None` where it has no price to compare. Without any price, only lanes are compared.
    pub fn new(lane: Lane, way: Way, reason: AlternativeReason, chosen: Way, prices: &Prices) -> Option<Self> {
        let is_another_lane = matches!(way, Way::Now | Way::Batch);
        let difference = match (prices.get(chosen), prices.get(way)) {
            (Some(chosen), Some(other)) if other < chosen => {
                Some(Difference::Saves(Usd::from_pico(chosen.pico().saturating_sub(other.pico()))))
            }
            (Some(chosen), Some(other)) => {
                Some(Difference::Costs(Usd::from_pico(other.pico().saturating_sub(chosen.pico()))))
            }
            _ => None,
        };
        (is_another_lane || difference.is_some()).then_some(Self { lane, way, reason, difference })
    }

    /// Whether its lane runs.
    pub const fn is_available(&self) -> bool {
        self.lane.runs()
    }
}
