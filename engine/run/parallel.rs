//! `run::parallel`: branches side by side, each on a thread and in a scope of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use rhai::{Dynamic, EvalAltResult, Map};

use super::activity::{self, Activity};
use super::cancel::Shield;
use super::conductor::Conductor;
use super::scope::{self, Kind, Siblings};
use super::script_thread::ScriptThread;
use super::step;
use base::fault::Fault;
use journal::key::BRANCHES;
use journal::state::{Slot, Step};
use script::fault;
use script::host::{Branch, BranchLimits, Scripted, StopReason, stop_reason};

impl Conductor {
    pub(super) fn run_parallel(
        &self,
        branches: &[Branch],
        limits: BranchLimits,
    ) -> Scripted<Dynamic> {
        self.control.gate()?;
        let key = scope::next_key(BRANCHES);
        if let Some(error) = self.recorder.caught.take(&key) {
            return Err(fault::throw(&error));
        }
        self.side_by_side(branches, limits)
            .or_else(|error| self.fail_branches(key, error))
    }

    /// Which branches failed, and what the others had done by then, is a matter of time: a script that caught it sees the
    /// same again.
    fn fail_branches(&self, key: String, error: Box<EvalAltResult>) -> Scripted<Dynamic> {
        if stop_reason(&error).is_some() {
            return Err(error);
        }
        let attempt = match self.recorder.slot(&key)? {
            Some(Slot::Step(Step { attempt, .. }) | Slot::Forgotten { attempt, .. }) => attempt + 1,
            _ => 1,
        };
        let branches =
            Activity::step(&self.recorder, activity::Kind::Branches, key, attempt, None)?;
        self.end(branches, Err(error))
    }

    fn side_by_side(&self, branches: &[Branch], limits: BranchLimits) -> Scripted<Dynamic> {
        let keys: Vec<String> = branches
            .iter()
            .map(|branch| Ok(scope::next_key(&step::branch_label(branch)?)))
            .collect::<Scripted<_>>()?;
        distinct(branches)?;
        let (siblings, shield) = (Siblings::here(), Shield::here());
        let failures = AtomicUsize::new(0);
        let (end, ends) = channel();
        let results: Vec<Scripted<Dynamic>> = std::thread::scope(|threads| {
            let mut running = Vec::new();
            for (at, (branch, key)) in branches.iter().zip(&keys).enumerate() {
                if at >= limits.at_most && !self.may_follow(&ends, &siblings) {
                    break;
                }
                let (siblings, failures, end) = (siblings.clone(), &failures, End(end.clone()));
                let work = move || {
                    let _end = end;
                    shield.around(|| {
                        let result = run_branch(branch, key, &siblings);
                        if let Err(error) = &result
                            && ends_the_others(error, failures, limits.stop_after)
                        {
                            siblings.fail();
                            self.control.cancel.wake();
                        }
                        result
                    })
                };
                running.push(ScriptThread::spawn(threads, &branch.name, work));
            }
            running
                .into_iter()
                .map(|thread| thread.join("a branch"))
                .collect()
        });
        self.collect(branches, results)
    }

    /// Waits until a branch has ended, and returns whether another may begin.
    fn may_follow(&self, ends: &Receiver<()>, siblings: &Siblings) -> bool {
        ends.recv().is_ok() && !siblings.have_failed() && self.control.gate().is_ok()
    }

    /// The branches after the results were not started.
    fn collect(&self, branches: &[Branch], results: Vec<Scripted<Dynamic>>) -> Scripted<Dynamic> {
        let (all, begun) = (branches.len(), results.len());
        let mut values = Map::new();
        let mut errors = Vec::new();
        for (branch, result) in branches.iter().zip(results) {
            match result {
                Ok(value) => drop(values.insert(branch.name.as_str().into(), value)),
                Err(error) => errors.push((branch.name.as_str(), error)),
            }
        }
        if begun < all
            && let Err(stop) = self.control.gate()
        {
            errors.push(("", stop.into()));
        }
        if errors.is_empty() {
            return Ok(values.into());
        }
        let left = (begun < all).then(|| format!("{} of {all} were not started", all - begun));
        Err(self.together(errors, left))
    }

