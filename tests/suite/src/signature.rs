//! The webhook verifier against every published and home-made vector, and against tampering.

use std::collections::HashMap;

use adapters::aws::secrets::SecretVersions;
use adapters::webhook_signature::{SecretError, WebhookSecret, in_use, sign, verify};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

const VECTORS: &str = include_str!("../data/webhook-vectors.jsonl");
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NOW: i64 = 1_795_000_000;

#[derive(Deserialize)]
struct Vector {
    n: String,
    case: String,
    want: String,
    secret: String,
    now: i64,
    headers: HashMap<String, String>,
    body_b64: String,
}

impl Vector {
    fn verdict(&self) -> &'static str {
        let Ok(secret) = WebhookSecret::parse(&self.secret) else {
            return "CONFIG";
        };
        let body = STANDARD.decode(&self.body_b64).unwrap();
        match verify(&[secret], |name| self.headers.get(name).map(String::as_str), &body, self.now) {
            Ok(()) => "ACCEPT",
            Err(_) => "REJECT",
        }
    }
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    let vectors: Vec<Vector> = VECTORS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(vectors.len(), 25);
    let wrong: Vec<String> = vectors
        .iter()
        .filter(|vector| vector.verdict() != vector.want)
        .map(|vector| format!("{} ({}): {} instead of {}", vector.n, vector.case, vector.verdict(), vector.want))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_delivery_signed_with_the_previous_secret_is_accepted_during_rotation() {
    let previous = WebhookSecret::parse(SECRET).unwrap();
    let current = WebhookSecret::parse(&format!("whsec_{}", STANDARD.encode([7; 32]))).unwrap();
    let signature = sign(&previous, "wh_1", NOW, b"{}");
    let timestamp = NOW.to_string();
    let header = |name: &str| match name {
        "webhook-id" => Some("wh_1"),
        "webhook-timestamp" => Some(timestamp.as_str()),
        "webhook-signature" => Some(signature.as_str()),
        _ => None,
    };
    assert_eq!(verify(&[current, previous], header, b"{}", NOW), Ok(()));
}

#[test]
fn a_rotation_that_left_rubbish_behind_keeps_nobody_out() {
    let [next, previous] = [[7; 32], [9; 32]].map(|key| format!("whsec_{}", STANDARD.encode(key)));
    let versions = |current: &str, others: &[&str]| {
        let others = others.iter().map(|text| (*text).to_owned()).collect();
        in_use(&SecretVersions { current: current.to_owned(), others })
    };
    let parsed = |texts: &[&str]| texts.iter().map(|text| WebhookSecret::parse(text)).collect::<Result<Vec<_>, _>>();
    assert_eq!(versions(SECRET, &[]), parsed(&[SECRET]));
    assert_eq!(
        versions(&format!(" {SECRET}\n"), &[&previous, &format!("{next}\n")]),
        parsed(&[SECRET, &previous, &next])
    );
    assert_eq!(versions(SECRET, &["", "to be filled", &previous]), parsed(&[SECRET, &previous]));
    // Without the current one nothing can be taken: the function does not start, and the deployment shows it.
    assert_eq!(versions("to be filled", &[&previous]), Err(SecretError::NoPrefix));
}

#[test]
fn each_unusable_secret_is_refused_with_its_own_cause() {
    let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
    let cause = |text: &str| WebhookSecret::parse(text).err();
    assert_eq!(cause(&of(23)), Some(SecretError::TooShort));
    assert_eq!(cause(&of(24)), None);
    assert_eq!(cause(&of(64)), None);
    assert_eq!(cause(&of(65)), Some(SecretError::TooLong));
    assert_eq!(cause("whsec_"), Some(SecretError::TooShort));
    assert_eq!(cause("whsec_*"), Some(SecretError::NotBase64));
    assert_eq!(cause(&format!("{SECRET}\n")), Some(SecretError::WhiteSpace));
    assert_eq!(cause(SECRET.trim_start_matches("whsec_")), Some(SecretError::NoPrefix));
}

#[test]
fn a_secret_does_not_show_itself_in_debug() {
    let shown = format!("{:?}", WebhookSecret::parse(SECRET).unwrap());
    assert_eq!(shown, "WebhookSecret(redacted)");
}

#[test]
fn a_thousand_random_tamperings_are_all_refused() {
    let secret = [WebhookSecret::parse(SECRET).unwrap()];
    let body = br#"{"id":"evt_1","object":"event","type":"response.completed","data":{"id":"resp_1"}}"#.to_vec();
    let signature = sign(&secret[0], "wh_1", NOW, &body).into_bytes();
    let untouched = [b"wh_1".to_vec(), NOW.to_string().into_bytes(), signature, body];
    let accepted = |parts: &[Vec<u8>; 4]| {
        let text = |index: usize| std::str::from_utf8(&parts[index]).ok();
        let header = |name: &str| match name {
            "webhook-id" => text(0),
            "webhook-timestamp" => text(1),
            "webhook-signature" => text(2),
            _ => None,
        };
        verify(&secret, header, &parts[3], NOW).is_ok()
    };
    assert!(accepted(&untouched));

    let mut dice = Dice(42);
    for round in 0..1_000 {
        let mut parts = untouched.clone();
        let part = dice.below(4);
        let position = dice.below(parts[part].len());
        // Seven bits, so that headers stay text and the refusal is the signature's doing.
        parts[part][position] ^= 1 + dice.below(127) as u8;
        assert!(!accepted(&parts), "round {round}: byte {position} of part {part} was changed unnoticed");
    }
}

/// Knuth's linear congruential generator: the same thousand tamperings at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
