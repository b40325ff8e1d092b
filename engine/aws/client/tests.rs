//! The client against a server on loopback that misbehaves as told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_http_client::Builder;
use aws_types::SdkConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::connect::session;
use super::limits::Limits;
use super::{ConnectError, Session};
use models::call::{Call, Failure, Repeat, Reply};

#[derive(Clone, Copy)]
enum Answer {
    /// Reads the request and closes the connection.
    Reset,
    Silence,
    /// What is no HTTP at all.
    Garbage,
    /// A status and a body that ends before its announced length.
    Torn(&'static str),
    Http(u16, &'static str),
}

const CREATED: Answer = Answer::Http(
    200,
    "<CreateVpcResponse><requestId>r-1</requestId><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>",
);
const THROTTLED: Answer = Answer::Http(
    503,
    "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slow</Message></Error></Errors></Response>",
);
const BROKEN: Answer = Answer::Http(
    500,
    "<Response><Errors><Error><Code>InternalError</Code><Message>oh</Message></Error></Errors></Response>",
);
const REFUSED: Answer = Answer::Http(
    400,
    "<Response><Errors><Error><Code>VpcLimitExceeded</Code><Message>full</Message></Error></Errors><RequestID>r-2</RequestID></Response>",
);

struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Gives the answers one after the other, the last one for ever.
    async fn start(answers: &'static [Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers, Arc::clone(&counter)));
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, answers: &[Answer], counter: Arc<AtomicUsize>) {
    while read_request(&mut stream).await.is_some() {
        let at = counter.fetch_add(1, Ordering::SeqCst);
        let reply = match answers[at.min(answers.len() - 1)] {
            Answer::Reset => return,
            Answer::Silence => std::future::pending().await,
            Answer::Garbage => "\0\0what?\r\n\r\n".to_owned(),
            Answer::Torn(body) => format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                body.len() + 9
            ),
            Answer::Http(status, body) => format!(
                "HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ),
        };
        stream.write_all(reply.as_bytes()).await.unwrap();
        if matches!(
            answers[at.min(answers.len() - 1)],
            Answer::Garbage | Answer::Torn(_)
        ) {
            return;
        }
    }
}

/// Reads one request whole and returns it; `None` at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).await.ok()?;
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).ok()?.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(format!("{head}{}", String::from_utf8(body).ok()?))
}

fn limits() -> Limits {
    Limits {
        first_pause: Duration::ZERO,
        attempt: Duration::from_millis(300),
        ..Limits::STANDARD
    }
}

fn config(endpoint: &str) -> aws_types::sdk_config::Builder {
    let credentials = Credentials::new("AKID", "secret", None, None, "test");
    SdkConfig::builder()
        .endpoint_url(endpoint)
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
}

fn client(endpoint: &str) -> Session {
    session(config(endpoint).build(), limits()).unwrap()
}

fn create_vpc(repeat: Repeat) -> Call {
    call(
        "ec2",
        "create_vpc",
        json!({"cidr_block": "10.0.0.0/16"}),
        repeat,
    )
}

fn call(service: &str, operation: &str, input: Value, repeat: Repeat) -> Call {
    Call {
        service: service.to_owned(),
        operation: operation.to_owned(),
        input,
        origin: "run/r effect/k".to_owned(),
        repeat,
    }
}

/// Sends one call and returns what came of it and how many requests were made.
async fn outcome(answers: &'static [Answer], repeat: Repeat) -> (Result<Reply, Failure>, usize) {
    let server = Server::start(answers).await;
    let result = client(&server.url).send(&create_vpc(repeat)).await;
    (result, server.requests())
}

fn is_lost(result: &Result<Reply, Failure>) -> bool {
    matches!(result, Err(Failure::Lost { .. }))
}

#[tokio::test]
async fn a_reply_is_read() {
    let (result, requests) = outcome(&[CREATED], Repeat::Never).await;
    let reply = result.unwrap();
    assert_eq!(reply.output["vpc"]["vpc_id"], "vpc-1");
    assert_eq!(reply.output["vpc"]["tags"], json!([]));
    assert_eq!((reply.request_id.as_deref(), requests), (Some("r-1"), 1));
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    for repeat in [Repeat::Never, Repeat::Safe] {
        let (result, requests) = outcome(&[REFUSED], repeat).await;
        let Err(Failure::Answered(error)) = result else {
            panic!("{result:?}")
        };
        assert_eq!(
            (error.code.as_str(), error.message.as_str(), error.status),
            ("VpcLimitExceeded", "full", 400)
        );
        assert_eq!((error.request_id.as_deref(), requests), (Some("r-2"), 1));
    }
}

#[tokio::test]
async fn throttling_is_tried_again_even_where_nothing_else_is() {
    let (result, requests) = outcome(&[THROTTLED, THROTTLED, CREATED], Repeat::Never).await;
    assert!(result.is_ok());
    assert_eq!(requests, 3);
}

#[tokio::test]
async fn throttling_without_end_is_an_answer() {
    let server = Server::start(&[THROTTLED]).await;
    let limits = Limits {
        throttled: Duration::ZERO,
        ..limits()
    };
    let result = session(config(&server.url).build(), limits)
        .unwrap()
        .send(&create_vpc(Repeat::Never))
        .await;
    assert!(
        matches!(result, Err(Failure::Answered(error)) if error.code == "RequestLimitExceeded")
    );
}

