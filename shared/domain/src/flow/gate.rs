//! Gate: a call to the provider leaves through its circuit's breaker, and what it showed is noted there.

use serde_json::Value;

use super::FlowContext;
use crate::port::{Clock, JobStore, Lookup, Payloads, Provider, WriteOutcome};
use crate::provider::breaker::{Breaker, Circuit, Pass, Verdict};
use crate::provider::{Answer, Owner};
use crate::value::failure::{Class, Failure};
use crate::value::id::ResponseId;

/// The breaker to pass through, or `None` while the circuit is parked.
pub(super) async fn pass(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    circuit: Circuit,
) -> Result<Option<Breaker>, Failure> {
    let seen = desk.store.breaker(circuit).await?;
    Ok(match seen.pass(&desk.setting.timing, desk.clock.now()) {
        Pass::Free => Some(seen),
        Pass::Probe(probe) => (desk.store.put_breaker(&probe).await? == WriteOutcome::Committed).then_some(probe),
        Pass::Parked => None,
    })
}

/// Notes what a call showed. A note that is lost is told again by the next call.
pub(super) async fn note(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    breaker: &Breaker,
    verdict: Verdict,
) {
    let mut seen = breaker.clone();
    while let Some(next) = seen.after(verdict, &desk.setting.timing, desk.clock.now()) {
        let Ok(WriteOutcome::Conflict) = desk.store.put_breaker(&next).await else { break };
        // Somebody else's came first: another probe, or another call's. What a slow answer showed counts all the same.
        match desk.store.breaker(breaker.circuit).await {
            Ok(newer) if newer.version > seen.version => seen = newer,
            Ok(_) | Err(_) => break,
        }
    }
}

/// One look. What is about another job than the one that it is for is nothing that the provider has for that one.
pub(super) async fn look(
    desk: &FlowContext<'_, impl JobStore, impl Payloads, impl Clock>,
    provider: &impl Provider,
    breaker: &Breaker,
    id: &ResponseId,
    owner: Option<Owner<'_>>,
    tools: &[Value],
) -> Result<Lookup, Failure> {
    let looked = provider.get_with(id, tools).await;
    match &looked {
        Ok(_) => note(desk, breaker, Verdict::Answered).await,
        Err(failure) if failure.class == Class::Transient => note(desk, breaker, Verdict::Failed).await,
        // The provider is well, and does not want us.
        Err(_) => {}
    }
    let is_another_jobs =
        |answer: &Answer| owner.is_some_and(|owner| answer.is_of_another_job(&desk.setting.deployment, owner));
    match looked {
        Ok(Lookup::Found(answer)) if is_another_jobs(&answer) => Ok(Lookup::Missing),
        looked => looked,
    }
}
