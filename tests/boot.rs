//! The user data of a NAT, as text; what it does is in `lab::boot`.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{Ended, Test};

/// Says what the user data is: the settings are given as JSON.
const BOOK: &str = r#"//! Says a NAT's user data.
import "nat/boot" as boot;
const PARAMS = #{given: #{type: "string", required: true, help: "JSON"}};
fn main(params) {
    let given = json::parse(params.given);
    boot::script(given.settings, given.plan, given.net, given.plan.zones[0])
}
"#;

/// What a shell would do something about, if it ever saw it.
pub(crate) const HOSTILE: &str =
    "https://x/$(touch /var/lib/seen)`touch /var/lib/seen`'\"\\ \u{7f}\nRUNBOOK-NAT-END\n${HOME}";

/// Returns what a script has to be made of, with more settings.
pub(crate) fn given(zones: &[(&str, &str, [&str; 2])], settings: &Value) -> Value {
    let mut all = json!({
        "region": "ap-northeast-1",
        "heartbeat": "service",
        "runbook_url": "https://example.com/runbook",
        "runbook_sha256": "0".repeat(64),
        "notify": [],
        "target_via_inetgw": "google.co.jp",
        "targets_via_inetgw": ["1.1.1.1", "9.9.9.9"],
    });
    for (name, value) in settings.as_object().unwrap() {
        all[name] = value.clone();
    }
    let planned = zones
        .iter()
        .map(|(name, target, _)| json!({"name": name, "target_via_checking_nat": target}));
    let tables = zones.iter().map(|(name, _, [public, private])| {
        (
            (*name).to_owned(),
            json!({"public_id": public, "private_id": private}),
        )
    });
    json!({
        "settings": all,
        "plan": {"vpc_name": "MyVPC", "vpc_cidr": "10.0.0.0/16", "zones": planned.collect::<Value>()},
        "net": {"vpc_id": "vpc-0123456789abcdef0", "tables": Value::Object(tables.collect())},
    })
}

/// Asks for the script.
pub(crate) fn ask(given: &Value) -> Ended {
    let test = Test::new().file("book.rhai", BOOK);
    let given = format!("given={given}");
    test.runbook(&["run", "book.rhai", "--set", &given])
}

/// Returns the script.
#[track_caller]
pub(crate) fn user_data(given: &Value) -> String {
    let ended = ask(given).code(0);
    ended.json().as_str().unwrap().to_owned()
}

fn of(settings: &Value) -> Value {
    let zones = [
        ("ap-northeast-1a", "8.8.4.4", ["rtb-0a", "rtb-0b"]),
        ("ap-northeast-1c", "8.8.8.8", ["rtb-0c", "rtb-0d"]),
    ];
    given(&zones, settings)
}

/// Returns a file that the script writes.
fn file(script: &str, name: &str) -> String {
    let (_, rest) = script.split_once(&format!("cat > {name} <<")).unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\nRUNBOOK-NAT-END\n").unwrap().0.to_owned()
}

const SITE: &str = "/etc/runbook/runbooks/sites/heartbeat.toml";

#[test]
fn the_site_file_has_what_was_built_whatever_the_settings_contain() {
    let notify =
        json!([{"webhook": HOSTILE}, {"sns_topic": null, "command": ["/bin/page", HOSTILE]}]);
    let script = user_data(&of(&json!({"notify": notify})));
    let site: toml::Table = file(&script, SITE).parse().unwrap();
    assert_eq!(site["notify"][0]["webhook"].as_str(), Some(HOSTILE));
    assert_eq!(site["notify"][1]["command"][1].as_str(), Some(HOSTILE));
    assert!(site["notify"][1].get("sns_topic").is_none());
    assert_eq!(site["nat_tags"]["runbook:role"].as_str(), Some("nat"));
    assert_eq!(site["vpc_id"].as_str(), Some("vpc-0123456789abcdef0"));
    let zone = &site["zones"][1];
    assert_eq!(zone["private_table_id"].as_str(), Some("rtb-0d"));
    assert_eq!(zone["check_targets"][0].as_str(), Some("8.8.8.8"));
    assert_eq!(site["targets_via_inetgw"].as_array().unwrap().len(), 2);
}

#[test]
fn without_a_list_of_targets_there_is_the_one() {
    let script = user_data(&of(&json!({"targets_via_inetgw": []})));
    let site: toml::Table = file(&script, SITE).parse().unwrap();
    assert_eq!(site["targets_via_inetgw"][0].as_str(), Some("google.co.jp"));
}

#[test]
fn without_a_heartbeat_nothing_is_fetched() {
    let with = user_data(&of(&json!({})));
    let without = user_data(&of(&json!({"heartbeat": "none", "runbook_url": null})));
    assert!(with.contains("curl") && !without.contains("curl"));
    assert!(with.starts_with(&without), "{without}");
}

#[test]
fn it_is_as_long_as_aws_takes_or_refused() {
    let topic = "arn:aws:sns:ap-northeast-1:123456789012:nat-changes";
    let many = |count: usize| json!({"notify": vec![json!({"sns_topic": topic}); count]});
    assert!(user_data(&of(&many(100))).len() <= 16384);
    let ended = ask(&of(&many(200))).code(1);
    let said = "and AWS takes 16384: shorten `notify`";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn what_has_no_place_in_it_is_refused() {
    for (settings, said) in [
        (
            json!({"runbook_url": "https://x\ntouch /var/lib/seen"}),
            "it must be one line",
        ),
        (
            json!({"runbook_sha256": null}),
            "needs `runbook_url` and `runbook_sha256`",
        ),
    ] {
        let ended = ask(&of(&settings)).code(1);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn shells_have_nothing_against_it() {
    for kind in ["service", "cron", "none"] {
        let script = user_data(&of(&json!({"heartbeat": kind})));
        assert_clean(&script);
        assert_clean(&file(&script, "/usr/local/sbin/runbook-nat-up"));
    }
}

/// Asks bash, and shellcheck where it is.
#[track_caller]
fn assert_clean(script: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    std::fs::write(&path, script).unwrap();
    for (program, argument) in [("bash", "-n"), ("shellcheck", "--shell=bash")] {
        let mut command = Command::new(program);
        command.arg(argument).arg(&path).stdin(Stdio::null());
        let Ok(output) = command.output() else {
            continue;
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let warned = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && warned.is_empty(),
            "{said}{warned}{script}"
        );
    }
}
