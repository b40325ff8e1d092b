//! A point tried.

use std::net::SocketAddr;

use tokio::runtime::Handle;

use super::mix::Mix;
use super::plan::Plan;
use super::point::Point;
use super::{mix, plan, verdict};
use crate::matrix::error::MatrixError;
use crate::matrix::faults::lag::WINDOW;
use crate::matrix::pool::{Pool, Worker};
use crate::matrix::report::Verdict;
use crate::matrix::trial::CRASH;
use crate::matrix::undisturbed::Undisturbed;
use crate::proxy::{Fault, Name, Proxy};
use aws::client::TIMEOUT_VARIABLE;

/// Short, for those trials that have to wait for it.
const TIME_OUT: &str = "1";

/// What every trial is compared with, and where the proxies run.
#[derive(Debug)]
pub struct Bench<'a> {
    pub undisturbed: &'a Undisturbed,
    pub requests: Vec<Name>,
    pub runtime: &'a Handle,
}

impl<'a> Bench<'a> {
    /// Takes the requests that both undisturbed runs made: how often a wait looks is chance.
    pub fn new(both: &'a [Undisturbed; 2], runtime: &'a Handle) -> Result<Self, MatrixError> {
        let second = Name::listed(&both[1].requests);
        let mut requests = Name::listed(&both[0].requests);
        requests.retain(|name| second.contains(name));
        if requests.is_empty() {
            return Err(MatrixError::NoRequests);
        }
        Ok(Self {
            undisturbed: &both[0],
            requests,
            runtime,
        })
    }

    /// Makes the trials; hands over each verdict as it comes.
    pub fn try_all(
        &self,
        pool: &Pool,
        plan: &Plan,
        mut done: impl FnMut(Verdict),
    ) -> Result<(), MatrixError> {
        let work = |worker: Worker<'_>, point: Point| self.try_point(worker, &point, plan.seed);
        pool.each(plan.points.clone(), work, &mut done)
    }

    fn try_point(
        &self,
        worker: Worker<'_>,
        point: &Point,
        seed: u64,
    ) -> Result<Verdict, MatrixError> {
        let mix = self.of(point, seed);
        let trial = worker.trial()?;
        let upstream = address(&trial.emulator().endpoint())?;
        let proxy = Proxy::start(self.runtime, upstream, mix.injections.clone());
        let proxy = proxy.map_err(MatrixError::Process)?;
        let mut trial = trial
            .through(proxy.endpoint())
            .variable("RUNBOOK_SETTLE_WINDOW", format!("{}s", WINDOW.as_secs()));
        if mix.injections.iter().any(|one| one.fault.needs_time_out()) {
            trial = trial.variable(TIMEOUT_VARIABLE, TIME_OUT);
        }
        if let Some(kill) = mix.kill {
            trial.go_on(&[(CRASH, &kill.to_string())])?;
        }
        let ending = trial.finish()?;
        let journal = trial.journal()?;
        let injected: Vec<Fault> = proxy.seen().iter().filter_map(|seen| seen.fault).collect();
        let left = trial.left()?;
        let findings = left.compare(&self.undisturbed.left);
        let tried = verdict::Tried {
            mix: &mix,
            journal: &journal,
            same_things: left
                .census
                .compare(&self.undisturbed.left.census)
                .is_empty(),
        };
        Ok(tried.verdict(point, ending, findings, !injected.is_empty()))
    }

    fn of(&self, point: &Point, seed: u64) -> Mix {
        match point {
            Point::One(injection) => Mix {
                injections: vec![injection.clone()],
                kill: None,
            },
            Point::Lost(at) => Mix {
                injections: mix::in_a_row(at, &plan::lost(at)),
                kill: None,
            },
            Point::Mix(number) => mix::mix(
                seed,
                *number,
                &self.requests,
                self.undisturbed.journal.len(),
            ),
        }
    }
}

fn address(endpoint: &str) -> Result<SocketAddr, MatrixError> {
    let host = endpoint.trim_start_matches("http://");
    host.parse().map_err(|error| {
        MatrixError::Process(std::io::Error::new(std::io::ErrorKind::InvalidInput, error))
    })
}
