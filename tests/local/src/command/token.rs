//! `cargo local token`: a token for one principal.

use std::error::Error;
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use domain::value::id::{Principal, WorkspaceId};
use local::identity::Identity;

use crate::Token;

/// How long a token from the command line lasts.
pub(crate) const LIFETIME: Duration = Duration::from_secs(12 * 3_600);

pub(crate) fn run(token: &Token) -> Result<(), Box<dyn Error + Send + Sync>> {
    // A token names no workspace: roles come from the member row. The flag is here to say for whom one asks.
    WorkspaceId::parse(&token.workspace)?;
    let principal = Principal::parse(&token.principal)?;
    let data = token.data.folder()?;
    let token = Identity::open(&data)?.token(principal.as_str(), LIFETIME, System.now().seconds())?;
    println!("{token}");
    Ok(())
}
