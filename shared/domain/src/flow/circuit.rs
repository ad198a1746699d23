//! Gate: a call to the provider leaves through its circuit's breaker, and what it showed is noted there.

use std::ops::ControlFlow::{Break, Continue};

use serde_json::Value;

use super::retry::while_in_conflict;
use super::{FlowContext, Ports};
use crate::port::{CircuitReader, Circuits, Clock, Lookup, Provider, WriteOutcome};
use crate::provider::breaker::{Breaker, CallOutcome, Circuit, Pass};
use crate::provider::{Owner, ProviderResponse};
use crate::value::failure::{Class, Failure};
use crate::value::id::ResponseId;

/// The breaker to pass through, or `None` while the circuit is parked.
pub(super) async fn pass(flow: &FlowContext<'_, impl Ports>, circuit: Circuit) -> Result<Option<Breaker>, Failure> {
    let seen = flow.store.breaker(circuit).await?;
    Ok(match seen.pass(&flow.setting.timing, flow.clock.now()) {
        Pass::Free => Some(seen),
        Pass::Probe(probe) => (flow.store.put_breaker(&probe).await? == WriteOutcome::Committed).then_some(probe),
        Pass::Parked => None,
    })
}

/// Notes what a call showed. A note that is lost is told again by the next call.
pub(super) async fn record_outcome(flow: &FlowContext<'_, impl Ports>, breaker: &Breaker, verdict: CallOutcome) {
    let noted = while_in_conflict(breaker.clone(), |_, seen: Breaker| async move {
        let Some(next) = seen.after(verdict, &flow.setting.timing, flow.clock.now()) else { return Ok(Break(())) };
        if flow.store.put_breaker(&next).await? == WriteOutcome::Committed {
            return Ok(Break(()));
        }
        // Somebody else's came first: another probe, or another call's. What a slow answer showed counts all the same.
        let newer = flow.store.breaker(breaker.circuit).await?;
        if newer.version <= seen.version {
            return Ok(Break(()));
        }
        Ok::<_, Failure>(Continue(newer))
    });
    let _ = noted.await;
}

/// One look. What is about another job than the one that it is for is nothing that the provider has for that one.
pub(super) async fn poll(
    flow: &FlowContext<'_, impl Ports>,
    provider: &impl Provider,
    breaker: &Breaker,
    id: &ResponseId,
    owner: Option<Owner<'_>>,
    tools: &[Value],
) -> Result<Lookup, Failure> {
    let looked = provider.get_with(id, tools).await;
    match &looked {
        Ok(_) => record_outcome(flow, breaker, CallOutcome::Answered).await,
        Err(failure) if failure.class == Class::Transient => record_outcome(flow, breaker, CallOutcome::Failed).await,
        // The provider is well, and does not want us.
        Err(_) => {}
    }
    let is_another_jobs = |answer: &ProviderResponse| {
        owner.is_some_and(|owner| answer.is_of_another_job(&flow.setting.deployment, owner))
    };
    match looked {
        Ok(Lookup::Found(answer)) if is_another_jobs(&answer) => Ok(Lookup::Missing),
        looked => looked,
    }
}
