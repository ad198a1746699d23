//! The local edition is built from the template that is deployed.

use std::time::Duration;

use adapters::openai::START_TIMEOUT;
use domain::flow::notify::LEASE;
use domain::policy::job_type::{SHIPPED, shipped};
use domain::value::time::Timing;
use local::template::{Route, Template};
use local::world::SIMULATOR_START;
use serde_json::json;

use super::TEMPLATE;

fn template() -> Template {
    Template::parse(TEMPLATE).unwrap()
}

#[test]
fn the_table_has_three_indexes_that_project_keys_only() {
    let template = template();
    let indexes: Vec<_> = template.table().indexes.iter().map(|index| index.name.as_str()).collect();
    assert_eq!(indexes, ["due", "listing", "creator", "open"]);
    assert!(template.table().indexes.iter().all(|index| index.projection == "KEYS_ONLY"));

    let request = template.create_table_json("jobs");
    assert_eq!(request["TableName"], "jobs");
    assert_eq!(request["BillingMode"], "PAY_PER_REQUEST");
    let key = json!([{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}]);
    assert_eq!(request["KeySchema"], key);
    let attributes = request["AttributeDefinitions"].as_array().unwrap();
    assert!(attributes.contains(&json!({"AttributeName": "due_at", "AttributeType": "N"})), "{attributes:?}");
    let due = &request["GlobalSecondaryIndexes"][0];
    assert_eq!(due["IndexName"], "due");
    assert_eq!(due["KeySchema"][0], json!({"AttributeName": "due_shard", "KeyType": "HASH"}));
    assert_eq!(due["Projection"], json!({"ProjectionType": "KEYS_ONLY"}));
    assert_eq!(request["StreamSpecification"], json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}));
}

#[test]
fn every_route_of_the_template_leads_to_a_function() {
    let template = template();
    let routes: Vec<_> = template.routes().iter().map(Route::key).collect();
    let keys: Vec<_> = TEMPLATE.lines().filter_map(|line| line.trim().strip_prefix("RouteKey: ")).collect();
    assert_eq!(routes, keys);
    assert!(template.routes().iter().all(|route| route.limit == Duration::from_secs(29)));

    let expected = [
        ("POST /v1/workspaces/{workspace}/jobs", "create-job", false),
        ("GET /v1/workspaces/{workspace}/jobs", "read-jobs", false),
        ("GET /v1/workspaces/{workspace}/jobs/{id}", "read-jobs", false),
        ("GET /v1/workspaces/{workspace}/jobs/{id}/result", "read-jobs", false),
        ("GET /v1/workspaces/{workspace}/jobs/{id}/events", "read-jobs", false),
        ("GET /v1/workspaces/{workspace}/job-types", "read-jobs", false),
        ("POST /v1/lanes/classify", "create-job", false),
        ("POST /v1/webhooks/openai", "ingest-webhook", true),
        ("GET /v1/health", "read-jobs", true),
        ("GET /console", "console", true),
        ("GET /console/{proxy+}", "console", true),
    ];
    for (key, function, open) in expected {
        let index = routes.iter().position(|route| route == key).expect(key);
        let route = &template.routes()[index];
        assert_eq!((route.function.as_str(), route.open), (function, open), "{key}");
    }
}

#[test]
fn only_routes_that_are_open_by_name_need_no_token() {
    let template = template();
    let open = ["/v1/health", "/v1/webhooks/openai", "/openapi.json", "/console"];
    for route in template.routes().iter().filter(|route| route.open) {
        assert!(open.iter().any(|name| route.path.starts_with(name)), "{route:?}");
    }
}

#[test]
fn the_queues_are_those_of_the_two_functions_that_call_the_provider() {
    let template = template();
    let (submit, observe) = (&template.queues().submit, &template.queues().observe);
    assert_eq!((submit.logical_id.as_str(), submit.function.as_str()), ("SubmitQueue", "submit-job"));
    assert_eq!((observe.logical_id.as_str(), observe.function.as_str()), ("ObserveQueue", "observe-job"));
    assert_eq!((submit.visibility.as_secs(), submit.max_receives, submit.batch_size), (360, 5, 1));
    assert_eq!((observe.visibility.as_secs(), observe.max_receives, observe.batch_size), (360, 5, 1));
    assert_eq!(submit.concurrency, 10);
}

