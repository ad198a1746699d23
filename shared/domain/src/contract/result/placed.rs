//! The text of an answer in one piece, with the citations at their places in it.

use super::span::{Measured, Span};
use super::{BETWEEN_MESSAGES, CitationView};
use crate::provider::{Citation, Item, ProviderResponse};

/// The longest passage that is repeated with its citation, and all of them together, in bytes: a provider may cite the
/// whole text a thousand times.
const PASSAGE: usize = 20_000;
const PASSAGES: usize = 1_000_000;

/// All text of an answer, with its citations.
pub(crate) fn answered(answer: &ProviderResponse) -> (String, Vec<CitationView>) {
    let (mut whole, mut length, mut places) = (String::new(), 0, Vec::new());
    for item in &answer.output {
        let Item::Text { text, citations, .. } = item else { continue };
        if !whole.is_empty() {
            whole.push_str(BETWEEN_MESSAGES);
            length += BETWEEN_MESSAGES.chars().count() as u64;
        }
        let message = Measured::of(text);
        for citation in citations {
            // A place that its own message does not have would come to lie in another.
            let place = citation.start.zip(citation.end).filter(|(start, end)| message.span(*start, *end).is_some());
            places.push((citation, place.map(|(start, end)| (start + length, end + length))));
        }
        length += message.characters();
        whole.push_str(text);
    }
    let measured = Measured::of(&whole);
    let mut left = PASSAGES;
    let cited = places
        .into_iter()
        .map(|(citation, place)| {
            let span = place.and_then(|(start, end)| measured.span(start, end));
            let passage = span.and_then(|span| measured.passage(span));
            let passage = passage.filter(|passage| passage.len() <= PASSAGE.min(left));
            left -= passage.map_or(0, str::len);
            cited(citation, passage, span)
        })
        .collect();
    (whole, cited)
}

fn cited(citation: &Citation, passage: Option<&str>, span: Option<Span>) -> CitationView {
    let view = CitationView {
        kind: citation.kind.clone(),
        title: citation.title.clone(),
        source: citation.source.clone(),
        container_id: citation.container_id.clone(),
        text: passage.map(str::to_owned),
        start: None,
        end: None,
        start_byte: None,
        end_byte: None,
    };
    view.at(span)
}
