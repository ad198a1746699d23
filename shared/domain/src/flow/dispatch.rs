//! Dispatch: what became due, each to the queue of the function that does it.

use std::time::Duration;

use crate::port::{PollMessage, PollQueue, SubmitMessage, SubmitQueue};
use crate::value::failure::Failure;

/// A message for one of the queues.
#[derive(Debug, Clone)]
pub(super) enum Due {
    Submit(SubmitMessage),
    Poll(PollMessage),
}

/// Sends each to its queue. One result for each, in order.
pub(super) async fn send(queues: &(impl SubmitQueue + PollQueue), due: &[(Due, Duration)]) -> Vec<Result<(), Failure>> {
    let (mut submits, mut polls) = (Vec::new(), Vec::new());
    for (due, delay) in due {
        match due {
            Due::Submit(message) => submits.push((message.clone(), *delay)),
            Due::Poll(message) => polls.push((message.clone(), *delay)),
        }
    }
    let submitted = if submits.is_empty() { Vec::new() } else { queues.send_submits(&submits).await };
    let polled = if polls.is_empty() { Vec::new() } else { queues.send_polls(&polls).await };
    let (mut submitted, mut polled) = (submitted.into_iter(), polled.into_iter());
    let outcome = |due: &Due| match due {
        Due::Submit(_) => submitted.next(),
        Due::Poll(_) => polled.next(),
    };
    let unanswered = || Err(Failure::transient("send the message", "the queue said nothing of it"));
    due.iter().map(|(due, _)| due).map(outcome).map(|outcome| outcome.unwrap_or_else(unanswered)).collect()
}
