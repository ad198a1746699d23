//! What the local edition takes from `template.yaml`, so that table, routes and queues are written down once.

mod node;
mod rule;
mod table;

use std::time::Duration;

use serde_yaml_ng::Value;

use self::node::Node;
pub use self::rule::Rule;
pub use self::table::{Attribute, Index, KeyPart, Table};

/// Why a text is not a template that the local edition can be built from.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("the template is not YAML")]
    Yaml(#[source] serde_yaml_ng::Error),
    #[error("the template has no {0}")]
    Missing(String),
    #[error("the template's {path} is not {expected}")]
    Unexpected { path: String, expected: &'static str },
}

/// One route of the HTTP API and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: String,
    /// As in the route key: `/v1/workspaces/{workspace}/jobs/{id}`.
    pub path: String,
    /// The function's folder under `functions/`.
    pub function: String,
    /// Answered without a token.
    pub open: bool,
    /// How long the gateway waits for the function.
    pub limit: Duration,
}

impl Route {
    /// As the gateway names it, such as `GET /v1/health`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A queue and the function that consumes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub logical_id: String,
    pub function: String,
    pub visibility: Duration,
    pub max_receives: u32,
    pub batch_size: u32,
    /// Most batches of it that are handled at once, by the default of its parameter.
    pub concurrency: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queues {
    pub submit: Queue,
    pub observe: Queue,
}

/// The parts of the template that have a local counterpart.
#[derive(Debug, Clone)]
pub struct Template {
    table: Table,
    routes: Vec<Route>,
    queues: Queues,
    rules: Vec<Rule>,
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let document: Value = serde_yaml_ng::from_str(text).map_err(TemplateError::Yaml)?;
        let root = Node::root(&document);
        let (table, routes) = (table::read(&root)?, routes(&root)?);
        Ok(Self { table, routes, queues: queues(&root)?, rules: rule::read(&root)? })
    }

    pub fn table(&self) -> &Table {
        &self.table
    }

    pub fn create_table_json(&self, table_name: &str) -> serde_json::Value {
        self.table.create_table_json(table_name)
    }

    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

fn routes(root: &Node<'_>) -> Result<Vec<Route>, TemplateError> {
    let routes = root
        .resources("AWS::ApiGatewayV2::Route")?
        .into_iter()
        .map(|route| {
            let properties = route.get("Properties")?;
            let key = properties.get("RouteKey")?;
            let (method, path) = key
                .text()?
                .split_once(' ')
                .filter(|(_, path)| path.starts_with('/'))
                .ok_or_else(|| key.unexpected("a method and a path"))?;
            let integration =
                properties.get("Target")?.resource("AWS::ApiGatewayV2::Integration")?.get("Properties")?;
            let function = integration.get("IntegrationUri")?.resource(FUNCTION)?;
            // 30 s is what an integration without a limit of its own gets, and the most there is.
            let limit = integration.find("TimeoutInMillis").map_or(Ok(30_000), |millis| millis.number())?;
            let authorization = properties.find("AuthorizationType").map(|kind| kind.text()).transpose()?;
            Ok(Route {
                method: method.to_owned(),
                path: path.to_owned(),
                function: folder(&function)?,
                open: authorization.is_none_or(|kind| kind == "NONE"),
                limit: Duration::from_millis(limit),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if routes.is_empty() { Err(TemplateError::Missing("AWS::ApiGatewayV2::Route".to_owned())) } else { Ok(routes) }
}

fn queues(root: &Node<'_>) -> Result<Queues, TemplateError> {
    Ok(Queues { submit: queue(root, "submit-job")?, observe: queue(root, "observe-job")? })
}

/// The queue that an event source of this function reads.
fn queue(root: &Node<'_>, function: &str) -> Result<Queue, TemplateError> {
    for source in root.resources("AWS::Lambda::EventSourceMapping")? {
        let mapping = source.get("Properties")?;
        if folder(&mapping.get("FunctionName")?.resource(FUNCTION)?)? == function {
            return consumed(&mapping);
        }
    }
    Err(TemplateError::Missing(format!("event source of functions/{function}")))
}

/// The queue that a mapping reads.
fn consumed(mapping: &Node<'_>) -> Result<Queue, TemplateError> {
    let queue = mapping.get("EventSourceArn")?.resource(QUEUE)?;
    let properties = queue.get("Properties")?;
    Ok(Queue {
        logical_id: queue.name().to_owned(),
        function: folder(&mapping.get("FunctionName")?.resource(FUNCTION)?)?,
        visibility: Duration::from_secs(properties.get("VisibilityTimeout")?.number()?),
        max_receives: properties.get("RedrivePolicy")?.get("maxReceiveCount")?.small_number()?,
        batch_size: mapping.get("BatchSize")?.small_number()?,
        concurrency: mapping.get("ScalingConfig")?.get("MaximumConcurrency")?.small_number()?,
    })
}

const FUNCTION: &str = "AWS::Serverless::Function";
const QUEUE: &str = "AWS::SQS::Queue";

fn folder(function: &Node<'_>) -> Result<String, TemplateError> {
    let uri = function.get("Properties")?.get("CodeUri")?;
    uri.text()?
        .trim_start_matches("./")
        .strip_prefix("functions/")
        .map(|name| name.trim_end_matches('/').to_owned())
        .ok_or_else(|| uri.unexpected("a folder under functions/"))
}
