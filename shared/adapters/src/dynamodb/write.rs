//! The parts that transactions are made of.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use domain::job::Change;
use domain::port::{Failure, ResponseWrite};

use super::item::{self, KEPT, OPTIONAL};
use super::row::{Item, bytes, number};
use super::{keys, primary, provider};

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

/// The job row at its next version. An update and not a put, because `published` is moved by others meanwhile.
pub(super) fn transition(table: &str, change: &Change) -> Result<TransactWriteItem, Failure> {
    let item = item::job(&change.job);
    let removed: Vec<String> =
        OPTIONAL.iter().filter(|name| !item.contains_key(**name)).map(|name| format!("#{name}")).collect();
    let mut sets = Vec::new();
    let mut update = Update::builder()
        .table_name(table)
        .set_key(Some(primary(&keys::job(&change.job.workspace, &change.job.id))))
        .expression_attribute_names("#vn", "vn")
        .expression_attribute_names("#sn", "sn")
        .expression_attribute_values(":before", number(change.job.version.saturating_sub(1)));
    // Within a version only a claim can come between: one that started the attempt must not be wiped out.
    update = match change.start_seen {
        Some(start) => update
            .condition_expression("#vn = :before AND #sn = :seen")
            .expression_attribute_values(":seen", bytes(&start.0)),
        None => update.condition_expression("#vn = :before AND attribute_not_exists(#sn)"),
    };
    for name in OPTIONAL.iter().filter(|name| !item.contains_key(**name)) {
        update = update.expression_attribute_names(format!("#{name}"), *name);
    }
    for (name, value) in item.into_iter().filter(|(name, _)| !KEPT.contains(&name.as_str())) {
        sets.push(format!("#{name} = :{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), &name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    let update = update
        .update_expression(expression(&sets, &removed))
        .build()
        .map_err(|error| Failure::permanent("build the write", error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

pub(super) fn expression(sets: &[String], removed: &[impl AsRef<str>]) -> String {
    let removed: Vec<&str> = removed.iter().map(AsRef::as_ref).collect();
    let set = format!("SET {}", sets.join(", "));
    if removed.is_empty() { set } else { format!("{set} REMOVE {}", removed.join(", ")) }
}

pub(super) fn response_write(table: &str, write: &ResponseWrite) -> Result<TransactWriteItem, Failure> {
    match write {
        ResponseWrite::Put(row) => put(table, provider::response(row), ABSENT),
        ResponseWrite::Settle(row) | ResponseWrite::Move(row) => {
            let put = Put::builder().table_name(table).set_item(Some(provider::response(row)));
            let put = match write {
                ResponseWrite::Move(_) => put
                    .condition_expression("settled = :no AND tries = :none")
                    .expression_attribute_values(":no", AttributeValue::Bool(false))
                    .expression_attribute_values(":none", number(0)),
                _ => put
                    .condition_expression("attribute_exists(PK) AND cost_state <> :known")
                    .expression_attribute_values(":known", AttributeValue::S("known".to_owned())),
            };
            let put = put.build().map_err(|error| Failure::permanent("build the write", error))?;
            Ok(TransactWriteItem::builder().put(put).build())
        }
    }
}
