//! The reckoning: at rest, what clients were told, what the bus saw and what the provider billed has to add up.

use std::collections::BTreeMap;

use domain::event::published::{published, published_change};
use domain::flow::DENIALS;
use domain::job::record::{SealedRecord, chain_intact};
use domain::job::response::ResponseRow;
use domain::job::{EventKind, Job};
use domain::people::workspace::{Workspace, WorkspaceRecord};
use domain::policy::cost::{Cost, CostState, Usd};
use domain::value::id::JobId;

use super::{Asked, Checker, Invariant, Violation, is_at_rest, is_kept, is_readable};
use crate::faulty::Shared;
use crate::provider::Run;

type Verdict = Result<(), Violation>;

fn must(holds: bool, invariant: Invariant, what: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Violation::new(invariant, what())) }
}

impl Checker {
    pub fn at_rest(&mut self, shared: &Shared, asked: &[Asked]) -> Verdict {
        let contradiction = shared.bus.contradiction();
        must(contradiction.is_none(), Invariant::I6, || format!("{contradiction:?} was published with two contents"))?;
        let mut events = 0;
        for verdict in shared.store.all_jobs(|job, trail| one_job(shared, asked, job, trail)) {
            events += verdict?;
        }
        must(events == shared.bus.len(), Invariant::I6, || {
            format!("{} events for {events} records", shared.bus.len())
        })?;
        for (workspace, trail) in shared.store.all_workspaces() {
            one_workspace(shared, &workspace, &trail)?;
        }
        for asked in asked {
            if let Some(id) = &asked.accepted {
                let exists = shared.store.all_jobs(|job, _| job.id == *id && Some(job.input.digest) == asked.digest);
                must(exists.contains(&true), Invariant::I1, || format!("{id} was accepted and is lost"))?;
            }
            let found = shared.store.all_jobs(|job, _| is_answer(asked, job));
            let found = found.into_iter().filter(|found| *found).count();
            let most = if asked.named.is_some() { 1 } else { asked.requests };
            must(found <= usize::try_from(most).unwrap_or(usize::MAX), Invariant::I1, || {
                format!("{found} jobs for {asked:?}")
            })?;
        }
        self.bills(shared)
    }

    /// Every run of ours is known and billed as the provider told it, or could not be discovered by anybody.
    fn bills(&mut self, shared: &Shared) -> Verdict {
        let rows: BTreeMap<_, _> = shared.store.all_responses().into_iter().map(|row| (row.id.clone(), row)).collect();
        let provider = shared.provider.borrow();
        for (id, run) in &provider.runs {
            self.most_looks = self.most_looks.max(run.gets_since);
            match rows.get(id) {
                Some(row) => one_bill(shared, row, run)?,
                None => {
                    let is_denied = run.denied > u32::from(DENIALS);
                    must(!run.heard || is_denied, Invariant::I7, || {
                        let Run { gets, denied, .. } = run;
                        format!("{id} is unknown, its webhook was answered with 200; {gets} GETs, {denied} denied")
                    })?;
                    let is_held = run.holder.as_ref().is_some_and(|(holder, harm)| holder.harm.get() == *harm);
                    // Of what only an id is known, a look has to be answered.
                    let is_hidden = run.is_cut && run.denied > 0;
                    must(!is_held || is_hidden, Invariant::I7, || {
                        format!("{id} is unknown, and a process that nothing happened to had it")
                    })?;
                    self.undiscoverable += 1;
                }
            }
        }
        let foreign = rows.keys().find(|id| !provider.runs.contains_key(*id));
        must(foreign.is_none(), Invariant::I7, || format!("{foreign:?} is no response of the provider"))?;
        let jobs = shared.store.all_jobs(|job, _| (job.id.clone(), job.cost_usd, job.unpriced_responses, job.cost()));
        for (id, usd, open, cost) in jobs {
            one_cost(&id, (usd, open, cost.state), rows.values().filter(|row| row.job == id))?;
        }
        Ok(())
    }
}

/// Every change of its people and types is on the bus.
fn one_workspace(shared: &Shared, workspace: &Workspace, trail: &[SealedRecord]) -> Verdict {
    let id = &workspace.id;
    must(workspace.chain_intact(trail), Invariant::I5, || format!("the chain of {id} is broken"))?;
    must(workspace.due.is_none(), Invariant::I6, || format!("{id} is still to be published"))?;
    for sealed in trail {
        let Ok(record) = WorkspaceRecord::decode(sealed) else { continue };
        let Some(change) = published_change(id, &record, sealed) else { continue };
        must(shared.bus.has_change(&change), Invariant::I6, || format!("{} was not published as it is", change.id))?;
    }
    Ok(())
}

