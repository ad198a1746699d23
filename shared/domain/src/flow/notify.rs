//! Notify: tell people of an event, once, although its message may come many times.

use std::time::Duration;

use crate::event::notice::Notice;
use crate::event::published::Published;
use crate::port::{Claim, Clock, NoticeLedger, Notifier};
use crate::value::failure::Failure;

/// How long one delivery keeps the others away. Longer than `notify` may run, and shorter than its queues hide a message:
/// what a dead process left is free when its message comes again.
pub const LEASE: Duration = Duration::from_secs(60);

/// What came of one delivery.
#[derive(Debug)]
#[must_use]
pub enum Told {
    Now,
    /// An earlier delivery did it.
    Before,
    /// People know, and the row does not: a repeat would tell them again.
    Unmarked(Failure),
}

/// Tells people of an event, with links below `base`. Sent before it is marked: a process that dies between the two tells
/// them twice, and never not at all.
pub async fn notify(
    notices: &impl NoticeLedger,
    notifier: &impl Notifier,
    clock: &impl Clock,
    base: &str,
    event: &Published,
) -> Result<Told, Failure> {
    const WHAT: &str = "tell people of the event";
    let notice = Notice::of(event, base).ok_or_else(|| Failure::permanent(WHAT, "nobody is told of this kind"))?;
    let job = (&event.workspace, &event.job_id);
    match notices.claim(job, event.version, clock.now(), LEASE).await? {
        Claim::Done => return Ok(Told::Before),
        Claim::Busy => return Err(Failure::transient(WHAT, "another delivery of it is under way")),
        Claim::Mine => {}
    }
    notifier.notify(&notice).await?;
    // To fail here would bring the message back, and that would surely tell them twice.
    Ok(match notices.done(job, event.version, clock.now()).await {
        Ok(()) => Told::Now,
        Err(failure) => Told::Unmarked(failure),
    })
}
