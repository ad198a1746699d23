//! The simulation holds, and tells the same story twice. That its checks can fail is what `cargo faults` shows.

use std::time::Duration;

use simulation::tally::Tally;
use simulation::world::{JOBS, Options, Profile, live};

const ALL_FAULTS: Options = Options { profile: Profile::Everything, words: false };

/// Lives so many worlds, all of which must hold.
fn check_holds(options: &Options, worlds: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in 1..=worlds {
        let story = live(seed, options);
        assert_eq!(story.violation, None, "cargo simulate --seed {seed} --trace");
        tally.add(&story.tally);
    }
    tally
}

#[test]
fn two_thousand_lives_through_every_fault_lose_nothing() {
    let tally = check_holds(&ALL_FAULTS, 2_000 / JOBS);
    assert_eq!(tally.lives, 2_000);
    assert!(tally.coverage.hits() > 2 * tally.lives, "{} faults", tally.coverage.hits());
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in 1..=200 {
        let [first, second] = [ALL_FAULTS, Options { words: true, ..ALL_FAULTS }].map(|options| live(seed, &options));
        assert_eq!(first.trace_hash, second.trace_hash, "seed {seed}");
        assert_eq!((first.tally.steps, first.lines.len()), (second.tally.steps, 0), "seed {seed}");
    }
}

#[test]
fn with_every_webhook_lost_a_finished_run_is_captured_within_five_minutes() {
    let tally = check_holds(&Options { profile: Profile::WebhooksLost, ..ALL_FAULTS }, 200);
    assert!(tally.worst_capture > Duration::from_secs(60), "no run was long enough: {:?}", tally.worst_capture);
    assert!(tally.worst_capture <= Duration::from_secs(300), "{:?}", tally.worst_capture);
}

#[test]
fn a_webhook_that_comes_a_hundred_times_in_no_order_causes_one_look_and_one_end() {
    let tally = check_holds(&Options { profile: Profile::WebhooksRepeated, ..ALL_FAULTS }, 100);
    // A few name their only reviewer as whom they are for: these are refused and start nothing.
    let started = tally.webhooks / 100;
    assert!(tally.webhooks == 100 * started && started > tally.lives * 9 / 10, "{started} of {}", tally.lives);
    assert_eq!(tally.most_looks, 1, "after the first was answered with 200");
}

#[test]
fn every_design_fault_still_says_what_it_replaces() {
    let faults = simulation::seeded::all().unwrap();
    assert!(faults.len() >= 20, "{}", faults.len());
    assert_eq!(faults.iter().filter(|fault| fault.always).count(), 12, "tried each time");
    for fault in faults {
        let places = crate::tidy::read(&fault.file).matches(&fault.from).count();
        assert_eq!(places, 1, "{} in {}", fault.name, fault.file);
        assert_ne!(fault.from, fault.to, "{}", fault.name);
    }
}
