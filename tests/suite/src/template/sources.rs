//! Sources: a batch fails by its messages, and what fails for good has a place to go.

use adapters::aws::dynamodb::{event_item, workspace_event_item};
use adapters::aws::eventbridge::SOURCE;
use domain::event::published::PublishedKind;
use domain::people::workspace::Workspace;
use domain::policy::job_type::shipped;
use domain::value::member::Role;
use serde_json::{Value, json};

use super::read::{Resource, Template, entries, list, target};
use crate::contract::make::{NOW, bare, change_to, workspace};
use crate::contract::people::{member, principal};

const QUEUE: &str = "AWS::SQS::Queue";
/// What duties that are late by a minute, and the alarm on a missing run, are made for.
const EVERY_MINUTE: &str = "rate(1 minute)";
const LONGEST_AGE: u64 = 86_400;
/// Of a rule with one event.
const MOST_TRIES: u64 = 185;

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in template.of_type("AWS::Lambda::EventSourceMapping") {
        wrong.extend(source.unlike(&[("FunctionResponseTypes", json!(["ReportBatchItemFailures"]))]));
        let number = |property: &str| template.number(source.get(property));
        for property in ["BatchSize", "MaximumBatchingWindowInSeconds"] {
            if number(property).is_none() {
                wrong.push(source.wrong(property, "must be said"));
            }
        }
        if template.referred(source.get("FunctionName"), "AWS::Serverless::Function").is_none() {
            wrong.push(source.wrong("FunctionName", "must be a function of the template"));
        }
        match target(source.get("EventSourceArn")) {
            Some(id) if id.ends_with("/stream") => wrong.extend(stream(template, &source)),
            Some(id) if template.find(&id, QUEUE).is_some() => {
                if number("ScalingConfig.MaximumConcurrency").is_none_or(|most| most < 2) {
                    wrong.push(source.wrong("ScalingConfig.MaximumConcurrency", "must be said and at least 2"));
                }
            }
            _ => wrong.push(source.wrong("EventSourceArn", "must be a queue or the stream of the template")),
        }
    }
    for rule in template.of_type("AWS::Events::Rule") {
        wrong.extend(bus_rule(template, &rule));
    }
    for function in template.functions() {
        if !is_called(template, &function) {
            wrong.push(function.wrong("Events", "nothing calls it"));
        }
        for (name, event) in entries(function.get("Events")) {
            wrong.extend(tick(template, &function, name, event));
        }
    }
    wrong
}

fn stream(template: &Template, source: &Resource<'_>) -> Vec<String> {
    let mut wrong = source.unlike(&[
        ("BisectBatchOnFunctionError", json!(true)),
        ("StartingPosition", json!("TRIM_HORIZON")),
        ("FilterCriteria.Filters", json!([{"Pattern": pattern()}])),
    ]);
    let number = |property: &str| template.number(source.get(property));
    if number("MaximumRetryAttempts").is_none() {
        wrong.push(source.wrong("MaximumRetryAttempts", "must be said"));
    }
    if number("MaximumRecordAgeInSeconds").is_none_or(|age| age > LONGEST_AGE) {
        wrong.push(source.wrong("MaximumRecordAgeInSeconds", &format!("must be at most {LONGEST_AGE}")));
    }
    const DESTINATION: &str = "DestinationConfig.OnFailure.Destination";
    if template.referred(source.get(DESTINATION), QUEUE).is_none() {
        wrong.push(source.wrong(DESTINATION, "must be a queue of the template"));
    }
    wrong
}

