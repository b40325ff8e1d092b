//! A network that `build.rhai` has built in the emulator, and what happens to it there.

use serde_json::Value;

use crate::build;
use crate::harness::{Ended, Test};
use crate::heartbeat::world::{self, id};

pub(crate) const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/replace-nat.rhai");

pub(crate) const A: &str = "ap-northeast-1a";
pub(crate) const C: &str = "ap-northeast-1c";
/// What the NATs of the two zones probe through each other, as the example site has it.
pub(crate) const CHECK_OF_A: &str = "8.8.8.8/32";
pub(crate) const CHECK_OF_C: &str = "8.8.4.4/32";
pub(crate) const EVERYWHERE: &str = "0.0.0.0/0";

/// Looks follow each other at once, and nothing is watched for longer than a look.
const QUICK: [&str; 10] = [
    "--set",
    "heartbeat=none",
    "--set",
    "interval_poll=1ms",
    "--set",
    "interval_routes=1ms",
    "--set",
    "timeout_verify=1s",
    "--set",
    "timeout_boot=20s",
];

pub(crate) struct Network {
    pub(crate) test: Test,
    site: &'static str,
    /// Settings of the build that what follows needs too.
    more: Vec<&'static str>,
    built: Value,
}

impl Network {
    /// Plain EC2 instances.
    pub(crate) fn new() -> Self {
        Self::with(Test::new().aws(), build::EC2_SITE, &[])
    }

    pub(crate) fn with_addresses() -> Self {
        Self::with(
            Test::new().aws(),
            build::EC2_SITE,
            &["--set", "nat_elastic_ips=true"],
        )
    }

    pub(crate) fn on_opsworks() -> Self {
        Self::with(Test::new().aws(), build::SITE, &[])
    }

    /// The build's run has a state directory of its own: tests look at the run that comes after it.
    pub(crate) fn with(test: Test, site: &'static str, more: &[&'static str]) -> Self {
        let run = [
            "--state-dir",
            "build",
            "run",
            build::RUNBOOK,
            "--site",
            site,
        ];
        let built = test
            .runbook(&[&run[..], &QUICK, more].concat())
            .code(0)
            .json();
        let more = more.to_vec();
        Self {
            test,
            site,
            more,
            built,
        }
    }

    /// Returns the arguments that run a runbook on this network.
    pub(crate) fn arguments<'a>(&self, runbook: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let run = ["run", runbook, "--site", self.site];
        [&run[..], &QUICK, &self.more, more].concat()
    }

    /// Returns the arguments that replace a NAT and ask nobody.
    pub(crate) fn replacing<'a>(&self, more: &[&'a str]) -> Vec<&'a str> {
        let quick = ["--set", "ask=false", "--set", "linger=1ms"];
        self.arguments(RUNBOOK, &[&quick[..], more].concat())
    }

    pub(crate) fn replace(&self, more: &[&str]) -> Ended {
        self.test.runbook(&self.replacing(more))
    }

    /// Returns the arguments that replace zone a's NAT, and ask.
    pub(crate) fn asking(&self) -> Vec<&'static str> {
        self.arguments(
            RUNBOOK,
            &["--set", "zone=ap-northeast-1a", "--set", "linger=1ms"],
        )
    }

    pub(crate) fn ec2(&self, request: &str) -> String {
        world::ec2(&self.test, request)
    }

    /// Launches another NAT beside a zone's.
    pub(crate) fn launch(&self, zone: &str) -> String {
        let subnet = self.of_zone(zone, "/public_subnet_id");
        let image = id(&self.describe(&self.nat(zone)), "imageId");
        let launched = self.ec2(&format!(
            "RunInstances&ImageId={image}&InstanceType=t4g.nano&MinCount=1&MaxCount=1&SubnetId={subnet}"
        ));
        let instance = id(&launched, "instanceId");
        world::tag(&self.test, &instance, "runbook:role", "nat");
        self.ec2(&format!(
            "ModifyInstanceAttribute&InstanceId={instance}&SourceDestCheck.Value=false"
        ));
        instance
    }

    fn of_zone(&self, zone: &str, part: &str) -> String {
        let value = self.built["zones"][zone].pointer(part);
        let value = value.and_then(Value::as_str);
        value
            .unwrap_or_else(|| panic!("no {part} of {zone} in {}", self.built))
            .to_owned()
    }

    pub(crate) fn nat(&self, zone: &str) -> String {
        self.of_zone(zone, "/nat/ec2_id")
    }

    pub(crate) fn private_table(&self, zone: &str) -> String {
        self.of_zone(zone, "/private_route_table_id")
    }

    pub(crate) fn public_table(&self, zone: &str) -> String {
        self.of_zone(zone, "/public_route_table_id")
    }

    pub(crate) fn stop(&self, zone: &str) {
        self.ec2(&format!("StopInstances&InstanceId.1={}", self.nat(zone)));
    }

    /// Points a private table's default route to an instance, as a heartbeat that takes it over.
    pub(crate) fn lead(&self, zone: &str, instance: &str) {
        self.ec2(&format!(
            "ReplaceRoute&RouteTableId={}&DestinationCidrBlock={EVERYWHERE}&InstanceId={instance}",
            self.private_table(zone)
        ));
    }

    pub(crate) fn say(&self, instance: &str, status: &str) {
        world::tag(&self.test, instance, world::STATUS, status);
    }

    /// Returns where a route leads; nothing where there is none.
    pub(crate) fn target(&self, table: &str, to: &str) -> Option<String> {
        let told = self.ec2(&format!("DescribeRouteTables&RouteTableId.1={table}"));
        let (_, route) = told.split_once(&format!("<destinationCidrBlock>{to}<"))?;
        let (route, _) = route.split_once("</item>")?;
        route
            .contains("<instanceId>")
            .then(|| id(route, "instanceId"))
    }

    /// Returns where both zones' traffic goes, and where both checks do.
    pub(crate) fn routes(&self) -> [Option<String>; 4] {
        [
            self.target(&self.private_table(A), EVERYWHERE),
            self.target(&self.private_table(C), EVERYWHERE),
            self.target(&self.public_table(C), CHECK_OF_A),
            self.target(&self.public_table(A), CHECK_OF_C),
        ]
    }

    pub(crate) fn describe(&self, instance: &str) -> String {
        self.ec2(&format!("DescribeInstances&InstanceId.1={instance}"))
    }

    /// Returns how many requests the runs of a runbook have sent.
    pub(crate) fn calls(&self, runbook: &str) -> usize {
        let all = self.test.requests();
        let name = format!("-{runbook}-");
        let agents = all.as_array().unwrap().iter().map(|one| &one["user_agent"]);
        agents
            .filter(|agent| agent.as_str().unwrap().contains(&name))
            .count()
    }

    /// Returns the requests of our runs that changed something, without the build's.
    pub(crate) fn changes(&self) -> Vec<Value> {
        let all = self.test.requests();
        let ours = all.as_array().unwrap().iter().filter(|one| {
            let agent = one["user_agent"].as_str().unwrap();
            let operation = one["operation"].as_str().unwrap();
            let is_read = ["Describe", "Get"]
                .iter()
                .any(|verb| operation.starts_with(verb));
            agent.contains(" effect/")
                && !agent.contains("-build-")
                && !is_read
                && one["status"] == 200
        });
        ours.cloned().collect()
    }

    /// Returns the operations of these requests, in their order.
    pub(crate) fn operations(&self) -> Vec<String> {
        let changes = self.changes();
        let operations = changes
            .iter()
            .map(|one| one["operation"].as_str().unwrap().to_owned());
        operations.collect()
    }
}
