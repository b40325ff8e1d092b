//! Carries a plan out: every deletion once, and a wait where AWS needs time.

use std::collections::BTreeSet;
use std::time::Duration;

use rhai::Dynamic;

use super::look::Looker;
use super::plan::{Deletion, Plan, Told};
use super::refusal::{BUSY, Undeleted, broken, is_busy, waited};
use super::{Undo, Undone};
use crate::call::fault_of;
use crate::lock;
use crate::scope::{self, Siblings};
use base::exit::Exit;
use base::report::Report;
use journal::Durability;
use journal::entry::{Ending, Record, RunEnded, Signature, UndoStarted};
use journal::state::UNDO;
use knowledge::{KINDS, Kind};
use script::fault;
use script::host::{Pace, Scripted};

const EVERY: Duration = Duration::from_secs(1);

impl Undo {
    /// Carries the plan out; each deletion is recorded, and an undo that stops half-way can be taken up again.
    pub fn carry_out(&self, plan: &Plan, by: Signature) -> Result<Undone, Report> {
        let conductor = &*self.conductor;
        let run = conductor.recorder.journal.started();
        let lock = lock::of_run(&conductor.library, run)?;
        conductor
            .control
            .locks
            .take(lock, run, &conductor.state_dir)?;
        let started = UndoStarted {
            attempt: conductor.recorder.attempt,
            engine: env!("CARGO_PKG_VERSION").into(),
            pid: std::process::id(),
            by,
        };
        conductor
            .recorder
            .journal
            .append(Record::UndoStarted(started), Durability::Synced)?;
        let mut undone = Undone {
            left: plan.left.clone(),
            ..Undone::default()
        };
        let kind = scope::Kind::Branch(Siblings::default());
        let result = scope::within(UNDO, kind, || self.take_down(plan, &mut undone));
        self.end(plan, undone, result)
    }

    fn take_down(&self, plan: &Plan, undone: &mut Undone) -> Result<(), Undeleted> {
        for settlement in &plan.settlements {
            self.conductor.settle(settlement)?;
        }
        self.settle_cut_off(plan)?;
        self.conductor.note_parts(&plan.along)?;
        for turn in plan.deletions.chunk_by(|one, other| one.turn == other.turn) {
            let mut refused = None;
            for deletion in turn {
                match self.delete(deletion) {
                    Ok(()) => undone.deleted.push(deletion.clone()),
                    Err(Undeleted::Refused(fault)) => {
                        undone.left.push(left(deletion, fault.described()));
                        refused = Some(fault);
                    }
                    Err(stop) => return Err(stop),
                }
            }
            self.await_rest(turn, undone)?;
            if let Some(fault) = refused {
                return Err(Undeleted::Refused(fault));
            }
        }
        self.look_round(plan, undone)
    }

    /// Looks for what carries the run's mark and is not known to its journal: a volume, or something made twice.
    fn look_round(&self, plan: &Plan, undone: &mut Undone) -> Result<(), Undeleted> {
        let history = self.history().map_err(broken)?;
        if !history.done.iter().any(|done| done.intent.service == "ec2") {
            return Ok(());
        }
        let looker = Looker {
            conductor: &self.conductor,
            history: &history,
        };
        let patience = self.conductor.outbound.patience();
        let mut strays = Vec::new();
        let looked = patience.until_none(|| {
            strays = looker.marked()?;
            // A rule is gone with its group, and AWS has no two alike.
            strays.retain(|id| !plan.known.contains(id) && !id.starts_with("sgr-"));
            Ok(strays.is_empty())
        });
        looked.map_err(broken)?;
        undone.left.extend(strays.into_iter().map(|id| Told {
            key: String::new(),
            noun: "something".into(),
            id: Some(id),
            reason: "it carries the run's mark, but the run's journal does not name it".into(),
        }));
        Ok(())
    }

    /// Says what became of deletions that an earlier undo was cut off in and that this one does not come to again.
    fn settle_cut_off(&self, plan: &Plan) -> Result<(), Undeleted> {
        let history = self.history().map_err(broken)?;
        let planned: BTreeSet<String> = plan.deletions.iter().map(Deletion::label).collect();
        let looker = Looker {
            conductor: &self.conductor,
            history: &history,
        };
        for open in &history.cut_off {
            let label = open
                .intent
                .key
                .trim_start_matches(UNDO)
                .trim_start_matches('/');
            if !planned.iter().any(|one| label.starts_with(one.as_str())) {
                self.conductor.settle_deletion(&looker, open)?;
            }
        }
        Ok(())
    }

