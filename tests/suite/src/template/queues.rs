//! Queues: what cannot be delivered is kept for 14 days and rings, and no message is shown twice while it is worked on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::data::tls_only;
use super::read::{Resource, Template, entries, list, target, text};

const QUEUE: &str = "AWS::SQS::Queue";
const DAYS_14: u64 = 1_209_600;
const TRIES: u64 = 5;
const DEPTH: &str = "ApproximateNumberOfMessagesVisible";
const AGE: &str = "ApproximateAgeOfOldestMessage";

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in template.of_type("AWS::Lambda::EventSourceMapping") {
        if let Some(queue) = template.referred(source.get("EventSourceArn"), QUEUE) {
            wrong.extend(read_queue(template, &source, &queue));
        }
    }
    let redriven: BTreeSet<String> = template.of_type(QUEUE).filter_map(|queue| dead_letters_of(&queue)).collect();
    let destinations = destinations(template);
    for id in redriven.union(&destinations) {
        let Some(queue) = template.find(id, QUEUE) else {
            wrong.push(format!("{id}.Type: is a destination and no queue of the template"));
            continue;
        };
        if template.number(queue.get("MessageRetentionPeriod")) != Some(DAYS_14) {
            wrong.push(queue.wrong("MessageRetentionPeriod", "must be 14 days"));
        }
        if !redriven.contains(id) && queue.get("RedriveAllowPolicy") != &json!({"redrivePermission": "denyAll"}) {
            wrong.push(queue.wrong("RedriveAllowPolicy", "is no queue's dead letters and must deny all"));
        }
        wrong.extend(silent(template, &queue, DEPTH, 0));
    }
    for queue in template.of_type(QUEUE) {
        wrong.extend(queue.unlike(&[("SqsManagedSseEnabled", json!(true))]));
        let of_queue = |policy: &Resource<'_>| {
            list(policy.get("Queues")).into_iter().any(|listed| target(listed).as_deref() == Some(queue.id))
        };
        let policies: Vec<_> = template.of_type("AWS::SQS::QueuePolicy").filter(of_queue).collect();
        let is_closed = |policy: &Resource<'_>| {
            let refuses = |statement: &&Value| tls_only(statement, "sqs:*") && statement["Resource"] == "*";
            list(policy.get("PolicyDocument.Statement")).iter().any(refuses)
        };
        match policies.as_slice() {
            [policy] if is_closed(policy) => {}
            [_] | [] => wrong.push(queue.wrong("QueuePolicy", "no policy refuses what comes without TLS")),
            _ => wrong.push(queue.wrong("QueuePolicy", "a queue has one policy, and several are written")),
        }
    }
    wrong
}

fn read_queue(template: &Template, source: &Resource<'_>, queue: &Resource<'_>) -> Vec<String> {
    let mut wrong: Vec<String> = silent(template, queue, AGE, 300).into_iter().collect();
    let timeout = template
        .referred(source.get("FunctionName"), "AWS::Serverless::Function")
        .and_then(|function| template.number(function.get("Timeout")));
    let visibility = template.number(queue.get("VisibilityTimeout"));
    if visibility.zip(timeout).is_none_or(|(visibility, timeout)| visibility < 6 * timeout) {
        wrong.push(queue.wrong("VisibilityTimeout", "must be six times the timeout of who reads it"));
    }
    if template.number(queue.get("RedrivePolicy.maxReceiveCount")) != Some(TRIES) {
        wrong.push(queue.wrong("RedrivePolicy.maxReceiveCount", &format!("must be {TRIES}")));
    }
    let Some(dead) = dead_letters_of(queue).and_then(|id| template.find(&id, QUEUE)) else {
        wrong.push(queue.wrong("RedrivePolicy.deadLetterTargetArn", "must be a queue of the template"));
        return wrong;
    };
    let arn =
        format!("arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{}", text(queue.get("QueueName")));
    let only = json!({"redrivePermission": "byQueue", "sourceQueueArns": [{"Fn::Sub": arn}]});
    if dead.get("RedriveAllowPolicy") != &only {
        wrong.push(dead.wrong("RedriveAllowPolicy", &format!("must allow {} and nothing else", queue.id)));
    }
    wrong
}

fn dead_letters_of(queue: &Resource<'_>) -> Option<String> {
    target(queue.get("RedrivePolicy.deadLetterTargetArn"))
}

/// The queues that take what a function or a rule could not handle.
fn destinations(template: &Template) -> BTreeSet<String> {
    let mut found: Vec<&Value> = Vec::new();
    for source in template.of_type("AWS::Lambda::EventSourceMapping") {
        found.push(source.get("DestinationConfig.OnFailure.Destination"));
    }
    for function in template.functions() {
        found.push(function.get("EventInvokeConfig.DestinationConfig.OnFailure.Destination"));
        found.extend(entries(function.get("Events")).map(|(_, event)| &event["Properties"]["DeadLetterConfig"]["Arn"]));
    }
    for rule in template.of_type("AWS::Events::Rule") {
        found.extend(list(rule.get("Targets")).into_iter().map(|target| &target["DeadLetterConfig"]["Arn"]));
    }
    found.into_iter().filter_map(target).collect()
}

/// A finding if no alarm rings when a queue's metric exceeds a value.
fn silent(template: &Template, queue: &Resource<'_>, metric: &str, most: u64) -> Option<String> {
    let dimensions = json!([{"Name": "QueueName", "Value": {"Fn::GetAtt": format!("{}.QueueName", queue.id)}}]);
    let expected = [
        ("Namespace", json!("AWS/SQS")),
        ("MetricName", json!(metric)),
        ("Dimensions", dimensions),
        ("Statistic", json!("Maximum")),
        ("ComparisonOperator", json!("GreaterThanThreshold")),
        ("Threshold", json!(most)),
    ];
    let rings = template.of_type("AWS::CloudWatch::Alarm").any(|alarm| alarm.unlike(&expected).is_empty());
    (!rings).then(|| queue.wrong(metric, &format!("no alarm rings above {most}")))
}
