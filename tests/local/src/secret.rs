//! A webhook secret that nobody else knows: it signs the simulator's webhooks for as long as this process lives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::port::Clock;

/// `whsec_` and the base64 of 32 random bytes.
pub fn fresh(clock: &impl Clock) -> String {
    let key = [clock.nonce().0, clock.nonce().0].concat();
    format!("whsec_{}", STANDARD.encode(key))
}
