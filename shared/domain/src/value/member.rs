//! Members of a workspace, and what their roles are called.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::id::{Issuer, Principal};
use super::word::words;

words! {
    /// What a principal may do in a workspace. A word that is not known allows nothing.
    pub enum Role {
        Submitter "submitter",
        Reviewer "reviewer",
        Operator "operator",
        Auditor "auditor",
        Admin "admin",
    }
}

/// What people call a member, where the id says nothing to them. It identifies nobody and grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberName(String);

impl MemberName {
    /// In bytes.
    pub const LONGEST: usize = 64;

    /// A text that says something, on one line.
    pub fn parse(text: &str) -> Option<Self> {
        let holds = text.len() <= Self::LONGEST && !text.trim().is_empty() && !text.contains(char::is_control);
        holds.then(|| Self(text.to_owned()))
    }

    /// As a row or a record holds it, whatever limits held when it was given.
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A principal's row in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub principal: Principal,
    /// Whose subject that is; `None` for whoever was put there before anybody had a token.
    pub issuer: Option<Issuer>,
    pub roles: BTreeSet<Role>,
    pub active: bool,
    pub name: Option<MemberName>,
}

impl Member {
    /// Whether the row is about this issuer's subject.
    pub fn is_of(&self, issuer: Issuer) -> bool {
        self.issuer.is_none_or(|own| own == issuer)
    }
}
