//! JSON as it was written: every digit is kept, and what a careless reader would change unseen is named by its place.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// No deeper than any other reader of JSON here goes.
const DEEPEST: usize = 128;

/// So many faults are told of one text.
const MOST_FAULTS: usize = 32;

/// A text that is JSON, and where reading it lost something.
#[derive(Debug, Clone, PartialEq)]
pub struct Json {
    pub value: Value,
    /// In the order of the text. With any of them the value is not what was written.
    pub faults: Vec<Fault>,
}

/// A place at which readers of JSON differ in what they make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Names and positions from the outside to the inside, with dots between them; empty for the whole.
    pub path: String,
    pub kind: FaultKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Of two equal names one reader takes the last and another the first.
    Twice,
    /// Half of a surrogate pair stands for no character.
    HalfPair,
}

impl FaultKind {
    /// What is wrong, as an error says it behind the name of the place.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Twice => "must not come twice",
            Self::HalfPair => "must not hold half of a surrogate pair, which stands for no character",
        }
    }
}

/// Why a text is not JSON. Says where and never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    #[error("must be JSON: {0}")]
    Syntax(String),
    #[error("must be JSON in UTF-8: line {line}, column {column} is not")]
    Utf8 { line: usize, column: usize },
    #[error("must not nest deeper than {DEEPEST} levels")]
    TooDeep,
}

/// Reads a whole text.
pub fn read(bytes: &[u8]) -> Result<Json, NotJson> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        NotJson::Utf8 { line, column: before.len() - line_start + 1 }
    })?;
    // Its grammar, by the parser that everything else here rests on. What follows only takes it apart.
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| NotJson::Syntax(error.to_string()))?;
    let mut reader = Reader { text, at: 0, faults: Vec::new() };
    let value = reader.value(&Path::Whole, 0)?;
    Ok(Json { value, faults: reader.faults })
}

