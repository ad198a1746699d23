//! Keys: the table and its indexes against `adapters::aws::dynamodb::keys` and a row that is in all of them.

use std::collections::{BTreeMap, BTreeSet};

use adapters::aws::dynamodb::job_item;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::read::{Template, list};
use crate::contract::make::{NOW, bare};
use crate::tidy;

pub(super) fn check(template: &Template) -> Vec<String> {
    let Some(table) = template.find("Table", "AWS::DynamoDB::Table") else {
        return vec!["Table.Type: there is no table".to_owned()];
    };
    // What `publish-events` reads, and what finds a row by its keys.
    let mut wrong = table
        .unlike(&[("StreamSpecification.StreamViewType", json!("NEW_IMAGE")), ("KeySchema", schema(["PK", "SK"]))]);

    let built = list(table.get("GlobalSecondaryIndexes"));
    let name = |index: &Value| index["IndexName"].as_str().unwrap_or_default().to_owned();
    let documented = documented();
    for (index, keys) in &documented {
        let property = format!("GlobalSecondaryIndexes.{index}");
        match built.iter().find(|built| name(built) == *index) {
            None => wrong.push(table.wrong(&property, "is missing")),
            Some(built) if built["KeySchema"] != schema([&keys[0], &keys[1]]) => {
                wrong.push(table.wrong(&property, &format!("has not the keys {keys:?}")));
            }
            Some(built) if built["Projection"] != json!({"ProjectionType": "KEYS_ONLY"}) => {
                wrong.push(table.wrong(&property, "must project keys only"));
            }
            Some(_) => {}
        }
    }
    let unknown = built.iter().map(|built| name(built)).filter(|name| !documented.contains_key(name));
    wrong.extend(unknown.map(|name| table.wrong("GlobalSecondaryIndexes", &format!("keys.rs does not know {name}"))));

    let mut used: BTreeSet<&str> = ["PK", "SK"].into();
    used.extend(documented.values().flatten().map(String::as_str));
    let row = job_item(&domain::job::Job { due_index_at: Some(NOW), ..bare("1") });
    let mut declared = BTreeMap::new();
    for attribute in list(table.get("AttributeDefinitions")) {
        declared.insert(attribute["AttributeName"].as_str().unwrap_or_default(), &attribute["AttributeType"]);
    }
    for name in used.iter().copied() {
        let kind = match row.get(name) {
            Some(AttributeValue::S(_)) => "S",
            Some(AttributeValue::N(_)) => "N",
            Some(AttributeValue::B(_)) => "B",
            _ => "no key",
        };
        if declared.get(name).is_none_or(|declared| *declared != kind) {
            let property = format!("AttributeDefinitions.{name}");
            wrong.push(table.wrong(&property, &format!("rows carry it as {kind}")));
        }
    }
    let unused = declared.keys().filter(|name| !used.contains(*name));
    wrong.extend(unused.map(|name| table.wrong(&format!("AttributeDefinitions.{name}"), "is no key")));
    wrong
}

/// Each index of the documentation in `keys.rs`, with its hash and its range.
fn documented() -> BTreeMap<String, [String; 2]> {
    let text = tidy::read("shared/adapters/src/aws/dynamodb/keys.rs");
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let mut found = BTreeMap::new();
    for row in rows {
        let mut cells = row.split(" | ").map(|cell| cell.trim_matches('`').to_owned());
        let [index, hash, range] = [(); 3].map(|()| cells.next().unwrap_or_default());
        found.insert(index, [hash, range]);
    }
    assert_eq!(found.len(), 4, "the table of indexes in keys.rs reads differently: {found:?}");
    found
}

fn schema([hash, range]: [&str; 2]) -> Value {
    json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}])
}