fn is_answer(asked: &Asked, job: &Job) -> bool {
    job.workspace.as_str() == asked.workspace
        && Some(job.input.digest) == asked.digest
        && asked.named.as_ref().is_none_or(|id| *id == job.id)
}

/// Answers how many of its events the bus must have seen.
fn one_job(shared: &Shared, asked: &[Asked], job: &Job, trail: &[SealedRecord]) -> Result<usize, Violation> {
    let id = &job.id;
    must(is_at_rest(job), Invariant::I1, || format!("{id} is {:?} and does not rest", job.state))?;
    must(chain_intact(job, trail), Invariant::I5, || format!("the chain of {id} is broken"))?;
    must(is_readable(shared, job), Invariant::I12, || format!("the result of {id} cannot be read"))?;
    must(asked.iter().any(|asked| is_answer(asked, job)), Invariant::I1, || format!("nobody asked for {id}"))?;
    let mut events = 0;
    for sealed in trail {
        let Ok(record) = sealed.decode() else { continue };
        if let Some(event) = published(&job.workspace, &job.id, &record, sealed) {
            events += 1;
            let same = shared.bus.seen(&event.id, |seen| *seen == event);
            must(same == Some(true), Invariant::I6, || format!("{} was not published as it is", event.id))?;
        }
    }
    Ok(events)
}

/// Whether the attempt took over what an earlier one had lost from sight.
fn was_taken_over(shared: &Shared, row: &ResponseRow) -> bool {
    let trail = shared.store.look(&row.workspace, &row.job).map(|found| found.1.clone()).unwrap_or_default();
    trail.iter().filter_map(|sealed| sealed.decode().ok()).any(|record| {
        record.event == EventKind::Reattached
            && record.attempt == row.attempt
            && record.response.as_ref() == Some(&row.id)
    })
}

fn one_bill(shared: &Shared, row: &ResponseRow, run: &Run) -> Verdict {
    let id = &row.id;
    must(row.settled, Invariant::I7, || format!("{id} is not settled"))?;
    must(run.ends <= shared.executor.now(), Invariant::I7, || format!("{id} still runs"))?;
    let is_own = row.job == run.tag.job && (row.attempt == run.tag.attempt || was_taken_over(shared, row));
    must(is_own, Invariant::I2, || format!("{id} went to another attempt"))?;
    // Denied, or not readable, until nobody asked any more: its cost is what nobody knows.
    let is_kept = shared.store.look(&row.workspace, &row.job).is_some_and(|job| is_kept(shared, &job.0));
    let is_gone = row.usage.is_none() && (run.denied > 0 || !is_kept);
    must(is_gone || run.told.contains(&row.usage), Invariant::I7, || format!("{id}: {:?} was never told", row.usage))?;
    let price = run.price(row.usage).unwrap_or_default();
    let booked = Cost { usd: row.usd, state: row.cost_state };
    let is_unknown = is_gone && booked == Cost::default();
    must(is_unknown || booked == price, Invariant::I7, || format!("{id} is booked as {booked:?}, not {price:?}"))
}

fn one_cost<'a>(
    id: &JobId,
    (usd, open, state): (Usd, u16, CostState),
    rows: impl Iterator<Item = &'a ResponseRow>,
) -> Verdict {
    let rows: Vec<_> = rows.collect();
    let sum: Usd = rows.iter().map(|row| row.usd).sum();
    must(sum == usd, Invariant::I7, || format!("{id} costs {usd}, its responses {sum}"))?;
    // A run that was turned away tells nothing, and is known to cost nothing.
    let is_told = |row: &&&ResponseRow| row.usage.is_some() || row.cost_state == CostState::Known;
    let untold = rows.iter().filter(|row| !is_told(row)).count();
    must(usize::from(open) >= untold, Invariant::I7, || format!("{id} shows {open} untold costs of {untold}"))?;
    let told = rows.iter().filter(is_told).map(|row| row.cost_state);
    let least = told.min().unwrap_or(CostState::Known);
    must(state <= least, Invariant::I7, || format!("{id} shows a cost as {state:?} of which a part is {least:?}"))?;
    let is_known = open == 0 && least == CostState::Known;
    must(is_known == (state == CostState::Known), Invariant::I7, || {
        format!("{id} shows {state:?}, {open} open, {least:?}")
    })
}
