//! The rules of the bus, each with a queue that it fills and the function behind that.

use super::node::Node;
use super::{QUEUE, Queue, TemplateError, consumed};
use crate::bus::Pattern;

#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub pattern: Pattern,
    pub queue: Queue,
}

/// One for each target of each rule.
pub(super) fn read(root: &Node<'_>) -> Result<Vec<Rule>, TemplateError> {
    let mut rules = Vec::new();
    for rule in root.resources("AWS::Events::Rule")? {
        let properties = rule.get("Properties")?;
        let pattern = properties.get("EventPattern")?;
        let parsed = Pattern::parse(&pattern.json()?);
        let parsed = parsed.map_err(|_| pattern.unexpected("a pattern of plain values"))?;
        for target in properties.get("Targets")?.list()? {
            let queue = target.get("Arn")?.resource(QUEUE)?;
            rules.push(Rule { pattern: parsed.clone(), queue: reader(root, queue.name())? });
        }
    }
    Ok(rules)
}

/// The queue with who reads it.
fn reader(root: &Node<'_>, queue: &str) -> Result<Queue, TemplateError> {
    for source in root.resources("AWS::Lambda::EventSourceMapping")? {
        let mapping = source.get("Properties")?;
        // The stream's mapping reads no queue.
        if mapping.get("EventSourceArn")?.resource(QUEUE).is_ok_and(|found| found.name() == queue) {
            return consumed(&mapping);
        }
    }
    Err(TemplateError::Missing(format!("event source of {queue}")))
}