/// Where a value stands.
enum Path<'p> {
    Whole,
    Name(&'p Path<'p>, &'p str),
    Position(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn show(&self) -> String {
        let (outer, last) = match self {
            Self::Whole => return String::new(),
            Self::Name(outer, name) => (outer, short(name)),
            Self::Position(outer, position) => (outer, position.to_string()),
        };
        let outer = outer.show();
        if outer.is_empty() { last } else { format!("{outer}.{last}") }
    }
}

/// Goes through a text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> u8 {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += blank;
        rest.get(blank).copied().unwrap_or_default()
    }

    /// The text from here to behind so many bytes.
    fn take(&mut self, length: usize) -> &'a str {
        let from = self.at;
        self.at += length;
        self.text.get(from..self.at).unwrap_or_default()
    }

    fn value(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, NotJson> {
        if depth > DEEPEST {
            return Err(NotJson::TooDeep);
        }
        Ok(match self.peek() {
            b'{' => self.object(path, depth)?,
            b'[' => self.array(path, depth)?,
            b'"' => self.string(path).into(),
            b't' => {
                self.take("true".len());
                true.into()
            }
            b'f' => {
                self.take("false".len());
                false.into()
            }
            b'n' => {
                self.take("null".len());
                Value::Null
            }
            _ => self.number()?,
        })
    }

    fn object(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, NotJson> {
        let mut fields = Map::new();
        self.take(1);
        while self.peek() != b'}' {
            let name = self.string(path);
            self.peek();
            self.take(":".len());
            let inner = Path::Name(path, &name);
            let value = self.value(&inner, depth + 1)?;
            if fields.contains_key(&name) {
                self.fault(&inner, FaultKind::Twice);
            }
            fields.insert(name, value);
            if self.peek() == b',' {
                self.take(1);
            }
        }
        self.take(1);
        Ok(fields.into())
    }

    fn array(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, NotJson> {
        let mut items = Vec::new();
        self.take(1);
        while self.peek() != b']' {
            items.push(self.value(&Path::Position(path, items.len()), depth + 1)?);
            if self.peek() == b',' {
                self.take(1);
            }
        }
        self.take(1);
        Ok(items.into())
    }

    fn string(&mut self, path: &Path<'_>) -> String {
        self.peek();
        let mut bytes = self.text.as_bytes().get(self.at..).unwrap_or_default().iter().skip(1);
        // Both quotes, and two bytes for each that stands behind a backslash.
        let mut length = 2;
        while let Some(byte) = bytes.next().filter(|byte| **byte != b'"') {
            let escaped = *byte == b'\\' && bytes.next().is_some();
            length += 1 + usize::from(escaped);
        }
        let written = self.take(length);
        // The grammar holds, so that nothing else can be wrong with it.
        serde_json::from_str(written).unwrap_or_else(|_| {
            self.fault(path, FaultKind::HalfPair);
            written.to_owned()
        })
    }

    fn number(&mut self) -> Result<Value, NotJson> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let is_part = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(is_part).count();
        // Whatever cannot be taken apart must not be gone through for ever.
        serde_json::from_str(self.take(length.max(1)))
            .map(Value::Number)
            .map_err(|error| NotJson::Syntax(error.to_string()))
    }

    fn fault(&mut self, path: &Path<'_>, kind: FaultKind) {
        let fault = Fault { path: path.show(), kind };
        if self.faults.len() < MOST_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// A caller's own word in an error, bounded and without anything a log could trip over.
pub fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn faults(text: &str) -> Vec<(String, FaultKind)> {
        read(text.as_bytes()).unwrap().faults.into_iter().map(|fault| (fault.path, fault.kind)).collect()
    }

    #[test]
    fn every_digit_comes_out_as_it_went_in() {
        for number in
            ["9423588012367823456789", "-0", "1.0", "1.10", "0.1000000000000000055511151231257827", "1e+400", "1E-7"]
        {
            let shown = read(format!("[{number}]").as_bytes()).unwrap().value.to_string();
            assert_eq!(shown, format!("[{}]", number.replace('E', "e")));
        }
        assert_ne!(read(b"1.0").unwrap(), read(b"1").unwrap(), "compared as written");
    }

    #[test]
    fn a_name_that_comes_twice_is_named_by_its_path_however_it_is_spelled() {
        use FaultKind::Twice;
        assert_eq!(faults(r#"{"a":1,"b":{"a":2}}"#), []);
        assert_eq!(faults(r#"{"a":1,"\u0061":2}"#), [("a".to_owned(), Twice)]);
        assert_eq!(faults(r#"{"a":[0,{"b":{"c":1,"c":1}}]}"#), [("a.1.b.c".to_owned(), Twice)]);
        assert_eq!(faults(&format!("{{{}\"x\":1}}", "\"x\":1,".repeat(1_000))), [("x".to_owned(), Twice)]);
    }

    #[test]
    fn half_of_a_surrogate_pair_is_named_by_its_path() {
        use FaultKind::HalfPair;
        assert_eq!(
            faults(r#"["\ud83d\ude00", "\ud83d", {"a": "\ude00\ud83d", "\ud83d": 1}]"#),
            [("1".to_owned(), HalfPair), ("2.a".to_owned(), HalfPair), ("2".to_owned(), HalfPair),]
        );
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place_and_without_its_content() {
        let refused = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert_eq!(refused(b"{\"a\": secret}"), "must be JSON: expected value at line 1 column 7");
        assert_eq!(refused(b"{\"a\":1,}"), "must be JSON: key must be a string at line 1 column 8");
        assert_eq!(refused(b"{}{}"), "must be JSON: trailing characters at line 1 column 3");
        assert_eq!(refused(b"[\n1, \xff]"), "must be JSON in UTF-8: line 2, column 4 is not");
        assert_eq!(
            refused("[".repeat(100_000).as_bytes()),
            "must be JSON: EOF while parsing a list at line 1 column 100000"
        );
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(refused(deep(100_000).as_bytes()), "must not nest deeper than 128 levels");
        assert!(read(deep(128).as_bytes()).is_ok());
    }

    #[test]
    fn no_name_means_anything_to_the_reader() {
        let text = r#"{"$serde_json::private::Number":"12","a":{"$serde_json::private::RawValue":"[1]"}}"#;
        assert_eq!(read(text.as_bytes()).unwrap().value.to_string(), text);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC*".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_plain_json_reads_as_it_does_everywhere(value in any_json()) {
            for text in [value.to_string(), format!("{value:#}")] {
                prop_assert_eq!(read(text.as_bytes()), Ok(Json { value: value.clone(), faults: vec![] }));
            }
        }

        #[test]
        fn any_text_is_json_here_where_it_is_json_to_others(text in r#"[\[\]{},:"\\u0-9eE+.\-tfn a]{0,24}"#) {
            let known = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(read(text.as_bytes()).is_ok(), known);
        }
    }

    #[test]
    fn spaces_and_escapes_are_read_over() {
        let text = " { \"a\\\"b\" : [ 1 , \"\\\\\" ,true, false ,null ] \n}\t";
        assert_eq!(read(text.as_bytes()).unwrap().value, json!({"a\"b": [1, "\\", true, false, null]}));
    }
}
