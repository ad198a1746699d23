//! The local identity provider's tokens, and the ones that it must refuse.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use local::identity::{AUDIENCE, Denied, ISSUER, Identity};
use serde_json::{Value, json};

use super::NOON_S;

fn identity() -> Identity {
    Identity::open(tempfile::tempdir().unwrap().path()).unwrap()
}

fn claims() -> Value {
    json!({"sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "iat": NOON_S, "exp": NOON_S + 60})
}

/// The token for good claims with one of them replaced, or removed when the value is null.
fn with(identity: &Identity, name: &str, value: Value) -> String {
    let mut claims = claims();
    let fields = claims.as_object_mut().unwrap();
    match value {
        Value::Null => fields.remove(name),
        value => fields.insert(name.to_owned(), value),
    };
    identity.sign(&claims).unwrap()
}

#[test]
fn a_token_says_who_carries_it_until_it_expires() {
    let identity = identity();
    let token = identity.token("alice", Duration::from_secs(60), NOON_S).unwrap();
    let found = identity.verify(&token, NOON_S).unwrap();
    assert_eq!(Value::Object(found), claims());
    assert!(identity.verify(&token, NOON_S + 59).is_ok());
    assert!(matches!(identity.verify(&token, NOON_S + 60), Err(Denied::Expired)));
    assert!(matches!(identity.verify(&token, NOON_S - 1), Err(Denied::TooEarly)));
}

#[test]
fn a_token_of_another_issuer_for_another_audience_or_without_an_end_is_refused() {
    let identity = identity();
    for (name, value) in [
        ("iss", json!("https://lanekeeper.local")),
        ("iss", json!(7)),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("aud", json!(7)),
        ("aud", Value::Null),
        ("exp", Value::Null),
        ("exp", json!("never")),
    ] {
        let token = with(&identity, name, value.clone());
        assert!(matches!(identity.verify(&token, NOON_S), Err(Denied::Invalid(_))), "{name}: {value}");
    }
    assert!(identity.verify(&with(&identity, "aud", json!(["another", AUDIENCE])), NOON_S).is_ok());
    assert!(matches!(identity.verify(&with(&identity, "nbf", json!(NOON_S + 1)), NOON_S), Err(Denied::TooEarly)));
    assert!(identity.verify(&with(&identity, "nbf", json!(NOON_S)), NOON_S).is_ok());
}

#[test]
fn a_token_that_is_not_signed_with_rs256_is_refused() {
    let identity = identity();
    let key = &identity.key_set()["keys"][0];
    let unsigned = |header: Value| {
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims().to_string()))
    };
    for algorithm in ["none", "None", "NONE", ""] {
        let token = unsigned(json!({"alg": algorithm, "typ": "JWT", "kid": key["kid"]}));
        assert!(identity.verify(&token, NOON_S).is_err(), "{algorithm}");
    }

    let modulus = key["n"].as_str().unwrap();
    let public = [modulus.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(modulus).unwrap(), key.to_string().into_bytes()];
    let header = Header { kid: key["kid"].as_str().map(str::to_owned), ..Header::new(Algorithm::HS256) };
    for secret in public {
        let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
        assert!(matches!(identity.verify(&token, NOON_S), Err(Denied::Invalid(_))));
    }
}

#[test]
fn a_token_of_another_key_or_with_another_body_is_refused() {
    let (identity, other) = (identity(), self::identity());
    let token = identity.sign(&claims()).unwrap();
    assert!(other.verify(&token, NOON_S).is_err());

    let parts: Vec<_> = token.split('.').collect();
    let mut body = claims();
    body["sub"] = json!("rita");
    let forged = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(body.to_string()), parts[2]);
    assert!(identity.verify(&forged, NOON_S).is_err());
    for text in ["", ".", "..", "a.b.c", "a.b.c.d", parts[0]] {
        assert!(identity.verify(text, NOON_S).is_err(), "{text}");
    }
}

#[test]
fn all_who_open_a_folder_have_the_same_key_and_nobody_else_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new");
    let open = || Identity::open(&path).unwrap().key_set();
    let keys = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!(open(), keys[0]);

    let files: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["identity.pk8"]);
    let mode = std::fs::metadata(path.join("identity.pk8")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // A token may be asked for before anything else makes the folder that prompts come to lie in.
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_folder_with_a_damaged_key_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("identity.pk8"), "damaged").unwrap();
    assert!(Identity::open(folder.path()).is_err());
}

#[test]
fn the_discovery_document_leads_to_the_key_set() {
    let identity = identity();
    let document = identity.discovery("http://127.0.0.1:8080/");
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(document["jwks_uri"], "http://127.0.0.1:8080/.well-known/jwks.json");
    let key = &identity.key_set()["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], &key["e"]), (&json!("RSA"), &json!("RS256"), &json!("AQAB")));
}
