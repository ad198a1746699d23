//! Lists show each job of a workspace once, the newest first.

use domain::job::{Job, State};
use domain::port::{Commit, Listing, Order, Position, Span, Store, WriteOutcome};
use domain::value::id::{Issuer, JobId, Principal, WorkspaceId};

use super::make::{MINUTE, NOW, bare, change_to, next, workspace};
use super::put;

/// All pages of a list, and how many there were.
async fn pages(store: &impl Store, listing: Listing<'_>, limit: u16) -> (Vec<Job>, usize) {
    let (mut jobs, mut from, mut count) = (vec![], None, 0);
    loop {
        let page = store.list(&workspace(), listing, &Span::default(), from.as_ref(), limit).await.unwrap();
        assert!(page.jobs.len() <= usize::from(limit));
        jobs.extend(page.jobs);
        count += 1;
        from = page.next;
        if from.is_none() {
            return (jobs, count);
        }
        assert!(count < 100, "the cursor goes round in circles");
    }
}

async fn names(store: &impl Store, listing: Listing<'_>) -> Vec<String> {
    pages(store, listing, 100).await.0.into_iter().map(|job| job.id.to_string()).collect()
}

pub(super) async fn a_list_is_newest_first(store: &impl Store) {
    let mut made = vec![];
    for (name, minutes) in [("b", 2), ("d", 4), ("a", 1), ("c", 3)] {
        made.push(put(store, change_to(Job { created_at: NOW + minutes * MINUTE, ..bare(name) })).await);
    }
    assert_eq!(names(store, Listing::All).await, ["job_d", "job_c", "job_b", "job_a"]);
    made.sort_by_key(|job| std::cmp::Reverse(job.created_at));
    assert_eq!(pages(store, Listing::All, 100).await.0, made);
}

pub(super) async fn a_span_of_time_begins_with_its_first_moment_and_ends_before_its_last(store: &impl Store) {
    for minute in 0..6_u32 {
        put(store, change_to(Job { created_at: NOW + minute * MINUTE, ..bare(&minute.to_string()) })).await;
    }
    let creator = bare("0").created_by;
    let [from, to] = [Some(NOW + MINUTE), Some(NOW + 4 * MINUTE)];
    for listing in [Listing::All, Listing::Open, Listing::By(&creator, None)] {
        for (from, to, expected) in [
            (from, to, &["job_3", "job_2", "job_1"][..]),
            (None, from, &["job_0"]),
            (to, None, &["job_5", "job_4"]),
            (None, None, &["job_5", "job_4", "job_3", "job_2", "job_1", "job_0"]),
        ] {
            let span = Span { from, to, order: Order::Newest };
            assert_eq!(through(store, listing, &span).await, expected);
            let mut oldest = expected.to_vec();
            oldest.reverse();
            assert_eq!(through(store, listing, &Span { order: Order::Oldest, ..span }).await, oldest);
        }
    }
}

pub(super) async fn the_oldest_first_is_the_same_list_from_its_other_end(store: &impl Store) {
    for number in 0..7_u32 {
        // Several jobs of one moment: a page may end between them.
        put(store, change_to(Job { created_at: NOW + (number / 3) * MINUTE, ..bare(&number.to_string()) })).await;
    }
    let mut names = through(store, Listing::All, &Span { order: Order::Oldest, ..Span::default() }).await;
    assert_eq!(names.last().unwrap(), "job_6");
    let mut newest = through(store, Listing::All, &Span::default()).await;
    names.sort();
    newest.sort();
    assert_eq!((names.len(), &names), (7, &newest));
}

/// The names of all jobs of a span, read from job to job: a reader may go on from any of them.
async fn through(store: &impl Store, listing: Listing<'_>, span: &Span) -> Vec<String> {
    let (mut names, mut after) = (vec![], None);
    loop {
        let page = store.list(&workspace(), listing, span, after.as_ref(), 3).await.unwrap();
        let Some(first) = page.jobs.first() else { return names };
        names.push(first.id.to_string());
        after = Some(Position::of(first));
        assert!(names.len() < 100, "the cursor goes round in circles");
    }
}

