//! Answers with tools: what was searched, found, run and called, and what the text cites of it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::OpenAi;
use crate::{Mode, Plan};

fn all<'a>(response: &'a Value, kind: &str) -> Vec<&'a Value> {
    response["output"].as_array().unwrap().iter().filter(|item| item["type"] == kind).collect()
}

/// What an annotation is about, by its own span in characters.
fn cited(text: &str, note: &Value) -> String {
    let at = |name: &str| usize::try_from(note[name].as_u64().unwrap()).unwrap();
    text.chars().skip(at("start_index")).take(at("end_index") - at("start_index")).collect()
}

#[tokio::test]
async fn research_searches_calls_runs_code_and_cites_in_all_four_ways() {
    let openai = OpenAi::start(Mode::Step).await;
    let response = openai.ended("research", json!({})).await;
    let search = &all(&response, "web_search_call")[0]["action"];
    assert_eq!((search["queries"].as_array().unwrap().len(), search["sources"].as_array().unwrap().len()), (2, 3));
    assert_eq!(all(&response, "file_search_call")[0]["results"][0]["filename"], json!("contract.pdf"));
    let code = all(&response, "code_interpreter_call")[0];
    assert_eq!(code["outputs"][0], json!({"type": "logs", "logs": "148.4\n"}));
    let calls = all(&response, "mcp_call");
    assert_eq!((&calls[0]["arguments"], &calls[0]["output"]), (&json!("{\"year\":2025}"), &json!("{\"gw\":78.4}")));
    assert_eq!(calls[1]["error"]["type"], json!("mcp_tool_execution_error"));
    assert_eq!(all(&response, "reasoning").len(), 1);
    let [commentary, answer] = all(&response, "message").try_into().unwrap();
    assert_eq!((&commentary["phase"], &answer["phase"]), (&json!("commentary"), &json!("final_answer")));

    let text = answer["content"][0]["text"].as_str().unwrap();
    assert!(text.len() > text.chars().count() && text.chars().count() < text.encode_utf16().count());
    let notes = answer["content"][0]["annotations"].as_array().unwrap();
    let kinds: BTreeSet<_> = notes.iter().map(|note| note["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["container_file_citation", "file_citation", "file_path", "url_citation"]));
    assert_eq!(cited(text, &notes[0]), "([example.com](https://example.com/wind))");
    let file = notes.iter().find(|note| note["type"] == "container_file_citation").unwrap();
    assert_eq!(cited(text, file), "[wind.csv](sandbox:/mnt/data/wind.csv)");
    assert_eq!(file["container_id"], code["container_id"]);
    let path =
        format!("containers/{}/files/{}", file["container_id"].as_str().unwrap(), file["file_id"].as_str().unwrap());
    assert_eq!(openai.get(&path).await["path"], json!("/mnt/data/wind.csv"));
    let content = openai.call(Method::GET, &format!("{path}/content")).send().await.unwrap();
    assert!(content.text().await.unwrap().starts_with("year,gw\n"));
}

#[tokio::test]
async fn research_keeps_the_schema_that_is_asked_for_and_cites_inside_it() {
    let openai = OpenAi::start(Mode::Step).await;
    let schema = json!({"type": "object", "properties": {
        "summary": {"type": "string"},
        "findings": {"type": "array", "items": {"type": "object", "properties": {
            "text": {"type": "string"},
            "source_url": {"type": "string"},
        }}},
    }});
    let format = json!({"format": {"type": "json_schema", "name": "report", "schema": schema}});
    let response = openai.ended("research", json!({"text": format})).await;
    let part = &all(&response, "message")[1]["content"][0];
    let text = part["text"].as_str().unwrap();
    let report: Value = serde_json::from_str(text).unwrap();
    assert_eq!(report["findings"][0]["source_url"], json!("https://example.com/wind"));
    assert_eq!(cited(text, &part["annotations"][0]), "https://example.com/wind");
    let end = text.chars().count() as u64;
    assert!(part["annotations"].as_array().unwrap().iter().all(|note| note["end_index"].as_u64().unwrap_or(0) <= end));
}

#[tokio::test]
async fn every_span_of_every_plan_lies_inside_its_text_and_names_what_is_there() {
    let openai = OpenAi::start(Mode::Step).await;
    for plan in Plan::ALL.iter().filter(|plan| plan.is_named() && plan.name() != "files-10000") {
        let made = openai.call(Method::POST, "responses");
        let made = made.json(
            &json!({"model": "gpt-6.1-terra", "input": "x", "background": true, "metadata": {"plan": plan.name()}}),
        );
        let Ok(made) = made.send().await.unwrap().json::<Value>().await else { continue };
        let Some(id) = made["id"].as_str() else { continue };
        openai.simulator.drain();
        let look = openai.call(Method::GET, &format!("responses/{id}")).send().await.unwrap();
        let Ok(response) = look.json::<Value>().await else { continue };
        for message in all(&response, "message") {
            for part in message["content"].as_array().unwrap() {
                let Some(text) = part["text"].as_str() else { continue };
                for note in part["annotations"].as_array().unwrap().iter().filter(|note| note["end_index"].is_u64()) {
                    let cited = cited(text, note);
                    assert!(!cited.is_empty(), "{} {note}", plan.name());
                    let name = note["filename"].as_str().unwrap_or_default();
                    assert!(cited.contains(name), "{} cites {cited:?} as {name:?}", plan.name());
                }
            }
        }
        assert!(!response.to_string().contains("{container}"), "{}", plan.name());
    }
}

#[tokio::test]
async fn an_image_is_put_out_and_a_large_answer_has_20_mb() {
    let openai = OpenAi::start(Mode::Step).await;
    let image = openai.ended("image-only", json!({})).await;
    assert!(image["output"][0]["result"].as_str().unwrap().starts_with("iVBOR"));
    let large = openai.ended("large-answer", json!({})).await;
    let text = all(&large, "message")[0]["content"][0]["text"].as_str().unwrap().len();
    assert!((20_000_000..21_000_000).contains(&text), "{text}");
}
