//! The template as data: CloudFormation's tags in their long form, and what refers to what.

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

const FUNCTION: &str = "AWS::Serverless::Function";

/// The template as it is written, and as it is where everything is made: with the first branch of each `Fn::If` on
/// `FullAws`, and with the globals in every function.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) written: Value,
    whole: Value,
}

/// A resource of the whole template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'a> {
    pub(super) id: &'a str,
    body: &'a Value,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, serde_yaml_ng::Error> {
        let written = long(&serde_yaml_ng::from_str(text)?);
        let mut whole = whole(&written);
        let globals = whole["Globals"]["Function"].clone();
        for resource in whole["Resources"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            if resource["Type"] == FUNCTION {
                resource["Properties"] = merged(&globals, &resource["Properties"]);
            }
        }
        Ok(Self { written, whole })
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        entries(&self.whole["Resources"]).map(|(id, body)| Resource { id, body })
    }

    pub(super) fn of_type(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        self.resources().filter(move |resource| resource.kind() == kind)
    }

    pub(super) fn functions(&self) -> impl Iterator<Item = Resource<'_>> {
        self.of_type(FUNCTION)
    }

    pub(super) fn find(&self, id: &str, kind: &str) -> Option<Resource<'_>> {
        self.resources().find(|resource| resource.id == id && resource.kind() == kind)
    }

    /// The resource of a type that a value refers to.
    pub(super) fn referred(&self, value: &Value, kind: &str) -> Option<Resource<'_>> {
        self.find(&target(value)?, kind)
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &Value)> {
        entries(&self.whole["Parameters"])
    }

    /// A number, also spelled as a text, or the default of the parameter that stands for it.
    pub(super) fn number(&self, value: &Value) -> Option<u64> {
        if let Some(parameter) = value["Ref"].as_str() {
            return self.number(&self.whole["Parameters"][parameter]["Default"]);
        }
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    }
}

impl<'a> Resource<'a> {
    pub(super) fn kind(&self) -> &'a str {
        self.body["Type"].as_str().unwrap_or_default()
    }

    /// An attribute of the resource itself, such as `DeletionPolicy`.
    pub(super) fn attribute(&self, name: &str) -> &'a Value {
        &self.body[name]
    }

    /// The property at a path such as `RedrivePolicy.maxReceiveCount`; null where there is none.
    pub(super) fn get(&self, path: &str) -> &'a Value {
        path.split('.').fold(&self.body["Properties"], |value, name| &value[name])
    }

    pub(super) fn wrong(&self, property: &str, what: &str) -> String {
        format!("{}.{property}: {what}", self.id)
    }

    /// A finding for each property that is not what it has to be.
    pub(super) fn unlike(&self, expected: &[(&str, Value)]) -> Vec<String> {
        let unlike = expected.iter().filter(|(path, value)| self.get(path) != value);
        unlike.map(|(path, value)| self.wrong(path, &format!("is {} and not {value}", self.get(path)))).collect()
    }
}

/// The logical id that a `Ref`, a `Fn::GetAtt` or the start of a `Fn::Sub` names, with what follows it in an ARN:
/// `Table`, `Table/index/due`, `Table/stream`.
pub(super) fn target(value: &Value) -> Option<String> {
    if let Some(id) = value["Ref"].as_str() {
        return Some(id.to_owned());
    }
    if let Some(attribute) = value["Fn::GetAtt"].as_str() {
        let (id, attribute) = attribute.split_once('.')?;
        return Some(if attribute == "StreamArn" { format!("{id}/stream") } else { id.to_owned() });
    }
    let (inside, rest) = value["Fn::Sub"].as_str()?.strip_prefix("${")?.split_once('}')?;
    let id = inside.strip_suffix(".Arn").unwrap_or(inside);
    (!id.contains([':', '.']) && !rest.contains('$')).then(|| format!("{id}{rest}"))
}

/// A text as it is written, with the names in it not filled in.
pub(super) fn text(value: &Value) -> &str {
    value["Fn::Sub"].as_str().or_else(|| value.as_str()).unwrap_or_default()
}

/// The elements of a list, or the one that stands for a list of one.
pub(super) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements.iter().collect(),
        one => vec![one],
    }
}

pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// JSON of a YAML value, in which a tag is a key.
fn long(value: &Yaml) -> Value {
    match value {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let function = if ["Ref", "Condition"].contains(&name) { name.to_owned() } else { format!("Fn::{name}") };
            spelled(&function, long(&tagged.value))
        }
        Yaml::Mapping(mapping) => {
            let pairs = mapping.iter().map(|(key, value)| (key.as_str().unwrap_or("?").to_owned(), long(value)));
            let pairs: Map<String, Value> = pairs.collect();
            match pairs.get("Fn::GetAtt") {
                Some(attribute) if pairs.len() == 1 => spelled("Fn::GetAtt", attribute.clone()),
                _ => Value::Object(pairs),
            }
        }
        Yaml::Sequence(list) => list.iter().map(long).collect(),
        plain => serde_json::to_value(plain).unwrap_or_default(),
    }
}

/// A function with its argument; `[A, B]` in a `Fn::GetAtt` is `A.B`.
fn spelled(function: &str, argument: Value) -> Value {
    let parts: Option<Vec<&str>> = argument.as_array().map(|parts| parts.iter().filter_map(Value::as_str).collect());
    match parts {
        Some(parts) if function == "Fn::GetAtt" => json!({ function: parts.join(".") }),
        _ => json!({ function: argument }),
    }
}

fn whole(value: &Value) -> Value {
    match value {
        Value::Object(pairs) => match value["Fn::If"].as_array().map(Vec::as_slice) {
            Some([condition, then, _]) if condition == "FullAws" => whole(then),
            _ => Value::Object(pairs.iter().map(|(key, value)| (key.clone(), whole(value))).collect()),
        },
        Value::Array(list) => list.iter().map(whole).collect(),
        plain => plain.clone(),
    }
}

/// As SAM merges: objects key by key, anything else replaced.
fn merged(globals: &Value, own: &Value) -> Value {
    match (globals, own) {
        (Value::Object(globals), Value::Object(own)) => {
            let mut both = globals.clone();
            for (key, value) in own {
                let merged = globals.get(key).map_or_else(|| value.clone(), |global| merged(global, value));
                both.insert(key.clone(), merged);
            }
            Value::Object(both)
        }
        (globals, Value::Null) => globals.clone(),
        (_, own) => own.clone(),
    }
}

#[test]
fn tags_aliases_and_globals_are_written_out() {
    let text = "
Globals: { Function: { Handler: bootstrap, LoggingConfig: { LogFormat: JSON } } }
Parameters: { Days: { Default: '30' } }
Resources:
  One:
    Type: AWS::Serverless::Function
    Metadata: { checkov: &why { skip: [a] } }
    Properties:
      LoggingConfig: { LogGroup: !Ref Logs }
      A: !GetAtt Table.Arn
      B: { Fn::GetAtt: [Table, StreamArn] }
      C: !Sub '${Table.Arn}/index/due'
      D: !If [FullAws, { Most: !Ref Days }, !Ref AWS::NoValue]
      E: !If [Other, 1, 2]
  Two: { Type: Other, Metadata: { checkov: *why } }
";
    let template = Template::parse(text).unwrap();
    let one = template.functions().next().unwrap();
    assert_eq!(one.get("LoggingConfig"), &json!({"LogFormat": "JSON", "LogGroup": {"Ref": "Logs"}}));
    assert_eq!(one.get("Handler"), "bootstrap");
    assert_eq!(one.get("A"), &json!({"Fn::GetAtt": "Table.Arn"}));
    let targets = ["A", "B", "C"].map(|name| target(one.get(name)).unwrap());
    assert_eq!(targets, ["Table", "Table/stream", "Table/index/due"]);
    assert_eq!(template.number(one.get("D.Most")), Some(30));
    assert_eq!(one.get("E"), &json!({"Fn::If": ["Other", 1, 2]}));
    assert_eq!(template.find("Two", "Other").unwrap().attribute("Metadata"), &json!({"checkov": {"skip": ["a"]}}));
    assert_eq!(template.written["Resources"]["One"]["Properties"]["D"]["Fn::If"][0], "FullAws");
}
