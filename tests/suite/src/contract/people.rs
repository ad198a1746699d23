//! People: a change of a member is one version of its workspace, and a decision counts only while its people may decide.

use std::time::Duration;

use domain::job::note::Note;
use domain::people::workspace::Workspace;
use domain::port::{Commit, DueRow, Store, WriteOutcome};
use domain::value::id::{Issuer, Principal, WorkspaceId};
use domain::value::member::{Member, MemberName, Role};
use domain::value::time::Timing;

use super::make::{NOW, bare, change_to, next, nonce, workspace};
use super::{all, put, row, trail};

pub(crate) fn principal(name: &str) -> Principal {
    Principal::parse(name).unwrap()
}

pub(crate) fn member(name: &str, roles: &[Role]) -> Member {
    Member {
        principal: principal(name),
        roles: roles.iter().copied().collect(),
        issuer: None,
        active: !roles.is_empty(),
        name: None,
    }
}

/// Makes somebody what they are to be, as the workspace's first admin does.
pub(crate) async fn set(store: &impl Store, member: Member) {
    let change = store.workspace(&workspace()).await.unwrap().set_member(member, &principal("root"), NOW).unwrap();
    assert_eq!(store.change_workspace(&change, None).await.unwrap(), WriteOutcome::Committed);
}

pub(super) async fn a_workspace_without_a_row_has_never_changed(store: &impl Store) {
    assert_eq!(store.workspace(&workspace()).await.unwrap(), Workspace::untouched(workspace()));
    assert!(store.members(&workspace()).await.unwrap().is_empty());
}

pub(super) async fn a_member_reads_back_and_its_change_is_a_version(store: &impl Store) {
    let issuer = Some(Issuer::of("https://issuer.example"));
    let rita = Member { issuer, ..member("rita", &[Role::Reviewer, Role::Submitter]) };
    let change = Workspace::untouched(workspace()).set_member(rita.clone(), &principal("root"), NOW).unwrap();
    assert_eq!(store.change_workspace(&change, None).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.member(&workspace(), &rita.principal).await.unwrap(), Some(rita.clone()));
    assert_eq!(store.members(&workspace()).await.unwrap(), [rita]);
    assert_eq!(store.workspace(&workspace()).await.unwrap(), change.workspace);
    assert_eq!(store.change_workspace(&change, None).await.unwrap(), WriteOutcome::Conflict, "the same again");
}

pub(super) async fn the_memberships_of_a_person_are_those_of_the_workspaces_they_are_in(store: &impl Store) {
    let put = async |workspace: &str, member: Member| {
        let workspace = store.workspace(&WorkspaceId::parse(workspace).unwrap()).await.unwrap();
        let change = workspace.set_member(member, &principal("root"), NOW).unwrap();
        assert_eq!(store.change_workspace(&change, None).await.unwrap(), WriteOutcome::Committed);
    };
    let rita = |roles: &[Role]| Member { name: MemberName::parse("Rita Rossi"), ..member("rita", roles) };
    let seen = async |who: &str| {
        let rows = store.memberships(&principal(who)).await.unwrap();
        rows.into_iter().map(|(workspace, member)| (workspace.to_string(), member)).collect::<Vec<_>>()
    };
    assert_eq!(seen("rita").await, []);
    for workspace in ["rival", "acme", "other"] {
        put(workspace, rita(&[Role::Reviewer])).await;
    }
    put("other", member("otto", &[Role::Operator])).await;
    put("other", rita(&[])).await;
    put("rival", rita(&[Role::Admin])).await;
    let expected = [("acme", rita(&[Role::Reviewer])), ("rival", rita(&[Role::Admin]))];
    assert_eq!(seen("rita").await, expected.map(|(workspace, member)| (workspace.to_owned(), member)));
    put("other", rita(&[Role::Auditor])).await;
    assert_eq!(seen("rita").await.len(), 3, "who is set again is a member again");
    assert_eq!(seen("rit").await, [], "another name");
}

pub(super) async fn of_many_changes_from_one_version_exactly_one_is_done(store: &impl Store) {
    let before = store.workspace(&workspace()).await.unwrap();
    let names = (0..8).map(|number| format!("person-{number}"));
    let changes: Vec<_> = names
        .map(|name| before.set_member(member(&name, &[Role::Submitter]), &principal("root"), NOW).unwrap())
        .collect();
    let writes = all(changes.iter().map(|change| store.change_workspace(change, None))).await;
    assert_eq!(writes.into_iter().filter(|write| *write.as_ref().unwrap() == WriteOutcome::Committed).count(), 1);
    assert_eq!(store.members(&workspace()).await.unwrap().len(), 1);
}

pub(super) async fn changes_are_confirmed_without_a_gap_and_then_nothing_is_due(store: &impl Store) {
    let id = workspace();
    assert_eq!(store.confirm_workspace(&id, 1, 1).await.unwrap(), WriteOutcome::Conflict, "there is no row");
    for name in ["rita", "remy", "otto"] {
        set(store, member(name, &[Role::Reviewer])).await;
    }
    let late = NOW + Duration::from_secs(61);
    let is_due = async || {
        let rows = store.due(late, 10).await.unwrap();
        rows.iter().any(|row| matches!(row, DueRow::Workspace(row) if row.id == workspace()))
    };
    assert!(is_due().await && store.due(NOW, 10).await.unwrap().is_empty(), "the stream has its time");
    assert_eq!(store.confirm_workspace(&id, 2, 2).await.unwrap(), WriteOutcome::Conflict, "the first one is not");
    assert_eq!(store.confirm_workspace(&id, 1, 1).await.unwrap(), WriteOutcome::Committed);
    assert_eq!(store.confirm_workspace(&id, 1, 1).await.unwrap(), WriteOutcome::Conflict);
    assert!(is_due().await);
    assert_eq!(store.confirm_workspace(&id, 2, 4).await.unwrap(), WriteOutcome::Conflict, "there is no fourth");
    assert_eq!(store.confirm_workspace(&id, 2, 3).await.unwrap(), WriteOutcome::Committed);
    let row = store.workspace(&id).await.unwrap();
    assert_eq!((row.version, row.published, row.due), (3, 3, None));
    assert!(!is_due().await);
    set(store, member("otto", &[])).await;
    let row = store.workspace(&id).await.unwrap();
    assert_eq!((row.version, row.published), (4, 3), "a change keeps what was confirmed");
    assert!(is_due().await);
}

