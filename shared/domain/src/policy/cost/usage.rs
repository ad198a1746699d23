//! What a run used: one counter for each thing that is billed, and the small form in which it is stored.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! counters {
    ($($(#[$doc:meta])* $field:ident $name:literal,)*) => {
        /// Tokens and billable calls, as the provider reported them.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Usage {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl Usage {
            /// The stored names of all counters.
            pub const NAMES: &[&str] = &[$($name),*];

            fn counters(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$(($name, self.$field)),*].into_iter()
            }

            fn counter(&mut self, name: &str) -> Option<&mut u64> {
                match name {
                    $($name => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

// One line for each counter. The short name is what records and rows hold, and never changes.
counters! {
    input_tokens "in",
    /// Part of `input_tokens`.
    cached_tokens "cr",
    /// Part of `input_tokens`.
    cache_write_tokens "cw",
    /// Part of `cache_write_tokens`: kept for half an hour.
    cache_write_30m_tokens "cwm",
    /// Part of `cache_write_tokens`: kept for twelve hours.
    cache_write_12h_tokens "cwh",
    output_tokens "out",
    /// Part of `output_tokens`.
    reasoning_tokens "rt",
    web_searches "ws",
    /// With the preview of the web search tool, which has a price of its own.
    preview_searches "wsp",
    /// The answer's items; the provider has no counter for them.
    file_searches "fs",
    /// Containers by their memory, once for each 20 minutes of the run; the provider has no counter for them.
    containers_1g "c1",
    containers_4g "c4",
    containers_16g "c16",
    containers_64g "c64",
    /// Of an image model whose price is known.
    image_input_tokens "ii",
    image_output_tokens "io",
    /// Counts that the provider left out or that cannot be read, and for which another figure stands.
    untold "ut",
    /// Things that are billed and have no price here.
    unpriced "up",
    /// From the moment the provider took the request to the end of the run; 0 when it does not say.
    seconds "s",
}

/// Usage in its stored form: a map of names to numbers without its zeros. A counter of a newer release is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredUsage(pub Usage);

impl Serialize for StoredUsage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.counters().filter(|(_, count)| *count > 0))
    }
}

impl<'de> Deserialize<'de> for StoredUsage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = StoredUsage;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of names to numbers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<StoredUsage, A::Error> {
                let mut usage = Usage::default();
                while let Some(name) = map.next_key::<String>()? {
                    match usage.counter(&name) {
                        Some(counter) => *counter = map.next_value()?,
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(StoredUsage(usage))
            }
        }
        deserializer.deserialize_map(Map)
    }
}

/// For a field of a record.
pub(crate) mod stored {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::{StoredUsage, Usage};

    pub(crate) fn serialize<S: Serializer>(usage: &Option<Usage>, serializer: S) -> Result<S::Ok, S::Error> {
        usage.map(StoredUsage).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Usage>, D::Error> {
        Ok(Option::<StoredUsage>::deserialize(deserializer)?.map(|StoredUsage(usage)| usage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_reads_back_by_its_own_short_name() {
        for (place, name) in Usage::NAMES.iter().enumerate() {
            assert!((1..=3).contains(&name.len()), "{name}");
            let stored = format!(r#"{{"{name}":{}}}"#, place + 7);
            let StoredUsage(usage) = serde_json::from_str(&stored).unwrap();
            assert_ne!(usage, Usage::default(), "{name}");
            assert_eq!(serde_json::to_string(&StoredUsage(usage)).unwrap(), stored);
        }
    }

    #[test]
    fn zeros_are_not_stored_and_an_unknown_counter_is_no_error() {
        let usage = Usage { input_tokens: 7, ..Usage::default() };
        assert_eq!(serde_json::to_string(&StoredUsage(usage)).unwrap(), r#"{"in":7}"#);
        let newer = r#"{"qu":1.5,"in":7,"images":{"large":2},"note":"x","zz":null}"#;
        assert_eq!(serde_json::from_str::<StoredUsage>(newer).unwrap(), StoredUsage(usage));
        assert_eq!(serde_json::from_str::<StoredUsage>("{}").unwrap(), StoredUsage(Usage::default()));
    }
}
