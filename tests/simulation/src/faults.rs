//! What can go wrong at a port call, how often in this seed, and whether it ever did.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;

/// How a port call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing is done, and the call fails.
    Before,
    /// It is done, and the call fails.
    After,
    /// The invocation ends, and nothing is done.
    CrashBefore,
    /// It is done, and the invocation ends.
    CrashAfter,
    /// Done long after every lease and timeout, by an invocation that is dead then or goes on as if nothing was.
    Slow,
    /// Done at once, and so long in being heard of.
    Late,
    /// Refused for now.
    Throttle,
    /// An index does not show what was written lately.
    Stale,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Before,
        Self::After,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::Slow,
        Self::Late,
        Self::Throttle,
        Self::Stale,
    ];
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($name:ident $word:literal)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type { $($name,)+ }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$name => $word,)+ })
            }
        }
    };
}

names! {
    /// The functions that write.
    Function {
        CreateJob "create-job"
        IngestWebhook "ingest-webhook"
        SubmitJob "submit-job"
        ObserveJob "observe-job"
        Reconcile "reconcile"
        PublishEvents "publish-events"
        ControlJob "control-job"
    }
}

names! {
    /// The calls that the ports offer.
    Method {
        Member "member"
        Members "members"
        Workspace "workspace"
        WorkspaceTrail "workspace_trail"
        TypeDigests "type_digests"
        JobType "job_type"
        JobTypes "job_types"
        Notes "notes"
        Job "job"
        Trail "trail"
        List "list"
        Create "create"
        Commit "commit"
        ChangeWorkspace "change_workspace"
        Claim "claim"
        ConfirmWorkspace "confirm_workspace"
        ClaimWorkspace "claim_workspace"
        Confirm "confirm"
        Response "response"
        PutResponse "put_response"
        Due "due"
        Breaker "breaker"
        PutBreaker "put_breaker"
        Watcher "watcher"
        PutWatcher "put_watcher"
        PutPayload "put payload"
        GetPayload "get payload"
        Erase "erase"
        CreateResponse "create_response"
        Get "get"
        Cancel "cancel"
        Send "send"
        Waiting "waiting"
        Publish "publish"
        PublishChanges "publish_changes"
    }
}

/// A port call in a function.
pub type Site = (Function, Method);

/// Every call site there is; a site that is not listed here is not covered.
pub const SITES: [(Function, &[Method]); 7] = [
    (
        Function::CreateJob,
        &[
            Method::Member,
            Method::Members,
            Method::Job,
            Method::JobType,
            Method::Trail,
            Method::Breaker,
            Method::PutPayload,
            Method::Create,
        ],
    ),
    (Function::IngestWebhook, &[Method::Response, Method::Send]),
    (
        Function::SubmitJob,
        &[
            Method::Job,
            Method::JobType,
            Method::GetPayload,
            Method::Notes,
            Method::Trail,
            Method::Breaker,
            Method::PutBreaker,
            Method::Claim,
            Method::CreateResponse,
            Method::Commit,
            Method::PutPayload,
            Method::Response,
            Method::PutResponse,
            Method::Get,
        ],
    ),
    (
        Function::ObserveJob,
        &[
            Method::Job,
            Method::JobType,
            Method::Trail,
            Method::Breaker,
            Method::PutBreaker,
            Method::Claim,
            Method::Commit,
            Method::Confirm,
            Method::Response,
            Method::PutResponse,
            Method::Watcher,
            Method::PutWatcher,
            Method::PutPayload,
            Method::Erase,
            Method::Get,
            Method::Cancel,
            Method::Publish,
            Method::Send,
            Method::Workspace,
            Method::WorkspaceTrail,
            Method::ClaimWorkspace,
            Method::PublishChanges,
            Method::ConfirmWorkspace,
        ],
    ),
    (
        Function::Reconcile,
        &[Method::Due, Method::Breaker, Method::Waiting, Method::Send, Method::Claim, Method::Commit, Method::JobType],
    ),
    (Function::PublishEvents, &[Method::Send, Method::Publish, Method::Confirm]),
    (
        Function::ControlJob,
        &[
            Method::Member,
            Method::Workspace,
            Method::WorkspaceTrail,
            Method::Job,
            Method::JobType,
            Method::Trail,
            Method::GetPayload,
            Method::PutPayload,
            Method::Breaker,
            Method::Response,
            Method::Commit,
        ],
    ),
];

