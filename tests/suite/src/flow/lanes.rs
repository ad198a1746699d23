//! The lane of a piece of work, and what a create could have taken otherwise, as callers get them.

use std::fs;

use domain::policy::lane::{AlternativeReason, LaneReason};
use local::world::{Answer, Call};
use serde_json::{Value, json};

use super::Scene;

async fn classify(scene: &Scene, body: &str) -> Answer {
    let call = Call {
        route: "POST /v1/lanes/classify",
        principal: "alice",
        issuer: None,
        path: &[],
        headers: &[],
        body: Some(body),
        query: &[],
    };
    scene.world.call(call).await.unwrap()
}

/// The page's section on this route.
fn section() -> String {
    let page = fs::read_to_string("../../functions/README.md").unwrap();
    let (_, rest) = page.split_once("### Lanes\n").unwrap();
    rest.split("\n## ").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_page_s_example_is_what_the_route_answers() {
    let scene = Scene::new().await;
    let section = section();
    let body = section.split("-d '").nth(1).unwrap().split('\'').next().unwrap();
    let shown = section.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let answer = classify(&scene, body).await;
    assert_eq!((answer.status, &answer.body), (200, &serde_json::from_str::<Value>(shown).unwrap()), "{}", answer.text);
}

#[test]
fn the_page_names_every_reason() {
    let section = section();
    let words = LaneReason::WORDS.into_iter().filter(|word| *word != "job_type").chain(AlternativeReason::WORDS);
    let missing: Vec<_> = words.filter(|word| !section.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "functions/README.md, Lanes: {missing:?}");
}

#[tokio::test]
async fn a_question_at_fault_is_named_and_work_of_unknown_size_has_no_price() {
    let scene = Scene::new().await;
    let wrong = classify(&scene, r#"{"records":0,"model":"llama","user_steers":"yes"}"#).await;
    assert_eq!((wrong.status, &wrong.body["code"]), (400, &json!("invalid_request")));
    let fields: Vec<_> = wrong.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["user_steers", "records", "input_tokens", "output_tokens", "model"]);
    let unknown = classify(&scene, r#"{"short_with_fast_tools":true}"#).await;
    assert_eq!((&unknown.body["lane"], &unknown.body["available"]), (&json!("interactive"), &json!(false)));
    assert_eq!(unknown.body["prices"], Value::Null);
    let other = &unknown.body["alternatives"][0];
    assert_eq!((&other["lane"], &other["available"]), (&json!("background"), &json!(true)));
    assert_eq!([other.get("saves_usd"), other.get("costs_usd")], [None; 2]);
}

#[tokio::test]
async fn a_create_and_its_repeat_answer_what_else_it_could_take_and_later_answers_do_not() {
    let scene = Scene::new().await;
    let body = r#"{"type":"document-analysis","input":"The parties agree to meet on Monday."}"#;
    let first = scene.world.create("acme", "alice", Some("k"), body).await.unwrap();
    let others = json!([{
        "lane": "background", "service_tier": "flex",
        "reason": {"code": "flex_price", "message": AlternativeReason::FlexPrice.message()},
        "saves_usd": first.body["alternatives"][0]["saves_usd"], "available": true,
    }]);
    assert_eq!((first.status, &first.body["alternatives"]), (202, &others), "{}", first.text);
    assert!(section().contains(&format!("\"saves_usd\": {}", others[0]["saves_usd"])), "{}", first.text);
    scene.pass(15).await;
    let again = scene.world.create("acme", "alice", Some("k"), body).await.unwrap();
    assert_eq!((again.status, &again.body["alternatives"]), (200, &others));
    let job = scene.see(first.body["id"].as_str().unwrap()).await;
    assert_eq!(job.get("alternatives"), None);
}
