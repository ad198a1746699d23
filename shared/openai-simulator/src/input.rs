//! What went into a response, as the list of items that the API shows of it.

use serde_json::{Value, json};

use super::error::ApiError;
use super::identity::Identity;
use super::query::Query;
use super::request::Request;
use super::request::rule::known;

const USUAL_LIMIT: usize = 20;

/// The items with their ids, in the order in which they were sent.
fn items(request: &Request, id: &str, identity: Identity) -> Vec<Value> {
    let sent = match request.fields.get("input") {
        Some(Value::Array(items)) => items.clone(),
        input => vec![json!({"role": "user", "content": input})],
    };
    let item = |(at, mut item): (usize, Value)| {
        if let Some(fields) = item.as_object_mut() {
            let own_id = identity.of("msg", &format!("{id} {at}"));
            fields.entry("id").or_insert_with(|| json!(own_id));
            fields.entry("type").or_insert_with(|| json!("message"));
            if fields.get("type") == Some(&json!("message")) {
                fields.entry("status").or_insert_with(|| json!("completed"));
                if let Some(Value::String(text)) = fields.get("content") {
                    let content = content(text, fields.get("role") == Some(&json!("assistant")));
                    fields.insert("content".to_owned(), content);
                }
            }
        }
        item
    };
    sent.into_iter().enumerate().map(item).collect()
}

fn content(text: &str, is_output: bool) -> Value {
    if is_output {
        json!([{"type": "output_text", "text": text, "annotations": [], "logprobs": []}])
    } else {
        json!([{"type": "input_text", "text": text}])
    }
}

/// One page of them.
pub(super) fn page(request: &Request, id: &str, identity: Identity, query: &Query) -> Result<Value, ApiError> {
    query.check_include()?;
    let order = query.get("order").unwrap_or("desc");
    known("order", order, &["asc", "desc"])?;
    let limit =
        match query.get("limit") {
            None => USUAL_LIMIT,
            Some(limit) => limit.parse().ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(|| {
                ApiError::invalid("Invalid 'limit': expected an integer from 1 to 100.").about("limit")
            })?,
        };
    let mut items = items(request, id, identity);
    if order == "desc" {
        items.reverse();
    }
    let from = match query.get("after") {
        None => 0,
        Some(after) => match items.iter().position(|item| item.get("id").and_then(Value::as_str) == Some(after)) {
            Some(at) => at + 1,
            None => return Err(ApiError::invalid(format!("There is no item '{after}'.")).about("after")),
        },
    };
    let page: Vec<&Value> = items.iter().skip(from).take(limit).collect();
    let id = |item: Option<&&Value>| item.and_then(|item| item.get("id")).cloned().unwrap_or_else(|| json!(""));
    Ok(json!({
        "object": "list",
        "data": page,
        "first_id": id(page.first()),
        "last_id": id(page.last()),
        "has_more": from + page.len() < items.len(),
    }))
}
