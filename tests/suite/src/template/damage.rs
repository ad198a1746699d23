//! Templates that are broken on purpose, one way at a time: each check finds its own, and says where.

use serde::Deserialize;

use super::{CHECKS, Check, TEMPLATE, Template, none};

/// One way to break the template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Damage {
    name: String,
    /// The name of who must find it, and what the finding starts with.
    check: String,
    finding: String,
    /// Stands in the template once.
    from: String,
    to: String,
}

fn all() -> Vec<Damage> {
    serde_yaml_ng::from_str(include_str!("../../data/damages.yaml")).unwrap()
}

impl Damage {
    fn check(&self) -> Check {
        CHECKS.iter().find(|(name, _)| *name == self.check).map(|(_, check)| *check).expect(&self.check)
    }

    /// Why the damage is not found as it has to be.
    fn missed(&self) -> Option<String> {
        let places = TEMPLATE.matches(&self.from).count();
        if places != 1 {
            return Some(format!("what is replaced stands in the template {places} times"));
        }
        let damaged = match Template::parse(&TEMPLATE.replace(&self.from, &self.to)) {
            Ok(damaged) => damaged,
            Err(error) => return Some(format!("is no template any more: {error}")),
        };
        let before = self.check()(&Template::parse(TEMPLATE).unwrap());
        let found: Vec<_> = self.check()(&damaged).into_iter().filter(|finding| !before.contains(finding)).collect();
        if !found.iter().any(|finding| finding.starts_with(&self.finding)) {
            return Some(format!("nothing new starts with {}: {found:?}", self.finding));
        }
        (!before.is_empty()).then(|| format!("{} finds fault without it", self.check))
    }
}

#[test]
fn every_damage_is_found_by_its_check() {
    let missed: Vec<_> =
        all().iter().filter_map(|damage| Some(format!("{}: {}", damage.name, damage.missed()?))).collect();
    none(&missed);
}

#[test]
fn every_check_finds_a_damage() {
    let damages = all();
    let idle = CHECKS.iter().filter(|(name, _)| !damages.iter().any(|damage| damage.check == *name));
    none(&idle.map(|(name, _)| format!("{name}: no damage is its own")).collect::<Vec<_>>());
}