pub(super) async fn pages_of_any_size_show_every_job_once(store: &impl Store) {
    for number in 0..23_u32 {
        // Several jobs of one moment: a page may end between them.
        let created_at = NOW + (number / 5) * MINUTE;
        put(store, change_to(Job { created_at, ..bare(&format!("{number:02}")) })).await;
    }
    let creator = bare("00").created_by;
    for listing in [Listing::All, Listing::Open, Listing::By(&creator, None)] {
        for limit in [1, 2, 5, 7, 22, 23, 24, 100] {
            let (jobs, count) = pages(store, listing, limit).await;
            assert!(jobs.windows(2).all(|pair| pair[0].created_at >= pair[1].created_at), "pages of {limit}");
            let mut ids: Vec<_> = jobs.iter().map(|job| job.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!((jobs.len(), ids.len()), (23, 23), "pages of {limit}");
            assert!(count <= 23 / usize::from(limit) + 1, "{count} pages of {limit}");
        }
    }
}

pub(super) async fn an_open_list_leaves_out_what_is_over(store: &impl Store) {
    for state in State::ALL {
        let name = format!("{state:?}").to_lowercase();
        put(store, change_to(Job { state, ..bare(&name) })).await;
        let away = Job { state, archived_at: Some(NOW), ..bare(&format!("{name}_archived")) };
        if state.is_terminal() {
            put(store, change_to(away)).await;
        }
    }
    assert_eq!(names(store, Listing::All).await.len(), 14);
    let mut open = names(store, Listing::Open).await;
    open.sort();
    let expected = ["awaitingaction", "awaitingdecision", "expired", "failed", "held", "inprogress", "retryscheduled"];
    let mut expected: Vec<String> = expected.iter().chain(&["waiting"]).map(|name| format!("job_{name}")).collect();
    expected.sort();
    assert_eq!(open, expected);
}

pub(super) async fn a_job_that_ends_leaves_the_open_list(store: &impl Store) {
    let job = put(store, change_to(bare("1"))).await;
    let failed = next(&job, |job| job.state = State::Failed);
    assert_eq!(store.commit(Commit::of(&failed, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(names(store, Listing::Open).await, ["job_1"]);
    let archived = next(&failed.job, |job| job.archived_at = Some(NOW));
    assert_eq!(store.commit(Commit::of(&archived, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(names(store, Listing::Open).await, [""; 0]);
    let again = next(&archived.job, |job| {
        job.state = State::Waiting;
        job.archived_at = None;
    });
    assert_eq!(store.commit(Commit::of(&again, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(names(store, Listing::Open).await, ["job_1"]);
    let completed = next(&again.job, |job| job.state = State::Completed);
    assert_eq!(store.commit(Commit::of(&completed, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(names(store, Listing::Open).await, [""; 0]);
    assert_eq!(names(store, Listing::All).await, ["job_1"]);
}

pub(super) async fn a_list_shows_its_own_workspace_only(store: &impl Store) {
    put(store, change_to(bare("1"))).await;
    let rival = WorkspaceId::parse("rival").unwrap();
    put(store, change_to(Job { workspace: rival.clone(), ..bare("2") })).await;
    assert_eq!(names(store, Listing::All).await, ["job_1"]);
    assert_eq!(names(store, Listing::Open).await, ["job_1"]);
    let nobody = WorkspaceId::parse("acm").unwrap();
    let creator = bare("1").created_by;
    assert_eq!(names(store, Listing::By(&creator, None)).await, ["job_1"]);
    for open in [Listing::All, Listing::Open, Listing::By(&creator, None)] {
        assert_eq!(store.list(&rival, open, &Span::default(), None, 100).await.unwrap().jobs.len(), 1);
        assert_eq!(store.list(&nobody, open, &Span::default(), None, 100).await.unwrap().jobs.len(), 0);
    }
}

pub(super) async fn a_creators_list_shows_their_own_whatever_becomes_of_them(store: &impl Store) {
    let principal = |name: &str| Principal::parse(name).unwrap();
    let [alice, al, rita] = ["alice", "al", "rita#alice"].map(principal);
    for (number, creator) in [&alice, &rita, &alice, &al, &alice].into_iter().enumerate() {
        let (created_at, created_by) = (NOW + u32::try_from(number).unwrap() * MINUTE, creator.clone());
        put(store, change_to(Job { created_at, created_by, ..bare(&number.to_string()) })).await;
    }
    assert_eq!(names(store, Listing::By(&alice, None)).await, ["job_4", "job_2", "job_0"]);
    assert_eq!(names(store, Listing::By(&al, None)).await, ["job_3"]);
    assert_eq!(names(store, Listing::By(&rita, None)).await, ["job_1"]);
    // The same subject of another issuer is somebody else.
    let other = Some(Issuer::of("https://other.example"));
    put(store, change_to(Job { created_by: alice.clone(), issuer: other, ..bare("other") })).await;
    assert_eq!(names(store, Listing::By(&alice, other)).await, ["job_other"]);
    assert_eq!(names(store, Listing::By(&alice, Some(Issuer::of("https://third.example")))).await, [""; 0]);
    let page = store.list(&workspace(), Listing::By(&alice, None), &Span::default(), None, 2).await.unwrap();
    assert_eq!(page.next.unwrap().job.as_str(), "job_2", "a cursor names a job of one's own");
    let job = store.job(&workspace(), &JobId::parse("job_2").unwrap()).await.unwrap().unwrap();
    let ended = next(&job, |job| (job.state, job.archived_at) = (State::Completed, Some(NOW)));
    assert_eq!(store.commit(Commit::of(&ended, None)).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(names(store, Listing::By(&alice, None)).await, ["job_4", "job_2", "job_0"]);
}
