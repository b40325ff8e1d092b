//! AWS's own request and response vectors, for each protocol that the engine speaks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aws::protocol::{self, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use models::rename::{to_aws, to_snake};
use models::{Kind, Operation, Service, ShapeId};
use serde_json::{Value, json};

use crate::harness::{provisioned, tell};

/// The files of vectors, by protocol.
const SUITES: [&str; 5] = [
    "ec2",
    "query",
    "json",
    "json_1_0",
    "json_1_0-query-compatible",
];

/// Cases that are excused, each with the reason. botocore's own list excuses them too, and others, which pass here.
const EXCUSED: [(&str, &str); 2] = [
    ("Ec2ProtocolIdempotencyTokenAutoFill", TOKENS),
    ("QueryProtocolIdempotencyTokenAutoFill", TOKENS),
];
const TOKENS: &str = "client tokens are the engine's: it derives them from the run, and a random one would break the promise of once";

#[derive(Default)]
struct Tally {
    passed: usize,
    total: usize,
    failures: Vec<String>,
    /// Group and case.
    excused: BTreeSet<(String, String)>,
}

#[test]
fn protocol_vectors_pass() {
    let folder = vectors();
    let ignored = read(&folder.join("protocol-tests-ignore-list.json"));
    let (mut failures, mut excused) = (Vec::new(), 0);
    for suite in SUITES {
        for (direction, run) in [
            ("input", check_request as Check),
            ("output", check_reply as Check),
        ] {
            let tally = run_file(&folder, direction, suite, run);
            tell(&format!(
                "protocol vectors, {suite} {direction}: {}/{} passed, {} excused",
                tally.passed,
                tally.total,
                tally.excused.len()
            ));
            assert!(tally.total > 0, "no vectors in {suite} {direction}");
            for (group, case) in &tally.excused {
                let reason = EXCUSED
                    .iter()
                    .find(|(excused, _)| excused == case)
                    .map_or("", |(_, reason)| reason);
                tell(&format!("  excused: {case}: {reason}"));
                assert!(
                    is_ignored(&ignored, suite, direction, group, case),
                    "`{case}` is excused here but not by botocore"
                );
            }
            excused += tally.excused.len();
            failures.extend(tally.failures);
        }
    }
    assert_eq!(
        excused,
        EXCUSED.len(),
        "a case is excused that passes or does not exist"
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn vectors() -> PathBuf {
    rehearse::protocol_vectors(provisioned(), &tell).expect("the vectors cannot be provisioned")
}

fn read(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

type Check = fn(&Service, &Operation, &Value, &Value) -> Result<(), String>;

fn run_file(folder: &Path, direction: &str, suite: &str, check: Check) -> Tally {
    let mut tally = Tally::default();
    for group in read(&folder.join(direction).join(format!("{suite}.json")))
        .as_array()
        .unwrap()
    {
        for case in group["cases"].as_array().unwrap() {
            tally.total += 1;
            let id = case["id"]
                .as_str()
                .or(group["description"].as_str())
                .unwrap();
            let service = service_of(group, case);
            let operation = service.operations.values().next().unwrap();
            match check(&service, operation, group, case) {
                Ok(()) => tally.passed += 1,
                Err(_) if EXCUSED.iter().any(|(excused, _)| *excused == id) => {
                    tally.excused.insert((
                        group["description"].as_str().unwrap().to_owned(),
                        id.to_owned(),
                    ));
                }
                Err(problem) => tally
                    .failures
                    .push(format!("{suite} {direction} {id}: {problem}")),
            }
        }
    }
    tally
}

/// Whether botocore's list excuses the case, by its id or by its group.
fn is_ignored(list: &Value, suite: &str, direction: &str, group: &str, id: &str) -> bool {
    let holds = |list: &Value, name: &str| {
        list.as_array()
            .is_some_and(|list| list.iter().any(|one| one == name))
    };
    [
        &list["general"][direction],
        &list["protocols"][suite][direction],
    ]
    .iter()
    .any(|list| holds(&list["suites"], group) || holds(&list["cases"], id))
}

/// Makes a service of one operation out of a vector.
fn service_of(group: &Value, case: &Value) -> Service {
    let name = case["given"]["name"].as_str().unwrap();
    let model = json!({"metadata": group["metadata"], "shapes": group["shapes"], "operations": {name: case["given"]}});
    models::parse("vectors", &model.to_string()).unwrap()
}

fn check_request(
    service: &Service,
    operation: &Operation,
    group: &Value,
    case: &Value,
) -> Result<(), String> {
    let mut input = case["params"].clone();
    if let Some(reference) = &operation.input {
        encode_blobs(service, reference.shape, &mut input);
        input = to_snake(service, reference.shape, &input);
    }
    let request =
        protocol::request(service, operation, &input).map_err(|error| error.to_string())?;
    let expected = &case["serialized"];
    same("method", &json!(request.method), &expected["method"])?;
    let endpoint = group["clientEndpoint"]
        .as_str()
        .unwrap_or("https://example.com");
    let host = expected["host"]
        .as_str()
        .and_then(|host| host.split('/').next())
        .unwrap_or("example.com");
    let url = request.url(endpoint).map_err(|error| error.to_string())?;
    same(
        "url",
        &json!(url),
        &json!(format!(
            "https://{host}{}",
            expected["uri"].as_str().unwrap()
        )),
    )?;
    check_headers(&request, expected)?;
    expected["body"]
        .as_str()
        .map_or(Ok(()), |body| check_body(&request, body))
}

fn check_headers(request: &Request, expected: &Value) -> Result<(), String> {
    let find = |name: &str| {
        request
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| json!(value))
    };
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        same(name, &find(name).unwrap_or_default(), value)?;
    }
    for name in expected["forbidHeaders"].as_array().into_iter().flatten() {
        same(
            "forbidden header",
            &find(name.as_str().unwrap()).unwrap_or_default(),
            &Value::Null,
        )?;
    }
    Ok(())
}

/// Forms are compared as sets of parameters, JSON as values.
fn check_body(request: &Request, expected: &str) -> Result<(), String> {
    let actual = std::str::from_utf8(&request.body).unwrap();
    if request
        .headers
        .iter()
        .any(|(_, value)| value.contains("json"))
    {
        let parse = |text: &str| {
            serde_json::from_str::<Value>(text).map_err(|error| format!("{error}: {text}"))
        };
        return same("body", &parse(actual)?, &parse(expected)?);
    }
    same("body", &parameters(actual), &parameters(expected))
}

fn parameters(body: &str) -> Value {
    let mut pairs: Vec<_> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    pairs.sort();
    json!(pairs)
}

fn check_reply(
    service: &Service,
    operation: &Operation,
    _: &Value,
    case: &Value,
) -> Result<(), String> {
    let response = response_of(case);
    if case.get("error").is_some() {
        return check_error(service, &response, case);
    }
    let reply =
        protocol::reply(service, operation, &response).map_err(|error| error.to_string())?;
    let actual = operation
        .output
        .as_ref()
        .map_or(json!({}), |output| plain(service, output.shape, &reply));
    same("result", &actual, &case["result"])
}

fn check_error(service: &Service, response: &Response, case: &Value) -> Result<(), String> {
    let error = protocol::error(service, response).ok_or("not an error reply")?;
    same("code", &json!(error.code), &case["errorCode"])?;
    if let Some(message) = case.get("errorMessage") {
        same("message", &json!(error.message), message)?;
    }
    let name = case["given"]["errors"][0]["shape"]
        .as_str()
        .ok_or("the vector has no error")?;
    let shape = service.error(name).ok_or("the error has no shape")?;
    same(
        "detail",
        &plain(service, shape, &error.detail),
        &case["error"],
    )
}

fn response_of(case: &Value) -> Response {
    let response = &case["response"];
    let headers = response["headers"].as_object().into_iter().flatten();
    Response {
        status: u16::try_from(response["status_code"].as_u64().unwrap()).unwrap(),
        headers: headers
            .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        body: response["body"]
            .as_str()
            .unwrap_or_default()
            .as_bytes()
            .to_vec(),
    }
}

/// The vectors write blobs as plain text.
fn encode_blobs(service: &Service, shape: ShapeId, value: &mut Value) {
    transform(service, shape, value, &|kind, value| {
        if let (Kind::Blob, Some(text)) = (kind, value.as_str()) {
            *value = json!(STANDARD.encode(text));
        }
    });
}

/// Returns a reply as the vectors write it: AWS's names, blobs as text, times in seconds.
fn plain(service: &Service, shape: ShapeId, reply: &Value) -> Value {
    let mut value = to_aws(service, shape, reply);
    transform(
        service,
        shape,
        &mut value,
        &|kind, value| match (kind, value.as_str()) {
            (Kind::Blob, Some(text)) => {
                *value = json!(String::from_utf8(STANDARD.decode(text).unwrap()).unwrap());
            }
            (Kind::Timestamp, Some(text)) => {
                *value = json!(
                    text.parse::<jiff::Timestamp>()
                        .unwrap()
                        .as_duration()
                        .as_secs_f64()
                );
            }
            _ => {}
        },
    );
    value
}

/// Applies `change` to each scalar of a value with AWS's own names.
fn transform(
    service: &Service,
    shape: ShapeId,
    value: &mut Value,
    change: &impl Fn(&Kind, &mut Value),
) {
    match (&service.shape(shape).kind, value) {
        (Kind::Structure(fields), Value::Object(map)) => {
            for field in fields {
                if let Some(value) = map.get_mut(&field.name) {
                    transform(service, field.to.shape, value, change);
                }
            }
        }
        (Kind::List(item), Value::Array(items)) => {
            for value in items {
                transform(service, item.shape, value, change);
            }
        }
        (Kind::Map { value: item, .. }, Value::Object(map)) => {
            for value in map.values_mut() {
                transform(service, item.shape, value, change);
            }
        }
        (kind, value) => change(kind, value),
    }
}

fn same(what: &str, actual: &Value, expected: &Value) -> Result<(), String> {
    let (actual, expected) = (floats(actual), floats(expected));
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected}, found {actual}"))
    }
}

/// `1` and `1.0` are the same number.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(floats).collect(),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), floats(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}
