//! What an AWS error means to whoever made the call.

use std::error::Error;
use std::fmt::Debug;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::value::failure::{Class, Failure};

/// Codes that the same call will meet again.
const PERMANENT: [&str; 6] = [
    "AccessDenied",
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
];

/// Whether the same call may work another time.
pub(crate) fn class(code: Option<&str>) -> Class {
    if code.is_some_and(|code| PERMANENT.contains(&code)) { Class::Permanent } else { Class::Transient }
}

pub(crate) fn failure<E, R>(what: &'static str, error: SdkError<E, R>) -> Failure
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    match class(error.code()) {
        Class::Transient => Failure::transient(what, error),
        class => Failure::of(class, what, error),
    }
}
