//! What a credential looks like, wherever somebody may put one.

/// Said of one, wherever it stands.
pub(super) const REFUSED: &str = "looks like a credential, and would be shown to every member: keep it in Secrets \
                                  Manager and give its ARN as authorization_secret_arn or under header_secret_arns";

/// Parts of names under which credentials travel, without signs between the words.
const NAMES: [&str; 19] = [
    "auth",
    "bearer",
    "token",
    "jwt",
    "key",
    "secret",
    "signature",
    "hmac",
    "cookie",
    "session",
    "passw",
    "passphrase",
    "pwd",
    "credential",
    "login",
    "private",
    "access",
    "cert",
    "otp",
];

/// Names that stand in many an innocent word, and for one alone.
const SHORT: [&str; 5] = ["sig", "pin", "sid", "pass", "pw"];

/// Whether a header, a parameter or a field of this name would hold one: by its letters, however they are written.
pub(super) fn is_named_so(name: &str) -> bool {
    let name = decoded(name).to_lowercase();
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    NAMES.iter().any(|part| letters.contains(part)) || words.any(|word| SHORT.contains(&word))
}

/// Beginnings that services give their credentials, so that they are found.
const BEGINNINGS: [&str; 24] = [
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "pk_live_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "whsec_",
    "shpat_",
    "npm_",
    "eyJ",
];

/// Whether a word of the text is in the form of a well-known credential.
pub(super) fn is_known_form(text: &str) -> bool {
    let text = decoded(text);
    if text.contains("-----BEGIN ") {
        return true;
    }
    let is_sign = |c: char| c.is_whitespace() || "\"'=:;,&?/()<>[]{}".contains(c);
    let mut words = text.split(is_sign).filter(|word| !word.is_empty());
    let mut scheme = false;
    words.any(|word| {
        let begins = BEGINNINGS.iter().any(|with| word.strip_prefix(with).is_some_and(|rest| rest.len() >= 12));
        let follows =
            std::mem::replace(&mut scheme, ["bearer", "basic"].iter().any(|name| word.eq_ignore_ascii_case(name)));
        begins || (follows && word.len() >= 8 && is_mixed(word))
    })
}

/// Whether the text, or a run in it, looks drawn by lot: so many letters and digits in a row, and both of them.
pub(super) fn is_drawn(text: &str, least: usize, joins: &[char]) -> bool {
    let text = decoded(text);
    text.split(|c: char| !c.is_ascii_alphanumeric() && !joins.contains(&c))
        .any(|run| run.len() >= least && is_mixed(run))
}

fn is_mixed(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
    has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
        || (has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
}

/// With `%41` as `A`, however often it was written so.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        let once = decoded_once(&text);
        if once == text {
            break;
        }
        text = once;
    }
    text
}

fn decoded_once(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
