//! Rows as items and back: one table of attributes for each kind of row, from which it is written, read and amended.

pub(super) mod attribute;
pub(super) mod breaker;
pub(super) mod denied;
pub(super) mod event;
pub(super) mod job;
pub(super) mod job_type;
pub(super) mod member;
pub(super) mod membership;
pub(super) mod note;
pub(super) mod notice;
pub(super) mod payload;
pub(super) mod response;
pub(super) mod workspace;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use self::attribute::{Attribute, Unreadable};
use super::keys::{self, Key};

/// About how many attributes the longest row has; a map that grows is filled several times over.
const LONGEST: usize = 64;

pub type Item = HashMap<String, AttributeValue>;

/// A row that does not read as what it should be.
#[derive(Debug, thiserror::Error)]
#[error("the {entity} row has no readable attribute {attribute}")]
pub struct BadRow {
    entity: &'static str,
    attribute: &'static str,
    /// There is none, or one in another form, as a newer release may write it.
    is_gone: bool,
}

/// A row being read.
pub(super) struct RowDecoder<'a> {
    /// What errors call it.
    pub(super) entity: &'static str,
    pub(super) item: &'a Item,
}

impl RowDecoder<'_> {
    pub(super) fn bad(&self, attribute: &'static str) -> BadRow {
        BadRow { entity: self.entity, attribute, is_gone: false }
    }

    pub(super) fn get<T: Attribute>(&self, attribute: &'static str) -> Result<T, BadRow> {
        match self.item.get(attribute).map(T::decode) {
            Some(Ok(value)) => Ok(value),
            Some(Err(Unreadable::Damaged)) => Err(self.bad(attribute)),
            None | Some(Err(Unreadable::OtherForm)) => {
                T::gone().ok_or_else(|| BadRow { is_gone: true, ..self.bad(attribute) })
            }
        }
    }

    /// A text that is more than one value.
    pub(super) fn parsed<T>(
        &self,
        attribute: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, BadRow> {
        let text = self.item.get(attribute).and_then(|value| value.as_s().ok());
        text.and_then(|text| parse(text)).ok_or_else(|| self.bad(attribute))
    }

    /// What is there if this attribute of it is.
    fn group<T>(&self, attribute: &str, read: impl FnOnce() -> Result<T, BadRow>) -> Result<Option<T>, BadRow> {
        match read() {
            Err(bad) if bad.is_gone && bad.attribute == attribute => Ok(None),
            read => read.map(Some),
        }
    }
}

/// A row being written: what it holds, and which of its attributes it does not hold now.
pub(super) struct RowEncoder {
    key: Key,
    item: Item,
    gone: Vec<&'static str>,
    others: Vec<&'static str>,
}

impl RowEncoder {
    pub(super) fn new(key: Key, entity: &'static str) -> Self {
        let item = Item::with_capacity(LONGEST);
        let mut row = Self { key, item, gone: Vec::with_capacity(LONGEST), others: Vec::new() };
        row.put("entity", &entity.to_owned());
        row
    }

    pub(super) fn put(&mut self, attribute: &'static str, value: &impl Attribute) {
        match value.encode() {
            Some(value) => drop(self.item.insert(attribute.to_owned(), value)),
            None => self.gone.push(attribute),
        }
    }

    fn put_unless<T: Attribute + PartialEq>(&mut self, attribute: &'static str, value: &T, default: &T) {
        if value == default { self.gone.push(attribute) } else { self.put(attribute, value) }
    }

    /// What other writers move: it is written with a new row, and no amendment touches it.
    fn put_for_others(&mut self, attribute: &'static str, value: &impl Attribute) {
        self.put(attribute, value);
        self.others.push(attribute);
    }

    /// The shard of the due index that the row's entries lie in.
    pub(super) fn shard(&self) -> String {
        keys::shard(&self.key.pk)
    }

    /// The whole row, for one that is new.
    pub(super) fn item(mut self) -> Item {
        self.item.extend(self.key.attributes());
        self.item
    }

    /// What makes the row that is there say the same. No row is replaced: what a newer release has added to it stays.
    pub(super) fn amendment(self) -> Amendment {
        let Self { key, item, gone, others } = self;
        let (mut set, mut names, mut values) = (Vec::new(), HashMap::new(), Item::new());
        for (name, value) in item.into_iter().filter(|(name, _)| !others.contains(&name.as_str())) {
            set.push(format!("#{name} = :{name}"));
            values.insert(format!(":{name}"), value);
            names.insert(format!("#{name}"), name);
        }
        let removed: Vec<String> = gone.iter().map(|name| format!("#{name}")).collect();
        names.extend(gone.iter().map(|name| (format!("#{name}"), (*name).to_owned())));
        Amendment { key, expression: expression(&set, &removed), names, values }
    }
}

