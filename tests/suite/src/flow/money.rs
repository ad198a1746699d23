//! Money through the whole product: what an answer leaves uncounted is never shown as known, and what could cost more
//! than its type allows is not begun.

use openai_simulator::Plans;
use serde_json::{Value, json};

use super::Scene;

/// A type of the workspace's own whose runs end by these plans.
async fn typed(scene: &Scene, name: &str, fields: Value, plans: Value) {
    let mut body =
        json!({"description": "d", "lane": "background", "model": "gpt-6.1-terra", "instructions": "Answer."});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let set = scene.set_type("ada", name, &body.to_string()).await;
    assert_eq!(set.status, 200, "{}", set.text);
    scene.world.simulator().unwrap().plan_by_type(Plans::parse(&json!({name: plans})).unwrap());
}

async fn create(scene: &Scene, name: &str, more: Value) -> Result<String, Value> {
    let mut body = json!({"type": name, "input": "The parties agree."});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = scene.world.create("acme", "alice", None, &body.to_string()).await.unwrap();
    if answer.status == 202 { Ok(answer.body["id"].as_str().unwrap().to_owned()) } else { Err(answer.body) }
}

/// A completed answer with these fields, and a thousand tokens in and a hundred out.
fn ending(fields: Value) -> Value {
    let mut all = json!({
        "model": "gpt-6.1-terra", "service_tier": "default",
        "usage": {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100},
    });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"life": [{"status": "completed", "fields": all}]})
}

fn beside_text(item: Value) -> Value {
    let content = json!([{"type": "output_text", "text": "It says so.", "annotations": []}]);
    json!([item, {"type": "message", "id": "msg_1", "role": "assistant", "content": content}])
}

