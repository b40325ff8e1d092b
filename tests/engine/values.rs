//! Values: the same to a script, whether just made or read from the journal.

use base::exit::Exit;

use super::aws::Act;
use super::bench::Bench;

/// Logs what a script can tell of a value, then stops at a call.
const DESCRIBE: &str = r#"
    for name in made.keys() { log::info(name + " " + type_of(made[name]) + " " + json::stringify(made[name])); }
    log::info(made.float / 3.0);
    ec2::create_internet_gateway();
    made"#;

const VALUES: &str = r#"#{
    unit: (), truth: true, least: -9223372036854775807 - 1, most: 9223372036854775807, float: 0.1, whole: 5.0,
    minus: -0.0, huge: 1.0e300, letter: 'x', text: "snow ☃ \"quoted\"\n", empty: "", list: [1, [2.5, ()], #{}],
    map: #{"with space": #{a: []}},
}"#;

#[test]
fn a_steps_value_is_the_same_live_and_replayed() {
    let bench = Bench::new(&format!(
        "let made = run::step(\"make\", || {VALUES}); {DESCRIBE}"
    ));
    same_twice(&bench);
}

#[test]
fn a_waits_value_is_the_same_live_and_replayed() {
    let bench = Bench::new(&format!(
        "let made = run::wait_until(\"it\", #{{timeout: \"1h\"}}, || {VALUES}); {DESCRIBE}"
    ));
    same_twice(&bench);
}

#[test]
fn a_branchs_value_is_the_same_live_and_replayed() {
    let bench = Bench::new(&format!(
        "let made = run::parallel(#{{a: || {VALUES}}}).a; {DESCRIBE}"
    ));
    same_twice(&bench);
}

fn same_twice(bench: &Bench) {
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let first = bench.start();
    let second = bench.resume(&first.log);
    assert_eq!(first.logged().len(), 14);
    assert_eq!(second.logged(), first.logged());
    assert_eq!(second.value()["most"], i64::MAX);
    assert_eq!(second.value()["whole"].to_string(), "5.0");
}

#[test]
fn a_value_that_cannot_be_recorded_is_an_error_where_it_was_returned() {
    for returned in [
        "|| 1",
        "[1, || 2]",
        "#{f: Fn(\"main\")}",
        "0.0 / 0.0",
        "blob(3)",
    ] {
        for script in [
            format!("run::step(\"make\", || {{\n({returned}) }})"),
            format!("run::wait_until(\"make\", #{{timeout: \"0s\"}}, || {{\n({returned}) }})"),
            format!("run::retry(\"make\", #{{attempts: 1}}, || {{\n({returned}) }})"),
            format!("run::parallel(#{{a: || {{\n({returned}) }}}})"),
            format!("({returned})"),
        ] {
            let ended = Bench::new(&script).start();
            ended.failed(Exit::Failed);
            assert!(
                ended.said().contains("cannot be recorded"),
                "{script}: {}",
                ended.said()
            );
        }
    }
}

#[test]
fn a_step_with_such_a_value_is_recorded_as_failed() {
    let ended = Bench::new(r#"run::step("make", || || 1)"#).start();
    assert_eq!(ended.lines(), ["step_started make 1", "step_failed make 1"]);
    let place = ended
        .failed(Exit::Failed)
        .excerpt
        .as_ref()
        .map(|excerpt| excerpt.line);
    assert_eq!(place, Some(2));
}

#[test]
fn time_and_chance_are_recorded() {
    let bench = Bench::new(
        r"let drawn = [run::now(), run::uuid(), run::random(1, 1000000), run::random(1, 1000000), run::uuid()];
        log::info(json::stringify(drawn));
        ec2::create_internet_gateway();
        drawn",
    );
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let first = bench.start();
    let second = bench.resume(&first.log);
    assert_eq!(second.logged(), first.logged());
    let keys = [
        "noted run.now",
        "noted run.uuid",
        "noted run.random",
        "noted run.random#2",
        "noted run.uuid#2",
    ];
    assert_eq!(second.lines()[..5], keys);
    let drawn = second.value();
    assert_ne!(drawn[1], drawn[4]);
    assert!((1..=1_000_000).contains(&drawn[2].as_i64().unwrap()));
}

#[test]
fn a_value_that_could_not_be_read_again_is_an_error_of_the_step_and_the_run_stays_readable() {
    for (returned, problem) in [
        (
            "let a = [1]; for i in 0..130 { a = [a]; } a",
            "nested more than 100 levels",
        ),
        (
            "let a = \"x\"; for i in 0..21 { a += a; } a",
            "of at most 1048576",
        ),
    ] {
        let bench = Bench::new(&format!(
            "run::step(\"before\", || 1); run::step(\"deep\", || {{ {returned} }})"
        ));
        let first = bench.start();
        assert!(first.failed(Exit::Failed).message.contains(problem));
        let second = bench.resume(&first.log);
        assert!(second.failed(Exit::Failed).message.contains(problem));
    }
}
