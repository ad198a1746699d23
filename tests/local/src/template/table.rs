//! The jobs table as the template declares it, and as DynamoDB wants to be asked for it.

use serde_json::{Value, json};

use super::TemplateError;
use super::node::Node;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub key: Vec<KeyPart>,
    pub attributes: Vec<Attribute>,
    pub indexes: Vec<Index>,
    pub stream_view: String,
}

/// One part of a key; `kind` is HASH or RANGE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPart {
    pub name: String,
    pub kind: String,
}

/// An attribute that keys use; `kind` is S, N or B.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub kind: String,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub key: Vec<KeyPart>,
    pub projection: String,
}

impl Table {
    /// The body of a `CreateTable` call.
    pub fn create_table_json(&self, table_name: &str) -> Value {
        let indexes: Vec<Value> = self
            .indexes
            .iter()
            .map(|index| {
                json!({
                    "IndexName": index.name,
                    "KeySchema": key_json(&index.key),
                    "Projection": {"ProjectionType": index.projection},
                })
            })
            .collect();
        let attributes: Vec<Value> = self
            .attributes
            .iter()
            .map(|attribute| json!({"AttributeName": attribute.name, "AttributeType": attribute.kind}))
            .collect();
        json!({
            "TableName": table_name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes,
            "KeySchema": key_json(&self.key),
            "GlobalSecondaryIndexes": indexes,
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": self.stream_view},
        })
    }
}

/// The template's only table.
pub(super) fn read(root: &Node<'_>) -> Result<Table, TemplateError> {
    let tables = root.resources("AWS::DynamoDB::Table")?;
    let [table] = tables.as_slice() else {
        return Err(TemplateError::Missing("single AWS::DynamoDB::Table".to_owned()));
    };
    let properties = table.get("Properties")?;
    Ok(Table {
        key: key(&properties)?,
        attributes: properties
            .get("AttributeDefinitions")?
            .list()?
            .iter()
            .map(|attribute| {
                let (name, kind) = pair(attribute, "AttributeType")?;
                Ok(Attribute { name, kind })
            })
            .collect::<Result<_, _>>()?,
        indexes: properties
            .get("GlobalSecondaryIndexes")?
            .list()?
            .iter()
            .map(|index| {
                Ok(Index {
                    name: index.get("IndexName")?.text()?.to_owned(),
                    key: key(index)?,
                    projection: index.get("Projection")?.get("ProjectionType")?.text()?.to_owned(),
                })
            })
            .collect::<Result<_, _>>()?,
        stream_view: properties.get("StreamSpecification")?.get("StreamViewType")?.text()?.to_owned(),
    })
}

fn key(owner: &Node<'_>) -> Result<Vec<KeyPart>, TemplateError> {
    let part = |part: &Node<'_>| {
        let (name, kind) = pair(part, "KeyType")?;
        Ok(KeyPart { name, kind })
    };
    owner.get("KeySchema")?.list()?.iter().map(part).collect()
}

fn pair(node: &Node<'_>, kind: &str) -> Result<(String, String), TemplateError> {
    Ok((node.get("AttributeName")?.text()?.to_owned(), node.get(kind)?.text()?.to_owned()))
}

fn key_json(key: &[KeyPart]) -> Vec<Value> {
    key.iter().map(|part| json!({"AttributeName": part.name, "KeyType": part.kind})).collect()
}
