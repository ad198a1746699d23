//! The provider's own books, with an admin key.

use reqwest::Method;
use serde_json::{Value, json};

use super::batch::line;
use super::{HOUR_MS, NOON_MS, OpenAi, good, refused};
use crate::Mode;

const ADMIN_KEY: &str = "sk-admin";

impl OpenAi {
    async fn books(&self, path: &str) -> Value {
        let url = format!("{}/v1/organization/{path}", self.address);
        good(self.client.get(url).bearer_auth(ADMIN_KEY)).await
    }
}

#[tokio::test]
async fn usage_and_costs_are_what_the_ledger_says() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.simulator.admin_key(ADMIN_KEY);
    let day = NOON_MS / 1000 - 43_200;
    openai.ended("default", json!({"model": "gpt-6-sol"})).await;
    openai.ended("default", json!({"model": "gpt-6-sol", "service_tier": "fast"})).await;
    openai.ended("fails", json!({"model": "gpt-6-luna", "input": "x".repeat(4_000)})).await;
    openai.ended("research", json!({})).await;
    openai.wait_ms(24 * HOUR_MS);
    let batch = openai.batch("", &line("a", json!({}))).await;
    openai.simulator.drain();
    openai.wait_ms(1_000);

    let page =
        openai.books(&format!("usage/completions?start_time={day}&group_by[]=model&group_by[]=service_tier")).await;
    assert_eq!((&page["object"], &page["has_more"]), (&json!("page"), &json!(false)));
    let results = page["data"][0]["results"].as_array().unwrap();
    let of = |model: &str, tier: &str| {
        results.iter().find(|result| result["model"] == model && result["service_tier"] == tier).unwrap()
    };
    assert_eq!(of("gpt-6-sol", "default")["num_model_requests"], json!(1));
    assert_eq!(of("gpt-6-luna", "default")["input_tokens"], json!(1_000));
    let ledger = openai.simulator.ledger();
    let input: usize = ledger.responses.iter().filter_map(|entry| Some(entry.usage.as_ref()?.input_tokens)).sum();
    let booked: u64 = results.iter().map(|result| result["input_tokens"].as_u64().unwrap()).sum();
    assert_eq!(booked, input as u64);
    assert_eq!(of("gpt-6-sol", "fast")["input_tokens"], of("gpt-6-sol", "default")["input_tokens"]);
    let next_day = &page["data"][1]["results"];
    assert_eq!(next_day[0]["input_tokens"].as_u64(), Some(ledger.batches[0].input_tokens), "{batch}");
    let batches =
        openai.books(&format!("usage/completions?start_time={day}&batch=true&bucket_width=1h&limit=48")).await;
    let seen: Vec<_> =
        batches["data"].as_array().unwrap().iter().filter(|bucket| bucket["results"] != json!([])).collect();
    assert_eq!(seen.len(), 1);

    let costs = openai.books(&format!("costs?start_time={day}&group_by=line_item")).await;
    let lines = costs["data"][0]["results"].as_array().unwrap();
    let dollars = |line: &str| {
        let line = lines.iter().find(|result| result["line_item"] == line).unwrap();
        (line["amount"]["value"].as_f64().unwrap() * 1e9).round()
    };
    assert_eq!(dollars("gpt-6-luna, input"), 100_000.0);
    assert_eq!(dollars("file search tool calls"), 2_500_000.0);
    assert_eq!(dollars("code interpreter sessions"), 30_000_000.0);
    let sol = of("gpt-6-sol", "default")["input_tokens"].as_f64().unwrap();
    assert_eq!(dollars("gpt-6-sol, input"), (sol * 2.0 * 3.0 * 1_000.0).round(), "fast costs twice as much");
    let all = openai.books(&format!("costs?start_time={day}")).await;
    assert_eq!(all["data"][0]["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pages_of_buckets_follow_each_other() {
    let openai = OpenAi::start(Mode::Step).await;
    openai.simulator.admin_key(ADMIN_KEY);
    let start = NOON_MS / 1000 - 10 * 86_400;
    let first = openai.books(&format!("costs?start_time={start}&limit=7")).await;
    assert_eq!((first["data"].as_array().unwrap().len(), &first["has_more"]), (7, &json!(true)));
    let page = first["next_page"].as_str().unwrap();
    let second = openai.books(&format!("costs?start_time={start}&limit=7&page={page}")).await;
    assert_eq!(second["data"][0]["start_time"], first["data"][6]["end_time"]);
    assert_eq!((&second["has_more"], &second["next_page"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn the_books_are_closed_to_every_other_key() {
    let openai = OpenAi::start(Mode::Step).await;
    for path in ["organization/costs?start_time=0", "organization/usage/completions?start_time=0"] {
        assert_eq!(refused(openai.call(Method::GET, path)).await.0, 401);
        openai.simulator.admin_key(ADMIN_KEY);
        assert_eq!(refused(openai.call(Method::GET, path)).await.0, 401);
        let nobody = openai.client.get(format!("{}/v1/{path}", openai.address));
        assert_eq!(refused(nobody).await.0, 401);
    }
    let query =
        |path: &str| openai.client.get(format!("{}/v1/organization/{path}", openai.address)).bearer_auth(ADMIN_KEY);
    for path in [
        "costs",
        "costs?start_time=0&limit=181",
        "costs?start_time=0&bucket_width=1h",
        "costs?start_time=x",
        "costs?start_time=5&end_time=5",
    ] {
        assert_eq!(refused(query(path)).await.0, 400, "{path}");
    }
}