pub(super) async fn of_many_claims_of_one_workspace_exactly_one_is_done(store: &impl Store) {
    set(store, member("rita", &[Role::Reviewer])).await;
    let seen = store.workspace(&workspace()).await.unwrap();
    let late = NOW + Duration::from_secs(61);
    assert_eq!(seen.claim(&Timing::aws(), NOW), None);
    let claimed = seen.claim(&Timing::aws(), late).unwrap();
    let writes = all((0..8).map(|_| store.claim_workspace(&seen, &claimed))).await;
    assert_eq!(writes.into_iter().filter(|write| *write.as_ref().unwrap() == WriteOutcome::Committed).count(), 1);
    assert_eq!(store.workspace(&workspace()).await.unwrap(), claimed);
    set(store, member("remy", &[Role::Reviewer])).await;
    assert_eq!(store.claim_workspace(&claimed, &claimed).await.unwrap(), WriteOutcome::Conflict, "it has changed");
    assert_eq!(store.confirm_workspace(&workspace(), 1, 2).await.unwrap(), WriteOutcome::Committed);
    let heard = store.workspace(&workspace()).await.unwrap();
    assert_eq!(heard.claim(&Timing::aws(), late), None);
    assert_eq!(store.claim_workspace(&heard, &heard).await.unwrap(), WriteOutcome::Conflict, "nothing is due");
}

pub(super) async fn only_who_is_an_admin_at_that_moment_changes_a_member(store: &impl Store) {
    let ada = principal("ada");
    let by_ada = async |member: Member| {
        let change = store.workspace(&workspace()).await.unwrap().set_member(member, &ada, NOW).unwrap();
        store.change_workspace(&change, Some(&ada)).await.unwrap()
    };
    let rita = member("rita", &[Role::Reviewer]);
    assert_eq!(by_ada(rita.clone()).await, WriteOutcome::Conflict, "she is nobody");
    set(store, member("ada", &[Role::Reviewer])).await;
    assert_eq!(by_ada(rita.clone()).await, WriteOutcome::Conflict, "she is no admin");
    set(store, member("ada", &[Role::Admin])).await;
    assert_eq!(by_ada(rita.clone()).await, WriteOutcome::Committed);
    // Her own row is checked and written in one.
    assert_eq!(by_ada(member("ada", &[Role::Submitter])).await, WriteOutcome::Committed);
    assert_eq!(by_ada(member("ada", &[Role::Admin])).await, WriteOutcome::Conflict);
    assert_eq!(store.member(&workspace(), &ada).await.unwrap(), Some(member("ada", &[Role::Submitter])));
}

pub(super) async fn a_decision_counts_only_while_its_people_are_reviewers(store: &impl Store) {
    let job = put(store, change_to(bare("1"))).await;
    let decided = next(&job, |job| job.unpriced_responses = 1);
    let note = Note { version: decided.job.version, salt: nonce(9), text: "Looks right.".to_owned() };
    let (rita, remy) = (principal("rita"), principal("remy"));
    set(store, member("rita", &[Role::Reviewer])).await;
    for reviewer in [member("remy", &[Role::Operator]), member("remy", &[])] {
        set(store, reviewer).await;
        let write = store
            .commit(Commit {
                note: Some(&note),
                reviewers: &[rita.clone(), remy.clone()],
                ..Commit::of(&decided, None)
            })
            .await
            .unwrap();
        assert_eq!(write, WriteOutcome::Conflict);
        assert_eq!((row(store, &job).await, trail(store, &job).await.len()), (job.clone(), 1));
        assert!(store.notes(&job.workspace, &job.id).await.unwrap().is_empty());
    }
    set(store, member("remy", &[Role::Reviewer])).await;
    assert_eq!(
        store
            .commit(Commit { note: Some(&note), reviewers: &[rita.clone(), remy], ..Commit::of(&decided, None) })
            .await
            .unwrap(),
        WriteOutcome::Committed
    );
    assert_eq!(row(store, &job).await, decided.job);
    assert_eq!(store.notes(&job.workspace, &job.id).await.unwrap(), [note]);
    assert_eq!(
        store.commit(Commit { reviewers: &[rita], ..Commit::of(&decided, None) }).await.unwrap(),
        WriteOutcome::Conflict,
        "the job has moved on"
    );
}

pub(super) async fn notes_come_in_the_order_of_their_decisions(store: &impl Store) {
    set(store, member("rita", &[Role::Reviewer])).await;
    let mut job = put(store, change_to(bare("1"))).await;
    let mut written = Vec::new();
    for number in 0..12 {
        let decided = next(&job, |job| job.unpriced_responses = number);
        let note = Note { version: decided.job.version, salt: nonce(1), text: format!("note {number}") };
        assert_eq!(
            store
                .commit(Commit { note: Some(&note), reviewers: &[principal("rita")], ..Commit::of(&decided, None) })
                .await
                .unwrap(),
            WriteOutcome::Committed
        );
        job = decided.job;
        written.push(note);
    }
    assert_eq!(store.notes(&job.workspace, &job.id).await.unwrap(), written);
}
