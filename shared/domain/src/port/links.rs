//! Links that open one stored object for a short while, for what is too large to go through an answer.

use std::time::Duration;

use crate::contract::result::{RawPlace, SignedLink};
use crate::value::failure::Failure;
use crate::value::time::Timestamp;

/// For how long a link opens anything.
pub const LINK_LIFETIME: Duration = Duration::from_secs(300);

/// Whoever has such a link reads the object without a token: it is made for those who may read it, when they ask.
pub trait Links {
    /// `None` where the bytes lie in no object.
    async fn link(&self, place: &RawPlace, now: Timestamp) -> Result<Option<SignedLink>, Failure>;
}
