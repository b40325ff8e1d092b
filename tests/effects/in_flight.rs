//! Each operation of the table, cut off when AWS had done it and nothing was written down, and before it was sent.

use knowledge::{Class, Look, Row};

use super::scripts::{Point, points};
use crate::build::account;
use crate::build::interruption::{Tally, in_doubt, outcomes, side_by_side};
use crate::build::killed;
use crate::harness::{Test, tell};
use crate::policy::assert_covers;

/// Returns how the doubt may end in the journal.
fn settled(row: &Row) -> &'static [&'static str] {
    match (row.class, row.look) {
        (Class::Idempotent, Look::None) => &["called"],
        // AWS answers the repeat alike, or refuses what is done already.
        (Class::Idempotent, _) => &["called", "adopted"],
        _ => &["adopted"],
    }
}

fn cut(point: &Point, at: &str) -> Test {
    let test = point.script.test();
    killed(&test, at, &["run", point.script.name]);
    let doubts: Vec<_> = in_doubt(&test.journal()).into_iter().collect();
    assert_eq!(doubts, [point.key.as_str()]);
    test
}

fn is_done(test: &Test, key: &str) -> bool {
    account::done(test).keys().any(|(effect, _)| effect == key)
}

fn resumed(point: &Point, test: &Test) -> Tally {
    let ended = test.runbook(&["resume", "last"]);
    // What settles a doubt is allowed too.
    assert_covers(point.script.policy(), test);
    assert_eq!(ended.code, Some(0), "{}: {}", point.key, ended.stderr);
    let settled = outcomes(&test.journal())[&point.key]["settled"].clone();
    let mut tally = Tally {
        kills: 1,
        in_doubt: 1,
        adopted: usize::from(settled == "adopted"),
        ..Tally::default()
    };
    let context = format!("{} {}", point.script.name, point.key);
    point.script.compare(test, &context, &mut tally);
    tally
}

#[test]
fn what_aws_did_before_the_kill_is_not_done_again() {
    let mut points = points();
    points.retain(|point| point.row.class != Class::Unsafe);
    let tally = side_by_side(points, |point| {
        let test = cut(&point, &format!("before:{}", point.finished));
        assert!(
            is_done(&test, &point.key),
            "{} was not in flight",
            point.key
        );
        let tally = resumed(&point, &test);
        let settled_as = outcomes(&test.journal())[&point.key]["settled"].clone();
        assert!(
            settled(point.row).iter().any(|it| settled_as == *it),
            "{}: {settled_as}",
            point.key
        );
        tally
    });
    tell(&format!(
        "each row of the table, killed between AWS's doing and the outcome: {}",
        tally.figures()
    ));
    tally.assert_clean();
}

#[test]
fn what_was_never_sent_is_sent_once() {
    let mut points = points();
    points.retain(|point| point.row.class != Class::Unsafe);
    let tally = side_by_side(points, |point| {
        let test = cut(&point, &format!("after:{}", point.intended));
        assert!(!is_done(&test, &point.key), "{} was sent", point.key);
        let tally = resumed(&point, &test);
        // A deletion of what is there already gone would be adopted; none of these is.
        let settled = outcomes(&test.journal())[&point.key]["settled"].clone();
        assert_eq!(settled, "called", "{}", point.key);
        tally
    });
    tell(&format!(
        "each row of the table, killed between the intent and the call: {}",
        tally.figures()
    ));
    tally.assert_clean();
}

#[test]
fn what_nothing_can_settle_stops_and_is_not_sent_again() {
    let mut points = points();
    points.retain(|point| point.row.class == Class::Unsafe);
    assert_eq!(points.len(), 1);
    for point in points {
        for (at, times) in [
            (format!("before:{}", point.finished), 1),
            (format!("after:{}", point.intended), 0),
        ] {
            let test = cut(&point, &at);
            test.runbook(&["resume", "last"]).code(4);
            let done = account::done(&test);
            let sent: usize = done
                .iter()
                .filter(|((key, _), _)| *key == point.key)
                .map(|(_, count)| count)
                .sum();
            assert_eq!(sent, times, "{at}");
        }
    }
}
