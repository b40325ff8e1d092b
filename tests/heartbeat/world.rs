//! Two NATs in an emulated VPC, and the first one's ticks: probes go to ports of this machine that a test opens and closes.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};

use serde_json::Value;

use crate::harness::{Ended, Test, emulator};

pub(crate) const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/heartbeat.rhai");
/// The tag that a NAT publishes its status in.
pub(crate) const STATUS: &str = "runbook:heartbeat";
/// The status of a NAT that is well and promises to answer soon.
pub(crate) const HEALTHY: &str = "healthy next=304 within=4";

/// A port that can be closed, and opened again.
pub(crate) struct Target {
    address: String,
    listener: RefCell<Option<TcpListener>>,
}

impl Target {
    fn open(host: &str) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        Self {
            address: listener.local_addr().unwrap().to_string(),
            listener: RefCell::new(Some(listener)),
        }
    }

    pub(crate) fn close(&self) {
        self.listener.take();
    }

    pub(crate) fn reopen(&self) {
        let listener = TcpListener::bind(self.address.as_str()).unwrap();
        self.listener.replace(Some(listener));
    }

    pub(crate) fn probe(&self) -> String {
        format!("tcp:{}", self.address)
    }
}

/// The network, by the names of the zones: `a` is where the ticks run, `c` is the zone that it watches.
pub(crate) struct World {
    pub(crate) test: Test,
    /// What NAT a probes over the Internet gateway, and what it probes through NAT c.
    pub(crate) path: Target,
    pub(crate) check: Target,
    /// What NAT c probes through NAT a.
    pub(crate) back: Target,
    pub(crate) vpc: String,
    pub(crate) nat_a: String,
    pub(crate) nat_c: String,
    pub(crate) public_a: String,
    pub(crate) private_a: String,
    pub(crate) private_c: String,
    pub(crate) subnet_c: String,
    /// The hosts' uptime in seconds, or the real one.
    uptime: Cell<Option<f64>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let test = Test::new().aws();
        let ec2 = |request: &str| ec2(&test, request);
        let vpc = id(&ec2("CreateVpc&CidrBlock=10.0.0.0/16"), "vpcId");
        let subnet = |cidr: &str, zone: &str| {
            let request = format!(
                "CreateSubnet&VpcId={vpc}&CidrBlock={cidr}&AvailabilityZone=ap-northeast-1{zone}"
            );
            id(&ec2(&request), "subnetId")
        };
        let (subnet_a, subnet_c) = (subnet("10.0.0.0/24", "a"), subnet("10.0.1.0/24", "c"));
        let table = |name: &str| {
            let id = id(
                &ec2(&format!("CreateRouteTable&VpcId={vpc}")),
                "routeTableId",
            );
            tag(&test, &id, "Name", name);
            id
        };
        let (nat_a, nat_c) = (launch(&test, &subnet_a), launch(&test, &subnet_c));
        let (public_a, public_c) = (
            table("MyVPC public segment AZ1"),
            table("MyVPC public segment AZ2"),
        );
        let (private_a, private_c) = (
            table("MyVPC private segment AZ1"),
            table("MyVPC private segment AZ2"),
        );
        for (table, to, nat) in [
            (&private_a, "0.0.0.0/0", &nat_a),
            (&private_c, "0.0.0.0/0", &nat_c),
            (&public_a, "127.0.0.2/32", &nat_c),
            (&public_c, "127.0.0.3/32", &nat_a),
        ] {
            ec2(&format!(
                "CreateRoute&RouteTableId={table}&DestinationCidrBlock={to}&InstanceId={nat}"
            ));
        }
        let world = Self {
            path: Target::open("127.0.0.1"),
            check: Target::open("127.0.0.2"),
            back: Target::open("127.0.0.3"),
            uptime: Cell::new(Some(1000.0)),
            test,
            vpc,
            nat_a,
            nat_c,
            public_a,
            private_a,
            private_c,
            subnet_c,
        };
        world.site("", "");
        world
    }

    /// Writes the site file: more settings, and more of the zone `c`.
    pub(crate) fn site(&self, more: &str, of_zone_c: &str) {
        let mut text = String::new();
        for (name, value) in [
            ("fall", "3"),
            ("rise", "3"),
            ("recheck", "\"1ms\""),
            ("probe_count", "1"),
            ("confirm", "\"1ms\""),
            ("direct_probe", "\"\""),
        ] {
            if !more.contains(&format!("{name} =")) {
                writeln!(text, "{name} = {value}").unwrap();
            }
        }
        writeln!(
            text,
            "targets_via_inetgw = [\"{}\"]\n{more}",
            self.path.probe()
        )
        .unwrap();
        for (zone, target, more) in [("a", &self.check, ""), ("c", &self.back, of_zone_c)] {
            writeln!(
                text,
                "[[zones]]\nname = \"ap-northeast-1{zone}\"\ncheck_targets = [\"{}\"]\n{more}",
                target.probe()
            )
            .unwrap();
        }
        self.test.write("site.toml", &text);
    }

    /// Lets the hosts be up for so many seconds more.
    pub(crate) fn pass(&self, seconds: f64) {
        let now = self.uptime.get().unwrap();
        self.uptime.set(Some(now + seconds));
    }

    pub(crate) fn real_uptime(&self) {
        self.uptime.set(None);
    }

    /// Returns a tick of NAT a, ready to be started.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.test.command(&["run", RUNBOOK, "--site", "site.toml"]);
        command
            .env("RUNBOOK_HOST_INSTANCE_ID", &self.nat_a)
            .env("RUNBOOK_HOST_AVAILABILITY_ZONE", "ap-northeast-1a")
            .env("RUNBOOK_HOST_REGION", "ap-northeast-1")
            .env("RUNBOOK_HOST_IP_FORWARD", "true")
            .env("RUNBOOK_HOST_MASQUERADE", "10.0.0.0/16")
            .env("RUNBOOK_HOST_DEFAULT_INTERFACE", "eth0")
            .env("RUNBOOK_HOST_BOOT_ID", "boot");
        if let Some(uptime) = self.uptime.get() {
            command.env("RUNBOOK_HOST_UPTIME", format!("{uptime:.1}"));
        }
        command
    }

    /// Has NAT a tick once.
    pub(crate) fn tick(&self) -> Ended {
        self.tick_with(&[])
    }

    /// Has NAT a tick once in another environment.
    pub(crate) fn tick_with(&self, env: &[(&str, &str)]) -> Ended {
        let mut command = self.command();
        command.envs(env.iter().copied());
        command.output().unwrap().into()
    }

    /// Has NAT a tick once, well, and returns what it decided.
    #[track_caller]
    pub(crate) fn decides(&self, decision: &str) -> Ended {
        let ended = self.tick().code(0);
        assert_eq!(ended.json()["decision"], decision, "{}", ended.stderr);
        ended
    }

    pub(crate) fn spawn(&self) -> Child {
        self.command().spawn().unwrap()
    }

    pub(crate) fn ec2(&self, request: &str) -> String {
        ec2(&self.test, request)
    }

    pub(crate) fn stop(&self, instance: &str) {
        self.ec2(&format!("StopInstances&InstanceId.1={instance}"));
    }

    pub(crate) fn start(&self, instance: &str) {
        self.ec2(&format!("StartInstances&InstanceId.1={instance}"));
    }

    pub(crate) fn terminate(&self, instance: &str) {
        self.ec2(&format!("TerminateInstances&InstanceId.1={instance}"));
    }

    /// Launches another NAT in zone `c`.
    pub(crate) fn launch(&self) -> String {
        launch(&self.test, &self.subnet_c)
    }

    pub(crate) fn route(&self, table: &str, to: &str, target: &str) {
        self.ec2(&format!(
            "ReplaceRoute&RouteTableId={table}&DestinationCidrBlock={to}&{target}"
        ));
    }

    /// Publishes a status of NAT c.
    pub(crate) fn say(&self, status: &str) {
        tag(&self.test, &self.nat_c, STATUS, status);
    }

    /// Returns the status that an instance has published.
    pub(crate) fn status(&self, instance: &str) -> Option<String> {
        let told = self.ec2(&format!("DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1={instance}&Filter.2.Name=key&Filter.2.Value.1={STATUS}"));
        told.contains("<value>").then(|| id(&told, "value"))
    }

    /// Returns where a table's route leads.
    pub(crate) fn target(&self, table: &str, to: &str) -> String {
        let told = self.ec2(&format!("DescribeRouteTables&RouteTableId.1={table}"));
        let (_, route) = told
            .split_once(&format!("<destinationCidrBlock>{to}<"))
            .unwrap();
        let (route, _) = route.split_once("</item>").unwrap();
        for name in ["instanceId", "gatewayId", "natGatewayId"] {
            if route.contains(&format!("<{name}>")) {
                return id(route, name);
            }
        }
        panic!("{route}");
    }

    /// Fails unless both private tables lead where they are said to.
    #[track_caller]
    pub(crate) fn assert_routes(&self, of_a: &str, of_c: &str) {
        let routes = (
            self.target(&self.private_a, "0.0.0.0/0"),
            self.target(&self.private_c, "0.0.0.0/0"),
        );
        assert_eq!(routes, (of_a.to_owned(), of_c.to_owned()));
    }

    /// Returns how many routes the ticks have replaced, and how many times AWS refused it.
    pub(crate) fn replaced(&self) -> (usize, usize) {
        let requests = self.ours("ReplaceRoute");
        let done = requests.iter().filter(|one| one["status"] == 200).count();
        // 412 is the answer to a dry run.
        let dry = requests.iter().filter(|one| one["status"] == 412).count();
        (done, requests.len() - done - dry)
    }

    /// Returns the ticks' requests of an operation.
    pub(crate) fn ours(&self, operation: &str) -> Vec<Value> {
        let all = self.test.requests();
        let ours = all.as_array().unwrap().iter().filter(|one| {
            one["operation"] == operation
                && one["user_agent"].as_str().unwrap().starts_with("runbook/")
        });
        ours.cloned().collect()
    }

    pub(crate) fn refuse(&self, operation: &str, code: &str, times: u32) {
        emulator(self.test.account())
            .refuse(self.test.account(), operation, code, times)
            .unwrap();
    }

    pub(crate) fn lag(&self, operation: &str, seconds: f64) {
        emulator(self.test.account())
            .lag(self.test.account(), operation, seconds)
            .unwrap();
    }
}

