//! The parts of a stack in an emulator of AWS, over the services' own wire.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use adapters::aws::dynamodb::Table;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_eventbridge::types::Target as RuleTarget;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};
use stack::target::Inside as Names;

pub(crate) struct Emulator {
    pub(crate) names: Names,
    pub(crate) table: Table,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    events: aws_sdk_eventbridge::Client,
    s3: aws_sdk_s3::Client,
    http: reqwest::Client,
    /// What the subscribed queue has shown so far.
    heard: Mutex<Vec<Value>>,
}

impl Emulator {
    pub(crate) fn new(names: Names) -> Self {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
            .endpoint_url(&names.endpoint)
            .build();
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        Self {
            table: Table::new(dynamodb.clone(), &names.table),
            dynamodb,
            sqs: aws_sdk_sqs::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            http: reqwest::Client::new(),
            heard: Mutex::default(),
            names,
        }
    }

    async fn url(&self, queue: &str) -> String {
        let name = format!("{}-{queue}", self.names.deployment);
        self.sqs.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap()
    }

    pub(crate) async fn send(&self, queue: &str, body: &str) {
        self.sqs.send_message().queue_url(self.url(queue).await).message_body(body).send().await.unwrap();
    }

    pub(crate) async fn set_visibility(&self, queue: &str, visibility: Duration) {
        let name = QueueAttributeName::VisibilityTimeout;
        let set = self.sqs.set_queue_attributes().queue_url(self.url(queue).await);
        set.attributes(name, visibility.as_secs().to_string()).send().await.unwrap();
    }

    pub(crate) async fn dead(&self, queue: &str) -> Vec<String> {
        self.take(&self.url(&format!("{queue}-dead")).await).await
    }

    pub(crate) async fn delayed(&self, queue: &str) -> usize {
        let name = QueueAttributeName::ApproximateNumberOfMessagesDelayed;
        let get = self.sqs.get_queue_attributes().queue_url(self.url(queue).await);
        let answer = get.attribute_names(name.clone()).send().await.unwrap();
        answer.attributes.unwrap()[&name].parse().unwrap()
    }

    /// The bodies of up to ten messages, which are then gone.
    async fn take(&self, url: &str) -> Vec<String> {
        let received = self.sqs.receive_message().queue_url(url).max_number_of_messages(10).send().await.unwrap();
        let mut bodies = Vec::new();
        for message in received.messages.unwrap_or_default() {
            self.sqs
                .delete_message()
                .queue_url(url)
                .receipt_handle(message.receipt_handle.unwrap())
                .send()
                .await
                .unwrap();
            bodies.push(message.body.unwrap());
        }
        bodies
    }

    pub(crate) fn kill(&self, function: &str) -> usize {
        let mark = format!("AWS_LAMBDA_FUNCTION_NAME={}-{function}", self.names.deployment);
        let is_ours = |pid: &String| {
            let variables = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            variables.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        };
        let names = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let ours: Vec<String> = names.filter(|name| name.parse::<u32>().is_ok()).filter(is_ours).collect();
        for pid in &ours {
            Command::new("kill").args(["-9", pid]).status().unwrap();
        }
        ours.len()
    }

    pub(crate) async fn invoke(&self, function: &str, event: &str) -> String {
        let Names { endpoint, deployment, .. } = &self.names;
        let url = format!("{endpoint}/2015-03-31/functions/{deployment}-{function}/invocations");
        // An emulator finds the service by the scope of the signature, and does not check it.
        let scope =
            "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
        let call = self.http.post(url).header("authorization", scope).body(event.to_owned());
        call.send().await.unwrap().text().await.unwrap()
    }

    pub(crate) async fn forget_objects(&self, prefix: &str) {
        let bucket = &self.names.bucket;
        let listed = self.s3.list_objects_v2().bucket(bucket).prefix(prefix).send().await.unwrap();
        assert!(!listed.contents().is_empty(), "there are no objects under {prefix}");
        for object in listed.contents() {
            self.s3.delete_object().bucket(bucket).key(object.key().unwrap()).send().await.unwrap();
        }
    }

    pub(crate) async fn subscribe(&self, workspace: &str) {
        let name = format!("{}-test-{workspace}", self.names.deployment);
        let url = self.sqs.create_queue().queue_name(&name).send().await.unwrap().queue_url.unwrap();
        let attribute = QueueAttributeName::QueueArn;
        let get = self.sqs.get_queue_attributes().queue_url(url).attribute_names(attribute.clone());
        let arn = get.send().await.unwrap().attributes.unwrap()[&attribute].clone();
        let pattern = json!({"source": ["lanekeeper"], "detail": {"workspace": [workspace]}}).to_string();
        let bus = &self.names.bus;
        self.events.put_rule().name(&name).event_bus_name(bus).event_pattern(pattern).send().await.unwrap();
        let target = RuleTarget::builder().id("queue").arn(arn).build().unwrap();
        self.events.put_targets().rule(&name).event_bus_name(bus).targets(target).send().await.unwrap();
    }

    pub(crate) async fn events(&self, workspace: &str) -> Vec<Value> {
        let url = self.url(&format!("test-{workspace}")).await;
        let bodies = self.take(&url).await;
        let events = bodies.iter().map(|body| serde_json::from_str::<HashMap<String, Value>>(body).unwrap());
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(events.map(|mut event| event.remove("detail").unwrap()));
        let is_of_a_job = |event: &&Value| event["job_id"].is_string();
        heard.iter().filter(is_of_a_job).cloned().collect()
    }
}
