//! Two things come at once: every pair of the race table, in both orders and at every port call between. What came of
//! each stands in `shared/README.md`.

mod case;
mod fixture;
mod invariant;
mod meet;
mod script;

use std::collections::{BTreeMap, BTreeSet};

use domain::job::{Job, State};
use domain::port::{Payloads, Store};
use local::clock::WorldClock;
use simulation::memory::{MemoryPayloads, MemoryStore};

use self::case::{Act, CASES, Case};
use self::fixture::{Fixture, Unwatched, settle};
use self::invariant::{Place, check, check_books};
use self::meet::{Meeting, meet};
use self::script::Script;
use crate::contract::Bench;
use crate::contract::make::NOW;
use crate::tidy::read;

/// Everything that came of a case, each with one way to it.
#[derive(Default)]
struct Outcomes {
    runs: u32,
    /// By the side that committed first.
    ends: [BTreeMap<String, String>; 2],
    refusals: BTreeSet<String>,
}

impl Outcomes {
    /// Runs one meeting from a job of its own to the end of everything that follows. Answers whether the side that was
    /// to be broken into was over by then.
    async fn run<S: Store, P: Payloads>(
        &mut self,
        (store, payloads, clock): (&S, &P, &WorldClock),
        case: &Case,
        meeting: Meeting,
    ) -> bool {
        let fixture = Fixture::new(store, payloads, clock);
        let base = fixture.job(case.from).await;
        let met = Box::pin(meet(&fixture, case, &base, meeting)).await;
        let place = Place(format!("{meeting}, {:?} {:?}", met.commits, met.told), case);
        check(&fixture, &base, Some(&met), &place).await;
        fixture.tidy_up().await;
        let end = end(&fixture.row(&base).await, &fixture.provider);
        let first = *met.commits.first().unwrap_or_else(|| panic!("nobody committed: {}, {}", case.name, place.0));
        self.ends[first].entry(end).or_insert(place.0.clone());
        self.note_refusals(case, &met.told);

        let job = fixture.go_on(&base).await;
        fixture.tidy_up().await;
        fixture.publish(&base).await;
        check(&fixture, &base, None, &place).await;
        check_books(&fixture, &base, &place).await;
        if job.state == State::AwaitingDecision && job.attempt != base.attempt {
            // Another result waits than the one that was read.
            for act in case.sides.iter().flat_map(|acts| acts.iter()).filter(|act| matches!(act, Act::Approve(_))) {
                let told = fixture.act(&base, *act, &Unwatched).await;
                assert_eq!(told, Err("412 `stale`".to_owned()), "{}: {}", case.name, place.0);
            }
        }
        self.runs += 1;
        met.was_over
    }

    fn note_refusals(&mut self, case: &Case, told: &[Vec<fixture::Told>; 2]) {
        for (acts, told) in case.sides.iter().zip(told) {
            for (act, told) in acts.iter().zip(told) {
                self.refusals.extend(told.as_ref().err().map(|refusal| format!("{}: {refusal}", name(act))));
            }
        }
    }

    fn cells(&self) -> [BTreeSet<String>; 3] {
        let [first, second] = self.ends.each_ref().map(|ends| ends.keys().cloned().collect());
        [first, second, self.refusals.clone()]
    }

    fn ways(&self) -> String {
        let ways = self.ends.iter().flatten().map(|(end, way)| format!("    {end}: {way}\n"));
        ways.collect()
    }
}

fn name(act: &Act) -> &'static str {
    match act {
        Act::Ask(order) => order.control.name(),
        Act::Approve(_) => "approve",
        Act::Start | Act::Look | Act::Late => unreachable!("nobody waits for an answer"),
    }
}

/// How the job stands, in the words of the page.
fn end(job: &Job, provider: &Script) -> String {
    let runs = provider.ids();
    let status = serde_json::to_value(job.state.status()).unwrap();
    let mut words = vec![format!("`{}`", status.as_str().unwrap())];
    if job.attempt.number > 1 {
        words.push(format!("attempt {}", job.attempt.number));
        words.extend(job.attempt.response.as_ref().map(|response| {
            let was_there = Some(response) == runs.first();
            if was_there { "which takes the first run over" } else { "a run of its own" }.to_owned()
        }));
    }
    if job.state == State::Canceled {
        words.push(match job.result {
            Some(result) if result.late => "the result kept as late".to_owned(),
            Some(_) => "the result kept".to_owned(),
            None if runs.is_empty() => "nothing started".to_owned(),
            None => "the run stopped".to_owned(),
        });
    }
    words.extend((job.escalation_level > 0).then(|| format!("level {}", job.escalation_level)));
    words.extend(job.archived_at.map(|_| "archived".to_owned()));
    words.join(", ")
}

/// What stands in a cell when nothing else does.
const NOTHING: [&str; 3] = ["never", "never", "nobody loses"];

