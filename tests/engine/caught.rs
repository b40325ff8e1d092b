//! Failures that a script catches: what it does instead is not done beside a late success of the first try.

use base::exit::Exit;
use rehearse::matrix::seed::number;

use super::aws::Act;
use super::bench::Bench;
use super::cuts::worlds;

/// A way to catch `TRY` and to make `OTHER` instead, then a call that ends the run early.
const FALLBACKS: [&str; 6] = [
    "try { TRY } catch { OTHER }",
    "try { run::step(\"first\", || TRY) } catch { run::step(\"second\", || OTHER) }",
    "try { run::retry(\"first\", #{every: \"0s\", attempts: 1}, || TRY) } catch { OTHER }",
    "try { run::parallel(#{a: || run::step(\"first\", || TRY)}) } catch { OTHER }",
    "run::parallel(#{a: || try { TRY } catch { OTHER }, b: || 1})",
    "try { TRY } catch { run::parallel(#{a: || OTHER}) }",
];

fn fallback(form: &str) -> Bench {
    let machine = |kind: &str| {
        format!("ec2::run_instances(#{{image_id: \"{kind}\", min_count: 1, max_count: 1}})")
    };
    let script = form
        .replace("TRY", &machine("ami-1"))
        .replace("OTHER", &machine("ami-2"));
    let bench = Bench::new(&format!("{script};\nec2::create_internet_gateway();"));
    bench
        .aws
        .next("run_instances", Act::Refuse("InsufficientInstanceCapacity"));
    bench
}

#[test]
fn what_failed_and_was_caught_is_not_tried_again() {
    for form in FALLBACKS {
        let bench = fallback(form);
        bench
            .aws
            .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
        let first = bench.start();
        first.failed(Exit::Failed);
        bench
            .aws
            .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
        let second = bench.resume(&first.log);
        second.failed(Exit::Failed);
        bench.resume(&second.log).value();
        assert_eq!(bench.aws.count("run_instances"), 2, "{form}");
        assert_eq!(bench.aws.world().count("run_instances"), 1, "{form}");
    }
}

#[test]
fn a_run_with_a_fallback_killed_anywhere_makes_one_of_them() {
    for form in FALLBACKS {
        let bench = fallback(form);
        let whole = bench.start();
        whole.value();
        let all = bench.aws.world();
        for entries in 1..whole.log.len() {
            let cut = whole.log.cut(entries);
            for world in worlds(&all, &cut) {
                bench.aws.set_world(world);
                bench.resume(&cut).value();
                assert_eq!(
                    bench.aws.world().count("run_instances"),
                    1,
                    "{form} cut at {entries}"
                );
            }
        }
    }
}

#[test]
fn a_loop_of_tries_does_not_begin_anew() {
    let bench = Bench::new(
        r#"let made = ();
        for number in 1..5 {
            try { made = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id; break; } catch { }
        }
        ec2::create_internet_gateway();
        made"#,
    );
    bench
        .aws
        .next("create_vpc", Act::Refuse("VpcLimitExceeded"));
    bench.aws.next("create_vpc", Act::NotSent);
    bench.aws.next("create_internet_gateway", Act::NotSent);
    let first = bench.start();
    assert_eq!(bench.resume(&first.log).value(), "ec2.create_vpc#3");
    assert_eq!(
        (
            bench.aws.count("create_vpc"),
            bench.aws.world().count("create_vpc")
        ),
        (3, 1)
    );
}

/// The second try finds something to do first, and is killed there: the failure before looks as if it had been caught.
#[test]
fn a_retry_is_not_kept_from_trying_again() {
    let bench = Bench::new(
        r#"run::retry("it", #{every: "0s", attempts: 3}, || {
            if !ec2::describe_vpcs(#{}).vpcs.is_empty() { run::step("clear the way", || 1); }
            ec2::create_internet_gateway().internet_gateway.internet_gateway_id
        })"#,
    );
    for count in [0, 1, 1, 1] {
        bench.aws.next(
            "describe_vpcs",
            Act::Answer(serde_json::json!({"vpcs": vec![0; count]})),
        );
    }
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let first = bench.start();
    first.value();
    let cut = first
        .log
        .until(|entry| entry.record.key() == "it/clear the way");
    bench.aws.set_world(super::world::World::default());
    assert_eq!(bench.resume(&cut).value(), "it/ec2.create_internet_gateway");
    assert_eq!(bench.aws.world().count("create_internet_gateway"), 1);
}

