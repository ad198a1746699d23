//! Containers: files that code made, for as long as somebody asks for them.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{MINUTE_MS, OpenAi, good, refused};
use crate::Mode;

/// The container that a response names.
fn container(response: &Value) -> String {
    let items = response["output"].as_array().unwrap();
    let id = items.iter().find_map(|item| item["container_id"].as_str()).unwrap();
    format!("containers/{id}")
}

#[tokio::test]
async fn files_that_code_made_are_listed_page_by_page_and_read() {
    let openai = OpenAi::start(Mode::Step).await;
    let response = openai.ended("files-50", json!({})).await;
    let container = container(&response);
    let shown = openai.get(&container).await;
    assert_eq!((&shown["object"], &shown["memory_limit"]), (&json!("container"), &json!("1g")));
    assert_eq!(shown["expires_after"], json!({"anchor": "last_active_at", "minutes": 20}));

    let (mut paths, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page = openai.get(&format!("{container}/files?order=asc&limit=20{after}")).await;
        for file in page["data"].as_array().unwrap() {
            assert_eq!(openai.get(&format!("{container}/files/{}", file["id"].as_str().unwrap())).await, *file);
            paths.insert(file["path"].as_str().unwrap().to_owned());
        }
        after = format!("&after={}", page["last_id"].as_str().unwrap());
        if page["has_more"] == json!(false) {
            break;
        }
    }
    assert_eq!(paths.len(), 50);
    assert!(paths.contains("/mnt/data/table-50.csv"), "{paths:?}");
    let first = openai.get(&format!("{container}/files?limit=1")).await["data"][0].clone();
    let content = openai.call(Method::GET, &format!("{container}/files/{}/content", first["id"].as_str().unwrap()));
    let content = content.send().await.unwrap();
    assert_eq!(content.headers()["content-type"], "text/csv");
    assert_eq!(content.text().await.unwrap().len() as u64, first["bytes"].as_u64().unwrap());
    let other = openai.ended("files-50", json!({})).await;
    assert_ne!(self::container(&other), container, "each response has a container of its own");
}

#[tokio::test]
async fn a_container_is_gone_twenty_minutes_after_its_last_use() {
    let openai = OpenAi::start(Mode::Step).await;
    let container = container(&openai.ended("research", json!({})).await);
    for path in ["", "/files", ""] {
        openai.wait_ms(19 * MINUTE_MS);
        openai.get(&format!("{container}{path}")).await;
    }
    openai.wait_ms(20 * MINUTE_MS);
    for path in ["", "/files", "/files/cfile_1", "/files/cfile_1/content"] {
        let (status, error) = refused(openai.call(Method::GET, &format!("{container}{path}"))).await;
        assert_eq!((status, &error["message"]), (404, &json!("Container is expired.")));
    }
    assert_eq!(refused(openai.call(Method::GET, "containers/cntr_unknown")).await.0, 404);
}

#[tokio::test]
async fn files_fail_as_their_plans_say() {
    let openai = OpenAi::start(Mode::Step).await;
    for (plan, expected) in [
        ("file-missing", [404, 404, 404]),
        ("file-fails", [500, 500, 500]),
        ("file-fails-at-first", [503, 503, 200]),
        ("file-large", [200, 200, 200]),
    ] {
        let response = openai.ended(plan, json!({})).await;
        let notes = &response["output"][1]["content"][0]["annotations"];
        let at = |note: usize| {
            let file = notes[note]["file_id"].as_str().unwrap();
            openai.call(Method::GET, &format!("{}/files/{file}/content", container(&response)))
        };
        assert_eq!(at(0).send().await.unwrap().text().await.unwrap(), "a,b\n1,2\n", "{plan}");
        for status in expected {
            assert_eq!(at(1).send().await.unwrap().status(), status, "{plan}");
        }
    }
    let response = openai.ended("file-large", json!({})).await;
    let files = openai.get(&format!("{}/files?order=asc", container(&response))).await;
    assert_eq!(files["data"][1]["bytes"], json!(21 * 1024 * 1024));

    let gone = container(&openai.ended("container-gone", json!({})).await);
    assert_eq!(refused(openai.call(Method::GET, &format!("{gone}/files"))).await.0, 404);
    let late = container(&openai.ended("container-fails-at-first", json!({})).await);
    for status in [500, 500, 200] {
        assert_eq!(openai.call(Method::GET, &format!("{late}/files")).send().await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn a_file_can_be_slow_or_cut_off() {
    let openai = OpenAi::start(Mode::Step).await;
    for plan in ["file-slow", "file-cut"] {
        let response = openai.ended(plan, json!({})).await;
        let file = response["output"][1]["content"][0]["annotations"][1]["file_id"].as_str().unwrap().to_owned();
        let call = openai.call(Method::GET, &format!("{}/files/{file}/content", container(&response)));
        let answer = call.timeout(Duration::from_millis(300)).send().await;
        let whole = match answer {
            Ok(answer) => answer.bytes().await.is_ok_and(|bytes| bytes.len() > 4),
            Err(_) => false,
        };
        assert!(!whole, "{plan}");
    }
}

#[tokio::test]
async fn names_sizes_and_media_types_of_hostile_files_lie() {
    let openai = OpenAi::start(Mode::Step).await;
    let container = container(&openai.ended("hostile-files", json!({})).await);
    let page = good(openai.call(Method::GET, &format!("{container}/files?order=asc&limit=100"))).await;
    let files = page["data"].as_array().unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    for part in ["../../etc/passwd", "\u{202e}", "\r\n", "/etc/shadow"] {
        assert!(paths.iter().any(|path| path.contains(part)), "{part:?}");
    }
    let kind = async |name: &str| {
        let file = files.iter().find(|file| file["path"] == json!(format!("/mnt/data/{name}"))).unwrap();
        let call = openai.call(Method::GET, &format!("{container}/files/{}/content", file["id"].as_str().unwrap()));
        let answer = call.send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.bytes().await.unwrap().len() as u64, file["bytes"].as_u64().unwrap())
    };
    assert_eq!(kind("picture.png").await.0, "image/png");
    let (_, real, listed) = kind("lie.txt").await;
    assert_eq!((real, listed), (5_000, 1));
}