/// Sites that a hundred thousand lives come to too seldom for each kind of fault to strike: something has to.
const SELDOM: [Site; 1] = [(Function::ControlJob, Method::Breaker)];

/// Whether this can go wrong there.
pub fn is_possible((_, method): Site, kind: Kind) -> bool {
    kind != Kind::Stale || method == Method::Due
}

/// How often each kind strikes in one seed, of 10,000 calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rates {
    of_kind: [u32; 8],
    /// A call site at which half of the calls go wrong, whatever kinds the seed has: rare ones are not left to luck.
    hot: Option<Site>,
    /// What has to go wrong for the hot call to be reached at all.
    leads: &'static [(Site, Kind)],
}

/// Where calls are few because other things have to go wrong first.
const RARE: [(Site, &[(Site, Kind)]); 9] = [
    // The row of an orphan, written by a process that was not told so.
    (
        (Function::SubmitJob, Method::Response),
        &[
            ((Function::SubmitJob, Method::CreateResponse), Kind::Slow),
            ((Function::SubmitJob, Method::PutResponse), Kind::After),
        ],
    ),
    ((Function::SubmitJob, Method::PutResponse), &[((Function::SubmitJob, Method::CreateResponse), Kind::Slow)]),
    ((Function::ObserveJob, Method::Erase), &[]),
    (LOST_RUN, &[]),
    // What a reviewer wrote: read for the next attempt, and for an edit of an edit.
    ((Function::SubmitJob, Method::Notes), &[]),
    ((Function::SubmitJob, Method::Trail), &[]),
    ((Function::ControlJob, Method::GetPayload), &[]),
    // What a canceled job leaves running, and the type of a stuck one.
    ((Function::ControlJob, Method::Response), &[]),
    ((Function::Reconcile, Method::JobType), &[]),
];

/// The look at a run that an earlier attempt lost from sight.
const LOST_RUN: Site = (Function::SubmitJob, Method::Get);

impl Rates {
    /// Swarm: each seed has kinds of its own, so that rare ones are not drowned; half of what strikes is done but failed.
    pub fn swarm(rng: &mut Rng) -> Self {
        let mut rates = [0; 8];
        let total = rng.u32(0..=2_000);
        let chosen: Vec<Kind> = Kind::ALL.into_iter().filter(|_| rng.bool()).collect();
        let others = chosen.iter().filter(|kind| !matches!(kind, Kind::After | Kind::Stale)).count();
        let has_after = chosen.contains(&Kind::After);
        for (kind, rate) in Kind::ALL.into_iter().zip(&mut rates) {
            *rate = match kind {
                _ if !chosen.contains(&kind) => 0,
                Kind::Stale => total,
                Kind::After if others == 0 => total,
                Kind::After => total / 2,
                _ => (if has_after { total / 2 } else { total }) / u32::try_from(others).unwrap_or(1).max(1),
            };
        }
        let (hot, leads) = match rng.u8(0..8) {
            0..3 => (None, [].as_slice()),
            3..7 => rng.choice(RARE).map_or((None, [].as_slice()), |(site, leads)| (Some(site), leads)),
            _ => {
                let function = rng.choice(SITES);
                (function.and_then(|(function, methods)| Some((function, *rng.choice(methods)?))), [].as_slice())
            }
        };
        Self { of_kind: rates, hot, leads }
    }

    /// Whether this seed wants runs that the provider denies for a while.
    pub fn want_lost_runs(&self) -> bool {
        self.hot == Some(LOST_RUN)
    }

    /// Whether it wants people who decide.
    pub fn want_reviewers(&self) -> bool {
        matches!(self.hot, Some((Function::ControlJob, _) | (Function::SubmitJob, Method::Notes | Method::Trail)))
    }

    fn draw(&self, site: Site, rng: &mut Rng) -> Option<Kind> {
        let mut point = rng.u32(0..10_000);
        if self.hot == Some(site) && point < 5_000 {
            return rng.choice(Kind::ALL).filter(|kind| is_possible(site, *kind));
        }
        if let Some((_, kind)) = self.leads.iter().find(|(lead, _)| *lead == site && point < 5_000) {
            return Some(*kind);
        }
        for (kind, rate) in Kind::ALL.into_iter().zip(self.of_kind).filter(|(kind, _)| is_possible(site, *kind)) {
            if point < rate {
                return Some(kind);
            }
            point -= rate;
        }
        None
    }
}

