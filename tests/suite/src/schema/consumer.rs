//! The consumer in `events/README.md`: its rule picks what it says, and what it reads is there.

use std::collections::BTreeSet;

use domain::event::published::PublishedKind;
use local::bus::{Pattern, envelope};
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use super::life::Life;
use super::shape::schema;
use crate::tidy;

/// The code of a language in the page's section about a consumer.
fn code(language: &str) -> String {
    let page = tidy::read("events/README.md");
    let section = page.split("\n## ").find_map(|section| section.strip_prefix("A consumer\n")).unwrap();
    let (_, rest) = section.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// The value under a key, wherever it is.
fn find<'a>(value: &'a Yaml, key: &str) -> Option<&'a Yaml> {
    match value {
        Yaml::Mapping(mapping) => value.get(key).or_else(|| mapping.values().find_map(|below| find(below, key))),
        Yaml::Sequence(list) => list.iter().find_map(|below| find(below, key)),
        Yaml::Tagged(tagged) => find(&tagged.value, key),
        _ => None,
    }
}

#[tokio::test]
async fn the_rule_of_the_page_picks_completed_jobs_and_nothing_else() {
    let snippet: Yaml = serde_yaml_ng::from_str(&code("yaml")).unwrap();
    let pattern: Value = serde_json::to_value(find(&snippet, "Pattern").unwrap()).unwrap();
    let pattern = Pattern::parse(&pattern).unwrap();
    let heard = Life::whole().await.heard();
    let picked: BTreeSet<_> =
        heard.into_iter().filter(|event| pattern.matches(&envelope(event))).map(|event| event.kind).collect();
    assert_eq!(picked, [PublishedKind::Completed].into());
}

#[test]
fn the_pages_rule_is_on_a_bus_that_the_template_exports() {
    let template = tidy::read("template.yaml");
    let imports: Vec<String> = code("yaml")
        .split("!ImportValue ")
        .skip(1)
        .filter_map(|rest| Some(rest.split_whitespace().next()?.trim_matches(['"', '\'', ',', '}']).to_owned()))
        .collect();
    assert!(!imports.is_empty());
    for import in imports {
        let export = import.replacen("lanekeeper-", "Name: !Sub ${Deployment}-", 1);
        assert!(template.contains(&export), "the template does not export {import}");
    }
}

#[test]
fn the_pages_function_reads_fields_that_every_event_has() {
    let code = code("python");
    let fields: BTreeSet<&str> =
        code.split("job[\"").skip(1).filter_map(|rest| rest.split_once("\"]")).map(|(field, _)| field).collect();
    assert!(fields.contains("id") && fields.contains("link"), "{fields:?}");
    assert!(code.contains("event[\"detail\"]"), "what a rule hands on is an envelope");
    for kind in PublishedKind::WORDS {
        let schema = schema(kind);
        let unknown: Vec<_> = fields.iter().filter(|field| schema["properties"].get(field).is_none()).collect();
        assert!(unknown.is_empty(), "{kind} has no {unknown:?}");
    }
}
