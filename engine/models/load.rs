//! Turns a model in botocore's form into the engine's own.

use std::collections::HashMap;

use crate::names::{operation_name, snake};
use crate::pages::Paginator;
use crate::raw::{RawMetadata, RawModel, RawOperation, RawReference, RawShape};
use crate::shape::{
    Field, Kind, Metadata, Operation, Protocol, Reference, Service, Shape, ShapeId, TimeFormat,
};
use crate::waiter::Waiter;

/// Parses the model of `service`; the message says what is wrong with it.
pub(super) fn parse(service: &str, json: &str) -> Result<Service, String> {
    let raw: RawModel = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let targets = raw
        .shapes
        .0
        .iter()
        .enumerate()
        .map(|(at, (name, shape))| (*name, Target::of(at, shape)));
    let loader = Loader {
        targets: targets.collect(),
    };
    let shapes = raw
        .shapes
        .0
        .into_iter()
        .map(|(name, shape)| loader.shape(name, shape));
    let shapes = shapes.collect::<Result<_, _>>()?;
    let operations = raw.operations.0.iter().map(|(name, operation)| {
        let paginator = raw.paginators.get(name).map(Paginator::from);
        Ok((
            operation_name(name),
            loader.operation(name, operation, paginator)?,
        ))
    });
    let operations = operations.collect::<Result<_, String>>()?;
    let waiters = raw
        .waiters
        .into_iter()
        .map(|(name, raw)| (format!("wait_{}", snake(&name)), Waiter::from(raw)));
    let waiters = waiters.collect();
    Ok(Service {
        name: service.to_owned(),
        metadata: metadata(raw.metadata)?,
        operations,
        waiters,
        shapes,
    })
}

fn metadata(raw: RawMetadata) -> Result<Metadata, String> {
    let protocol = match raw.protocol.as_str() {
        "ec2" => Protocol::Ec2,
        "query" => Protocol::Query,
        "json" => Protocol::Json,
        other => {
            return Err(format!(
                "protocol `{other}` is not supported, expected ec2, query or json"
            ));
        }
    };
    Ok(Metadata {
        protocol,
        signing_name: raw
            .signing_name
            .unwrap_or_else(|| raw.endpoint_prefix.clone()),
        service_id: raw
            .service_id
            .unwrap_or_else(|| raw.endpoint_prefix.clone()),
        api_version: raw.api_version,
        endpoint_prefix: raw.endpoint_prefix,
        json_version: raw.json_version,
        target_prefix: raw.target_prefix,
        query_compatible: raw.aws_query_compatible.is_some(),
    })
}

/// What a reference to a shape needs to know of it.
struct Target {
    id: ShapeId,
    time_format: Option<TimeFormat>,
    flattened: bool,
}

impl Target {
    fn of(at: usize, raw: &RawShape) -> Self {
        Self {
            id: ShapeId(at),
            time_format: raw.timestamp_format.and_then(time_format),
            flattened: raw.flattened,
        }
    }
}

struct Loader<'a> {
    targets: HashMap<&'a str, Target>,
}

impl Loader<'_> {
    fn operation(
        &self,
        name: &str,
        raw: &RawOperation,
        paginator: Option<Paginator>,
    ) -> Result<Operation, String> {
        let reference = |raw: Option<&RawReference>| raw.map(|raw| self.reference(raw)).transpose();
        let gzip = raw
            .requestcompression
            .as_ref()
            .is_some_and(|compression| compression.encodings.contains(&"gzip"));
        Ok(Operation {
            name: name.to_owned(),
            snake: operation_name(name),
            method: raw
                .http
                .as_ref()
                .map_or("POST", |http| http.method)
                .to_owned(),
            path: raw
                .http
                .as_ref()
                .map_or("/", |http| http.request_uri)
                .to_owned(),
            host_prefix: raw
                .endpoint
                .as_ref()
                .and_then(|endpoint| endpoint.host_prefix)
                .map(str::to_owned),
            gzip,
            input: reference(raw.input.as_deref())?,
            output: reference(raw.output.as_deref())?,
            result_wrapper: raw
                .output
                .as_ref()
                .and_then(|output| output.result_wrapper)
                .map(str::to_owned),
            paginator,
        })
    }

    fn shape(&self, name: &str, raw: RawShape) -> Result<Shape, String> {
        Ok(Shape {
            name: name.to_owned(),
            min: raw.min,
            error_code: raw
                .error
                .as_ref()
                .and_then(|error| error.code)
                .map(str::to_owned),
            exception: raw.exception,
            sensitive: raw.sensitive,
            kind: self.kind(name, raw)?,
        })
    }

    fn kind(&self, name: &str, raw: RawShape) -> Result<Kind, String> {
        let part = |part: Option<&RawReference>, what: &str| match part {
            Some(raw) => self.reference(raw),
            None => Err(format!("shape `{name}` has no {what}")),
        };
        Ok(match raw.kind {
            "structure" if raw.document => Kind::Document,
            "structure" => Kind::Structure(self.fields(&raw)?),
            "list" => Kind::List(part(raw.member.as_deref(), "member")?),
            "map" => Kind::Map {
                key: part(raw.key.as_deref(), "key")?,
                value: part(raw.value.as_deref(), "value")?,
            },
            "string" | "character" => Kind::String(raw.allowed),
            "integer" | "long" | "short" | "byte" | "bigInteger" => Kind::Integer,
            "float" | "double" | "bigDecimal" => Kind::Float,
            "boolean" => Kind::Boolean,
            "blob" => Kind::Blob,
            "timestamp" => Kind::Timestamp,
            other => return Err(format!("shape `{name}` is of the unknown type `{other}`")),
        })
    }

    fn fields(&self, raw: &RawShape) -> Result<Vec<Field>, String> {
        let mut fields = Vec::with_capacity(raw.members.0.len());
        for (name, member) in &raw.members.0 {
            fields.push(Field {
                name: (*name).to_owned(),
                snake: snake(name),
                required: raw.required.contains(name),
                token: member.idempotency_token,
                to: self.reference(member)?,
            });
        }
        fields.sort_unstable_by(|a, b| a.snake.cmp(&b.snake));
        Ok(fields)
    }

    /// A reference's own traits win over those of its shape.
    fn reference(&self, raw: &RawReference) -> Result<Reference, String> {
        let target = self
            .targets
            .get(raw.shape)
            .ok_or_else(|| format!("shape `{}` is used but not defined", raw.shape))?;
        Ok(Reference {
            shape: target.id,
            location_name: raw.location_name.map(Box::from),
            query_name: raw.query_name.map(Box::from),
            time_format: raw
                .timestamp_format
                .and_then(time_format)
                .or(target.time_format),
            flattened: raw.flattened.unwrap_or(target.flattened),
            xml_attribute: raw.xml_attribute,
        })
    }
}

fn time_format(name: &str) -> Option<TimeFormat> {
    match name.to_ascii_lowercase().as_str() {
        "iso8601" => Some(TimeFormat::Iso8601),
        "unixtimestamp" => Some(TimeFormat::Epoch),
        "rfc822" => Some(TimeFormat::Rfc822),
        _ => None,
    }
}
