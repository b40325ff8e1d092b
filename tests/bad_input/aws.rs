//! What a run needs from its surroundings: a region, credentials, an endpoint; a rehearsal needs Python.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use insta::assert_snapshot;
use serde_json::json;

use super::refused;
use crate::harness::{Door, Test, emulator};

const ASKING: &str = "import \"aws/ec2\" as ec2;\nfn main(params) { ec2::describe_vpcs() }";
const MAKING: &str = "import \"aws/ec2\" as ec2;
fn main(params) {
    run::step(\"make the network\", || ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}).vpc.cidr_block)
}
";

fn asking() -> Test {
    Test::new()
        .file("book.rhai", ASKING)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "123456789012")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
}

/// Nobody listens there, and no test is ever given this port.
const CLOSED: &str = "http://127.0.0.1:1";

#[test]
fn no_region() {
    let test = asking().env("AWS_REGION", "");
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: no AWS region is set
    hint: set AWS_REGION, or `region` in the site file where the runbook has that setting
    ");
}

#[test]
fn no_credentials() {
    let test = asking().env("AWS_ACCESS_KEY_ID", "");
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: no AWS credentials were found
    caused by:
      1. Environment: environment variable not set
      2. Profile: the credential provider was not enabled
      3. WebIdentityToken: $AWS_WEB_IDENTITY_TOKEN_FILE was not set
      4. EcsContainer: ECS provider not configured
      5. Ec2InstanceMetadata: IMDS disabled by AWS_EC2_METADATA_DISABLED env var set to `true`
    hint: the engine reads AWS_ACCESS_KEY_ID, the profile in AWS_PROFILE or `default` (keys, SSO, role, process), web identity, and the container's and instance's role; `aws sts get-caller-identity` must work
    ");
}

#[test]
fn a_runbook_without_aws_needs_none_of_it() {
    let test = Test::new().file(
        "book.rhai",
        "fn main(params) { run::step(\"count\", || 1 + 1) }",
    );
    assert_eq!(test.runbook(&["run", "book.rhai"]).code(0).stdout, "2\n");
}

#[test]
fn nobody_listens_at_the_endpoint() {
    let test = asking().env("AWS_ENDPOINT_URL", CLOSED);
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(test.runs().is_empty());
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: AWS cannot be reached at http://127.0.0.1:1: Connection refused (os error 111)
    hint: check the network, the proxy, the region's name and AWS_ENDPOINT_URL
    ");
}

#[test]
fn the_endpoint_is_no_url() {
    for endpoint in ["localhost:5000", "http://", "http://a b"] {
        let test = asking().env("AWS_ENDPOINT_URL", endpoint);
        let said = refused(&test, &["run", "book.rhai"]);
        assert!(
            said.starts_with(&format!("error: the endpoint `{endpoint}` is not a URL")),
            "{said}"
        );
    }
    let test = asking().env("AWS_ENDPOINT_URL", "localhost:5000");
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: the endpoint `localhost:5000` is not a URL such as `https://ec2.eu-west-1.amazonaws.com`
    hint: correct AWS_ENDPOINT_URL, or `endpoint_url` of the AWS profile
    ");
}

/// Tells who the caller is, once, and is gone.
fn gone_after_the_first_answer(account: &str) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let arn = format!("arn:aws:iam::{account}:user/rehearsal");
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{arn}</Arn><UserId>U</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(listener);
        answer(stream, &body);
    });
    (endpoint, server)
}

fn answer(mut stream: TcpStream, body: &str) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    stream
        .read_exact(&mut vec![0; length.parse().unwrap()])
        .unwrap();
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").unwrap();
}

