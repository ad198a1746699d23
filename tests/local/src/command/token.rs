//! `cargo local token`: a token for one principal.

use std::error::Error;

use adapters::system::System;
use domain::port::Clock as _;
use domain::value::id::{Principal, WorkspaceId};
use local::identity::Identity;
pub(crate) use local::login::LIFETIME;

use crate::Token;

pub(crate) fn run(token: &Token) -> Result<(), Box<dyn Error + Send + Sync>> {
    // A token names no workspace: roles come from the member row. The flag is here to say for whom one asks.
    WorkspaceId::parse(&token.workspace)?;
    let principal = Principal::parse(&token.principal)?;
    let data = token.data.folder()?;
    let token = Identity::open(&data)?.token(principal.as_str(), LIFETIME, System.now().seconds())?;
    println!("{token}");
    Ok(())
}
