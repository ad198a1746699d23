//! A notice in words, the same for every target.

use domain::event::notice::{Notice, Occasion};

/// What happened, to which kind of job, and where.
pub fn subject(notice: &Notice) -> String {
    let what = match notice.occasion {
        Occasion::NeedsReview => "Needs review".to_owned(),
        Occasion::Reminder => "Reminder, needs review".to_owned(),
        Occasion::Escalated { level: 0, .. } => "Escalated".to_owned(),
        Occasion::Escalated { level, .. } => format!("Escalated to level {level}"),
    };
    format!("{what}: {} in {}", notice.job_type, notice.workspace)
}

/// The subject, the attempt and the reason: a sentence or two.
pub fn text(notice: &Notice) -> String {
    let status = match notice.occasion {
        Occasion::NeedsReview | Occasion::Reminder => String::new(),
        Occasion::Escalated { status, .. } => format!(", {}", status.word().replace('_', " ")),
    };
    let reason = notice.reason.map_or(".".to_owned(), |reason| format!(": {}", reason.message()));
    format!("{}, attempt {}{status}{reason}", subject(notice), notice.attempt)
}
