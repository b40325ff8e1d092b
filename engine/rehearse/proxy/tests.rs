//! What a plain client and the server behind see of each fault.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::{Fault, Injection, Name, Proxy};

const ANSWER: &str = "<CreateVpcResponse><vpcId>vpc-1</vpcId></CreateVpcResponse>";

/// A server that answers everything, and keeps what it was asked.
struct Upstream {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                kept.lock().unwrap().push(read_one(&mut stream).unwrap());
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                    ANSWER.len()
                );
                stream
                    .write_all(format!("{head}{ANSWER}").as_bytes())
                    .unwrap();
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Reads a message as far as its announced length; `None` where it ends before its head does.
fn read_one(stream: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    let mut read = 0;
    while read < body.len() {
        match stream.read(&mut body[read..]) {
            Ok(0) | Err(_) => break,
            Ok(more) => read += more,
        }
    }
    Some(format!("{head}{}", String::from_utf8_lossy(&body[..read])))
}

struct World {
    upstream: Upstream,
    proxy: Proxy,
    _runtime: Runtime,
}

const AGENT: &str = "runbook/1 run/r effect/make/ec2.create_vpc";

fn name(occurrence: u32) -> Name {
    Name {
        origin: "make/ec2.create_vpc".into(),
        service: "ec2".into(),
        operation: "CreateVpc".into(),
        occurrence,
    }
}

fn world(plan: Vec<Injection>) -> World {
    let runtime = Runtime::new().unwrap();
    let upstream = Upstream::start();
    let proxy = Proxy::start(runtime.handle(), upstream.address, plan).unwrap();
    World {
        upstream,
        proxy,
        _runtime: runtime,
    }
}

fn with(fault: Fault) -> World {
    let at = name(1);
    world(vec![Injection { at, fault }])
}

impl World {
    fn client(&self) -> TcpStream {
        let address = self.proxy.endpoint().replace("http://", "");
        let client = TcpStream::connect(address).unwrap();
        client
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        client
    }

    /// Returns the reply, or how the connection ended instead.
    fn answer(&self) -> Result<String, ErrorKind> {
        let mut client = self.client();
        ask(&mut client);
        let mut first = [0];
        match client.peek(&mut first) {
            Ok(0) => Err(ErrorKind::UnexpectedEof),
            Ok(_) => Ok(read_one(&mut client).unwrap()),
            Err(error) => Err(error.kind()),
        }
    }

    fn forwarded(&self) -> usize {
        self.upstream.asked().len()
    }

    /// Waits until the server behind has been asked so often.
    fn until_forwarded(&self, times: usize) {
        while self.forwarded() < times {
            thread::yield_now();
        }
    }
}

fn ask(client: &mut TcpStream) {
    let body = "Action=CreateVpc&CidrBlock=10.0.0.0%2F16";
    let request = format!(
        "POST / HTTP/1.1\r\nhost: x\r\nuser-agent: {AGENT}\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential=500000000000/20261121/us-east-1/ec2/aws4_request, Signature=0\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    client.write_all(request.as_bytes()).unwrap();
}

#[test]
fn what_is_not_planned_passes_as_it_came() {
    let world = world(vec![]);
    let mut client = world.client();
    for _ in 0..2 {
        ask(&mut client);
        assert!(read_one(&mut client).unwrap().ends_with(ANSWER));
    }
    let asked = world.upstream.asked();
    assert!(
        asked[0].starts_with("POST / HTTP/1.1\r\nhost: x\r\n"),
        "{asked:?}"
    );
    assert!(asked[0].ends_with("\r\n\r\nAction=CreateVpc&CidrBlock=10.0.0.0%2F16"));
    let seen: Vec<Name> = world
        .proxy
        .seen()
        .into_iter()
        .map(|seen| seen.name)
        .collect();
    assert_eq!(seen, [name(1), name(2)]);
}

#[test]
fn only_the_planned_occurrence_goes_wrong_and_only_once() {
    let fault = Fault::Throttled;
    let never = Name {
        operation: "DeleteVpc".into(),
        ..name(1)
    };
    let at = |at: &Name| Injection {
        at: at.clone(),
        fault,
    };
    let world = world(vec![at(&name(2)), at(&never)]);
    for throttled in [false, true, false] {
        let answer = world.answer().unwrap();
        assert_eq!(
            answer.contains("RequestLimitExceeded"),
            throttled,
            "{answer}"
        );
    }
    assert_eq!(world.proxy.left(), [at(&never)]);
    let faults: Vec<_> = world.proxy.seen().iter().map(|seen| seen.fault).collect();
    assert_eq!(faults, [None, Some(fault), None]);
}

#[test]
fn before_the_effect_nothing_is_forwarded() {
    let world = with(Fault::Throttled);
    let answer = world.answer().unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("<Response><Errors><Error><Code>RequestLimitExceeded</Code>"));
    assert_eq!(world.forwarded(), 0);

    let world = with(Fault::ErrorBefore);
    let answer = world.answer().unwrap();
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(answer.contains("<Code>InternalError</Code>"));
    assert_eq!(world.forwarded(), 0);

    let world = with(Fault::ResetBefore);
    assert_eq!(world.answer(), Err(ErrorKind::ConnectionReset));
    assert_eq!(world.forwarded(), 0);
}

