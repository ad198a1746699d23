//! Create: accept a job once, durably, however many callers race.

use super::{Caller, FlowContext, FlowError, Ports, member, types};
use crate::contract::request::asked::{self, Asked};
use crate::contract::request::{self, CreateRequest, error_at, otherwise};
use crate::job::delivery;
use crate::job::record::{Actor, Cause};
use crate::job::{Job, NewJob, PayloadRef, TransitionContext};
use crate::people::review;
use crate::policy::cost::{Rates, Usd};
use crate::policy::job_type::JobType;
use crate::policy::lane::{self, Alternative, Lane, LaneReason};
use crate::port::{Clock, Creation, JobReader, Jobs, PayloadKind, Payloads, WorkspaceReader};
use crate::value::failure::Failure;
use crate::value::id::{IdempotencyKey, JobId};
use crate::value::member::{Member, Role};
use crate::value::time::Timestamp;

/// The accepted job. A repeat under the same key gets the same one.
#[derive(Debug)]
pub struct Created {
    pub job: Job,
    pub replayed: bool,
    /// The caller.
    pub member: Member,
    pub policy: JobType,
    /// What the same request could have asked for otherwise.
    pub alternatives: Vec<Alternative>,
}

pub async fn create(
    flow: &FlowContext<'_, impl Ports>,
    caller: &Caller,
    key: Option<&IdempotencyKey>,
    body: &[u8],
) -> Result<Created, FlowError> {
    let member = member(flow.store, caller).await?;
    if !member.roles.contains(&Role::Submitter) {
        return Err(FlowError::Forbidden("creating a job takes the role submitter"));
    }
    let request = request::parse(body).map_err(FlowError::Invalid)?;
    let id = match key {
        Some(key) => {
            JobId::derived(&flow.setting.deployment, &caller.workspace, (caller.issuer, &caller.principal), key)
        }
        None => JobId::random(flow.clock.nonce()),
    };
    // A repeat gets its job even when the same request would be refused by now.
    if key.is_some()
        && let Some(existing) = flow.store.job(&caller.workspace, &id).await?
    {
        return replay(flow, existing, &request, member).await;
    }

    let policy = types::latest(flow.store, &caller.workspace, &request.job_type)
        .await?
        .ok_or_else(|| FlowError::Invalid(vec![error_at("type", "is not a job type of this workspace")]))?;
    if !policy.is_understood() {
        let message = "was set by a newer release, which creates its jobs";
        return Err(FlowError::Invalid(vec![error_at("type", message)]));
    }
    let (lane, lane_reasons) = lane_of(&request, &policy)?;
    let now = flow.clock.now();
    let attempt_cost = check(&request, &policy, flow.setting.rates(), now)?;

    if delivery::may_ask(lane, &policy) {
        let barred = [Some(&caller.principal), request.on_behalf_of.as_ref()];
        let members = flow.store.members(&caller.workspace).await?;
        if !review::has_reviewers(lane, &policy, barred, &members) {
            return Err(FlowError::NoReviewerLeft);
        }
    }
    let input = flow.payloads.put((&caller.workspace, &id), PayloadKind::Input, request.canonical.as_bytes()).await?;
    let draft = NewJob {
        workspace: caller.workspace.clone(),
        id,
        lane,
        lane_reasons,
        created_by: caller.principal.clone(),
        issuer: Some(caller.issuer),
        on_behalf_of: request.on_behalf_of.clone(),
        complete_by: request.deadline,
        summary: request.summary.clone(),
        tags: request.tags.clone(),
        input,
        attempt_cost,
    };
    let actor = Actor::principal(&caller.principal);
    let context = TransitionContext { actor: &actor, now, ..flow.context(&policy, Cause::Request) };
    let change = Job::create(draft, &context).map_err(Failure::from)?;
    match flow.store.create(&change).await? {
        Creation::Created => Ok(created(flow, change.job, &request, member, policy)),
        // Another caller with the same key was faster.
        Creation::Existing(existing) => replay(flow, *existing, &request, member).await,
    }
}

async fn replay(
    flow: &FlowContext<'_, impl Ports>,
    existing: Job,
    request: &CreateRequest,
    member: Member,
) -> Result<Created, FlowError> {
    if existing.input == PayloadRef::of(request.canonical.as_bytes()) {
        let policy = super::policy(flow.store, &existing).await?;
        let repeated = created(flow, existing, request, member, policy);
        Ok(Created { replayed: true, ..repeated })
    } else {
        Err(FlowError::KeyReused)
    }
}

/// The alternatives are those of the moment when the job was created, so that a repeat answers the same.
fn created(
    flow: &FlowContext<'_, impl Ports>,
    job: Job,
    request: &CreateRequest,
    member: Member,
    policy: JobType,
) -> Created {
    let alternatives = otherwise::alternatives(request, &policy, job.lane, flow.setting.rates(), job.created_at);
    Created { job, replayed: false, member, policy, alternatives }
}

fn lane_of(request: &CreateRequest, policy: &JobType) -> Result<(Lane, Vec<LaneReason>), FlowError> {
    let effects: Vec<_> = policy.effects.iter().chain(&request.effects).copied().collect();
    let (lane, reasons) = lane::for_job(policy.lane, &effects, &policy.pre_approved_effects);
    if request.lane.is_some_and(|asked| asked != lane) {
        return Err(FlowError::LaneContradiction(reasons));
    }
    if lane == Lane::Batch {
        return Err(FlowError::LaneUnavailable);
    }
    Ok((lane, reasons))
}

/// What one attempt may come to at most, if nothing is wrong with it.
fn check(
    request: &CreateRequest,
    policy: &JobType,
    rates: Rates<'_>,
    now: Timestamp,
) -> Result<Option<Usd>, FlowError> {
    let CreateRequest { input, overrides, flexible, deadline, .. } = request;
    let patience = deadline.map(|deadline| deadline.since(now));
    let mut errors = asked::check(policy, overrides, *flexible, patience);
    errors.extend(request::input::check(input, &policy.input_items));
    if deadline.is_some_and(|deadline| deadline <= now) {
        errors.push(error_at("deadline", "must lie in the future"));
    }
    let asked = Asked::of(policy, overrides, *flexible, patience);
    if errors.is_empty() {
        errors.extend(asked.refusal(policy, (input, overrides), rates, now));
    }
    if errors.is_empty() { Ok(asked.most(policy, input, rates, now)) } else { Err(FlowError::Invalid(errors)) }
}
