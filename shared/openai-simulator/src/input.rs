//! What went into a response, as the list of items that the API shows of it.

use serde_json::{Value, json};

use super::error::ApiError;
use super::identity::Identity;
use super::page::Page;
use super::query::Query;
use super::request::Request;

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
    let page = Page::usual(query)?;
    let mut items = items(request, id, identity);
    if page.newest_first {
        items.reverse();
    }
    page.show(&items, |item| item.get("id").and_then(Value::as_str), Clone::clone)
}
