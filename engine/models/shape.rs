//! A service as its model describes it: operations, and the shapes of what goes in and comes out.

use std::collections::BTreeMap;

use crate::error::ModelError;
use crate::pages::Paginator;
use crate::waiter::Waiter;
use base::nearest::nearest;

#[derive(Debug)]
pub struct Service {
    /// `ec2`, as in `import "aws/ec2"`.
    pub name: String,
    pub metadata: Metadata,
    /// By the name that scripts write, such as `create_vpc`.
    pub operations: BTreeMap<String, Operation>,
    /// By the name that scripts write, such as `wait_instance_running`.
    pub waiters: BTreeMap<String, Waiter>,
    pub(super) shapes: Vec<Shape>,
}

#[derive(Debug)]
pub struct Metadata {
    pub protocol: Protocol,
    pub api_version: String,
    pub endpoint_prefix: String,
    pub signing_name: String,
    /// `AWS_ENDPOINT_URL_<this>` overrides the endpoint.
    pub service_id: String,
    /// Of the JSON protocols.
    pub json_version: String,
    pub target_prefix: String,
    /// Whether a JSON service still reports the error codes of its former query protocol.
    pub query_compatible: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Ec2,
    Query,
    Json,
}

#[derive(Debug)]
pub struct Operation {
    /// AWS's own name, `CreateVpc`.
    pub name: String,
    /// The name that scripts write, `create_vpc`.
    pub snake: String,
    pub method: String,
    pub path: String,
    /// Goes before the endpoint's host; `{Member}` stands for an input's value.
    pub host_prefix: Option<String>,
    /// Whether a large request may be sent compressed.
    pub gzip: bool,
    pub input: Option<Reference>,
    pub output: Option<Reference>,
    /// The element that holds a query protocol's output.
    pub result_wrapper: Option<String>,
    pub paginator: Option<Paginator>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeId(pub(super) usize);

/// A use of a shape, with what is particular to this use; the shape's own traits are merged in.
#[derive(Debug)]
pub struct Reference {
    pub shape: ShapeId,
    pub location_name: Option<Box<str>>,
    pub query_name: Option<Box<str>>,
    pub time_format: Option<TimeFormat>,
    pub flattened: bool,
    pub xml_attribute: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    Iso8601,
    Epoch,
    Rfc822,
}

#[derive(Debug)]
pub struct Shape {
    pub name: String,
    pub kind: Kind,
    /// The least length of a string, list, map or blob, the least value of a number.
    pub min: Option<f64>,
    /// The code by which this error goes, where it is not the shape's name.
    pub error_code: Option<String>,
    pub exception: bool,
    /// Nobody is to see its values.
    pub sensitive: bool,
}

#[derive(Debug)]
pub enum Kind {
    /// Sorted by the names that scripts write.
    Structure(Vec<Field>),
    List(Reference),
    Map {
        key: Reference,
        value: Reference,
    },
    /// With the values allowed, if they are enumerated.
    String(Vec<String>),
    Integer,
    Float,
    Boolean,
    Blob,
    Timestamp,
    /// Anything that JSON can say.
    Document,
}

#[derive(Debug)]
pub struct Field {
    /// AWS's own name, `VpcId`.
    pub name: String,
    /// The name that scripts write, `vpc_id`.
    pub snake: String,
    pub required: bool,
    /// Whether this is the client token, which the engine sets.
    pub token: bool,
    pub to: Reference,
}

impl Service {
    #[must_use]
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0]
    }

    pub fn operation(&self, name: &str) -> Result<&Operation, ModelError> {
        self.operations
            .get(name)
            .ok_or_else(|| ModelError::UnknownOperation {
                service: self.name.clone(),
                name: name.to_owned(),
                nearest: nearest(name, self.operations.keys().map(String::as_str))
                    .map(str::to_owned),
            })
    }

    /// Returns the fields that an operation takes.
    #[must_use]
    pub fn input_fields(&self, operation: &Operation) -> &[Field] {
        operation
            .input
            .as_ref()
            .map_or(&[], |input| self.shape(input.shape).fields())
    }

    /// Returns the field that takes an operation's client token.
    #[must_use]
    pub fn token_member(&self, operation: &Operation) -> Option<&str> {
        self.input_fields(operation)
            .iter()
            .find(|field| field.token)
            .map(|field| field.snake.as_str())
    }

    /// Returns the fields of an operation's reply.
    #[must_use]
    pub fn output_fields(&self, operation: &Operation) -> &[Field] {
        operation
            .output
            .as_ref()
            .map_or(&[], |output| self.shape(output.shape).fields())
    }

    /// Returns the shape of an error with this code.
    #[must_use]
    pub fn error(&self, code: &str) -> Option<ShapeId> {
        let named = |shape: &Shape| shape.error_code.as_deref() == Some(code) || shape.name == code;
        self.shapes
            .iter()
            .position(|shape| shape.exception && named(shape))
            .map(ShapeId)
    }
}

impl Shape {
    /// Returns a structure's fields, and nothing for any other shape.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Structure(fields) => fields,
            _ => &[],
        }
    }

    /// Returns the field that scripts write like this.
    #[must_use]
    pub fn field(&self, snake: &str) -> Option<&Field> {
        let fields = self.fields();
        let at = fields
            .binary_search_by(|field| field.snake.as_str().cmp(snake))
            .ok()?;
        fields.get(at)
    }
}

impl Kind {
    /// Returns what a person calls a value of this kind.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Kind::Structure(_) | Kind::Map { .. } => "a map",
            Kind::List(_) => "a list",
            Kind::String(_) => "a string",
            Kind::Integer => "an integer",
            Kind::Float => "a number",
            Kind::Boolean => "a boolean",
            Kind::Blob => "a base64 string",
            Kind::Timestamp => "a timestamp (RFC 3339, or seconds since 1970)",
            Kind::Document => "a value",
        }
    }
}
