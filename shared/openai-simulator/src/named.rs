//! The scripts of the plans that are written down as data, in the form that users write them in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::value::RawValue;

use super::plan_file;
use super::script::Script;

static SCRIPTS: LazyLock<BTreeMap<String, Box<RawValue>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../plans.json")).unwrap_or_default());

/// A name without a script goes as usual; a test holds the names and the file together.
pub(super) fn script(name: &str) -> Script {
    SCRIPTS.get(name).and_then(|script| plan_file::own(script).ok()).unwrap_or_else(Script::usual)
}

#[cfg(test)]
mod tests {
    use super::super::plans::Plan;
    use super::*;

    #[test]
    fn every_script_in_the_file_is_a_plan_and_can_be_read() {
        let all: BTreeMap<String, Box<RawValue>> = serde_json::from_str(include_str!("../plans.json")).unwrap();
        for (name, script) in &all {
            assert_eq!(plan_file::own(script).map(|_| ()), Ok(()), "{name}");
            assert!(Plan::ALL.iter().any(|plan| plan.name() == name), "{name} is no plan");
        }
        let named: Vec<_> = Plan::ALL.iter().filter(|plan| plan.is_named()).map(|plan| plan.name()).collect();
        assert_eq!(named.len(), all.len(), "{named:?}");
    }
}
