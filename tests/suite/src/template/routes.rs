//! Routes: they are those of the code; who gets in, where a request goes, and that the one who waits is told in time.

use std::collections::BTreeSet;

use domain::contract::route::Route;
use serde_json::json;

use super::read::{Resource, Template, entries, text};

/// Where one request causes work for minutes, or needs no token.
const COSTLY: [Route; 4] = [Route::CreateJob, Route::ReceiveWebhook, Route::Console, Route::ConsolePath];

/// What the gateway itself allows, in milliseconds.
const LONGEST: u64 = 30_000;

const ROUTE: &str = "AWS::ApiGatewayV2::Route";

/// What an access log says of a request.
const LOGGED: [&str; 5] = [
    "$context.requestId",
    "$context.routeKey",
    "$context.status",
    "$context.responseLatency",
    "$context.integrationErrorMessage",
];

/// What it must not hold: a path or a query may name what a log must not, and a claim is written as it is, so that a quote
/// in it would forge a line.
const UNLOGGED: [&str; 6] =
    ["$context.path", "$context.requestOverride", "$context.authorizer", "header", "query", "userAgent"];

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut missing: BTreeSet<Route> = Route::ALL.into();
    for route in template.of_type(ROUTE) {
        let known = Route::parse(key(&route));
        match known {
            None => wrong.push(route.wrong("RouteKey", "the code knows no such route")),
            Some(known) if !missing.remove(&known) => wrong.push(route.wrong("RouteKey", "another route has the same")),
            Some(_) => {}
        }
        if known.is_none_or(|known| !known.is_open()) {
            wrong.extend(authorized(template, &route));
        } else {
            wrong.extend(route.unlike(&[("AuthorizationType", json!("NONE"))]));
        }
        let integration = text(route.get("Target")).strip_prefix("integrations/${").and_then(|id| id.strip_suffix('}'));
        let integration = integration.and_then(|id| template.find(id, "AWS::ApiGatewayV2::Integration"));
        let Some(integration) = integration else {
            wrong.push(route.wrong("Target", "must be an integration of the template"));
            continue;
        };
        let function = template.referred(integration.get("IntegrationUri"), "AWS::Serverless::Function");
        let Some(function) = function else {
            wrong.push(integration.wrong("IntegrationUri", "must be a function of the template"));
            continue;
        };
        if let Some(known) = known {
            let folder = format!("functions/{}", known.served_by().name());
            wrong.extend(
                function.unlike(&[("CodeUri", json!(folder))]).into_iter().map(|why| format!("{}: {why}", route.id)),
            );
        }
        if !template.of_type("AWS::Lambda::Permission").any(|permission| covers(&permission, &function, &route)) {
            wrong.push(route.wrong("RouteKey", &format!("no permission lets it call {}", function.id)));
        }
        let timeout = template.number(function.get("Timeout")).map(|seconds| 1_000 * seconds);
        let limit = template.number(integration.get("TimeoutInMillis"));
        if limit.is_none_or(|limit| limit > LONGEST) {
            wrong.push(integration.wrong("TimeoutInMillis", &format!("must be at most {LONGEST}")));
        }
        if timeout.zip(limit).is_none_or(|(timeout, limit)| timeout >= limit) {
            wrong.push(function.wrong("Timeout", &format!("must end before {} gives up", integration.id)));
        }
        wrong.extend(
            integration.unlike(&[("IntegrationType", json!("AWS_PROXY")), ("PayloadFormatVersion", json!("2.0"))]),
        );
    }
    wrong.extend(missing.into_iter().map(|route| format!("{}: no route of the template", route.key())));
    for permission in template.of_type("AWS::Lambda::Permission") {
        if text(permission.get("SourceArn")).is_empty() {
            wrong.push(permission.wrong("SourceArn", "must name who may call"));
        }
    }
    for stage in template.of_type("AWS::ApiGatewayV2::Stage") {
        wrong.extend(settings(template, &stage));
    }
    wrong
}

/// Such as `GET /v1/health`.
fn key<'a>(route: &Resource<'a>) -> &'a str {
    text(route.get("RouteKey"))
}