/// What fails, under the key `it`, with a value of each kind.
const FAILURES: [&str; 12] = [
    "throw \"busy\"",
    "throw 7",
    "throw 0.5",
    "throw true",
    "throw ()",
    "throw 'x'",
    "throw [1, [\"two\", ()]]",
    "throw #{message: \"busy\", kind: \"soft\", tries: 3}",
    "throw #{kind: \"soft\"}",
    "[1][5]",
    "let map = #{}; map.nothing",
    "ec2::create_internet_gateway()",
];

/// Around `FAIL`, whose failure is recorded.
const FRAMES: [&str; 6] = [
    "run::step(\"it\", || { FAIL })",
    "run::wait_until(\"it\", #{timeout: \"1h\"}, || { FAIL })",
    "run::retry(\"it\", #{every: \"0s\", attempts: 2}, || { FAIL })",
    "run::parallel(#{a: || { run::step(\"it\", || { FAIL }) }})",
    "run::parallel(#{a: || { run::step(\"it\", || { FAIL }) }, b: || { run::step(\"it\", || { FAIL }) }})",
    "run::step(\"around\", || run::step(\"it\", || { FAIL }))",
];

/// Logs what is caught of the failure, then comes to an end that a kill can come before.
fn catching(frame: &str, failure: &str) -> Bench {
    let mut tried = frame.replace("FAIL", failure);
    if frame.contains("wait_until") {
        // A wait only looks.
        tried = tried.replace("create_internet_gateway()", "describe_vpcs(#{})");
    }
    let bench = Bench::new(&format!(
        "try {{ {tried}; }} catch (e) {{ log::info(type_of(e) + \" \" + json::stringify(e)); }}
        ec2::create_vpc(#{{cidr_block: \"10.0.0.0/16\"}}).vpc.vpc_id"
    ));
    for operation in ["create_internet_gateway", "describe_vpcs"] {
        for _ in 0..2 {
            bench.aws.next(operation, Act::Refuse("LimitExceeded"));
        }
    }
    bench
}

#[test]
fn a_caught_failure_is_thrown_again_as_it_was() {
    for frame in FRAMES {
        for failure in FAILURES {
            let bench = catching(frame, failure);
            bench.aws.next("create_vpc", Act::Refuse("LimitExceeded"));
            let first = bench.start();
            first.failed(Exit::Failed);
            assert_eq!(first.logged().len(), 1, "{frame} {failure}");
            let second = bench.resume(&first.log);
            second.value();
            assert_eq!(second.logged(), first.logged(), "{frame} {failure}");
        }
    }
}

/// Draws one of so many.
type Draw<'a> = &'a mut dyn FnMut(usize) -> usize;

/// A script of tries within each other; each `catch` logs what it saw.
fn drawn(draw: Draw, depth: usize, count: &mut usize) -> String {
    *count += 1;
    let name = *count;
    let body = if depth == 0 {
        FAILURES[draw(FAILURES.len() - 1)].to_owned()
    } else {
        drawn(draw, depth - 1, count)
    };
    let framed = match draw(4) {
        0 => format!("run::step(\"step {name}\", || {{ {body} }})"),
        1 => format!(
            "run::retry(\"retry {name}\", #{{every: \"0s\", attempts: 2}}, || {{ {body} }})"
        ),
        2 => format!("run::parallel(#{{a: || {{ {body} }}}})"),
        _ => format!("run::step(\"before {name}\", || {name}); {body}"),
    };
    if draw(3) == 0 {
        return framed;
    }
    format!(
        "try {{ {framed} }} catch (e) {{ log::info(`{name} ${{type_of(e)}} ${{json::stringify(e)}}`); }}
        run::step(\"after {name}\", || {name})"
    )
}

/// Whatever is caught where, and wherever the run is killed: each `catch` sees what it saw.
#[test]
fn a_random_script_killed_anywhere_catches_what_it_caught() {
    for seed in 0..12 {
        let mut state = seed;
        let mut draw = |most: usize| {
            state += 1000;
            usize::try_from(number(state, "draw") % most as u64).unwrap()
        };
        let parts: Vec<String> = (0..3)
            .map(|part| {
                let depth = draw(3);
                drawn(&mut draw, depth, &mut (part * 100))
            })
            .collect();
        let bench = Bench::new(&format!(
            "let all = (); try {{ {} }} catch (e) {{ all = [e]; }} run::step(\"finish\", || 1); all",
            parts.join(";\n")
        ));
        let whole = bench.start();
        for entries in 1..whole.log.len() {
            let again = bench.resume(&whole.log.cut(entries));
            assert_eq!(
                again.value(),
                whole.value(),
                "seed {seed}, cut at {entries}"
            );
            // A finished step or retry is not run again, and so not what it caught.
            for line in again.logged() {
                assert!(
                    whole.logged().contains(&line),
                    "seed {seed}, cut at {entries}: {line}\n{}",
                    bench.read()
                );
            }
        }
    }
}
