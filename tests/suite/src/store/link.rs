//! Links to objects in S3: signed here, without a call, for one object, as a file to save, for a short while.

use adapters::aws::dynamodb::ObjectLinks as _;
use adapters::aws::s3::Bucket;
use domain::value::time::Timestamp;

use super::canned::Canned;

#[tokio::test]
async fn a_link_opens_one_object_as_a_file_for_five_minutes() {
    let canned = Canned::new([]);
    let bucket = Bucket::new(canned.s3(), "payloads");
    let at = Timestamp::parse("2026-11-23T09:30:00Z").unwrap();
    let link = bucket.link("acme/job_1/RESULT#1#00112233", "job_1-1.json", at).await.unwrap();
    let (address, query) = link.url.split_once('?').unwrap();
    assert_eq!(address, "https://payloads.s3.eu-west-1.amazonaws.com/acme/job_1/RESULT%231%2300112233");
    for part in [
        "response-content-type=application%2Foctet-stream",
        "response-content-disposition=attachment%3B%20filename%3D%22job_1-1.json%22",
        "response-cache-control=no-store",
        "X-Amz-Date=20261123T093000Z",
        "X-Amz-Expires=300",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Signature=",
    ] {
        assert!(query.contains(part), "{part}: {query}");
    }
    assert_eq!(link.expires_at, Timestamp::parse("2026-11-23T09:35:00Z").unwrap());
    assert!(canned.calls().is_empty());
}
