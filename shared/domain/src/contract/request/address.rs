//! Addresses in a body: whether it is a web address, its parts, and content that is written into an address itself.

/// An http or https address, in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Web<'a> {
    pub(super) is_https: bool,
    /// A name or a password stands in front of the host.
    pub(super) has_user: bool,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

const MAX_BYTES: usize = 8_192;

impl<'a> Web<'a> {
    /// `None` for anything else, and for an address with white space, a control character or no host.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && c != '\\';
        if !(is_https || scheme.eq_ignore_ascii_case("http")) || text.len() > MAX_BYTES || !text.chars().all(is_plain) {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        if host.is_empty() || host.starts_with(':') {
            return None;
        }
        // A fragment never leaves a client, and may carry as much as a query.
        let (path, query) = rest.find(['?', '#']).map_or((rest, ""), |at| rest.split_at(at));
        Some(Self { is_https, has_user: user.is_some(), path, query })
    }
}

/// Whether the text is content in base64 under a media type that starts so, such as `data:image/png;base64,…`.
pub(super) fn is_data(text: &str, media_type: &str) -> bool {
    let starts = |text: &str, with: &str| text.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    let Some((head, content)) = text.split_once(',') else { return false };
    let Some(head) = starts(head, "data:").then(|| head.get("data:".len()..)).flatten() else { return false };
    let is_word = |c: char| c.is_ascii_graphic() && c != '"';
    starts(head, media_type)
        && head.len() <= 200
        && head.chars().all(is_word)
        && head.len().checked_sub(";base64".len()).and_then(|at| head.get(at..)).is_some_and(|it| starts(it, ";base64"))
        && is_base64(content)
}

/// Whether the text is content in base64, in either alphabet, with line breaks or without.
pub(super) fn is_base64(text: &str) -> bool {
    let is_digit = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'-' | b'_' | b'=' | b'\r' | b'\n');
    !text.is_empty() && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_address_is_one_in_any_case_and_nothing_else_is() {
        let web = Web::parse("HTTPS://User:pw@example.com:8443/a/b?c=d#e").unwrap();
        assert_eq!(web, Web { is_https: true, has_user: true, path: "/a/b", query: "?c=d#e" });
        assert!(!Web::parse("http://example.com").unwrap().is_https);
        for other in ["ftp://a", "//example.com/a", "https:/a", "https://", "https://:80", "file:///etc", " https://a"]
        {
            assert_eq!(Web::parse(other), None, "{other}");
        }
        for odd in ["https://a b", "https://a\n.b", "https://a\\@b", "javascript:alert(1)", "https:example.com"] {
            assert_eq!(Web::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn content_in_an_address_is_in_base64_under_its_media_type() {
        assert!(is_data("data:image/png;base64,aGk=", "image/"));
        assert!(is_data("DATA:Image/PNG;BASE64,aGk=", "image/"));
        assert!(is_data("data:application/pdf;name=a.pdf;base64,aGk=", ""));
        for other in [
            "data:text/html;base64,aGk=",
            "data:image/png,aGk=",
            "data:image/png;base64,",
            "data:image/png;base64,https://a",
            "data:image/png;base64",
            "xdata:image/png;base64,aGk=",
            "data:image/png\n;base64,aGk=",
            "dätä:image/png;base64,aGk=",
        ] {
            assert!(!is_data(other, "image/"), "{other}");
        }
    }
}
