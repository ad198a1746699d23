//! Alarms: each one tells somebody, and the runbook says what to do then.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::read::{Template, entries, list};
use crate::tidy;

const ALARM: &str = "AWS::CloudWatch::Alarm";

const ALWAYS: [&str; 4] = ["AlarmDescription", "TreatMissingData", "ComparisonOperator", "EvaluationPeriods"];

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let action = json!({"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]});
    let page = tidy::read("functions/RUNBOOK.md");
    let runbook = runbook(&page);
    for alarm in template.of_type(ALARM) {
        let metric: &[&str] =
            if alarm.get("Metrics").is_null() { &["Namespace", "MetricName", "Period", "Threshold"] } else { &[] };
        for property in ALWAYS.iter().chain(metric).filter(|property| alarm.get(property).is_null()) {
            wrong.push(alarm.wrong(property, "is missing"));
        }
        wrong.extend(alarm.unlike(&[("AlarmActions", action.clone()), ("ActionsEnabled", Value::Null)]));
        if !runbook.contains(alarm.id) {
            wrong.push(alarm.wrong("Runbook", "functions/RUNBOOK.md does not name it"));
        }
        // A metric of our own is made by a filter.
        let name = alarm.get("MetricName");
        if alarm.get("Namespace") == &json!({"Ref": "Deployment"}) && !super::metrics::made(template).contains(&name) {
            wrong.push(alarm.wrong("MetricName", &format!("no metric filter makes {name}")));
        }
    }
    for (metric, function) in
        ["Errors", "Throttles"].iter().flat_map(|metric| template.functions().map(move |function| (metric, function)))
    {
        if !template.of_type(ALARM).any(|alarm| sums(alarm.get("Metrics"), metric, function.id)) {
            wrong.push(function.wrong(metric, "no alarm counts them"));
        }
    }
    let unknown = runbook.iter().filter(|id| template.find(id, ALARM).is_none());
    wrong.extend(unknown.map(|id| format!("{id}.Runbook: functions/RUNBOOK.md names an alarm that does not exist")));
    if !entries(&template.written["Conditions"]).any(|(name, _)| name == "HasAlarmTopic") {
        wrong.push("HasAlarmTopic.Conditions: is missing".to_owned());
    }
    wrong
}

/// Whether one of an alarm's metrics is this one of a function.
fn sums(metrics: &Value, metric: &str, function: &str) -> bool {
    let dimensions = json!([{"Name": "FunctionName", "Value": {"Ref": function}}]);
    let expected = json!({"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions});
    list(metrics).into_iter().any(|found| found["MetricStat"]["Metric"] == expected)
}

/// The alarms in the runbook, by logical id.
fn runbook(page: &str) -> BTreeSet<&str> {
    let section = page.split("\n## ").find_map(|section| section.strip_prefix("Alarms\n")).unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(id, _)| id).collect()
}

#[test]
fn the_runbook_is_the_table_of_its_section() {
    let page = "## Before\n| `Other` | x |\n\n\
                  ## Alarms\n\n| alarm | do |\n|---|---|\n| `One` | `x` |\n\n\
                  ## After\n| `More` | x |\n";
    assert_eq!(runbook(page).into_iter().collect::<Vec<_>>(), ["One"]);
}
