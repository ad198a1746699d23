//! Identifiers that look like OpenAI's and depend on the seed alone.

use sha2::{Digest as _, Sha256};

const HEX_DIGITS: usize = 50;

#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub(super) seed: u64,
}

impl Identity {
    pub(super) fn of(self, prefix: &str, what: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(prefix)
            .chain_update(":")
            .chain_update(what)
            .finalize();
        let digits: String = hex::encode(digest).chars().take(HEX_DIGITS).collect();
        format!("{prefix}_{digits}")
    }
}
