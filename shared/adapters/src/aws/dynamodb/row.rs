//! Reading and writing attributes by name, with an error that says which one was wrong.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::value::id::Digest;
use domain::value::time::Timestamp;
use domain::value::word::Closed;

pub type Item = HashMap<String, AttributeValue>;

/// A row that does not read as what it should be.
#[derive(Debug, thiserror::Error)]
#[error("the {entity} row has no readable attribute {attribute}")]
pub struct BadRow {
    entity: &'static str,
    attribute: &'static str,
}

/// A row being read.
pub(super) struct Reader<'a> {
    pub(super) entity: &'static str,
    pub(super) item: &'a Item,
}

impl<'a> Reader<'a> {
    pub(super) fn bad(&self, attribute: &'static str) -> BadRow {
        BadRow { entity: self.entity, attribute }
    }

    pub(super) fn optional_text(&self, attribute: &'static str) -> Option<&'a str> {
        self.item.get(attribute).and_then(|value| value.as_s().ok()).map(String::as_str)
    }

    pub(super) fn text(&self, attribute: &'static str) -> Result<&'a str, BadRow> {
        self.optional_text(attribute).ok_or_else(|| self.bad(attribute))
    }

    /// A text that some newtype's parser accepts.
    pub(super) fn parsed<T, E>(
        &self,
        attribute: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, BadRow> {
        parse(self.text(attribute)?).map_err(|_| self.bad(attribute))
    }

    /// A word, whether it is known here or not.
    pub(super) fn word<T: Closed>(&self, attribute: &'static str) -> Result<T, BadRow> {
        self.text(attribute).and_then(|text| T::read(text).ok_or_else(|| self.bad(attribute)))
    }

    /// The same of an attribute that may be missing.
    pub(super) fn optional_word<T: Closed>(&self, attribute: &'static str) -> Result<Option<T>, BadRow> {
        let read = |text| T::read(text).ok_or_else(|| self.bad(attribute));
        self.optional_text(attribute).map(read).transpose()
    }

    pub(super) fn optional_number<T: FromStr>(&self, attribute: &'static str) -> Option<T> {
        self.item.get(attribute).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok())
    }

    pub(super) fn number<T: FromStr>(&self, attribute: &'static str) -> Result<T, BadRow> {
        self.optional_number(attribute).ok_or_else(|| self.bad(attribute))
    }

    pub(super) fn time(&self, attribute: &'static str) -> Result<Timestamp, BadRow> {
        self.number(attribute).map(Timestamp::from_millis)
    }

    pub(super) fn optional_time(&self, attribute: &'static str) -> Option<Timestamp> {
        self.optional_number(attribute).map(Timestamp::from_millis)
    }

    pub(super) fn optional_bytes(&self, attribute: &'static str) -> Option<&'a [u8]> {
        self.item.get(attribute).and_then(|value| value.as_b().ok()).map(Blob::as_ref)
    }

    pub(super) fn digest(&self, attribute: &'static str) -> Result<Digest, BadRow> {
        self.optional_bytes(attribute).and_then(Digest::from_slice).ok_or_else(|| self.bad(attribute))
    }

    pub(super) fn is_set(&self, attribute: &'static str) -> bool {
        self.item.get(attribute).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false)
    }
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn time(value: Timestamp) -> AttributeValue {
    number(value.millis())
}

pub(super) fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}
