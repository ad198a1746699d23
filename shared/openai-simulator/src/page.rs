//! Lists as the API shows them: one page, behind an object, in either order.

use serde_json::{Value, json};

use super::error::ApiError;
use super::query::Query;
use super::request::rule::known;

const USUAL_LIMIT: usize = 20;

/// Which part of a list is asked for.
#[derive(Debug)]
pub(super) struct Page<'a> {
    limit: usize,
    after: Option<&'a str>,
    pub(super) newest_first: bool,
}

impl<'a> Page<'a> {
    pub(super) fn of(query: &'a Query, usual_limit: usize, most: usize) -> Result<Self, ApiError> {
        let order = query.get("order").unwrap_or("desc");
        known("order", order, &["asc", "desc"])?;
        let limit = match query.get("limit") {
            None => usual_limit,
            Some(limit) => limit.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
                let message = format!("Invalid 'limit': expected an integer from 1 to {most}.");
                ApiError::invalid(message).about("limit")
            })?,
        };
        Ok(Self { limit, after: query.get("after"), newest_first: order == "desc" })
    }

    pub(super) fn usual(query: &'a Query) -> Result<Self, ApiError> {
        Self::of(query, USUAL_LIMIT, 100)
    }

    /// The part itself; each of the list is shown only when it is in it.
    pub(super) fn show<T>(
        &self,
        list: &[T],
        id: impl Fn(&T) -> Option<&str>,
        shown: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let from = match self.after {
            None => 0,
            Some(after) => match list.iter().position(|entry| id(entry) == Some(after)) {
                Some(at) => at + 1,
                None => return Err(ApiError::invalid(format!("There is no item '{after}'.")).about("after")),
            },
        };
        let page: Vec<&T> = list.iter().skip(from).take(self.limit).collect();
        let named = |entry: Option<&&T>| entry.and_then(|entry| id(entry)).unwrap_or_default().to_owned();
        Ok(json!({
            "object": "list",
            "data": page.iter().map(|entry| shown(entry)).collect::<Vec<_>>(),
            "first_id": named(page.first()),
            "last_id": named(page.last()),
            "has_more": from + page.len() < list.len(),
        }))
    }
}
