//! The course of a batch as a plan writes it down.

use serde::Deserialize;

use super::batch::BatchError;
use super::batch::script::{BatchEnd, BatchScript, Failing};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnBatch {
    end: Option<OwnEnd>,
    after_ms: Option<u32>,
    /// Only so many lines are run before the end.
    done: Option<usize>,
    failing: Option<OwnFailing>,
    /// It fails at validation with these.
    #[serde(default)]
    errors: Vec<BatchError>,
    #[serde(default)]
    empty_ids: bool,
    #[serde(default)]
    disappears: bool,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum OwnEnd {
    Completed,
    Failed,
    Expired,
    Cancelled,
    NeverStarts,
    NeverEnds,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnFailing {
    lines: Option<usize>,
    status: Option<u16>,
    code: Option<String>,
    #[serde(default = "yes")]
    in_body: bool,
    #[serde(default)]
    in_output: bool,
}

fn yes() -> bool {
    true
}

impl OwnBatch {
    pub(super) fn script(self) -> Result<BatchScript, String> {
        let failing = self.failing.map(|failing| {
            let status = failing.status.unwrap_or(400);
            if !(400..600).contains(&status) {
                return Err(format!("`status` of `failing` is 400 to 599, and not {status}"));
            }
            Ok(Failing {
                lines: failing.lines.unwrap_or(usize::MAX),
                status,
                code: failing.code.unwrap_or_else(|| "invalid_value".to_owned()),
                in_body: failing.in_body,
                in_output: failing.in_output,
            })
        });
        Ok(BatchScript {
            end: self.end.map_or(BatchEnd::Completed, BatchEnd::from),
            after_ms: self.after_ms.map(i64::from),
            done: self.done,
            failing: failing.transpose()?,
            errors: self.errors,
            empty_ids: self.empty_ids,
            disappears: self.disappears,
        })
    }
}

impl From<OwnEnd> for BatchEnd {
    fn from(end: OwnEnd) -> Self {
        match end {
            OwnEnd::Completed => Self::Completed,
            OwnEnd::Failed => Self::Failed,
            OwnEnd::Expired => Self::Expired,
            OwnEnd::Cancelled => Self::Cancelled,
            OwnEnd::NeverStarts => Self::NeverStarts,
            OwnEnd::NeverEnds => Self::NeverEnds,
        }
    }
}
