//! Where a running Lanekeeper is found, as a JSON file: written by `cargo stack`, or by hand for one of your own.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The variable that names the file.
pub const VARIABLE: &str = "LANEKEEPER_TARGET";

/// One installation, and how much of it a caller can reach.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Base URL of the API, without a trailing slash.
    pub api: String,
    pub people: People,
    /// Where that is the provider.
    pub simulator: Option<Simulator>,
    pub inside: Option<Inside>,
    /// Where the notices are that its people were told, as a list.
    pub notices: Option<String>,
}

/// The simulated provider, and the API key that opens its ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulator {
    /// Without the version.
    pub url: String,
    pub key: String,
}

/// Who the caller can be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
pub enum People {
    /// Anybody: the key of the token issuer lies in this folder.
    Anybody { identity: PathBuf, issuer: String },
    /// The bearer of this token, a submitter in this workspace.
    Bearer { token: String, workspace: String },
}

/// What lies behind the API, in an emulator that takes any credentials.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inside {
    /// Where the emulator answers for every AWS service.
    pub endpoint: String,
    pub deployment: String,
    pub table: String,
    pub bucket: String,
    pub bus: String,
    /// Its functions are processes of this machine.
    pub processes: bool,
}

impl Target {
    pub fn read(file: &Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let text = std::fs::read(file).map_err(|error| format!("{VARIABLE}={}: {error}", file.display()))?;
        serde_json::from_slice(&text).map_err(|error| format!("{VARIABLE}={}: {error}", file.display()).into())
    }
}
