//! Credentials of tools that a server sends back with its answer: they are kept nowhere.

use serde_json::Value;

use super::Fields;

/// What a tool may hold that opens somebody's server.
const CREDENTIALS: [&str; 2] = ["authorization", "headers"];

/// The answer as it came, but for the credentials among its tools; `None` where there are none.
pub(super) fn without(text: &str, response: &Fields<'_>) -> Option<Vec<u8>> {
    let may_hold = |sent: &&str| sent.contains('\\') || CREDENTIALS.iter().any(|name| sent.contains(name));
    let sent: Vec<&str> = response.all("tools").map(|raw| raw.get()).filter(may_hold).collect();
    // What stands so in the output as well is a quotation, and goes with it.
    let without = sent.iter().fold(text.to_owned(), |text, sent| text.replace(sent, &cleared(sent)));
    (without != text).then(|| without.into_bytes())
}

/// A list of tools, or one, without what they hold; nothing where it cannot be read.
fn cleared(sent: &str) -> String {
    let Ok(mut tools) = serde_json::from_str::<Value>(sent) else { return "null".to_owned() };
    let list = match &mut tools {
        Value::Array(list) => list.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for tool in list.iter_mut().filter_map(Value::as_object_mut) {
        for (_, value) in tool.iter_mut().filter(|(name, _)| CREDENTIALS.contains(&name.as_str())) {
            *value = Value::Null;
        }
    }
    tools.to_string()
}

#[cfg(test)]
mod tests {
    use crate::openai::wire::parse;

    fn kept(body: &str) -> String {
        String::from_utf8(parse(body.as_bytes(), None).unwrap().raw).unwrap()
    }

    #[test]
    fn a_tool_secret_that_the_provider_sends_back_is_not_kept() {
        let body = r#"{"id": "resp_1", "n": 9423588012367823456789,
            "tools": [{"type": "mcp", "authorization": "secret", "headers": {"X-Key": "secret"}}, {"type": "web_search"}]}"#;
        let kept = kept(body);
        assert!(!kept.contains("secret"), "{kept}");
        assert!(kept.contains("9423588012367823456789") && kept.contains(r#""authorization":null"#), "{kept}");
    }

    #[test]
    fn a_tool_secret_is_not_kept_in_whatever_form_the_tools_come() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for tools in [
            r#""tools": {"authorization": "secret"}"#.to_owned(),
            r#""tools": [{"authorization": "secret", "authorization": null}]"#.to_owned(),
            r#""tools": [{"\u0061uthorization": "secret"}]"#.to_owned(),
            r#""tools": [{"authorization": "secret"}], "tools": []"#.to_owned(),
            format!(r#""tools": [{{"x": {deep}, "authorization": "secret"}}]"#),
        ] {
            let kept = kept(&format!(r#"{{"id": "resp_1", {tools}}}"#));
            assert!(!kept.contains("secret"), "{kept}");
        }
    }

    #[test]
    fn an_answer_without_credentials_is_kept_byte_for_byte() {
        for tools in ["[]", "null", r#"[{"type":  "web_search"}]"#, r#"{"type":  "mcp"}"#, "7"] {
            let body = format!(r#"{{"id": "resp_1",  "tools": {tools}}}"#);
            assert_eq!(kept(&body), body);
        }
    }
}
