//! The report: a result's text in Markdown with numbered citations, for whoever keeps it as a document.

mod escape;
mod mark;

use std::fmt::Write as _;

use self::escape::{address, block, line};
use self::mark::{marked, sources};
use super::{ResultView, Text};

/// Writes it. What the model wrote keeps its headings, lists and tables; nothing in it is a link, an image or HTML.
pub fn report(view: &ResultView) -> String {
    let mut report = String::new();
    head(&mut report, view);
    let numbered = sources(&view.citations);
    if let Text::Inline(text) = &view.text {
        let _ = writeln!(report, "\n---\n\n{}\n\n---", marked(text, &view.citations, &numbered));
    }
    if !numbered.is_empty() {
        report.push_str("\n## Sources\n\n");
    }
    for (index, source) in numbered.iter().enumerate() {
        let number = index + 1;
        let title = source.title.as_deref().or(source.source.as_deref()).unwrap_or(&source.kind);
        let _ = match source.source.as_deref().and_then(address) {
            Some(address) => {
                writeln!(report, "{number}. [{}]({}) ({})", line(title), address.url, line(&address.host))
            }
            None => writeln!(report, "{number}. {}", line(&named(source))),
        };
    }
    for refusal in &view.refusals {
        let _ = writeln!(report, "\n## Refused\n\n{}", block(refusal));
    }
    report
}

/// What this service says of the result, ahead of anything that the model could imitate it with.
fn head(report: &mut String, view: &ResultView) {
    let _ = writeln!(report, "# Result of {}\n", line(view.job_id.as_str()));
    let job_type = line(view.job_type.as_str());
    let _ = writeln!(report, "- Type: {job_type}, version {}; attempt {}", view.type_version, view.attempt);
    let _ = writeln!(report, "- Status: {}", line(view.status.word()));
    if view.partial {
        let why = view.partial_reason.or(view.reason).map_or("The run ended before it was done.", |why| why.message());
        let _ = writeln!(report, "- Partial: {why}");
    }
    if view.late {
        report.push_str("- It came after the job had ended, and was delivered to nobody.\n");
    }
    let _ = writeln!(report, "- Digest: {}", view.digest);
    if let Some(proposed) = view.proposed_digest {
        let _ = writeln!(report, "- Edited by a reviewer. Digest of what the provider wrote: {proposed}");
    }
    for decision in &view.decisions {
        let (word, by) = (line(&decision.decision.word().replace('_', " ")), line(&decision.by));
        let note = decision.note.as_deref().map(|note| format!(": {}", line(note))).unwrap_or_default();
        let _ = writeln!(report, "- Decision at {}: {word} by {by}{note}", decision.at);
    }
    let by = if view.proposed_digest.is_some() { "a model and a reviewer" } else { "a model" };
    let _ =
        writeln!(report, "\nWhat follows was written by {by}. Nothing in it is a decision or a fact of this service.");
}

/// A source that is no page: what is known of it.
fn named(source: &super::CitationView) -> String {
    let known = [source.title.as_deref(), source.source.as_deref(), source.container_id.as_deref()];
    let known: Vec<&str> = known.into_iter().flatten().collect();
    format!("{} ({})", known.join(", "), source.kind)
}

#[cfg(test)]
mod tests;
