//! Logs of the local edition: the functions' own JSON lines, on standard error, so that standard output is for people.

use std::io::stderr;

use tracing_subscriber::filter::EnvFilter;

/// `RUST_LOG` says how much; without it `info`, and of the embedded database only errors: a lost claim is no fault.
pub fn to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,dynoxide=error"));
    // A second call finds the first one's subscriber, which serves as well.
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(stderr).try_init();
}
