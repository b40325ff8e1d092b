use crate::check::tests::warned;

const MODULE: &str = r#"
import "aws/ec2" as ec2;
fn gateway() { ec2::create_internet_gateway() }
fn named() { run::step("make", || 1) }
fn maybe() { if host::ip_forward() { ec2::create_internet_gateway() } }
"#;

/// Returns the lines of `main` that are warned of, from 1.
fn lines(body: &str) -> Vec<usize> {
    let book = format!(
        "import \"m\" as m; import \"aws/ec2\" as ec2; fn main(params) {{ let live = host::ip_forward();\n{body}\n}}"
    );
    let said = warned(&[("book.rhai", &book), ("m", MODULE)]);
    let line = |said: &String| said.split(':').next().unwrap().parse::<usize>().unwrap() - 1;
    said.iter().map(line).collect()
}

#[test]
fn two_steps_or_waits_of_one_name_are_warned_of() {
    for (body, expected) in [
        ("run::step(\"a\", || 1);\nrun::step(\"a\", || 2);", vec![2]),
        (
            "run::step(\"a\", || 1);\nrun::wait_until(\"a\", #{}, || true);",
            vec![2],
        ),
        (
            "run::retry(\"a\", #{}, || 1);\nrun::wait_until(\"a\", #{}, || true);\nrun::step(\"a\", || 1);",
            vec![2, 3],
        ),
        (
            "if live { run::step(\"a\", || 1); } else {\nrun::step(\"a\", || 2); }",
            vec![2],
        ),
        (
            "run::step(\"outer\", || { run::step(\"a\", || 1);\nrun::step(\"a\", || 2); });",
            vec![2],
        ),
        (
            "run::step(\"make\", || 1);\n\n[1].map(|it| m::named());",
            vec![3],
        ),
        ("run::step(\"a\", || 1);\nrun::step(\"b\", || 2);", vec![]),
        (
            "run::step(\"a\", \"one\", || 1);\nrun::step(\"a\", \"two\", || 2);",
            vec![],
        ),
        ("run::step(\"a\", || { run::step(\"a\", || 1); });", vec![]),
        (
            "run::parallel(#{one: || run::step(\"a\", || 1), two: || run::step(\"a\", || 2)});",
            vec![],
        ),
        (
            "run::step(\"a\", || m::named());\nrun::step(\"b\", || m::named());",
            vec![],
        ),
        (
            "if params.how == 1 { run::step(\"a\", || 1); } else {\nrun::step(\"a\", || 2); }",
            vec![],
        ),
        (
            "switch params.how { 1 => run::step(\"a\", || 1), _ =>\nrun::step(\"a\", || 2) }",
            vec![],
        ),
        ("m::named();\nm::named();", vec![]),
    ] {
        // Where a module has the later one, its line is told.
        let found = lines(body);
        if body.contains("[1].map") {
            assert_eq!(found.len(), 1, "{body}");
        } else {
            assert_eq!(found, expected, "{body}");
        }
    }
}

#[test]
fn two_effects_of_which_one_is_under_a_condition_are_warned_of() {
    const MAKE: &str = "ec2::create_internet_gateway()";
    for body in [
        "if live { MAKE; }\nMAKE;",
        "if live { MAKE; } else {\nMAKE; }",
        "switch live { true => MAKE, _ =>\nMAKE }",
        "for i in 0..ec2::describe_vpcs().vpcs.len() { MAKE; }\nMAKE;",
        "while live { MAKE; }\nMAKE;",
        "try { ec2::describe_vpcs(); MAKE; } catch { }\nMAKE;",
        "try { ec2::describe_vpcs(); } catch { MAKE; }\nMAKE;",
        "live && MAKE != ();\nMAKE;",
        "[1].filter(|it| MAKE != ());\nMAKE;",
        "m::maybe();\nMAKE;",
        "for i in 0..3 { MAKE;\nif live { MAKE; } }",
        "run::step(\"a\", || { if live { MAKE; }\nMAKE; });",
    ] {
        assert_eq!(lines(&body.replace("MAKE", MAKE)), [2], "{body}");
    }
    let command = "command::run(#{program: \"true\"})";
    assert_eq!(lines(&format!("if live {{ {command}; }}\n{command};")), [2]);
}

#[test]
fn effects_whose_order_stays_are_not_warned_of() {
    for body in [
        "MAKE;\nMAKE;",
        "MAKE;\nif live { MAKE; }",
        "if live { MAKE;\nMAKE; }",
        "for i in 0..3 { MAKE;\nMAKE; }",
        "for zone in params.zones { MAKE; }\nMAKE;",
        "if params.how == \"ec2\" && !params.small { MAKE; }\nMAKE;",
        "try { MAKE; } catch { }\nMAKE;",
        "run::step(\"a\", || { if live { MAKE; } });\nMAKE;",
        "if live { run::step(\"a\", || MAKE); }\nrun::step(\"b\", || MAKE);",
        "if live { ec2::delete_vpc(#{vpc_id: \"vpc-1\"}); }\nMAKE;",
        "if live { ec2::describe_vpcs(); }\nec2::describe_vpcs();",
        "m::gateway();\nm::gateway();",
        "if live { ec2::create_internet_gateway(#{}, #{beat: true}); }\nMAKE;",
    ] {
        assert_eq!(
            lines(&body.replace("MAKE", "ec2::create_internet_gateway()")),
            [0; 0],
            "{body}"
        );
    }
}
