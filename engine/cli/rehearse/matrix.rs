//! `runbook rehearse --crash-everywhere`, `--faults`: a script's rehearsals, each disturbed in another way.

use std::str::FromStr;

use tokio::runtime::Handle;

use crate::shared::Shared;
use crate::{signals, state};
use base::clock::Stopwatch;
use base::exit::Exit;
use base::report::{self, Reports};
use base::shell::quoted;
use rehearse::Options;
use rehearse::matrix::crash::{Plan, Point};
use rehearse::matrix::faults::{self, Bench};
use rehearse::matrix::{Ending, MatrixError, Pool, Report, Share, Undisturbed};
use rehearse::stage::Play;
use run::cancel::Cancel;
use ui::matrix::{self, Failure, Finding, Progress, Sums, Told};

const DISTURBANCES: &str = "disturbances";

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Disturb {
    /// Kill the run before and after each entry of its journal, resume it, and compare the resources it leaves
    #[arg(long, group = DISTURBANCES, conflicts_with = "keep")]
    crash_everywhere: bool,
    /// Disturb each request of the run in each way, resume the run, and compare the resources it leaves
    #[arg(long, group = DISTURBANCES, conflicts_with = "keep")]
    faults: bool,
    /// Disturb several requests at random, this many times [default: 20]
    #[arg(
        long,
        value_name = "NUMBER",
        requires = "faults",
        conflicts_with = "point"
    )]
    mixes: Option<u32>,
    /// Try only the Nth of M shares of the points
    #[arg(long, value_name = "N/M", requires = DISTURBANCES)]
    share: Option<Share>,
    /// Choose the points of each share, the second kills and the mixes with this number
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = DISTURBANCES)]
    seed: u64,
    /// Try this point alone; a failure prints its point
    #[arg(long, requires = DISTURBANCES, conflicts_with = "share")]
    point: Option<String>,
}

/// What is done to the runs.
#[derive(Clone, Debug)]
pub(super) struct Disturbance {
    how: How,
    share: Option<Share>,
    seed: u64,
}

#[derive(Clone, Debug)]
enum How {
    Killed(Option<Point>),
    Faults(Option<faults::Point>, u32),
}

/// Enough for each kind of mix to come several times.
const MIXES: u32 = 20;

impl Disturb {
    pub(super) fn disturbance(&self) -> Result<Option<Disturbance>, report::Report> {
        let how = if self.crash_everywhere {
            How::Killed(self.parsed()?)
        } else if self.faults {
            How::Faults(self.parsed()?, self.mixes.unwrap_or(MIXES))
        } else {
            return Ok(None);
        };
        Ok(Some(Disturbance {
            how,
            share: self.share,
            seed: self.seed,
        }))
    }

    fn parsed<T: FromStr<Err = String>>(&self) -> Result<Option<T>, report::Report> {
        let Some(point) = &self.point else {
            return Ok(None);
        };
        let wrong = |expected| {
            let message = format!("invalid value `{point}` for `--point`: {expected}");
            report::Report::new(Exit::Usage, message)
        };
        point.parse().map(Some).map_err(wrong)
    }
}

pub(super) fn rehearse(
    disturbance: &Disturbance,
    play: Play,
    pace: f64,
    shared: &Shared,
) -> Result<Exit, Reports> {
    let told = disturbance.told(&play);
    let runtime = state::runtime()?;
    let cancel = Cancel::default();
    signals::listen(&runtime, &cancel)?;
    let provisioned = rehearse::provision(&ui::tell)?;
    let pool = Pool::start(&provisioned, &Options { pace }, play, cancel);
    let pool = pool?;
    let report = disturbance.make(&pool, runtime.handle())?;
    matrix::write(shared.output(), &sums(&report), &told).map_err(|error| {
        report::Report::new(Exit::Failed, format!("cannot write the report: {error}"))
    })?;
    Ok(match report {
        _ if report.interrupted => Exit::Interrupted,
        _ if report.is_clean() => Exit::Succeeded,
        _ => Exit::Failed,
    })
}

