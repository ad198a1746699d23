//! Durations in a type's JSON form: whole seconds, or days.

use std::time::Duration;

const DAY: u64 = 86_400;

pub(super) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

pub(super) mod days {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::DAY;

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs() / DAY)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(|days| Duration::from_secs(days.saturating_mul(DAY)))
    }
}

pub(super) mod gaps {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::{of_seconds, to_seconds};
    use crate::policy::reason::ErrorClass;

    type Gaps = BTreeMap<ErrorClass, Vec<Duration>>;

    pub(crate) fn serialize<S: Serializer>(gaps: &Gaps, serializer: S) -> Result<S::Ok, S::Error> {
        let gaps: BTreeMap<_, _> = gaps.iter().map(|(class, list)| (class, to_seconds(list))).collect();
        gaps.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Gaps, D::Error> {
        let gaps = BTreeMap::<ErrorClass, Vec<u64>>::deserialize(deserializer)?;
        Ok(gaps.into_iter().map(|(class, list)| (class, of_seconds(&list))).collect())
    }
}

fn to_seconds(list: &[Duration]) -> Vec<u64> {
    list.iter().map(Duration::as_secs).collect()
}

fn of_seconds(list: &[u64]) -> Vec<Duration> {
    list.iter().copied().map(Duration::from_secs).collect()
}
