//! `cidr::…`: arithmetic on address blocks, IPv4 and IPv6.

use ipnet::IpNet;
use rhai::{Array, Module};

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::fault;
use crate::host::Scripted;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "is_valid",
        &["text"],
        "Returns whether a text is a CIDR block such as `10.0.0.0/16`, written with its first address.",
    ),
    primitive(
        "contains",
        &["outer", "inner"],
        "Returns whether a block contains another block, or an address.\n\nError `InvalidCidr`: `outer` is not a block, or `inner` is neither.",
    ),
    primitive(
        "overlaps",
        &["one", "other"],
        "Returns whether two blocks have addresses in common.\n\nError `InvalidCidr`: one is not a block.",
    ),
    primitive(
        "prefix_length",
        &["block"],
        "Returns the number after the slash, from 0 to 32 (IPv4) or 128 (IPv6).\n\nError `InvalidCidr`: `block` is not a block.",
    ),
    primitive(
        "network",
        &["block"],
        "Returns a block's first address.\n\nError `InvalidCidr`: `block` is not a block.",
    ),
    primitive(
        "subnets",
        &["block", "prefix_length"],
        "Returns the blocks of a prefix length within a block, in order; at most 65,536.\n\nError `InvalidCidr`: the length is shorter than the block's, or there are more blocks.",
    ),
];

/// No more blocks than this come from one call of `subnets`.
const MOST: usize = 65_536;

pub(super) fn module() -> Module {
    let mut module = Module::new();
    function(&mut module, "is_valid", |text: &str| {
        Ok(text
            .parse::<IpNet>()
            .is_ok_and(|net| net.addr() == net.network()))
    });
    function(&mut module, "contains", contains);
    function(&mut module, "overlaps", |one: &str, other: &str| {
        let (one, other) = (block(one)?, block(other)?);
        Ok(one.contains(&other) || other.contains(&one))
    });
    function(&mut module, "prefix_length", |text: &str| {
        Ok(i64::from(block(text)?.prefix_len()))
    });
    function(&mut module, "network", |text: &str| {
        Ok(block(text)?.network().to_string())
    });
    function(&mut module, "subnets", subnets);
    module
}

/// The inner one may be a block or a single address.
fn contains(outer: &str, inner: &str) -> Scripted<bool> {
    let outer = block(outer)?;
    match inner.parse() {
        Ok(address) => Ok(outer.contains::<&std::net::IpAddr>(&address)),
        Err(_) => Ok(outer.contains(&block(inner)?)),
    }
}

fn subnets(text: &str, prefix_length: i64) -> Scripted<Array> {
    let block = block(text)?;
    let length = u8::try_from(prefix_length).map_err(|_| {
        wrong(format!(
            "expected a prefix length from 0 to 128, found `{prefix_length}`"
        ))
    })?;
    let subnets = block.subnets(length).map_err(|_| {
        wrong(format!(
            "`{text}` cannot be divided into blocks of /{length}"
        ))
    })?;
    if u32::from(length - block.prefix_len()) > MOST.ilog2() {
        return Err(wrong(format!(
            "`{text}` has more than {MOST} blocks of /{length}"
        )));
    }
    Ok(subnets.map(|subnet| subnet.to_string().into()).collect())
}

fn block(text: &str) -> Scripted<IpNet> {
    text.parse().map_err(|_| {
        wrong(format!(
            "expected a CIDR block such as `10.0.0.0/16`, found `{text}`"
        ))
    })
}

fn wrong(message: String) -> Box<rhai::EvalAltResult> {
    fault::error("InvalidCidr", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_contain_overlap_and_divide() {
        assert!(contains("10.0.0.0/16", "10.0.128.0/24").unwrap());
        assert!(contains("10.0.0.0/16", "10.0.3.4").unwrap());
        assert!(!contains("10.0.0.0/16", "10.1.0.0/24").unwrap());
        let four: Vec<String> = subnets("10.0.0.0/22", 24)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            four,
            ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
        );
        assert!(subnets("10.0.0.0/24", 16).is_err());
        assert!(subnets("::/0", 64).is_err());
        assert!(contains("ten", "10.0.0.0/8").is_err());
    }
}
