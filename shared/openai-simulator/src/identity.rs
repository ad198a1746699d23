//! Identifiers that look like OpenAI's and depend on the seed alone.

use sha2::{Digest as _, Sha256};

const HEX_DIGITS: usize = 50;

#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub(super) seed: u64,
}

impl Identity {
    pub(super) fn of(self, prefix: &str, what: &str) -> String {
        format!("{prefix}_{}", self.digits(prefix, what, HEX_DIGITS))
    }

    /// The same in so many characters.
    pub(super) fn of_length(self, prefix: &str, what: &str, length: usize) -> String {
        let mut id = format!("{prefix}_");
        let mut more = 0;
        while id.len() < length {
            // The first digits are those of any other length.
            let what = if more == 0 { what.to_owned() } else { format!("{what}, {more}") };
            id.push_str(&self.digits(prefix, &what, HEX_DIGITS.min(length - id.len())));
            more += 1;
        }
        id
    }

    fn digits(self, prefix: &str, what: &str, length: usize) -> String {
        let digest = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(prefix)
            .chain_update(":")
            .chain_update(what)
            .finalize();
        hex::encode(digest).chars().take(length).collect()
    }
}
