//! Signed links of the local edition: each opens one object, as a file to save, until it expires.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use adapters::aws::dynamodb::{ObjectLinks as _, Objects as _};
use domain::value::time::Timestamp;
use local::folder::Folder;
use local::gateway::Gateway;
use local::identity::Identity;

const NAME: &str = "acme/job_1/RESULT#1#00112233";

#[tokio::test]
async fn a_link_opens_one_object_until_it_expires_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let folder = Folder(data.path().join("payloads"));
    folder.put(NAME, b"<script>alert(1)</script>").await.unwrap();
    let now = Arc::new(AtomicI64::new(1_795_000_000_000));
    let link = folder.link(NAME, "job_1-1.json", Timestamp::from_millis(now.load(Ordering::SeqCst))).await.unwrap();
    assert_eq!(link.expires_at.millis(), now.load(Ordering::SeqCst) + 300_000);
    let (clock, url) = (now.clone(), link.url);
    let gateway = Gateway {
        routes: vec![],
        identity: Arc::new(Identity::open(data.path()).unwrap()),
        login: None,
        objects: Some(folder.clone()),
        clock: Arc::new(move || clock.load(Ordering::SeqCst)),
        invoke: Arc::new(|function, _| Box::pin(async move { Err(function) })),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(gateway.serve(listener));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |url: &str| client.get(format!("{base}{url}")).send().await.unwrap();

    let opened = get(&url).await;
    assert_eq!(opened.status(), 200);
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"job_1-1.json\""),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(opened.headers()[name], value, "{name}");
    }
    assert_eq!(&opened.bytes().await.unwrap()[..], b"<script>alert(1)</script>");

    let (path, query) = url.split_once('?').unwrap();
    let (object, file) = path.rsplit_once('/').unwrap();
    let (signed, signature) = query.split_once("&signature=").unwrap();
    let later = signed.replace("expires=1", "expires=2");
    for wrong in [
        format!("{object}/other.html?{query}"),
        format!("{object}00/{file}?{query}"),
        format!("/-/objects/{}/{file}?{query}", hex("../links.key")),
        format!("{path}?{later}&signature={signature}"),
        format!("{path}?{signed}&signature={}", "0".repeat(64)),
        format!("{path}?{signed}&signature="),
        format!("{path}?{signed}"),
        format!("{path}?{query}&x=1"),
        path.to_owned(),
        "/-/objects/".to_owned(),
    ] {
        assert_eq!(get(&wrong).await.status(), 403, "{wrong}");
    }
    let posted = client.post(format!("{base}{url}")).send().await.unwrap();
    assert_eq!(posted.status(), 403);
    folder.erase("acme/job_1/").await.unwrap();
    assert_eq!(get(&url).await.status(), 404, "it is gone");
    now.fetch_add(300_000, Ordering::SeqCst);
    assert_eq!(get(&url).await.status(), 403, "it has expired");
    serving.abort();
}

fn hex(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}