#[test]
fn the_rules_fill_the_queues_that_people_are_told_from() {
    let template = template();
    let rules: Vec<_> = template.rules().iter().map(|rule| (&rule.queue, &rule.pattern)).collect();
    let names: Vec<_> = rules.iter().map(|(queue, _)| (queue.logical_id.as_str(), queue.function.as_str())).collect();
    assert_eq!(names, [("ReviewQueue", "notify"), ("EscalationQueue", "notify")]);
    for (kind, picked) in [("job.needs_review", [true, false]), ("job.escalated", [false, true])] {
        let event = json!({"source": "lanekeeper", "detail-type": kind, "detail": {}});
        assert_eq!([0, 1].map(|rule| rules[rule].1.matches(&event)), picked, "{kind}");
        let elsewhere = json!({"source": "aws.ec2", "detail-type": kind, "detail": {}});
        assert!(rules.iter().all(|(_, pattern)| !pattern.matches(&elsewhere)));
    }
    for (queue, _) in rules {
        assert_eq!((queue.max_receives, queue.batch_size, queue.concurrency), (5, 1, 2));
        assert!(Duration::from_secs(30) < LEASE && LEASE < queue.visibility, "{}", queue.logical_id);
    }
    assert!(TEMPLATE.contains("      CodeUri: functions/notify\n      Timeout: 30\n"));
}

#[test]
fn a_create_call_ends_before_its_function_and_the_function_before_its_lease() {
    let functions = Duration::from_secs(60);
    assert!(TEMPLATE.contains("      CodeUri: functions/submit-job\n      Timeout: 60\n"));
    assert!(START_TIMEOUT + Duration::from_secs(5) < functions);
    assert!(functions * 2 <= Timing::aws().lease);
    assert!(SIMULATOR_START < Timing::local().lease);
    for name in SHIPPED {
        let waits = Timing::aws().lease + Timing::aws().unknown_wait;
        assert!(
            shipped(name).unwrap().start_deadline > waits,
            "{name}: a lost start expires before its webhook may come"
        );
    }
}

#[test]
fn a_value_may_be_spelled_another_way() {
    let text = TEMPLATE
        .replace("BatchSize: 1  #", "BatchSize: \"1\"  #")
        .replace("IntegrationUri: !GetAtt CreateJob.Arn", "IntegrationUri: { Fn::GetAtt: [CreateJob, Arn] }")
        .replace("CodeUri: functions/create-job", "CodeUri: ./functions/create-job/")
        .replace(
            "Target: !Sub integrations/${CreateJobIntegration}",
            "Target: !Join [/, [integrations, !Ref CreateJobIntegration]]",
        );
    let (spelled, plain) = (Template::parse(&text).unwrap(), template());
    assert_eq!(spelled.routes(), plain.routes());
    assert_eq!(spelled.queues(), plain.queues());
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let refused = |from: &str, to: &str| Template::parse(&TEMPLATE.replacen(from, to, 1)).unwrap_err().to_string();
    assert_eq!(
        refused("      VisibilityTimeout: 360\n", ""),
        "the template has no Resources.SubmitQueue.Properties.VisibilityTimeout"
    );
    assert_eq!(
        refused("maxReceiveCount: 5", "maxReceiveCount: often"),
        "the template's Resources.SubmitQueue.Properties.RedrivePolicy.maxReceiveCount is not a number"
    );
    assert_eq!(
        refused("!GetAtt IngestWebhook.Arn", "!GetAtt Table.Arn"),
        "the template has no AWS::Serverless::Function that \
         Resources.IngestWebhookIntegration.Properties.IntegrationUri refers to"
    );
}
