//! How the simulated provider announces an end: signed, retried, doubled, early or never.

use std::sync::atomic::Ordering::SeqCst;

use adapters::webhook_signature::{WebhookSecret, verify};
use openai_simulator::{Mode, Plan, WebhookDelivery};
use serde_json::{Value, json};

use super::{NOON_MS, OpenAi, PREVIOUS_SECRET, header};

#[tokio::test]
async fn the_webhook_is_signed_and_names_the_response() {
    let openai = OpenAi::start(Mode::Step).await;
    let made = openai.create(json!({})).await;
    openai.simulator.drain();
    openai.simulator.tick().await;

    let deliveries = openai.deliveries();
    let [delivery] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!(openai.verified(delivery), Ok(()));
    assert_eq!(header(delivery, "user-agent"), Some("OpenAI/1.0 (simulated)"));
    let event: Value = serde_json::from_slice(&delivery.body).unwrap();
    assert_eq!(event["type"], json!("response.completed"));
    assert_eq!(event["data"], json!({"id": made["id"]}));
}

#[tokio::test]
async fn an_unacknowledged_webhook_comes_again_with_the_same_id_and_a_new_signature() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.create(json!({})).await;
    openai.simulator.drain();
    openai.receiver_answers.store(500, SeqCst);
    for wait_ms in [0, 4_999, 1, 29_999, 1] {
        openai.wait_ms(wait_ms);
        openai.simulator.tick().await;
    }
    let deliveries = openai.deliveries();
    let [first, second, third] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!(header(first, "webhook-id"), header(second, "webhook-id"));
    assert_ne!(header(first, "webhook-signature"), header(second, "webhook-signature"));
    assert_eq!(openai.verified(third), Ok(()));

    for _ in 0..100 {
        openai.wait_ms(3_600_000);
        openai.simulator.tick().await;
    }
    let attempts = openai.simulator.ledger().counts.webhooks;
    assert!((12..20).contains(&attempts), "{attempts} attempts, none of them after 72 hours");
}

#[tokio::test]
async fn plans_make_the_webhook_come_twice_or_never() {
    let openai = OpenAi::start(Mode::Step).await;
    let plans = json!({"report": "webhook-twice", "draft": "webhook-never"});
    openai.send(openai.client.put(openai.at("/simulator/plans")).json(&plans)).await;
    openai.create(json!({"metadata": {"job_type": "draft"}})).await;
    openai.simulator.drain();
    openai.simulator.tick().await;
    assert_eq!(openai.deliveries().len(), 0);

    openai.create(json!({"metadata": {"job_type": "report"}})).await;
    openai.simulator.drain();
    openai.simulator.tick().await;
    let ids: Vec<_> =
        openai.deliveries().iter().map(|delivery| header(delivery, "webhook-id").map(str::to_owned)).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn the_webhook_can_be_there_before_the_create_call_answers() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.simulator.plan_next(Plan::WebhookBeforeAnswer);
    let made = openai.create(json!({})).await;
    assert_eq!(made["status"], json!("completed"));
    assert_eq!(openai.deliveries().len(), 1);
}

#[tokio::test]
async fn a_webhook_can_be_signed_with_the_secret_before_the_last_rotation_or_name_nobody() {
    let openai = OpenAi::start(Mode::Step).await;
    for plan in [Plan::WebhookPreviousSecret, Plan::WebhookUnknownId, Plan::WebhookWrongType, Plan::WebhookForeign] {
        openai.simulator.plan_next(plan);
        openai.create(json!({"metadata": {"job_id": "job_1", "workspace": "acme"}})).await;
    }
    openai.simulator.drain();
    openai.simulator.tick().await;
    let deliveries = openai.deliveries();
    let (previous, now) = (WebhookSecret::parse(PREVIOUS_SECRET).unwrap(), NOON_MS / 1000);
    let by_previous = |delivery: &WebhookDelivery| {
        verify(std::slice::from_ref(&previous), |name| header(delivery, name), &delivery.body, now).is_ok()
    };
    assert_eq!(deliveries.iter().filter(|delivery| by_previous(delivery)).count(), 1);
    let verified = deliveries.iter().filter(|delivery| openai.verified(delivery).is_ok());
    assert_eq!((verified.count(), deliveries.len()), (5, 6), "the last plan has two neighbours");

    let ledger = openai.simulator.ledger();
    let events = deliveries.iter().map(|delivery| serde_json::from_slice::<Value>(&delivery.body).unwrap());
    let events: Vec<_> = events.collect();
    let known = |event: &&Value| ledger.responses.iter().any(|response| event["data"]["id"] == response.id);
    assert_eq!(events.iter().filter(known).count(), 5);
    assert_eq!(events.iter().filter(|event| event["type"] == "response.failed").count(), 1);
    let workspaces: Vec<_> = ledger.responses.iter().map(|response| response.metadata["workspace"].as_str()).collect();
    assert_eq!(workspaces, ["acme", "acme", "acme", "another", "acme", "acme"]);
}

#[tokio::test]
async fn a_late_webhook_comes_after_73_hours_and_a_mute_simulator_sends_none() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.simulator.plan_next(Plan::WebhookLate);
    openai.create(json!({})).await;
    openai.simulator.drain();
    openai.wait_ms(73 * 3_600_000 - 1);
    openai.simulator.tick().await;
    assert_eq!(openai.deliveries().len(), 0);
    openai.wait_ms(1);
    openai.simulator.tick().await;
    assert_eq!(openai.deliveries().len(), 1);

    openai.simulator.mute();
    openai.create(json!({})).await;
    openai.simulator.drain();
    openai.simulator.tick().await;
    assert_eq!(openai.deliveries().len(), 1);
}
