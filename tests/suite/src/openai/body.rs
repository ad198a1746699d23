//! Answers as they come: packed, cut, hanging, with ids as long as relays make them.

use std::io::Write as _;

use domain::port::{CreateFailure, Lookup, Provider as _};
use domain::value::id::ResponseId;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::{Server, a_start, impatient};

const WHOLE: &str = r#"{"id":"resp_1","status":"queued","metadata":{"number":"9423588012367823456789"}}"#;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(vec![], Compression::default());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(vec![], Compression::default());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

/// An answer in this encoding, which claims to be so much longer than it is.
fn packed(encoding: &str, body: &[u8], missing: usize) -> Server {
    let length = body.len() + missing;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {length}\r\n\r\n");
    Server::writing([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn an_answer_that_comes_packed_is_read_and_one_that_was_cut_is_read_as_far_as_it_came() {
    for server in [packed("gzip", &gzip(WHOLE.as_bytes()), 0), packed("deflate", &deflate(WHOLE.as_bytes()), 0)] {
        let answer = server.client().create_response(&a_start()).await.unwrap();
        assert_eq!((answer.id.as_str(), answer.raw.as_slice()), ("resp_1", WHOLE.as_bytes()));
        assert!(server.only_request().contains("accept-encoding: gzip"), "asked for");
        let found = server.client().get(&answer.id).await.unwrap();
        assert!(matches!(found, Lookup::Found(answer) if answer.raw == WHOLE.as_bytes()));
    }
    let gzipped = gzip(WHOLE.as_bytes());
    // Without the check sum and the length behind it, all of the text is there.
    let server = packed("gzip", &gzipped[..gzipped.len() - 8], 8);
    assert_eq!(server.client().create_response(&a_start()).await.unwrap().id.as_str(), "resp_1");

    let mut long = WHOLE.replace('}', "").into_bytes();
    long.extend((0..200_000_u32).flat_map(|n| format!(",\"{}\":0", n.wrapping_mul(2_654_435_761)).into_bytes()));
    let gzipped = gzip(&long);
    let server = packed("gzip", &gzipped[..gzipped.len() / 2], gzipped.len());
    let failure = server.client().create_response(&a_start()).await.unwrap_err();
    assert!(matches!(failure, CreateFailure::Unknown { response: Some(id), .. } if id.as_str() == "resp_1"));
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_gigabytes_is_left_unread_beyond_64_megabytes() {
    let mut packer = GzEncoder::new(vec![], Compression::best());
    packer.write_all(br#"{"id":"resp_1","pad":""#).unwrap();
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..512 {
        packer.write_all(&zeros).unwrap();
    }
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let failure = packed("gzip", &bomb, 0).client().create_response(&a_start()).await.unwrap_err();
    let shown = format!("{failure:?}");
    assert!(shown.contains("TooLarge"), "{shown}");
    assert!(matches!(failure, CreateFailure::Unknown { response: Some(id), .. } if id.as_str() == "resp_1"));
}

#[tokio::test]
async fn a_whole_answer_whose_connection_hangs_is_an_answer() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n";
    let server = Server::start(move |mut stream| {
        stream.write_all(format!("{head}{WHOLE}").as_bytes()).unwrap();
        loop {
            std::thread::park();
        }
    });
    assert_eq!(impatient(&server.url).create_response(&a_start()).await.unwrap().id.as_str(), "resp_1");
    let id = ResponseId::parse("resp_1").unwrap();
    assert!(matches!(impatient(&server.url).get(&id).await, Ok(Lookup::Found(_))));
}

#[tokio::test]
async fn an_id_of_a_relay_is_as_good_as_one_of_64_characters() {
    for length in [64, 240, 300, 1_024] {
        let id = "r%/".repeat(342)[..length].to_owned();
        let server = Server::answering(200, "", &format!(r#"{{"id":"{id}","status":"queued"}}"#));
        let answer = server.client().create_response(&a_start()).await.unwrap();
        assert_eq!(answer.id.as_str(), id);
        assert!(matches!(server.client().get(&answer.id).await, Ok(Lookup::Found(_))), "{length}");
        let path = id.replace('%', "%25").replace('/', "%2F");
        let asked = server.requests()[1].lines().next().unwrap().to_owned();
        assert_eq!(asked, format!("GET /v1/responses/{path} HTTP/1.1"));
    }
}
