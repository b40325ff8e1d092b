//! Who is there: the hosts of the VPC, and the addresses of the Internet.

use std::net::Ipv4Addr;

/// A host of the VPC, alone on a wire of its own name.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) address: Ipv4Addr,
    /// What the Internet sees it as.
    pub(crate) public: Option<Ipv4Addr>,
    /// Its segment, an index into `SEGMENTS`.
    pub(crate) segment: usize,
}

/// A subnet with a route table of its own.
#[derive(Debug)]
pub(crate) struct Segment {
    /// As in its Name tag.
    pub(crate) name: &'static str,
    pub(crate) cidr: &'static str,
    pub(crate) zone: &'static str,
}

pub(crate) const VPC: &str = "10.0.0.0/16";

pub(crate) const SEGMENTS: [Segment; 4] = [
    segment("public segment AZ1", "10.0.0.0/24", "ap-northeast-1a"),
    segment("private segment AZ1", "10.0.128.0/24", "ap-northeast-1a"),
    segment("public segment AZ2", "10.0.1.0/24", "ap-northeast-1c"),
    segment("private segment AZ2", "10.0.129.0/24", "ap-northeast-1c"),
];

/// The third NAT is there to replace the first: it has a wire, and at first no instance.
pub(crate) const HOSTS: [Host; 5] = [
    host("nat1", [10, 0, 0, 10], Some(11), 0),
    host("client1", [10, 0, 128, 10], None, 1),
    host("nat2", [10, 0, 1, 10], Some(12), 2),
    host("client2", [10, 0, 129, 10], None, 3),
    host("nat3", [10, 0, 0, 11], Some(13), 0),
];

/// The ends of the wire between the VPC's router and the Internet.
pub(crate) const EDGE: Ipv4Addr = Ipv4Addr::new(169, 254, 1, 2);
pub(crate) const INTERNET: Ipv4Addr = Ipv4Addr::new(169, 254, 1, 1);
/// Where every segment's router is reached.
pub(crate) const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
/// The VPC's public addresses.
pub(crate) const PUBLIC: &str = "203.0.113.0/24";

/// AWS.
pub(crate) const AWS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
/// What the clients talk to.
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
/// What NATs ping to know where they stand: two through the Internet gateway, two for each check through a NAT.
pub(crate) const TARGETS: [Ipv4Addr; 6] = [
    Ipv4Addr::new(1, 1, 1, 1),
    Ipv4Addr::new(9, 9, 9, 9),
    Ipv4Addr::new(8, 8, 8, 8),
    Ipv4Addr::new(208, 67, 222, 222),
    Ipv4Addr::new(8, 8, 4, 4),
    Ipv4Addr::new(208, 67, 220, 220),
];

const fn segment(name: &'static str, cidr: &'static str, zone: &'static str) -> Segment {
    Segment { name, cidr, zone }
}

const fn host(
    name: &'static str,
    [a, b, c, d]: [u8; 4],
    public: Option<u8>,
    segment: usize,
) -> Host {
    let public = match public {
        Some(number) => Some(Ipv4Addr::new(203, 0, 113, number)),
        None => None,
    };
    Host {
        name,
        address: Ipv4Addr::new(a, b, c, d),
        public,
        segment,
    }
}
