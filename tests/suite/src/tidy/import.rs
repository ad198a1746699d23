//! Who may depend on whom: functions on adapters on domain, and nothing that is deployed on the tests.

use std::sync::LazyLock;

use serde_json::Value;

use super::{cargo, functions, names, none};

/// The packages of this workspace as cargo sees them.
static PACKAGES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version=1"]);
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array_mut().map(std::mem::take).unwrap()
});

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// `functions`, `shared` or `tests`.
fn house(package: &str) -> &'static str {
    let houses = ["functions", "shared", "tests"];
    let holds = |house: &&str| names(house).iter().any(|name| name == package);
    houses.into_iter().find(holds).unwrap_or_else(|| panic!("the folder of {package} has another name"))
}

/// The crates of this workspace that a package depends on, of any kind.
fn ours(package: &Value) -> Vec<&str> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    dependencies.filter(|dependency| dependency["path"].is_string()).map(name).collect()
}

/// Each dependency inside the workspace for which `is_wrong(from, to)`.
fn wrong(is_wrong: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let pairs = PACKAGES.iter().flat_map(|package| ours(package).into_iter().map(move |other| (name(package), other)));
    let wrong = pairs.filter(|(from, to)| is_wrong(from, to));
    wrong.map(|(from, to)| format!("{}/{from}/Cargo.toml: {to}", house(from))).collect()
}

#[test]
fn imports_point_one_way() {
    let height = |package: &str| match (house(package), package) {
        ("shared", "domain") => 0,
        ("tests", "empty") => 0,
        ("shared", "adapters") => 1,
        ("functions", _) => 2,
        // Never deployed, and a provider to whoever wants one.
        ("shared", "openai-simulator") => 3,
        ("tests", "local" | "simulation") => 3,
        ("tests", "stack") => 4,
        ("tests", "suite") => 5,
        (house, _) => panic!("say in suite/tidy where {house}/{package} stands"),
    };
    none(&wrong(|from, to| height(to) > height(from)), "these depend upwards");
}

/// What it signs and refuses must not be checked by the code that did it.
#[test]
fn the_simulated_provider_depends_on_nothing_of_ours() {
    none(&wrong(|from, _| from == "openai-simulator"), "write it from the provider's own pages");
}

#[test]
fn a_function_never_depends_on_another() {
    none(&wrong(|from, to| house(from) == "functions" && house(to) == "functions"), "go through the table and queues");
}

#[test]
fn nothing_that_is_deployed_depends_on_the_tests() {
    none(&wrong(|from, to| house(from) != "tests" && house(to) == "tests"), "tests are not shipped");
}

#[test]
fn no_function_has_dependencies_that_only_its_tests_need() {
    let is_dev = |dependency: &&Value| dependency["kind"] == "dev";
    let functions = PACKAGES.iter().filter(|package| house(name(package)) == "functions");
    let with = functions.filter(|package| package["dependencies"].as_array().unwrap().iter().any(|one| is_dev(&one)));
    let with: Vec<_> = with.map(|package| format!("functions/{}/Cargo.toml", name(package))).collect();
    none(&with, "tests of functions are in tests/suite, which links the AWS SDK once for all");
}

#[test]
fn every_function_has_one_binary_of_its_own_name() {
    let mut wrong = Vec::new();
    for function in functions() {
        let package = PACKAGES.iter().find(|package| name(package) == function);
        let package = package.unwrap_or_else(|| panic!("functions/{function} is no package of that name"));
        let targets = package["targets"].as_array().unwrap().iter();
        let binaries: Vec<_> = targets.filter(|target| target["kind"][0] == "bin").map(name).collect();
        if binaries != [function.as_str()] {
            wrong.push(format!("functions/{function}: {binaries:?}"));
        }
    }
    none(&wrong, "sam builds the only binary, and names must not meet in one target folder");
}

#[test]
fn the_rules_know_no_cloud_no_network_no_runtime_and_no_randomness() {
    let reached = |depth: &str, outside: &[&str]| {
        let tree = cargo(&["tree", "-p", "domain", "-e", "normal", "--depth", depth, "--prefix", "none", "-f", "{p}"]);
        let is_outside = |package: &&str| outside.iter().any(|name| package.starts_with(name));
        tree.lines().filter(is_outside).map(str::to_owned).collect::<Vec<_>>()
    };
    let far = reached("99", &["aws", "hyper", "lambda", "reqwest", "tokio", "tracing"]);
    // The maps of the schema validator are seeded; nothing else there draws anything.
    let near = reached("1", &["getrandom", "rand", "ahash"]);
    none(&[far, near].concat(), "shared/domain must not reach these");
}

/// The rooms of the domain, the lowest first.
const ROOMS: [&str; 9] = ["value", "policy", "provider", "job", "people", "event", "contract", "port", "flow"];

#[test]
fn the_rooms_of_the_rules_use_those_before_them_and_none_behind_them() {
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut upwards = vec![];
    for (file, text) in super::rust_files() {
        let inside = file.strip_prefix("shared/domain/src/");
        let Some(room) = inside.and_then(|file| file.split(['/', '.']).next()).and_then(rank) else { continue };
        // What a test makes use of may lie anywhere.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for path in code.split("crate::").skip(1) {
            let target = path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            if rank(target).is_some_and(|target| target > room) {
                upwards.push(format!("{file}: {target}"));
            }
        }
    }
    none(&upwards, "these use a room behind their own");
}
