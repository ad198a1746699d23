//! The condition `FullAws`: it leaves out what an emulator refuses, and nothing that a test should see.

use serde_json::Value;

use super::read::{Template, entries};

/// All that stands behind it, and why.
const LEFT_OUT: [(&str, &str); 8] = [
    ("EventArchive", "archives are not made there"),
    ("ApiErrorsAlarm", "no metric math there"),
    ("FunctionErrorsAlarm", "no metric math there"),
    ("FunctionThrottlesAlarm", "no metric math there"),
    ("TableThrottlesAlarm", "no metric queries there"),
    ("TableErrorsAlarm", "no metric queries there"),
    ("SubmitJobSource.Properties.ScalingConfig", "its number arrives as a text there"),
    ("ObserveJobSource.Properties.ScalingConfig", "its number arrives as a text there"),
];

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (id, resource) in entries(&template.written["Resources"]) {
        if resource["Condition"] == "FullAws" {
            found.push(id.to_owned());
        }
        branches(id, resource, &mut found);
    }
    let mut wrong = Vec::new();
    let is_known = |place: &str| LEFT_OUT.iter().any(|(known, _)| *known == place);
    wrong.extend(found.iter().filter(|place| !is_known(place)).map(|place| format!("{place}: is behind FullAws")));
    let gone = LEFT_OUT.iter().filter(|(place, _)| !found.iter().any(|found| found == place));
    wrong.extend(gone.map(|(place, why)| format!("{place}: is not behind FullAws, although {why}")));

    for (name, condition) in entries(&template.written["Conditions"]) {
        if name != "FullAws" && condition.to_string().contains("\"FullAws\"") {
            wrong.push(format!("{name}: hides FullAws in another condition"));
        }
    }
    if template.written["Parameters"]["FullAws"]["Default"] != "true" {
        wrong.push("FullAws.Default: must be \"true\"".to_owned());
    }
    wrong
}

/// The places of all `Fn::If` on the condition.
fn branches(place: &str, value: &Value, found: &mut Vec<String>) {
    if value["Fn::If"][0] == "FullAws" {
        found.push(place.to_owned());
    }
    match value {
        Value::Object(_) => entries(value).for_each(|(name, value)| branches(&format!("{place}.{name}"), value, found)),
        Value::Array(list) => list.iter().for_each(|value| branches(place, value, found)),
        _ => {}
    }
}
