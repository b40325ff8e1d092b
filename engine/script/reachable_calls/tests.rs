use serde_json::json;

use super::*;
use base::source::Source;

fn source(name: &str, text: &str) -> Source {
    Source {
        name: name.into(),
        file: None,
        sha256: String::new(),
        text: text.into(),
    }
}

fn calls(sources: &[Source], params: Option<&Value>) -> Vec<String> {
    let reached = reached(&Library::pinned(sources), params).unwrap();
    let calls = reached.calls.into_iter();
    calls.map(|(_, name)| name).collect()
}

const MODULE: &str = r#"
    import "aws/ec2" as ec2;
    fn used(params, n) { ec2::create_vpc(#{}); run::parallel(#{a: || inner(params), b: || ec2::wait_vpc_exists(#{})}); }
    fn unused() { ec2::delete_vpc(#{}); }
    private fn inner(params) {
        if params.compute == "ec2" && params.n != 1 { ec2::run_instances(#{}); } else { ec2::stop_instances(#{}); }
    }
"#;

const MAIN: &str = r#"
    import "m" as m;
    import "aws/sns" as sns;
    fn main(params) {
        let told = [1].map(|it| sns::publish(#{topic_arn: it}));
        m::used(params, 1);
        told
    }
    fn helper() { sns::delete_topic(#{}); }
"#;

fn sources() -> [Source; 2] {
    [source("book.rhai", MAIN), source("m", MODULE)]
}

#[test]
fn what_main_leads_to_counts_and_nothing_else() {
    assert_eq!(
        calls(&sources(), None),
        [
            "create_vpc",
            "run_instances",
            "stop_instances",
            "wait_vpc_exists",
            "publish"
        ]
    );
    let reached = reached(&Library::pinned(&sources()), None).unwrap();
    assert!(reached.members.contains("topic_arn") && !reached.members.contains("nothing"));
}

#[test]
fn settings_rule_branches_out() {
    let with = |params: Value| calls(&sources(), Some(&params));
    assert!(with(json!({"compute": "ec2", "n": 2})).contains(&"run_instances".to_owned()));
    assert!(!with(json!({"compute": "ec2", "n": 2})).contains(&"stop_instances".to_owned()));
    assert!(!with(json!({"compute": "opsworks", "n": 2})).contains(&"run_instances".to_owned()));
    // What is not known rules nothing out.
    assert!(with(json!({"compute": "ec2"})).contains(&"stop_instances".to_owned()));
}

#[test]
fn other_params_than_the_runbooks_rule_nothing_out() {
    let params = json!({"compute": "ec2", "n": 2});
    for call in [
        "let params = #{compute: \"opsworks\", n: 2}; m::used(params, 1);",
        "params.compute = \"opsworks\"; m::used(params, 1);",
        "m::used(#{compute: \"opsworks\", n: 2}, 1);",
        "m::used(params, 1); m::used(other(), 1);",
    ] {
        let main = MAIN.replace("m::used(params, 1);", call);
        let sources = [source("book.rhai", &main), source("m", MODULE)];
        let calls = calls(&sources, Some(&params));
        assert!(calls.contains(&"stop_instances".to_owned()), "{call}");
    }
}

#[test]
fn functions_by_name_and_methods_are_followed() {
    let text = r#"
        import "aws/ec2" as ec2;
        fn main(params) { let f = Fn("one"); f.call(); params.two(); }
        fn one() { ec2::create_vpc(#{}) }
        fn two() { ec2::delete_vpc(#{}) }
        fn two(it) { ec2::create_subnet(#{}) }
    "#;
    let calls = calls(&[source("book.rhai", text)], None);
    assert!(calls.contains(&"create_vpc".to_owned()));
    // Rhai calls a method with the value as `this`, or with it as the first argument.
    assert!(
        calls.contains(&"create_subnet".to_owned()) && calls.contains(&"delete_vpc".to_owned())
    );
}
