//! The pages of the login: plain HTML under a policy that runs no script and lets no other page frame it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::AUTHORIZE;
use super::form::Form;
use crate::people::Person;

const STYLE: &str = "
:root { color-scheme: light dark; }
body { max-width: 28rem; margin: 4rem auto; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; }
ul { list-style: none; padding: 0; }
li { display: flex; align-items: baseline; gap: 1rem; margin: .4rem 0; }
button { min-width: 8rem; padding: .45rem .8rem; font: inherit; text-align: start; cursor: pointer; }
label { display: block; margin: 1rem 0; }
input { display: block; padding: .4rem; font: inherit; }
.note { opacity: .75; }
.fault { border-inline-start: 3px solid #c22; padding-inline-start: .7rem; }
";

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
});

/// What the console sent with the browser, and comes back with the answer.
const KEPT: [&str; 6] =
    ["client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method"];

/// One button for each person.
pub(super) fn who_are_you(
    status: StatusCode,
    form: &Form,
    people: &[Person],
    needs_code: bool,
    fault: Option<&str>,
) -> Response {
    let mut body = String::new();
    if let Some(fault) = fault {
        let _ = write!(body, "<p class=\"fault\" role=\"alert\">{}</p>", escaped(fault));
    }
    let _ = write!(body, "<form method=\"post\" action=\"{AUTHORIZE}\">");
    for (name, value) in KEPT.iter().filter_map(|name| Some((name, form.one(name)?))) {
        let _ = write!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value));
    }
    if needs_code {
        body.push_str(
            "<label>Code that the server printed when it started\
             <input name=\"passcode\" autocomplete=\"off\" spellcheck=\"false\" required></label>",
        );
    }
    body.push_str("<ul>");
    for person in people {
        let (name, places) = (escaped(&person.principal), escaped(&person.places.join(", ")));
        let _ = write!(
            body,
            "<li><button name=\"as\" value=\"{name}\">{name}</button><span class=\"note\">{places}</span></li>"
        );
    }
    body.push_str("</ul></form>");
    let note = "These are the people of the data folder. On AWS, your identity provider asks here.";
    let _ = write!(body, "<p class=\"note\">{note}</p>");
    page(status, "Who are you?", &body)
}

pub(super) fn refusal(status: StatusCode, why: &str) -> Response {
    page(status, "No login", &format!("<p>{}</p><p><a href=\"/console\">To the console</a></p>", escaped(why)))
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} – Lanekeeper</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With none at all, a browser would not say that the form came from here.
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, html).into_response()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