/// The stream shows what is inserted as the row of an event: of a job, a member or a type.
fn pattern() -> String {
    let (untouched, root) = (Workspace::untouched(workspace()), principal("root"));
    let rows = [
        event_item(&change_to(bare("1"))),
        workspace_event_item(&untouched.set_member(member("rita", &[Role::Reviewer]), &root, NOW).unwrap()),
        workspace_event_item(&untouched.set_type(shipped("quick-answer").unwrap(), &root, NOW).unwrap()),
    ];
    let entities = json!(rows.map(|row| row["entity"].as_s().unwrap().clone()));
    format!(r#"{{"eventName":["INSERT"],"dynamodb":{{"NewImage":{{"entity":{{"S":{entities}}}}}}}}}"#)
}

/// Whether a source, a schedule or the gateway calls the function.
fn is_called(template: &Template, function: &Resource<'_>) -> bool {
    let names = |resource: Resource<'_>| target(resource.get("FunctionName")).as_deref() == Some(function.id);
    entries(function.get("Events")).next().is_some()
        || template.of_type("AWS::Lambda::EventSourceMapping").any(names)
        || template.of_type("AWS::Lambda::Permission").any(names)
}

/// An event that is not a mapping: a schedule, whose rule and whose invocations both may fail.
fn tick(template: &Template, function: &Resource<'_>, name: &str, event: &Value) -> Vec<String> {
    let property = format!("Events.{name}");
    if event["Type"] != "Schedule" {
        return vec![function.wrong(&property, "SAM's shorthand gives more than is needed: write it out")];
    }
    let mut wrong = delivery(template, function, &property, &event["Properties"], &format!("{}{name}", function.id));
    if event["Properties"]["Schedule"] != EVERY_MINUTE {
        wrong.push(function.wrong(&format!("{property}.Schedule"), &format!("must be {EVERY_MINUTE}")));
    }
    if !says_when_to_stop(function.get("EventInvokeConfig")) {
        wrong.push(function.wrong("EventInvokeConfig", "must say age and tries"));
    }
    const DESTINATION: &str = "EventInvokeConfig.DestinationConfig.OnFailure.Destination";
    if template.referred(function.get(DESTINATION), QUEUE).is_none() {
        wrong.push(function.wrong(DESTINATION, "must be a queue of the template"));
    }
    wrong
}

/// A rule on the bus: it picks events that are published, and its queues take them or keep what does not arrive.
fn bus_rule(template: &Template, rule: &Resource<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    if template.referred(rule.get("EventBusName"), "AWS::Events::EventBus").is_none() {
        wrong.push(rule.wrong("EventBusName", "must be the bus of the template"));
    }
    let pattern = rule.get("EventPattern");
    if pattern["source"] != json!([SOURCE]) {
        wrong.push(rule.wrong("EventPattern.source", &format!("must be {SOURCE}")));
    }
    let kinds = list(&pattern["detail-type"]);
    if kinds.is_empty() || kinds.iter().any(|kind| !PublishedKind::WORDS.iter().any(|known| *kind == known)) {
        wrong.push(rule.wrong("EventPattern.detail-type", "must name events that are published"));
    }
    for (place, target) in list(rule.get("Targets")).into_iter().enumerate() {
        let property = format!("Targets.{place}");
        wrong.extend(delivery(template, rule, &property, target, rule.id));
        let policy = &target["RetryPolicy"];
        let longest = [("MaximumEventAgeInSeconds", LONGEST_AGE), ("MaximumRetryAttempts", MOST_TRIES)];
        if longest.iter().any(|(name, most)| template.number(&policy[*name]) != Some(*most)) {
            wrong.push(rule.wrong(&format!("{property}.RetryPolicy"), "must be the most that the bus offers"));
        }
        let problem = match template.referred(&target["Arn"], QUEUE) {
            None => "must be a queue of the template",
            Some(_) if !may_send(template, &target["Arn"], rule.id) => "the queue's policy does not let the rule in",
            Some(_) => continue,
        };
        wrong.push(rule.wrong(&format!("{property}.Arn"), problem));
    }
    wrong
}

/// What a rule, by its logical id, does with an event that does not arrive.
fn delivery(template: &Template, at: &Resource<'_>, property: &str, target: &Value, rule: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !says_when_to_stop(&target["RetryPolicy"]) {
        wrong.push(at.wrong(&format!("{property}.RetryPolicy"), "must say age and tries"));
    }
    let dead = &target["DeadLetterConfig"]["Arn"];
    let problem = match template.referred(dead, QUEUE) {
        None => "must be a queue of the template",
        Some(_) if !may_send(template, dead, rule) => "the queue's policy does not let the rule in",
        Some(_) => return wrong,
    };
    wrong.push(at.wrong(&format!("{property}.DeadLetterConfig"), problem));
    wrong
}

fn says_when_to_stop(policy: &Value) -> bool {
    ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"].iter().all(|name| !policy[*name].is_null())
}

/// Whether the policy of a queue lets a rule, and no other, send to it.
fn may_send(template: &Template, queue: &Value, rule: &str) -> bool {
    let statement = |statement: &&Value| {
        statement["Effect"] == "Allow"
            && statement["Action"] == "sqs:SendMessage"
            && statement["Principal"] == json!({"Service": "events.amazonaws.com"})
            && target(&statement["Resource"]) == target(queue)
            && statement["Condition"]["ArnEquals"]["aws:SourceArn"] == json!({"Fn::GetAtt": format!("{rule}.Arn")})
    };
    let mut policies = template.of_type("AWS::SQS::QueuePolicy");
    policies.any(|policy| list(policy.get("PolicyDocument.Statement")).iter().any(statement))
}
