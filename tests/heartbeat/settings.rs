//! Settings that cannot work are refused before the first tick.

use insta::assert_snapshot;

use super::world::{RUNBOOK, World};

#[test]
fn what_cannot_work_is_listed_before_anything_is_asked() {
    let world = World::new();
    let zone = |name: &str, more: &str| {
        format!(
            "[[zones]]\nname = \"ap-northeast-1{name}\"\ncheck_targets = [\"8.8.8.8\"]\nnat_id = \"i-1\"\nprivate_table = \"same\"\n{more}"
        )
    };
    let text = format!(
        "answers_within = \"2s\"\nfall = 0\ntargets_via_inetgw = [\"8.8.8.8\"]\nnotify = [{{ webhook = \"x\", command = [\"y\"] }}]\n{}{}",
        zone("a", ""),
        zone("c", "private_table_id = \"rtb-1\"")
    );
    world.test.write("site.toml", &text);
    let before = world.test.requests().as_array().unwrap().len();
    let ended = world.tick().code(2);
    assert_snapshot!(world.test.stable(&ended.stderr), @"
    error: the settings have 8 problems; nothing was started
    caused by:
      1. two zones have the same private_table: same
      2. two zones have the same nat_id: i-1
      3. some route tables are given by id and some by name: give all by id, or set `vpc_id`
      4. check target 8.8.8.8 of ap-northeast-1a is among targets_via_inetgw too: its route leads through a NAT
      5. check target 8.8.8.8 of ap-northeast-1c is among targets_via_inetgw too: its route leads through a NAT
      6. two zones have the same check target: 8.8.8.8/32
      7. the setting `fall` is 0: expected 1 to 100
      8. notify[0] needs one of sns_topic, webhook and command
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_eq!(world.test.requests().as_array().unwrap().len(), before);
}

#[test]
fn the_example_is_complete() {
    let world = World::new();
    let site = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/sites/heartbeat.toml");
    world
        .test
        .runbook(&["check", RUNBOOK, "--site", site])
        .code(0);
}
