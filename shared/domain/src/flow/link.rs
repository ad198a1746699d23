//! Link: a way to the provider's own bytes for whoever may read them and gets an answer that these do not fit into.

use crate::contract::result::{ResultView, SignedLink};
use crate::port::{Clock, Links};
use crate::value::failure::Failure;

/// Puts a link into a result whose bytes are too large to go along. Of those that its reader may not read there is none.
pub async fn add(links: &impl Links, clock: &impl Clock, view: &mut ResultView) -> Result<(), Failure> {
    if let Some(raw) = view.raw.as_mut().filter(|raw| raw.is_large()) {
        raw.link = links.link(&raw.place, clock.now()).await?;
    }
    Ok(())
}

/// The same for a part that is too large by itself.
pub async fn to_raw(
    links: &impl Links,
    clock: &impl Clock,
    mut view: ResultView,
) -> Result<Option<SignedLink>, Failure> {
    add(links, clock, &mut view).await?;
    Ok(view.raw.and_then(|raw| raw.link))
}
