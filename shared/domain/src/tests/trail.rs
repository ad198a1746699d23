//! The trail of a job: what a forger would have to get past, and how large a record may be.

use super::make::{Made, a_job, actor_of, attached, finished, nonce, response};
use super::table::{rows, samples};
use crate::job::record::{Replay, SealedRecord, body_of, chain_intact};
use crate::job::{Event, Job, State};
use crate::policy::cost::Usd;
use crate::provider::Outcome;
use crate::value::id::{Digest, JobId, TypeName, WorkspaceId};

/// A life with reviews, changes and an approval.
fn a_long_life() -> Made {
    a_job()
        .of_type("support-reply-draft")
        .created()
        .running()
        .then(finished(Outcome::Completed))
        .then(Event::ChangesRequested { note: None })
        .starting(nonce(2))
        .then(attached(response(2)))
        .then(finished(Outcome::Completed))
        .then(Event::Approved { approvals_missing: 0, note: None })
}

#[test]
fn no_byte_of_a_trail_can_be_altered_unseen() {
    let Made { job, trail, .. } = a_long_life();
    assert!(chain_intact(&job, &trail));
    for at in 0..trail.len() {
        for place in 0..trail[at].body.len() {
            assert!(!chain_intact(&job, &with(&trail, at, |sealed| flip(&mut sealed.body, place))), "{at} {place}");
        }
        for place in 0..32 {
            assert!(!chain_intact(&job, &with(&trail, at, |sealed| sealed.previous.0[place] ^= 1)), "{at} {place}");
            assert!(!chain_intact(&job, &with(&trail, at, |sealed| sealed.hash.0[place] ^= 1)), "{at} {place}");
        }
        for other in at + 1..trail.len() {
            let mut swapped = trail.clone();
            swapped.swap(at, other);
            assert!(!chain_intact(&job, &swapped), "{at} {other}");
        }
        assert!(!chain_intact(&job, &[&trail[..at], &trail[at + 1..]].concat()), "{at}");
    }
    assert!(!chain_intact(&job, &[]));
}

#[test]
fn a_trail_that_was_rewritten_from_some_record_on_does_not_fit_its_job() {
    let Made { job, trail, .. } = a_long_life();
    for at in 0..trail.len() {
        let mut rewritten = trail[..at].to_vec();
        for sealed in &trail[at..] {
            let previous = rewritten.last().map_or(Digest::ZERO, |last| last.hash);
            let body = sealed.body.replacen("\"at\":", "\"at\":1", 1);
            rewritten.push(SealedRecord::new(&job.workspace, &job.id, previous, body));
        }
        assert!(!chain_intact(&job, &rewritten), "{at}");
    }
}

#[test]
fn an_altered_record_shows_even_when_its_link_to_the_next_is_mended() {
    let Made { job, trail, .. } = a_long_life();
    for at in 0..trail.len() {
        let mut mended = trail.clone();
        let body = trail[at].body.replacen("\"at\":", "\"at\":1", 1);
        mended[at] = SealedRecord::new(&job.workspace, &job.id, trail[at].previous, body);
        if at + 1 < mended.len() {
            mended[at + 1].previous = mended[at].hash;
        }
        assert!(!chain_intact(&job, &mended), "{at}");
    }
}

#[test]
fn a_record_is_sealed_over_its_job_the_record_before_and_its_exact_bytes() {
    let Made { job, trail, .. } = a_long_life();
    let mut previous = [0; 32];
    for sealed in &trail {
        let name = format!("{}/{}\n", job.workspace, job.id);
        assert_eq!(sealed.hash, Digest::of(&[name.as_bytes(), &previous, sealed.body.as_bytes()].concat()));
        previous = sealed.hash.0;
    }
    assert_eq!(job.head.0, previous);
}

#[test]
fn a_trail_of_another_job_or_workspace_does_not_fit() {
    let Made { job, trail, .. } = a_long_life();
    let other = Job { id: JobId::random(nonce(0xcd)), ..job.clone() };
    assert!(!chain_intact(&other, &trail));
    let other = Job { workspace: WorkspaceId::parse("rival").unwrap(), ..job };
    assert!(!chain_intact(&other, &trail));
}

#[test]
fn a_life_replays_from_its_trail_alone() {
    let made = a_long_life();
    let records: Vec<_> = made.trail.iter().map(|sealed| sealed.decode().unwrap()).collect();
    let replay = Replay::of(&records).unwrap();
    assert_eq!(replay, Replay::from_row(&made.job));
    assert_eq!((replay.state, replay.attempt, replay.response), (State::Completed, 2, Some(response(2))));
    assert_eq!(Replay::of([]), None);
}

#[test]
fn no_record_is_larger_than_640_bytes() {
    let mut largest = String::new();
    for (_, state, starting) in rows() {
        for sample in samples() {
            let mut made = sample.given(state, starting);
            let event = (sample.event)(&made.job);
            made.actor = actor_of(&event, &made.job.created_by);
            made.job.job_type = TypeName::parse("support-reply-draft").unwrap();
            made.job.version = 98;
            made.job.cost_usd = Usd::from_pico(1_234_567_890_123);
            if let Ok(Some(change)) = made.job.apply(event, &made.context())
                && change.sealed.body.len() > largest.len()
            {
                largest = change.sealed.body;
            }
        }
    }
    assert!(largest.len() <= 640, "{} bytes: {largest}", largest.len());
}

/// One forgery of each kind, at a place of the forger's choice.
pub(super) fn forgeries(trail: &[SealedRecord], place: usize) -> Vec<Vec<SealedRecord>> {
    let at = place % trail.len();
    let mut forgeries = vec![
        with(trail, at, |sealed| flip(&mut sealed.body, place)),
        with(trail, at, |sealed| sealed.previous.0[place % 32] ^= 1),
        with(trail, at, |sealed| sealed.hash.0[place % 32] ^= 1),
        trail[..trail.len() - 1].to_vec(),
        [&trail[..at], &trail[at + 1..]].concat(),
        [&trail[..=at], &trail[at..]].concat(),
    ];
    if trail.len() > 1 {
        let mut swapped = trail.to_vec();
        swapped.swap(at, (at + 1) % trail.len());
        forgeries.push(swapped);
    }
    forgeries
}

fn with(trail: &[SealedRecord], at: usize, change: impl FnOnce(&mut SealedRecord)) -> Vec<SealedRecord> {
    let mut trail = trail.to_vec();
    change(&mut trail[at]);
    trail
}

/// Changes one byte of an ASCII text.
fn flip(text: &mut String, place: usize) {
    let mut bytes = std::mem::take(text).into_bytes();
    let at = place % bytes.len();
    bytes[at] ^= 1;
    *text = String::from_utf8(bytes).unwrap();
}

#[test]
fn a_record_that_cannot_be_written_down_is_an_error_and_no_empty_record() {
    // Whose keys are no text, so that JSON cannot hold it.
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = body_of(&unwritable).unwrap_err();
    assert_eq!(crate::value::failure::Failure::from(error).class, crate::value::failure::Class::Permanent);
}
