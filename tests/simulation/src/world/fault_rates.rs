//! What a seed makes of its world: rates, delays, clocks, and when it all ends.

use std::time::Duration;

use domain::value::time::{Timestamp, Timing};
use fastrand::Rng;

use super::{Event, START};
use crate::faults::{Function, Rates};
use crate::provider::Moods;

/// Which faults there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Everything,
    /// The provider is fine and every webhook is lost.
    WebhooksLost,
    /// The provider is fine and every webhook comes a hundred times, in no order.
    WebhooksRepeated,
}

/// Members of the two workspaces; each may submit.
pub(super) const PEOPLE: [(&str, &str); 4] =
    [("acme", "alice"), ("acme", "bob"), ("rival", "mallory"), ("rival", "alice")];

/// Rates are of 10,000.
#[derive(Debug, Clone)]
pub(super) struct FaultRates {
    pub timing: Timing,
    /// How often the schedule fires.
    pub every: Duration,
    pub visibility: Duration,
    pub latency: Duration,
    pub rates: Rates,
    pub provider: Moods,
    pub skews_ms: [i64; 7],
    /// When faults stop.
    pub calm: Timestamp,
    pub events: Vec<(Timestamp, Event)>,
    pub message_twice: u32,
    pub message_late: u32,
    pub message_again: u32,
    pub hook_lost: u32,
    pub hook_twice: u32,
    pub hook_hundredfold: u32,
    pub hook_late: u32,
    pub hook_odd: u32,
    pub tick_fails: u32,
    pub tick_twice: u32,
    pub client_odd: u32,
    pub reviews: u32,
    pub revokes: u32,
    pub orders: u32,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

impl FaultRates {
    pub(super) fn draw(profile: Profile, rng: &mut Rng) -> Self {
        let is_aws = profile != Profile::Everything || rng.bool();
        let mut quiet = Self {
            timing: if is_aws { Timing::aws() } else { Timing::local() },
            every: if is_aws { MINUTE } else { Duration::from_secs(5) },
            visibility: Duration::from_secs(if is_aws { 360 } else { 90 }),
            latency: Duration::from_millis([20, 200, 1_500].get(rng.usize(0..3)).copied().unwrap_or(20)),
            rates: Rates::default(),
            provider: Moods::default(),
            skews_ms: [0; 7],
            calm: START + 2 * HOUR,
            events: Vec::new(),
            message_twice: 0,
            message_late: 0,
            message_again: 0,
            hook_lost: 0,
            hook_twice: 0,
            hook_hundredfold: 100,
            hook_late: 0,
            hook_odd: 0,
            tick_fails: 0,
            tick_twice: 0,
            client_odd: 0,
            reviews: 0,
            revokes: 0,
            orders: 0,
        };
        if profile == Profile::WebhooksLost {
            (quiet.hook_lost, quiet.orders) = (10_000, 500);
            quiet.provider.odd_lengths = true;
            return quiet;
        }
        if profile == Profile::WebhooksRepeated {
            (quiet.hook_twice, quiet.hook_hundredfold) = (10_000, 10_000);
            return quiet;
        }
        let mut rate = |most: u32| if rng.bool() { rng.u32(0..=most) } else { 0 };
        quiet.provider = Moods {
            refuses: rate(3_000),
            ends_badly: rate(6_000),
            deaf: rate(5_000),
            masks: rate(3_000),
            hangs: rate(3_000),
            odd_lengths: false,
        };
        quiet.provider.odd_lengths = quiet.provider.ends_badly > 0;
        (quiet.message_twice, quiet.message_late, quiet.message_again) = (rate(2_000), rate(2_000), rate(1_000));
        (quiet.hook_lost, quiet.hook_twice) = (rate(10_000), rate(3_000));
        (quiet.hook_late, quiet.hook_odd) = (rate(4_000), rate(3_000));
        (quiet.tick_fails, quiet.tick_twice, quiet.client_odd) = (rate(5_000), rate(3_000), rate(5_000));
        (quiet.reviews, quiet.revokes, quiet.orders) = (rate(9_000), rate(5_000), rate(1_500));
        // One in eight has no fault at its ports.
        quiet.rates = if rng.u8(0..8) == 0 { Rates::default() } else { Rates::swarm(rng) };
        if quiet.rates.want_lost_runs() {
            quiet.provider.masks = 9_000;
        }
        if quiet.rates.want_reviewers() {
            (quiet.reviews, quiet.orders) = (8_000, 1_500);
        }
        if rng.u8(0..3) == 0 {
            quiet.skews_ms = std::array::from_fn(|_| rng.i64(-600_000..=600_000));
        }
        let lasts = match rng.u8(0..8) {
            0 | 1 => MINUTE,
            2 | 3 => 10 * MINUTE,
            4 | 5 => 30 * MINUTE,
            6 => 90 * MINUTE,
            _ => 3 * HOUR,
        };
        quiet.calm = START + lasts + Duration::from_millis(rng.u64(0..60_000));
        let mut within = || START + Duration::from_millis(rng.u64(0..60_000) * lasts.as_secs() / 60);
        let (off, on, leap) = (within(), within(), within());
        match rng.u8(0..12) {
            0 | 1 => quiet.events.extend([(off, Event::StreamIsOff(true)), (on, Event::StreamIsOff(false))]),
            2 => quiet.events.extend([(off, Event::StreamIsOff(true)), (leap, Event::Leap(25 * HOUR))]),
            3 => quiet.events.push((leap, Event::Leap(25 * HOUR))),
            // Past every retention.
            4 => quiet.events.push((leap, Event::Leap(24 * 31 * HOUR))),
            _ => {}
        }
        quiet
    }

    /// How wrong the clock of a function is, in milliseconds.
    pub(super) fn skew(&self, function: Function) -> i64 {
        self.skews_ms.get(function as usize).copied().unwrap_or(0)
    }
}
