//! The input of a batch, held against what a line must be before anything runs.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const MOST_LINES: usize = 50_000;
/// Nobody reads more.
const MOST_ERRORS: usize = 100;

/// One entry of a batch's `errors.data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchError {
    pub code: Option<String>,
    pub line: Option<usize>,
    pub message: Option<String>,
    pub param: Option<String>,
}

impl BatchError {
    pub(in super::super) fn of(code: &str, line: Option<usize>, message: impl Into<String>) -> Self {
        Self { code: Some(code.to_owned()), line, message: Some(message.into()), param: None }
    }
}

/// One line, as far as the batch itself reads it.
#[derive(Deserialize)]
pub(in super::super) struct Line<'a> {
    pub(in super::super) custom_id: String,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow)]
    pub(in super::super) body: &'a RawValue,
}

#[derive(Deserialize)]
struct Body {
    model: Option<String>,
}

/// A sound input: where its lines are, and its model.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Checked {
    pub(in super::super) lines: Vec<Range<usize>>,
    pub(in super::super) model: Option<String>,
}

pub(in super::super) fn check(input: &[u8]) -> Result<Checked, Vec<BatchError>> {
    let lines = lines(input);
    if lines.is_empty() {
        return Err(vec![BatchError::of("empty_file", None, "The input file is empty.")]);
    }
    if lines.len() > MOST_LINES {
        let message = format!("The input file has {} requests, and at most {MOST_LINES} are allowed.", lines.len());
        return Err(vec![BatchError::of("too_many_tasks", None, message)]);
    }
    let (mut errors, mut ids, mut model) = (vec![], HashSet::new(), None);
    for (at, range) in lines.iter().enumerate() {
        let text = input.get(range.clone()).unwrap_or_default();
        let error = match fault(text, &mut ids, &mut model) {
            Ok(()) => continue,
            Err((code, message)) => BatchError::of(code, Some(at + 1), message),
        };
        errors.push(error);
        if errors.len() == MOST_ERRORS {
            break;
        }
    }
    if errors.is_empty() { Ok(Checked { lines, model }) } else { Err(errors) }
}

fn fault(text: &[u8], ids: &mut HashSet<String>, model: &mut Option<String>) -> Result<(), (&'static str, String)> {
    let line: Line<'_> = serde_json::from_slice(text)
        .map_err(|error| ("invalid_json_line", format!("This line is not a request: {error}.")))?;
    if line.method != "POST" {
        return Err(("invalid_method", "The method is POST.".to_owned()));
    }
    if line.url != super::RESPONSES {
        let message = format!("The URL '{}' does not match the batch's endpoint '{}'.", line.url, super::RESPONSES);
        return Err(("url_mismatch", message));
    }
    let body: Body = serde_json::from_str(line.body.get())
        .map_err(|_| ("invalid_json_line", "The body of this line is not an object with a model.".to_owned()))?;
    if model.is_some() && *model != body.model {
        return Err(("model_mismatch", "All requests of a batch have the same model.".to_owned()));
    }
    *model = body.model;
    if !ids.insert(line.custom_id.clone()) {
        let message = format!("The custom_id '{}' of this line has been used before.", line.custom_id);
        return Err(("duplicate_custom_id", message));
    }
    Ok(())
}

/// Where the lines are that hold anything.
fn lines(input: &[u8]) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut lines = vec![];
    for line in input.split(|byte| *byte == b'\n') {
        let end = from + line.len();
        if !line.trim_ascii().is_empty() {
            lines.push(from..end);
        }
        from = end + 1;
        if lines.len() > 2 * MOST_LINES {
            break;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(input: &str) -> Vec<(String, Option<usize>)> {
        let errors = check(input.as_bytes()).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.code.unwrap(), error.line)).collect()
    }

    fn line(id: &str, model: &str, url: &str) -> String {
        format!(r#"{{"custom_id":"{id}","method":"POST","url":"{url}","body":{{"model":"{model}","input":"x"}}}}"#)
    }

    #[test]
    fn each_fault_of_an_input_has_its_code_and_its_line() {
        const URL: &str = "/v1/responses";
        let good = line("a", "m", URL);
        assert_eq!(codes(&format!("{good}\n\n{}\r\n", line("b", "m", URL))), []);
        let second = |bad: &str| codes(&format!("{good}\n{bad}\n")).pop().unwrap();
        let table = [
            ("{".to_owned(), "invalid_json_line"),
            ("[]".to_owned(), "invalid_json_line"),
            (r#"{"custom_id":"b"}"#.to_owned(), "invalid_json_line"),
            (good.replace("POST", "GET"), "invalid_method"),
            (line("b", "m", "/v1/embeddings"), "url_mismatch"),
            (line("b", "n", URL), "model_mismatch"),
            (good.clone(), "duplicate_custom_id"),
        ];
        for (bad, code) in table {
            assert_eq!(second(&bad), (code.to_owned(), Some(2)), "{bad}");
        }
        assert_eq!(codes(" \n\n"), [("empty_file".to_owned(), None)]);
        assert_eq!(codes(&"x\n".repeat(50_001)), [("too_many_tasks".to_owned(), None)]);
        assert_eq!(codes(&"x\n".repeat(500)).len(), MOST_ERRORS);
    }
}