    fn delete(&self, deletion: &Deletion) -> Result<(), Undeleted> {
        let key = self.conductor.free_key(&deletion.label())?;
        match self.conductor.try_to_delete(&key, deletion) {
            Err(Undeleted::Refused(fault)) if is_busy(&fault) => self.try_again(&key, deletion),
            result => result,
        }
    }

    /// AWS lets go of things some time after what used them is gone.
    fn try_again(&self, key: &str, deletion: &Deletion) -> Result<(), Undeleted> {
        let what = self
            .conductor
            .free_wait(&format!("{} to be free", deletion.id))?;
        let pace = Pace {
            on: Some(BUSY.iter().map(ToString::to_string).collect()),
            ..self.pace()
        };
        let again = || -> Scripted<Dynamic> {
            match self.conductor.try_to_delete(key, deletion) {
                Ok(()) => Ok(true.into()),
                Err(Undeleted::Stop(stop)) => Err(stop.into()),
                Err(Undeleted::Refused(fault)) => Err(fault::throw(&fault)),
            }
        };
        waited(self.conductor.run_retry(&what, &pace, &again))
    }

    /// Waits until what was told to go has gone.
    fn await_rest(&self, turn: &[Deletion], undone: &Undone) -> Result<(), Undeleted> {
        for kind in KINDS {
            let told = turn.iter().filter(|one| one.slow == Some(kind));
            let ids: Vec<String> = told
                .filter(|one| undone.deleted.contains(one))
                .map(|one| one.id.clone())
                .collect();
            if !ids.is_empty() {
                self.await_all(kind, &ids)?;
            }
        }
        Ok(())
    }

    fn await_all(&self, kind: &Kind, ids: &[String]) -> Result<(), Undeleted> {
        // An OpsWorks instance is waited for after its stop, not after its deletion.
        let verb = if kind.deletion.slow.is_none() {
            "stopped"
        } else {
            "gone"
        };
        let what = self
            .conductor
            .free_wait(&format!("{} to be {verb}", ids.join(", ")))?;
        let rested = || -> Scripted<Dynamic> {
            let states = self
                .conductor
                .outbound
                .cloud(kind.service)
                .and_then(|cloud| cloud.states(kind, ids));
            let states = states.map_err(|failure| fault::throw(&fault_of(&failure)))?;
            let at_rest = states.iter().all(|one| kind.is_at_rest(&one.state));
            Ok(at_rest.into())
        };
        waited(self.conductor.run_wait_until(&what, &self.pace(), &rested))
    }

    fn pace(&self) -> Pace {
        Pace {
            every: EVERY,
            timeout: Some(self.timeout),
            attempts: None,
            backoff: 1.5,
            on: None,
        }
    }

    fn end(
        &self,
        plan: &Plan,
        mut undone: Undone,
        result: Result<(), Undeleted>,
    ) -> Result<Undone, Report> {
        let conductor = &*self.conductor;
        let (ending, report) = match result {
            Ok(()) => {
                let left = undone.left.iter().map(Told::line).collect();
                (Ending::Undone { left }, None)
            }
            Err(undeleted) => {
                let error = undeleted.fault();
                undone.left.extend(untried(plan, &undone));
                let ending = Ending::UndoStopped {
                    error: error.clone(),
                };
                (ending, Some(undeleted.report(conductor, &error)))
            }
        };
        let ended = RunEnded {
            attempt: conductor.recorder.attempt,
            ending,
        };
        conductor
            .recorder
            .journal
            .append(Record::RunEnded(ended), Durability::Synced)?;
        match report {
            Some(report) if report.exit != Exit::Failed || undone.left.is_empty() => Err(report),
            _ => Ok(undone),
        }
    }
}

/// What comes after a deletion that was refused.
fn untried(plan: &Plan, undone: &Undone) -> Vec<Told> {
    let is_known = |one: &&Deletion| {
        undone.deleted.contains(one)
            || undone
                .left
                .iter()
                .any(|told| told.id.as_deref() == Some(&one.id))
    };
    let mut seen = BTreeSet::new();
    let rest = plan.deletions.iter().filter(|one| !is_known(one));
    rest.filter(|one| seen.insert(one.id.clone()))
        .map(|one| left(one, "not tried, because an earlier deletion failed".into()))
        .collect()
}

fn left(deletion: &Deletion, reason: String) -> Told {
    Told {
        key: deletion.of.clone().unwrap_or_default(),
        noun: deletion.noun.clone(),
        id: Some(deletion.id.clone()),
        reason,
    }
}
