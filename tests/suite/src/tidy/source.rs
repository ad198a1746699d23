//! Words that no source may hold.

use super::{none, rust_files};

/// Lines with one of the words, as `path:line: text`.
fn lines_with(files: impl Iterator<Item = (String, String)>, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        for (number, line) in text.lines().map(str::trim).enumerate() {
            if !line.starts_with("//") && words.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    found
}

#[test]
fn nothing_is_left_undone_skipped_or_printed_for_debugging() {
    // Put together, or this file would be found.
    let mut words = ["todo", "unimplemented", "dbg"].map(|word| format!("{word}!")).to_vec();
    words.push(format!("#[{}", "ignore"));
    none(&lines_with(rust_files(), &words), "finish these");
}

/// Between two looks at the world a test may pause, if the number of looks has a limit.
#[test]
fn no_test_waits_for_time_to_pass() {
    let words = ["tokio::time", "thread"].map(|module| format!("{module}::sleep("));
    let mut found = Vec::new();
    for (path, text) in rust_files().filter(|(path, _)| path.starts_with("tests/suite/") || is_test_file(path)) {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate() {
            let is_sleep = words.iter().any(|word| line.contains(word.as_str()));
            let before = &lines[number.saturating_sub(8)..number];
            if is_sleep && !before.iter().any(|line| line.starts_with("for ")) {
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    none(&found, "wait for what you wait for, not for time");
}

#[test]
fn nothing_that_is_deployed_panics_on_purpose() {
    let words = [".unwrap()", ".expect(", "panic!", "unreachable!"].map(str::to_owned);
    let deployed = rust_files().filter(|(path, _)| path.starts_with("functions/") || path.starts_with("shared/"));
    let deployed = deployed.filter(|(path, _)| !is_test_file(path));
    // A file that must do it tells clippy why.
    let deployed = deployed.filter(|(_, text)| !text.contains("clippy::expect_used"));
    let without_tests = deployed.map(|(path, text)| {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        (path, code)
    });
    none(&lines_with(without_tests, &words), "an impossible case is an error with a name");
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').skip(2).any(|part| part == "tests")
}
