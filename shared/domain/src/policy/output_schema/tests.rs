//! Which schemas are taken, which of them strictly, and what becomes of answers that do not keep theirs.

use serde_json::{Value, json};

use super::*;

fn label() -> Value {
    json!({
        "type": "object",
        "properties": {"label": {"type": "string", "enum": ["a", "b"]}, "score": {"type": ["number", "null"]}},
        "required": ["label", "score"],
        "additionalProperties": false,
    })
}

fn paths(errors: &[SchemaError]) -> Vec<&str> {
    errors.iter().map(|error| error.path.as_str()).collect()
}

#[test]
fn an_answer_is_held_against_its_schema_and_the_places_at_fault_are_named() {
    let nested = {
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        json!({"label": deep}).to_string()
    };
    let cases: [(&str, &[&str]); 15] = [
        (r#"{"label":"a","score":1}"#, &[]),
        (r#" {"label":"a","score":null} "#, &[]),
        (r#"{"label":"a","score":1e400}"#, &[]),
        (r#"{"label":"a","score":9400000000000000000001}"#, &[]),
        (r#"{"label":"c","score":1}"#, &["/label"]),
        (r#"{"label":"c","score":"1"}"#, &["/label", "/score"]),
        (r#"{"label":"a"}"#, &[""]),
        (r#"{"label":"a","score":1,"x":1}"#, &[""]),
        (r#"{"label":"a","label":"b","score":1}"#, &[""]),
        (r#"{"label":"a","score":1"#, &[""]),
        (r#"{"label":"a","score":1} and more"#, &[""]),
        ("```json\n{}\n```", &[""]),
        ("[]", &[""]),
        ("", &[""]),
        (&nested, &["", "/label", "/label"]),
    ];
    for (text, expected) in cases {
        let errors = errors_of(&label(), text);
        let mut found = paths(&errors);
        found.sort_unstable();
        assert_eq!(found, expected, "{text}: {errors:?}");
    }
}

#[test]
fn what_is_wrong_with_an_answer_quotes_nothing_of_it() {
    for text in [r#"{"label":"hunter2","score":"hunter2","hunter2":1}"#, "hunter2", r#"["hunter2"]"#] {
        let said = format!("{:?}", errors_of(&label(), text));
        assert!(!said.contains("hunter2") || text.contains("\"hunter2\":1"), "{said}");
    }
}

#[test]
fn ten_megabytes_and_ten_thousand_brackets_have_an_outcome() {
    let list = json!({"type": "object", "properties": {"l": {"type": "array", "items": {"type": "string"}}}});
    let right = json!({"l": vec!["x".repeat(100); 100_000]}).to_string();
    let wrong = json!({"l": vec![7; 1_000_000]}).to_string();
    assert!(right.len() > 10_000_000 && wrong.len() > 2_000_000);
    assert_eq!(errors_of(&list, &right), []);
    assert_eq!(paths(&errors_of(&list, &wrong)), [""], "too long for each place to be named");
    assert!(keeps(&list, &right) && !keeps(&list, &wrong));
    assert_eq!(paths(&errors_of(&list, &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)))), [""]);
}

#[test]
fn a_pattern_that_would_take_for_ever_elsewhere_ends() {
    let slow = json!({"type": "object", "properties": {"s": {"type": "string", "pattern": "^(a+)+$"}}});
    assert_eq!(check(&slow), []);
    assert!(!keeps(&slow, &json!({"s": format!("{}!", "a".repeat(50_000))}).to_string()));
}

#[test]
fn a_schema_that_cannot_be_used_is_refused_by_its_place() {
    let with = |name: &str, value: Value| {
        let mut schema = label();
        schema[name] = value;
        schema
    };
    let inside = |value: Value| with("properties", json!({"a/b": value}));
    for (schema, path) in [
        (json!(true), "/type"),
        (json!({}), "/type"),
        (json!({"type": "array"}), "/type"),
        (json!({"anyOf": [label()]}), "/type"),
        (inside(json!({"$ref": "https://example.com/schema.json"})), "/properties/a~1b/$ref"),
        (inside(json!({"$ref": "other.json#/x"})), "/properties/a~1b/$ref"),
        (inside(json!({"$ref": 7})), "/properties/a~1b/$ref"),
        (with("$id", json!("https://example.com/")), "/$id"),
        (inside(json!({"anyOf": [{"$dynamicRef": "#x"}]})), "/properties/a~1b/anyOf/0/$dynamicRef"),
        (inside(json!({"type": "text"})), "/properties/a~1b/type"),
        (inside(json!({"type": "string", "pattern": "("})), "/properties/a~1b/pattern"),
        (inside(json!({"type": "string", "description": "x".repeat(40_000)})), ""),
    ] {
        let errors = check(&schema);
        assert_eq!(paths(&errors), [path], "{errors:?}");
    }
    assert!(!check(&inside(json!({"$ref": "#/$defs/nowhere"}))).is_empty());
    for fine in [
        label(),
        with("$defs", json!({"self": {"$ref": "#"}})),
        inside(json!({"enum": [{"$ref": "https://example.com"}]})),
        with("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
    ] {
        assert_eq!(check(&fine), [], "{fine}");
    }
}

#[test]
fn what_keeps_a_schema_from_being_strict_is_named_by_its_place() {
    let with = |name: &str, value: Value| {
        let mut schema = label();
        schema[name] = value;
        schema
    };
    assert_eq!(not_strict(&label()), []);
    let optional = with("required", json!(["label"]));
    let deep = (0..11).fold(json!({"type": "string"}), |inner, _| {
        json!({"type": "object", "properties": {"x": inner}, "required": ["x"], "additionalProperties": false})
    });
    for (schema, path) in [
        (optional, "/required"),
        (with("additionalProperties", json!(true)), "/additionalProperties"),
        (with("allOf", json!([])), "/allOf"),
        (with("minProperties", json!(1)), "/minProperties"),
        (with("$defs", json!({"d": {"type": "string", "default": "x"}})), "/$defs/d/default"),
        (with("$defs", json!({"d": {"type": "object"}})), "/$defs/d/additionalProperties"),
        (deep, &"/properties/x".repeat(11)),
        (with("$defs", json!({"d": {"enum": (0..1_001).collect::<Vec<_>>()}})), ""),
    ] {
        let errors = not_strict(&schema);
        assert_eq!(paths(&errors), [path], "{errors:?}");
    }
}

#[test]
fn an_answer_to_a_schema_that_contains_itself_is_held_against_it_in_no_time() {
    let operation = |word: &str| {
        json!({"type": "object", "properties": {"op": {"const": word}, "l": {"$ref": "#/$defs/n"}, "r": {"$ref": "#/$defs/n"}},
            "required": ["op", "l", "r"], "additionalProperties": false})
    };
    let sums = json!({"type": "object", "properties": {"r": {"$ref": "#/$defs/n"}}, "required": ["r"], "additionalProperties": false,
        "$defs": {"n": {"anyOf": [operation("add"), operation("sub"), operation("mul"), {"type": "number"}]}}});
    assert_eq!((check(&sums), not_strict(&sums)), (vec![], vec![]));
    let nested = |leaf: Value| {
        let sum = (0..30).fold(leaf, |inner, _| json!({"op": "add", "l": inner, "r": 1}));
        json!({"r": sum}).to_string()
    };
    assert!(keeps(&sums, &nested(json!(1))) && errors_of(&sums, &nested(json!(1))).is_empty());
    assert!(!keeps(&sums, &nested(json!("x"))));
    assert_eq!(paths(&errors_of(&sums, &nested(json!("x")))), [""]);
}

#[test]
fn a_schema_that_contains_itself_is_known_by_whatever_name_it_hides_behind() {
    let holding = |properties: Value, to: &str| {
        json!({"type": "object", "properties": properties,
            "$defs": {"n": {"anyOf": [{"type": "number"}, {"type": "array", "items": {"$ref": to}}]}}})
    };
    for name in ["x", "definitions", "$defs"] {
        let schema = holding(json!({name: {"$ref": "#/$defs/n"}}), "#/$defs/n");
        assert_eq!(check(&schema), [], "{name}");
        assert!(reach::is_recursive(&schema), "{name}");
    }
    for to in ["#/%24defs/n", "#n", "##/$defs/n"] {
        assert_eq!(paths(&check(&holding(json!({}), to))), ["/$defs/n/anyOf/1/items/$ref"], "{to}");
    }
}

#[test]
fn a_schema_whose_references_unfold_without_end_is_refused() {
    let mut chain =
        json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/a0"}}, "$defs": {"a40": {"type": "string"}}});
    for at in 0..40 {
        let next = json!({"$ref": format!("#/$defs/a{}", at + 1)});
        chain["$defs"][format!("a{at}")] = json!({"anyOf": [next, next]});
    }
    assert_eq!(paths(&check(&chain)), [""]);
}

#[test]
fn what_is_no_value_and_what_is_no_date_keep_no_schema() {
    let score = json!({"type": "object", "properties": {"score": {"type": ["number", "null"]}, "day": {"type": "string", "format": "date"}}});
    for (text, keeps_it) in [
        (r#"{"score": NaN}"#, false),
        (r#"{"score": -Infinity}"#, false),
        (r#"{"score": null, "day": "2026-11-30"}"#, true),
        (r#"{"day": "tomorrow"}"#, false),
        (r#"{"day": "2026-11-30", "No": "In"}"#, true),
    ] {
        assert_eq!(keeps(&score, text), keeps_it, "{text}");
        assert_eq!(errors_of(&score, text).is_empty(), keeps_it, "{text}");
    }
}