#[tokio::test]
async fn what_may_have_happened_is_lost_at_once_or_tried_again() {
    for bad in [
        &[BROKEN] as &[Answer],
        &[Answer::Reset],
        &[Answer::Garbage],
        &[Answer::Torn("<CreateVpc")],
        &[Answer::Http(200, "<html>sign in</html>")],
        &[Answer::Http(200, "not even XML")],
        &[Answer::Http(403, "<html>no AWS here</html>")],
        &[Answer::Silence],
    ] {
        let (result, requests) = outcome(bad, Repeat::Never).await;
        assert!(is_lost(&result), "{result:?}");
        assert_eq!(requests, 1);
        let (result, requests) = outcome(bad, Repeat::Safe).await;
        assert!(is_lost(&result), "{result:?}");
        assert_eq!(requests, 4);
    }
}

#[tokio::test]
async fn a_safe_call_gets_through_in_the_end() {
    let (result, requests) = outcome(&[Answer::Reset, BROKEN, CREATED], Repeat::Safe).await;
    assert!(result.is_ok());
    assert_eq!(requests, 3);
}

#[tokio::test]
async fn a_kept_connection_that_breaks_is_not_proof() {
    let server = Server::start(&[CREATED, Answer::Reset]).await;
    let client = client(&server.url);
    assert!(client.send(&create_vpc(Repeat::Never)).await.is_ok());
    assert!(is_lost(&client.send(&create_vpc(Repeat::Never)).await));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn no_connection_is_proof_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for url in [url.as_str(), "http://no-such-host.invalid"] {
        let result = client(url).send(&create_vpc(Repeat::Never)).await;
        let Err(Failure::NotSent { reason, .. }) = result else {
            panic!("{result:?}")
        };
        assert!(
            reason.starts_with(&format!("cannot connect to {url}: ")),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_built_is_not_sent() {
    let server = Server::start(&[CREATED]).await;
    let client = client(&server.url);
    for (wrong, says) in [
        (
            call("opswork", "x", json!({}), Repeat::Safe),
            "no AWS service `opswork`; did you mean `opsworks`?",
        ),
        (
            call("ec2", "create_vcp", json!({}), Repeat::Safe),
            "did you mean `create_vpc`?",
        ),
        (
            call("ec2", "create_vpc", json!({"cidr": 1}), Repeat::Safe),
            "`cidr`: unknown field",
        ),
    ] {
        let result = client.send(&wrong).await;
        let Err(Failure::NotSent { reason, .. }) = result else {
            panic!("{result:?}")
        };
        assert!(reason.contains(says), "{reason}");
    }
    assert_eq!(server.requests(), 0);
}

#[derive(Debug)]
struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(
            "the session has expired",
        )))
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let server = Server::start(&[CREATED]).await;
    let config = config(&server.url)
        .credentials_provider(SharedCredentialsProvider::new(NoCredentials))
        .build();
    let result = session(config, limits())
        .unwrap()
        .send(&create_vpc(Repeat::Safe))
        .await;
    let Err(Failure::NotSent { reason, .. }) = result else {
        panic!("{result:?}")
    };
    assert!(reason.contains("the session has expired"), "{reason}");
    assert_eq!(server.requests(), 0);
}

#[test]
fn without_a_region_there_is_no_session() {
    let error = session(SdkConfig::builder().build(), limits()).unwrap_err();
    assert_eq!(error, ConnectError::NoRegion);
    assert!(error.hint().contains("AWS_REGION"));
}

#[tokio::test]
async fn who_is_calling_is_asked_again_after_an_unreadable_answer() {
    const CALLER: Answer = Answer::Http(
        200,
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account><Arn>a</Arn><UserId>u</UserId>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>",
    );
    for bad in [
        Answer::Http(200, "<html>sign in</html>"),
        Answer::Http(200, "<html><body>Please sign in"),
    ] {
        let answers: &'static [Answer] = Box::leak(Box::new([bad, bad, CALLER]));
        let server = Server::start(answers).await;
        let typed = config(&server.url)
            .behavior_version(BehaviorVersion::latest())
            .http_client(Builder::new().build_http())
            .build();
        let session = session(typed, limits()).unwrap();
        let caller = session.identity().await.unwrap();
        assert_eq!((caller.account.as_str(), server.requests()), ("1", 3));
    }
}

#[tokio::test]
async fn pages_are_merged_unless_the_caller_pages() {
    const FIRST: Answer = Answer::Http(
        200,
        "<DescribeVpcsResponse><vpcSet><item><vpcId>a</vpcId></item></vpcSet><nextToken>t</nextToken></DescribeVpcsResponse>",
    );
    const SECOND: Answer = Answer::Http(
        200,
        "<DescribeVpcsResponse><vpcSet><item><vpcId>b</vpcId></item></vpcSet></DescribeVpcsResponse>",
    );
    let server = Server::start(&[FIRST, SECOND, FIRST]).await;
    let client = client(&server.url);
    let all = client
        .send(&call("ec2", "describe_vpcs", json!({}), Repeat::Safe))
        .await
        .unwrap()
        .output;
    let ids: Vec<_> = all["vpcs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|vpc| vpc["vpc_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["a", "b"]);
    assert!(all.get("next_token").is_none());
    let one = client
        .send(&call(
            "ec2",
            "describe_vpcs",
            json!({"max_results": 5}),
            Repeat::Safe,
        ))
        .await
        .unwrap()
        .output;
    assert_eq!(one["next_token"], "t");
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_request_is_signed_and_says_where_it_comes_from() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let session = client(&url);
    tokio::spawn(async move { session.send(&create_vpc(Repeat::Never)).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let request = read_request(&mut stream).await.unwrap();
    assert!(
        request.contains("authorization: aws4-hmac-sha256 credential=akid/"),
        "{request}"
    );
    assert!(request.contains("/eu-central-1/ec2/aws4_request"));
    assert!(request.contains(&format!(
        "user-agent: runbook/{} run/r effect/k",
        env!("CARGO_PKG_VERSION")
    )));
    assert!(
        request.ends_with("Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16"),
        "{request}"
    );
}
