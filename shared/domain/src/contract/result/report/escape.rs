//! Text that nobody here wrote, made harmless for whatever renders Markdown.

/// Characters that nobody sees or that turn a line around are spelled out. Joiners stay: scripts and emoji need them.
const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'
            | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Several lines. Whatever could begin a link, an image, HTML or code is a character reference, which begins nothing;
/// headings, lists, tables and emphasis stay.
pub(super) fn block(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut tildes = 0;
    while let Some(c) = characters.next() {
        tildes = if c == '~' { tildes + 1 } else { 0 };
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '[' => escaped.push_str("&#91;"),
            ']' => escaped.push_str("&#93;"),
            '`' => escaped.push_str("&#96;"),
            // Three begin a block of code that would swallow what follows.
            '~' if tildes > 2 => escaped.push_str("&#126;"),
            // It would take the meaning from the reference behind it.
            '\\' if characters.peek().is_some_and(|next| "&<[]`~\\".contains(*next)) => escaped.push_str("&#92;"),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => escaped.push('\n'),
            c if is_hidden(c) => escaped.push_str(&format!("‹U+{:04X}›", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped.split('\n').map(unruled).collect::<Vec<_>>().join("\n")
}

/// A line of nothing but dashes or pluses may begin what some renderers hide as metadata.
fn unruled(line: &str) -> String {
    let rule = line.trim();
    let is_all = |c: char| rule.len() > 2 && rule.chars().all(|other| other == c);
    match rule.chars().next() {
        Some(c @ ('-' | '+')) if is_all(c) => line.replacen(c, &format!("&#{};", u32::from(c)), 1),
        _ => line.to_owned(),
    }
}

/// One line, in which nothing is marked up either.
pub(super) fn line(text: &str) -> String {
    let mut escaped = String::new();
    for c in block(&text.split_whitespace().collect::<Vec<_>>().join(" ")).chars() {
        match c {
            '*' | '_' | '|' | '\\' | '~' => escaped.push_str(&format!("&#{};", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

/// An address that a report may lead to.
pub(super) struct Address {
    pub(super) url: String,
    pub(super) host: String,
}

/// A page of http or https, spelled so that it cannot end its link; `None` for anything else, and for an address that
/// looks like another than it is.
pub(super) fn address(source: &str) -> Option<Address> {
    const LONGEST: usize = 2_000;
    let (scheme, rest) = source.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") || source.len() > LONGEST {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
    let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let is_port = !port.is_empty() && port.len() <= 5 && port.chars().all(|c| c.is_ascii_digit());
    if !is_host || !is_port || source.chars().any(|c| c.is_control() || is_hidden(c)) {
        return None;
    }
    let mut url = format!("{scheme}://{authority}");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => url.push(char::from(byte)),
            b'&' => url.push_str("&amp;"),
            b'/' | b'?' | b'#' | b'-' | b'.' | b'_' | b'~' | b'=' | b'%' | b'+' | b',' | b':' | b';' | b'@' => {
                url.push(char::from(byte));
            }
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(Address { url, host: authority.to_owned() })
}
