//! The parts that transactions are made of.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use domain::job::Transition;
use domain::policy::cost::CostState;
use domain::port::ResponseWrite;
use domain::value::failure::Failure;

use super::item::{self, OPTIONAL, PUBLISHED};
use super::keys::Key;
use super::row::{Item, bytes, number, text};
use super::{keys, primary, provider};

/// Of every row; no write changes them.
const KEY: [&str; 2] = ["PK", "SK"];

/// For rows that must be new.
pub(super) const ABSENT: &str = "attribute_not_exists(PK)";

pub(super) fn put(table: &str, item: Item, condition: &str) -> Result<TransactWriteItem, Failure> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(condition)
        .build()
        .map_err(|error| Failure::permanent("build the write", error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// What makes a row say what an item says. No row is replaced: what a newer release has added to it stays, as do those
/// of its attributes that are not told to go.
pub(super) struct Amendment {
    pub(super) expression: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

/// `may_go` are the attributes that this release takes away where the item does not have them.
pub(super) fn amendment(item: Item, may_go: &[&str]) -> Amendment {
    let gone = may_go.iter().filter(|name| !item.contains_key(**name)).map(|name| (*name).to_owned());
    let set = item.keys().filter(|name| !KEY.contains(&name.as_str())).cloned();
    let (gone, set): (Vec<String>, Vec<String>) = (gone.collect(), set.collect());
    let placed: Vec<String> = set.iter().map(|name| format!("#{name} = :{name}")).collect();
    let removed: Vec<String> = gone.iter().map(|name| format!("#{name}")).collect();
    Amendment {
        expression: expression(&placed, &removed),
        names: set.into_iter().chain(gone).map(|name| (format!("#{name}"), name)).collect(),
        values: item
            .into_iter()
            .filter(|(name, _)| !KEY.contains(&name.as_str()))
            .map(|(name, value)| (format!(":{name}"), value))
            .collect(),
    }
}

/// The same as a part of a transaction, with the condition still to come.
pub(super) fn amend(table: &str, key: &Key, item: Item, may_go: &[&str]) -> UpdateBuilder {
    let Amendment { expression, names, values } = amendment(item, may_go);
    Update::builder()
        .table_name(table)
        .set_key(Some(primary(key)))
        .update_expression(expression)
        .set_expression_attribute_names(Some(names))
        .set_expression_attribute_values(Some(values))
}

pub(super) fn part(update: UpdateBuilder) -> Result<TransactWriteItem, Failure> {
    let update = update.build().map_err(|error| Failure::permanent("build the write", error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// The job row at its next version; `published` is moved by others meanwhile.
pub(super) fn transition(table: &str, change: &Transition) -> Result<TransactWriteItem, Failure> {
    let key = keys::job(&change.job.workspace, &change.job.id);
    let mut item = item::job(&change.job);
    item.remove(PUBLISHED);
    let update = amend(table, &key, item, &OPTIONAL)
        .expression_attribute_values(":before", number(change.job.version.saturating_sub(1)));
    // Within a version only a claim can come between: one that started the attempt must not be wiped out.
    part(match change.start_seen {
        Some(start) => update
            .condition_expression("#vn = :before AND #sn = :seen")
            .expression_attribute_values(":seen", bytes(&start.0)),
        None => update.condition_expression("#vn = :before AND attribute_not_exists(#sn)"),
    })
}

pub(super) fn expression(sets: &[String], removed: &[impl AsRef<str>]) -> String {
    let removed: Vec<&str> = removed.iter().map(AsRef::as_ref).collect();
    // A clause of nothing is a syntax error.
    let clause = |word: &str, parts: String| if parts.is_empty() { parts } else { format!("{word} {parts} ") };
    clause("SET", sets.join(", ")) + &clause("REMOVE", removed.join(", "))
}

pub(super) fn response_write(table: &str, write: &ResponseWrite) -> Result<TransactWriteItem, Failure> {
    match write {
        ResponseWrite::Put(row) => put(table, provider::response(row), ABSENT),
        ResponseWrite::Settle(row) | ResponseWrite::Move(row) => {
            let update = amend(table, &keys::response(&row.id), provider::response(row), &provider::MAY_GO);
            part(match write {
                ResponseWrite::Move(_) => update
                    .condition_expression("settled = :no AND tries = :none")
                    .expression_attribute_values(":no", AttributeValue::Bool(false))
                    .expression_attribute_values(":none", number(0)),
                // A newer release's word is not written over.
                _ => update
                    .condition_expression("settled = :no AND cost_state IN (:unknown, :estimated)")
                    .expression_attribute_values(":no", AttributeValue::Bool(false))
                    .expression_attribute_values(":unknown", text(CostState::Unknown.code()))
                    .expression_attribute_values(":estimated", text(CostState::Estimated.code())),
            })
        }
    }
}