#[test]
fn the_endpoint_goes_away_during_a_run() {
    let test = Test::new().aws().file("book.rhai", MAKING);
    let (endpoint, server) = gone_after_the_first_answer(test.account());
    let output = test
        .command(&["run", "book.rhai"])
        .env("AWS_ENDPOINT_URL", &endpoint)
        .output()
        .unwrap();
    server.join().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = test
        .stable(&String::from_utf8(output.stderr).unwrap())
        .replace(&endpoint, "<gone>");
    assert_snapshot!(said, @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <gone>
    <time> make the network: started
    <time> make the network/ec2.create_vpc: refused: NotSent: cannot connect to <gone>: Connection refused (os error 111) (ec2 create_vpc)
    <time> make the network: failed after <duration>
    ✗ <run:book> stopped after <duration>
    error: `ec2.create_vpc` failed
    caused by:
      1. NotSent: cannot connect to <gone>: Connection refused (os error 111)
     --> book.rhai:3:43
      |
    3 |     run::step("make the network", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.cidr_block)
      |                                           ^
      = in closure, called at book.rhai:3
    hint:
        runbook resume <run:book>
    "#);
    assert_eq!(test.census(), json!([]));
    let _door = Door::at(&endpoint, &test);
    let test = test.env("AWS_ENDPOINT_URL", &endpoint);
    assert_eq!(
        test.runbook(&["resume", "last"]).code(0).stdout,
        "\"10.0.0.0/16\"\n"
    );
}

#[test]
fn nobody_listens_when_a_run_is_resumed() {
    let test = Test::new().aws().file("book.rhai", MAKING);
    let mut door = Door::new(&test);
    let test = test.env("AWS_ENDPOINT_URL", &door.endpoint());
    killed(&test);
    let entries = test.journal();
    door.close();
    let said = test.runbook(&["resume", "last"]).code(1).stderr;
    let said = test.stable(&said).replace(&door.endpoint(), "<closed>");
    assert_snapshot!(said, @"
    error: AWS cannot be reached at <closed>: Connection refused (os error 111)
    hint: check the network, the proxy, the region's name and AWS_ENDPOINT_URL
    hint:
        runbook resume <run:book>
    ");
    assert_eq!(test.journal(), entries);
    door.reopen(Vec::new());
    test.runbook(&["resume", "last"]).code(0);
}

/// Kills a run after its first step has begun.
fn killed(test: &Test) {
    let mut run = test.command(&["run", "book.rhai"]);
    let killed = run.env("RUNBOOK_CRASH", "after:2").output().unwrap();
    assert_eq!(killed.status.code(), None);
}

#[test]
fn a_run_goes_on_at_its_own_endpoint_only() {
    let test = Test::new().aws().file("book.rhai", MAKING);
    let door = Door::new(&test);
    let test = test.env("AWS_ENDPOINT_URL", &door.endpoint());
    killed(&test);
    let elsewhere = emulator(test.account()).endpoint();
    let test = test.env("AWS_ENDPOINT_URL", &elsewhere);
    let (entries, requests) = (test.journal(), test.requests());
    let said = refused(&test, &["resume", "last"]).replace(&door.endpoint(), "<door>");
    assert_snapshot!(said, @"
    error: the run uses a different AWS endpoint than the current settings; nothing was done
    caused by:
      1. the run calls AWS at `<door>`; the current setting is `<endpoint>`
    hint:
        AWS_ENDPOINT_URL=<door> runbook resume <run:book>
    ");
    for args in [&["undo", "last", "--yes"][..], &["undo", "last", "--plan"]] {
        assert!(refused(&test, args).contains("uses a different AWS endpoint"));
    }
    assert_eq!((test.journal(), test.requests()), (entries, requests));
    let test = test.env("AWS_ENDPOINT_URL", &door.endpoint());
    test.runbook(&["resume", "last"]).code(0);
}

/// A profile says the same as the variable.
#[test]
fn an_endpoint_of_one_service_is_pinned_too() {
    let test = Test::new().aws().file("book.rhai", MAKING);
    let door = Door::new(&test);
    let mut run = test.command(&["run", "book.rhai"]);
    run.env("RUNBOOK_CRASH", "after:2");
    let run = run.env("AWS_ENDPOINT_URL_EC2", door.endpoint());
    assert_eq!(run.output().unwrap().status.code(), None);
    let said = refused(&test, &["resume", "last"]).replace(&door.endpoint(), "<door>");
    assert_snapshot!(said, @"
    error: the run uses a different AWS endpoint than the current settings; nothing was done
    caused by:
      1. the run calls ec2 at `<door>`; the current setting is `<endpoint>`
    hint:
        AWS_ENDPOINT_URL_EC2=<door> runbook resume <run:book>
    ");
    let (all, ec2) = (emulator(test.account()).endpoint(), door.endpoint());
    let config = format!(
        "[default]\nendpoint_url = {all}\nservices = own\n[services own]\nec2 =\n  endpoint_url = {ec2}\n"
    );
    test.write("config", &config);
    let mut resume = test.command(&["resume", "last"]);
    resume.env("AWS_CONFIG_FILE", test.path("config"));
    let resumed = resume.env_remove("AWS_ENDPOINT_URL").output().unwrap();
    assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
    let made = test.census();
    let vpcs = made
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "vpc");
    assert_eq!(vpcs.count(), 1, "{made}");
    let shown = test.runbook(&["show", "last"]).code(0).stdout;
    let shown = test.stable(&shown).replace(&door.endpoint(), "<door>");
    assert!(shown.contains("<door>"), "{shown}");
}

#[test]
fn no_python_to_rehearse_with() {
    let script = "fn main(params) { 1 }";
    let test = Test::new()
        .file("book.rhai", script)
        .env("RUNBOOK_PYTHON", "/nowhere/python3");
    assert_snapshot!(refused(&test, &["rehearse", "book.rhai"]), @"
    error: `/nowhere/python3` was not found, and the emulator needs Python 3.9 or newer
    hint: apt-get install python3 python3-venv
    hint: dnf install python3
    hint: RUNBOOK_PYTHON=/path/to/python3 names another one
    hint: or set `AWS_ENDPOINT_URL` to any other AWS emulator and use `runbook run`
    ");
    let test = Test::new().file("book.rhai", script).env("PATH", "");
    assert_snapshot!(refused(&test, &["rehearse", "book.rhai"]), @"
    error: `python3` was not found, and the emulator needs Python 3.9 or newer
    hint: apt-get install python3 python3-venv
    hint: dnf install python3
    hint: RUNBOOK_PYTHON=/path/to/python3 names another one
    hint: or set `AWS_ENDPOINT_URL` to any other AWS emulator and use `runbook run`
    ");
    let test = Test::new()
        .file("book.rhai", script)
        .env("RUNBOOK_PYTHON", "/bin/true");
    assert_snapshot!(refused(&test, &["rehearse", "book.rhai"]), @"
    error: `/bin/true` does not run as Python
    hint: apt-get install python3 python3-venv
    hint: dnf install python3
    hint: RUNBOOK_PYTHON=/path/to/python3 names another one
    hint: or set `AWS_ENDPOINT_URL` to any other AWS emulator and use `runbook run`
    ");
}