/// The parts of an update, without its condition.
pub(super) struct Amendment {
    pub(super) key: Key,
    pub(super) expression: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

pub(super) fn expression(set: &[String], removed: &[String]) -> String {
    // A clause of nothing is a syntax error.
    let clause = |word: &str, parts: &[String]| match parts {
        [] => String::new(),
        parts => format!("{word} {} ", parts.join(", ")),
    };
    clause("SET", set) + &clause("REMOVE", removed)
}

/// Makes a `write` and a `read` of a table that says in which attribute each field of a struct lies:
///
/// - `field: "x"`: there. An `Option` is left out while it is `None`.
/// - `field: ("x" or default)`: there, and the default where a row has none.
/// - `field: ("x" unless default)`: the same, and left out while it is the default.
/// - `field: (for others "x")`, also with `or default`: there, and no amendment touches it.
/// - `field: (Struct { … })`: its fields each as said.
/// - `field: (if "x" (Struct { … }))` and `field: (if "x" ("x", "y"))`: an `Option` of such, which is there if `x` is.
///
/// Both take the struct apart whole, so that a field of it without a line does not compile. `given` are the fields that
/// `read` finds before by itself, and that `write` leaves as it likes.
macro_rules! row {
    (
        $type:ident as $this:ident in $row:ident;
        write { $($write:tt)* }
        read { $($read:tt)* }
        given { $($given:ident),* }
        stored { $($field:ident: $value:tt,)* }
    ) => {
        fn write($this: &$type, $row: &mut RowEncoder) {
            $($write)*
            let $type { $($given: _,)* $($field,)* } = $this;
            $(row!(@write $row $field $value);)*
        }

        fn read($row: &RowDecoder<'_>) -> Result<$type, BadRow> {
            $($read)*
            Ok($type { $($given,)* $($field: row!(@read $row $value),)* })
        }
    };

    (@write $row:ident $place:ident $name:literal) => { $row.put($name, $place) };
    (@write $row:ident $place:ident ($name:literal or $default:expr)) => { $row.put($name, $place) };
    (@write $row:ident $place:ident ($name:literal unless $default:expr)) => {
        $row.put_unless($name, $place, &$default)
    };
    (@write $row:ident $place:ident (for others $name:literal $(or $default:expr)?)) => {
        $row.put_for_others($name, $place)
    };
    (@write $row:ident $place:ident ($type:ident { $($field:ident: $value:tt,)* })) => {{
        let $type { $($field,)* } = $place;
        $(row!(@write $row $field $value);)*
    }};
    (@write $row:ident $place:ident ($one:literal, $two:literal)) => {{
        let (one, two) = $place;
        $row.put($one, one);
        $row.put($two, two);
    }};
    (@write $row:ident $place:ident (if $first:literal $group:tt)) => {
        if let Some(group) = $place {
            row!(@write $row group $group);
        } else {
            row!(@gone $row $group);
        }
    };

    (@gone $row:ident $name:literal) => { $row.gone.push($name) };
    (@gone $row:ident ($name:literal unless $default:expr)) => { $row.gone.push($name) };
    (@gone $row:ident ($one:literal, $two:literal)) => { $row.gone.extend([$one, $two]) };
    (@gone $row:ident ($type:ident { $($field:ident: $value:tt,)* })) => {{ $(row!(@gone $row $value);)* }};

    (@read $row:ident $name:literal) => { $row.get($name)? };
    (@read $row:ident ($name:literal or $default:expr)) => { $row.get::<Option<_>>($name)?.unwrap_or($default) };
    (@read $row:ident ($name:literal unless $default:expr)) => { $row.get::<Option<_>>($name)?.unwrap_or($default) };
    (@read $row:ident (for others $name:literal)) => { row!(@read $row $name) };
    (@read $row:ident (for others $name:literal or $default:expr)) => { row!(@read $row ($name or $default)) };
    (@read $row:ident ($type:ident { $($field:ident: $value:tt,)* })) => {
        $type { $($field: row!(@read $row $value),)* }
    };
    (@read $row:ident ($one:literal, $two:literal)) => { ($row.get($one)?, $row.get($two)?) };
    (@read $row:ident (if $first:literal $group:tt)) => { $row.group($first, || Ok(row!(@read $row $group)))? };
}

use row;
