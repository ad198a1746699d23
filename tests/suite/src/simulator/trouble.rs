//! Connections that break, answers that never come, and the responses that nobody can learn of because of them.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use openai_simulator::{Mode, Plan, Plans};
use serde_json::{Value, json};

use super::{BEARER, OpenAi};

/// The bytes that a create call is answered with, up to so many of the body, and what ended them.
pub(super) async fn bytes(openai: &OpenAi, plan: Plan, most: usize) -> (Vec<u8>, Option<ErrorKind>) {
    openai.simulator.plan_next(plan);
    let address = openai.address.trim_start_matches("http://").to_owned();
    let read = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let body = json!({"model": "gpt-5.6", "input": "Hello", "background": true}).to_string();
        let head = format!("POST /v1/responses HTTP/1.1\r\nhost: simulator\r\nauthorization: {BEARER}\r\n");
        write!(stream, "{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let (mut read, mut byte) = (vec![], [0]);
        let (mut end, mut body) = (None, None);
        while body.is_none_or(|start| read.len() < most.saturating_add(start)) {
            match stream.read(&mut byte) {
                Ok(0) => break,
                Ok(_) => {
                    read.push(byte[0]);
                    body = body.or(read.ends_with(b"\r\n\r\n").then_some(read.len()));
                }
                Err(error) => {
                    end = Some(error.kind());
                    break;
                }
            }
        }
        (read, end)
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}

async fn text(openai: &OpenAi, plan: Plan, most: usize) -> (String, Option<ErrorKind>) {
    let (read, end) = bytes(openai, plan, most).await;
    (String::from_utf8(read).unwrap(), end)
}

pub(super) fn length(head: &str) -> usize {
    head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_connection_is_reset_before_the_first_byte_or_ends_inside_the_body() {
    let openai = OpenAi::start(Mode::Step).await;
    let (read, end) = text(&openai, Plan::ResetBeforeBody, usize::MAX).await;
    assert_eq!((read.as_str(), end), ("", Some(ErrorKind::ConnectionReset)));

    let (read, _) = text(&openai, Plan::ResetInsideBody, usize::MAX).await;
    let (head, body) = read.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK") && length(head) > 500, "{head}");
    assert_eq!(body.len(), 20, "{body}");
    assert_eq!(openai.simulator.ledger().undiscoverable.len(), 0, "their webhooks are still to come");
}

#[tokio::test]
async fn a_body_dribbles_and_another_is_half_of_what_it_should_be() {
    let openai = OpenAi::start(Mode::Step).await;
    let (read, end) = text(&openai, Plan::Drip, 30).await;
    let (head, body) = read.split_once("\r\n\r\n").unwrap();
    assert_eq!(end, None);
    assert!(body.len() < length(head) / 2 && body.starts_with('{'), "{read}");

    let (read, end) = text(&openai, Plan::Truncated, usize::MAX).await;
    let (head, body) = read.split_once("\r\n\r\n").unwrap();
    assert_eq!((length(head), end), (body.len(), None));
    assert!(serde_json::from_str::<Value>(body).unwrap_err().is_eof());
}

#[tokio::test]
async fn undiscoverable_is_what_no_answer_told_and_no_webhook_did_or_will() {
    let openai = OpenAi::start(Mode::Step).await;
    let lost = |openai: &OpenAi| openai.simulator.ledger().undiscoverable.len();
    let patience = Duration::from_millis(300);
    openai.create(json!({})).await;
    openai.simulator.plan_next(Plan::Hangs);
    assert!(openai.post(json!({})).timeout(patience).send().await.is_err());
    assert_eq!((lost(&openai), openai.simulator.ledger().responses.len()), (0, 1), "nothing was made");

    openai.simulator.plan_next(Plan::AcceptsAndVanishes);
    assert!(openai.post(json!({})).timeout(patience).send().await.is_err());
    assert_eq!(lost(&openai), 1, "from the first moment on");
    openai.simulator.plan_next(Plan::ServerErrorCreated);
    assert_eq!(openai.post(json!({})).send().await.unwrap().status(), 500);
    assert_eq!(lost(&openai), 1, "it will end, and say so");

    openai.receiver_answers.store(500, SeqCst);
    openai.simulator.drain();
    openai.simulator.tick().await;
    assert_eq!(lost(&openai), 1, "it will say so again");
    for _ in 0..100 {
        openai.wait_ms(3_600_000);
        openai.simulator.tick().await;
    }
    assert_eq!(lost(&openai), 2, "nobody ever took its webhook");

    openai.simulator.plan_next(Plan::ServerErrorCreated);
    openai.post(json!({})).send().await.unwrap();
    openai.simulator.mute();
    assert_eq!(lost(&openai), 3);
    let shown = openai.send(openai.client.get(openai.at("/simulator/ledger"))).await;
    assert_eq!(shown["undiscoverable"], json!(openai.simulator.ledger().undiscoverable));
    assert_eq!(shown["posts_by_attempt"], json!({"job_1-": 5}));
}

#[tokio::test]
async fn looks_fail_for_as_long_as_the_plan_says() {
    let openai = OpenAi::start(Mode::Step).await;
    let plans = json!({"report": ["missing-for-a-while", "looks-fail-for-a-while", "other-id"]});
    openai.simulator.plan_by_type(Plans::parse(&plans).unwrap());
    let mut ids = vec![];
    for _ in 0..3 {
        let made = openai.create(json!({"metadata": {"job_type": "report"}})).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let mut statuses = vec![];
    for id in &ids[..2] {
        for _ in 0..4 {
            let look = openai.client.get(openai.at(&format!("/v1/responses/{id}")));
            statuses.push(look.send().await.unwrap().status().as_u16());
        }
    }
    assert_eq!(statuses, [404, 404, 200, 200, 503, 503, 503, 200]);
    assert_ne!(openai.get(&ids[2]).await["id"], json!(ids[2]));
}
