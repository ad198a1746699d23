//! One place in the template, which knows its own path for errors and can follow references.

use serde_yaml_ng::Value;

use super::TemplateError;

/// A value, where it stands, and the document around it.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    document: &'a Value,
    path: String,
    value: &'a Value,
}

impl<'a> Node<'a> {
    pub(super) fn root(document: &'a Value) -> Self {
        Self { document, path: String::new(), value: document }
    }

    /// The last part of the path: a resource's logical id.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    pub(super) fn find(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self { document: self.document, path: self.below(key), value: on_aws(value) })
    }

    pub(super) fn get(&self, key: &str) -> Result<Self, TemplateError> {
        self.find(key).ok_or_else(|| TemplateError::Missing(self.below(key)))
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Result<Vec<Self>, TemplateError> {
        let list = self.value.as_sequence().ok_or_else(|| self.unexpected("a list"))?;
        let element = |(index, value)| Self { document: self.document, path: self.below(&format!("{index}")), value };
        Ok(list.iter().enumerate().map(element).collect())
    }

    pub(super) fn text(&self) -> Result<&'a str, TemplateError> {
        self.value.as_str().ok_or_else(|| self.unexpected("a text"))
    }

    /// A number, also spelled as a text, or the default of the parameter that stands for it.
    pub(super) fn number(&self) -> Result<u64, TemplateError> {
        if let Some(parameter) = reference(self.value) {
            return Self::root(self.document).get("Parameters")?.get(parameter)?.get("Default")?.number();
        }
        let spelled = || self.value.as_str().and_then(|text| text.parse().ok());
        self.value.as_u64().or_else(spelled).ok_or_else(|| self.unexpected("a number"))
    }

    pub(super) fn small_number(&self) -> Result<u32, TemplateError> {
        self.number()?.try_into().map_err(|_| self.unexpected("a number below 2^32"))
    }

    /// A value that refers to nothing, as JSON.
    pub(super) fn json(&self) -> Result<serde_json::Value, TemplateError> {
        serde_json::to_value(self.value).map_err(|_| self.unexpected("a plain value"))
    }

    /// All resources of a type.
    pub(super) fn resources(&self, kind: &str) -> Result<Vec<Self>, TemplateError> {
        let resources = Self::root(self.document).get("Resources")?;
        let names = resources.value.as_mapping().ok_or_else(|| resources.unexpected("a mapping"))?;
        let found = names.keys().filter_map(Value::as_str).filter_map(|name| resources.find(name));
        Ok(found.filter(|resource| resource.is(kind)).collect())
    }

    /// The first resource of a type that this value refers to, however the reference is written.
    pub(super) fn resource(&self, kind: &str) -> Result<Self, TemplateError> {
        let resources = Self::root(self.document).get("Resources")?;
        let mut names = Vec::new();
        mentioned(self.value, &mut names);
        let mut found = names.into_iter().filter_map(|name| resources.find(name));
        found
            .find(|resource| resource.is(kind))
            .ok_or_else(|| TemplateError::Missing(format!("{kind} that {} refers to", self.path)))
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> TemplateError {
        TemplateError::Unexpected { path: self.path.clone(), expected }
    }

    fn is(&self, kind: &str) -> bool {
        self.find("Type").is_some_and(|found| found.value.as_str() == Some(kind))
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// What a value behind the condition `FullAws` is where all of AWS is there.
fn on_aws(value: &Value) -> &Value {
    let branches = match value {
        Value::Tagged(tagged) if tagged.tag == "If" => Some(&tagged.value),
        Value::Mapping(mapping) if mapping.len() == 1 => value.get("Fn::If"),
        _ => None,
    };
    match branches.and_then(Value::as_sequence).map(Vec::as_slice) {
        Some([Value::String(condition), then, _]) if condition == "FullAws" => then,
        _ => value,
    }
}

/// The name in `!Ref name` or `Ref: name`.
fn reference(value: &Value) -> Option<&str> {
    match value {
        Value::Tagged(tagged) if tagged.tag == "Ref" => tagged.value.as_str(),
        Value::Mapping(mapping) if mapping.len() == 1 => value.get("Ref")?.as_str(),
        _ => None,
    }
}

/// Every logical id in a value made of Ref, GetAtt, Sub and Join, in order.
fn mentioned<'a>(value: &'a Value, names: &mut Vec<&'a str>) {
    match value {
        // `${Name}` and `${Name.Attribute}` in a Sub; `Name` and `Name.Attribute` elsewhere.
        Value::String(text) if text.contains("${") => {
            let inside = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
            names.extend(inside.map(before_the_dot));
        }
        Value::String(text) => names.push(before_the_dot(text)),
        Value::Sequence(list) => list.iter().for_each(|element| mentioned(element, names)),
        Value::Mapping(mapping) => mapping.values().for_each(|element| mentioned(element, names)),
        Value::Tagged(tagged) => mentioned(&tagged.value, names),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn before_the_dot(text: &str) -> &str {
    text.split('.').next().unwrap_or(text)
}
