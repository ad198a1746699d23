//! Standing: what a workspace's records say last of each member and of each version of a type.

use std::collections::BTreeMap;

use super::WorkspaceRecord;
use crate::job::record::SealedRecord;
use crate::value::id::{Digest, Principal, TypeName};
use crate::value::member::Member;

/// What the rows have to say, by the trail.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    pub members: BTreeMap<Principal, Member>,
    /// The digest of each version's document.
    pub types: BTreeMap<(TypeName, u32), Digest>,
}

impl Standing {
    /// Folds the records in order. One that cannot be read breaks the chain and says nothing here.
    pub fn of<'a>(trail: impl IntoIterator<Item = &'a SealedRecord>) -> Self {
        let mut standing = Self::default();
        for record in trail.into_iter().filter_map(|sealed| WorkspaceRecord::decode(sealed).ok()) {
            if let (Some(principal), Some(roles), Some(active)) = (record.principal, record.roles, record.active) {
                let member = Member {
                    principal: principal.clone(),
                    roles: roles.into_iter().collect(),
                    issuer: record.issuer,
                    active,
                    name: record.name,
                };
                standing.members.insert(principal, member);
            }
            if let (Some(name), Some(version), Some(digest)) = (record.job_type, record.type_version, record.digest) {
                standing.types.insert((name, version), digest);
            }
        }
        standing
    }

    /// The rows that say something else, that no record speaks of, or that are gone: `member:<principal>` and
    /// `type:<name>#<version>`.
    pub fn altered(&self, members: &[Member], types: &[(TypeName, u32, Digest)]) -> Vec<String> {
        let rows: BTreeMap<_, _> = members.iter().map(|member| (member.principal.clone(), member.clone())).collect();
        let documents: BTreeMap<_, _> =
            types.iter().map(|(name, version, digest)| ((name.clone(), *version), *digest)).collect();
        let members = differing(&self.members, &rows).into_iter().map(|principal| format!("member:{principal}"));
        let types = differing(&self.types, &documents).into_iter();
        members.chain(types.map(|(name, version)| format!("type:{name}#{version}"))).collect()
    }
}

/// The keys under which two tables do not hold the same.
fn differing<'a, K: Ord, V: PartialEq>(one: &'a BTreeMap<K, V>, other: &'a BTreeMap<K, V>) -> Vec<&'a K> {
    let mut keys: Vec<&K> = one.keys().chain(other.keys()).filter(|key| one.get(key) != other.get(key)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::people::workspace::Workspace;
    use crate::policy::job_type::shipped;
    use crate::value::id::WorkspaceId;
    use crate::value::member::Role;
    use crate::value::time::Timestamp;

    fn member(name: &str, roles: &[Role]) -> Member {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        Member {
            principal: Principal::parse(name).unwrap(),
            issuer: None,
            active: !roles.is_empty(),
            roles,
            name: None,
        }
    }

    #[test]
    fn a_row_that_is_not_what_its_last_record_says_is_named() {
        let mut workspace = Workspace::untouched(WorkspaceId::parse("acme").unwrap());
        let (ada, now) = (Principal::parse("ada").unwrap(), Timestamp::from_millis(1_795_000_000_000));
        let policy = shipped("document-analysis").unwrap();
        let mut trail = Vec::new();
        for change in [
            |it: &Workspace, ada: &Principal, now| it.set_member(member("rita", &[Role::Reviewer]), ada, now),
            |it: &Workspace, ada: &Principal, now| it.set_member(member("otto", &[Role::Operator]), ada, now),
            |it: &Workspace, ada: &Principal, now| it.set_member(member("rita", &[]), ada, now),
            |it: &Workspace, ada: &Principal, now| it.set_type(shipped("document-analysis").unwrap(), ada, now),
        ] {
            let change = change(&workspace, &ada, now).unwrap();
            trail.push(change.sealed);
            workspace = change.workspace;
        }
        let standing = Standing::of(&trail);
        let document = (policy.name.clone(), policy.version, policy.digest());
        let (rita, otto) = (member("rita", &[]), member("otto", &[Role::Operator]));
        let altered = |members: &[Member], types: &[_]| standing.altered(members, types);
        assert_eq!(altered(&[rita.clone(), otto.clone()], std::slice::from_ref(&document)), [""; 0]);
        // What she was before counts no more.
        let before = member("rita", &[Role::Reviewer]);
        assert_eq!(altered(&[before, otto.clone()], std::slice::from_ref(&document)), ["member:rita"]);
        let more = member("otto", &[Role::Operator, Role::Reviewer]);
        assert_eq!(altered(&[rita.clone(), more], std::slice::from_ref(&document)), ["member:otto"]);
        let eve = member("eve", &[Role::Admin]);
        assert_eq!(altered(&[rita.clone(), otto.clone(), eve], std::slice::from_ref(&document)), ["member:eve"]);
        assert_eq!(altered(std::slice::from_ref(&rita), std::slice::from_ref(&document)), ["member:otto"]);
        let other = (policy.name.clone(), 1, Digest::of(b"another"));
        let newer = (policy.name.clone(), 2, policy.digest());
        let types = [other, newer];
        let both = ["type:document-analysis#1", "type:document-analysis#2"];
        assert_eq!(altered(&[rita.clone(), otto.clone()], &types), both);
        assert_eq!(altered(&[rita, otto], &[]), ["type:document-analysis#1"]);
    }
}
