//! The same promises, kept by the simulation's store: else what it shows would be true of itself alone.

use simulation::memory::{MemoryNotices, MemoryPayloads, MemoryStore};

macro_rules! check {
    ($half:ident: $($file:ident { $($promise:ident)+ })+) => {
        $(mod $file {
            $(#[tokio::test]
            async fn $promise() {
                super::super::$file::$promise(&super::$half()).await;
            })+
        })+
    };
}

fn table() -> MemoryStore {
    MemoryStore::default()
}

fn notices() -> MemoryNotices {
    MemoryNotices::default()
}

fn payloads() -> MemoryPayloads {
    MemoryPayloads::default()
}

of_a_table!(check, table);
of_payloads!(check, payloads);
of_notices!(check, notices);
