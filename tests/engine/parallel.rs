//! Branches: side by side, apart in the journal, stopped together.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::exit::Exit;
use run::event::Event;
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;

const LONG: Duration = Duration::from_mins(1);
/// Shorter than any pause of these scripts.
const SHORT: Duration = Duration::from_secs(10);

#[test]
fn the_results_are_a_map_by_branch() {
    let bench = Bench::new(
        r#"let map = run::parallel(#{a: || 1, b: || ()});
        let list = run::parallel(["x", "y"], |item| item + "!");
        let named = run::parallel([#{name: "m", size: 2}], |item| item.size);
        [map, list, named, run::parallel([], |item| item)]"#,
    );
    assert_eq!(
        bench.start().value(),
        json!([{"a": 1, "b": null}, {"x": "x!", "y": "y!"}, {"m": 2}, {}])
    );
}

#[test]
fn each_branch_has_a_scope_of_its_own() {
    let bench = Bench::new(
        r#"let make = |zone| run::step("make", || ec2::create_internet_gateway().internet_gateway.internet_gateway_id);
        run::step("all", || run::parallel(["a", "b"], make));
        [run::parallel(["a", "b"], make), run::step("make", || "plain")]"#,
    );
    let first = bench.start();
    let ids = json!({"a": "a/make/ec2.create_internet_gateway", "b": "b/make/ec2.create_internet_gateway"});
    assert_eq!(first.value(), json!([ids, "plain"]));
    assert_eq!(bench.aws.count("create_internet_gateway"), 4);
    let mut keys = first.steps_run();
    keys.sort();
    assert_eq!(
        keys,
        [
            "a/make",
            "all",
            "all/a/make",
            "all/b/make",
            "b/make",
            "make"
        ]
    );

    let again = bench.resume(&first.log.cut(first.log.len() - 1));
    assert_eq!(again.value(), first.value());
    assert_eq!(bench.aws.count("create_internet_gateway"), 4);
}

#[test]
fn branches_run_side_by_side() {
    let bench = Bench::new(
        r#"run::parallel(#{
            a: || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}),
            b: || ec2::create_internet_gateway(),
        }).len()"#,
    );
    let ((a, from_a), (b, from_b)) = (channel(), channel());
    bench.aws.next(
        "create_vpc",
        Act::After(Box::new(move || {
            a.send(()).unwrap();
            from_b.recv_timeout(LONG).unwrap();
        })),
    );
    bench.aws.next(
        "create_internet_gateway",
        Act::After(Box::new(move || {
            b.send(()).unwrap();
            from_a.recv_timeout(LONG).unwrap();
        })),
    );
    assert_eq!(bench.start().value(), 2);
}

/// A branch that goes on until it is stopped; without that it would run into its time-out.
const ENDLESS: &str = r#"run::wait_until("the end", #{every: "0s", timeout: "60s"}, || false)"#;

