//! Versions are written once, and every function is built from the same builds of what they share.

use std::collections::{BTreeMap, BTreeSet};

use super::{cargo, files, functions, none, read};

/// The entries of all dependency tables of a manifest.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            inside = is_dependencies(table);
        } else if inside && is_entry(line) {
            found.push(line);
        }
    }
    found
}

/// Whether a table's header, from behind its bracket, is one of `dependencies]`, `dev-dependencies]` and so on.
fn is_dependencies(header: &str) -> bool {
    header.ends_with("dependencies]")
}

fn is_entry(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// The name in front of an entry.
fn key(entry: &str) -> &str {
    entry.split(['=', '.', ' ']).next().unwrap_or_default()
}

fn members() -> impl Iterator<Item = String> {
    files().into_iter().filter(|path| path.ends_with("/Cargo.toml"))
}

#[test]
fn every_version_is_written_once_in_the_workspace() {
    let mut found = Vec::new();
    for path in members() {
        let manifest = read(&path);
        let is_elsewhere = |entry: &&str| !entry.contains(".workspace = true") && !entry.contains("{ workspace = true");
        let elsewhere = dependencies(&manifest).into_iter().filter(is_elsewhere);
        found.extend(elsewhere.map(|entry| format!("{path}: {entry}")));
    }
    none(&found, "take these from [workspace.dependencies]");
}

#[test]
fn dependencies_are_in_alphabetical_order() {
    let mut unordered = Vec::new();
    for path in members() {
        let manifest = read(&path);
        for table in manifest.split("\n[").filter(|table| table.lines().next().is_some_and(is_dependencies)) {
            let names: Vec<_> = table.lines().skip(1).filter(|line| is_entry(line)).map(key).collect();
            if !names.is_sorted() {
                unordered.push(format!("{path}: {names:?}"));
            }
        }
    }
    none(&unordered, "sort these");
}

#[test]
fn every_dependency_of_the_workspace_is_used_by_a_member() {
    let manifests: Vec<_> = members().map(|path| read(&path)).collect();
    let used: BTreeSet<_> = manifests.iter().flat_map(|manifest| dependencies(manifest)).map(key).collect();
    let workspace = read("Cargo.toml");
    let unused = dependencies(&workspace).into_iter().map(key).filter(|name| !used.contains(name));
    none(&unused.map(str::to_owned).collect::<Vec<_>>(), "remove these from [workspace.dependencies]");
}

/// `sam build` builds one function after the other into one target folder; what they share must not differ.
#[test]
fn functions_build_what_they_share_with_the_same_features() {
    let mut builds: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for function in functions() {
        let tree = cargo(&["tree", "-e", "no-dev", "-f", "{p} [{f}]", "--prefix", "none", "-p", &function]);
        let lines: BTreeSet<_> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
        let mut of_package: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in lines {
            let (package, features) = line.rsplit_once(" [").unwrap();
            of_package.entry(package).or_default().push(features.trim_end_matches(']'));
        }
        for (package, features) in of_package {
            let same = builds.entry(package.to_owned()).or_default();
            same.entry(features.join(" | ")).or_default().push(function.clone());
        }
    }
    let several = builds.into_iter().filter(|(_, features)| features.len() > 1);
    let several: Vec<_> = several.map(|(package, features)| format!("{package}: {features:?}")).collect();
    none(&several, "let adapters ask for the features and no function for more");
}
