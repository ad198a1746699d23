//! The rules of the house that a test can check. Each names the path that breaks it.

mod file;
mod import;
mod manifest;
mod page;
mod source;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Cargo runs tests in their package's folder.
fn root() -> PathBuf {
    Path::new("../..").canonicalize().unwrap()
}

/// Names in a folder, sorted; none where there is no folder.
pub(crate) fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The functions: folders beside the pages about them.
pub(crate) fn functions() -> Vec<String> {
    names("functions").into_iter().filter(|name| root().join("functions").join(name).is_dir()).collect()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files of the repository, as paths from its top.
fn files() -> Vec<String> {
    let mut found = Vec::new();
    for name in names("").into_iter().filter(|name| ![".aws-sam", ".git", "target"].contains(&name.as_str())) {
        walk(&name, &mut found);
    }
    found
}

fn walk(path: &str, found: &mut Vec<String>) {
    // What npm puts there is not ours.
    if path.ends_with("/node_modules") {
        return;
    }
    if root().join(path).is_dir() {
        names(path).iter().for_each(|name| walk(&format!("{path}/{name}"), found));
    } else {
        found.push(path.to_owned());
    }
}

fn rust_files() -> impl Iterator<Item = (String, String)> {
    files().into_iter().filter(|path| path.ends_with(".rs")).map(|path| {
        let text = read(&path);
        (path, text)
    })
}

/// Standard output of a cargo command that neither asks the network nor changes the lock file.
fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    let output = command.current_dir(root()).args(arguments).args(["--offline", "--locked"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {}: {said}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn none(broken: &[String], rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}
