//! Plans by job type: names, lists of them, scripts of one's own, and the mistakes in them.

use openai_simulator::{Mode, Plan, Plans};
use serde_json::{Value, json};

use super::OpenAi;

#[test]
fn every_plan_has_a_word_that_reads_back_and_a_sentence_of_its_own() {
    for plan in Plan::ALL {
        assert_eq!(json!(plan), plan.name());
        assert_eq!(serde_json::from_value::<Plan>(json!(plan.name())).unwrap(), *plan);
        assert!(
            plan.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            plan.name()
        );
        assert!(plan.sentence().ends_with('.'), "{}", plan.sentence());
    }
}

#[tokio::test]
async fn a_list_is_walked_through_response_by_response_and_its_last_repeats() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.simulator.plan_by_type(Plans::parse(&json!({"report": ["fails", "incomplete", "default"]})).unwrap());
    let mut statuses = vec![];
    for _ in 0..4 {
        let id = openai.create(json!({"metadata": {"job_type": "report"}})).await["id"].as_str().unwrap().to_owned();
        openai.simulator.drain();
        statuses.push(openai.get(&id).await["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(statuses, ["failed", "incomplete", "completed", "completed"]);
}

#[tokio::test]
async fn a_script_of_ones_own_says_how_the_call_is_answered_and_what_looks_show() {
    let openai = OpenAi::start(Mode::Auto { queued_ms: 1_000, run_ms: 4_000 }).await;
    let script = json!({
        "create": {"status": 503, "code": "mine", "retry_after_seconds": 9, "created": true, "times": 1},
        "life": [
            {"status": "in_progress", "after_ms": 500},
            {
                "status": "completed",
                "after_ms": 2_000,
                "text": "My own.",
                "usage": {"input_tokens": 1},
                "fields": {"model": "mine", "user": null},
            },
        ],
        "webhooks": {"copies": 2, "delay_ms": 100},
    });
    openai.send(openai.client.put(openai.at("/simulator/plans")).json(&json!({"report": script}))).await;
    let request = json!({"metadata": {"job_id": "job_1", "job_type": "report"}});
    let refused = openai.post(request.clone()).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"9".parse().unwrap()));
    assert_eq!(refused.json::<Value>().await.unwrap()["error"]["code"], "mine");
    openai.create(request).await;

    let ids: Vec<_> = openai.simulator.ledger().responses.into_iter().map(|response| response.id).collect();
    let [refused, accepted] = ids.as_slice() else { panic!("{ids:?}") };
    openai.wait_ms(500);
    openai.simulator.tick().await;
    assert_eq!(openai.get(refused).await["status"], "in_progress");
    openai.wait_ms(2_000);
    openai.simulator.tick().await;
    assert_eq!(openai.deliveries().len(), 0);
    openai.wait_ms(100);
    openai.simulator.tick().await;
    assert_eq!(openai.deliveries().len(), 4);
    let done = openai.get(accepted).await;
    assert_eq!(done["output"][1]["content"][0]["text"], "My own.");
    assert_eq!((&done["model"], &done["usage"]), (&json!("mine"), &json!({"input_tokens": 1})));
    assert_eq!((done.get("user"), &done["status"]), (None, &json!("completed")));
}

#[tokio::test]
async fn a_mistake_is_refused_by_the_name_of_the_job_type_and_of_the_field() {
    let table = [
        (json!([]), "JSON object"),
        (json!({"report": "flies"}), "report: there is no plan `flies`"),
        (json!({"report": []}), "report: the list is empty"),
        (json!({"report": 7}), "report: it must be the name of a plan"),
        (json!({"report": ["fails", ["fails"]]}), "report: number 2: it must be the name of a plan"),
        (json!({"report": {"lives": []}}), "report: unknown field `lives`"),
        (json!({"report": {"create": {"state": 503}}}), "report: unknown field `state`"),
        (json!({"report": {"create": {"status": 99}}}), "report: `status` of `create`"),
        (json!({"report": {"create": {"status": 503, "trouble": "drip"}}}), "exclude each other"),
        (json!({"report": {"create": {"trouble": "rain"}}}), "report: unknown variant `rain`"),
        (json!({"report": {"create": {"created": true}}}), "report: `created` and `times` need"),
        (json!({"report": {"create": {"code": "x", "trouble": "drip"}}}), "report: `code` and"),
        (json!({"report": {"life": [{"after_ms": 1}]}}), "report: missing field `status`"),
        (json!({"report": {"life": [{"status": "done"}]}}), "report: unknown variant `done`"),
        (json!({"report": {"webhooks": {"copies": -1}}}), "report: invalid value"),
    ];
    let openai = OpenAi::start(Mode::Step).await;
    for (plans, words) in table {
        let why = Plans::parse(&plans).unwrap_err().to_string();
        assert!(why.contains(words), "{plans}: {why}");
        let refused = openai.client.put(openai.at("/simulator/plans")).json(&plans).send().await.unwrap();
        assert_eq!(refused.status(), 400);
    }
}
