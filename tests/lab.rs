//! NAT hosts in network namespaces that really forward, behind route tables that really route.
//!
//! Needs root, iproute2 and nftables; elsewhere each test says why it is skipped.

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

use crate::harness::{emulator, new_account, tell};
use world::{Lab, ground};

/// Returns a lab with an account of its own; none, with the reason told, where this machine cannot have one.
fn lab() -> Option<Lab> {
    if let Err(reason) = ground::fit() {
        tell(&format!("skipped: no network of our own: {reason}"));
        return None;
    }
    let account = new_account();
    emulator(&account).set_pace(&account, 0.0).unwrap();
    let endpoint = emulator(&account).endpoint();
    Some(Lab::new(&endpoint, &account))
}
