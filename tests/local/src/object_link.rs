//! Links to objects of the data folder, where AWS would sign one to S3: whoever has one reads that object until it expires.

use std::io::{self, Write as _};

use adapters::aws::dynamodb::{ObjectLinks, Objects as _};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use domain::contract::result::SignedLink;
use domain::port::LINK_LIFETIME;
use domain::value::failure::Failure;
use domain::value::time::Timestamp;

use crate::folder::Folder;

/// What the gateway serves such links under. No route of the API begins so.
const PATH: &str = "/-/objects/";

/// In the folder of the objects, whose names all have a slash in them.
const KEY_FILE: &str = "links.key";

impl ObjectLinks for Folder {
    async fn link(&self, name: &str, file: &str, now: Timestamp) -> Result<SignedLink, Failure> {
        let key = key(self).map_err(|error| Failure::transient("sign a link to the object", error))?;
        let expires_at = now + LINK_LIFETIME;
        let signature = hex::encode(sign(&key, &message(name, file, expires_at.millis())));
        let (name, expires) = (hex::encode(name), expires_at.millis());
        Ok(SignedLink { url: format!("{PATH}{name}/{file}?expires={expires}&signature={signature}"), expires_at })
    }
}

/// The answer to a request for an object; `None` where it asks for something else.
pub(crate) async fn answer(folder: &Folder, method: &Method, uri: &Uri, at_ms: i64) -> Option<Response<Body>> {
    let asked = uri.path().strip_prefix(PATH)?;
    let opened = match opened(folder, asked, uri.query().unwrap_or_default(), at_ms) {
        Some(opened) if *method == Method::GET => opened,
        _ => return Some(plain(StatusCode::FORBIDDEN, "This link is not valid, or no more.")),
    };
    let (name, file) = opened;
    let bytes = match folder.get(&name).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Some(plain(StatusCode::NOT_FOUND, "The object is gone.")),
        Err(_) => return Some(plain(StatusCode::SERVICE_UNAVAILABLE, "The object cannot be read now.")),
    };
    let mut response = plain(StatusCode::OK, "");
    set(&mut response, "content-type", "application/octet-stream");
    set(&mut response, "content-disposition", &format!("attachment; filename=\"{file}\""));
    *response.body_mut() = Body::from(bytes);
    Some(response)
}

/// The object's name and the file's, if this link was signed here and has not expired.
fn opened(folder: &Folder, asked: &str, query: &str, at_ms: i64) -> Option<(String, String)> {
    let (name, file) = asked.split_once('/')?;
    let (expires, signature) = query.strip_prefix("expires=")?.split_once("&signature=")?;
    let name = String::from_utf8(hex::decode(name).ok()?).ok()?;
    let (expires, signature) = (expires.parse().ok()?, hex::decode(signature).ok()?);
    verify(&key(folder).ok()?, &message(&name, file, expires), &signature).ok()?;
    (at_ms < expires).then(|| (name, file.to_owned()))
}

fn message(name: &str, file: &str, expires: i64) -> Vec<u8> {
    format!("{name}\0{file}\0{expires}").into_bytes()
}

/// The key of this folder. It appears whole, readable by its owner alone, and never replaces one that is there.
fn key(folder: &Folder) -> io::Result<Key> {
    let path = folder.0.join(KEY_FILE);
    if !path.exists() {
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("there is no randomness"))?;
        std::fs::create_dir_all(&folder.0)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder.0)?;
        file.write_all(&bytes)?;
        match file.persist_noclobber(&path) {
            Err(refused) if refused.error.kind() != io::ErrorKind::AlreadyExists => return Err(refused.error),
            _ => {}
        }
    }
    Ok(Key::new(HMAC_SHA256, &std::fs::read(path)?))
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    set(&mut response, "content-type", "text/plain; charset=utf-8");
    set(&mut response, "cache-control", "no-store");
    set(&mut response, "x-content-type-options", "nosniff");
    set(&mut response, "content-security-policy", "default-src 'none'; sandbox");
    response
}

fn set(response: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}
