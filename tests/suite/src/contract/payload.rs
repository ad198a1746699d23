//! Payloads read back as they were written, or not at all.

use domain::job::PayloadRef;
use domain::port::{PayloadKind, Payloads};

use super::make::{job_id, workspace};

const RESULT: PayloadKind = PayloadKind::Result { attempt: 1 };

pub(super) async fn payloads_of_every_size_read_back_as_they_were(payloads: &impl Payloads) {
    let (workspace, id) = (workspace(), job_id("1"));
    let job = (&workspace, &id);
    for size in [0, 1, 4_095, 4_096, 4_097, 300_000] {
        let bytes: Vec<u8> = (0..=255).cycle().take(size).collect();
        for kind in [PayloadKind::Input, RESULT, PayloadKind::Result { attempt: 12 }] {
            let stored = payloads.put(job, kind, &bytes).await.unwrap();
            assert_eq!(stored, PayloadRef::of(&bytes));
            assert_eq!(
                payloads.get(job, kind, &stored).await.unwrap().as_ref(),
                Some(&bytes),
                "{size} bytes, {kind:?}"
            );
        }
    }
}

pub(super) async fn the_same_content_twice_does_no_harm(payloads: &impl Payloads) {
    let (workspace, id) = (workspace(), job_id("1"));
    let job = (&workspace, &id);
    for bytes in [vec![1; 10], vec![2; 10_000]] {
        let first = payloads.put(job, RESULT, &bytes).await.unwrap();
        let second = payloads.put(job, RESULT, &bytes).await.unwrap();
        assert_eq!(first, second);
        // Other content of the same kind has a name of its own.
        let other: Vec<u8> = bytes.iter().map(|byte| byte + 1).collect();
        payloads.put(job, RESULT, &other).await.unwrap();
        assert_eq!(payloads.get(job, RESULT, &first).await.unwrap(), Some(bytes));
    }
}

pub(super) async fn a_payload_that_is_not_there_is_none(payloads: &impl Payloads) {
    let (workspace, id, other) = (workspace(), job_id("1"), job_id("2"));
    for size in [10, 10_000] {
        let bytes = vec![7; size];
        assert_eq!(payloads.get((&workspace, &id), RESULT, &PayloadRef::of(&bytes)).await.unwrap(), None);
        let stored = payloads.put((&workspace, &id), RESULT, &bytes).await.unwrap();
        for (job, kind) in [(&other, RESULT), (&id, PayloadKind::Input), (&id, PayloadKind::Result { attempt: 2 })] {
            assert_eq!(payloads.get((&workspace, job), kind, &stored).await.unwrap(), None, "{job} {kind:?}");
        }
        // The length is part of the name.
        let longer = PayloadRef { bytes: stored.bytes + 1, ..stored };
        assert_eq!(payloads.get((&workspace, &id), RESULT, &longer).await.unwrap(), None);
    }
}

pub(super) async fn erased_payloads_are_gone_and_those_of_other_jobs_are_not(payloads: &impl Payloads) {
    let (workspace, id, longer) = (workspace(), job_id("1"), job_id("11"));
    let kinds = [PayloadKind::Input, RESULT, PayloadKind::Result { attempt: 2 }];
    for size in [10, 10_000] {
        let bytes = vec![7; size];
        let stored = PayloadRef::of(&bytes);
        payloads.put((&workspace, &longer), RESULT, &bytes).await.unwrap();
        for kind in kinds {
            payloads.put((&workspace, &id), kind, &bytes).await.unwrap();
        }
        for _ in 0..2 {
            payloads.erase((&workspace, &id)).await.unwrap();
            for kind in kinds {
                assert_eq!(payloads.get((&workspace, &id), kind, &stored).await.unwrap(), None, "{size}, {kind:?}");
            }
        }
        assert_eq!(payloads.get((&workspace, &longer), RESULT, &stored).await.unwrap(), Some(bytes));
    }
}
