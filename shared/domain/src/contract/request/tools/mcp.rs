//! MCP servers: what may be asked of one, and where the secret is kept that it wants.

use serde_json::{Map, Value};

use super::super::address::Web;
use super::super::shape::{Faults, Field, Rule, check_fields, given, optional, required};
use super::super::short;
use super::credential::{REFUSED, is_drawn, is_known_form, is_named_so};
use super::kinds::{CALLERS, KIND, NAMES};
use crate::value::id::WorkspaceId;

/// Ours, and never sent: the ARN of the secret whose value goes to the provider as `authorization`.
pub const SECRET: &str = "authorization_secret_arn";

/// Ours, and never sent: by header, the ARN of the secret whose value goes to the provider as that header.
pub const HEADER_SECRETS: &str = "header_secret_arns";

/// Where the secrets of a workspace's tools lie.
#[derive(Debug, Clone, Copy)]
pub struct SecretPlace<'a> {
    pub(super) deployment: &'a str,
    pub(super) workspace: &'a WorkspaceId,
}

impl SecretPlace<'_> {
    /// What the names of these secrets start with.
    pub fn prefix(&self) -> String {
        format!("{}/tools/{}/", self.deployment, self.workspace)
    }

    /// Whether it is the ARN of a secret that tools of the workspace may use.
    pub fn holds(&self, arn: &str) -> bool {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        let ["arn", partition, "secretsmanager", region, account, "secret", name] = parts.as_slice() else {
            return false;
        };
        let is_word = |text: &str| {
            (1..=32).contains(&text.len())
                && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        };
        partition.starts_with("aws")
            && is_word(partition)
            && is_word(region)
            && account.len() == 12
            && account.bytes().all(|c| c.is_ascii_digit())
            && name.len() <= 512
            && name.chars().all(is_name)
            && name.strip_prefix(&self.prefix()).is_some_and(|name| !name.is_empty())
    }

    fn rule(&self) -> String {
        format!("must be the ARN of a secret whose name starts with {}", self.prefix())
    }
}

const MAX_HEADERS: usize = 32;

const CONNECTORS: [&str; 8] = [
    "connector_dropbox",
    "connector_gmail",
    "connector_googlecalendar",
    "connector_googledrive",
    "connector_microsoftteams",
    "connector_outlookcalendar",
    "connector_outlookemail",
    "connector_sharepoint",
];

const SOME_TOOLS: Rule = Rule::Object(&[optional("read_only", Rule::Flag), optional("tool_names", NAMES)]);

const LATER: Rule = Rule::Own(|_, _, _| {});

const FIELDS: [Field; 14] = [
    KIND,
    CALLERS,
    required("server_label", Rule::Own(label)),
    optional("server_url", Rule::Own(server_url)),
    optional("connector_id", Rule::Word(&CONNECTORS)),
    optional("tunnel_id", Rule::Text(128)),
    optional("server_description", Rule::Text(1_000)),
    optional("allowed_tools", Rule::Own(tool_names)),
    optional("require_approval", Rule::Own(approval)),
    optional("defer_loading", Rule::Flag),
    optional("authorization", Rule::Own(|path, _, faults| faults.add(path, REFUSED))),
    optional("headers", Rule::Own(headers)),
    optional(SECRET, LATER),
    optional(HEADER_SECRETS, LATER),
];

pub(super) fn check(path: &str, tool: &Map<String, Value>, secrets: &SecretPlace<'_>, faults: &mut Faults) {
    check_fields(path, tool, &FIELDS, faults);
    let servers = ["server_url", "connector_id", "tunnel_id"];
    if servers.iter().filter(|name| given(tool, name).is_some()).count() != 1 {
        faults.add(path, "must have exactly one of server_url, connector_id and tunnel_id");
    }
    if let Some(arn) = given(tool, SECRET)
        && !arn.as_str().is_some_and(|arn| secrets.holds(arn))
    {
        faults.add(&format!("{path}.{SECRET}"), &secrets.rule());
    }
    if let Some(arns) = given(tool, HEADER_SECRETS) {
        header_secrets(&format!("{path}.{HEADER_SECRETS}"), arns, tool, secrets, faults);
    }
}

