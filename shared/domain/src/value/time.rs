//! Moments, always handed in: nothing in this crate asks what time it is.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Later than anything: 9999-12-31T23:59:59Z.
    pub const NEVER: Self = Self(253_402_300_799_000);

    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }

    /// Reads RFC 3339, for example `2026-11-23T09:30:00Z`.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds; a moment outside the years 0 to 9999 shows as its number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000);
        match moment {
            Ok(at) => write!(
                f,
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                at.year(),
                u8::from(at.month()),
                at.day(),
                at.hour(),
                at.minute(),
                at.second(),
                at.millisecond()
            ),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a time must be RFC 3339, such as 2026-11-23T09:30:00Z"))
    }
}

/// How long things may take. One value for AWS, one for a laptop; each field can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// How long after a create its stream record may take to start the job before the index does.
    pub push_grace: Duration,
    /// Time of one `submit-job` run: who holds the claim may still be posting.
    pub lease: Duration,
    /// After the lease, how long the webhook of a lost answer may still be adopted.
    pub unknown_wait: Duration,
    /// Gaps between looks at a running response; the last one repeats.
    pub checks: Vec<Duration>,
    /// How long the provider may deny a response it gave us before the response counts as lost.
    pub missing_limit: Duration,
    /// How long after a transition its event may take to be confirmed as published.
    pub publish_grace: Duration,
    /// Gaps between tries of a duty that keeps failing; the last one repeats.
    pub backoff: Vec<Duration>,
    /// Gaps between probes of a provider in trouble, by failures in a row; the last one repeats.
    pub parking: Vec<Duration>,
    /// How long a used-up quota parks a job and its lane before the next try.
    pub quota_wait: Duration,
}

fn seconds(list: &[u64]) -> Vec<Duration> {
    list.iter().copied().map(Duration::from_secs).collect()
}

impl Timing {
    /// For AWS, where the schedule fires once a minute.
    pub fn aws() -> Self {
        Self {
            push_grace: Duration::from_secs(30),
            lease: Duration::from_secs(120),
            unknown_wait: Duration::from_secs(600),
            checks: seconds(&[30, 30, 60, 120]),
            missing_limit: Duration::from_secs(300),
            publish_grace: Duration::from_secs(300),
            backoff: seconds(&[60, 120, 240, 480, 960, 3600]),
            // At most one for each run of the schedule, which brings the probes.
            parking: seconds(&[5, 10, 20, 40, 50]),
            quota_wait: Duration::from_secs(600),
        }
    }

    /// For the local edition, where the schedule fires every second.
    pub fn local() -> Self {
        Self {
            push_grace: Duration::from_secs(1),
            lease: Duration::from_secs(15),
            unknown_wait: Duration::from_secs(5),
            checks: seconds(&[2, 2, 4, 8]),
            missing_limit: Duration::from_secs(20),
            publish_grace: Duration::from_secs(5),
            backoff: seconds(&[2, 4, 8, 16, 60]),
            parking: seconds(&[1, 2, 4, 8]),
            quota_wait: Duration::from_secs(20),
        }
    }
}

/// Entry `index` of a list of gaps, the last one standing for all that follow.
pub fn gap(list: &[Duration], index: u16) -> Duration {
    list.get(usize::from(index)).or(list.last()).copied().unwrap_or(Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_and_reads_as_rfc_3339() {
        let moment = Timestamp::from_millis(1_795_000_000_123);
        assert_eq!(moment.to_string(), "2026-11-18T11:06:40.123Z");
        assert_eq!(Timestamp::parse("2026-11-18T11:06:40.123Z"), Some(moment));
        assert_eq!(Timestamp::parse("2026-11-18T12:06:40.123+01:00"), Some(moment));
        assert_eq!(Timestamp::parse("18.11.2026"), None);
        assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn the_last_gap_repeats() {
        let list = seconds(&[30, 60]);
        assert_eq!(gap(&list, 0).as_secs(), 30);
        assert_eq!(gap(&list, 9).as_secs(), 60);
    }
}
