//! What is left of the evidence once a reviewer has put another text in an answer's place.

use super::CitationView;
use super::span::Measured;

/// The citations that still hold: those whose passage stands word for word in the new text, at its place there. One that
/// stands in either text more than once could come to stand for another sentence, and goes, as do those of no passage.
pub(super) fn still_cited(before: &str, after: &str, citations: Vec<CitationView>) -> Vec<CitationView> {
    let measured = Measured::of(after);
    let moved = |citation: CitationView| {
        let passage = citation.text.as_deref().filter(|passage| !passage.trim().is_empty())?;
        place_of(before, passage)?;
        let start = after.get(..place_of(after, passage)?)?.chars().count() as u64;
        let span = measured.span(start, start + passage.chars().count() as u64)?;
        Some(citation.at(Some(span)))
    };
    citations.into_iter().filter_map(moved).collect()
}

/// Where the passage stands, if that is one place.
fn place_of(text: &str, passage: &str) -> Option<usize> {
    text.find(passage).filter(|first| text.rfind(passage) == Some(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cited(before: &str, passages: &[&str]) -> Vec<CitationView> {
        let citation = |passage: &&str| {
            let start = before.find(*passage).map(|at| before[..at].chars().count() as u64);
            CitationView {
                kind: "url_citation".to_owned(),
                title: Some(format!("on {passage}")),
                source: Some("https://example.com".to_owned()),
                container_id: None,
                text: Some((*passage).to_owned()),
                start,
                end: start.map(|start| start + passage.chars().count() as u64),
                start_byte: None,
                end_byte: None,
            }
        };
        passages.iter().map(citation).collect()
    }

    /// The passages that are still cited, each as it stands in the new text at the place that is named.
    fn left(before: &str, after: &str, passages: &[&str]) -> Vec<String> {
        let at = |citation: &CitationView| {
            let (start, end) = (citation.start.unwrap() as usize, citation.end.unwrap() as usize);
            after.chars().skip(start).take(end - start).collect::<String>()
        };
        let left = still_cited(before, after, cited(before, passages));
        assert!(left.iter().all(|citation| citation.text.as_deref() == Some(at(citation).as_str())));
        let bytes = |citation: &CitationView| {
            let (start, end) = (citation.start_byte.unwrap() as usize, citation.end_byte.unwrap() as usize);
            after[start..end].to_owned()
        };
        assert!(left.iter().all(|citation| bytes(citation) == at(citation)));
        left.iter().map(at).collect()
    }

    #[test]
    fn a_citation_goes_with_its_passage_to_wherever_that_stands_now() {
        let before = "Zürich has a lake (a.example). It is deep (b.example).";
        assert_eq!(left(before, "Tief, wörtlich: (b.example)!", &["(a.example)", "(b.example)"]), ["(b.example)"]);
        assert_eq!(left(before, before, &["(a.example)", "(b.example)"]), ["(a.example)", "(b.example)"]);
        assert_eq!(left(before, "Nothing of it.", &["(a.example)", "(b.example)"]), [] as [&str; 0]);
        assert_eq!(left(before, "(A.example)", &["(a.example)"]), [] as [&str; 0], "word for word");
    }

    #[test]
    fn two_sources_of_one_passage_stay_together() {
        assert_eq!(left("It is deep.", "Is it? It is deep.", &["It is deep.", "It is deep."]).len(), 2);
    }

    #[test]
    fn a_mark_that_stands_at_two_places_could_mean_another_sentence_and_goes() {
        assert_eq!(left("One [1]. Two [1].", "Two [1].", &["[1]"]), [] as [&str; 0]);
        assert_eq!(left("One [1].", "One [1]. Two [1].", &["[1]"]), [] as [&str; 0]);
        assert_eq!(left("aaa", "aa", &["aa"]), [] as [&str; 0], "places that overlap are two");
    }

    #[test]
    fn a_citation_of_no_passage_proves_nothing_of_another_text() {
        let mut citations = cited("One. Two.", &["One.", " "]);
        citations[0].text = None;
        assert_eq!(still_cited("One. Two.", "One. Two.", citations).len(), 0);
    }
}
