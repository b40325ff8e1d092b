//! `runbook reference`: what scripts can call.

use insta::assert_snapshot;

use crate::harness::Test;

fn told(name: &str) -> String {
    Test::new().runbook(&["reference", name]).code(0).stdout
}

#[test]
fn everything_has_a_line() {
    let told = Test::new().runbook(&["reference"]).code(0).stdout;
    for line in [
        "\nlog::\n",
        "  run::step(name, item, body)  ",
        "  import \"aws/ec2\" as ec2; ",
        "  layout::plan(params)  ",
        "\nimport \"network/layout\" as layout;\n",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    let calls = told.lines().filter(|line| line.starts_with("  "));
    let without: Vec<_> = calls
        .filter(|line| line.trim_end().ends_with([')', ';']) || line.contains('$'))
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn a_function_is_told_whole() {
    assert_snapshot!(told("run::sleep"), @r#"
    run::sleep(duration)
      Waits, for example "30s" or "5m". The end is recorded: after a crash only the rest is waited.
    "#);
    assert_snapshot!(told("tags::name_of"), @"
    tags::name_of(resource)
      Returns the name of a resource: the value of the tag `Name`, or `()` where it has none.

      # Parameters
      * `resource` - a map from a describe call, with `tags`

      # Example
      ```
      let name = tags::name_of(ec2::describe_vpcs(#{vpc_ids: [vpc_id]}).vpcs[0]);
      ```
    ");
}

#[test]
fn a_module_is_named_by_its_path_or_by_its_name_where_it_is_the_only_one() {
    let whole = told("lib/tags");
    assert!(
        whole.starts_with("import \"lib/tags\" as tags;\n"),
        "{whole}"
    );
    assert_eq!(told("tags"), whole);
    assert_eq!(told("lib/tags::name_of"), told("tags::name_of"));
    let said = Test::new().runbook(&["reference", "drift"]).code(2).stderr;
    assert_snapshot!(said, @"
    error: there is no namespace, AWS service or module `drift`; did you mean `ec2/drift` or `network/drift` or `opsworks/drift`?
    hint:
        runbook reference
    ");
}

#[test]
fn an_operation_is_told_with_its_fields_and_what_becomes_of_a_lost_call() {
    assert_snapshot!(told("sns::publish"), @r#"
    sns::publish(#{…})
      Changes something (unsafe).

      AWS does not show whether a lost call was done: the run stops until an operator resolves the doubt;
      where a repetition does no harm, give `#{on_doubt: "retry"}` as a second map.

      takes
        message: a string, required
        message_attributes: a map
        message_deduplication_id: a string
        message_group_id: a string
        message_structure: a string
        phone_number: a string
        subject: a string
        target_arn: a string
        topic_arn: a string

      returns
        message_id: a string
        sequence_number: a string
    "#);
    assert!(told("ec2::create_vpc").contains("Undone by `delete_vpc`."));
    assert_eq!(told("aws/sns::publish"), told("sns::publish"));
}

#[test]
fn a_service_lists_operations_and_waiters() {
    let told = told("ec2");
    assert!(told.contains("  ec2::describe_vpcs(#{…})  "), "{told}");
    assert!(
        told.contains("ec2::wait_instance_running(#{…})")
            && told.contains("`describe_instances`: a read every 15 s"),
        "{told}"
    );
}

#[test]
fn as_json_a_line_each() {
    let ended = Test::new()
        .runbook(&["--output", "json", "reference", "cidr"])
        .code(0);
    let calls: Vec<_> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["call"].clone())
        .collect();
    assert_eq!(calls[0], "cidr::is_valid(text)");
    assert_eq!(calls.len(), 6);
}

#[test]
fn a_misspelt_name_is_mended() {
    let said = |name: &str| Test::new().runbook(&["reference", name]).code(2).stderr;
    assert_snapshot!(said("rum"), @"
    error: there is no namespace, AWS service or module `rum`; did you mean `run`?
    hint:
        runbook reference
    ");
    assert_snapshot!(said("ec2::create_vp"), @"
    error: `ec2` has no function `create_vp`; did you mean `create_vpc`?
    hint:
        runbook reference ec2
    ");
}
