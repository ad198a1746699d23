//! Which route a request takes, and what the parameters in its path are.

use axum::http::Method;

use crate::template::Route;

/// The route for a method and a path as sent. At the first segment where two routes differ, a literal beats a parameter.
pub(super) fn find<'a>(routes: &'a [Route], method: &Method, path: &str) -> Option<&'a Route> {
    routes
        .iter()
        .filter(|route| route.method == method.as_str() || route.method == "ANY")
        .filter(|route| parameters(&route.path, path).is_some())
        .min_by_key(|route| (segments(&route.path).map(is_parameter).collect::<Vec<_>>(), route.method == "ANY"))
}

/// Name and decoded value of each parameter, or `None` when the path is another one.
pub(super) fn parameters<'a>(pattern: &'a str, path: &str) -> Option<Vec<(&'a str, String)>> {
    let mut found = Vec::new();
    let mut given = segments(path);
    for expected in segments(pattern) {
        let Some(name) = parameter(expected) else {
            if given.next().map(decode).as_deref() != Some(expected) {
                return None;
            }
            continue;
        };
        if let Some(name) = name.strip_suffix('+') {
            let rest: Vec<_> = given.collect();
            found.push((name, decode(&rest.join("/"))));
            return Some(found).filter(|_| !rest.is_empty());
        }
        let value = given.next().filter(|segment| !segment.is_empty())?;
        found.push((name, decode(value)));
    }
    given.next().is_none().then_some(found)
}

/// Percent-decoded text; bytes that are not UTF-8 become replacement characters.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%').then(|| after.split_at_checked(2)).flatten();
        let escaped = escaped.and_then(|(digits, after)| Some((hex::decode(digits).ok()?.pop()?, after)));
        let (byte, after) = escaped.unwrap_or((first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn is_parameter(segment: &str) -> bool {
    parameter(segment).is_some()
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
