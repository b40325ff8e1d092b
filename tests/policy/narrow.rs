//! What is allowed is named by the scripts, and on as little as can be said.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{actions, policy};
use crate::build::{EC2_SITE, RUNBOOK, SITE};
use crate::harness::{Test, scripts};

/// What goes with a call without being one of the script's: tags and roles that a request names.
const EXTRAS: [&str; 4] = [
    "ec2:CreateTags",
    "iam:PassRole",
    "iam:TagRole",
    "iam:TagInstanceProfile",
];

/// Changes that have no resource in IAM.
const WITHOUT_RESOURCE: [&str; 7] = [
    "opsworks:CreateStack",
    "opsworks:CreateUserProfile",
    "opsworks:DeleteUserProfile",
    "opsworks:UpdateMyUserProfile",
    "opsworks:UpdateUserProfile",
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
];

/// Returns `create_vpc` for `ec2:CreateVpc`.
fn operation(action: &str) -> String {
    let name = action.split_once(':').unwrap().1;
    let letters = name.chars().enumerate().map(|(at, letter)| {
        let gap = if letter.is_uppercase() && at > 0 {
            "_"
        } else {
            ""
        };
        format!("{gap}{}", letter.to_ascii_lowercase())
    });
    letters.collect()
}

fn is_read(action: &str) -> bool {
    let name = action.split_once(':').unwrap().1;
    ["Describe", "Get", "List"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

/// Fails with the actions on `*` that could be on something.
#[track_caller]
fn assert_narrow(policy: &Value, name: &str) {
    for statement in policy["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow");
        if statement["Resource"] != "*" {
            continue;
        }
        for action in statement["Action"].as_array().unwrap() {
            let action = action.as_str().unwrap();
            let has_none =
                WITHOUT_RESOURCE.contains(&action) || action.starts_with("ec2:") && is_read(action);
            assert!(
                has_none || action == "opsworks:DescribeUserProfiles",
                "{name}: {action} on `*`"
            );
            let on_one = [
                "ec2:GetConsoleOutput",
                "ec2:DescribeInstanceAttribute",
                "ec2:DescribeVpcAttribute",
            ];
            assert!(!on_one.contains(&action), "{name}: {action} on `*`");
        }
    }
}

/// A build makes roles, and there is no policy for that before the settings name them.
fn settings_of(script: &str) -> &'static [&'static [&'static str]] {
    if script.ends_with("build.rhai") {
        &[&["--site", EC2_SITE], &["--site", SITE]]
    } else {
        &[&[]]
    }
}

#[test]
fn nothing_is_allowed_on_everything_that_could_be_allowed_on_something() {
    let test = Test::new();
    for script in scripts("runbooks") {
        let name = script.display().to_string();
        for settings in settings_of(&name) {
            let arguments = [&[name.as_str()][..], *settings].concat();
            assert_narrow(&policy(&test, &arguments), &name);
            let undone = [&arguments[..], &["--with-undo"]].concat();
            assert_narrow(&policy(&test, &undone), &name);
        }
    }
}

#[test]
fn every_change_that_is_allowed_is_one_that_the_scripts_name() {
    let texts: Vec<String> = [scripts("runbooks"), scripts("stdlib")]
        .concat()
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let is_named = |action: &str| {
        texts
            .iter()
            .any(|text| text.contains(&format!("::{}(", operation(action))))
    };
    let test = Test::new();
    for script in scripts("runbooks") {
        let name = script.display().to_string();
        let policies = settings_of(&name)
            .iter()
            .map(|settings| policy(&test, &[&[name.as_str()][..], *settings].concat()));
        let changes = policies
            .flat_map(|policy| actions(&policy))
            .filter(|it| !is_read(it));
        let foreign: Vec<String> = changes
            .filter(|it| !EXTRAS.contains(&it.as_str()) && !is_named(it))
            .collect();
        assert!(foreign.is_empty(), "{}: {foreign:?}", script.display());
    }
}

#[test]
fn tags_are_given_only_by_the_call_that_makes_the_thing() {
    let test = Test::new().file(
        "book.rhai",
        r#"
        import "aws/ec2" as ec2;
        fn main(params) { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}); }
    "#,
    );
    let policy = policy(&test, &["book.rhai"]);
    let statements = policy["Statement"].as_array().unwrap();
    let tags = statements
        .iter()
        .find(|it| it["Action"][0] == "ec2:CreateTags")
        .unwrap();
    assert_eq!(
        tags["Condition"]["StringEquals"]["ec2:CreateAction"][0],
        "CreateVpc"
    );
}

#[test]
fn settings_make_it_narrower() {
    let test = Test::new();
    let runbook = RUNBOOK.replace("build", "replace-nat");
    let all = actions(&policy(&test, &[&runbook]));
    let settings = ["--site", SITE, "--set", "zone=ap-northeast-1a"];
    let site = actions(&policy(
        &test,
        &[&[runbook.as_str()], &settings[..]].concat(),
    ));
    assert!(site.is_subset(&all), "{:?}", site.difference(&all));
    let verbs: BTreeSet<&str> = site
        .iter()
        .map(|it| it.split_once(':').unwrap().0)
        .collect();
    assert!(verbs.contains("ec2"), "{verbs:?}");
}

#[test]
fn an_undo_adds_the_inverses() {
    let test = Test::new();
    let (plain, undone) = (
        &[RUNBOOK, "--site", SITE][..],
        &[RUNBOOK, "--site", SITE, "--with-undo"],
    );
    let more = actions(&policy(&test, undone));
    let more: Vec<_> = more
        .difference(&actions(&policy(&test, plain)))
        .cloned()
        .collect();
    for action in [
        "ec2:DeleteVpc",
        "ec2:DeleteSubnet",
        "ec2:DetachInternetGateway",
    ] {
        assert!(more.iter().any(|it| it == action), "{action} in {more:?}");
    }
}
