//! What each kind of target takes: the JSON of Slack, of Teams, and of a gateway for e-mail.

use domain::event::notice::Notice;
use serde::Deserialize;
use serde_json::{Value, json};

use super::wording::{subject, text};

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
        let (text, link) = (text(notice), &notice.link);
        match self {
            Self::Slack => {
                json!({"text": format!("{}\n<{}|{OPEN}>", escaped(&text), escaped(link).replace('|', "%7C"))})
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
            Self::Email => json!({"subject": subject(notice), "text": format!("{text}\n\n{link}\n")}),
        }
    }
}

/// The three characters that are markup in Slack's text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