fn sums(report: &Report) -> Sums {
    let failures = report.failures.iter().map(|failure| Failure {
        what: failure.what.clone(),
        point: failure.point.clone(),
        not_finished: not_finished(&failure.ending),
        findings: failure
            .findings
            .iter()
            .map(|finding| Finding {
                kind: finding.kind.to_string(),
                what: finding.what.clone(),
                effect: finding.effect.clone(),
            })
            .collect(),
    });
    Sums {
        runs: report.trials,
        kinds: report.kinds.clone(),
        merged: report.merged,
        not_reached: report.not_reached,
        in_doubt: report.doubts,
        adopted: report.adopted,
        stopped: report.stopped,
        figures: report.figures(),
        elapsed: report.elapsed,
        interrupted: report.interrupted,
        failures: failures.collect(),
    }
}

/// Returns how the run ended, where that is what went wrong.
fn not_finished(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Stuck {
            code: Some(code),
            said,
        } => Some(format!("exit code {code}, {said}")),
        Ending::Stuck { code: None, said } => {
            Some(format!("the run did not end by itself; {said}"))
        }
        Ending::InDoubt { .. } | Ending::Succeeded => None,
    }
}

impl Disturbance {
    /// Ctrl-C ends it with what was found so far.
    fn make(&self, pool: &Pool, runtime: &Handle) -> Result<Report, MatrixError> {
        let watch = Stopwatch::start();
        let undisturbed = Undisturbed::rehearse(pool)?;
        let mut report = Report::default();
        let ended = match &self.how {
            How::Killed(_) if undisturbed[0].journal.is_empty() => Err(MatrixError::NoEntries),
            How::Killed(point) => self.killed(point.as_ref(), pool, &undisturbed, &mut report),
            How::Faults(point, mixes) => {
                let bench = Bench::new(&undisturbed, runtime)?;
                self.disturbed(point.as_ref(), *mixes, pool, &bench, &mut report)
            }
        };
        report.elapsed = watch.elapsed();
        match ended {
            Ok(()) => Ok(report),
            Err(MatrixError::Interrupted) => {
                report.interrupted = true;
                Ok(report)
            }
            Err(error) => Err(error),
        }
    }

    fn killed(
        &self,
        point: Option<&Point>,
        pool: &Pool,
        undisturbed: &[Undisturbed; 2],
        report: &mut Report,
    ) -> Result<(), MatrixError> {
        let plan = match point {
            Some(point) => Plan::only(point.clone(), self.seed),
            None => Plan::everywhere(undisturbed, self.seed, self.share.unwrap_or_default()),
        };
        report.merged = plan.merged;
        let mut progress = Progress::new(plan.points.len());
        plan.try_all(pool, &undisturbed[0], |verdicts| {
            for verdict in verdicts {
                report.add(verdict);
            }
            progress.step(report.failures.len());
        })
    }

    fn disturbed(
        &self,
        point: Option<&faults::Point>,
        mixes: u32,
        pool: &Pool,
        bench: &Bench<'_>,
        report: &mut Report,
    ) -> Result<(), MatrixError> {
        let share = self.share.unwrap_or_default();
        let plan = match point {
            Some(point) => faults::Plan::only(point.clone(), self.seed),
            None => faults::Plan::everything(&bench.requests, mixes, self.seed, share),
        };
        let mut progress = Progress::new(plan.points.len());
        bench.try_all(pool, &plan, |verdict| {
            report.add(verdict);
            progress.step(report.failures.len());
        })
    }

    fn told(&self, play: &Play) -> Told {
        let words = words(play)
            .iter()
            .map(|word| quoted(word))
            .collect::<Vec<_>>();
        let runbook = play.script.runbook.display();
        let (what, option) = match self.how {
            How::Killed(_) => (format!("{runbook} killed everywhere"), "--crash-everywhere"),
            How::Faults(..) => (
                format!("{runbook} with faults at every request"),
                "--faults",
            ),
        };
        Told {
            what,
            again: format!(
                "runbook rehearse {option} --seed {} {}",
                self.seed,
                words.join(" ")
            ),
            seed: self.seed,
            share: self.share.map(|share| share.to_string()),
        }
    }
}

fn words(play: &Play) -> Vec<String> {
    let script = &play.script;
    let mut words = vec![script.runbook.display().to_string()];
    for before in &play.before {
        words.extend(["--after".into(), before.runbook.display().to_string()]);
    }
    for site in &script.sites {
        words.extend(["--site".into(), site.display().to_string()]);
    }
    for pair in &script.set {
        words.extend(["--set".into(), pair.clone()]);
    }
    words
}