#[tokio::test]
async fn what_an_answer_leaves_uncounted_is_never_shown_as_known() {
    let interpreter = json!([{"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "64g"}}]);
    let ran = json!({"type": "code_interpreter_call", "id": "ci_1", "container_id": "cntr_1", "code": "1"});
    let searched = json!({"type": "web_search_call", "id": "ws_1", "status": "completed"});
    let writes = json!({"input_tokens": 100_000, "output_tokens": 100, "total_tokens": 100_100,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 100_000,
            "cache_write_tokens_details": {"ttl_30m_tokens": 0, "ttl_12h_tokens": 100_000}}});
    let cases = [
        ("plain", json!({}), "0.001500", "known"),
        ("no tool usage", json!({"output": beside_text(searched), "tool_usage": null}), "0.011500", "estimated"),
        (
            "file search",
            json!({"output": beside_text(json!({"type": "file_search_call", "id": "fs_1"}))}),
            "0.004000",
            "estimated",
        ),
        ("container", json!({"output": beside_text(ran), "tools": interpreter}), "1.921500", "estimated"),
        ("ultrafast", json!({"model": "gpt-6-astra", "service_tier": "ultrafast"}), "0.090000", "known"),
        ("hyperfast", json!({"service_tier": "hyperfast"}), "0.001500", "unknown"),
        ("twelve hours", json!({"usage": writes}), "0.200500", "estimated"),
        ("promotion", json!({"model": "gpt-5.6-sol"}), "0.006000", "known"),
        ("another server's", json!({"model": "llama"}), "0.000000", "unknown"),
        (
            "no tokens",
            json!({"usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}}),
            "0.000000",
            "unknown",
        ),
        (
            "image",
            json!({"output": beside_text(json!({"type": "image_generation_call", "id": "ig_1"}))}),
            "0.001500",
            "unknown",
        ),
    ];
    let scene = Scene::new().await;
    for (number, (what, fields, usd, state)) in cases.into_iter().enumerate() {
        let name = format!("priced-{number}");
        typed(&scene, &name, json!({}), ending(fields)).await;
        let id = create(&scene, &name, json!({})).await.unwrap();
        scene.pass(60).await;
        let job = scene.see(&id).await;
        assert_eq!(
            (&job["status"], &job["cost"]),
            (&json!("completed"), &json!({"usd": usd, "state": state})),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_type_with_a_small_limit_posts_no_run_that_could_cost_more() {
    let scene = Scene::new().await;
    let overridable =
        json!({"model": ["gpt-6-astra"], "service_tier": ["priority"], "max_output_tokens": {"max": 128_000}});
    typed(&scene, "cheap", json!({"cost_limit_usd": "0.000001", "overridable": overridable}), json!("default")).await;
    let all = json!({"overrides": {"model": "gpt-6-astra", "service_tier": "priority", "max_output_tokens": 128_000}});
    let refused = create(&scene, "cheap", all).await.unwrap_err();
    let error = &refused["errors"][0];
    assert_eq!((&refused["code"], &error["field"]), (&json!("invalid_request"), &json!("overrides.max_output_tokens")));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("could cost $12.80") && message.contains("limit is $0.000001"), "{message}");
    assert_eq!(create(&scene, "cheap", json!({})).await.unwrap_err()["errors"][0]["field"], "input");
    scene.pass(60).await;
    assert_eq!(scene.posts(), 0);
}

#[tokio::test]
async fn another_attempt_that_could_pass_the_limit_is_not_begun_and_says_so() {
    let scene = Scene::new().await;
    // Each attempt could cost eight cents, and the first one does.
    let usage = json!({"input_tokens": 1_000, "output_tokens": 16_000, "total_tokens": 17_000});
    let fails = json!({"life": [{"status": "failed", "error": "server_error", "fields": {"usage": usage}}]});
    typed(&scene, "limited", json!({"cost_limit_usd": "0.16"}), fails).await;
    let id = create(&scene, "limited", json!({})).await.unwrap();
    scene.pass(600).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["reason"]["code"]), (&json!("failed"), &json!("over_budget")));
    assert_eq!((&job["attempt"], &job["cost"]), (&json!(2), &json!({"usd": "0.081000", "state": "known"})));
    assert_eq!(
        job["attention"],
        json!({"code": "over_budget", "since": job["attention"]["since"], "next_step": "archive"})
    );
    assert_eq!(scene.posts(), 1);
}

#[tokio::test]
async fn a_model_of_another_server_runs_where_its_type_says_so_and_costs_nobody_knows_what() {
    let scene = Scene::new().await;
    typed(&scene, "other", json!({"model": "llama", "allow_unpriced": true}), json!("default")).await;
    let id = create(&scene, "other", json!({})).await.unwrap();
    scene.pass(60).await;
    let job = scene.see(&id).await;
    assert_eq!((&job["status"], &job["cost"]["state"]), (&json!("completed"), &json!("unknown")));
    let limited = json!({"description": "d", "lane": "background", "model": "llama", "instructions": "i",
        "allow_unpriced": true, "cost_limit_usd": "1"});
    let refused = scene.set_type("ada", "other", &limited.to_string()).await;
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["field"]),
        (400, &json!("cost_limit_usd")),
        "{}",
        refused.text
    );
    let review = json!({"when": {"cost_over_usd": "1"}});
    typed(&scene, "watched", json!({"model": "llama", "allow_unpriced": true, "review": review}), json!("default"))
        .await;
    let id = create(&scene, "watched", json!({})).await.unwrap();
    scene.pass(60).await;
    assert_eq!(scene.see(&id).await["status"], "needs_review", "it counts as over every limit");
}

#[tokio::test]
async fn what_is_canceled_is_estimated_by_its_own_request() {
    let scene = Scene::new().await;
    typed(&scene, "long", json!({}), json!("in-progress-forever")).await;
    let id = create(&scene, "long", json!({"overrides": {"max_output_tokens": 100}})).await.unwrap();
    scene.pass(10).await;
    let canceled = scene.does("alice", &id, "cancel").await;
    // 100 tokens at 5 dollars, and 41 at 1.25: 18 bytes, 7 of instructions, 16 around them.
    assert_eq!(canceled["cost"], json!({"usd": "0.00055125", "state": "estimated"}));
}
