//! The local edition's login, step by step as the console and a browser make it, and what it must not give away.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::port::Clock as _;
use domain::value::id::{Digest, Principal, WorkspaceId};
use domain::value::member::{Member, Role};
use local::identity::ISSUER;
use local::world::ProviderChoice;
use reqwest::{Response, Url};
use serde_json::{Value, json};

use super::console::Served;
use crate::flow::Scene;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What a login of the console asks for.
fn login(base: &str) -> Vec<(&'static str, String)> {
    let challenge = URL_SAFE_NO_PAD.encode(Digest::of(VERIFIER.as_bytes()).0);
    vec![
        ("response_type", "code".to_owned()),
        ("client_id", "lanekeeper-console".to_owned()),
        ("redirect_uri", format!("{base}/console/-/callback")),
        ("scope", "openid".to_owned()),
        ("state", "a&b \"<i>".to_owned()),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

fn with(mut parameters: Vec<(&'static str, String)>, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    parameters.retain(|(known, _)| *known != name);
    parameters.push((name, value.to_owned()));
    parameters
}

fn form(parameters: &[(&'static str, String)]) -> String {
    let mut url = Url::parse("http://localhost/").unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    url.query().unwrap().to_owned()
}

impl Served {
    async fn ask(&self, parameters: &[(&'static str, String)]) -> Response {
        self.client.get(format!("{}/authorize?{}", self.base, form(parameters))).send().await.unwrap()
    }

    async fn post(&self, path: &str, parameters: &[(&'static str, String)], headers: &[(&str, &str)]) -> Response {
        let request = self.client.post(format!("{}{path}", self.base)).body(form(parameters));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
    }

    /// A code for this person.
    async fn code(&self, person: &str) -> String {
        let answer = self.post("/authorize", &with(login(&self.base), "as", person), &[("origin", &self.base)]).await;
        assert_eq!(answer.status(), 303);
        parameter(&answer, "code").unwrap()
    }

    fn exchange(&self, code: &str) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", "lanekeeper-console".to_owned()),
            ("redirect_uri", format!("{}/console/-/callback", self.base)),
            ("code", code.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
        ]
    }

    async fn refused(&self, parameters: &[(&'static str, String)], error: &str) {
        let answer = self.post("/token", parameters, &[]).await;
        assert_eq!(answer.status(), 400, "{parameters:?}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"error": error}), "{parameters:?}");
    }
}

fn location(answer: &Response) -> Option<Url> {
    Some(Url::parse(answer.headers().get("location")?.to_str().unwrap()).unwrap())
}

fn parameter(answer: &Response, wanted: &str) -> Option<String> {
    location(answer)?.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

/// The names on the buttons of the page.
async fn people(page: Response) -> Vec<String> {
    let page = page.text().await.unwrap();
    let buttons = page.split("<button name=\"as\" value=\"").skip(1);
    buttons.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn a_person_chooses_who_they_are_and_the_console_calls_the_api_as_them() {
    let served = Served::start(Scene::new().await).await;
    let page = served.ask(&login(&served.base)).await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(
        (&page.headers()["cache-control"], page.headers().get("set-cookie")),
        (&"no-store".parse().unwrap(), None)
    );
    let text = page.text().await.unwrap();
    assert!(text.contains("<h1>Who are you?</h1>") && !text.contains("<script") && !text.contains("<i>"), "{text}");
    assert!(text.contains("a&amp;b &quot;&lt;i&gt;"), "{text}");
    let everybody = ["ada", "alice", "audrey", "mallory", "otto", "remy", "rita"];
    assert_eq!(people(served.ask(&login(&served.base)).await).await, everybody);

    let chosen = served.post("/authorize", &with(login(&served.base), "as", "rita"), &[("origin", &served.base)]).await;
    assert_eq!((chosen.status().as_u16(), chosen.headers().get("set-cookie")), (303, None));
    let back = location(&chosen).unwrap();
    assert_eq!(back.as_str().split('?').next().unwrap(), format!("{}/console/-/callback", served.base));
    assert_eq!(parameter(&chosen, "state").unwrap(), "a&b \"<i>");
    assert_eq!(parameter(&chosen, "iss").unwrap(), ISSUER);

    let exchange = served.exchange(&parameter(&chosen, "code").unwrap());
    let answer = served.post("/token", &exchange, &[]).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    let answer: Value = answer.json().await.unwrap();
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(43_200)));
    let token = answer["access_token"].as_str().unwrap();
    let call = |path: &str| served.client.get(format!("{}{path}", served.base)).bearer_auth(token).send();
    assert_eq!(call("/v1/workspaces/acme/jobs").await.unwrap().status(), 200);
    assert_eq!(call("/v1/workspaces/rival/jobs").await.unwrap().status(), 404);
    let now = served.scene.world.clock().now().seconds();
    assert_eq!(served.scene.world.identity().verify(token, now).unwrap()["sub"], "rita");
    // A second time it is worth nothing.
    served.refused(&exchange, "invalid_grant").await;
}

#[tokio::test]
async fn a_code_is_for_who_asked_for_it_once_and_for_a_minute() {
    let served = Served::start(Scene::new().await).await;
    let redirect = format!("{}/console/-/signed-out", served.base);
    let wrong = [
        ("code_verifier", "another-verifier-that-is-as-long-as-it-has-to-be"),
        ("code_verifier", ""),
        ("redirect_uri", redirect.as_str()),
        ("redirect_uri", ""),
    ];
    for (name, value) in wrong {
        let exchange = served.exchange(&served.code("rita").await);
        served.refused(&with(exchange.clone(), name, value), "invalid_grant").await;
        // Who has tried it wrongly does not get a second try.
        served.refused(&exchange, "invalid_grant").await;
    }
    let exchange = served.exchange(&served.code("rita").await);
    served.refused(&with(exchange.clone(), "grant_type", "refresh_token"), "unsupported_grant_type").await;
    served.refused(&with(exchange.clone(), "client_id", "another"), "invalid_client").await;
    served.refused(&with(exchange, "code", "0123456789abcdef"), "invalid_grant").await;

    let codes = [served.code("rita").await, served.code("remy").await];
    let clock = served.scene.world.clock();
    clock.advance(Duration::from_secs(59));
    assert_eq!(served.post("/token", &served.exchange(&codes[0]), &[]).await.status(), 200);
    clock.advance(Duration::from_secs(1));
    served.refused(&served.exchange(&codes[1]), "invalid_grant").await;
}

#[tokio::test]
async fn a_login_leads_to_the_console_and_to_nowhere_else() {
    let served = Served::start(Scene::new().await).await;
    let port = served.base.rsplit_once(':').unwrap().1;
    let own = login(&served.base);
    let foreign = [
        "https://evil.example/callback".to_owned(),
        format!("{}/console/-/callback/", served.base),
        format!("{}/console/-/callback?x=y", served.base),
        format!("{}/console/-/signed-out", served.base),
        format!("http://localhost:{port}/console/-/callback"),
        format!("{}@evil.example/console/-/callback", served.base),
        String::new(),
    ];
    let foreign = foreign.iter().map(|uri| with(own.clone(), "redirect_uri", uri));
    let mut twice = own.clone();
    twice.push(("redirect_uri", "https://evil.example/".to_owned()));
    for parameters in foreign.chain([with(own.clone(), "client_id", "another"), twice]) {
        for answer in [
            served.ask(&parameters).await,
            served.post("/authorize", &with(parameters.clone(), "as", "ada"), &[]).await,
        ] {
            assert_eq!((answer.status().as_u16(), location(&answer)), (400, None), "{parameters:?}");
            assert!(people(answer).await.is_empty(), "{parameters:?}");
        }
    }
    // The console's own mistakes are for the console to show.
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
    ] {
        let parameters = with(own.clone(), name, value);
        for answer in [
            served.ask(&parameters).await,
            served.post("/authorize", &with(parameters.clone(), "as", "ada"), &[]).await,
        ] {
            assert_eq!(
                (answer.status().as_u16(), parameter(&answer, "error").as_deref()),
                (303, Some(error)),
                "{name}"
            );
            assert_eq!(parameter(&answer, "code"), None, "{name}");
        }
    }
}

#[tokio::test]
async fn another_site_can_choose_nobody_and_a_foreign_name_of_this_machine_is_refused() {
    let served = Served::start(Scene::new().await).await;
    let chosen = with(login(&served.base), "as", "ada");
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = served.post("/authorize", &chosen, &[("origin", origin)]).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (403, None), "{origin}");
    }
    for path in ["/authorize", "/token"] {
        assert_eq!(served.post(path, &chosen, &[("host", "evil.example")]).await.status(), 421, "{path}");
    }
    assert_eq!(served.client.get(format!("{}/token", served.base)).send().await.unwrap().status(), 405);
    for name in ["nobody", "", "Ada"] {
        let answer = served.post("/authorize", &with(login(&served.base), "as", name), &[]).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (400, None), "{name}");
    }
}

#[tokio::test]
async fn whoever_is_a_member_may_choose_and_nobody_else() {
    let served = Served::start(Scene::new().await).await;
    let (workspace, table) = (WorkspaceId::parse("third").unwrap(), served.scene.world.table());
    let now = served.scene.world.clock().now();
    for (name, active) in [("zoe\"<b>", true), ("gone", false)] {
        let principal = Principal::parse(name).unwrap();
        let member = Member { principal, name: None, issuer: None, roles: [Role::Operator].into(), active };
        table.put_member(&workspace, &member, now).await.unwrap();
    }
    let page = served.ask(&login(&served.base)).await.text().await.unwrap();
    assert!(page.contains("zoe&quot;&lt;b&gt;</button><span class=\"note\">third: operator<"), "{page}");
    assert!(!page.contains("gone"), "{page}");
}

#[tokio::test]
async fn where_jobs_cost_money_the_login_asks_for_the_code_that_the_server_printed() {
    let provider = ProviderChoice::Server { base_url: "http://127.0.0.1:1/v1".to_owned(), api_key: "sk-1".to_owned() };
    let served = Served::start(Scene::with(provider).await).await;
    let printed = served.scene.world.login_code().unwrap().to_owned();
    assert_eq!(printed.len(), 16);
    let page = served.ask(&login(&served.base)).await.text().await.unwrap();
    assert!(page.contains("name=\"passcode\"") && !page.contains(&printed), "{page}");
    let chosen = with(login(&served.base), "as", "ada");
    for code in ["", "0123456789abcdef", &printed[..15]] {
        let answer = served.post("/authorize", &with(chosen.clone(), "passcode", code), &[]).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (403, None), "{code}");
    }
    let answer = served.post("/authorize", &with(chosen, "passcode", &format!(" {printed} ")), &[]).await;
    assert_eq!(answer.status(), 303);
    served
        .post("/token", &served.exchange(&parameter(&answer, "code").unwrap()), &[])
        .await
        .error_for_status()
        .unwrap();
    // The simulated one costs nothing, and asks for nothing.
    assert_eq!(Scene::new().await.world.login_code(), None);
}
