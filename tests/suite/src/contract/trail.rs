//! A trail reads back whole, however long it is.

use domain::job::record::chain_intact;
use domain::port::{Commit, Store, WriteOutcome};

use super::make::{bare, change_to, next, sealed};
use super::{Bench, put, trail};

/// 300 records of 4 KB: more than a megabyte, which is where DynamoDB ends a page.
pub(super) async fn a_long_trail_reads_back_whole_and_in_order(store: &impl Store) {
    let first = change_to(bare("1"));
    let mut job = put(store, first.clone()).await;
    let mut written = vec![first.sealed];
    for _ in 1..300 {
        let change = next(&job, |_| ());
        let body = format!("{}{}", change.sealed.body, " ".repeat(4_000));
        let before = job.head;
        let change = sealed(domain::job::Job { head: before, ..change.job }, change.record, body);
        assert_eq!(store.commit(Commit::of(&change, None)).await.unwrap(), WriteOutcome::Committed);
        written.push(change.sealed);
        job = change.job;
    }
    let read = trail(store, &job).await;
    assert!(read == written, "{} of 300 records, or in another order", read.len());
    assert!(chain_intact(&job, &read));
    for after in [1, 9, 10, 255, 299] {
        let rest = store.trail(&job.workspace, &job.id, after).await.unwrap();
        assert!(rest == written[usize::try_from(after).unwrap()..], "after {after}");
    }
    assert_eq!(store.trail(&job.workspace, &job.id, 300).await.unwrap(), []);
    assert_eq!(store.trail(&job.workspace, &job.id, u32::MAX).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trail_of_several_pages_reads_back_whole() {
    let bench = Bench::open();
    a_long_trail_reads_back_whole_and_in_order(&bench.table).await;
    let pages = bench.table.meter().readings().calls("Query");
    assert!(pages > 8, "{pages} pages for eight trails");
}
