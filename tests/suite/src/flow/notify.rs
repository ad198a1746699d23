//! One delivery among many: who tells people, who waits, and what a dead process leaves. With rows, and without.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::event::notice::Notice;
use domain::event::published::{Published, PublishedKind, published};
use domain::flow::notify::{LEASE, Told, notify};
use domain::job::EventKind;
use domain::port::{Claim, Clock as _, NoticeLedger, Notifier};
use domain::value::failure::{Class, Failure};
use domain::value::id::{JobId, WorkspaceId};
use domain::value::time::Timestamp;
use local::clock::WorldClock;
use local::embedded::{Embedded, TABLE};
use local::template::Template;
use local::world::TEMPLATE;
use simulation::memory::MemoryNotices;

use crate::contract::all;
use crate::contract::make::{bare, change_to};

const BASE: &str = "https://jobs.example";

fn event() -> Published {
    let mut change = change_to(bare("1"));
    change.record.event = EventKind::Escalated;
    published(&change.job.workspace, &change.job.id, &change.record, &change.sealed).unwrap()
}

fn clock() -> WorldClock {
    WorldClock::simulated(Timestamp::from_millis(1_795_000_000_000))
}

/// Counts what it is told, and fails as often as it is set to.
#[derive(Default)]
struct Channel {
    told: AtomicU32,
    failing: AtomicU32,
}

impl Channel {
    fn told(&self) -> u32 {
        self.told.load(Ordering::SeqCst)
    }
}

impl Notifier for Channel {
    async fn notify(&self, notice: &Notice) -> Result<(), Failure> {
        assert_eq!(notice.id, event().id);
        // Others come while this one is under way.
        tokio::task::yield_now().await;
        if self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(Failure::transient("post the notice", "the channel is down"));
        }
        self.told.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn many_at_once(notices: &impl NoticeLedger) {
    let (channel, clock, event) = (Channel::default(), clock(), event());
    let outcomes = all((0..8).map(|_| notify(notices, &channel, &clock, BASE, &event))).await;
    assert_eq!(channel.told(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Told::Now))).count(), 1);
    let waiting = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    assert!(waiting.clone().all(|failure| failure.class == Class::Transient));
    clock.advance(3 * LEASE);
    for _ in 0..8 {
        assert!(matches!(notify(notices, &channel, &clock, BASE, &event).await, Ok(Told::Before)));
    }
    assert_eq!(channel.told(), 1);
}

async fn a_channel_that_fails(notices: &impl NoticeLedger) {
    let (channel, clock, event) = (Channel::default(), clock(), event());
    channel.failing.store(2, Ordering::SeqCst);
    for failed in [true, true, false] {
        assert_eq!(notify(notices, &channel, &clock, BASE, &event).await.is_err(), failed);
        clock.advance(LEASE);
    }
    assert!(matches!(notify(notices, &channel, &clock, BASE, &event).await, Ok(Told::Before)));
    assert_eq!(channel.told(), 1);
}

/// The one case in which people are told twice, and `events/README.md` says so.
async fn a_process_that_dies_after_it_told_people(notices: &impl NoticeLedger) {
    let (channel, clock, event) = (Channel::default(), clock(), event());
    let job = (&event.workspace, &event.job_id);
    assert_eq!(notices.claim(job, event.version, clock.now(), LEASE).await.unwrap(), Claim::Mine);
    channel.notify(&Notice::of(&event, BASE).unwrap()).await.unwrap();

    clock.advance(LEASE - Duration::from_secs(1));
    assert!(notify(notices, &channel, &clock, BASE, &event).await.is_err(), "it may still be at it");
    clock.advance(Duration::from_secs(1));
    assert!(matches!(notify(notices, &channel, &clock, BASE, &event).await, Ok(Told::Now)));
    assert!(matches!(notify(notices, &channel, &clock, BASE, &event).await, Ok(Told::Before)));
    assert_eq!(channel.told(), 2);
}

#[tokio::test]
async fn in_memory() {
    many_at_once(&MemoryNotices::default()).await;
    a_channel_that_fails(&MemoryNotices::default()).await;
    a_process_that_dies_after_it_told_people(&MemoryNotices::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_rows() {
    let template = Template::parse(TEMPLATE).unwrap();
    let table = async || {
        let embedded = Embedded::open(None, &template).unwrap();
        (adapters::aws::dynamodb::Table::new(embedded.client(), TABLE), embedded)
    };
    let (rows, _embedded) = table().await;
    many_at_once(&rows).await;
    let (rows, _embedded) = table().await;
    a_channel_that_fails(&rows).await;
    let (rows, _embedded) = table().await;
    a_process_that_dies_after_it_told_people(&rows).await;
}

/// Rows that can be claimed and not marked.
struct Unmarkable(MemoryNotices);

impl NoticeLedger for Unmarkable {
    async fn claim(
        &self,
        job: (&WorkspaceId, &JobId),
        version: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Claim, Failure> {
        self.0.claim(job, version, now, lease).await
    }

    async fn done(&self, _: (&WorkspaceId, &JobId), _: u32, _: Timestamp) -> Result<(), Failure> {
        Err(Failure::transient("mark the notice", "the table is down"))
    }
}

#[tokio::test]
async fn a_mark_that_fails_does_not_bring_the_message_back() {
    let (channel, clock) = (Channel::default(), clock());
    let told = notify(&Unmarkable(MemoryNotices::default()), &channel, &clock, BASE, &event()).await;
    assert!(matches!(told, Ok(Told::Unmarked(_))), "{told:?}");
    assert_eq!(channel.told(), 1);
}

#[tokio::test]
async fn a_kind_that_nobody_is_told_of_is_refused_for_good_and_claims_nothing() {
    let (notices, channel, clock) = (MemoryNotices::default(), Channel::default(), clock());
    let stranger = Published { kind: PublishedKind::Completed, ..event() };
    let refused = notify(&notices, &channel, &clock, BASE, &stranger).await.unwrap_err();
    assert_eq!((refused.class, channel.told()), (Class::Permanent, 0));
    assert!(matches!(notify(&notices, &channel, &clock, BASE, &event()).await, Ok(Told::Now)));
}
