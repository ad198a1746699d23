//! People with controls: submitters, an operator and a reviewer cancel, retry, escalate and archive, some twice, late, or without
//! the right to.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::job::Transition;
use domain::people::control::Control;
use domain::value::id::{JobId, Principal, WorkspaceId};
use domain::value::member::{Member, Role};

use super::{Event, World};

/// Operator of both workspaces.
pub const OPERATOR: &str = "otto";

/// How long somebody takes to act, at most.
const PATIENCE: Duration = Duration::from_secs(90);

/// A control on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub workspace: WorkspaceId,
    pub id: JobId,
    pub principal: String,
    pub control: Control,
    pub seen: Option<u32>,
    pub key: Option<String>,
}

impl World {
    pub(super) fn appoint_operator(&self) {
        for workspace in ["acme", "rival"] {
            let (Ok(workspace), Ok(principal)) = (WorkspaceId::parse(workspace), Principal::parse(OPERATOR)) else {
                continue;
            };
            let roles = BTreeSet::from([Role::Operator]);
            let now = self.shared.executor.now();
            self.shared.store.put_member(
                &workspace,
                Member { principal, roles, issuer: None, active: true, name: None },
                now,
            );
        }
    }

    /// Whoever sees a job move may do something about it; nobody does once faults have stopped.
    pub(super) fn tell_operators(&mut self, changes: &[Transition]) {
        for change in changes {
            while self.strikes(self.fault_rates.orders) {
                let order = self.draw_order(change);
                // Pressed again, as people do.
                while self.strikes(2_500) {
                    self.set_in(self.shared.executor.between(Duration::ZERO, PATIENCE), Event::Order(order.clone()));
                }
                self.set_in(self.shared.executor.between(Duration::ZERO, PATIENCE), Event::Order(order));
            }
        }
    }

    fn draw_order(&self, change: &Transition) -> Order {
        let job = &change.job;
        self.shared.executor.roll(|rng| {
            let principal = match rng.u8(0..8) {
                0..5 => job.created_by.as_str(),
                5 | 6 => OPERATOR,
                // A reviewer sees every job.
                _ if rng.bool() => "rita",
                _ => "bob",
            };
            let control = match (job.state.is_terminal(), rng.u8(0..8)) {
                (true, 0..4) | (false, 0) => Control::Retry,
                (true, 4 | 5) | (false, 1) => Control::Archive,
                (_, 6) => Control::Escalate,
                _ => Control::Cancel,
            };
            let key = rng.bool().then(|| format!("key {}", rng.u8(0..4)));
            let seen = (key.is_none() || rng.bool()).then(|| job.version.saturating_sub(u32::from(rng.u8(0..8) == 0)));
            Order {
                workspace: job.workspace.clone(),
                id: job.id.clone(),
                principal: principal.to_owned(),
                control,
                seen,
                key,
            }
        })
    }
}
