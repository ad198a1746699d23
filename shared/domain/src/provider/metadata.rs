//! The metadata that a response carries: whose it is, and what was asked for.

use std::collections::BTreeMap;

use crate::value::id::{JobId, Nonce, WorkspaceId};

/// Where a request notes for its answers what it asked for, as far as an answer does not repeat it.
pub const ASKED_TIER: &str = "service_tier";
pub const ASKED_WINDOW: &str = "completion_window";

/// What every request tells the provider to remember.
pub(super) const NAMES: [&str; 5] = ["deployment", "workspace", "job_id", "attempt", "submit_token"];

/// The metadata that makes a response findable after its id was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseMetadata {
    pub deployment: String,
    pub workspace: WorkspaceId,
    pub job: JobId,
    pub attempt: u16,
    pub submit_token: Nonce,
}

impl ResponseMetadata {
    pub fn to_metadata(&self) -> BTreeMap<String, String> {
        let values = [
            self.deployment.clone(),
            self.workspace.to_string(),
            self.job.to_string(),
            self.attempt.to_string(),
            self.submit_token.to_string(),
        ];
        NAMES.map(str::to_owned).into_iter().zip(values).collect()
    }

    /// Reads the tag back; `None` when the response is not this deployment's.
    pub fn of(metadata: &BTreeMap<String, String>, deployment: &str) -> Option<Self> {
        let get = |key: &str| metadata.get(key).map(String::as_str);
        (get("deployment")? == deployment).then_some(())?;
        Some(Self {
            deployment: deployment.to_owned(),
            workspace: WorkspaceId::parse(get("workspace")?).ok()?,
            job: JobId::parse(get("job_id")?).ok()?,
            attempt: get("attempt")?.parse().ok()?,
            submit_token: Nonce::from_hex(get("submit_token")?)?,
        })
    }

    /// Whether an answer says that it is about another start. One that says nothing does not: some servers repeat no
    /// metadata.
    pub fn is_contradicted_by(&self, metadata: &BTreeMap<String, String>) -> bool {
        self.to_metadata().iter().any(|(name, ours)| metadata.get(name).is_some_and(|theirs| theirs != ours))
    }
}

/// Whether metadata names another job than this one, here or at another installation. An attempt may take over what an
/// earlier one of its job started, so that the rest of it does not count.
pub(super) fn is_of_another_job(metadata: &BTreeMap<String, String>, deployment: &str, owner: Owner<'_>) -> bool {
    let (workspace, job) = owner;
    let ours = [("deployment", deployment), ("workspace", workspace.as_str()), ("job_id", job.as_str())];
    ours.iter().any(|(name, ours)| metadata.get(*name).is_some_and(|theirs| theirs != ours))
}

/// The job that something belongs to.
pub type Owner<'a> = (&'a WorkspaceId, &'a JobId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_survives_the_provider_and_another_deployments_is_not_ours() {
        let tag = ResponseMetadata {
            deployment: "prod".into(),
            workspace: WorkspaceId::parse("acme").unwrap(),
            job: JobId::parse("job_1").unwrap(),
            attempt: 2,
            submit_token: Nonce([7; 16]),
        };
        assert_eq!(ResponseMetadata::of(&tag.to_metadata(), "prod"), Some(tag.clone()));
        assert_eq!(ResponseMetadata::of(&tag.to_metadata(), "test"), None);
        assert_eq!(ResponseMetadata::of(&BTreeMap::new(), "prod"), None);
    }

    #[test]
    fn what_contradicts_a_start_is_any_word_of_it_that_differs_and_silence_is_none() {
        let ours = ResponseMetadata {
            deployment: "prod".into(),
            workspace: WorkspaceId::parse("acme").unwrap(),
            job: JobId::parse("job_1").unwrap(),
            attempt: 2,
            submit_token: Nonce([7; 16]),
        };
        let same = ours.to_metadata();
        let is_other_job = |metadata: &_| is_of_another_job(metadata, "prod", (&ours.workspace, &ours.job));
        for silent in [BTreeMap::new(), same.clone(), BTreeMap::from([("color".to_owned(), "red".to_owned())])] {
            assert!(!ours.is_contradicted_by(&silent) && !is_other_job(&silent), "{silent:?}");
        }
        for (name, names_job) in
            [("deployment", true), ("workspace", true), ("job_id", true), ("attempt", false), ("submit_token", false)]
        {
            let one = BTreeMap::from([(name.to_owned(), "another".to_owned())]);
            let among = same.clone().into_iter().chain(one.clone()).collect();
            for metadata in [one, among] {
                assert!(ours.is_contradicted_by(&metadata), "{metadata:?}");
                assert_eq!(is_other_job(&metadata), names_job, "{metadata:?}");
            }
        }
    }
}
