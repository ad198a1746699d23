//! What each function asked AWS for, and the permission that each operation needs.

use std::collections::{BTreeMap, BTreeSet};

/// By function: `operation resource`, both as in [`ACTIONS`] and in the template. Of the table it also says the
/// [`partition`].
pub type Calls = BTreeMap<String, BTreeSet<String>>;

/// By function: calls that the suite does not come to, each with what has to happen before it is made.
pub type RareCalls = BTreeMap<String, BTreeMap<String, String>>;

/// The IAM action that AWS checks for each operation in use. Parts of a transaction are checked one by one, and S3 tells
/// only those who may list a bucket that an object is missing.
pub const ACTIONS: [(&str, &str); 17] = [
    ("BatchGetItem", "dynamodb:BatchGetItem"),
    ("GetItem", "dynamodb:GetItem"),
    ("PutItem", "dynamodb:PutItem"),
    ("Query", "dynamodb:Query"),
    ("UpdateItem", "dynamodb:UpdateItem"),
    ("TransactWriteItems.ConditionCheck", "dynamodb:ConditionCheckItem"),
    ("TransactWriteItems.Put", "dynamodb:PutItem"),
    ("TransactWriteItems.Update", "dynamodb:UpdateItem"),
    ("PutEvents", "events:PutEvents"),
    ("DeleteObject", "s3:DeleteObject"),
    ("GetObject", "s3:GetObject"),
    ("GetObject.missing", "s3:ListBucket"),
    ("ListObjectsV2", "s3:ListBucket"),
    ("PutObject", "s3:PutObject"),
    ("GetSecretValue", "secretsmanager:GetSecretValue"),
    ("GetQueueAttributes", "sqs:GetQueueAttributes"),
    ("SendMessageBatch", "sqs:SendMessage"),
];

/// The partitions that a key of the table belongs to, as a pattern: those of workspaces and their jobs, those of responses,
/// those of people, or the one of the installation.
pub fn partition(pk: &str) -> &str {
    let families = [("WS#", "WS#*"), ("RESP#", "RESP#*"), ("PRINCIPAL#", "PRINCIPAL#*")];
    families.iter().find(|(start, _)| pk.starts_with(start)).map_or(pk, |(_, pattern)| pattern)
}

/// The action behind an operation.
pub fn action(operation: &str) -> Option<&'static str> {
    ACTIONS.iter().find(|(name, _)| *name == operation).map(|(_, action)| *action)
}
