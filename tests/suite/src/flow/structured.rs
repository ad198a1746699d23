//! Answers that have to keep a schema: what is asked for, what comes of each kind of answer, and who may put it right.

use axum::http::StatusCode;
use local::world::Answer;
use serde_json::{Value, json};

use super::Scene;
use super::review::refused;
use super::server::{queued, server};

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"label": {"type": "string", "enum": ["a", "b"]}, "score": {"type": "number"}},
        "required": ["label", "score"],
        "additionalProperties": false,
    })
}

fn labels(more: Value) -> String {
    let mut body = json!({"description": "Labels.", "lane": "background", "model": "gpt-6.1-terra",
        "instructions": "Label it.", "output_schema": schema()});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body.to_string()
}

fn message(phase: &str, text: &str) -> Value {
    json!({"type": "message", "phase": phase, "content": [{"type": "output_text", "text": text}]})
}

impl Scene {
    async fn labeled(&self) -> String {
        let answer = self.world.create("acme", "alice", None, r#"{"type":"label","input":"x"}"#).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    async fn structured(&self, id: &str) -> Answer {
        self.part("alice", id, "structured").await
    }
}

/// A job whose only run answers so, under a type with these fields more.
async fn answered(output: Value, status: &str, more: Value) -> (Scene, String) {
    let status = status.to_owned();
    let look = move |_, id: String| {
        let reason = json!({"reason": "max_output_tokens"});
        let answer = json!({"id": id, "status": status, "output": output, "incomplete_details": reason,
            "usage": {"input_tokens": 9, "output_tokens": 9}});
        (StatusCode::OK, answer)
    };
    let (provider, _) = server(|number, _| queued(number), look).await;
    let scene = Scene::with(provider).await;
    let set = scene.set_type("ada", "label", &labels(more)).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let id = scene.labeled().await;
    scene.pass(120).await;
    (scene, id)
}

#[tokio::test]
async fn every_kind_of_answer_to_a_schema_has_an_outcome_of_its_own() {
    let right = r#"{"label":"a","score":1.10}"#;
    let refusal = json!({"type": "message", "content": [{"type": "refusal", "refusal": "No."}]});
    let long = format!(r#"{{"label":"a","score":1,"x":"{}"}}"#, "x".repeat(10_000_000));
    let deep = format!(r#"{{"label":"a","score":1,"x":{}{}}}"#, "[".repeat(500), "]".repeat(500));
    let failed = "failed";
    let cases: [(Value, &str, &str, Option<&str>); 15] = [
        (json!([message("final_answer", right)]), "completed", "completed", None),
        (
            json!([message("final_answer", r#"{"label":"a","score":9400000000000000000001}"#)]),
            "completed",
            "completed",
            None,
        ),
        (json!([message("final_answer", r#"{"label":"a","score":1e400}"#)]), "completed", "completed", None),
        (json!([message("commentary", "{}"), message("final_answer", right)]), "completed", "completed", None),
        (json!([message("final_answer", r#"{"label":"z","score":1}"#)]), "completed", failed, Some("invalid_output")),
        (json!([message("final_answer", r#"{"label":"a"}"#)]), "completed", failed, Some("invalid_output")),
        (
            json!([message("final_answer", r#"{"label":"a","label":"b","score":1}"#)]),
            "completed",
            failed,
            Some("invalid_output"),
        ),
        (json!([message("final_answer", "I cannot say.")]), "completed", failed, Some("invalid_output")),
        (json!([message("final_answer", "[]")]), "completed", failed, Some("invalid_output")),
        (json!([message("final_answer", &long)]), "completed", failed, Some("invalid_output")),
        (json!([message("final_answer", &deep)]), "completed", failed, Some("invalid_output")),
        (json!([message("commentary", right)]), "completed", failed, Some("no_output")),
        (json!([refusal]), "completed", failed, Some("refusal")),
        (json!([message("final_answer", r#"{"label":"a","sc"#)]), "incomplete", failed, Some("output_limit")),
        (json!([]), "completed", failed, Some("no_output")),
    ];
    for (output, said, status, reason) in cases {
        let (scene, id) = answered(output.clone(), said, json!({})).await;
        let job = scene.see(&id).await;
        let about: String = output.to_string().chars().take(120).collect();
        assert_eq!((job["status"].as_str(), job["reason"]["code"].as_str()), (Some(status), reason), "{about}");
        assert_eq!(job["attempt"], 1, "each retry is paid: {about}");
        let structured = scene.structured(&id).await;
        assert_eq!(structured.status == 200, status == "completed", "{about}: {}", structured.text);
    }
}

#[tokio::test]
async fn the_json_of_a_result_is_delivered_alone_and_digit_for_digit() {
    let exact = r#"{"label":"a","score":9400000000000000000001.10}"#;
    let (scene, id) =
        answered(json!([message("commentary", "Hm."), message("final_answer", exact)]), "completed", json!({})).await;
    let structured = scene.structured(&id).await;
    assert_eq!((structured.status, structured.text.as_str()), (200, exact));
    let result = scene.world.read("acme", "alice", &id, "/result").await.unwrap();
    assert!(result.text.contains(exact), "{}", result.text);
    assert_eq!(result.body["schema_errors"], json!([]));
    let (scene, id) = {
        let scene = Scene::new().await;
        let id = scene.create().await;
        scene.pass(60).await;
        scene.ended(&id, "completed").await;
        (scene, id)
    };
    refused(&scene.structured(&id).await, 409, "not_structured");
}

#[tokio::test]
async fn an_answer_that_misses_its_schema_goes_to_review_where_partial_output_does_and_is_put_right_there() {
    let wrong = json!([message("final_answer", r#"{"label":"z","score":"1"}"#)]);
    let (scene, id) = answered(wrong, "completed", json!({"review": {"when": {"partial": true}}})).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["reason"]["code"]), (&json!("needs_review"), &json!("invalid_output")), "{job}");
    let result = scene.world.read("acme", "rita", &id, "/result").await.unwrap().body;
    let paths: Vec<&str> =
        result["schema_errors"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/label", "/score"], "{result}");
    let edit = scene.now("rita", &id, "edit", json!({"text": r#"{"label":"a"}"#})).await;
    refused(&edit, 400, "invalid_request");
    assert_eq!(edit.body["errors"][0]["field"], "text", "{}", edit.text);
    let edit = scene.now("rita", &id, "edit", json!({"text": r#"{"label":"a","score":2}"#})).await;
    assert_eq!(edit.status, 200, "{}", edit.text);
    let approve = scene.now("remy", &id, "approve", json!({})).await;
    assert_eq!(approve.body["status"], "completed", "{}", approve.text);
    assert_eq!(scene.structured(&id).await.text, r#"{"label":"a","score":2}"#);
}

#[tokio::test]
async fn a_type_may_say_that_an_answer_that_misses_its_schema_is_tried_again() {
    let (wrong, right) = (r#"{"label":"z"}"#, r#"{"label":"a","score":1}"#);
    let look = move |number, id: String| {
        let output = json!([message("final_answer", if number == 1 { wrong } else { right })]);
        (
            StatusCode::OK,
            json!({"id": id, "status": "completed", "output": output, "usage": {"input_tokens": 9, "output_tokens": 9}}),
        )
    };
    let (provider, asked) = server(|number, _| queued(number), look).await;
    let scene = Scene::with(provider).await;
    let retry = json!({"retry": {"attempts": 3, "gaps_seconds": {"invalid_output": [5]}}});
    assert_eq!(scene.set_type("ada", "label", &labels(retry)).await.status, 200);
    let id = scene.labeled().await;
    scene.pass(300).await;
    scene.ended(&id, "completed").await;
    assert_eq!((scene.see(&id).await["attempt"].clone(), asked.starts()), (json!(2), 2));
}

#[tokio::test]
async fn a_schema_is_refused_by_its_place_and_strict_where_the_provider_takes_it_so() {
    let scene = Scene::new().await;
    let set = async |more: Value| scene.set_type("ada", "label", &labels(more)).await;
    let strict = set(json!({})).await;
    assert_eq!((strict.status, &strict.body["output_strict"]), (200, &json!(true)), "{}", strict.text);
    let open = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    let lax = set(json!({"output_schema": open})).await;
    assert_eq!((lax.status, &lax.body["output_strict"]), (200, &json!(false)), "{}", lax.text);
    for (more, field) in [
        (json!({"output_schema": open, "output_strict": true}), "output_schema/additionalProperties"),
        (
            json!({"output_schema": {"type": "object", "properties": {"x": {"$ref": "https://example.com/x"}}}}),
            "output_schema/properties/x/$ref",
        ),
        (json!({"output_schema": {"type": "array"}}), "output_schema/type"),
        (json!({"output_schema": "x"}), "output_schema"),
        (json!({"output_schema": null, "output_strict": true}), "output_strict"),
        (json!({"output_strict": "yes"}), "output_strict"),
    ] {
        let answer = set(more).await;
        refused(&answer, 400, "invalid_request");
        assert_eq!(answer.body["errors"][0]["field"], field, "{}", answer.text);
    }
}

#[tokio::test]
async fn the_simulated_provider_answers_a_schema_with_an_object_that_keeps_it() {
    let scene = Scene::new().await;
    assert_eq!(scene.set_type("ada", "label", &labels(json!({}))).await.status, 200);
    let id = scene.labeled().await;
    scene.pass(60).await;
    scene.ended(&id, "completed").await;
    assert_eq!(scene.structured(&id).await.text, r#"{"label":"a","score":0}"#);
}