#[test]
fn a_failed_branch_lets_the_others_finish_their_step() {
    let bench = Bench::new(&format!(
        r#"run::parallel(#{{
            doomed_to_fail: || run::step("fail", || ec2::create_vpc(#{{cidr_block: "10.0.0.0/16"}})),
            other: || {{
                run::step("go on", || {{
                    ec2::create_internet_gateway();
                    run::step("inside", || ec2::describe_vpcs(#{{}}));
                    run::parallel(#{{deep: || ec2::describe_vpcs(#{{}})}});
                }});
                ec2::describe_vpcs(#{{}});
                run::step("not any more", || 8)
            }},
            nested: || run::parallel(#{{deep: || {{ {ENDLESS}; run::step("not any more", || 9) }}}}),
        }})"#
    ));
    let (inside, is_inside) = channel();
    let wait = move || is_inside.recv_timeout(LONG).unwrap();
    bench.aws.next(
        "create_vpc",
        Act::RefuseAfter(Box::new(wait), "VpcLimitExceeded"),
    );
    let meet = move || {
        inside.send(()).unwrap();
        until_thread_ends("doomed_to_fail");
    };
    bench
        .aws
        .next("create_internet_gateway", Act::After(Box::new(meet)));

    let first = bench.start();
    first.failed(Exit::Failed);
    assert!(
        first.said().contains("VpcLimitExceeded"),
        "{}",
        first.said()
    );
    let mut steps = first.steps_run();
    steps.sort();
    assert_eq!(
        steps,
        ["doomed_to_fail/fail", "other/go on", "other/go on/inside"]
    );
    assert_eq!(bench.aws.count("describe_vpcs"), 2);
    let lines = first.lines();
    assert!(
        lines.contains(&"step_finished other/go on 1".to_owned()),
        "{lines:?}"
    );
    assert!(
        !lines.iter().any(|line| line.starts_with("wait_failed")),
        "{lines:?}"
    );
}

/// What a branch can rest in, and the line of the journal that it began.
const RESTS: [(&str, &str); 5] = [
    (r#"run::sleep("30s")"#, "b/sleep"),
    (
        r#"run::wait_until("it", #{every: "30s"}, || { ec2::describe_vpcs(#{}); false })"#,
        "b/it",
    ),
    (
        r#"run::retry("it", #{every: "30s"}, || ec2::describe_subnets(#{}))"#,
        "b/it",
    ),
    (
        r#"ec2::wait_instance_running(#{instance_ids: ["i-1"]})"#,
        "b/ec2.wait_instance_running",
    ),
    (r#"run::parallel(#{c: || run::sleep("30s")})"#, "b/c/sleep"),
];

#[test]
fn a_failed_branch_wakes_those_that_rest() {
    for (rest, key) in RESTS {
        let (resting, rests) = channel();
        let bench = Bench::new(&format!(
            r#"run::parallel(#{{a: || ec2::create_vpc(#{{cidr_block: "10.0.0.0/16"}}), b: || {{ {rest}; 1 }}}})"#
        ))
        .hear(move |event| {
            if matches!(event, Event::Waiting(waiting) if waiting.attempt > 0 || waiting.what == "sleep") {
                let _ = resting.send(());
            }
        });
        let wait = move || rests.recv_timeout(LONG).unwrap();
        bench.aws.next(
            "create_vpc",
            Act::RefuseAfter(Box::new(wait), "VpcLimitExceeded"),
        );
        bench
            .aws
            .next("describe_subnets", Act::Refuse("RequestLimitExceeded"));
        bench.aws.next(
            "describe_instances",
            Act::Answer(json!({"reservations": [{"instances": [{"state": {"name": "pending"}}]}]})),
        );
        let first = bench.start();
        first.failed(Exit::Failed);
        let said = first.said();
        assert!(
            said.contains("VpcLimitExceeded") && !said.contains("branches failed"),
            "{said}"
        );
        let waits = |lines: Vec<String>| -> Vec<String> {
            lines
                .into_iter()
                .filter(|line| line.starts_with("wait_") && !line.starts_with("wait_tried"))
                .collect()
        };
        assert!(first.elapsed() < SHORT, "{rest}");
        assert_eq!(waits(first.lines()), [format!("wait_started {key} 1")]);
    }
}

#[test]
fn a_failed_branch_ends_a_look_at_what_was_just_made() {
    let (looking, looks) = channel();
    let bench = Bench::new(
        r#"run::parallel(#{
            no_gateway: || ec2::create_internet_gateway(),
            other: || {
                let id = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
                ec2::describe_vpcs(#{vpc_ids: [id]})
            },
        })"#,
    );
    let wait = move || looks.recv_timeout(LONG).unwrap();
    bench.aws.next(
        "create_internet_gateway",
        Act::RefuseAfter(Box::new(wait), "LimitExceeded"),
    );
    let tell = move || {
        looking.send(()).unwrap();
        until_thread_ends("no_gateway");
    };
    bench.aws.next(
        "describe_vpcs",
        Act::RefuseAfter(Box::new(tell), "InvalidVpcID.NotFound"),
    );
    let ended = bench.start();
    assert!(
        ended.said().contains("LimitExceeded") && !ended.said().contains("NotFound"),
        "{}",
        ended.said()
    );
    assert_eq!(bench.aws.count("describe_vpcs"), 1);
}

/// Returns once this process has no thread of that name; a branch's thread has the branch's name.
fn until_thread_ends(name: &str) {
    let runs = || {
        let threads = Path::new("/proc/self/task").read_dir().unwrap();
        let names = threads
            .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
        names.into_iter().any(|found| found.trim() == name)
    };
    while runs() {
        std::thread::yield_now();
    }
}

#[test]
fn several_errors_are_all_named() {
    let bench = Bench::new(
        r#"run::parallel(#{
            a: || run::step("x", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"})),
            b: || run::step("y", || ec2::create_internet_gateway()),
        })"#,
    );
    let (inside, is_inside) = channel();
    let wait = move || is_inside.recv_timeout(LONG).unwrap();
    let tell = move || inside.send(()).unwrap();
    bench.aws.next(
        "create_vpc",
        Act::RefuseAfter(Box::new(wait), "VpcLimitExceeded"),
    );
    bench.aws.next(
        "create_internet_gateway",
        Act::RefuseAfter(Box::new(tell), "LimitExceeded"),
    );
    let ended = bench.start();
    ended.failed(Exit::Failed);
    for named in [
        "2 branches failed",
        "a: VpcLimitExceeded",
        "b: LimitExceeded",
    ] {
        assert!(ended.said().contains(named), "{}", ended.said());
    }
    assert_eq!(
        bench
            .resume(&ended.log)
            .value()
            .as_object()
            .map(serde_json::Map::len),
        Some(2)
    );
}

#[test]
fn names_that_would_mix_up_records_are_refused() {
    for (script, why) in [
        (
            r#"run::parallel(["a", "b", "a"], |item| item)"#,
            "two branches are named `a`",
        ),
        (
            r#"run::parallel(["1", 1], |item| item)"#,
            "two branches are named `1`",
        ),
        (
            r#"run::parallel(#{"a/b": || 1})"#,
            "cannot be a step's name",
        ),
        (
            r#"run::parallel(["a[1]"], |item| item)"#,
            "cannot be an item",
        ),
        (
            r#"run::parallel(["a/b", "a/b"], |item| item)"#,
            "two branches are named `a/b`",
        ),
        (
            r#"let options = #{}; options["at_mots"] = 1; run::parallel([1], options, |item| item)"#,
            "did you mean `at_most`?",
        ),
        (
            r"run::parallel([1], #{at_most: 0}, |item| item)",
            "option `at_most` of `run::parallel`: expected a whole number from 1",
        ),
        (
            r#"run::parallel([1], #{stop_after: "2"}, |item| item)"#,
            "option `stop_after` of `run::parallel`: expected a whole number from 1",
        ),
        (
            r"run::parallel([#{size: 1}], |item| item)",
            "needs a `name`",
        ),
        (r"run::parallel(#{a: 1})", "not a closure"),
    ] {
        let ended = Bench::new(script).start();
        ended.failed(Exit::Failed);
        assert!(ended.said().contains(why), "{script}: {}", ended.said());
    }
}

#[test]
fn items_are_those_of_a_step() {
    let bench = Bench::new(
        r#"let found = run::parallel(["10.0.0.0/24", "a#2", "plain"], |item| run::step("make", item, || item));
        ec2::create_internet_gateway();
        found"#,
    );
    bench.aws.next("create_internet_gateway", Act::NotSent);
    let first = bench.start();
    let mut keys = first.steps_run();
    keys.sort();
    assert_eq!(
        keys,
        [
            "[10.0.0.0/24]/make[10.0.0.0/24]",
            "[a#2]/make[a#2]",
            "plain/make[plain]"
        ]
    );
    let again = bench.resume(&first.log);
    let items = json!({"10.0.0.0/24": "10.0.0.0/24", "a#2": "a#2", "plain": "plain"});
    assert_eq!(again.value(), items);
    assert!(again.steps_run().is_empty(), "{:?}", again.steps_run());
}

#[test]
fn so_many_run_at_once_in_the_order_of_the_items() {
    let bench = Bench::new(
        r"run::parallel([1, 2, 3, 4, 5], #{at_most: 2}, |item| { ec2::describe_vpcs(#{}); item }).len()",
    );
    let running = Arc::new(AtomicUsize::new(0));
    let (met, meets) = channel();
    let meets = Arc::new(Mutex::new(meets));
    for call in 0..5 {
        let (running, met, meets) = (Arc::clone(&running), met.clone(), Arc::clone(&meets));
        let look = move || {
            assert!(running.fetch_add(1, Ordering::SeqCst) < 2);
            match call {
                // The first two meet: fewer than that never run.
                0 => meets.lock().unwrap().recv_timeout(LONG).unwrap(),
                1 => met.send(()).unwrap(),
                _ => {}
            }
            running.fetch_sub(1, Ordering::SeqCst);
        };
        bench.aws.next("describe_vpcs", Act::After(Box::new(look)));
    }
    assert_eq!(bench.start().value(), 5);

    let script = r"run::parallel([3, 1, 2], #{at_most: 1}, |item| { log::info(`${item}`); item })";
    assert_eq!(Bench::new(script).start().logged(), ["3", "1", "2"]);
}

/// Every second branch fails.
const HALF: &str = r#"run::parallel([1, 2, 3, 4, 5, 6, 7, 8], #{at_most: 1, STOP}, |item| {
    run::step("try", item, || if item % 2 == 0 { throw `no ${item}` });
})"#;

#[test]
fn after_so_many_failures_no_other_is_started() {
    for (stop, tried, said) in [
        ("", 2, "1 branch failed: 2: no 2"),
        ("stop_after: 2", 4, "2 branches failed: 2: no 2"),
        ("stop_after: 9", 8, "4 branches failed: 2: no 2"),
    ] {
        let bench = Bench::new(&HALF.replace("STOP", stop));
        let ended = bench.start();
        ended.failed(Exit::Failed);
        assert_eq!(ended.steps_run().len(), tried, "{stop}");
        assert!(ended.said().contains(said), "{}", ended.said());
        let left = format!("{} of 8 were not started", 8 - tried);
        assert_eq!(ended.said().contains(&left), tried < 8, "{}", ended.said());

        // What is done is over at once; the resume goes on where it failed.
        let again = bench.resume(&ended.log);
        again.failed(Exit::Failed);
        let retried: Vec<String> = again.steps_run().into_iter().take(1).collect();
        assert_eq!(retried, ["2/try[2]"]);
    }
}

#[test]
fn those_under_way_go_on_until_enough_have_failed() {
    let (failing, fails) = channel();
    let bench = Bench::new(
        r#"run::parallel(["bad", "good"], #{stop_after: 2}, |item| {
            if item == "bad" { log::info("failing"); throw "no" }
            ec2::describe_vpcs(#{});
            run::step("after", || 1)
        })"#,
    )
    .hear(move |event| {
        if matches!(event, Event::Log { .. }) {
            failing.send(()).unwrap();
        }
    });
    let wait = move || {
        fails.recv_timeout(LONG).unwrap();
        until_thread_ends("bad");
    };
    bench.aws.next("describe_vpcs", Act::After(Box::new(wait)));
    let ended = bench.start();
    ended.failed(Exit::Failed);
    assert_eq!(
        (ended.said().starts_with("no;"), ended.steps_run()),
        (true, vec!["good/after".to_owned()]),
        "{}",
        ended.said()
    );
}

#[test]
fn ctrl_c_starts_no_other() {
    let bench = Bench::new(
        r"run::parallel([1, 2, 3], #{at_most: 1, stop_after: 3}, |item| { log::info(`${item}`); item })",
    )
    .interrupt_at(|event| matches!(event, Event::Log { .. }));
    let ended = bench.start();
    ended.failed(Exit::Interrupted);
    assert_eq!(ended.logged(), ["1"]);
}
