//! The failover drill with real heartbeats and real packets.

use super::living::{Living, succeeded};
use super::scene::{BACK, LIMIT, NAT1, TAKEN};
use crate::harness::tell;

const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/failover-drill.rhai");

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn the_drill_moves_the_route_there_and_back() {
    let living = Living::start();
    let began = living.scene.one.now();
    let drill = living.operate(
        RUNBOOK,
        &[
            "--set",
            "zone=ap-northeast-1a",
            "--set",
            "ask=false",
            "--set",
            "look=50ms",
        ],
    );
    let ended = succeeded(drill);
    living.scene.one.until_via(NAT1, LIMIT);
    let told = ended.json();
    tell(&format!(
        "the drill: taken after {} s, back {} s after it forwarded again; {} pings lost",
        told["failover_seconds"],
        told["fail_back_seconds"],
        living.scene.one.lost(began)
    ));
    living.scene.assert_changes(&[TAKEN, BACK]);
    assert_eq!(living.scene.one.moves(began), 2);
    living.scene.assert_untouched(&living.scene.two);
}
