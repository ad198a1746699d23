//! The numbers of citations, put into the text where each belongs.

use std::collections::BTreeMap;

use super::super::CitationView;
use super::escape::{address, block};

/// Each source once, in the order in which the text comes by it.
pub(super) fn sources(citations: &[CitationView]) -> Vec<&CitationView> {
    let mut order: Vec<&CitationView> = citations.iter().collect();
    order.sort_by_key(|citation| citation.end_byte.unwrap_or(u64::MAX));
    let mut seen = BTreeMap::new();
    order.into_iter().filter(|citation| seen.insert(key(citation), ()).is_none()).collect()
}

type Key<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// What makes two citations one source. One that names no source is told apart by its title.
fn key(citation: &CitationView) -> Key<'_> {
    let title = citation.title.as_deref().filter(|_| citation.source.is_none());
    (&citation.kind, citation.source.as_deref(), citation.container_id.as_deref(), title)
}

/// The text, escaped, with a mark behind each passage that is cited. A passage that is itself but a link gives way to it.
pub(super) fn marked(text: &str, citations: &[CitationView], numbered: &[&CitationView]) -> String {
    let numbers: BTreeMap<Key<'_>, usize> = numbered.iter().enumerate().map(|(at, one)| (key(one), at + 1)).collect();
    let mut places: BTreeMap<usize, (usize, Vec<usize>)> = BTreeMap::new();
    for citation in citations {
        let (Some(start), Some(end)) = (citation.start_byte, citation.end_byte) else { continue };
        let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else { continue };
        let (Some(passage), Some(number)) = (text.get(start..end), numbers.get(&key(citation))) else { continue };
        let from = if is_link(passage) { start } else { end };
        let (earliest, marks) = places.entry(end).or_insert((from, Vec::new()));
        *earliest = from.min(*earliest);
        if !marks.contains(number) {
            marks.push(*number);
        }
    }
    let (mut report, mut done) = (String::new(), 0);
    for (end, (from, marks)) in places {
        let (from, end) = (from.max(done), end.max(done));
        let before = text.get(done..from).unwrap_or_default();
        report.push_str(&block(if from < end { before.trim_end_matches(' ') } else { before }));
        for number in marks {
            let source = numbered.get(number - 1).and_then(|citation| citation.source.as_deref());
            report.push_str(&match source.and_then(address) {
                Some(address) => format!(" [&#91;{number}&#93;]({})", address.url),
                None => format!(" &#91;{number}&#93;"),
            });
        }
        done = end;
    }
    report.push_str(&block(text.get(done..).unwrap_or_default()));
    report
}

/// Whether this is a Markdown link and nothing else, as the provider writes beside what it cites.
fn is_link(passage: &str) -> bool {
    let passage = passage.trim();
    let inner = passage.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).filter(|rest| rest.starts_with('['));
    let link = inner.unwrap_or(passage);
    let parts = link.strip_prefix('[').and_then(|rest| rest.strip_suffix(')')).and_then(|rest| rest.split_once("]("));
    parts.is_some_and(|(label, url)| !label.contains(['[', ']', '\n']) && !url.contains([')', ' ', '\n']))
}
