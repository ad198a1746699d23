//! Of many deliveries of one event, one tells people, and none does once they know.

use std::time::Duration;

use domain::port::{Claim, NoticeLedger};
use domain::value::id::WorkspaceId;

use super::all;
use super::make::{MINUTE, NOW, job_id, workspace};

const SECOND: Duration = Duration::from_secs(1);

pub(super) async fn of_many_claims_of_one_event_exactly_one_is_given(notices: &impl NoticeLedger) {
    let (workspace, id) = (workspace(), job_id("1"));
    let claims = all((0..16).map(|_| notices.claim((&workspace, &id), 3, NOW, MINUTE))).await;
    let claims: Vec<_> = claims.into_iter().map(Result::unwrap).collect();
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Mine).count(), 1, "{claims:?}");
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Busy).count(), 15, "{claims:?}");
}

pub(super) async fn a_claim_is_free_when_its_lease_is_over(notices: &impl NoticeLedger) {
    let (workspace, id) = (workspace(), job_id("1"));
    let claim = async |now| notices.claim((&workspace, &id), 3, now, MINUTE).await.unwrap();
    assert_eq!(claim(NOW).await, Claim::Mine);
    assert_eq!(claim(NOW + MINUTE - SECOND).await, Claim::Busy);
    assert_eq!(claim(NOW + MINUTE).await, Claim::Mine);
    assert_eq!(claim(NOW + MINUTE).await, Claim::Busy, "the lease begins anew");
}

pub(super) async fn what_people_know_is_never_claimed_again(notices: &impl NoticeLedger) {
    let (workspace, id) = (workspace(), job_id("1"));
    let claim = async |now| notices.claim((&workspace, &id), 3, now, MINUTE).await.unwrap();
    assert_eq!(claim(NOW).await, Claim::Mine);
    notices.done((&workspace, &id), 3, NOW + SECOND).await.unwrap();
    for later in [SECOND, MINUTE, 60 * 24 * 400 * MINUTE] {
        assert_eq!(claim(NOW + later).await, Claim::Done);
    }
    // A delivery whose lease was over may have been the one that told them.
    notices.done((&workspace, &id), 3, NOW + MINUTE).await.unwrap();
    assert_eq!(claim(NOW + 2 * MINUTE).await, Claim::Done);
}

pub(super) async fn events_of_one_job_and_of_others_do_not_touch_each_other(notices: &impl NoticeLedger) {
    let (acme, rival) = (workspace(), WorkspaceId::parse("rival").unwrap());
    let (one, two) = (job_id("1"), job_id("2"));
    notices.done((&acme, &one), 3, NOW).await.unwrap();
    for (job, version) in [((&acme, &one), 2), ((&acme, &one), 30), ((&acme, &two), 3), ((&rival, &one), 3)] {
        assert_eq!(notices.claim(job, version, NOW, MINUTE).await.unwrap(), Claim::Mine, "{job:?} {version}");
    }
}