fn authorized(template: &Template, route: &Resource<'_>) -> Vec<String> {
    let mut wrong = route.unlike(&[("AuthorizationType", json!("JWT"))]);
    let authorizer = template.referred(route.get("AuthorizerId"), "AWS::ApiGatewayV2::Authorizer");
    match authorizer {
        None => wrong.push(route.wrong("AuthorizerId", "must be an authorizer of the template")),
        Some(authorizer) => wrong.extend(authorizer.unlike(&[
            ("AuthorizerType", json!("JWT")),
            ("IdentitySource", json!(["$request.header.Authorization"])),
            ("JwtConfiguration.Issuer", json!({"Ref": "TokenIssuer"})),
            ("JwtConfiguration.Audience", json!({"Fn::Split": [",", {"Ref": "TokenAudience"}]})),
        ])),
    }
    wrong
}

/// Whether a permission lets the gateway call the function for this method and path.
fn covers(permission: &Resource<'_>, function: &Resource<'_>, route: &Resource<'_>) -> bool {
    let expected = [
        ("FunctionName", json!({"Ref": function.id})),
        ("Action", json!("lambda:InvokeFunction")),
        ("Principal", json!("apigateway.amazonaws.com")),
    ];
    let Some((method, path)) = key(route).split_once(' ') else { return false };
    let arn = text(permission.get("SourceArn"));
    let allowed = arn.split_once(":${HttpApi}/").map(|(_, allowed)| allowed);
    let asked = format!("$default/{method}{path}");
    permission.unlike(&expected).is_empty() && allowed.is_some_and(|allowed| matches(allowed, &asked))
}

/// As IAM compares: a star stands for anything, slashes included.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|left| {
            left.char_indices().map(|(at, _)| at).chain([left.len()]).any(|at| matches(rest, &left[at..]))
        }),
    }
}

/// The stage: what is throttled exists, and what is logged may be.
fn settings(template: &Template, stage: &Resource<'_>) -> Vec<String> {
    let mut wrong = stage.unlike(&[("AutoDeploy", json!(true)), ("StageName", json!("$default"))]);
    for (name, _) in entries(stage.get("RouteSettings")) {
        let property = format!("RouteSettings.{name}");
        match template.of_type(ROUTE).find(|route| key(route) == name) {
            None => wrong.push(stage.wrong(&property, "there is no such route")),
            Some(route) if !stage.attribute("DependsOn").to_string().contains(&format!("\"{}\"", route.id)) => {
                wrong.push(stage.wrong(&property, &format!("{} must exist before the stage", route.id)));
            }
            Some(_) => {}
        }
    }
    for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        if template.number(stage.get(&format!("DefaultRouteSettings.{limit}"))).is_none() {
            wrong.push(stage.wrong("DefaultRouteSettings", &format!("has no {limit}")));
        }
        let most = template.number(&stage.get("DefaultRouteSettings")[limit]);
        for route in COSTLY {
            let own = template.number(&stage.get("RouteSettings")[route.key()][limit]);
            if own.is_none_or(|own| Some(own) >= most) {
                wrong.push(stage.wrong(&format!("RouteSettings.{}", route.key()), &format!("needs a lower {limit}")));
            }
        }
    }
    if template.referred(stage.get("AccessLogSettings.DestinationArn"), "AWS::Logs::LogGroup").is_none() {
        wrong.push(stage.wrong("AccessLogSettings.DestinationArn", "must be a log group of the template"));
    }
    let format = text(stage.get("AccessLogSettings.Format"));
    let missing = LOGGED.iter().filter(|name| !format.contains(*name)).map(|name| format!("does not say {name}"));
    let too_much = UNLOGGED.iter().filter(|name| format.contains(*name)).map(|name| format!("must not say {name}"));
    wrong.extend(missing.chain(too_much).map(|what| stage.wrong("AccessLogSettings.Format", &what)));
    wrong
}

#[test]
fn a_star_stands_for_anything() {
    for (pattern, name, expected) in [
        ("*/GET/v1/*", "$default/GET/v1/health", true),
        ("*/GET/v1/*", "$default/POST/v1/health", false),
        ("*/*/v1/*/jobs", "$default/GET/v1/workspaces/{workspace}/jobs", true),
        ("*/GET/v1/jobs", "$default/GET/v1/jobs/{id}", false),
    ] {
        assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
    }
}
