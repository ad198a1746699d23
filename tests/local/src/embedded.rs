//! DynamoDB inside the process: the table that `template.yaml` declares, under the SDK, and its stream.

mod connector;
mod file;

use std::error::Error;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use adapters::aws::dynamodb::Item;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use dynoxide::types::AttributeValue as Plain;
use dynoxide::{Database, ImportOptions};

use self::connector::Connector;
use crate::template::Template;

type BoxError = Box<dyn Error + Send + Sync>;

/// The name of the local table.
pub const TABLE: &str = "lanekeeper";

/// One database and its place in the stream.
pub struct Embedded {
    database: Database,
    client: Client,
    stream: Mutex<String>,
    is_new: bool,
}

impl Embedded {
    /// Opens the file, or a database in memory.
    pub fn open(file: Option<&Path>, template: &Template) -> Result<Self, BoxError> {
        let database = match file {
            Some(file) => Database::new(file.to_str().ok_or("the data folder's path is not UTF-8")?)?,
            None => Database::memory()?,
        };
        let known = DescribeTableRequest { table_name: TABLE.to_owned() };
        let is_new = database.describe_table(known).is_err();
        if is_new {
            database.create_table(serde_json::from_value(template.create_table_json(TABLE))?)?;
        }
        if let Some(file) = file {
            file::set_up(&database, file)?;
        }
        // What nobody had published before a restart is the publish duty's to find, as it is on AWS after a day.
        let stream = iterator(&database, "LATEST")?;
        Ok(Self { client: client(&database), database, stream: Mutex::new(stream), is_new })
    }

    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Whether this start made the table.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The stream's records since the last call, oldest first.
    pub fn records(&self) -> Result<Vec<Record>, BoxError> {
        let mut position = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let request = GetRecordsRequest { shard_iterator: position.clone(), limit: Some(100) };
        let page = self.database.get_records(request)?;
        if let Some(next) = page.next_shard_iterator {
            *position = next;
        }
        Ok(page.records)
    }

    /// Puts many rows at once past the wire, for tests of what depends on how many there are.
    pub fn import(&self, rows: impl IntoIterator<Item = Item>) -> Result<(), BoxError> {
        let rows = rows.into_iter().map(|row| row.iter().map(|(name, value)| (name.clone(), plain(value))).collect());
        self.database.import_items(TABLE, rows.collect(), ImportOptions::default())?;
        Ok(())
    }

    /// Forgets what the stream has shown since the last call, as if it had been off.
    pub fn lose_stream(&self) -> Result<(), BoxError> {
        *self.stream.lock().unwrap_or_else(PoisonError::into_inner) = iterator(&self.database, "LATEST")?;
        Ok(())
    }
}

/// The database's own form of a value.
fn plain(value: &AttributeValue) -> Plain {
    match value {
        AttributeValue::S(text) => Plain::S(text.clone()),
        AttributeValue::N(number) => Plain::N(number.clone()),
        AttributeValue::B(bytes) => Plain::B(bytes.as_ref().to_vec()),
        AttributeValue::Bool(set) => Plain::BOOL(*set),
        AttributeValue::M(map) => Plain::M(map.iter().map(|(name, value)| (name.clone(), plain(value))).collect()),
        AttributeValue::L(list) => Plain::L(list.iter().map(plain).collect()),
        // No row of ours holds sets or nulls.
        _ => Plain::NULL(true),
    }
}

fn iterator(database: &Database, from: &str) -> Result<String, BoxError> {
    let streams = database.list_streams(ListStreamsRequest::default())?.streams;
    let stream_arn = streams.into_iter().next().ok_or("the table has no stream")?.stream_arn;
    let request = DescribeStreamRequest { stream_arn: stream_arn.clone(), ..DescribeStreamRequest::default() };
    let shards = database.describe_stream(request)?.stream_description.shards;
    let shard_id = shards.into_iter().last().ok_or("the stream has no shard")?.shard_id;
    let request = GetShardIteratorRequest {
        stream_arn,
        shard_id,
        shard_iterator_type: from.to_owned(),
        ..GetShardIteratorRequest::default()
    };
    Ok(database.get_shard_iterator(request)?.shard_iterator.ok_or("the shard has no iterator")?)
}

fn client(database: &Database) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        // No address and no signature: what would be sent is answered by the connector.
        .allow_no_auth()
        .http_client(Connector(database.clone()))
        .build();
    Client::from_conf(config)
}
