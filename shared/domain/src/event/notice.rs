//! Notices: what people are told of an event, in ids, codes and a link; what a job is about is behind the link.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::event::published::{Published, PublishedKind};
use crate::job::Status;

/// One notice, the same for every format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Of the event, and so the same when it comes again.
    pub id: String,
    /// What happened, to which kind of job, and where.
    pub subject: String,
    /// The subject, the attempt and the reason: a sentence or two.
    pub text: String,
    pub link: String,
}

impl Notice {
    /// The notice of an event, or `None` for a kind that nobody is told of. Links are below `base`, which has no slash
    /// at its end.
    pub fn of(event: &Published, base: &str) -> Option<Self> {
        let (what, status) = match event.kind {
            PublishedKind::NeedsReview if event.from == Some(Status::NeedsReview) => {
                ("Reminder, needs review".to_owned(), None)
            }
            PublishedKind::NeedsReview => ("Needs review".to_owned(), None),
            PublishedKind::Escalated if event.escalation_level == 0 => ("Escalated".to_owned(), Some(word(event.to))),
            PublishedKind::Escalated => {
                (format!("Escalated to level {}", event.escalation_level), Some(word(event.to)))
            }
            PublishedKind::Created
            | PublishedKind::Running
            | PublishedKind::Completed
            | PublishedKind::Failed
            | PublishedKind::Canceled
            | PublishedKind::Expired
            | PublishedKind::Archived
            | PublishedKind::Other(_) => return None,
        };
        let subject = format!("{what}: {} in {}", event.job_type, event.workspace);
        let status = status.map(|status| format!(", {status}")).unwrap_or_default();
        let reason = event.reason.map_or(".".to_owned(), |reason| format!(": {}", reason.message()));
        Some(Self {
            id: event.id.clone(),
            text: format!("{subject}, attempt {}{status}{reason}", event.attempt),
            subject,
            link: format!("{base}{}", event.link),
        })
    }
}

fn word(status: Status) -> String {
    status.word().replace('_', " ")
}

/// What a target takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An incoming webhook of Slack.
    Slack,
    /// A Workflows webhook of Teams.
    Teams,
    /// A gateway that makes an e-mail of a subject and a text.
    Email,
}

const OPEN: &str = "Open the job";

impl Format {
    pub const ALL: [Self; 3] = [Self::Slack, Self::Teams, Self::Email];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Email => "email",
        }
    }

    /// Reads a format's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The body that is posted.
    pub fn body(self, notice: &Notice) -> Value {
        let Notice { subject, text, link, .. } = notice;
        match self {
            Self::Slack => {
                json!({"text": format!("{}\n<{}|{OPEN}>", escaped(text), escaped(link).replace('|', "%7C"))})
            }
            Self::Teams => json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "contentUrl": null,
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [{"type": "TextBlock", "text": text, "wrap": true}],
                        "actions": [{"type": "Action.OpenUrl", "title": OPEN, "url": link}],
                    },
                }],
            }),
            Self::Email => json!({"subject": subject, "text": format!("{text}\n\n{link}\n")}),
        }
    }
}

/// The three characters that are markup in Slack's text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_back_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.name()), Some(format));
            assert_eq!(serde_json::from_value::<Format>(json!(format.name())).unwrap(), format);
        }
        assert_eq!(Format::parse("pager"), None);
    }

    #[test]
    fn markup_in_a_notice_is_text_in_slack() {
        let text = "a <!channel> & b".to_owned();
        let notice = Notice { id: "job_1-1".into(), subject: text.clone(), text, link: "https://x/?a&b|c>".into() };
        let expected = json!({"text": "a &lt;!channel&gt; &amp; b\n<https://x/?a&amp;b%7Cc&gt;|Open the job>"});
        assert_eq!(Format::Slack.body(&notice), expected);
    }
}
