//! Lenient JSON: text from outside is mended until every string in it can be decoded, and a value is never shown as
//! something that it is not.

use std::borrow::Cow;

use serde_json::Value;

/// The same JSON with every string decodable and every number finite: half a surrogate pair becomes U+FFFD, a control
/// character its escape, a backslash that escapes nothing a backslash, and `NaN` null. Valid JSON comes back as it is.
pub fn mend(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let bytes = text.as_bytes();
    let mut mending = Mending { text, mended: String::new(), copied: 0 };
    let (mut at, mut in_string) = (0, false);
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        at += match (in_string, *byte) {
            (_, b'"') => {
                in_string = !in_string;
                1
            }
            (true, b'\\') => mending.escape(at, rest),
            (true, byte @ ..0x20) => mending.replace(at, 1, &format!("\\u{byte:04x}")),
            (false, b'N') if rest.starts_with(b"NaN") => mending.replace(at, 3, "null"),
            (false, b'I') if rest.starts_with(b"Infinity") => mending.replace(at, 8, "null"),
            (false, b'-') if rest.starts_with(b"-Infinity") => mending.replace(at, 9, "null"),
            _ => 1,
        };
    }
    mending.done()
}

/// A text that is being mended: what was changed so far, and up to where it has been copied.
struct Mending<'a> {
    text: &'a str,
    mended: String,
    copied: usize,
}

impl<'a> Mending<'a> {
    /// Puts `with` in the place of so many bytes, and answers how many.
    fn replace(&mut self, at: usize, length: usize, with: &str) -> usize {
        self.mended.push_str(self.text.get(self.copied..at).unwrap_or_default());
        self.mended.push_str(with);
        self.copied = at + length;
        length
    }

    /// Sees to the escape that begins here, and answers how long it is.
    fn escape(&mut self, at: usize, rest: &[u8]) -> usize {
        match rest.get(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => match (code_unit(rest), code_unit(rest.get(6..).unwrap_or_default())) {
                (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
                (Some(0xd800..=0xdfff), _) => self.replace(at, 6, "\\ufffd"),
                (Some(_), _) => 6,
                (None, _) => self.replace(at, 1, "\\\\"),
            },
            // Cut in the middle: no JSON, whatever is done about it.
            None => 1,
            Some(_) => self.replace(at, 1, "\\\\"),
        }
    }

    fn done(mut self) -> Cow<'a, str> {
        if self.copied == 0 {
            return Cow::Borrowed(self.text);
        }
        self.mended.push_str(self.text.get(self.copied..).unwrap_or_default());
        Cow::Owned(self.mended)
    }
}

/// The code unit of a `\uXXXX` that begins here.
fn code_unit(bytes: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = bytes.get(..6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + u16::try_from(char::from(*digit).to_digit(16)?).ok()?))
}

/// The value of a JSON text, or `None` where a value would say something else than the text does: it is no JSON, it is
/// too deep to be read, or it gives a name twice.
pub fn value(text: &str) -> Option<Value> {
    let text = mend(text);
    let value: Value = serde_json::from_str(&text).ok()?;
    (members(&value) == colons(&text)).then_some(value)
}

/// The same of a text that gives values only, and no `NaN` or `Infinity` that stands for none.
pub fn exact(text: &str) -> Option<Value> {
    let (mut in_string, mut escaped) = (false, false);
    let is_word = |byte: u8| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'N' | b'I' => return !in_string,
            _ => {}
        }
        false
    };
    if text.bytes().any(is_word) { None } else { value(text) }
}

fn members(value: &Value) -> usize {
    match value {
        Value::Array(elements) => elements.iter().map(members).sum(),
        Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// How many names a JSON text gives, doubled ones counted twice.
fn colons(text: &str) -> usize {
    let (mut count, mut in_string, mut escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b':' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn decoded(text: &str) -> String {
        serde_json::from_str(&mend(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn half_a_surrogate_pair_is_one_character_that_stands_for_it() {
        let cases = [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\uDE00""#, "\u{fffd}"),
            (r#""a\ud83db""#, "a\u{fffd}b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\\\ud83d""#, "\\\u{fffd}"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ];
        for (text, expect) in cases {
            assert_eq!(decoded(text), expect, "{text}");
        }
    }

    #[test]
    fn a_control_character_or_a_wrong_escape_hides_nothing_of_its_string() {
        let cases = [
            ("\"a\nb\tc\u{0}\"", "a\nb\tc\u{0}"),
            (r#""C:\temp\Users""#, "C:\temp\\Users"),
            (r#""\x41""#, "\\x41"),
            (r#""\u12 x""#, "\\u12 x"),
            (r#""\u+123""#, "\\u+123"),
            ("\"\\\n\"", "\\\n"),
        ];
        for (text, expect) in cases {
            assert_eq!(decoded(text), expect, "{text}");
        }
    }

    #[test]
    fn a_number_that_json_does_not_have_is_null_and_takes_nothing_with_it() {
        let text = r#"{"a":NaN,"b":[-Infinity,Infinity,-1],"NaN":"NaN"}"#;
        assert_eq!(value(text), Some(json!({"a": null, "b": [null, null, -1], "NaN": "NaN"})));
    }

    #[test]
    fn a_name_is_mended_like_any_string_and_a_byte_order_mark_is_no_part_of_it() {
        assert_eq!(value("\u{feff}{\"a\\ud83d\":1}"), Some(json!({"a\u{fffd}": 1})));
    }

    #[test]
    fn digits_are_kept_and_a_doubled_name_is_no_value() {
        let long = r#"{"id":9400000000000000000001,"amount":12345678901234567890.123456789}"#;
        assert_eq!(value(long).map(|value| value.to_string().len()), Some(long.len()));
        assert_eq!(value(r#"{"a":1,"a":1}"#), None);
        assert_eq!(value(r#"{"a":[{"b":":","b":2}]}"#), None);
        assert_eq!(value(r#"{"a:":"\":","b":{"a:":1}}"#), Some(json!({"a:": "\":", "b": {"a:": 1}})));
        // The decoder keeps names of its own for numbers and raw text.
        assert_eq!(value(r#"{"$serde_json::private::RawValue":"1"}"#), None);
        assert_eq!(value(r#"{"\u0024serde_json::private::Number":"1"}"#), None);
        assert_eq!(value(&("[".repeat(500) + &"]".repeat(500))), None);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// A string of these code units, as a writer that knows of no pairs escapes it.
    fn escaped(units: &[u16]) -> String {
        let units: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        format!("\"{units}\"")
    }

    proptest! {
        #[test]
        fn valid_json_is_read_as_any_decoder_reads_it(value in any_value()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert!(matches!(mend(&text), Cow::Borrowed(same) if same == text));
                prop_assert_eq!(super::value(&text), Some(value.clone()));
            }
        }

        #[test]
        fn any_code_units_are_read_as_text_that_loses_only_what_is_none(
            units in prop::collection::vec(prop_oneof![any::<u16>(), 0xd800_u16..0xe000], 0..16)
        ) {
            prop_assert_eq!(decoded(&escaped(&units)), String::from_utf16_lossy(&units));
        }

        #[test]
        fn whatever_stands_between_quotes_can_be_decoded(text in any::<String>()) {
            let text: String = text.chars().filter(|c| *c != '"').collect();
            let text = format!("\"{}\"", text.trim_end_matches('\\'));
            prop_assert!(serde_json::from_str::<String>(&mend(&text)).is_ok(), "{}", text);
        }
    }
}
