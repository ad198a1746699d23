//! Pages: each says whom it is for, the first one is short, and what they point at is there.

use std::fs;

use domain::policy::reason::Reason;

use super::{files, none, read, root};

const PAGES: [&str; 8] = [
    "README.md",
    "events/README.md",
    "functions/DEPLOY.md",
    "functions/README.md",
    "functions/RUNBOOK.md",
    "functions/console/README.md",
    "shared/README.md",
    "tests/README.md",
];

/// The lines of a page that are not code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

#[test]
fn every_page_is_known_and_there() {
    let mut found: Vec<_> =
        files().into_iter().filter(|path| path.ends_with(".md") && !path.starts_with('.')).collect();
    found.sort();
    assert_eq!(found, PAGES);
}

#[test]
fn the_first_page_has_at_most_200_lines() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 200, "README.md has {lines} lines; move what not everybody needs to another page");
}

#[test]
fn every_page_opens_with_whom_it_is_for() {
    let opens = |page: &str| {
        let text = read(page);
        let mut lines = text.lines().filter(|line| !line.is_empty());
        lines.next().is_some_and(|title| title.starts_with("# "))
            && lines.next().is_some_and(|line| line.starts_with("For "))
    };
    let others = PAGES.into_iter().filter(|page| !opens(page));
    none(&others.map(str::to_owned).collect::<Vec<_>>(), "below its title, a page says `For` whom it is");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut broken = Vec::new();
    for page in PAGES {
        let text = read(page);
        for link in prose(&text).flat_map(links).filter(|link| !leads(page, link)) {
            broken.push(format!("{page}: {link}"));
        }
    }
    none(&broken, "these lead nowhere");
}

/// The targets of the links in a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// Whether a link of a page is to a file that is there, and to a heading that it has. Other people's sites are not asked.
fn leads(page: &str, link: &str) -> bool {
    if link.starts_with("https://") {
        return true;
    }
    let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading)));
    let page = root().join(page);
    let target = if path.is_empty() { page } else { page.parent().unwrap().join(path) };
    // A picture is no text, and has no headings.
    let Ok(bytes) = fs::read(target) else { return false };
    let text = String::from_utf8_lossy(&bytes);
    heading.is_none_or(|heading| {
        let titles = prose(&text).filter(|line| line.starts_with('#'));
        titles.map(|title| anchor(title.trim_start_matches('#').trim())).any(|title| title == heading)
    })
}

/// What a heading is called in a link.
fn anchor(title: &str) -> String {
    let kept = title.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect()
}

#[test]
fn a_link_is_found_outside_code_and_an_anchor_is_as_it_is_shown() {
    let page = "See [one](a.md) and [two](#b).\n```sh\n[no](c.md)\n```\n[three](d.md#e)\n";
    assert_eq!(prose(page).flat_map(links).collect::<Vec<_>>(), ["a.md", "#b", "d.md#e"]);
    assert_eq!(anchor("What the provider's answers mean"), "what-the-providers-answers-mean");
    assert!(!leads("README.md", "shared/NOTHING.md") && !leads("README.md", "#nothing"));
}

#[test]
fn files_that_pages_name_are_there() {
    let folders = ["events/", "functions/", "shared/", "tests/"];
    let mut missing = Vec::new();
    for page in PAGES {
        let text = read(page);
        let quoted = prose(&text).flat_map(|line| line.split('`').skip(1).step_by(2));
        // `<name>` stands for several.
        let named = quoted.filter(|word| folders.iter().any(|folder| word.starts_with(folder)) && !word.contains('<'));
        missing.extend(named.filter(|path| !root().join(path).exists()).map(|path| format!("{page}: {path}")));
    }
    none(&missing, "these are elsewhere now");
}

#[test]
fn the_page_of_the_api_has_every_reason_in_its_words() {
    let page = read("functions/README.md");
    let rows = Reason::ALL.iter().map(|reason| format!("| `{}` | {} |", reason.word(), reason.message()));
    none(&rows.filter(|row| !page.contains(row)).collect::<Vec<_>>(), "functions/README.md has to say");
}
