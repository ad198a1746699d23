//! Credentials of tools that a server sends back with its answer: they are kept nowhere.

use serde_json::Value;

use super::Fields;

/// What a tool may hold that opens somebody's server.
const CREDENTIALS: [&str; 2] = ["authorization", "headers"];

/// The answer as it came, but for the credentials among its tools; `None` where there are none.
pub(super) fn without(text: &str, response: &Fields<'_>) -> Option<Vec<u8>> {
    let sent = response.raw("tools")?.get();
    let mut tools: Value = serde_json::from_str(sent).ok()?;
    let mut found = false;
    for tool in tools.as_array_mut()?.iter_mut().filter_map(Value::as_object_mut) {
        for name in CREDENTIALS {
            if let Some(value) = tool.get_mut(name).filter(|value| !value.is_null()) {
                (*value, found) = (Value::Null, true);
            }
        }
    }
    // The first that stands so may be a quotation in the output: then both are taken out.
    found.then(|| text.replace(sent, &tools.to_string()).into_bytes())
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
    fn an_answer_without_credentials_is_kept_byte_for_byte() {
        for tools in [r#"[]"#, "null", r#"[{"type": "mcp",  "authorization": null}]"#, r#"{"authorization": 1}"#, "7"] {
            let body = format!(r#"{{"id": "resp_1",  "tools": {tools}}}"#);
            assert_eq!(kept(&body), body);
        }
    }
}
