//! Types: a version is written once, stays as it is, and is one version of its workspace, too.

use domain::people::workspace::{Workspace, WorkspaceChange, WorkspaceRecord};
use domain::policy::job_type::{JobType, shipped};
use domain::port::{Store, WriteOutcome};
use domain::value::id::{TypeName, WorkspaceId};
use domain::value::member::Role;

use super::all;
use super::make::{NOW, workspace};
use super::people::{member, principal, set};

fn named(name: &str) -> TypeName {
    TypeName::parse(name).unwrap()
}

/// A type that says in its description which version it is.
fn version(name: &str, version: u32) -> JobType {
    let description = format!("Version {version} of {name}, with \u{2028} and \u{1f600}.");
    JobType { name: named(name), version, description, ..shipped("research-report").unwrap() }
}

async fn change(store: &impl Store, job_type: JobType) -> WorkspaceChange {
    store.workspace(&workspace()).await.unwrap().set_type(job_type, &principal("ada"), NOW).unwrap()
}

async fn add(store: &impl Store, job_type: JobType) {
    assert_eq!(store.change_workspace(&change(store, job_type).await, None).await.unwrap(), WriteOutcome::Committed);
}

pub(super) async fn a_type_that_was_never_set_is_not_there(store: &impl Store) {
    // What ships is in no row.
    for name in ["contract-check", "quick-answer"] {
        assert_eq!(store.job_type(&workspace(), &named(name), None).await.unwrap(), None);
        assert_eq!(store.job_type(&workspace(), &named(name), Some(1)).await.unwrap(), None);
    }
    assert!(store.job_types(&workspace()).await.unwrap().is_empty());
    assert!(store.workspace_trail(&workspace()).await.unwrap().is_empty());
}

pub(super) async fn a_type_reads_back_in_each_of_its_versions(store: &impl Store) {
    let name = named("contract-check");
    for number in 1..=11 {
        add(store, version("contract-check", number)).await;
        let latest = store.job_type(&workspace(), &name, None).await.unwrap();
        assert_eq!(latest, Some(version("contract-check", number)));
    }
    for number in 1..=11 {
        let found = store.job_type(&workspace(), &name, Some(number)).await.unwrap();
        assert_eq!(found, Some(version("contract-check", number)));
    }
    assert_eq!(store.job_type(&workspace(), &name, Some(12)).await.unwrap(), None);
    let rival = WorkspaceId::parse("rival").unwrap();
    assert_eq!(store.job_type(&rival, &name, None).await.unwrap(), None);
    assert_eq!(store.workspace(&workspace()).await.unwrap().version, 11);
}

pub(super) async fn a_version_of_a_type_is_written_once(store: &impl Store) {
    add(store, version("contract-check", 1)).await;
    let before = store.workspace(&workspace()).await.unwrap();
    let other = JobType { description: "Another.".to_owned(), ..version("contract-check", 1) };
    let again = change(store, other).await;
    assert_eq!(store.change_workspace(&again, None).await.unwrap(), WriteOutcome::Conflict);
    let found = store.job_type(&workspace(), &named("contract-check"), Some(1)).await.unwrap();
    assert_eq!(found, Some(version("contract-check", 1)));
    assert_eq!(store.workspace(&workspace()).await.unwrap(), before);
    assert_eq!(store.workspace_trail(&workspace()).await.unwrap().len(), 1);
}

pub(super) async fn of_many_versions_from_one_state_exactly_one_is_done(store: &impl Store) {
    let before = store.workspace(&workspace()).await.unwrap();
    let mut changes = Vec::new();
    for number in 0..4 {
        changes.push(before.set_type(version(&format!("type-{number}"), 1), &principal("ada"), NOW).unwrap());
        changes.push(
            before.set_member(member(&format!("person-{number}"), &[Role::Admin]), &principal("ada"), NOW).unwrap(),
        );
    }
    let writes = all(changes.iter().map(|change| store.change_workspace(change, None))).await;
    assert_eq!(writes.into_iter().filter(|write| *write.as_ref().unwrap() == WriteOutcome::Committed).count(), 1);
    let (members, types) = (store.members(&workspace()).await.unwrap(), store.job_types(&workspace()).await.unwrap());
    assert_eq!(members.len() + types.len(), 1);
}

pub(super) async fn only_who_is_an_admin_at_that_moment_sets_a_type(store: &impl Store) {
    let ada = principal("ada");
    let by_ada = async || {
        let change = change(store, version("contract-check", 1)).await;
        store.change_workspace(&change, Some(&ada)).await.unwrap()
    };
    assert_eq!(by_ada().await, WriteOutcome::Conflict, "she is nobody");
    set(store, member("ada", &[Role::Reviewer])).await;
    assert_eq!(by_ada().await, WriteOutcome::Conflict, "she is no admin");
    assert!(store.job_types(&workspace()).await.unwrap().is_empty());
    set(store, member("ada", &[Role::Admin])).await;
    assert_eq!(by_ada().await, WriteOutcome::Committed);
}

pub(super) async fn the_latest_version_of_each_name_is_listed(store: &impl Store) {
    // One name is the beginning of another, and a hyphen and a digit sort before and after what follows a name.
    let latest = [("a", 10), ("a-b", 2), ("a0", 1), ("ab", 3), ("quick-answer", 2), ("z", 1)];
    for (name, versions) in latest {
        for number in 1..=versions {
            add(store, version(name, number)).await;
        }
    }
    set(store, member("type", &[Role::Admin])).await;
    let mut listed = store.job_types(&workspace()).await.unwrap();
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(listed, latest.map(|(name, versions)| version(name, versions)));
    assert!(store.job_types(&WorkspaceId::parse("acm").unwrap()).await.unwrap().is_empty());
}

pub(super) async fn the_records_of_a_workspace_come_in_order(store: &impl Store) {
    for number in 1..=6 {
        add(store, version("contract-check", number)).await;
        set(store, member("rita", if number % 2 == 0 { &[] } else { &[Role::Reviewer] })).await;
    }
    let workspace = store.workspace(&workspace()).await.unwrap();
    let trail = store.workspace_trail(&workspace.id).await.unwrap();
    assert!(workspace.chain_intact(&trail));
    let records: Vec<_> = trail.iter().map(|sealed| WorkspaceRecord::decode(sealed).unwrap()).collect();
    let events: Vec<_> = records.iter().map(|record| record.event.word()).collect();
    assert_eq!(events, ["type_set", "member_set", "type_set", "member_removed"].repeat(3));
    assert_eq!(records[10].digest, Some(version("contract-check", 6).digest()));
    assert!(Workspace::untouched(WorkspaceId::parse("rival").unwrap()).chain_intact(&[]));
}
