//! The Files API.

use reqwest::Method;
use serde_json::json;

use super::{HOUR_MS, OpenAi, good, refused};
use crate::Mode;

#[tokio::test]
async fn a_file_is_kept_shown_listed_read_and_deleted() {
    let openai = OpenAi::start(Mode::Step).await;
    let text = "{\"a\":1}\r\n{\"b\":\"é\"}\n";
    let file = good(openai.upload("a.jsonl", "batch", "", text)).await;
    let id = file["id"].as_str().unwrap();
    assert!(id.starts_with("file-"), "{file}");
    assert_eq!(
        (&file["object"], &file["filename"], &file["purpose"]),
        (&json!("file"), &json!("a.jsonl"), &json!("batch"))
    );
    assert_eq!(file["bytes"], json!(text.len()));
    assert_eq!(file["expires_at"].as_i64().unwrap() - file["created_at"].as_i64().unwrap(), 30 * 86_400);
    assert_eq!(openai.get(&format!("files/{id}")).await, file);
    let content = openai.call(Method::GET, &format!("files/{id}/content")).send().await.unwrap();
    assert_eq!(content.text().await.unwrap(), text);

    let other = good(openai.upload("b.pdf", "user_data", "", "%PDF-1.7")).await;
    assert_eq!(other["expires_at"], json!(null));
    let page = openai.get("files?limit=1").await;
    assert_eq!((&page["data"][0]["id"], &page["has_more"]), (&other["id"], &json!(true)));
    let page = openai.get(&format!("files?limit=1&after={}", other["id"].as_str().unwrap())).await;
    assert_eq!((&page["data"][0]["id"], &page["has_more"]), (&file["id"], &json!(false)));
    assert_eq!(openai.get("files?purpose=user_data&order=asc").await["data"], json!([other]));
    let forbidden = openai.call(Method::GET, &format!("files/{}/content", other["id"].as_str().unwrap()));
    assert_eq!(refused(forbidden).await.0, 400, "what somebody sent is not given back");

    let gone = good(openai.call(Method::DELETE, &format!("files/{id}"))).await;
    assert_eq!(gone, json!({"id": id, "object": "file", "deleted": true}));
    for (method, path) in [(Method::GET, ""), (Method::GET, "/content"), (Method::DELETE, "")] {
        assert_eq!(refused(openai.call(method, &format!("files/{id}{path}"))).await.0, 404);
    }
    assert_eq!(openai.simulator.ledger().counts.uploads, 2);
}

#[tokio::test]
async fn a_file_is_gone_when_its_time_is_over() {
    let openai = OpenAi::start(Mode::Step).await;
    let more = "--x\r\nContent-Disposition: form-data; name=\"expires_after[anchor]\"\r\n\r\ncreated_at\r\n\
                --x\r\nContent-Disposition: form-data; name=\"expires_after[seconds]\"\r\n\r\n3600\r\n";
    let file = good(openai.upload("a.jsonl", "batch", more, "{}\n")).await;
    let path = format!("files/{}", file["id"].as_str().unwrap());
    openai.wait_ms(HOUR_MS - 1_000);
    openai.get(&path).await;
    openai.wait_ms(1_000);
    assert_eq!(refused(openai.call(Method::GET, &path)).await.0, 404);
    assert_eq!(openai.get("files").await["data"], json!([]));
}

#[tokio::test]
async fn uploads_that_openai_would_refuse_are_refused() {
    let openai = OpenAi::start(Mode::Step).await;
    let too_soon = "--x\r\nContent-Disposition: form-data; name=\"expires_after[anchor]\"\r\n\r\ncreated_at\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"expires_after[seconds]\"\r\n\r\n60\r\n";
    let unknown = "--x\r\nContent-Disposition: form-data; name=\"colour\"\r\n\r\nred\r\n";
    for (request, param) in [
        (openai.upload("a.txt", "batch", "", "{}"), "file"),
        (openai.upload("a.jsonl", "batch", "", ""), "file"),
        (openai.upload("", "user_data", "", "x"), "file"),
        (openai.upload("a.jsonl", "batches", "", "{}"), "purpose"),
        (openai.upload("a.jsonl", "batch", too_soon, "{}"), "expires_after"),
        (openai.upload("a.jsonl", "batch", unknown, "{}"), "colour"),
    ] {
        let (status, error) = refused(request).await;
        assert_eq!((status, &error["param"]), (400, &json!(param)), "{error}");
    }
    assert_eq!(refused(openai.call(Method::POST, "files").json(&json!({}))).await.0, 400);
    assert_eq!(openai.get("files").await["data"], json!([]));
}
