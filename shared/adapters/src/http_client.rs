//! The HTTP client behind every call to a server outside AWS: one connection a call, nothing repeated, nothing followed.

use std::time::Duration;

use reqwest::{Client, ClientBuilder};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn builder() -> ClientBuilder {
    Client::builder()
        .http1_only()
        .retry(reqwest::retry::never())
        // What is behind a redirect was never named as a target.
        .redirect(reqwest::redirect::Policy::none())
        // A frozen sandbox wakes up with dead connections, and a create call sent into one counts as lost. The pool
        // would also repeat a request that an old connection refused.
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("lanekeeper/", env!("CARGO_PKG_VERSION")))
}
