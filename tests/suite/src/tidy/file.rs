//! Where files lie, what they are called, and how long they are.

use std::fs;

use super::{files, functions, names, none, read, root, rust_files};

const TOP_LEVEL: [&str; 9] =
    ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "events", "functions", "shared", "template.yaml", "tests"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "common", "helpers", "manager", "service"];

#[test]
fn the_top_level_holds_what_it_may_and_dotfiles() {
    let known = |name: &str| name.starts_with('.') || name == "target" || TOP_LEVEL.contains(&name);
    let others: Vec<_> = names("").into_iter().filter(|name| !known(name)).collect();
    none(&others, "these do not belong at the top level");
}

#[test]
fn no_file_or_module_has_a_name_that_says_nothing() {
    let stem = |part: &str| part.split('.').next().unwrap().to_owned();
    let is_empty = |path: &String| path.split('/').any(|part| EMPTY_NAMES.contains(&stem(part).as_str()));
    let mut found: Vec<_> = files().into_iter().filter(is_empty).collect();
    for (path, text) in rust_files() {
        let module = |line: &str| Some(line.rsplit_once("mod ")?.1.trim_end_matches([';', '{', ' ']).to_owned());
        found.extend(
            text.lines().filter_map(module).filter(|name| EMPTY_NAMES.contains(&name.as_str())).map(|_| path.clone()),
        );
    }
    none(&found, "name these after what is inside");
}

#[test]
fn every_rust_file_starts_with_a_sentence_about_itself() {
    let silent = rust_files().filter(|(_, text)| !text.starts_with("//! "));
    none(&silent.map(|(path, _)| path).collect::<Vec<_>>(), "the first line must be //! and one sentence");
}

#[test]
fn no_rust_file_is_longer_than_400_lines() {
    let long = rust_files().filter(|(_, text)| text.lines().count() > 400);
    let long: Vec<_> = long.map(|(path, text)| format!("{path}: {} lines", text.lines().count())).collect();
    none(&long, "split these");
}

#[test]
fn functions_are_thin() {
    let mut fat = Vec::new();
    for function in functions() {
        for (file, most) in [("main.rs", 30), ("lib.rs", 120)] {
            let path = format!("functions/{function}/src/{file}");
            let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
            let lines = read(&path).lines().filter(is_code).count();
            if lines > most {
                fat.push(format!("{path}: {lines} lines of code, at most {most}"));
            }
        }
    }
    none(&fat, "move what a handler need not do into the flow");
}

#[test]
fn no_file_names_a_path_of_somebody_s_machine() {
    let places = ["work", "root", "home", "tmp"].map(|place| format!("/{place}/"));
    let mut found = Vec::new();
    for path in files().into_iter().filter(|path| path != ".ci/run") {
        // What is not text names no paths.
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if places.iter().any(|place| is_absolute(line, place)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    none(&found, "these mean one machine");
}

/// Whether the place starts a path in this line, instead of standing inside a longer one.
fn is_absolute(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|before| !before.is_alphanumeric() && !['-', '_', '.', '}', '/'].contains(&before))
    })
}
