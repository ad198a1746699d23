//! Permissions: what each function was seen to call (`data/calls.json`), what it calls where something rare has happened
//! (`data/rare-calls.json`), and what Lambda does in its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stack::calls::{Calls, RareCalls, action};

use super::data::bucket_encryption;
use super::functions::folder;
use super::read::{Resource, Template, list, target};
use crate::tidy;

/// An action and what it is for: a logical id, with what follows it in an ARN.
type Grant = (String, String);

/// Why a function needs what no code of it calls.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Lambda fetches messages from the queue with the function's role.
    Queue,
    /// Lambda reads the stream with the function's role.
    Stream,
    /// Lambda sends what failed for good there.
    Destination,
    /// What the function touches is encrypted with this key.
    KeyToRead,
    /// What the function writes is encrypted with this key.
    KeyToWrite,
    /// The function reads secrets that admins make for the tools of their types.
    ToolSecrets,
}

/// The ARNs of the secrets that tools of types may name, which are no resources of the template.
const TOOL_SECRETS: &str =
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Deployment}/tools/*";

const NOT_CALLED: [(Kind, &str, &str); 11] = [
    (Kind::Queue, "sqs:ReceiveMessage", "the poller fetches messages"),
    (Kind::Queue, "sqs:DeleteMessage", "the poller removes those that were handled"),
    (Kind::Queue, "sqs:GetQueueAttributes", "the poller asks how long a message is hidden"),
    (Kind::Stream, "dynamodb:DescribeStream", "the poller looks for shards"),
    (Kind::Stream, "dynamodb:GetRecords", "the poller reads records"),
    (Kind::Stream, "dynamodb:GetShardIterator", "the poller finds its place"),
    (Kind::Stream, "dynamodb:ListStreams", "Lambda asks for it when it makes the mapping"),
    (Kind::Destination, "sqs:SendMessage", "Lambda sends what failed for good"),
    (Kind::KeyToRead, "kms:Decrypt", "table, bucket and secrets ask the key in the caller's name"),
    (Kind::KeyToWrite, "kms:GenerateDataKey", "S3 encrypts an object in the caller's name"),
    (Kind::ToolSecrets, "secretsmanager:GetSecretValue", "a new stack has no type whose tools name a secret"),
];

pub(super) fn check(template: &Template) -> Vec<String> {
    let calls: Calls = serde_json::from_str(&tidy::read("tests/suite/data/calls.json")).unwrap();
    let rare: RareCalls = serde_json::from_str(&tidy::read("tests/suite/data/rare-calls.json")).unwrap();
    let mut wrong = Vec::new();
    for function in template.functions() {
        let (granted, unclear) = granted(template, &function);
        wrong.extend(unclear);
        let mut needed = BTreeSet::new();
        let rare = rare.get(folder(&function)).into_iter().flat_map(BTreeMap::keys);
        for call in calls.get(folder(&function)).into_iter().flatten().chain(rare) {
            match call.split_once(' ').and_then(|(operation, resource)| Some((action(operation)?, resource))) {
                Some((action, resource)) => needed.extend([(action.to_owned(), resource.to_owned())]),
                None => wrong.push(function.wrong("Policies", &format!("no action is known for the call {call}"))),
            }
        }
        let not_called: Vec<Grant> = NOT_CALLED
            .iter()
            .flat_map(|(kind, action, _)| {
                let resources = resources(template, &function, *kind, &needed);
                resources.into_iter().map(|resource| ((*action).to_owned(), resource))
            })
            .collect();
        needed.extend(not_called);
        let found =
            |(action, resource): &Grant, what| function.wrong("Policies", &format!("{action} {resource} {what}"));
        wrong.extend(granted.difference(&needed).map(|grant| found(grant, "is granted and not needed")));
        wrong.extend(needed.difference(&granted).map(|grant| found(grant, "is needed and not granted")));
    }
    let deployed: BTreeSet<_> = template.functions().map(|function| folder(&function)).collect();
    let unknown = calls.keys().filter(|name| !deployed.contains(name.as_str()));
    wrong.extend(unknown.map(|name| format!("calls.json.{name}: is not deployed")));
    wrong
}

/// What the statements of a function grant, and what cannot be said of them.
fn granted(template: &Template, function: &Resource<'_>) -> (BTreeSet<Grant>, Vec<String>) {
    let (mut granted, mut wrong) = (BTreeSet::new(), Vec::new());
    for policy in list(function.get("Policies")) {
        let statements = list(&policy["Statement"]);
        if statements.is_empty() {
            wrong.push(function.wrong("Policies", "must be written out in statements"));
        }
        for statement in statements {
            let odd = ["NotAction", "NotResource", "Principal"];
            let partitions = partitions(statement);
            let is_odd = !statement["Condition"].is_null() && partitions.is_empty();
            if statement["Effect"] != "Allow" || is_odd || odd.iter().any(|name| !statement[name].is_null()) {
                let what = "a statement that is more than Allow, Action, Resource and partitions of the table";
                wrong.push(function.wrong("Policies", what));
            }
            for action in list(&statement["Action"]).into_iter().filter_map(Value::as_str) {
                if action.contains('*') {
                    wrong.push(function.wrong("Policies", &format!("{action} is a wildcard")));
                }
                for resource in list(&statement["Resource"]) {
                    let of_tools = (resource["Fn::Sub"] == TOOL_SECRETS).then(|| TOOL_SECRETS.to_owned());
                    let named = target(resource).filter(|resource| is_named(template, resource));
                    match named.or(of_tools) {
                        Some(resource) if partitions.is_empty() => granted.extend([(action.to_owned(), resource)]),
                        Some(resource) => {
                            let of = |partition: &String| (action.to_owned(), format!("{resource} {partition}"));
                            granted.extend(partitions.iter().map(of));
                        }
                        None => {
                            let what = format!("{action} on {resource}, which is no single resource of the template");
                            wrong.push(function.wrong("Policies", &what));
                        }
                    }
                }
            }
        }
    }
    (granted, wrong)
}

/// The partitions of the table that a statement is for, by the patterns of their keys. Anything else that it asks for is
/// none.
fn partitions(statement: &Value) -> Vec<String> {
    let condition = &statement["Condition"];
    let keys = list(&condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
    let keys: Vec<String> = keys.into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let said = json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": &keys}});
    let is_of_table =
        list(&statement["Resource"]).into_iter().all(|resource| target(resource).as_deref() == Some("Table"));
    if is_of_table && *condition == said { keys } else { Vec::new() }
}

/// Whether it is a resource of the template, alone or with a part that its kind has.
fn is_named(template: &Template, resource: &str) -> bool {
    let (id, part) = resource.split_once('/').map_or((resource, None), |(id, part)| (id, Some(part)));
    let Some(resource) = template.resources().find(|resource| resource.id == id) else { return false };
    match (resource.kind(), part) {
        (_, None) => true,
        ("AWS::S3::Bucket", Some("*")) | ("AWS::DynamoDB::Table", Some("stream/*")) => true,
        ("AWS::DynamoDB::Table", Some(part)) => part.starts_with("index/") && !part.contains('*'),
        _ => false,
    }
}

/// What a kind of need is for, in one function.
fn resources(template: &Template, function: &Resource<'_>, kind: Kind, called: &BTreeSet<Grant>) -> BTreeSet<String> {
    let sources = template
        .of_type("AWS::Lambda::EventSourceMapping")
        .filter(|source| target(source.get("FunctionName")).as_deref() == Some(function.id));
    match kind {
        Kind::Queue => sources
            .filter_map(|source| template.referred(source.get("EventSourceArn"), "AWS::SQS::Queue"))
            .map(|queue| queue.id.to_owned())
            .collect(),
        Kind::Stream => sources
            .filter_map(|source| target(source.get("EventSourceArn")))
            .filter(|id| id.ends_with("/stream"))
            .map(|stream| format!("{stream}/*"))
            .collect(),
        Kind::Destination => {
            sources.filter_map(|source| target(source.get("DestinationConfig.OnFailure.Destination"))).collect()
        }
        // Whoever makes the create calls.
        Kind::ToolSecrets if folder(function) == "submit-job" => BTreeSet::from([TOOL_SECRETS.to_owned()]),
        Kind::ToolSecrets => BTreeSet::new(),
        Kind::KeyToRead => called.iter().filter_map(|(_, resource)| key(template, resource)).collect(),
        Kind::KeyToWrite => {
            let writes = called.iter().filter(|(action, _)| action == "s3:PutObject");
            writes.filter_map(|(_, resource)| key(template, resource)).collect()
        }
    }
}

/// The key that a resource is encrypted with, if it is one of the template.
fn key(template: &Template, resource: &str) -> Option<String> {
    let id = resource.split(['/', ' ']).next()?;
    let resource = template.resources().find(|resource| resource.id == id)?;
    target(match resource.kind() {
        "AWS::DynamoDB::Table" => resource.get("SSESpecification.KMSMasterKeyId"),
        "AWS::S3::Bucket" => &bucket_encryption(&resource)["KMSMasterKeyID"],
        "AWS::SecretsManager::Secret" => resource.get("KmsKeyId"),
        _ => return None,
    })
}
