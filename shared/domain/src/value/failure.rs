//! The failure that any port may answer with.

use std::error::Error;

/// The one failure a port may answer with. The cause is boxed so that the rules need not know any SDK.
#[derive(Debug, thiserror::Error)]
#[error("could not {what}")]
pub struct Failure {
    pub what: &'static str,
    pub class: Class,
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}

/// What the caller of a failed port may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The same again may work.
    Transient,
    /// The same again will fail again.
    Permanent,
    /// A row is not what its record says; nothing may rest on it.
    Altered,
}

impl Failure {
    pub fn of(class: Class, what: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what, class, cause: cause.into() }
    }

    pub fn transient(what: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(Class::Transient, what, cause)
    }

    pub fn permanent(what: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(Class::Permanent, what, cause)
    }
}