/// The faults of one world: on until somebody stops them.
#[derive(Debug)]
pub struct Faults {
    pub rates: Rates,
    pub are_on: Cell<bool>,
    coverage: RefCell<Coverage>,
}

impl Faults {
    pub fn new(rates: Rates) -> Self {
        Self { rates, are_on: Cell::new(true), coverage: RefCell::default() }
    }

    /// What goes wrong with this call, if anything does.
    pub fn draw(&self, site: Site, rng: &mut Rng) -> Option<Kind> {
        let kind = if self.are_on.get() { self.rates.draw(site, rng) } else { None };
        self.coverage.borrow_mut().record(site, kind);
        kind
    }

    pub fn coverage(&self) -> Coverage {
        self.coverage.borrow().clone()
    }
}

/// How often each call site was reached, and how often each kind struck there.
#[derive(Debug, Clone, Default)]
pub struct Coverage(BTreeMap<Site, (u64, [u64; 8])>);

impl Coverage {
    fn record(&mut self, site: Site, kind: Option<Kind>) {
        let (calls, hits) = self.0.entry(site).or_default();
        *calls += 1;
        for (hit, _) in hits.iter_mut().zip(Kind::ALL).filter(|(_, each)| Some(*each) == kind) {
            *hit += 1;
        }
    }

    pub fn add(&mut self, other: &Self) {
        for (site, (calls, hits)) in &other.0 {
            let mine = self.0.entry(*site).or_default();
            mine.0 += calls;
            mine.1.iter_mut().zip(hits).for_each(|(mine, hit)| *mine += hit);
        }
    }

    pub fn calls(&self) -> u64 {
        self.0.values().map(|(calls, _)| calls).sum()
    }

    pub fn hits(&self) -> u64 {
        self.0.values().flat_map(|(_, hits)| hits).sum()
    }

    /// Cells that are possible and were never hit, and sites that nobody listed.
    pub fn holes(&self) -> Vec<String> {
        let sites = || SITES.iter().flat_map(|(function, methods)| methods.iter().map(|method| (*function, *method)));
        let cells = sites().flat_map(|site| Kind::ALL.map(|kind| (site, kind)));
        let is_struck = |site: Site| Kind::ALL.iter().any(|kind| self.of(site, *kind) > 0);
        let cells = cells.filter(|(site, _)| !SELDOM.contains(site) || !is_struck(*site));
        let missing = cells.filter(|(site, kind)| is_possible(*site, *kind) && self.of(*site, *kind) == 0);
        let missing = missing.map(|((function, method), kind)| format!("{function}/{method}: {kind:?} never struck"));
        let unlisted = self.0.keys().filter(|site| sites().all(|listed| listed != **site));
        missing.chain(unlisted.map(|(function, method)| format!("{function}/{method}: not a listed site"))).collect()
    }

    fn of(&self, site: Site, kind: Kind) -> u64 {
        let hits = self.0.get(&site).map(|(_, hits)| Kind::ALL.into_iter().zip(*hits));
        hits.into_iter().flatten().find(|(each, _)| *each == kind).map_or(0, |(_, hit)| hit)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, cells: [String; 9]| {
            write!(f, "{name:<28}")?;
            cells.iter().try_for_each(|cell| write!(f, "{cell:>12}"))?;
            writeln!(f)
        };
        let [a, b, c, d, e, g, h, i] = Kind::ALL.map(|kind| format!("{kind:?}"));
        row(f, "call site", ["calls".to_owned(), a, b, c, d, e, g, h, i])?;
        for ((function, method), (calls, hits)) in &self.0 {
            let site = (*function, *method);
            let mut cells = Kind::ALL.into_iter().zip(hits);
            let mut cell = || match cells.next() {
                Some((kind, hit)) if is_possible(site, kind) => hit.to_string(),
                Some(_) | None => "-".to_owned(),
            };
            let cells = [calls.to_string(), cell(), cell(), cell(), cell(), cell(), cell(), cell(), cell()];
            row(f, &format!("{function}/{method}"), cells)?;
        }
        Ok(())
    }
}
