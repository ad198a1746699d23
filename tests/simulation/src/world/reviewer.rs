//! Reviewers: they decide about what waits, some of it wrongly, twice, late, or with a role that is taken from them.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::job::{State, Transition};
use domain::people::review::Action;
use domain::value::id::{Digest, JobId, Principal, WorkspaceId};
use domain::value::member::{Member, Role};

use super::{Event, World};

/// Beside the submitters, of whom one is a reviewer too.
pub const REVIEWERS: [&str; 3] = ["rita", "remy", "alice"];

/// How long a reviewer takes, at most.
const PATIENCE: Duration = Duration::from_secs(90);

/// A decision on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub workspace: WorkspaceId,
    pub id: JobId,
    pub principal: &'static str,
    pub action: Action,
    pub digest: Digest,
    pub seen: u32,
    pub number: u64,
}

impl World {
    pub(super) fn appoint_reviewers(&self) {
        for name in REVIEWERS {
            self.appoint("acme", name, true);
            self.appoint("rival", name, true);
        }
    }

    fn appoint(&self, workspace: &str, name: &str, is_reviewer: bool) {
        let (Ok(workspace), Ok(principal)) = (WorkspaceId::parse(workspace), Principal::parse(name)) else { return };
        let mut roles = BTreeSet::from([Role::Submitter]);
        roles.extend(is_reviewer.then_some(Role::Reviewer));
        let now = self.shared.executor.now();
        self.shared.store.put_member(
            &workspace,
            Member { principal, roles, issuer: None, active: true, name: None },
            now,
        );
    }

    /// Whoever hears that something waits may come and decide; nobody does once faults have stopped.
    pub(super) fn tell_reviewers(&mut self, changes: &[Transition]) {
        for change in changes.iter().filter(|change| waits(change.job.state)) {
            while self.strikes(self.fault_rates.reviews) {
                let decision = self.draw_decision(change);
                let in_a_while = self.shared.executor.between(Duration::ZERO, PATIENCE);
                if self.strikes(self.fault_rates.revokes) {
                    // While the decision is on its way through the ports.
                    let on_the_way = self.shared.executor.between(Duration::ZERO, 3 * self.fault_rates.latency);
                    self.set_in(in_a_while + on_the_way, Event::Appoint(decision.principal, false));
                    self.set_in(in_a_while + PATIENCE, Event::Appoint(decision.principal, true));
                }
                self.set_in(in_a_while, Event::Decide(decision));
            }
        }
    }

    fn draw_decision(&self, change: &Transition) -> Decision {
        let job = &change.job;
        self.shared.executor.roll(|rng| {
            let odd = |rng: &mut fastrand::Rng| rng.u8(0..8) == 0;
            // Edits of edits are rare enough.
            let action = match rng.u8(0..8) {
                0..3 => Action::Approve,
                3..6 => Action::Edit,
                6 => Action::Reject,
                _ => Action::RequestChanges,
            };
            let digest = job.result.map_or(Digest::ZERO, |result| result.stored.digest);
            Decision {
                workspace: job.workspace.clone(),
                id: job.id.clone(),
                principal: rng.choice(REVIEWERS).unwrap_or("rita"),
                action,
                digest: if odd(rng) { Digest::ZERO } else { digest },
                seen: if odd(rng) { job.version.saturating_sub(1) } else { job.version },
                number: rng.u64(..),
            }
        })
    }

    pub(super) fn appoint_everywhere(&self, name: &str, is_reviewer: bool) {
        self.appoint("acme", name, is_reviewer);
        self.appoint("rival", name, is_reviewer);
    }
}

fn waits(state: State) -> bool {
    matches!(state, State::AwaitingDecision | State::AwaitingAction)
}
