//! Closed words: each is one of a list, and a word of a newer release is read as it is.
//!
//! During a deploy, and after one that was taken back, a release reads what a newer one has written. So every word that
//! is read from a row, a record, a message or an event is one of a [`words!`] list or its `Other`, which is written back
//! as the very word that was read. What has such a word is shown, and nobody acts on it but a release that knows it.
//!
//! From the first release on a word is read one release before it is written: the first of the two lists it, and the
//! second, when no older one is left, writes it. A word that is added has no code of its own in a row, so that an older
//! release reads the same word from the row and from the record. A field may be added at any time if the work comes out
//! right for whoever ignores it; what must not be ignored is said by a word.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The longest word there may ever be, in bytes.
pub const LONGEST: usize = 40;

/// A word that this release does not know: printable ASCII without spaces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word {
    // Filled up with zeros, which no word holds.
    bytes: [u8; LONGEST],
}

impl Word {
    /// Takes any text that a word can be.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        let holds = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        bytes.get_mut(..text.len()).filter(|_| holds)?.copy_from_slice(text.as_bytes());
        Some(Self { bytes })
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default().trim_end_matches('\0')
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reading(Self::parse))
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A list that [`words!`] has made.
pub trait Closed: Copy {
    /// A word of the list, as it is said to callers and in records.
    fn parse(word: &str) -> Option<Self>;
    /// The same, or its code in a row, or a word that is not known here. `None` for what no word can be.
    fn read(word: &str) -> Option<Self>;
    /// Whether it is of the list.
    fn is_known(&self) -> bool;
}

/// Makes an enum of a list of words. A second word is the code in rows, which have to stay small.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident $word:literal $($code:literal)?,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$doc])* $variant,)*
            /// A word of a newer release.
            Other($crate::value::word::Word),
        }

        impl $name {
            /// Every word that is known here.
            $vis const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The same, as they are said.
            $vis const WORDS: [&'static str; [$($word),*].len()] = [$($word),*];

            /// The word, if it is of the list.
            $vis const fn known(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($word),)*
                    Self::Other(_) => None,
                }
            }

            /// The stable word for programs.
            $vis fn word(&self) -> &str {
                match self {
                    Self::Other(word) => word.as_str(),
                    known => known.known().unwrap_or_default(),
                }
            }

            /// Its code in a row, or else the word.
            $vis fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $crate::value::word::words!(@code $word $($code)?),)*
                    Self::Other(word) => word.as_str(),
                }
            }
        }

        impl $crate::value::word::Closed for $name {
            fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn read(word: &str) -> Option<Self> {
                match word {
                    $($word $(| $code)? => Some(Self::$variant),)*
                    _ => $crate::value::word::Word::parse(word).map(Self::Other),
                }
            }

            fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::value::word::deserialize(deserializer)
            }
        }
    };
    (@code $word:literal) => { $word };
    (@code $word:literal $code:literal) => { $code };
}

pub(crate) use words;

pub(crate) fn deserialize<'de, T: Closed, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(Reading(T::read))
}

/// A word of a request, which has to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known<T>(pub T);

impl<'de, T: Closed> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reading(T::parse)).map(Self)
    }
}

struct Reading<T>(fn(&str) -> Option<T>);

impl<T> Visitor<'_> for Reading<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).ok_or_else(|| E::custom("not one of the words that stand here"))
    }
}

/// Reads and writes words that may bring something along, as in `"expire"` or `{"escalate": {"levels": 3}}`, of enums
/// that derive it as `remote = "Self"`. Of one that is not known in exactly this form the word is kept: what it brings
/// along must not be ignored.
macro_rules! with_more {
    ($($name:ident)*) => {
        $(
            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        Self::Other(word) => word.serialize(serializer),
                        known => Self::serialize(known, serializer),
                    }
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let value = serde_json::Value::deserialize(deserializer)?;
                    let known = Self::deserialize(&value).ok();
                    known
                        .or_else(|| $crate::value::word::first_word(&value).map(Self::Other))
                        .ok_or_else(|| serde::de::Error::custom("not a word"))
                }
            }
        )*
    };
}

pub(crate) use with_more;

/// The text itself, or the first name of an object.
pub(crate) fn first_word(value: &Value) -> Option<Word> {
    match value {
        Value::String(word) => Word::parse(word),
        Value::Object(fields) => Word::parse(fields.keys().next()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        /// For the tests below.
        enum Colour {
            Red "red" "r",
            Green "green",
        }
    }

    #[test]
    fn a_word_of_a_newer_release_is_written_back_as_it_was_read() {
        let longest = "x".repeat(LONGEST);
        for word in ["mauve", "R", "grün", "#~!", &longest].into_iter().filter(|word| word.is_ascii()) {
            let read: Colour = serde_json::from_value(Value::from(word)).unwrap();
            assert_eq!(read, Colour::Other(Word::parse(word).unwrap()));
            assert_eq!((read.word(), read.code(), read.is_known()), (word, word, false));
            assert_eq!(serde_json::to_value(read).unwrap(), Value::from(word));
        }
    }

    #[test]
    fn a_known_word_is_read_by_its_word_and_its_code() {
        for colour in Colour::ALL {
            assert!(colour.is_known());
            assert_eq!([Colour::read(colour.word()), Colour::read(colour.code())], [Some(colour); 2]);
            assert_eq!(Colour::parse(colour.word()), Some(colour));
        }
        assert_eq!(Colour::WORDS, ["red", "green"]);
        assert_eq!(Colour::parse("r"), None, "codes are for rows only");
        assert_eq!((Colour::Red.code(), Colour::Green.code()), ("r", "green"));
    }

    #[test]
    fn what_no_word_can_be_is_refused() {
        for text in ["", " ", "a b", "grün", "a\n", "a\0", &"x".repeat(LONGEST + 1)] {
            assert_eq!(Colour::read(text), None, "{text:?}");
            assert!(serde_json::from_value::<Colour>(Value::from(text)).is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<Colour>("7").is_err());
    }

    #[test]
    fn a_request_says_only_words_that_are_known() {
        assert_eq!(serde_json::from_str::<Known<Colour>>(r#""green""#).unwrap(), Known(Colour::Green));
        for body in [r#""mauve""#, r#""r""#, "null", "{}"] {
            assert!(serde_json::from_str::<Known<Colour>>(body).is_err(), "{body}");
        }
    }
}
