use crate::check::tests::found;

const MODULE: &str = r#"
import "aws/ec2" as ec2;
fn wait_for(body) { run::wait_until("it", #{}, body); }
fn look() { ec2::describe_vpcs().vpcs.len() > 0 }
fn make() { again(3) }
private fn again(n) { if n == 0 { make() } else { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}) } }
"#;

/// Returns what is said of a wait's body, the second line.
fn said(body: &str) -> Vec<String> {
    waiting(&format!(
        "run::wait_until(\"it\", #{{}}, ||\n{{ {body} }});"
    ))
}

fn waiting(main: &str) -> Vec<String> {
    let book = format!(
        "import \"m\" as m; import \"aws/ec2\" as ec2; import \"aws/sns\" as sns; fn main(params) {{ {main} }}
        private fn make_it() {{ m::make() }}"
    );
    found(&[("book.rhai", &book), ("m", MODULE)])
}

fn refusal(call: &str) -> String {
    format!("a wait cannot call {call}, which changes something")
}

#[test]
fn an_effect_in_a_wait_is_refused_wherever_it_is() {
    let create = "ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"})";
    let here = format!("2: {}", refusal("`ec2.create_vpc`"));
    for body in [
        create,
        "if params.n == 1 { CREATE; } true",
        "try { CREATE; } catch (e) { false }",
        "[1].map(|it| CREATE).len() == 1",
        "run::retry(\"make\", #{}, || CREATE)",
        "run::parallel(#{a: || CREATE})",
        "run::wait_until(\"inner\", #{}, || CREATE)",
    ] {
        assert_eq!(
            said(&body.replace("CREATE", create)),
            [here.as_str()],
            "{body}"
        );
    }
    let in_module = format!("6: {}", refusal("`ec2.create_vpc`"));
    assert_eq!(said("m::make()"), [in_module.as_str()]);
    assert_eq!(said("make_it()"), [in_module.as_str()]);
    assert_eq!(waiting("m::wait_for(|| m::make());"), [in_module.as_str()]);
    assert_eq!(
        waiting("m::wait_for(Fn(\"make_it\"));"),
        [in_module.as_str()]
    );
    assert_eq!(
        waiting("let f = || m::make(); run::wait_until(\"it\", #{}, || f.call());"),
        [in_module.as_str()]
    );
}

#[test]
fn every_kind_of_effect_counts() {
    for (call, name) in [
        ("command::run(#{program: \"true\"})", "`command.run`"),
        ("http::post(#{url: \"http://localhost/\"})", "`http.post`"),
        (
            "sns::publish(#{message: \"m\"}, #{beat: true})",
            "`sns.publish`",
        ),
        (
            "ec2::delete_vpc(#{vpc_id: \"vpc-1\", dry_run: false})",
            "`ec2.delete_vpc`",
        ),
    ] {
        assert_eq!(said(call), [format!("2: {}", refusal(name))]);
    }
}

#[test]
fn a_step_in_a_wait_is_refused() {
    let refused = ["2: a wait cannot run the step `look`"];
    assert_eq!(said("run::step(\"look\", || 1)"), refused);
    assert_eq!(said("run::step(\"look\", \"item\", || m::look())"), refused);
    assert_eq!(
        said("run::step(params.name, || 1)"),
        ["2: a wait cannot run a step"]
    );
}

#[test]
fn a_wait_may_look() {
    for body in [
        "m::look()",
        "ec2::wait_vpc_available(#{vpc_ids: [\"vpc-1\"]}); true",
        "ec2::delete_vpc(#{vpc_id: \"vpc-1\", dry_run: true})",
        "run::now(); run::sleep(\"1s\"); log::info(\"look\"); probe::tcp(\"localhost:1\")",
        "run::wait_until(\"inner\", #{}, || m::look())",
    ] {
        assert_eq!(said(body), [""; 0], "{body}");
    }
    for main in [
        "run::retry(\"it\", #{}, || { m::make(); run::step(\"one\", || 1); });",
        "run::step(\"one\", || { m::make(); run::wait_until(\"it\", #{}, || m::look()) });",
        "let f = || m::make(); f.call(); run::wait_until(\"it\", #{}, || m::look());",
    ] {
        assert_eq!(waiting(main), [""; 0], "{main}");
    }
}
