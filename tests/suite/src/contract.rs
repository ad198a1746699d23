//! What every store promises, as functions over the ports, and what this one promises besides: its rows and its bills.

#[macro_use]
mod promise;

mod breaker;
mod claim;
mod commit;
mod confirm;
mod create;
mod damage;
mod due;
pub(crate) mod layout;
mod list;
mod literal;
pub(crate) mod make;
mod message;
mod notice;
mod on_dynamodb;
mod on_memory;
mod payload;
pub(crate) mod people;
mod reconcile;
mod response;
mod size;
mod trail;
mod types;
pub(crate) mod words;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use adapters::aws::dynamodb::{Item, PayloadStore, Table};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::record::SealedRecord;
use domain::job::{Job, Transition};
use domain::port::{Creation, Store};
use local::embedded::{Embedded, TABLE};
use local::folder::Folder;
use local::template::Template;
use local::world::TEMPLATE;
use tempfile::TempDir;

/// The real adapter over a table of its own, made as the template says.
pub(crate) struct Bench {
    embedded: Embedded,
    pub(crate) table: Table,
    pub(crate) payloads: PayloadStore<Folder>,
    folder: TempDir,
}

impl Bench {
    pub(crate) fn open() -> Self {
        let embedded = Embedded::open(None, &Template::parse(TEMPLATE).unwrap()).unwrap();
        let table = Table::new(embedded.client(), TABLE);
        let folder = tempfile::tempdir().unwrap();
        let payloads = PayloadStore::new(table.clone(), Folder(folder.path().to_owned()));
        Self { embedded, table, payloads, folder }
    }

    /// A row as it lies in the table.
    async fn raw(&self, pk: &str, sk: &str) -> Option<Item> {
        let read = self.embedded.client().get_item().table_name(TABLE).consistent_read(true);
        let key = [("PK", pk), ("SK", sk)].map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
        read.set_key(Some(Item::from(key))).send().await.unwrap().item
    }

    async fn write(&self, item: Item) {
        self.embedded.client().put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    }
}

/// Writes a job that nobody has written yet.
async fn put(store: &impl Store, change: Transition) -> Job {
    assert!(matches!(store.create(&change).await.unwrap(), Creation::Created));
    change.job
}

async fn row(store: &impl Store, job: &Job) -> Job {
    store.job(&job.workspace, &job.id).await.unwrap().unwrap()
}

async fn trail(store: &impl Store, job: &Job) -> Vec<SealedRecord> {
    store.trail(&job.workspace, &job.id, 0).await.unwrap()
}

/// All at once, their outputs in order.
pub(crate) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(move |context| {
        for (future, output) in running.iter_mut().zip(&mut outputs).filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(ready) = future.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        if outputs.iter().any(Option::is_none) {
            return Poll::Pending;
        }
        Poll::Ready(outputs.drain(..).flatten().collect())
    })
    .await
}
