//! The clock of a review: from the start of a round to its end, with people in between, and the laws of any such life.

use std::time::Duration;

use proptest::prelude::*;

use super::make::{Made, Recipe, a_job, an_edit};
use super::published::events_of;
use crate::job::duty::Duty;
use crate::job::{Event, EventKind, MAX_LEVEL, PersonInput, State, Status};
use crate::policy::job_type::OnOverdue;
use crate::value::id::Principal;
use crate::value::time::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

fn person() -> Principal {
    Principal::parse("rita").unwrap()
}

/// What the clock does when its time has come, as `observe` does it.
fn tick(made: Made) -> Made {
    match made.job.duty(made.now) {
        Some(Duty::Remind) if made.job.is_reminder_due(made.now) => made.then(Event::Reminded),
        Some(Duty::Remind) => made.then(Event::Escalated(PersonInput::default())),
        Some(Duty::Expire) => made.then(Event::DeadlinePassed),
        other => panic!("the clock of a review owes {other:?}"),
    }
    .published()
}

/// A draft that is to be decided on within four hours, and has two days.
fn draft() -> Recipe {
    a_job().of_type("support-reply-draft")
}

fn escalating(levels: u8) -> Recipe {
    let mut recipe = draft();
    recipe.policy.on_overdue = OnOverdue::Escalate { levels };
    recipe
}

/// A round, and when it began.
struct Life {
    made: Made,
    began: Timestamp,
}

impl Life {
    fn of(recipe: Recipe) -> Self {
        let made = recipe.created().in_state(State::AwaitingDecision).published();
        Self { began: made.now, made }
    }

    /// Does what is due up to then, each at its time; nothing is owed in between.
    fn until(mut self, offset: Duration) -> Self {
        let end = self.began + offset;
        while !self.made.job.state.is_terminal() {
            let (at, _) = self.made.job.next_duty();
            let mut moment = self.made.now;
            while moment < at.min(end) {
                assert_eq!(self.made.job.duty(moment), None, "{} after the beginning", self.hours(moment));
                moment = moment + MINUTE;
            }
            assert_eq!(self.made.job.duty(at - Duration::from_millis(1)), None);
            if end < at {
                break;
            }
            self.made.now = at;
            self.made = tick(self.made);
        }
        self.made.now = self.made.now.max(end);
        self
    }

    fn person(mut self, offset: Duration, event: Event) -> Self {
        self = self.until(offset);
        self.made = self.made.by(&person(), event).published();
        self
    }

    fn hours(&self, at: Timestamp) -> String {
        let minutes = at.since(self.began).as_secs() / 60;
        format!("{}:{:02}", minutes / 60, minutes % 60)
    }

    /// What happened in the round and when, and how far somebody was called in.
    fn story(self) -> Vec<String> {
        let life = self.until(8 * DAY);
        let told =
            life.made.records.iter().filter(|record| record.at >= life.began && record.event != EventKind::Finished);
        let told = told.map(|record| match record.event {
            EventKind::Escalated => format!("{} escalated to {}", life.hours(record.at), record.escalation_level),
            event => format!("{} {}", life.hours(record.at), event.word()),
        });
        told.filter(|line| !line.ends_with("attached")).collect()
    }
}

fn escalated() -> Event {
    Event::Escalated(PersonInput::default())
}

fn edited(text: &str) -> Event {
    Event::Edited { result: an_edit(text), note: None }
}

#[track_caller]
fn tells(life: Life, expected: &[&str]) {
    // Created, attached and finished are of before; the run itself takes no time here.
    let story: Vec<_> = life.story().into_iter().filter(|line| !line.ends_with("created")).collect();
    assert_eq!(story, expected);
}

#[test]
fn an_overdue_review_reminds_once_and_calls_in_as_many_as_its_type_says() {
    tells(
        Life::of(escalating(3)),
        &[
            "2:00 reminded",
            "4:00 escalated to 1",
            "8:00 escalated to 2",
            "12:00 escalated to 3",
            "48:00 deadline_passed",
        ],
    );
    tells(Life::of(escalating(1)), &["2:00 reminded", "4:00 escalated to 1", "48:00 deadline_passed"]);
}

#[test]
fn a_review_that_expires_when_it_is_overdue_reminds_once_and_calls_nobody() {
    let mut recipe = draft();
    recipe.policy.on_overdue = OnOverdue::Expire;
    let life = Life::of(recipe);
    assert_eq!(life.made.job.deadline.since(life.began), 4 * HOUR);
    tells(life, &["2:00 reminded", "4:00 deadline_passed"]);
}

