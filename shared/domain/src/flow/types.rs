//! Types: the policies that a workspace can create jobs of, and the versions that an admin adds.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{Break, Continue};

use super::retry::retry_on_conflict;
use super::{Caller, FlowContext, FlowError, Ports, admin, member};
use crate::contract::request::tools::SecretPlace;
use crate::contract::request::{error_at, job_type as given};
use crate::policy::job_type::{self, JobType};
use crate::port::{Clock, WorkspaceReader, Workspaces, WriteOutcome};
use crate::value::failure::Failure;
use crate::value::id::{TypeName, WorkspaceId};

/// The latest version of every type, by name: the workspace's own, and what ships where it has none.
pub async fn list(reader: &impl WorkspaceReader, caller: &Caller) -> Result<Vec<JobType>, FlowError> {
    member(reader, caller).await?;
    let shipped = job_type::SHIPPED.iter().filter_map(|name| job_type::shipped(name));
    let own = reader.job_types(&caller.workspace).await?;
    let types: BTreeMap<_, _> = shipped.chain(own).map(|it| (it.name.clone(), it)).collect();
    Ok(types.into_values().collect())
}

/// A type in this version, or else in its latest.
pub async fn get(
    reader: &impl WorkspaceReader,
    caller: &Caller,
    name: &str,
    version: Option<u32>,
) -> Result<JobType, FlowError> {
    member(reader, caller).await?;
    let name = TypeName::parse(name).map_err(|_| FlowError::NotFound)?;
    let found = match (version, job_type::shipped(name.as_str())) {
        (None, _) => latest(reader, &caller.workspace, &name).await?,
        (Some(version), Some(shipped)) if shipped.version == version => Some(shipped),
        (Some(_), _) => reader.job_type(&caller.workspace, &name, version).await?,
    };
    found.ok_or(FlowError::NotFound)
}

/// What a job is created with now.
pub(super) async fn latest(
    reader: &impl WorkspaceReader,
    workspace: &WorkspaceId,
    name: &TypeName,
) -> Result<Option<JobType>, Failure> {
    let own = reader.job_type(workspace, name, None).await?;
    Ok(own.or_else(|| job_type::shipped(name.as_str())))
}

/// Adds a version that says what the body says, unless the latest one does.
pub async fn set(
    flow: &FlowContext<'_, impl Ports>,
    caller: &Caller,
    name: &str,
    body: &[u8],
) -> Result<JobType, FlowError> {
    let (store, timing) = (flow.store, &flow.setting.timing);
    retry_on_conflict("set the job type", (), |_, ()| async move {
        // Before the type is read: whoever adds a version meanwhile makes this one stale.
        let workspace = store.workspace(&caller.workspace).await?;
        let (has_row, _) = admin(store, caller, "Only an admin sets a job type.").await?;
        let name =
            TypeName::parse(name).map_err(|error| FlowError::Invalid(vec![error_at("name", &error.to_string())]))?;
        let latest = latest(store, &caller.workspace, &name).await?;
        let version = latest.as_ref().map_or(1, |latest| latest.version.saturating_add(1));
        let secrets = SecretPlace::new(&flow.setting.deployment, &caller.workspace);
        let wanted =
            given::parse(&name, version, body, timing, &secrets, &flow.setting.prices).map_err(FlowError::Invalid)?;
        if let Some(latest) = latest.filter(|latest| latest.same_content(&wanted)) {
            return Ok(Break(latest));
        }
        let change = workspace.set_type(wanted.clone(), &caller.principal, flow.clock.now()).map_err(Failure::from)?;
        if store.change_workspace(&change, has_row.then_some(&caller.principal)).await? == WriteOutcome::Committed {
            return Ok(Break(wanted));
        }
        Ok(Continue(()))
    })
    .await
}
