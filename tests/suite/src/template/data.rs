//! Data: table, bucket, secrets and key outlive the stack, are encrypted, and no secret lies anywhere else.

use serde_json::{Value, json};

use super::read::{Resource, Template, entries, list};

const KEPT: [&str; 4] = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::KMS::Key"];

pub(super) fn check(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for resource in template.resources().filter(|resource| KEPT.contains(&resource.kind())) {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            if resource.attribute(policy) != "Retain" {
                wrong.push(resource.wrong(policy, "must be Retain"));
            }
        }
        wrong.extend(match resource.kind() {
            "AWS::DynamoDB::Table" => table(template, &resource),
            "AWS::S3::Bucket" => bucket(template, &resource),
            "AWS::SecretsManager::Secret" => secret(template, &resource),
            _ => resource.unlike(&[("EnableKeyRotation", json!(true))]),
        });
    }
    for function in template.functions() {
        for (name, value) in entries(function.get("Environment.Variables")) {
            if !is_harmless(template, value) {
                let property = format!("Environment.Variables.{name}");
                wrong.push(function.wrong(&property, "must be a reference or a plain name: no secret lies here"));
            }
        }
    }
    wrong
}

fn table(template: &Template, table: &Resource<'_>) -> Vec<String> {
    let mut wrong = table.unlike(&[
        ("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", json!(true)),
        ("PointInTimeRecoverySpecification.RecoveryPeriodInDays", json!(35)),
        ("BillingMode", json!("PAY_PER_REQUEST")),
        ("SSESpecification.SSEEnabled", json!(true)),
        ("SSESpecification.SSEType", json!("KMS")),
        ("TimeToLiveSpecification", Value::Null),
    ]);
    wrong.extend(key(template, table, "SSESpecification.KMSMasterKeyId"));
    let protection = table.get("DeletionProtectionEnabled")["Ref"].as_str();
    let default = template.parameters().find(|(name, _)| Some(*name) == protection).map(|(_, value)| &value["Default"]);
    if default.is_none_or(|default| default != "true") {
        wrong.push(table.wrong("DeletionProtectionEnabled", "must be a parameter that defaults to \"true\""));
    }
    for most in ["MaxReadRequestUnits", "MaxWriteRequestUnits"] {
        let path = format!("OnDemandThroughput.{most}");
        if template.number(table.get(&path)).is_none() {
            wrong.push(table.wrong(&path, "bounds what a mistake can cost, and is missing"));
        }
    }
    wrong
}

fn bucket(template: &Template, bucket: &Resource<'_>) -> Vec<String> {
    let mut wrong = bucket.unlike(&[
        ("PublicAccessBlockConfiguration.BlockPublicAcls", json!(true)),
        ("PublicAccessBlockConfiguration.BlockPublicPolicy", json!(true)),
        ("PublicAccessBlockConfiguration.IgnorePublicAcls", json!(true)),
        ("PublicAccessBlockConfiguration.RestrictPublicBuckets", json!(true)),
        ("VersioningConfiguration.Status", json!("Enabled")),
        ("OwnershipControls.Rules", json!([{"ObjectOwnership": "BucketOwnerEnforced"}])),
    ]);
    let encryption = bucket_encryption(bucket);
    if encryption["SSEAlgorithm"] != "aws:kms"
        || template.referred(&encryption["KMSMasterKeyID"], "AWS::KMS::Key").is_none()
    {
        wrong.push(bucket.wrong("BucketEncryption", "must use a key of the template"));
    }
    for rule in ["AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"] {
        let mut rules = list(bucket.get("LifecycleConfiguration.Rules")).into_iter();
        if !rules.any(|found| found["Status"] == "Enabled" && found[rule].is_object()) {
            wrong.push(bucket.wrong("LifecycleConfiguration", &format!("has no {rule}: what is erased would stay")));
        }
    }
    let whole = json!([{"Fn::GetAtt": format!("{}.Arn", bucket.id)}, {"Fn::Sub": format!("${{{}.Arn}}/*", bucket.id)}]);
    let is_closed = |statement: &&Value| tls_only(statement, "s3:*") && statement["Resource"] == whole;
    let mut policies = template.of_type("AWS::S3::BucketPolicy");
    let is_tls_only = policies.any(|policy| {
        policy.get("Bucket")["Ref"] == bucket.id && list(policy.get("PolicyDocument.Statement")).iter().any(is_closed)
    });
    if !is_tls_only {
        wrong.push(bucket.wrong("BucketPolicy", "no policy refuses what comes without TLS"));
    }
    wrong
}

fn secret(template: &Template, secret: &Resource<'_>) -> Vec<String> {
    let mut wrong = secret.unlike(&[("SecretString", Value::Null), ("GenerateSecretString", Value::Null)]);
    wrong.extend(key(template, secret, "KmsKeyId"));
    wrong
}

fn key(template: &Template, resource: &Resource<'_>, property: &str) -> Option<String> {
    let key = template.referred(resource.get(property), "AWS::KMS::Key");
    key.is_none().then(|| resource.wrong(property, "must be a key of the template"))
}

pub(super) fn bucket_encryption<'a>(bucket: &Resource<'a>) -> &'a Value {
    &bucket.get("BucketEncryption.ServerSideEncryptionConfiguration")[0]["ServerSideEncryptionByDefault"]
}

/// A statement that refuses everybody every action, such as `s3:*`, without TLS.
pub(super) fn tls_only(statement: &Value, actions: &str) -> bool {
    statement["Effect"] == "Deny"
        && statement["Principal"] == "*"
        && statement["Action"] == actions
        && statement["Condition"] == json!({"Bool": {"aws:SecureTransport": false}})
}

fn is_harmless(template: &Template, value: &Value) -> bool {
    if let Some(name) = value["Ref"].as_str() {
        return !template.parameters().any(|(parameter, body)| parameter == name && !body["NoEcho"].is_null());
    }
    if let [Value::String(_), then, otherwise] = list(&value["Fn::If"]).as_slice() {
        return is_harmless(template, then) && is_harmless(template, otherwise);
    }
    let is_plain = |text: &str| text.len() <= 32 && text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    value["Fn::GetAtt"].is_string() || value.as_str().is_some_and(is_plain)
}