#[test]
fn whoever_calls_somebody_in_early_raises_the_level_and_leaves_the_clock_as_it_was() {
    let early = Life::of(escalating(3)).person(HOUR, escalated());
    assert_eq!(early.made.job.escalation_level, 1);
    tells(
        early,
        &[
            "1:00 escalated to 1",
            "2:00 reminded",
            "4:00 escalated to 2",
            "8:00 escalated to 3",
            "48:00 deadline_passed",
        ],
    );
    // As far as it goes, before its time: the clock calls once more, so that somebody hears that it is overdue.
    let mut life = Life::of(escalating(2));
    for minutes in 1..=u32::from(MAX_LEVEL) {
        life = life.person(MINUTE * minutes, escalated());
    }
    let told = ["0:01 escalated to 1", "0:02 escalated to 2", "0:03 escalated to 3"];
    let then = ["2:00 reminded", "4:00 escalated to 3", "48:00 deadline_passed"];
    tells(life, &[told.as_slice(), then.as_slice()].concat());
}

#[test]
fn whoever_calls_somebody_in_when_the_clock_should_have_does_its_part() {
    let mut life = Life::of(escalating(3)).until(3 * HOUR);
    // Nothing runs, and it is overdue.
    life.made.now = life.began + 4 * HOUR + MINUTE;
    assert_eq!(life.made.job.duty(life.made.now), Some(Duty::Remind));
    life.made = life.made.by(&person(), escalated()).published();
    assert_eq!((life.made.job.escalation_level, life.made.job.duty(life.made.now)), (1, None));
    let then = ["4:01 escalated to 1", "8:01 escalated to 2", "12:01 escalated to 3", "48:00 deadline_passed"];
    tells(life, &[&["2:00 reminded"], then.as_slice()].concat());
}

#[test]
fn an_edit_starts_the_clock_of_its_round_and_keeps_the_end_of_the_review() {
    let life = Life::of(escalating(2)).person(5 * HOUR, edited("Dear Ms. Smith"));
    let review = life.made.job.review.unwrap();
    assert_eq!((life.made.job.escalation_level, review.overdue_at.since(life.began)), (0, 9 * HOUR));
    assert_eq!(life.made.job.deadline.since(life.began), 2 * DAY);
    tells(
        life,
        &[
            "2:00 reminded",
            "4:00 escalated to 1",
            "5:00 edited",
            "7:00 reminded",
            "9:00 escalated to 1",
            "13:00 escalated to 2",
            "48:00 deadline_passed",
        ],
    );
    let mut recipe = draft();
    recipe.policy.on_overdue = OnOverdue::Expire;
    tells(
        Life::of(recipe).person(3 * HOUR, edited("Hello")),
        &["2:00 reminded", "3:00 edited", "4:00 deadline_passed"],
    );
}

#[test]
fn the_callers_own_deadline_ends_a_review_whatever_its_clock_would_still_do() {
    let until = |hours: u32| {
        let mut recipe = escalating(3);
        let began = Life::of(recipe.clone()).began;
        recipe.complete_by = Some(began + HOUR * hours);
        Life::of(recipe)
    };
    tells(until(1), &["1:00 deadline_passed"]);
    tells(until(2), &["2:00 deadline_passed"]);
    tells(until(4), &["2:00 reminded", "4:00 deadline_passed"]);
    tells(until(5), &["2:00 reminded", "4:00 escalated to 1", "5:00 deadline_passed"]);
}

#[test]
fn approvals_that_are_missing_count_down_move_no_clock_and_begin_again_with_an_edit() {
    let mut recipe = escalating(1);
    recipe.policy.approvals = 3;
    let missing = |life: &Life| life.made.job.review.map(|review| review.approvals_missing);
    let life = Life::of(recipe);
    assert_eq!(missing(&life), Some(3));
    let clock = life.made.job.review.map(|review| (review.overdue_at, review.next_reminder_at));
    let life = life.person(HOUR, Event::Approved { approvals_missing: 2, note: None });
    assert_eq!(missing(&life), Some(2));
    let life = life.person(HOUR + MINUTE, Event::Approved { approvals_missing: 1, note: None });
    assert_eq!(missing(&life), Some(1));
    assert_eq!(life.made.job.review.map(|review| (review.overdue_at, review.next_reminder_at)), clock);
    let life = life.person(3 * HOUR, edited("Hello"));
    assert_eq!(missing(&life), Some(3), "nobody has allowed this text");
    let life = life.person(3 * HOUR + MINUTE, Event::Approved { approvals_missing: 0, note: None });
    assert_eq!((life.made.job.state, life.made.job.review), (State::Completed, None));
    let told = ["1:00 approved", "1:01 approved", "2:00 reminded", "3:00 edited", "3:01 approved"];
    tells(life, &told);
}

#[test]
fn what_the_clock_does_leaves_the_house_once_each_and_in_order() {
    let life = Life::of(escalating(2)).person(5 * HOUR, escalated()).until(8 * DAY);
    let events = events_of(&life.made);
    let told: Vec<_> =
        events.iter().skip(2).map(|event| (event.kind.word(), event.from, event.escalation_level)).collect();
    let review = Some(Status::NeedsReview);
    let expected = [
        ("job.needs_review", Some(Status::Running), 0),
        ("job.needs_review", review, 0),
        ("job.escalated", review, 1),
        ("job.escalated", review, 2),
        ("job.escalated", review, 3),
        ("job.expired", review, 0),
    ];
    assert_eq!(told, expected);
    assert!(events.windows(2).all(|pair| pair[0].version < pair[1].version && pair[0].at <= pair[1].at));
}

