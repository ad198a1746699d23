//! What somebody changes in the table behind the product's back shows when it is read, or is not delivered.

use adapters::aws::dynamodb::{Item, keys};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::Job;
use domain::job::record::SealedRecord;
use domain::port::{PayloadKind, Payloads as _};
use domain::value::id::{Digest, Issuer, JobId, WorkspaceId};
use domain::value::member::Role;
use local::embedded::TABLE;
use local::identity::ISSUER;
use local::world::Answer;
use serde_json::{Value, json};

use super::Scene;
use super::server::remembering;

const WORDS: &str = "Nobody said this.";

/// One row and what is done to it.
struct Alteration {
    name: String,
    sk: String,
    alter: Box<dyn Fn(&mut Item)>,
}

fn alteration(name: &str, sk: &str, alter: impl Fn(&mut Item) + 'static) -> Alteration {
    Alteration { name: name.to_owned(), sk: sk.to_owned(), alter: Box::new(alter) }
}

fn set(name: &str, attribute: &'static str, value: AttributeValue) -> Alteration {
    alteration(name, "JOB", move |item| {
        item.insert(attribute.to_owned(), value.clone());
    })
}

fn bytes(bytes: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A draft that was edited and approved, each with a note, and then delivered.
struct Delivered {
    scene: Scene,
    id: String,
    job: Job,
    trail: Vec<SealedRecord>,
}

impl Delivered {
    async fn new() -> Self {
        let Self { scene, id, .. } = Self::edited(Scene::new().await).await;
        decide(&scene, "remy", &id, "approve", json!({"note": "Good."})).await;
        scene.pass(20).await;
        Self::now(scene, id).await
    }

    /// The same before the approval.
    async fn edited(scene: Scene) -> Self {
        let draft = r#"{"type":"support-reply-draft","input":"Where is my parcel?"}"#;
        let made = scene.world.create("acme", "alice", None, draft).await.unwrap();
        let id = made.body["id"].as_str().unwrap().to_owned();
        scene.pass(20).await;
        decide(&scene, "rita", &id, "edit", json!({"text": "On Thursday.", "note": "Shorter."})).await;
        Self::now(scene, id).await
    }

    async fn now(scene: Scene, id: String) -> Self {
        let (job, trail) = (scene.row(&id).await, scene.trail(&id).await);
        Self { scene, id, job, trail }
    }

    fn key(&self, sk: &str) -> Item {
        let pk = format!("WS#acme#JOB#{}", self.id);
        Item::from([("PK".to_owned(), AttributeValue::S(pk)), ("SK".to_owned(), text(sk))])
    }

    async fn row(&self, sk: &str) -> Item {
        let get = self.scene.world.embedded().client().get_item().table_name(TABLE).set_key(Some(self.key(sk)));
        get.send().await.unwrap().item.unwrap_or_else(|| panic!("no row {sk}"))
    }

    async fn put(&self, item: Item) {
        self.scene.world.embedded().client().put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    }

    /// Runs the check with the row altered, and puts it back.
    async fn with<T>(&self, Alteration { sk, alter, name }: &Alteration, check: impl AsyncFn() -> T) -> T {
        let whole = self.row(sk).await;
        let mut altered = whole.clone();
        alter(&mut altered);
        assert_ne!(altered, whole, "{name}: nothing was altered");
        self.put(altered).await;
        let seen = check().await;
        self.put(whole).await;
        seen
    }

    /// Whether the trail is said to be whole.
    async fn intact(&self) -> Value {
        let answer = self.scene.world.read("acme", "audrey", &self.id, "/events").await.unwrap();
        answer.body["chain_intact"].clone()
    }

    async fn all_show(&self, alterations: &[Alteration]) {
        assert_eq!(self.intact().await, true);
        let mut unseen = Vec::new();
        for altered in alterations {
            if self.with(altered, async || self.intact().await).await != false {
                unseen.push(altered.name.as_str());
            }
            assert_eq!(self.intact().await, true, "{}: put back", altered.name);
        }
        assert!(unseen.is_empty(), "{} of {} alterations do not show: {unseen:#?}", unseen.len(), alterations.len());
    }

    /// What a reviewer is delivered.
    async fn result(&self) -> (u16, String) {
        let answer = self.scene.world.read("acme", "rita", &self.id, "/result").await.unwrap();
        (answer.status, answer.text)
    }

    /// Every change that can be made to the record of a version.
    fn of_event(&self, version: usize) -> Vec<Alteration> {
        let (sk, sealed) = (format!("EVENT#{version:010}"), self.trail[version - 1].clone());
        let next = self.trail.get(version).or(self.trail.first()).unwrap().clone();
        let (workspace, job) = (self.job.workspace.clone(), self.job.id.clone());
        let place = if version == self.trail.len() { "the head event" } else { "an event below the head" };
        let named = |what: &str| format!("{place} ({version}): {what}");
        let put = |name: &str, sealed: SealedRecord| {
            alteration(&named(name), &sk, move |item| {
                item.insert("body".to_owned(), text(&sealed.body));
                item.insert("previous".to_owned(), bytes(sealed.previous.0));
                item.insert("hash".to_owned(), bytes(sealed.hash.0));
            })
        };
        let forged = sealed.body.replacen(r#""at":1"#, r#""at":2"#, 1);
        let previous = Digest::of(b"another");
        vec![
            put("its body", SealedRecord { body: forged.clone(), ..sealed.clone() }),
            put("its body, sealed again", SealedRecord::new(&workspace, &job, sealed.previous, forged)),
            put("its body is no record", SealedRecord { body: "{}".to_owned(), ..sealed.clone() }),
            put("its previous hash", SealedRecord { previous, ..sealed.clone() }),
            put("its previous hash, sealed again", SealedRecord::new(&workspace, &job, previous, sealed.body.clone())),
            put("its hash", SealedRecord { hash: Digest::of(b"another"), ..sealed.clone() }),
            put("another event in its place", next),
        ]
    }

    /// What the trail tells of the row.
    fn of_row(&self) -> Vec<Alteration> {
        let other = || bytes(Digest::of(b"another").0);
        let first = self.trail.first().unwrap().hash.0;
        let before = u64::from(self.job.version) - 1;
        vec![
            set("the row's head", "hd", other()),
            set("the row's head, to another of its trail", "hd", bytes(first)),
            set("the row's version", "vn", number(before)),
            set("the row's version, beyond the trail", "vn", number(before + 2)),
            set("the row's state", "st", text("fail")),
            set("the row's state, reopened", "st", text("decide")),
            set("the row's result digest", "rd", other()),
            set("the row's attempt", "an", number(2)),
            set("the row's response", "rp", text("resp_other")),
            set("the row's cost", "co", number(1)),
            set("the row's open costs", "cn", number(1)),
            alteration("the row's result is gone", "JOB", |item| {
                item.remove("rd");
            }),
        ]
    }
}

/// What else of the row each record tells, or the first of them.
fn of_what_every_record_says() -> Vec<Alteration> {
    vec![
        set("the row's lane", "ln", text("b")),
        set("the row's submitter", "creator", text(&format!("acme#{}#remy", Issuer::of(ISSUER)))),
        set("the row's submitter, of another issuer", "creator", text("acme##alice")),
        set("whom the row is for", "ob", text("remy")),
        set("the row's type", "ty", text("document-analysis")),
        set("the row's type version", "tv", number(2)),
        set("the row's reason", "rs", text("rejected")),
        set("the row's deadline", "dl", number(1_999_000_000_000)),
    ]
}

async fn decide(scene: &Scene, who: &str, id: &str, action: &str, body: Value) {
    let answer = ask(scene, who, id, action, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Decides on what waits.
async fn ask(scene: &Scene, who: &str, id: &str, action: &str, mut body: Value) -> Answer {
    let job = scene.world.read("acme", "remy", id, "").await.unwrap().body;
    body["digest"] = job["result"]["digest"].clone();
    let version = format!("\"{}\"", job["version"]);
    scene.decide(who, id, action, Some(&version), &body).await
}

#[tokio::test]
async fn an_altered_event_or_row_shows_in_the_trail() {
    let it = Delivered::new().await;
    let mut alterations = it.of_row();
    for version in 1..=it.trail.len() {
        alterations.extend(it.of_event(version));
    }
    it.all_show(&alterations).await;
}

#[tokio::test]
async fn a_row_that_contradicts_what_its_records_say_of_the_job_shows_in_the_trail() {
    Delivered::new().await.all_show(&of_what_every_record_says()).await;
}

#[tokio::test]
async fn a_missing_event_shows_in_the_trail() {
    let it = Delivered::new().await;
    for version in 1..=it.trail.len() {
        let sk = format!("EVENT#{version:010}");
        let whole = it.row(&sk).await;
        let client = it.scene.world.embedded().client();
        client.delete_item().table_name(TABLE).set_key(Some(it.key(&sk))).send().await.unwrap();
        assert_eq!(it.intact().await, false, "event {version} of {} is gone", it.trail.len());
        it.put(whole).await;
    }
    assert_eq!(it.intact().await, true);
}

#[tokio::test]
async fn an_altered_payload_is_not_delivered() {
    let it = Delivered::new().await;
    let (workspace, id) = (WorkspaceId::parse("acme").unwrap(), JobId::parse(&it.id).unwrap());
    let place = (&workspace, &id);
    let edit = it.job.result.unwrap().stored;
    let edited = it.scene.world.payloads().get(place, PayloadKind::Edit { attempt: 1 }, &edit).await.unwrap().unwrap();
    let proposed = domain::contract::result::Edited::read(&edited).unwrap().of();
    let raw = it.scene.world.payloads().get(place, PayloadKind::Result { attempt: 1 }, &proposed).await;
    let raw = String::from_utf8(raw.unwrap().unwrap()).unwrap().replacen("canned", WORDS, 1);
    let edited = String::from_utf8(edited).unwrap().replace("On Thursday.", WORDS);
    assert!(raw.contains(WORDS) && edited.contains(WORDS));
    let of = |kind, stored| keys::payload(&workspace, &id, kind, stored).sk;
    let version = it.job.version;
    let note = |version| keys::note(&workspace, &id, version).sk;
    let put = |name: &str, sk: String, attribute: &'static str, value: Vec<u8>| {
        alteration(name, &sk, move |item| {
            item.insert(attribute.to_owned(), bytes(value.clone()));
        })
    };
    let (status, whole) = it.result().await;
    assert!(status == 200 && whole.contains("Shorter.") && whole.contains("Good."), "{whole}");
    let mut delivered = Vec::new();
    for (altered, words) in [
        (put("the result payload", of(PayloadKind::Result { attempt: 1 }, &proposed), "bytes", raw.into()), WORDS),
        (put("the edited payload", of(PayloadKind::Edit { attempt: 1 }, &edit), "bytes", edited.into()), WORDS),
        (put("the note of the edit", note(version - 1), "bytes", WORDS.into()), WORDS),
        (put("the note of the approval", note(version), "bytes", WORDS.into()), WORDS),
        (put("the salt of a note", note(version), "salt", vec![0; 16]), "Good."),
        (
            alteration("the row says nothing of an edit", "JOB", |item| {
                item.remove("ed");
            }),
            "canned",
        ),
        (set("the length of the result", "rb", number(edit.bytes + 1)), "On Thursday."),
    ] {
        let (status, seen) = it.with(&altered, async || it.result().await).await;
        if status == 200 && seen.contains(words) {
            delivered.push(altered.name.clone());
        }
        assert_eq!(it.result().await, (200, whole.clone()), "{}: put back", altered.name);
    }
    let input = of(PayloadKind::Input, &it.job.input);
    let altered = put("the input payload", input, "bytes", format!(r#"{{"input":"{WORDS}"}}"#).into());
    let read = async || it.scene.world.payloads().get(place, PayloadKind::Input, &it.job.input).await.unwrap();
    assert!(read().await.is_some());
    if it.with(&altered, read).await.is_some() {
        delivered.push(altered.name);
    }
    assert!(delivered.is_empty(), "delivered all the same: {delivered:#?}");
}

/// Four eyes rest on who submitted and who wrote: whoever changes that in the table must not get past them.
#[tokio::test]
async fn an_approval_does_not_rest_on_an_altered_row_or_trail() {
    let mut approved = Vec::new();
    for (who, altered) in [
        ("alice", set("the row's submitter", "creator", text("acme#bob"))),
        ("rita", set("the row's lane", "ln", text("b"))),
        (
            "rita",
            alteration("the writer in the trail", "EVENT#0000000004", |item| {
                let body = item["body"].as_s().unwrap().replace("rita", "otto");
                item.insert("body".to_owned(), text(&body));
            }),
        ),
    ] {
        let scene = Scene::new().await;
        scene.appoint("alice", &[Role::Submitter, Role::Reviewer]).await;
        let it = Delivered::edited(scene).await;
        let refused = ask(&it.scene, who, &it.id, "approve", json!({})).await;
        assert_eq!(refused.body["code"], "four_eyes", "{}: {}", altered.name, refused.text);
        let answer = it.with(&altered, async || ask(&it.scene, who, &it.id, "approve", json!({})).await).await;
        if answer.status == 200 {
            approved.push((altered.name, who, answer.body["status"].clone()));
        }
    }
    assert!(approved.is_empty(), "approved all the same: {approved:#?}");
}

/// Puts these bytes where others were.
async fn overwrite(scene: &Scene, key: keys::Key, forged: &[u8]) {
    let update = scene.world.embedded().client().update_item().table_name(TABLE);
    let update = update.key("PK", text(&key.pk)).key("SK", text(&key.sk));
    let update = update.update_expression("SET #bytes = :bytes").expression_attribute_names("#bytes", "bytes");
    let update = update.condition_expression("attribute_exists(#bytes)");
    update.expression_attribute_values(":bytes", bytes(forged)).send().await.unwrap();
}

#[tokio::test]
async fn an_altered_input_is_not_sent_to_the_provider() {
    let scene = Scene::new().await;
    let id = scene.create().await;
    let job = scene.row(&id).await;
    let key = keys::payload(&job.workspace, &job.id, PayloadKind::Input, &job.input);
    overwrite(&scene, key, br#"{"type":"document-analysis","input":"Nobody said this."}"#).await;
    scene.pass(60).await;
    assert_eq!(scene.posts(), 0, "the input payload was altered and sent");
    assert_eq!(scene.see(&id).await["provider"]["response_id"], json!(null));
}

#[tokio::test]
async fn an_altered_note_is_not_sent_to_the_provider() {
    let (provider, seen) = remembering().await;
    let scene = Scene::with(provider).await;
    let draft = r#"{"type":"support-reply-draft","input":"Where is my parcel?"}"#;
    let made = scene.world.create("acme", "alice", None, draft).await.unwrap();
    let id = made.body["id"].as_str().unwrap().to_owned();
    scene.pass(300).await;
    decide(&scene, "rita", &id, "request-changes", json!({"note": "Shorter."})).await;
    let job = scene.row(&id).await;
    overwrite(&scene, keys::note(&job.workspace, &job.id, job.version), WORDS.as_bytes()).await;
    scene.pass(300).await;
    let requests = seen.lock().unwrap().clone();
    assert!(!json!(requests).to_string().contains(WORDS), "the note was altered and sent: {requests:?}");
}
