//! `cargo simulate`: many seeds, or one seed step by step.

#![expect(clippy::print_stdout, reason = "a command line prints")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use simulation::check::{Invariant, Violation};
use simulation::tally::Tally;
use simulation::world::{JOBS, Options, Profile, live};
use strum::VariantArray as _;

/// Lives jobs through every fault it knows, and checks that nothing is lost, doubled or wrong.
#[derive(Parser)]
#[command(name = "cargo simulate", bin_name = "cargo simulate")]
struct Cli {
    /// Jobs to live, a few in each world.
    #[arg(long, default_value_t = 20_000)]
    lives: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Live this seed only.
    #[arg(long, conflicts_with_all = ["lives", "from", "threads", "first"])]
    seed: Option<u64>,
    /// Print every step of the seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Stop at the first world that breaks.
    #[arg(long)]
    first: bool,
    /// No fault but that every webhook is lost.
    #[arg(long)]
    webhooks_lost: bool,
}

/// From here on every cell of the coverage table must have been hit.
const COVERED_FROM: u64 = 20_000;

/// Failing seeds that are printed.
const SHOWN: usize = 10;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let profile = if cli.webhooks_lost { Profile::WebhooksLost } else { Profile::Everything };
    let options = Options { profile, words: cli.trace };
    match cli.seed {
        Some(seed) => one(seed, &options),
        None => many(&cli, &options),
    }
}

fn one(seed: u64, options: &Options) -> ExitCode {
    let trace = live(seed, options);
    for line in &trace.lines {
        println!("{line}");
    }
    println!("seed {seed}: {} steps, trace {:016x}", trace.tally.steps, trace.trace_hash);
    match trace.violation {
        None => ExitCode::SUCCESS,
        Some(violation) => {
            println!("{violation}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the speed of the machine is no part of any world")]
fn many(cli: &Cli, options: &Options) -> ExitCode {
    let started = Instant::now();
    let next = AtomicU64::new(cli.from);
    let worlds = cli.lives.div_ceil(JOBS);
    let end = cli.from.saturating_add(worlds);
    let (mut tally, mut violations) = (Tally::default(), BTreeMap::new());
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..cli.threads.max(1)).map(|_| scope.spawn(|| some(&next, end, options, cli.first))).collect();
        for (of_thread, broken) in threads.into_iter().filter_map(|thread| thread.join().ok()) {
            tally.add(&of_thread);
            violations.extend(broken);
        }
    });
    if !cli.first {
        report(&tally, &violations, started.elapsed().as_secs_f64());
        if options.profile == Profile::WebhooksLost {
            println!("{:<28}{:>12}", "latest capture, seconds", tally.worst_capture.as_secs());
            println!("{:<28}{:>12}", "latest stop, seconds", tally.worst_stop.as_secs());
        }
    }
    let is_enough = options.profile == Profile::Everything && tally.lives >= COVERED_FROM;
    let holes = if is_enough { tally.coverage.holes() } else { Vec::new() };
    for hole in &holes {
        println!("not covered: {hole}");
    }
    for (seed, violation) in violations.iter().take(SHOWN) {
        println!("seed {seed} breaks {violation}");
    }
    let is_done = cli.first || tally.worlds == worlds && worlds > 0;
    if holes.is_empty() && violations.is_empty() && is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Takes one seed after the other until there is none left, or the first broke.
fn some(next: &AtomicU64, end: u64, options: &Options, first: bool) -> (Tally, BTreeMap<u64, Violation>) {
    let (mut tally, mut violations) = (Tally::default(), BTreeMap::new());
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return (tally, violations);
        }
        let trace = live(seed, options);
        tally.add(&trace.tally);
        if let Some(violation) = trace.violation {
            violations.insert(seed, violation);
            if first {
                next.store(end, Ordering::Relaxed);
            }
        }
    }
}

fn report(tally: &Tally, violations: &BTreeMap<u64, Violation>, seconds: f64) {
    println!("{}", tally.coverage);
    let rows = [
        ("lives", tally.lives),
        ("worlds", tally.worlds),
        ("invocations", tally.invocations),
        ("port calls", tally.coverage.calls()),
        ("faults at them", tally.coverage.hits()),
        ("messages", tally.messages),
        ("webhooks", tally.webhooks),
        ("transitions", tally.transitions),
        ("events published", tally.events),
        ("of them repeated", tally.repeats),
        ("undiscoverable responses", tally.undiscoverable),
    ];
    for (name, value) in rows {
        println!("{name:<28}{value:>12}");
    }
    for invariant in Invariant::VARIANTS {
        let broken = violations.values().filter(|violation| violation.invariant == *invariant).count();
        println!("{:<28}{broken:>12}", invariant.meaning());
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = tally.lives as f64 / seconds;
    println!("{:<28}{speed:>12.0} in {seconds:.1} s", "lives per second");
}