#[test]
fn a_call_whose_event_nobody_confirmed_is_published_before_the_next_one_is_made() {
    let mut made = Life::of(escalating(3)).until(3 * HOUR).made;
    made.now = made.job.next_duty().0;
    let made = made.then(escalated()).after(made_grace());
    assert_eq!(made.job.duty(made.now), Some(Duty::Publish));
    let at = made.now + 4 * HOUR;
    assert_eq!(made.job.duty(at), Some(Duty::Publish), "people hear of the first call before there is a second");
    assert_eq!(made.clone().published().job.duty(at), Some(Duty::Remind));
    assert_eq!(made.job.duty(made.job.deadline).map(|_| made.job.next_duty().1), Some(Duty::Publish));
}

fn made_grace() -> Duration {
    a_job().timing.publish_grace
}

/// What may happen to a review.
#[derive(Debug, Clone)]
enum Turn {
    Pass(Duration),
    Tick,
    Confirm,
    Escalate,
    Edit(u8),
    Approve(u8),
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        6 => (1_u32..600).prop_map(|minutes| Turn::Pass(MINUTE * minutes)),
        6 => Just(Turn::Tick),
        4 => Just(Turn::Confirm),
        2 => Just(Turn::Escalate),
        1 => any::<u8>().prop_map(Turn::Edit),
        1 => (1_u8..3).prop_map(Turn::Approve),
    ];
    prop::collection::vec(turn, 1..60)
}

proptest! {
    #[test]
    fn in_any_life_of_a_review_the_clock_keeps_its_laws(
        turns in turns(),
        levels in prop::option::of(1_u8..=9),
        complete_in in prop::option::of(60_u32..4_000),
    ) {
        let mut recipe = draft();
        recipe.policy.approvals = 3;
        recipe.policy.on_overdue = levels.map_or(OnOverdue::Expire, |levels| OnOverdue::Escalate { levels });
        recipe.complete_by = complete_in.map(|minutes| super::make::START + MINUTE * minutes);
        let mut made = recipe.created().in_state(State::AwaitingDecision).published();
        let mut reminders = 0;
        for turn in turns {
            let before = made.job.clone();
            owes_what_it_should(&made);
            let is_over = made.job.deadline <= made.now;
            made = match turn {
                Turn::Pass(wait) => made.after(wait),
                Turn::Confirm => made.published(),
                Turn::Tick => match made.job.duty(made.now) {
                    Some(Duty::Remind | Duty::Expire) => tick(made),
                    _ => made,
                },
                // Nothing is decided once the time is over.
                Turn::Edit(_) | Turn::Approve(_) if is_over => made,
                Turn::Edit(text) => made.by(&person(), edited(&text.to_string())),
                Turn::Approve(missing) => made.by(&person(), Event::Approved { approvals_missing: missing, note: None }),
                Turn::Escalate => match made.job.apply(escalated(), &made.context()) {
                    Ok(Some(_)) => made.by(&person(), escalated()),
                    _ => made,
                },
            };
            let (Some(clock), Some(now)) = (before.review, made.job.review) else { break };
            let event = made.records.last().filter(|record| record.version > before.version);
            let event = event.map(|record| record.event);
            reminders += u32::from(event == Some(EventKind::Reminded));
            if event == Some(EventKind::Edited) {
                prop_assert_eq!((made.job.escalation_level, now.approvals_missing, now.overdue_at), (0, 3, made.now + 4 * HOUR));
                reminders = 0;
            } else {
                prop_assert!(made.job.escalation_level >= before.escalation_level, "the level fell in a round");
                prop_assert!(now.next_reminder_at >= clock.next_reminder_at, "the clock went back in a round");
                prop_assert_eq!(now.overdue_at, clock.overdue_at);
            }
            prop_assert!(reminders <= 1, "a second reminder in a round");
            prop_assert!(made.job.escalation_level <= MAX_LEVEL);
            prop_assert_eq!(made.job.deadline, before.deadline);
        }
    }
}

/// The duty, said once more from the clock and the calendar: an event has a while to get out, and then what is late comes.
#[track_caller]
fn owes_what_it_should(made: &Made) {
    let Made { job, now, .. } = made;
    let Some(clock) = job.review else { return };
    let is_calm = job.updated_at + made_grace() <= *now;
    let owed = job.duty(*now);
    if !job.is_published() {
        assert!(matches!(owed, None | Some(Duty::Publish | Duty::Expire)), "{owed:?} with news to tell");
    } else if *now < clock.next_reminder_at && *now < job.deadline {
        assert_eq!(owed, None);
    } else if is_calm {
        let is_over = job.deadline <= *now;
        assert_eq!(owed, Some(if is_over { Duty::Expire } else { Duty::Remind }));
    } else {
        assert!(matches!(owed, None | Some(Duty::Remind | Duty::Expire)), "{owed:?}");
    }
}
