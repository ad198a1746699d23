//! How the simulated provider announces an end: signed, retried, doubled, early or never.

use std::sync::atomic::Ordering::SeqCst;

use local::simulator::{Mode, Plan};
use serde_json::{Value, json};

use super::{OpenAi, header};

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