#[test]
fn after_the_effect_the_answer_is_another() {
    for (fault, starts) in [
        (Fault::ErrorAfter, "HTTP/1.1 500 "),
        (Fault::UnavailableAfter, "HTTP/1.1 503 "),
        (Fault::Garbage, "HTTP/1.1 200 "),
    ] {
        let world = with(fault);
        let answer = world.answer().unwrap();
        assert!(answer.starts_with(starts), "{answer}");
        assert!(!answer.contains("vpc-1"), "{answer}");
        assert_eq!(world.forwarded(), 1, "{fault}");
    }
}

#[test]
fn after_the_effect_the_connection_ends_without_a_byte() {
    let world = with(Fault::Dropped);
    assert_eq!(world.answer(), Err(ErrorKind::UnexpectedEof));
    assert_eq!(world.forwarded(), 1);
    let world = with(Fault::ResetAfter);
    assert_eq!(world.answer(), Err(ErrorKind::ConnectionReset));
    assert_eq!(world.forwarded(), 1);
}

#[test]
fn a_truncated_reply_announces_more_than_it_has() {
    let world = with(Fault::Truncated);
    let answer = world.answer().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("Content-Length: {}", ANSWER.len())),
        "{head}"
    );
    assert_eq!(body, &ANSWER[..ANSWER.len() / 2]);
}

#[test]
fn a_delayed_reply_does_not_come_before_the_caller_goes() {
    let world = with(Fault::Delayed);
    let mut client = world.client();
    client
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    ask(&mut client);
    world.until_forwarded(1);
    assert!(
        client
            .read(&mut [0])
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    );
}

#[test]
fn a_late_request_arrives_when_the_caller_has_gone() {
    let world = with(Fault::Late);
    let mut client = world.client();
    client
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    ask(&mut client);
    assert!(
        client
            .read(&mut [0])
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    );
    assert_eq!(world.forwarded(), 0);
    drop(client);
    world.until_forwarded(1);
}

#[test]
fn stale_reads_are_asked_of_the_emulator() {
    for (fault, answered) in [
        (Fault::Stale(Duration::from_millis(500)), true),
        (Fault::DroppedStale(Duration::from_millis(500)), false),
    ] {
        let world = with(fault);
        assert_eq!(world.answer().is_ok(), answered, "{fault}");
        assert!(world.upstream.asked()[0].contains("\r\nX-Rehearse-Stale: 0.5\r\n"));
    }
}

#[test]
fn a_json_service_is_throttled_in_json() {
    let mut request = super::message::Message::reply(200, "x", String::new());
    request.set("X-Amz-Target", "OpsWorks_20130218.CreateStack".into());
    let refusal = super::refusal::throttled(&request);
    assert!(refusal.start.starts_with("HTTP/1.1 400 "));
    let body = String::from_utf8(refusal.body).unwrap();
    assert!(
        body.starts_with(r#"{"__type":"ThrottlingException""#),
        "{body}"
    );
}
