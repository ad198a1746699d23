//! Design faults: each replaces one place in the rules, and has to turn a check red.

use serde::Deserialize;

/// One of them. `from` stands once in `file`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seeded {
    pub name: String,
    /// Tried each time, whatever has changed.
    #[serde(default)]
    pub always: bool,
    pub file: String,
    pub from: String,
    pub to: String,
}

/// All of them, as `seeded.yaml` lists them.
pub fn all() -> Result<Vec<Seeded>, serde_yaml_ng::Error> {
    serde_yaml_ng::from_str(include_str!("../seeded.yaml"))
}
