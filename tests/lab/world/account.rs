//! The VPC in the emulator, with the names that `build.rhai` gives.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::api::Api;
use super::hosts::{HOSTS, Host, SEGMENTS, VPC};
use super::relay::Seen;

/// The tag by which OpsWorks marks the instances of its layer `nat`.
const LAYER: [(&str, &str); 2] = [
    ("Tag.1.Key", "opsworks:layer:nat"),
    ("Tag.1.Value", "NAT Server"),
];

pub(crate) struct Account {
    pub(crate) api: Api,
    pub(crate) gateway: String,
    pub(crate) vpc: String,
    subnets: Vec<String>,
    /// By segment.
    pub(crate) tables: Vec<String>,
    /// By host.
    instances: Mutex<BTreeMap<String, String>>,
}

impl Account {
    pub(super) fn new(api: Api) -> Self {
        let vpc = api.made("CreateVpc", &[("CidrBlock", VPC)], "vpcId");
        name(&api, &vpc, "MyVPC");
        let gateway = api.made("CreateInternetGateway", &[], "internetGatewayId");
        let both = [("InternetGatewayId", &*gateway), ("VpcId", &*vpc)];
        api.call("AttachInternetGateway", &both);
        let (mut subnets, mut tables) = (Vec::new(), Vec::new());
        for segment in &SEGMENTS {
            let input = [
                ("VpcId", &*vpc),
                ("CidrBlock", segment.cidr),
                ("AvailabilityZone", segment.zone),
            ];
            let subnet = api.made("CreateSubnet", &input, "subnetId");
            let table = api.made("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
            let both = [("RouteTableId", &*table), ("SubnetId", &*subnet)];
            api.call("AssociateRouteTable", &both);
            for id in [&subnet, &table] {
                name(&api, id, &format!("MyVPC {}", segment.name));
            }
            if segment.name.starts_with("public") {
                route(
                    &api,
                    "CreateRoute",
                    &table,
                    "0.0.0.0/0",
                    ("GatewayId", &gateway),
                );
            }
            subnets.push(subnet);
            tables.push(table);
        }
        let account = Self {
            api,
            gateway,
            vpc,
            subnets,
            tables,
            instances: Mutex::default(),
        };
        account.populate();
        account
    }

    fn populate(&self) {
        let [nat1, nat2] = ["nat1", "nat2"].map(|name| self.launch(name));
        // What a NAT checks leaves its segment through the NAT that it watches.
        for (segment, destination, nat) in [
            (0, "8.8.4.4/32", &nat2),
            (0, "208.67.220.220/32", &nat2),
            (1, "0.0.0.0/0", &nat1),
            (2, "8.8.8.8/32", &nat1),
            (2, "208.67.222.222/32", &nat1),
            (3, "0.0.0.0/0", &nat2),
        ] {
            let target = ("InstanceId", nat.as_str());
            route(
                &self.api,
                "CreateRoute",
                &self.tables[segment],
                destination,
                target,
            );
        }
    }

    /// Launches the instance of a host, set up as a NAT; returns its id.
    pub(crate) fn launch(&self, host: &str) -> String {
        let host = host_named(host);
        let address = host.address.to_string();
        let input = [
            ("ImageId", "ami-12c6146b"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("InstanceType", "t3.micro"),
            ("SubnetId", &self.subnets[host.segment]),
            ("PrivateIpAddress", &address),
        ];
        let id = self.api.made("RunInstances", &input, "instanceId");
        name(&self.api, &id, host.name);
        let resource = [("ResourceId.1", id.as_str())];
        self.api
            .call("CreateTags", &[&resource[..], &LAYER[..]].concat());
        self.check_source(&id, false);
        self.instances().insert(host.name.to_owned(), id.clone());
        id
    }

    pub(crate) fn check_source(&self, instance_id: &str, check: bool) {
        let check = if check { "true" } else { "false" };
        let input = [
            ("InstanceId", instance_id),
            ("SourceDestCheck.Value", check),
        ];
        self.api.call("ModifyInstanceAttribute", &input);
    }

    /// Returns the id of a host's instance.
    pub(crate) fn instance(&self, host: &str) -> String {
        let instances = self.instances();
        let found = instances.get(host);
        found
            .unwrap_or_else(|| panic!("`{host}` has no instance"))
            .clone()
    }

    /// Returns the host of an instance.
    pub(super) fn host(&self, instance_id: &str) -> Option<&'static Host> {
        let instances = self.instances();
        let (name, _) = instances.iter().find(|(_, id)| *id == instance_id)?;
        Some(host_named(name))
    }

    /// Returns a change of a route in words.
    pub(super) fn told(&self, seen: &Seen) -> String {
        let input = |name| seen.input.get(name).map_or("", String::as_str);
        let table = input("RouteTableId");
        let table = self.tables.iter().position(|known| known == table);
        let table = table.map_or("another table", |segment| SEGMENTS[segment].name);
        let target = self
            .host(input("InstanceId"))
            .map_or("nowhere", |host| host.name);
        let destination = input("DestinationCidrBlock");
        format!("{}: {table}, {destination} to {target}", seen.host)
    }

    fn instances(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.instances
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn host_named(name: &str) -> &'static Host {
    let found = HOSTS.iter().find(|host| host.name == name);
    found.unwrap_or_else(|| panic!("no host `{name}`"))
}

fn name(api: &Api, id: &str, name: &str) {
    let input = [
        ("ResourceId.1", id),
        ("Tag.1.Key", "Name"),
        ("Tag.1.Value", name),
    ];
    api.call("CreateTags", &input);
}

fn route(api: &Api, action: &str, table: &str, destination: &str, target: (&str, &str)) {
    let input = [
        ("RouteTableId", table),
        ("DestinationCidrBlock", destination),
        target,
    ];
    api.call(action, &input);
}
