//! Tools of a type: a credential is in none of them, and the secret that one names reaches the provider and nobody else.

use domain::contract::request::tools::SecretPlace;
use domain::value::id::WorkspaceId;
use serde_json::{Value, json};

use super::Scene;
use super::purge::everything_as_text;
use super::secrecy::{listen, logged};
use super::server::remembering;

const SECRET: &str = "crm-secret-5e1c";

/// The ARN of a secret of acme's, as this installation has them.
fn arn(scene: &Scene, name: &str) -> String {
    let (setting, workspace) = (scene.world.setting("submit-job"), WorkspaceId::parse("acme").unwrap());
    let prefix = SecretPlace::new(&setting.deployment, &workspace).prefix();
    format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{prefix}{name}-AbCdEf")
}

fn with(tool: &Value) -> String {
    let body =
        json!({"description": "d", "lane": "background", "model": "gpt-6-luna", "instructions": "i", "tools": [tool]});
    body.to_string()
}

fn crm(fields: Value) -> Value {
    let mut tool = json!({"type": "mcp", "server_label": "crm", "server_url": "https://crm.example.com/mcp"});
    tool.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    tool
}

#[tokio::test]
async fn a_credential_in_a_type_is_refused_by_its_path_and_written_nowhere() {
    listen();
    let scene = Scene::new().await;
    for (tool, field) in [
        (crm(json!({"authorization": SECRET})), "tools[0].authorization"),
        (crm(json!({"headers": {"X-Api-Key": SECRET}})), "tools[0].headers.X-Api-Key"),
        (crm(json!({"server_url": format!("https://{SECRET}@crm.example.com/mcp")})), "tools[0].server_url"),
        (json!({"type": "function", "name": "pay"}), "tools[0].type"),
        (
            crm(json!({"authorization_secret_arn": arn(&scene, "crm").replace("/acme/", "/rival/")})),
            "tools[0].authorization_secret_arn",
        ),
    ] {
        let refused = scene.set_type("ada", "crm", &with(&tool)).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!(field)), "{}", refused.text);
        assert!(!refused.text.contains(SECRET), "{}", refused.text);
    }
    assert!(!everything_as_text(&scene).await.contains(SECRET) && !logged().contains(SECRET));
}

#[tokio::test]
async fn the_secret_that_a_tool_names_reaches_the_provider_and_nothing_else() {
    listen();
    let (provider, seen) = remembering().await;
    let scene = Scene::with(provider).await;
    let (one, other) = (arn(&scene, "crm"), arn(&scene, "key"));
    let fields = json!({"authorization_secret_arn": one, "header_secret_arns": {"X-Api-Key": other}});
    let set = scene.set_type("ada", "crm", &with(&crm(fields))).await;
    assert_eq!((set.status, &set.body["tools"][0]["authorization_secret_arn"]), (200, &json!(one)), "{}", set.text);
    scene.world.tool_secrets().put(&one, SECRET);
    scene.world.tool_secrets().put(&other, &format!("{SECRET}-2\n"));
    let body = json!({"type": "crm", "input": "Who is it?"}).to_string();
    let made = scene.world.create("acme", "alice", None, &body).await.unwrap();
    scene.pass(300).await;
    scene.ended(made.body["id"].as_str().unwrap(), "completed").await;
    let sent = seen.lock().unwrap()[0]["tools"][0].clone();
    let headers = json!({"X-Api-Key": format!("{SECRET}-2")});
    assert_eq!(sent, crm(json!({"authorization": SECRET, "headers": headers})));
    for (place, text) in [("the log", logged()), ("the store", everything_as_text(&scene).await)] {
        assert!(!text.contains(SECRET), "{place}: {text}");
    }
    assert!(!serde_json::to_string(&scene.world.bus().events()).unwrap().contains(SECRET));
}

#[tokio::test]
async fn a_start_whose_secret_is_not_there_waits_for_it_and_stops_nobody_elses() {
    let (provider, seen) = remembering().await;
    let scene = Scene::with(provider).await;
    let one = arn(&scene, "crm");
    let set = scene.set_type("ada", "crm", &with(&crm(json!({"authorization_secret_arn": one})))).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let body = json!({"type": "crm", "input": "Who is it?"}).to_string();
    let mut ids = Vec::new();
    for _ in 0..5 {
        let made = scene.world.create("acme", "alice", None, &body).await.unwrap();
        ids.push(made.body["id"].as_str().unwrap().to_owned());
    }
    scene.pass(60).await;
    let waiting = scene.see(&ids[0]).await;
    assert_eq!((&waiting["status"], &waiting["reason"]["code"]), (&json!("queued"), &json!("tool_secret_unreadable")));
    assert_eq!(seen.lock().unwrap().len(), 0, "a request without its secret was sent");
    // The provider has shown nothing, good or bad: another type's start goes out at once.
    let other = scene.create().await;
    scene.pass(120).await;
    assert_eq!(scene.see(&other).await["status"], "completed");
    scene.world.tool_secrets().put(&one, SECRET);
    scene.pass(900).await;
    for id in &ids {
        scene.ended(id, "completed").await;
    }
    assert_eq!(seen.lock().unwrap().len(), 6);
}
