//! Whatever the state, and whatever happens: what has a word of a newer release owes nothing and goes nowhere.

use std::collections::BTreeSet;
use std::time::Duration;

use super::make::nonce;
use super::table::{rows, samples};
use crate::contract::view::JobView;
use crate::job::attention::AttentionCode;
use crate::job::duty::PollTrigger;
use crate::job::record::{ActorKind, Cause, Record};
use crate::job::{Event, EventKind, Job, State};
use crate::people::control::{self, Control};
use crate::people::review::ActionDenied;
use crate::policy::job_type::{JobType, OnOverdue, ReviewPolicy};
use crate::policy::lane::{Effect, Lane, LaneReason};
use crate::policy::reason::{ErrorClass, Reason};
use crate::value::member::{Member, Role};
use crate::value::word::Word;

fn word() -> Word {
    Word::parse("of_a_newer_release").unwrap()
}

const OF_JOB: [fn(&mut Job); 5] = [
    |job| job.state = State::Other(word()),
    |job| job.reason = Some(Reason::Other(word())),
    |job| job.lane = Lane::Other(word()),
    |job| job.lane_reasons.push(LaneReason::Other(word())),
    |job| job.consecutive_retries = Some((ErrorClass::Other(word()), 1)),
];

const OF_TYPE: [fn(&mut JobType); 5] = [
    |it| it.lane = Lane::Other(word()),
    |it| it.effects.push(Effect::Other(word())),
    |it| it.pre_approved_effects.push(Effect::Other(word())),
    |it| it.review = ReviewPolicy::Other(word()),
    |it| it.on_overdue = OnOverdue::Other(word()),
];

const OF_RECORD: [fn(&mut Record); 7] = [
    |it| it.event = EventKind::Other(word()),
    |it| it.actor.kind = ActorKind::Other(word()),
    |it| it.cause = Cause::Other(word()),
    |it| it.from = Some(State::Other(word())),
    |it| it.to = State::Other(word()),
    |it| it.lane = Lane::Other(word()),
    |it| it.reason = Some(Reason::Other(word())),
];

const YEAR: Duration = Duration::from_secs(365 * 86_400);

#[test]
fn a_job_with_a_word_of_a_newer_release_owes_nothing_and_goes_nowhere() {
    for (name, state, starting) in rows() {
        for sample in samples() {
            for alter in OF_JOB {
                let mut made = sample.given(state, starting);
                let event = (sample.event)(&made.job);
                alter(&mut made.job);
                assert!(made.job.apply(event, &made.context()).is_err(), "{name}: {:?}", made.job);
            }
        }
        for alter in OF_JOB {
            let mut made = samples().remove(0).given(state, starting);
            alter(&mut made.job);
            for now in [made.now, made.now + YEAR] {
                for occasion in [PollTrigger::Due, PollTrigger::Webhook, PollTrigger::Submit(nonce(9))] {
                    assert_eq!(made.job.claim(occasion, &made.timing, now), None, "{name}");
                }
                assert_eq!((made.job.duty(now), made.job.stuck_since(&made.timing, now)), (None, None), "{name}");
                let attention = made.job.attention(&made.timing, None, now).map(|it| it.code);
                assert_eq!(attention, made.job.archived_at.is_none().then_some(AttentionCode::NewerRelease), "{name}");
                assert!(JobView::of(&made.job, &made.timing, None, now).next_step.is_none(), "{name}");
                let mut aimed = made.job.clone();
                aimed.update_due_index(now);
                assert_eq!(aimed, made.job, "{name}: its entry is not taken away");
            }
        }
    }
}

#[test]
fn nothing_is_done_by_a_type_with_a_word_of_a_newer_release() {
    for (name, state, starting) in rows() {
        for sample in samples() {
            for alter in OF_TYPE {
                let mut made = sample.given(state, starting);
                let event = (sample.event)(&made.job);
                alter(&mut made.policy);
                assert!(made.job.apply(event, &made.context()).is_err(), "{name}");
            }
        }
    }
}

#[test]
fn nobody_may_do_anything_with_either() {
    for (name, state, starting) in rows() {
        let made = samples().remove(0).given(state, starting);
        let roles = Role::ALL.into_iter().collect::<BTreeSet<_>>();
        let all = Member {
            principal: crate::value::id::Principal::parse("all").unwrap(),
            issuer: None,
            roles,
            active: true,
            name: None,
        };
        let jobs = OF_JOB.map(|alter| {
            let mut job = made.job.clone();
            alter(&mut job);
            (job, made.policy.clone())
        });
        let types = OF_TYPE.map(|alter| {
            let mut policy = made.policy.clone();
            alter(&mut policy);
            (made.job.clone(), policy)
        });
        for (job, policy) in jobs.into_iter().chain(types) {
            assert_eq!(control::allowed(&job, &all, &policy, None, made.now), [], "{name}");
            for control in Control::ALL {
                assert_eq!(control.fits(&job, &policy, made.now), Err(ActionDenied::NewerRelease), "{name}");
            }
        }
    }
}

#[test]
fn an_unknown_state_is_not_over_and_not_at_rest() {
    let state = State::Other(word());
    assert_eq!((state.is_terminal(), state.is_resting(), state.phase()), (false, false, None));
    assert_eq!(state.status().word(), "of_a_newer_release");
}

#[test]
fn a_record_is_understood_when_all_its_words_are_and_every_event_has_a_name_that_is() {
    let mut kinds = BTreeSet::new();
    for (_, state, starting) in rows() {
        for sample in samples() {
            let made = sample.given(state, starting);
            let event: Event = (sample.event)(&made.job);
            kinds.insert(event.kind());
            let Ok(Some(change)) = made.job.apply(event, &made.context()) else { continue };
            assert!(change.record.is_understood());
            for alter in OF_RECORD {
                let mut record = change.record.clone();
                alter(&mut record);
                assert!(!record.is_understood());
            }
        }
    }
    assert_eq!(kinds, EventKind::ALL.into());
}
