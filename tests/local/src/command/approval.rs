//! `cargo local demo approval`: a consequential draft waits until somebody who had no hand in it lets it out.

use domain::event::published::PublishedKind;
use domain::value::time::Timing;
use openai_simulator::Mode;
use serde_json::{Value, json};

use super::api::{BoxError, word};
use super::stage::Stage;

const REPLY: &str = "Your parcel is on its way and arrives on Thursday. We are sorry that it is late.";

pub(crate) async fn run() -> Result<(), BoxError> {
    let stage = Stage::open(Mode::Auto { queued_ms: 500, run_ms: 1_500 }, Timing::local()).await?;
    let (alice, otto, rita, remy) = (stage.api("alice")?, stage.api("otto")?, stage.api("rita")?, stage.api("remy")?);

    println!("alice (submitter) asks for a reply to a customer. Sending one is an effect, so the lane is approval.");
    println!("The provider is a simulator: its draft is canned text.");
    println!();
    let id = alice.submit(&json!({"type": "support-reply-draft", "input": "Where is my parcel?"})).await?;
    let job = alice.until(&id, |job| job["status"] == "needs_review").await?;
    let proposed = word(&job["result"]["digest"]);
    println!("The draft is there and waits: {} ({})", word(&job["status"]), word(&job["phase"]));
    println!("  proposed {proposed}");
    println!();

    let version = |job: &Value| job["version"].as_u64().unwrap_or_default();
    let approve = json!({"digest": proposed});
    refused("alice, who is no reviewer, approves it", alice.decide(&id, "approve", version(&job), &approve).await?)?;
    refused("otto (operator) approves it", otto.decide(&id, "approve", version(&job), &approve).await?)?;
    let reading = alice.refused(&format!("{id}/result")).await?;
    refused("alice reads the draft", reading)?;
    println!();

    let text = json!({"digest": proposed, "text": REPLY, "note": "Said what the customer asked."});
    let edited = allowed("rita (reviewer) writes another text", rita.decide(&id, "edit", version(&job), &text).await?)?;
    let digest = word(&edited["result"]["digest"]);
    println!("  edited   {digest}");
    let approve = json!({"digest": digest});
    refused("rita approves her own text", rita.decide(&id, "approve", version(&edited), &approve).await?)?;
    let old = json!({"digest": proposed});
    refused(
        "remy (reviewer) approves the draft before it",
        remy.decide(&id, "approve", version(&edited), &old).await?,
    )?;
    let seen = json!({"digest": digest, "note": "Checked with the carrier."});
    let done = allowed("remy approves rita's text", remy.decide(&id, "approve", version(&edited), &seen).await?)?;
    println!();

    alice.watch(&id).await?;
    let result = alice.get(&format!("{id}/result")).await?;
    println!();
    println!("alice reads: {}", word(&result["text"]));
    println!("  delivered {}", word(&result["digest"]));
    println!("  proposed  {}", word(&result["proposed_digest"]));
    let sent = stage.world.bus().events().into_iter().filter(|event| event.kind == PublishedKind::Completed).count();
    println!("  job.completed events: {sent}");
    let good =
        done["status"] == "completed" && result["text"] == REPLY && result["proposed_digest"] == proposed.as_str();
    if good && sent == 1 { Ok(()) } else { Err("the story did not end as it should".into()) }
}

/// What somebody tried, and the reason that they were given.
fn refused(what: &str, (status, body): (u16, Value)) -> Result<(), BoxError> {
    println!("{what}: {status} {}, {}", word(&body["code"]), word(&body["detail"]));
    if status >= 400 { Ok(()) } else { Err(format!("{what}, and was not refused").into()) }
}

fn allowed(what: &str, (status, body): (u16, Value)) -> Result<Value, BoxError> {
    println!("{what}: {status}");
    if status == 200 { Ok(body) } else { Err(format!("{what}, and was refused: {body}").into()) }
}
