//! Large payloads in S3, under their job's prefix.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use domain::contract::result::SignedLink;
use domain::port::LINK_LIFETIME;
use domain::value::failure::Failure;
use domain::value::time::Timestamp;

use crate::aws::dynamodb::{ObjectLinks, Objects};
use crate::aws::error::failure;

#[derive(Debug, Clone)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }
}

impl Objects for Bucket {
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        // The name holds the content's digest: writing it again writes the same.
        self.client
            .put_object()
            .bucket(&self.name)
            .key(name)
            .content_type("application/json")
            .body(ByteStream::from(bytes.to_vec()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failure("write the object", error))
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        const WHAT: &str = "read the object";
        match self.client.get_object().bucket(&self.name).key(name).send().await {
            Ok(object) => {
                let bytes = object.body.collect().await.map_err(|error| Failure::transient(WHAT, error))?;
                Ok(Some(bytes.to_vec()))
            }
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => Ok(None),
            Err(error) => Err(failure(WHAT, error)),
        }
    }

    async fn erase(&self, prefix: &str) -> Result<(), Failure> {
        const WHAT: &str = "erase the objects";
        let mut pages = self.client.list_objects_v2().bucket(&self.name).prefix(prefix).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(WHAT, error))?;
            for key in page.contents().iter().filter_map(|object| object.key()) {
                let delete = self.client.delete_object().bucket(&self.name).key(key);
                delete.send().await.map_err(|error| failure(WHAT, error))?;
            }
        }
        Ok(())
    }
}

impl ObjectLinks for Bucket {
    async fn link(&self, name: &str, file: &str, now: Timestamp) -> Result<SignedLink, Failure> {
        const WHAT: &str = "sign a link to the object";
        let start = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap_or_default());
        let config = PresigningConfig::builder().start_time(start).expires_in(LINK_LIFETIME).build();
        let config = config.map_err(|error| Failure::permanent(WHAT, error))?;
        let get = self.client.get_object().bucket(&self.name).key(name);
        // Signed too, so that whoever has the link cannot make a page of it.
        let get = get.response_content_type("application/octet-stream");
        let get = get.response_content_disposition(format!("attachment; filename=\"{file}\""));
        let get = get.response_cache_control("no-store");
        let signed = get.presigned(config).await.map_err(|error| failure(WHAT, error))?;
        let expires_at = now + LINK_LIFETIME;
        Ok(SignedLink { url: signed.uri().to_owned(), expires_at })
    }
}
