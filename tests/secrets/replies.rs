//! Secrets that AWS answers with, and those that only one reply ever has.

use std::os::unix::fs::MetadataExt;

use super::scene::Scene;
use crate::harness::Ended;

const PAIR: &str = r#"
//! Makes a key pair and sends its private key on.
import "aws/ec2" as ec2;

fn main(params) {
    let pair = ec2::create_key_pair(#{key_name: "ops"}, #{keep: "file:KEPT"});
    http::post(#{url: "URL", body: pair.key_material}, #{on_doubt: "retry"});
    pair
}
"#;

fn scene(script: &str) -> Scene {
    let scene = Scene::new("");
    let kept = scene.test.path("kept.pem").display().to_string();
    let url = scene.server.url("/");
    scene.test.write(
        "book.rhai",
        &script.replace("KEPT", &kept).replace("URL", &url),
    );
    scene
}

/// Returns the kept private key, of which no line may be anywhere else.
fn private_key(scene: &Scene) -> String {
    let path = scene.test.path("kept.pem");
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    let key = std::fs::read_to_string(path).unwrap();
    assert!(key.starts_with("-----BEGIN "), "{key}");
    for line in key.lines().filter(|line| !line.starts_with("-----")) {
        scene.lacks(line);
    }
    key
}

#[test]
fn a_private_key_goes_into_its_file_and_nowhere_else() {
    let scene = scene(PAIR);
    scene.runbook(&["run", "book.rhai"]).code(0);
    scene.looked_at();
    let key = private_key(&scene);
    let sent = scene.server.requests().pop().unwrap();
    assert!(sent.ends_with(key.trim_end()), "{sent}");
    let shown = scene.runbook(&["show", "last", "--output", "json"]).stdout;
    assert!(shown.contains("(secret file:"), "{shown}");
}

#[test]
fn a_run_that_is_killed_beside_the_key_pair_goes_on_or_says_that_the_key_is_lost() {
    for (place, code) in [
        ("before:2", 0),
        ("after:2", 4),
        ("before:3", 4),
        ("after:3", 0),
        ("after:4", 0),
    ] {
        let scene = scene(PAIR).env("RUNBOOK_CRASH", place);
        assert_eq!(scene.runbook(&["run", "book.rhai"]).code, None);
        let scene = scene.env("RUNBOOK_CRASH", "");
        let Ended { stderr, .. } = scene.runbook(&["resume", "last"]).code(code);
        scene.looked_at();
        if code == 0 {
            let key = private_key(&scene);
            let sent = scene.server.requests().pop().unwrap();
            assert!(sent.ends_with(key.trim_end()), "{sent}");
        } else {
            let told = "if it was done, its secret is lost: delete what it made";
            assert!(stderr.contains(told), "{stderr}");
        }
    }
}

#[test]
fn a_call_whose_secret_would_be_lost_is_refused_before_the_run() {
    let calls = [
        (
            "ec2::create_key_pair(#{key_name: \"ops\"});",
            "`key_material` of `ec2.create_key_pair` is only in this reply",
        ),
        (
            "iam::create_access_key(#{user_name: \"ops\"});",
            "`access_key.secret_access_key` of",
        ),
        (
            "ec2::create_key_pair(#{key_name: \"ops\"}, #{keep: \"kept.pem\"});",
            "`keep` is a file",
        ),
        (
            "ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}, #{keep: \"file:KEPT\"});",
            "no secret is only in the reply",
        ),
    ];
    for (call, told) in calls {
        let script = format!(
            "//! Calls.\nimport \"aws/ec2\" as ec2;\nimport \"aws/iam\" as iam;\nfn main(params) {{ {call} }}"
        );
        let scene = scene(&script);
        let ended = scene.runbook(&["check", "book.rhai"]).code(2);
        assert!(ended.stderr.contains(told), "{call}: {}", ended.stderr);
        scene.runbook(&["run", "book.rhai"]).code(2);
    }
}

#[test]
fn a_call_whose_secret_has_no_place_is_refused_before_it_is_sent() {
    for (options, told) in [
        ("#{}", "is only in this reply"),
        ("#{keep: \"KEPT\"}", "`keep` is a file"),
        (
            "#{keep: \"file:/no/such/folder/key\"}",
            "there is no such folder",
        ),
        ("#{keep: \"file:THERE\"}", "which is there already"),
        (
            "#{keep: \"file:KEPT\", on_doubt: \"retry\"}",
            "is the only option",
        ),
    ] {
        let script = format!(
            "//! Calls.\nimport \"aws/ec2\" as ec2;\nfn main(params) {{ let options = {options}; ec2::create_key_pair(#{{key_name: \"ops\"}}, options); }}"
        );
        let scene = scene(&script.replace("THERE", "/etc/hostname"));
        let ended = scene.runbook(&["run", "book.rhai"]).code(1);
        assert!(ended.stderr.contains(told), "{options}: {}", ended.stderr);
        assert!(!scene.test.requests().to_string().contains("CreateKeyPair"));
    }
}

#[test]
fn credentials_that_a_step_returns_are_not_recorded() {
    let scene = scene(
        r#"
        //! Takes a role on.
        import "aws/sts" as sts;
        fn main(params) {
            let role = "arn:aws:iam::123456789012:role/ops";
            let reply = sts::assume_role(#{role_arn: role, role_session_name: "ops"});
            http::post(#{url: "URL", body: reply.credentials.secret_access_key});
            run::step("a role", || reply)
        }"#,
    );
    scene.runbook(&["run", "book.rhai"]).code(0);
    let sent = scene.server.requests().pop().unwrap();
    let (_, key) = sent.split_once("\r\n\r\n").unwrap();
    assert!(key.len() > 20, "{key}");
    scene.looked_at();
    scene.lacks(key);
}
