//! NAT hosts in network namespaces that really forward, behind route tables that really route.
//!
//! Needs root, iproute2, nftables and ping: `cargo test -- --include-ignored`.

mod boot;
mod cuts;
mod deaths;
mod drill;
mod life;
mod living;
mod packets;
mod replace;
mod scene;
mod ticks;
mod unwell;
mod world;

use crate::harness::{emulator, new_account};
use world::{Lab, ground};

/// Returns a lab with an account of its own.
#[track_caller]
fn lab() -> Lab {
    assert_fit();
    let account = new_account();
    emulator(&account).set_pace(&account, 0.0).unwrap();
    let endpoint = emulator(&account).endpoint();
    Lab::new(&endpoint, &account)
}

/// Fails where this machine cannot have a lab.
#[track_caller]
fn assert_fit() {
    if let Err(reason) = ground::fit() {
        panic!("this machine cannot have a lab: {reason}");
    }
}