    /// The gravest stop if there is one, the error itself if it is alone, else one error that names all.
    fn together(
        &self,
        mut errors: Vec<(&str, Box<EvalAltResult>)>,
        left: Option<String>,
    ) -> Box<EvalAltResult> {
        if let Some(worst) = errors
            .iter()
            .filter_map(|(_, error)| stop_reason(error))
            .min_by_key(gravity)
            .filter(|stop| !matches!(stop, StopReason::Waiting | StopReason::Abandoned))
        {
            return worst.into();
        }
        let is_waiting = |error: &EvalAltResult| stop_reason(error) == Some(StopReason::Waiting);
        let waits = errors.iter().any(|(_, error)| is_waiting(error));
        errors.retain(|(_, error)| stop_reason(error).is_none());
        if errors.is_empty() {
            return if waits {
                StopReason::Waiting
            } else {
                StopReason::Abandoned
            }
            .into();
        }
        if errors.len() == 1 && left.is_none() {
            return errors.remove(0).1;
        }
        let faults: Vec<(&str, Fault)> = errors
            .iter()
            .map(|(name, error)| (*name, self.fault(error)))
            .collect();
        let messages: Vec<String> = faults
            .iter()
            .map(|(name, fault)| format!("{name}: {}", described(fault)))
            .chain(left)
            .collect();
        let plural = if faults.len() == 1 {
            "branch"
        } else {
            "branches"
        };
        let message = format!("{} {plural} failed: {}", faults.len(), messages.join("; "));
        fault::throw(&Fault::coded("BranchesFailed", message))
    }
}

fn described(fault: &Fault) -> String {
    let message = fault.described();
    let request = fault
        .request_id
        .as_ref()
        .map(|id| format!("request id {id}"));
    let origin: Vec<String> = request.into_iter().chain(fault.place.clone()).collect();
    if origin.is_empty() {
        message
    } else {
        format!("{message} ({})", origin.join(", "))
    }
}

fn gravity(stop: &StopReason) -> u8 {
    match stop {
        StopReason::Journal(_) => 0,
        StopReason::Diverged(_) => 1,
        StopReason::InDoubt(_) => 2,
        StopReason::Unreached { .. } => 3,
        StopReason::CleanedUp => 4,
        StopReason::Cancelled => 5,
        StopReason::DryRunEnd => 6,
        // What has failed is told first; the question stays open.
        StopReason::Waiting => 7,
        StopReason::Abandoned => 8,
    }
}

fn run_branch(branch: &Branch, key: &str, siblings: &Siblings) -> Scripted<Dynamic> {
    scope::within(key, Kind::Branch(siblings.clone()), || {
        step::value_of(&branch.body).map(|value| script::value::to_script(&value))
    })
}

/// A stop ends the whole at once, unless the branch waits for a person, which keeps none of the others.
fn ends_the_others(error: &EvalAltResult, failures: &AtomicUsize, stop_after: usize) -> bool {
    match stop_reason(error) {
        Some(stop) => stop != StopReason::Waiting,
        None => failures.fetch_add(1, Ordering::SeqCst) + 1 >= stop_after,
    }
}

/// Tells the end of a branch, also of one that broke off.
struct End(Sender<()>);

impl Drop for End {
    fn drop(&mut self) {
        // Nobody listens any more once all have begun.
        let _ = self.0.send(());
    }
}

fn distinct(branches: &[Branch]) -> Scripted<()> {
    let mut names: Vec<&str> = branches.iter().map(|branch| branch.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let message = format!(
                "two branches are named `{}`: each branch needs a name of its own",
                pair[0]
            );
            Err(fault::throw(&Fault::coded("InvalidName", message)))
        }
    }
}
