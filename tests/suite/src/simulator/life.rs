//! How a response of the simulated provider lives and ends, and what its ledger remembers.

use std::time::Duration;

use openai_simulator::{Mode, Plan, Status};
use serde_json::{Value, json};

use super::{NOON_MS, OpenAi};

#[tokio::test]
async fn a_response_lives_step_by_step_from_queued_to_completed() {
    let openai = OpenAi::start(Mode::Step).await;
    let made = openai.create(json!({})).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!((id.len(), &made["status"], &made["usage"]), (55, &json!("queued"), &Value::Null));
    assert_eq!(made["metadata"], json!({"job_id": "job_1"}));

    assert_eq!(openai.simulator.step(id), Some(Status::InProgress));
    assert_eq!(openai.get(id).await["output"], json!([]));
    openai.wait_ms(7_000);
    assert_eq!(openai.simulator.step(id), Some(Status::Completed));
    assert_eq!(openai.simulator.step(id), None);

    let done = openai.get(id).await;
    assert_eq!(done["completed_at"], json!(NOON_MS / 1000 + 7));
    let text = done["output"][1]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("canned") && text.contains("gpt-5.6") && text.contains("11 bytes"), "{text}");
    assert!((500..700).contains(&text.len()), "{}", text.len());
    assert_eq!(done["usage"]["input_tokens"], json!(3));
    assert_eq!(done["usage"]["output_tokens"], json!(text.len().div_ceil(4)));
}

#[tokio::test]
async fn by_the_clock_each_observation_has_its_own_time() {
    let openai = OpenAi::start(Mode::Auto { queued_ms: 1_000, run_ms: 4_000 }).await;
    openai.simulator.plan_next(Plan::Default);
    openai.simulator.plan_next(Plan::Slow);
    let quick = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
    let slow = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();

    openai.wait_ms(1_000);
    openai.simulator.tick().await;
    assert_eq!(openai.get(&quick).await["status"], json!("in_progress"));
    openai.wait_ms(10_000);
    openai.simulator.tick().await;
    let done = openai.get(&quick).await;
    assert_eq!((&done["status"], &done["completed_at"]), (&json!("completed"), &json!(NOON_MS / 1000 + 5)));
    assert_eq!(openai.get(&slow).await["status"], json!("in_progress"));
    openai.wait_ms(10_000);
    openai.simulator.tick().await;
    assert_eq!(openai.get(&slow).await["status"], json!("completed"));
}

#[tokio::test]
async fn cancel_ends_a_running_response_and_leaves_a_finished_one_as_it_is() {
    let openai = OpenAi::start(Mode::Step).await;
    let running = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
    openai.simulator.step(&running);
    assert_eq!(openai.cancel(&running).await["status"], json!("cancelled"));
    assert_eq!(openai.simulator.step(&running), None);

    let finished = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
    openai.simulator.drain();
    let before = openai.get(&finished).await;
    assert_eq!(openai.cancel(&finished).await, before);

    openai.simulator.tick().await;
    let kinds: Vec<Value> = openai
        .deliveries()
        .iter()
        .map(|delivery| serde_json::from_slice::<Value>(&delivery.body).unwrap()["type"].clone())
        .collect();
    assert_eq!(kinds, ["response.cancelled", "response.completed"]);
}

#[tokio::test]
async fn the_ledger_knows_a_response_that_nobody_was_told_of() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.simulator.plan_next(Plan::AcceptsAndNeverAnswers);
    let patience = Duration::from_millis(300);
    assert!(openai.post(json!({})).timeout(patience).send().await.unwrap_err().is_timeout());
    let entry = openai.simulator.ledger().responses.remove(0);
    assert_eq!((entry.told, entry.terminal_status), (false, None));
    assert_eq!(entry.metadata["job_id"], "job_1");

    openai.simulator.drain();
    openai.simulator.tick().await;
    openai.get(&entry.id).await;
    openai.send(openai.client.delete(openai.at(&format!("/v1/responses/{}", entry.id)))).await;
    let gone = openai.client.get(openai.at(&format!("/v1/responses/{}", entry.id)));
    assert_eq!(gone.send().await.unwrap().status(), 404);

    let ledger = openai.send(openai.client.get(openai.at("/simulator/ledger"))).await;
    assert_eq!(
        ledger["counts"],
        json!({"posts": 1, "gets": 2, "cancels": 0, "deletes": 1, "webhooks": 1, "batches": 0, "uploads": 0})
    );
    let entry = &ledger["responses"][0];
    assert_eq!((&entry["told"], &entry["terminal_status"]), (&json!(true), &json!("completed")));
    assert_eq!(entry["usage"]["input_tokens"], json!(3));
}

#[tokio::test]
async fn each_bad_ending_shows_what_the_real_one_would_show() {
    let openai = OpenAi::start(Mode::Step).await;
    let endings = [
        (Plan::Fails, "failed", "/error/code", json!("server_error")),
        (Plan::Incomplete, "incomplete", "/incomplete_details/reason", json!("max_output_tokens")),
        (Plan::Refuses, "completed", "/output/1/content/0/type", json!("refusal")),
        (Plan::EmptyOutput, "completed", "/output", json!([])),
    ];
    for (plan, status, pointer, expected) in endings {
        openai.simulator.plan_next(plan);
        let id = openai.create(json!({})).await["id"].as_str().unwrap().to_owned();
        openai.simulator.drain();
        let ended = openai.get(&id).await;
        assert_eq!((&ended["status"], ended.pointer(pointer)), (&json!(status), Some(&expected)));
    }
}
