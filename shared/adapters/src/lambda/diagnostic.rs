//! Errors with their whole cause, as a function's log and the runtime tell them.

use std::error::Error;

use domain::value::failure::{Class, Failure};
use lambda_runtime::Diagnostic;

/// An error with its causes, outermost first.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What the runtime logs about a failed invocation, once. The type is what an alarm can match on.
pub fn of(failure: Failure) -> Diagnostic {
    Diagnostic {
        error_type: match failure.class {
            Class::Transient => "Transient".to_owned(),
            Class::Permanent => "Permanent".to_owned(),
            Class::Altered => "Altered".to_owned(),
        },
        error_message: chain(&failure),
    }
}