fn header_secrets(path: &str, arns: &Value, tool: &Map<String, Value>, secrets: &SecretPlace<'_>, faults: &mut Faults) {
    let Some(arns) = arns.as_object().filter(|arns| (1..=MAX_HEADERS).contains(&arns.len())) else {
        return faults.add(path, "must be an object of 1 to 32 headers, each with an ARN");
    };
    let plain = given(tool, "headers").and_then(Value::as_object);
    for (name, arn) in arns {
        let path = format!("{path}.{}", short(name));
        let same = |other: &String| other.eq_ignore_ascii_case(name);
        if !is_header(name) {
            faults.add(&path, "is not the name of a header");
        } else if plain.is_some_and(|plain| plain.keys().any(same)) || arns.keys().filter(|it| same(it)).count() > 1 {
            faults.add(&path, "must not come twice");
        } else if !arn.as_str().is_some_and(|arn| secrets.holds(arn)) {
            faults.add(&path, &secrets.rule());
        }
    }
}

fn label(path: &str, value: &Value, faults: &mut Faults) {
    let is_label = |text: &str| {
        (1..=64).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-')
    };
    if !value.as_str().is_some_and(is_label) {
        faults.add(path, "must be 1 to 64 letters, digits, _ and -");
    }
}

fn server_url(path: &str, value: &Value, faults: &mut Faults) {
    let text = value.as_str().unwrap_or_default();
    let Some(web) = Web::parse(text).filter(|web| web.is_https) else {
        return faults.add(path, "must be an https URL");
    };
    let pairs = web.query.split(['?', '&', ';', '#']).filter(|pair| !pair.is_empty());
    let mut pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    // In a path an id of a customer stands as often, in parts of at most 12.
    let in_path = is_drawn(web.path, 20, &[]) || is_known_form(web.path);
    if web.has_user || in_path || pairs.any(|(name, value)| holds_one(name, value)) {
        faults.add(path, REFUSED);
    }
}

fn holds_one(name: &str, value: &str) -> bool {
    is_named_so(name)
        || is_known_form(value)
        || [name, value].iter().any(|text| is_drawn(text, 16, &['-', '_', '.', '+', '/', '=', '~']))
}

fn headers(path: &str, value: &Value, faults: &mut Faults) {
    let Some(headers) = value.as_object().filter(|headers| headers.len() <= MAX_HEADERS) else {
        return faults.add(path, "must be an object of at most 32 headers");
    };
    for (name, value) in headers {
        let path = format!("{path}.{}", short(name));
        let Some(text) = value.as_str().filter(|text| text.len() <= 256 && !text.contains(char::is_control)) else {
            faults.add(&path, "must be a string of at most 256 bytes without control characters");
            continue;
        };
        if !is_header(name) {
            faults.add(&path, "is not the name of a header");
        } else if holds_one(name, text) {
            faults.add(&path, REFUSED);
        }
    }
}

fn is_header(name: &str) -> bool {
    let is_sign = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    (1..=64).contains(&name.len()) && name.bytes().all(is_sign)
}

fn tool_names(path: &str, value: &Value, faults: &mut Faults) {
    match value {
        Value::Array(_) => NAMES.check(path, value, faults),
        _ => SOME_TOOLS.check(path, value, faults),
    }
}

fn approval(path: &str, value: &Value, faults: &mut Faults) {
    const BY_TOOL: Rule = Rule::Object(&[optional("always", SOME_TOOLS), optional("never", SOME_TOOLS)]);
    match value {
        Value::String(word) if word == "always" || word == "never" => {}
        Value::Object(_) => BY_TOOL.check(path, value, faults),
        _ => faults.add(path, "must be always, never, or an object with these fields"),
    }
}
