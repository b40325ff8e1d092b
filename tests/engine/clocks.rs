//! Clocks: a wait or a window that a kill cut off goes by a clock that nobody sets.

use std::time::Duration;

use base::exit::Exit;
use run::cloud::Found;
use run::event::Event;

use super::aws::{Act, Look};
use super::bench::Bench;
use super::cuts::worlds;
use super::ended::Ended;
use super::log::Log;
use super::world::World;

/// Each kind of wait, of an hour and cut off at its beginning.
const WAITS: [&str; 3] = [
    r#"run::wait_until("it", #{every: "1h", timeout: "1h"}, || false)"#,
    r#"run::retry("it", #{every: "1h", timeout: "1h"}, || ec2::describe_vpcs(#{}))"#,
    r#"run::sleep("1h")"#,
];

fn pauses(event: &Event) -> bool {
    matches!(event, Event::Waiting(waiting)
        if (waiting.attempt > 0 || waiting.what == "sleep") && waiting.left != Some(Duration::ZERO))
}

fn left(ended: &Ended) -> Duration {
    let left = ended.events.iter().find_map(|event| match event {
        Event::Waiting(waiting) => waiting.left,
        _ => None,
    });
    left.unwrap()
}

fn cut_off(wait: &str) -> (Bench, Log) {
    let bench = Bench::new(&format!("{wait}; ec2::describe_vpcs(#{{}});")).interrupt_at(pauses);
    for _ in 0..4 {
        bench.aws.next("describe_vpcs", Act::Refuse("Busy"));
    }
    let first = bench.start();
    first.failed(Exit::Interrupted);
    (bench, first.log)
}

#[test]
fn a_wall_clock_that_is_set_changes_no_wait() {
    for wait in WAITS {
        for hours in [-48, 48] {
            let (bench, log) = cut_off(wait);
            let again = bench.resume(&log.set_forward(hours));
            again.failed(Exit::Interrupted);
            let left = left(&again);
            let hour = Duration::from_hours(1);
            assert!(left < hour && left > hour / 2, "{wait}, {hours}: {left:?}");
        }
    }
}

#[test]
fn what_passed_while_nobody_ran_or_the_host_was_suspended_counts() {
    for wait in WAITS {
        let (bench, log) = cut_off(wait);
        let again = bench.resume(&log.aged(2));
        assert_eq!(left(&again), Duration::ZERO, "{wait}");
    }
}

/// After a boot only the wall clock tells, and a wait is never longer than it was to be.
#[test]
fn over_a_boot_the_rest_is_waited_and_at_most_the_whole() {
    for wait in WAITS {
        let (bench, log) = cut_off(wait);
        assert_eq!(
            left(&bench.resume(&log.rebooted(2))),
            Duration::ZERO,
            "{wait}"
        );
        let (bench, log) = cut_off(wait);
        let left = left(&bench.resume(&log.rebooted(-48)));
        let hour = Duration::from_hours(1);
        assert!(left <= hour && left > hour / 2, "{wait}: {left:?}");
    }
}

const VPC: &str = r#"ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id"#;

/// Resumes a run that was cut off in a call which AWS does not show yet; `true` if it makes the call again at once.
fn calls_again(move_clock: impl Fn(&Log) -> Log) -> bool {
    let bench = Bench::new(VPC).window(Duration::from_hours(1));
    let cut = bench
        .start()
        .log
        .until(|entry| entry.record.key() == "ec2.create_vpc");
    let calls = bench.aws.count("create_vpc");
    bench.aws.set_world(World::default());
    bench.aws.next_look(Look::Interrupted(Found::Absent));
    drop(bench.resume(&move_clock(&cut)));
    bench.aws.count("create_vpc") > calls
}

/// A call is tried again for a while after its intent, so the window is over only if that is over too.
#[test]
fn a_window_is_over_only_when_nobody_can_have_called_since() {
    assert!(!calls_again(Log::clone), "at once");
    assert!(
        !calls_again(|log| log.set_forward(48)),
        "the clock set forward"
    );
    assert!(
        !calls_again(|log| log.set_forward(-48)),
        "the clock set back"
    );
    assert!(
        !calls_again(|log| log.aged(1)),
        "the window is over, but not for the last sending"
    );
    assert!(
        !calls_again(|log| log.rebooted(48)),
        "another boot says nothing"
    );
}

/// What a kill leaves in AWS, under every older log and every step of the clock: in the end the same, and each thing once.
#[test]
fn every_kill_by_every_older_log_by_every_clock_makes_each_thing_once() {
    let bench = Bench::new(
        r#"let vpc = run::step("network", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
        run::sleep("0s");
        [vpc, ec2::create_internet_gateway().internet_gateway.internet_gateway_id]"#,
    );
    let whole = bench.start();
    let (value, all) = (whole.value(), bench.aws.world());
    let clocks: [&dyn Fn(&Log) -> Log; 5] = [
        &Log::clone,
        &|log| log.set_forward(48),
        &|log| log.set_forward(-48),
        &|log| log.aged(48),
        &|log| log.rebooted(48),
    ];
    for kill in 1..whole.log.len() {
        for world in worlds(&all, &whole.log.cut(kill)) {
            for older in 1..=kill {
                for (number, clock) in clocks.iter().enumerate() {
                    let case = format!("kill {kill}, log {older}, clock {number}");
                    bench.aws.set_world(world.clone());
                    let resumed = bench.resume(&clock(&whole.log.cut(older)));
                    assert_eq!(resumed.value(), value, "{case}");
                    assert_eq!(bench.aws.world().census(), all.census(), "{case}");
                }
            }
        }
    }
}
