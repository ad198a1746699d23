//! What lies behind the API, the same for a test whether it is in this process or in an emulator of AWS.

use std::time::Duration;

use adapters::aws::dynamodb::{Item, Table, job_item};
use domain::job::Job;
use domain::value::id::Digest;
use serde_json::Value;

use super::edition::Edition;
use super::emulator::Emulator;

pub(crate) enum Inside {
    Edition(Box<Edition>),
    Emulator(Box<Emulator>),
}

impl Inside {
    pub(crate) fn table(&self) -> Table {
        match self {
            Self::Edition(edition) => edition.world.table().clone(),
            Self::Emulator(emulator) => emulator.table.clone(),
        }
    }

    fn rows(&self) -> (aws_sdk_dynamodb::Client, &str) {
        match self {
            Self::Edition(edition) => (edition.world.embedded().client(), local::embedded::TABLE),
            Self::Emulator(emulator) => (emulator.dynamodb.clone(), &emulator.names.table),
        }
    }

    /// Writes a job's row past every rule, as a clock or somebody with the console could.
    pub(crate) async fn overwrite(&self, job: &Job) {
        let (client, table) = self.rows();
        client.put_item().table_name(table).set_item(Some(job_item(job))).send().await.unwrap();
    }

    /// Changes one attribute of a row past every rule.
    pub(crate) async fn tamper(&self, (pk, sk): (&str, &str), change: impl FnOnce(&mut Item)) {
        use aws_sdk_dynamodb::types::AttributeValue::S;
        let (client, table) = self.rows();
        let get = client.get_item().table_name(table).key("PK", S(pk.to_owned())).key("SK", S(sk.to_owned()));
        let mut row = get.send().await.unwrap().item.unwrap();
        change(&mut row);
        client.put_item().table_name(table).set_item(Some(row)).send().await.unwrap();
    }

    /// Sends a body to the queue in front of a function: `submit`, `observe`, `review`, `escalation`.
    pub(crate) async fn send(&self, queue: &str, body: &str) {
        match self {
            Self::Edition(edition) => {
                edition.queue(queue).send(body, Duration::ZERO, edition.now_ms());
            }
            Self::Emulator(emulator) => emulator.send(queue, body).await,
        }
    }

    /// For how long a queue hides what it delivered.
    pub(crate) async fn set_visibility(&self, queue: &str, visibility: Duration) {
        match self {
            Self::Edition(edition) => edition.queue(queue).set_visibility(visibility),
            Self::Emulator(emulator) => emulator.set_visibility(queue, visibility).await,
        }
    }

    /// The bodies in a queue's dead-letter queue.
    pub(crate) async fn dead(&self, queue: &str) -> Vec<String> {
        match self {
            Self::Edition(edition) => edition.queue(queue).dead().into_iter().map(|message| message.body).collect(),
            Self::Emulator(emulator) => emulator.dead(queue).await,
        }
    }

    /// How many messages of a queue are for later.
    pub(crate) async fn delayed(&self, queue: &str) -> usize {
        match self {
            Self::Edition(edition) => {
                let queue = edition.queue(queue);
                queue.len() - queue.visible(edition.now_ms())
            }
            Self::Emulator(emulator) => emulator.delayed(queue).await,
        }
    }

    pub(crate) fn has_processes(&self) -> bool {
        match self {
            Self::Edition(_) => true,
            Self::Emulator(emulator) => emulator.names.processes,
        }
    }

    /// Kills every process of a function, or what stands for one. Answers how many there were.
    pub(crate) fn kill(&self, function: &str) -> usize {
        match self {
            Self::Edition(edition) => edition.world.kill(function),
            Self::Emulator(emulator) => emulator.kill(function),
        }
    }

    /// Runs a function with an event of its own kind.
    pub(crate) async fn invoke(&self, function: &str, event: &str) -> Value {
        let answer = match self {
            Self::Edition(edition) => edition.world.invoke(function, event).await.unwrap(),
            Self::Emulator(emulator) => emulator.invoke(function, event).await,
        };
        serde_json::from_str(&answer).unwrap()
    }

    /// Removes a job's large payloads.
    pub(crate) async fn forget_objects(&self, prefix: &str) {
        match self {
            Self::Edition(edition) => edition.forget_objects(prefix),
            Self::Emulator(emulator) => emulator.forget_objects(prefix).await,
        }
    }

    /// Routes a workspace's events into a queue of their own, as a consumer's rule does.
    pub(crate) async fn subscribe(&self, workspace: &str) {
        if let Self::Emulator(emulator) = self {
            emulator.subscribe(workspace).await;
        }
    }

    /// A workspace's published events so far, since [`Self::subscribe`].
    pub(crate) async fn events(&self, workspace: &str) -> Vec<Value> {
        match self {
            Self::Edition(edition) => {
                let events = edition.world.bus().events().into_iter();
                let ours = events.filter(|event| event.workspace.as_str() == workspace);
                ours.map(|event| serde_json::to_value(event).unwrap()).collect()
            }
            Self::Emulator(emulator) => emulator.events(workspace).await,
        }
    }
}

/// The digest of a text, as the API writes it.
pub(crate) fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}
