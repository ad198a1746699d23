//! The table's file: what its stream keeps, and that no write looks through all of it.

use std::path::Path;
use std::time::Duration;

use domain::port::Clock as _;
use domain::value::time::{Timestamp, Timing};
use local::clock::WorldClock;
use local::world::{ProviderChoice, World, WorldConfig};
use openai_simulator::Mode;
use rusqlite::Connection;

const BODY: &str = r#"{"type":"document-analysis","input":"The parties agree."}"#;

/// The world's run of this number: each throws its own dice, or a provider would give ids that are taken.
async fn world(data: &Path, run: u64) -> World {
    let clock = WorldClock::simulated(Timestamp::from_millis(1_795_000_000_000) + Duration::from_secs(3_600 * run));
    for _ in 0..1_000 * run {
        clock.nonce();
    }
    World::open(WorldConfig {
        data: data.to_owned(),
        in_memory: false,
        clock,
        timing: Timing::aws(),
        provider: ProviderChoice::Simulator { mode: Mode::Auto { queued_ms: 10, run_ms: 10 }, webhook_url: None },
        webhook_secrets: vec![crate::flow::SECRET.to_owned()],
        provider_timeout: None,
    })
    .await
    .unwrap()
}

/// Runs a job to its end.
async fn completed(world: &World, key: &str) {
    let created = world.create("acme", "alice", Some(key), BODY).await.unwrap();
    world.advance(Duration::from_secs(5)).await;
    let job = world.read("acme", "alice", created.body["id"].as_str().unwrap(), "").await.unwrap();
    assert_eq!(job.body["status"], "completed");
}

/// What the stream holds, by the kind of row.
fn kinds(file: &Connection) -> Vec<(String, u32)> {
    let sql = "SELECT json_extract(new_image, '$.entity.S'), COUNT(*) FROM _stream_records GROUP BY 1";
    let mut kinds = file.prepare(sql).unwrap();
    kinds.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn the_stream_of_a_file_holds_the_rows_that_are_published_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), 0).await;
    let file = Connection::open(folder.path().join("table.db")).unwrap();
    let before = kinds(&file);
    completed(&world, "one").await;
    // All of them were published: created, attached, completed.
    let published: u64 = world.bus().counts().values().sum();
    assert_eq!(published, 3);
    let events = |kinds: &[(String, u32)]| kinds.iter().filter(|(kind, _)| kind == "event").map(|kind| kind.1).sum();
    let (before, after): (u32, u32) = (events(&before), events(&kinds(&file)));
    assert_eq!(after - before, 3);
    assert!(kinds(&file).iter().all(|(kind, _)| ["event", "member_event", "type_event"].contains(&kind.as_str())));
}

#[tokio::test]
async fn a_restart_leaves_one_record_and_the_stream_goes_on_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = world(folder.path(), 0).await;
    completed(&first, "one").await;
    drop(first);
    let second = world(folder.path(), 1).await;
    let file = Connection::open(folder.path().join("table.db")).unwrap();
    assert_eq!(kinds(&file).iter().map(|kind| kind.1).sum::<u32>(), 1);
    completed(&second, "two").await;
    assert_eq!(second.bus().counts().values().sum::<u64>(), 3);
}

#[tokio::test]
async fn each_write_looked_through_all_stream_records() {
    let folder = tempfile::tempdir().unwrap();
    let _world = world(folder.path(), 0).await;
    let file = Connection::open(folder.path().join("table.db")).unwrap();
    // As the database asks before a write, and for what follows a number.
    for sql in [
        "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'a'",
        "SELECT event_name FROM _stream_records WHERE table_name = 'a' AND shard_id = 'b'
             AND CAST(sequence_number AS INTEGER) > 1 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 1",
    ] {
        let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps: Vec<String> = plan.query_map([], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(steps.len(), 1, "{steps:?}");
        assert!(steps[0].starts_with("SEARCH _stream_records USING"), "{steps:?}");
    }
}

#[tokio::test]
async fn the_stream_of_a_file_does_not_grow_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let _world = world(folder.path(), 0).await;
    let file = Connection::open(folder.path().join("table.db")).unwrap();
    file.execute_batch(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
         INSERT INTO _stream_records
             (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at)
         SELECT 'a', 'INSERT', '{}', '{\"entity\": {\"S\": \"event\"}}', i, 'b', 0 FROM n",
    )
    .unwrap();
    let left: u32 = file.query_row("SELECT COUNT(*) FROM _stream_records", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 10_000);
}
