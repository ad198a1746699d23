//! Trust: a decision rests on what the records say of its people, and not on a row that somebody wrote by hand.

use std::ops::ControlFlow::{Break, Continue};

use super::FlowError;
use super::retry::{retry_on_conflict, while_in_conflict};
use crate::job::record::SealedRecord;
use crate::people::workspace::Standing;
use crate::port::WorkspaceReader;
use crate::value::failure::Failure;
use crate::value::id::{Principal, WorkspaceId};

/// What the records say, as long as their chain holds and says of these people what their rows do.
pub(super) async fn standing(
    reader: &impl WorkspaceReader,
    workspace: &WorkspaceId,
    people: &[Principal],
) -> Result<Standing, FlowError> {
    retry_on_conflict("read the workspace", (), |_, ()| async move {
        let (trail, version, is_chain) = whole(reader, workspace).await?;
        let standing = Standing::of(&trail);
        let mut differs = !is_chain;
        for principal in people {
            differs |= reader.member(workspace, principal).await?.as_ref() != standing.members.get(principal);
        }
        if !differs {
            return Ok(Break(standing));
        }
        // Unless somebody has changed it meanwhile, as they may.
        if reader.workspace(workspace).await?.version == version {
            return Err(FlowError::Altered);
        }
        Ok(Continue(()))
    })
    .await
}

/// The trail of a workspace up to its row, the row's version, and whether the chain holds.
async fn whole(
    reader: &impl WorkspaceReader,
    workspace: &WorkspaceId,
) -> Result<(Vec<SealedRecord>, u32, bool), Failure> {
    let row = reader.workspace(workspace).await?;
    let mut trail = reader.workspace_trail(workspace).await?;
    // Records that came after the row was read are not a break.
    trail.truncate(usize::try_from(row.version).unwrap_or(usize::MAX));
    let is_chain = row.chain_intact(&trail);
    Ok((trail, row.version, is_chain))
}

/// The trail, and which rows are not what it says last of them; `None` where its chain does not hold.
pub(super) async fn compared(
    reader: &impl WorkspaceReader,
    workspace: &WorkspaceId,
) -> Result<(Vec<SealedRecord>, Option<Vec<String>>), FlowError> {
    let seen = while_in_conflict(None, |_, _| async move {
        let (trail, version, is_chain) = whole(reader, workspace).await?;
        let (members, types) = (reader.members(workspace).await?, reader.type_digests(workspace).await?);
        let altered = Standing::of(&trail).altered(&members, &types);
        let is_settled = altered.is_empty() || reader.workspace(workspace).await?.version == version;
        let seen = (trail, is_chain.then_some(altered));
        Ok::<_, FlowError>(if is_settled { Break(seen) } else { Continue(Some(seen)) })
    });
    match seen.await? {
        Break(seen) => Ok(seen),
        // Others kept changing it: as it was last.
        Continue(seen) => seen.ok_or(FlowError::NotFound),
    }
}
