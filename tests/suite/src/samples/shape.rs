//! Each sample is of the type that its function's handler takes, and survives being written and read again.

use adapters::aws::eventbridge::delivered;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::sqs::SqsEvent;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use local::template::Template;
use local::world::TEMPLATE;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Kind, Sample, of_kind, samples};

fn there_and_back<T: DeserializeOwned + Serialize>(sample: &Sample) -> (T, T) {
    let read = |text: &str| -> T {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("events/{}: {error}", sample.name))
    };
    let first = read(&sample.text);
    let second = read(&serde_json::to_string(&first).unwrap());
    (first, second)
}

#[test]
fn every_sample_is_the_event_that_its_function_takes() {
    for sample in samples() {
        let name = &sample.name;
        match sample.kind() {
            Kind::Http => {
                let (first, second) = there_and_back::<ApiGatewayV2httpRequest>(&sample);
                assert_eq!(first, second, "events/{name}");
            }
            Kind::Queue | Kind::Rule => {
                let (first, second) = there_and_back::<SqsEvent>(&sample);
                assert_eq!(first, second, "events/{name}");
                assert!(!first.records.is_empty(), "events/{name} holds no record");
            }
            Kind::Stream => {
                let (first, second) = there_and_back::<Event>(&sample);
                assert_eq!(first, second, "events/{name}");
                assert!(!first.records.is_empty(), "events/{name} holds no record");
            }
            Kind::Schedule => assert!(sample.json().is_object(), "events/{name}"),
        }
    }
}

#[test]
fn the_runtime_reads_every_http_sample_as_a_request_on_the_path_of_its_route() {
    for sample in of_kind(Kind::Http) {
        let name = &sample.name;
        let request = lambda_http::request::from_str(&sample.text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let RequestContext::ApiGatewayV2(context) = request.request_context() else {
            panic!("events/{name} is another kind of request");
        };
        let mut path = context.route_key.unwrap().split_once(' ').unwrap().1.to_owned();
        for (parameter, value) in request.path_parameters().iter() {
            // One that takes all that is left of a path has a plus.
            path = path.replace(&format!("{{{parameter}}}"), value).replace(&format!("{{{parameter}+}}"), value);
        }
        assert_eq!(request.raw_http_path(), path, "events/{name}");
        let length = request.headers().get("content-length").map(|value| value.to_str().unwrap().parse().unwrap());
        assert_eq!(length, Some(request.body().len()), "events/{name}: content-length");
    }
}

#[test]
fn every_http_sample_takes_a_route_of_the_template_to_its_function() {
    let template = Template::parse(TEMPLATE).unwrap();
    for sample in of_kind(Kind::Http) {
        let (name, event) = (&sample.name, sample.json());
        let key = event["routeKey"].as_str().unwrap();
        assert_eq!(event["requestContext"]["routeKey"], key, "events/{name}");
        let route = template.routes().iter().find(|route| route.key() == key);
        let route = route.unwrap_or_else(|| panic!("events/{name}: template.yaml has no route {key}"));
        assert_eq!(route.function, sample.function, "events/{name}: {key} leads elsewhere");
        let has_token = event["requestContext"].get("authorizer").is_some();
        assert_eq!(has_token, !route.open, "events/{name}: an authorizer says who calls unless the route is open");
    }
}

#[test]
fn every_queue_body_is_work_as_the_code_writes_it_unless_it_is_poisoned() {
    for sample in of_kind(Kind::Queue) {
        let name = &sample.name;
        let (event, _) = there_and_back::<SqsEvent>(&sample);
        let mut poisoned = 0;
        for record in &event.records {
            let body = record.body.as_deref().unwrap();
            match sample.rewritten(body) {
                Some(written) => assert_eq!(written, body, "events/{name}"),
                None if sample.is_poisoned() => poisoned += 1,
                None => panic!("events/{name}: {body} is no message of this queue"),
            }
        }
        assert_eq!(poisoned > 0, sample.is_poisoned(), "events/{name}: {poisoned} bodies are poison");
        assert!(event.records.iter().all(|record| is_of_queue(record.event_source_arn.as_deref(), &sample)), "{name}");
    }
}

#[test]
fn every_body_of_a_rule_is_an_event_as_the_code_writes_it_from_the_queue_of_its_rule() {
    let template = Template::parse(TEMPLATE).unwrap();
    for sample in of_kind(Kind::Rule) {
        let name = &sample.name;
        let (event, _) = there_and_back::<SqsEvent>(&sample);
        let mut poisoned = 0;
        for record in &event.records {
            let body = record.body.as_deref().unwrap();
            let Ok(event) = delivered(body) else {
                poisoned += 1;
                continue;
            };
            let (written, envelope) = (serde_json::to_string(&event).unwrap(), serde_json::from_str(body).unwrap());
            assert!(body.contains(&format!("\"detail\":{written}")), "events/{name}: {written}");
            let rule = template.rules().iter().find(|rule| rule.pattern.matches(&envelope)).expect(name);
            let queue = rule.queue.logical_id.trim_end_matches("Queue").to_lowercase();
            let arn = record.event_source_arn.as_deref().unwrap();
            assert!(arn.starts_with("arn:aws:sqs:") && arn.ends_with(&format!("-{queue}")), "events/{name}: {arn}");
        }
        assert_eq!(poisoned > 0, sample.is_poisoned(), "events/{name}: {poisoned} bodies are poison");
    }
}

/// Whether a record comes from the queue that the function reads: `…-submit` for `submit-job`.
fn is_of_queue(arn: Option<&str>, sample: &Sample) -> bool {
    let purpose = sample.function.trim_end_matches("-job");
    arn.is_some_and(|arn| arn.starts_with("arn:aws:sqs:") && arn.ends_with(&format!("-{purpose}")))
}

#[test]
fn no_sample_names_a_secret_or_a_token() {
    for sample in samples() {
        let event: Value = sample.json();
        let authorization = event["headers"]["authorization"].as_str().unwrap_or("Bearer removed");
        assert_eq!(authorization, "Bearer removed", "events/{}", sample.name);
        assert!(!sample.text.contains("whsec_") && !sample.text.contains("sk-"), "events/{}", sample.name);
    }
}
