//! Messages: the answer, what was said on the way to it, and refusals.

use domain::provider::{Citation, Item};
use serde_json::value::RawValue;

use super::call::{self, Answered};
use super::fields::{self, Fields};
use super::{citation, item};

/// The word for a message that is the answer. Any other is no result, whatever it says.
const FINAL: &str = "final_answer";

pub(super) fn plain(text: String) -> Item {
    Item::Text { text, citations: vec![], is_final: false }
}

/// A message: its text as one piece, and each of its other parts. What somebody else said is no answer.
pub(super) fn read(message: &Fields<'_>, answered: &Answered) -> Vec<Item> {
    const OTHERS: [&str; 6] = ["user", "system", "developer", "tool", "critic", "discriminator"];
    if message.text("role").is_some_and(|role| OTHERS.contains(&role.as_str())) {
        return vec![Item::Other { kind: "message".to_owned() }];
    }
    let (mut text, mut citations, mut others) = (String::new(), vec![], vec![]);
    for part in message.items("content").into_iter() {
        match part_of(part, answered) {
            Part::Text(more, cited) => {
                let (before, length) = (text.chars().count() as u64, more.chars().count() as u64);
                citations.extend(cited.into_iter().map(|citation| moved(citation, before, length)));
                text.push_str(&more);
            }
            Part::Other(items) => others.extend(items),
        }
    }
    others.extend(call::asked_beside(message));
    let said = match phase(message) {
        _ if text.is_empty() => None,
        Some(phase) if phase != FINAL => Some(Item::Commentary { phase, text }),
        phase => Some(Item::Text { text, citations, is_final: phase.is_some() }),
    };
    let mut items: Vec<Item> = said.into_iter().chain(others).collect();
    if items.is_empty() {
        items.push(Item::Other { kind: "message".to_owned() });
    }
    items
}

/// Some servers write an empty word where they mean none.
fn phase(message: &Fields<'_>) -> Option<String> {
    message.verbatim("phase").filter(|phase| !phase.is_empty())
}

enum Part {
    Text(String, Vec<Citation>),
    Other(Vec<Item>),
}

fn part_of(raw: &RawValue, answered: &Answered) -> Part {
    let part = Fields::of(raw);
    let kind = call::kind_of(&part);
    match kind.as_str() {
        "output_text" | "text" => Part::Text(part.prose("text").unwrap_or_default(), citation::all(&part)),
        "refusal" => Part::Other(vec![Item::Refusal(part.prose("refusal").unwrap_or_default())]),
        _ if call::is_pending(&kind, &part) || call::is_like_a_call(&kind, &part) => {
            Part::Other(item::read(raw, answered))
        }
        "" => match (part.prose("refusal"), fields::prose(raw)) {
            (Some(refusal), _) => Part::Other(vec![Item::Refusal(refusal)]),
            (None, Some(text)) => Part::Text(text, citation::all(&part)),
            (None, None) => Part::Other(vec![Item::Unknown { kind }]),
        },
        _ => Part::Other(vec![Item::Unknown { kind }]),
    }
}

/// A place counts from the beginning of its own part. One that the part does not have would come to lie in another.
fn moved(citation: Citation, by: u64, length: u64) -> Citation {
    let place = citation.start.zip(citation.end).filter(|(start, end)| start <= end && *end <= length);
    let [start, end] = [place.map(|place| place.0 + by), place.map(|place| place.1 + by)];
    Citation { start, end, ..citation }
}
