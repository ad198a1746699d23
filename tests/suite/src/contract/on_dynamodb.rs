//! Every promise, kept by the real adapter over the embedded table.

use super::Bench;

macro_rules! check {
    ($half:ident: $($file:ident { $($promise:ident)+ })+) => {
        $(mod $file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let bench = super::Bench::open();
                super::super::$file::$promise(&bench.$half).await;
            })+
        })+
    };
}

of_a_table!(check, table);
of_payloads!(check, payloads);
of_notices!(check, table);
