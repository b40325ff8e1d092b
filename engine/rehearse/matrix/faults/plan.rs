//! Which points there are for a run's requests.

use std::time::Duration;

use super::point::Point;
use crate::matrix::faults::lag::{BEYOND, WITHIN};
use crate::matrix::seed::Share;
use crate::proxy::{Fault, Injection, Name};
use knowledge::{Class, ModelFacts};
use models::names;

/// What can go wrong with a read; before and after the effect are the same, for there is none.
const READ: [Fault; 8] = [
    Fault::Throttled,
    Fault::ErrorBefore,
    Fault::UnavailableAfter,
    Fault::Dropped,
    Fault::ResetAfter,
    Fault::Delayed,
    Fault::Truncated,
    Fault::Garbage,
];

/// What can go wrong with a request that changes something.
const CHANGE: [Fault; 14] = [
    Fault::Throttled,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::UnavailableAfter,
    Fault::Dropped,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::Delayed,
    Fault::Late,
    Fault::Truncated,
    Fault::Garbage,
    Fault::Stale(WITHIN),
    Fault::Stale(BEYOND),
    Fault::DroppedStale(WITHIN),
];

/// As often as the client sends what it may send again.
const TRIES: usize = 4;

/// Longer than the pauses between those tries and the window together.
const BEYOND_TRIES: Duration = Duration::from_secs(8);

/// The trials that are to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    pub points: Vec<Point>,
    /// What each chance decides by.
    pub seed: u64,
}

impl Plan {
    /// Returns the share's points: every fault at every request, then so many mixes.
    #[must_use]
    pub fn everything(requests: &[Name], mixes: u32, seed: u64, share: Share) -> Self {
        let one = |at: &Name, fault: Fault| {
            Point::One(Injection {
                at: at.clone(),
                fault,
            })
        };
        let single = requests
            .iter()
            .flat_map(|at| faults(at).into_iter().map(move |fault| one(at, fault)));
        let repeated = requests.iter().filter(|at| !is_looked_up(at));
        let single = single.chain(repeated.cloned().map(Point::Lost));
        let all = single.chain((1..=mixes).map(Point::Mix));
        Self {
            points: all
                .filter(|point| share.has(seed, &point.to_string()))
                .collect(),
            seed,
        }
    }

    /// Returns one point alone.
    #[must_use]
    pub fn only(point: Point, seed: u64) -> Self {
        Self {
            points: vec![point],
            seed,
        }
    }
}

/// Returns what makes sense at a request.
pub(super) fn faults(at: &Name) -> Vec<Fault> {
    if at.is_read() {
        return READ.to_vec();
    }
    let mut faults = CHANGE.to_vec();
    if is_looked_up(at) {
        faults.push(Fault::DroppedStale(BEYOND));
    }
    faults
}

/// Returns what happens where the client tries by itself and gets no reply. Only the token is left to know a call by
/// where reads lag until after the last try and the window.
pub(super) fn lost(at: &Name) -> [Fault; TRIES] {
    let mut faults = [Fault::Dropped; TRIES];
    if class(at) == Class::Tokened {
        faults[0] = Fault::DroppedStale(BEYOND_TRIES);
    }
    faults
}

/// Whether a doubt about it is settled by reads.
fn is_looked_up(at: &Name) -> bool {
    matches!(class(at), Class::Tagged | Class::Keyed)
}

fn class(at: &Name) -> Class {
    let operation = names::operation_name(&at.operation);
    knowledge::effect(&at.service, &operation, ModelFacts::default()).class
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(operation: &str) -> Name {
        Name {
            origin: "a/b".into(),
            service: "ec2".into(),
            operation: operation.into(),
            occurrence: 1,
        }
    }

    #[test]
    fn every_fault_is_planned_for_every_request_and_shares_divide_them() {
        let requests = ["DescribeVpcs", "CreateVpc", "ReplaceRoute"].map(named);
        let whole = Plan::everything(&requests, 5, 1, Share::default());
        assert_eq!(whole.points.len(), 9 + 15 + 15 + 5);
        let shares = ["1/2", "2/2"]
            .map(|share| Plan::everything(&requests, 5, 1, share.parse().unwrap()).points);
        assert!(shares.iter().all(|share| !share.is_empty()));
        assert_eq!(shares[0].len() + shares[1].len(), whole.points.len());
    }

    #[test]
    fn only_what_is_looked_up_can_be_made_twice_beyond_the_window() {
        let beyond = Fault::DroppedStale(BEYOND);
        assert!(faults(&named("CreateVpc")).contains(&beyond));
        assert!(!faults(&named("ModifyInstanceAttribute")).contains(&beyond));
    }
}
