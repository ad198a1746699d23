//! `cargo simulate`: many seeds, or one seed step by step.

#![expect(clippy::print_stdout, reason = "a command line prints")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Parser;
use simulation::check::Violation;
use simulation::tally::Tally;
use simulation::world::{JOBS, Options, Profile, live};

/// Lives jobs through every fault there is, and checks that nothing is lost, doubled or wrong.
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
    #[arg(long)]
    seed: Option<u64>,
    /// Print every step of the seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// No fault but that every webhook is lost.
    #[arg(long)]
    webhooks_lost: bool,
}

/// From here on every cell of the coverage table must have been hit.
const COVERED_FROM: u64 = 20_000;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let profile = if cli.webhooks_lost { Profile::WebhooksLost } else { Profile::Everything };
    let options = Options { profile, sabotage: None, words: cli.trace };
    match cli.seed {
        Some(seed) => one(seed, &options),
        None => many(&cli, &options),
    }
}

fn one(seed: u64, options: &Options) -> ExitCode {
    let story = live(seed, options);
    for line in &story.lines {
        println!("{line}");
    }
    println!("seed {seed}: {} steps, trace {:016x}", story.tally.steps, story.trace_hash);
    match story.violation {
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
    let worlds = cli.lives.div_ceil(JOBS);
    let stop = AtomicBool::new(false);
    let (mut tally, mut violations) = (Tally::default(), Vec::new());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cli.threads.max(1))
            .map(|thread| {
                let seeds =
                    (cli.from + thread..cli.from + worlds).step_by(usize::try_from(cli.threads).unwrap_or(1).max(1));
                let stop = &stop;
                scope.spawn(move || some(seeds, options, stop))
            })
            .collect();
        for thread in threads {
            if let Ok((of_thread, violation)) = thread.join() {
                tally.add(&of_thread);
                violations.extend(violation);
            }
        }
    });
    report(&tally, started.elapsed().as_secs_f64());
    for (seed, violation) in &violations {
        println!("seed {seed} breaks {violation}");
    }
    let holes = tally.coverage.holes();
    if options.profile == Profile::Everything
        && tally.lives >= COVERED_FROM
        && violations.is_empty()
        && !holes.is_empty()
    {
        println!("not covered:\n  {}", holes.join("\n  "));
        return ExitCode::FAILURE;
    }
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn some(seeds: impl Iterator<Item = u64>, options: &Options, stop: &AtomicBool) -> (Tally, Option<(u64, Violation)>) {
    let mut tally = Tally::default();
    for seed in seeds {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let story = live(seed, options);
        tally.add(&story.tally);
        if let Some(violation) = story.violation {
            stop.store(true, Ordering::Relaxed);
            return (tally, Some((seed, violation)));
        }
    }
    (tally, None)
}

fn report(tally: &Tally, seconds: f64) {
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
        ("worst capture, seconds", tally.worst_capture.as_secs()),
    ];
    for (name, value) in rows {
        println!("{name:<28}{value:>12}");
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = tally.lives as f64 / seconds;
    println!("{:<28}{speed:>12.0} in {seconds:.1} s", "lives per second");
}