/// Asks EC2 as a client that signs nothing, in no time at all.
pub(crate) fn ec2(test: &Test, request: &str) -> String {
    let endpoint = emulator(test.account()).endpoint();
    let mut stream = TcpStream::connect(endpoint.trim_start_matches("http://")).unwrap();
    let body = format!("Action={request}&Version=2016-11-15").replace(' ', "+");
    let credential = format!(
        "{}/20261121/ap-northeast-1/ec2/aws4_request",
        test.account()
    );
    write!(
        stream,
        "POST / HTTP/1.0\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 Credential={credential}, Signature=0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 OK"), "{request}: {answer}");
    answer
}

/// Returns the text of the first element of that name.
pub(crate) fn id(answer: &str, name: &str) -> String {
    let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

pub(crate) fn tag(test: &Test, resource: &str, key: &str, value: &str) {
    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    ec2(
        test,
        &format!("CreateTags&ResourceId.1={resource}&Tag.1.Key={key}&Tag.1.Value={value}"),
    );
}

/// Launches an instance that forwards and bears the NATs' tag.
fn launch(test: &Test, subnet: &str) -> String {
    let images = ec2(test, "DescribeImages&Owner.1=amazon");
    let image = id(&images, "imageId");
    let launched = ec2(
        test,
        &format!(
            "RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1&SubnetId={subnet}"
        ),
    );
    let instance = id(&launched, "instanceId");
    tag(test, &instance, "opsworks:layer:nat", "NAT Server");
    ec2(
        test,
        &format!("ModifyInstanceAttribute&InstanceId={instance}&SourceDestCheck.Value=false"),
    );
    instance
}
