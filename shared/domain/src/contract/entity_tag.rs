//! Entity tags of a job: its version and a digest of the answer, because attention, phase and next step change while the
//! version stands.

use super::view::JobView;
use crate::value::id::Digest;

/// Such as `"7-0a1b2c3d"`. How soon to ask again is no part of what is seen.
pub fn of(view: &JobView<'_>) -> String {
    let mut seen = serde_json::to_value(view).unwrap_or_default();
    if let Some(fields) = seen.as_object_mut() {
        fields.remove("poll_after_ms");
    }
    let hex = Digest::of(seen.to_string().as_bytes()).hex();
    let (digest, _) = hex.split_at(DIGITS);
    format!("\"{}-{digest}\"", view.version)
}

/// How much of the digest a tag shows.
const DIGITS: usize = 8;

/// The version in one tag, with or without its digest, weak or not. No list, and no star: they name no version.
pub fn version(tag: &str) -> Option<u32> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    let number = match quoted.split_once('-') {
        Some((number, digest)) => {
            let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            (digest.len() == DIGITS && digest.as_bytes().iter().all(is_digit)).then_some(number)?
        }
        None => quoted,
    };
    number.parse::<u32>().ok().filter(|version| version.to_string() == number)
}

/// Whether one of these tags, as `If-None-Match` lists them, is this one.
pub fn names(listed: &str, tag: &str) -> bool {
    listed.split(',').map(str::trim).any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_version_with_or_without_a_digest() {
        for tag in ["\"7\"", "\"7-0a1b2c3d\"", "W/\"7\"", "W/\"7-0a1b2c3d\""] {
            assert_eq!(version(tag), Some(7), "{tag}");
        }
        let long = format!("\"7-{}\"", "0".repeat(5_000));
        for tag in [
            "*",
            "",
            "7",
            "\"\"",
            "\"7",
            "7\"",
            "\"7\",\"7\"",
            "\"7\", \"8\"",
            "\"07\"",
            "\"+7\"",
            "\"-7\"",
            "\"7-\"",
            "\"7-0A1B2C3D\"",
            "\"7-0a1b2c3\"",
            "\"7-0a1b2c3d4\"",
            "\"7-0a1b2c3d-\"",
            "w/\"7\"",
            "W/W/\"7\"",
            "W/7",
            "\"4294967296\"",
            &long,
        ] {
            assert_eq!(version(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_tag_is_found_among_others_weak_or_not_and_only_when_it_is_equal() {
        let tag = "\"7-0a1b2c3d\"";
        for listed in [tag, "W/\"7-0a1b2c3d\"", "\"6-00000000\", \"7-0a1b2c3d\""] {
            assert!(names(listed, tag), "{listed}");
        }
        for listed in ["", "*", "\"7\"", "\"7-0a1b2c3e\"", "7-0a1b2c3d"] {
            assert!(!names(listed, tag), "{listed}");
        }
    }
}
