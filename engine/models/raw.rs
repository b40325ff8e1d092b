//! A model as botocore writes it; names are borrowed from the text, which is large.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::pages::RawPaginator;
use crate::waiter::RawWaiter;

#[derive(Deserialize)]
pub(super) struct RawModel<'a> {
    pub(super) metadata: RawMetadata,
    #[serde(borrow)]
    pub(super) operations: Pairs<'a, RawOperation<'a>>,
    #[serde(borrow)]
    pub(super) shapes: Pairs<'a, RawShape<'a>>,
    #[serde(default, borrow)]
    pub(super) paginators: HashMap<&'a str, RawPaginator>,
    #[serde(default)]
    pub(super) waiters: HashMap<String, RawWaiter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawMetadata {
    pub(super) protocol: String,
    #[serde(default)]
    pub(super) api_version: String,
    #[serde(default)]
    pub(super) endpoint_prefix: String,
    pub(super) signing_name: Option<String>,
    pub(super) service_id: Option<String>,
    #[serde(default)]
    pub(super) json_version: String,
    #[serde(default)]
    pub(super) target_prefix: String,
    pub(super) aws_query_compatible: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct RawOperation<'a> {
    #[serde(borrow)]
    pub(super) http: Option<RawHttp<'a>>,
    #[serde(borrow)]
    pub(super) input: Option<Box<RawReference<'a>>>,
    #[serde(borrow)]
    pub(super) output: Option<Box<RawReference<'a>>>,
    #[serde(borrow)]
    pub(super) endpoint: Option<RawEndpoint<'a>>,
    #[serde(borrow)]
    pub(super) requestcompression: Option<RawCompression<'a>>,
}

#[derive(Deserialize)]
pub(super) struct RawCompression<'a> {
    #[serde(borrow)]
    pub(super) encodings: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawHttp<'a> {
    pub(super) method: &'a str,
    pub(super) request_uri: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEndpoint<'a> {
    pub(super) host_prefix: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawReference<'a> {
    pub(super) shape: &'a str,
    pub(super) location_name: Option<&'a str>,
    pub(super) query_name: Option<&'a str>,
    pub(super) result_wrapper: Option<&'a str>,
    pub(super) timestamp_format: Option<&'a str>,
    pub(super) flattened: Option<bool>,
    #[serde(default)]
    pub(super) xml_attribute: bool,
    #[serde(default)]
    pub(super) idempotency_token: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "traits of the model are so")]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawShape<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    #[serde(default, borrow)]
    pub(super) members: Pairs<'a, RawReference<'a>>,
    #[serde(default, borrow)]
    pub(super) required: Vec<&'a str>,
    #[serde(borrow)]
    pub(super) member: Option<Box<RawReference<'a>>>,
    #[serde(borrow)]
    pub(super) key: Option<Box<RawReference<'a>>>,
    #[serde(borrow)]
    pub(super) value: Option<Box<RawReference<'a>>>,
    #[serde(default, rename = "enum")]
    pub(super) allowed: Vec<String>,
    pub(super) min: Option<f64>,
    pub(super) timestamp_format: Option<&'a str>,
    #[serde(default)]
    pub(super) flattened: bool,
    #[serde(default)]
    pub(super) exception: bool,
    #[serde(default)]
    pub(super) document: bool,
    #[serde(default)]
    pub(super) sensitive: bool,
    #[serde(borrow)]
    pub(super) error: Option<RawError<'a>>,
}

#[derive(Deserialize)]
pub(super) struct RawError<'a> {
    pub(super) code: Option<&'a str>,
}

/// A map's entries in the order of the text: for thousands of small maps, a tree each takes too long.
pub(super) struct Pairs<'a, T>(pub(super) Vec<(&'a str, T)>);

impl<T> Default for Pairs<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Pairs<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<'a, T>(PhantomData<(&'a str, T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<'a, T> {
    type Value = Pairs<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
