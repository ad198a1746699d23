//! Files and images in a request, inline and by their ids.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use super::{OpenAi, good, refused};
use crate::Mode;

fn with(part: Value) -> Value {
    let content = json!([{"type": "input_text", "text": "Read this."}, part]);
    json!({"model": "gpt-6.1-terra", "background": true, "input": [{"role": "user", "content": content}]})
}

#[tokio::test]
async fn a_pdf_of_20_mb_is_taken_inline_and_counts_as_no_text() {
    let openai = OpenAi::start(Mode::Step).await;
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.resize(20 * 1024 * 1024, b'.');
    let data = format!("data:application/pdf;base64,{}", STANDARD.encode(pdf));
    let made =
        openai.post("responses", with(json!({"type": "input_file", "filename": "a.pdf", "file_data": data}))).await;
    openai.simulator.drain();
    let id = made["id"].as_str().unwrap();
    let tokens = openai.get(&format!("responses/{id}")).await["usage"]["input_tokens"].as_u64().unwrap();
    assert!(tokens < 2_000, "{tokens}");
    let kept = openai.get(&format!("responses/{id}/input_items")).await;
    assert!(kept.to_string().len() < 1_000, "what was sent inline is not kept");
}

#[tokio::test]
async fn a_file_is_named_by_an_id_that_exists() {
    let openai = OpenAi::start(Mode::Step).await;
    let file = good(openai.upload("a.pdf", "user_data", "", "%PDF-1.7")).await;
    let named = |id: &Value| with(json!({"type": "input_file", "file_id": id}));
    openai.post("responses", named(&file["id"])).await;
    let (status, error) = refused(openai.call(Method::POST, "responses").json(&named(&json!("file-unknown")))).await;
    assert_eq!((status, &error["param"]), (400, &json!("input[0].content[1].file_id")));
    let image = with(json!({"type": "input_image", "file_id": "file-unknown"}));
    assert_eq!(refused(openai.call(Method::POST, "responses").json(&image)).await.0, 400);
    good(openai.call(Method::DELETE, &format!("files/{}", file["id"].as_str().unwrap()))).await;
    assert_eq!(refused(openai.call(Method::POST, "responses").json(&named(&file["id"]))).await.0, 400);
}

#[tokio::test]
async fn what_is_no_file_or_image_is_refused_by_the_place_where_it_stands() {
    let openai = OpenAi::start(Mode::Step).await;
    for (part, name) in [
        (
            json!({"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}),
            "file_data",
        ),
        (json!({"type": "input_image", "image_url": "data:image/png;base64,aGk="}), "image_url"),
    ] {
        let (status, error) = refused(openai.call(Method::POST, "responses").json(&with(part))).await;
        assert_eq!((status, &error["param"]), (400, &json!(format!("input[0].content[1].{name}"))));
    }
}
