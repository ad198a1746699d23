//! Members of a workspace, and what their roles are called.

use std::collections::BTreeSet;

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

/// A principal's row in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub principal: Principal,
    /// Whose subject that is; `None` for whoever was put there before anybody had a token.
    pub issuer: Option<Issuer>,
    pub roles: BTreeSet<Role>,
    pub active: bool,
}

impl Member {
    /// Whether the row is about this issuer's subject.
    pub fn is_of(&self, issuer: Issuer) -> bool {
        self.issuer.is_none_or(|own| own == issuer)
    }
}