/// Between two things that may come of one case.
const OR: &str = "; or ";

fn row(case: &Case, cells: &[BTreeSet<String>; 3]) -> String {
    let words = |cell: &BTreeSet<String>| cell.iter().map(String::as_str).collect::<Vec<_>>().join(OR);
    let cells = cells.iter().zip(NOTHING);
    let cells = cells.map(|(cell, nothing)| if cell.is_empty() { nothing.to_owned() } else { words(cell) });
    format!("| {} | {} |", case.name, cells.collect::<Vec<_>>().join(" | "))
}

/// The rows of the page's table.
fn promised() -> Vec<String> {
    let page = read("shared/README.md");
    let (_, section) = page.split_once("\n## When two come at once\n").unwrap_or_default();
    let table = section.split("\n#").next().unwrap().lines().filter(|line| line.starts_with('|'));
    table.skip(2).map(str::to_owned).collect()
}

#[track_caller]
fn check_all_is_promised(seen: &[Outcomes]) {
    let rows: Vec<_> = seen.iter().zip(&CASES).map(|(outcomes, case)| row(case, &outcomes.cells())).collect();
    let ways: String = seen.iter().zip(&CASES).map(|(it, case)| format!("{}\n{}", case.name, it.ways())).collect();
    assert!(promised() == rows, "shared/README.md has to say this:\n{}\n\nand this is how:\n{ways}", rows.join("\n"));
}

/// What was seen is a part of what the page says of the case.
#[track_caller]
fn check_is_promised(outcomes: &Outcomes, case: &Case) {
    let start = format!("| {} | ", case.name);
    let promised = promised().into_iter().find_map(|row| Some(row.strip_prefix(&start)?.to_owned()));
    let promised = promised.unwrap_or_else(|| panic!("no row for {}", case.name));
    let cells = promised.trim_end_matches(" |").split(" | ").map(|cell| cell.split(OR).collect::<BTreeSet<_>>());
    for (cell, seen) in cells.zip(outcomes.cells()) {
        let is_promised = seen.iter().all(|word| cell.contains(word.as_str()));
        assert!(is_promised, "{}: {seen:?}, promised is {cell:?}\n{}", case.name, outcomes.ways());
    }
}

/// The other side runs to its end at every call of this one, until there is no such call.
async fn broken_into<S: Store, P: Payloads>(
    outcomes: &mut Outcomes,
    ports: (&S, &P, &WorldClock),
    case: &Case,
    at: impl Fn(u32) -> Meeting,
) {
    for call in 1.. {
        if Box::pin(outcomes.run(ports, case, at(call))).await {
            break;
        }
    }
}

#[tokio::test]
async fn two_at_once_come_to_what_the_page_says() {
    let (mut seen, mut broken) = (Vec::new(), 0);
    for case in &CASES {
        let (store, payloads, clock) = (MemoryStore::default(), MemoryPayloads::default(), WorldClock::simulated(NOW));
        let ports = (&store, &payloads, &clock);
        settle(&store, &clock).await;
        let mut outcomes = Outcomes::default();
        for side in [0, 1] {
            broken_into(&mut outcomes, ports, case, |call| Meeting::Before(side, call)).await;
            broken_into(&mut outcomes, ports, case, |call| Meeting::After(side, call)).await;
        }
        assert!(outcomes.runs >= 16, "{}: {}", case.name, outcomes.runs);
        broken += outcomes.runs;
        for seed in 1..=300 {
            outcomes.run(ports, case, Meeting::Seeded(seed)).await;
        }
        seen.push(outcomes);
    }
    check_all_is_promised(&seen);
    check_count(&format!("{broken} ways over ports in memory"));
}

/// The page about the tests says how many there were.
#[track_caller]
fn check_count(count: &str) {
    assert!(read("tests/README.md").contains(count), "tests/README.md has to say: {count}");
}

#[test]
fn the_last_writer_of_two_finds_the_other_one_in_dynamodb() {
    // One flow inside another, over the SDK, is deeper than the stack that a test has.
    let deep = std::thread::Builder::new().stack_size(64 << 20);
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(in_dynamodb());
    };
    deep.spawn(run).unwrap().join().unwrap();
}

async fn in_dynamodb() {
    let (bench, clock) = (Bench::open(), WorldClock::simulated(NOW));
    settle(&bench.table, &clock).await;
    let mut broken = 0;
    for case in &CASES {
        let mut outcomes = Outcomes::default();
        for side in [0, 1] {
            let at = |write| Meeting::BeforeWrite(side, write);
            broken_into(&mut outcomes, (&bench.table, &bench.payloads, &clock), case, at).await;
        }
        check_is_promised(&outcomes, case);
        broken += outcomes.runs;
    }
    check_count(&format!("{broken} over the embedded DynamoDB"));
}
