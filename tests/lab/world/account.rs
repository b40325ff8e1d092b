//! The VPC in the emulator, with the names that `build.rhai` gives.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use roxmltree::{Document, Node};

use super::api::{Api, items, text};
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

    /// Returns the VPC that `build.rhai` has built, with a NAT in each zone.
    pub(super) fn built(api: Api) -> Self {
        let answer = api.call("DescribeRouteTables", &[]);
        let document = Document::parse(&answer).unwrap();
        let described = items(document.root(), "routeTableSet");
        let tables = SEGMENTS.iter().map(|segment| {
            let name = format!("MyVPC {}", segment.name);
            let is_named = |table: &&Node<'_, '_>| text_of_tag(**table, "Name") == Some(&name);
            let found = described.iter().find(is_named);
            *found.unwrap_or_else(|| panic!("no table `{name}`"))
        });
        let tables: Vec<_> = tables.collect();
        let ids = tables
            .iter()
            .map(|table| text(*table, "routeTableId").unwrap().to_owned());
        let account = Self {
            tables: ids.collect(),
            gateway: api.made("DescribeInternetGateways", &[], "internetGatewayId"),
            vpc: text(tables[0], "vpcId").unwrap().to_owned(),
            subnets: Vec::new(),
            instances: Mutex::default(),
            api,
        };
        account.learn();
        account
    }

    /// Takes what was launched by others for the hosts that have no instance yet, a zone's in their order.
    pub(super) fn learn(&self) {
        let answer = self.api.call("DescribeInstances", &[]);
        let document = Document::parse(&answer).unwrap();
        for reservation in items(document.root(), "reservationSet") {
            for instance in items(reservation, "instancesSet") {
                if text_of_tag(instance, "runbook:role") == Some("nat") {
                    self.settle(instance);
                }
            }
        }
    }

    fn settle(&self, instance: Node<'_, '_>) {
        let (Some(id), Some(zone)) = (
            text(instance, "instanceId"),
            text(instance, "availabilityZone"),
        ) else {
            return;
        };
        let mut instances = self.instances();
        if instances.values().any(|known| known == id) {
            return;
        }
        let mut hosts = HOSTS.iter();
        let free = hosts.find(|host| {
            host.public.is_some()
                && SEGMENTS[host.segment].zone == zone
                && !instances.contains_key(host.name)
        });
        if let Some(host) = free {
            instances.insert(host.name.to_owned(), id.to_owned());
        }
    }

    /// Returns the id of a host's instance, if it has one.
    pub(crate) fn known(&self, host: &str) -> Option<String> {
        self.instances().get(host).cloned()
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

/// Returns the value of a described resource's tag.
fn text_of_tag<'a>(described: Node<'a, 'a>, key: &str) -> Option<&'a str> {
    let mut tags = items(described, "tagSet").into_iter();
    text(tags.find(|tag| text(*tag, "key") == Some(key))?, "value")
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
