//! Makes the plan: what goes, in which order, what goes with it, and what is in the way.

use std::collections::BTreeSet;

use serde_json::json;

use super::describe::{deletion, group_of_opsworks, told};
use super::history::{Done, History};
use super::look::{Looker, Outcome, several};
use super::plan::{Deletion, Plan, Told};
use crate::cloud::Found;
use crate::undo::plan::UNKNOWN;
use base::report::Report;
use knowledge::{Deletions, Dependent, Inverse, KINDS, Nature, inverse, nature, texts};

/// A thing that the run made and that is still its own.
struct Thing<'a> {
    done: &'a Done,
    inverse: &'static Inverse,
    id: String,
}

pub(super) struct Planner<'a> {
    pub(super) looker: Looker<'a>,
    pub(super) plan: Plan,
    /// What the run made, whether it is still there or not.
    pub(super) made: BTreeSet<String>,
    /// What AWS made with that, and takes away with it.
    pub(super) parts: BTreeSet<String>,
    /// The ids of what is gone.
    gone: BTreeSet<String>,
}

/// Returns the `Name` of the network among the things; `None` where there is not just one, or nobody could type it.
fn network(things: &[Thing<'_>]) -> Option<String> {
    let is_network = |thing: &&Thing<'_>| thing.done.intent.operation == "create_vpc";
    let mut networks = things.iter().filter(is_network);
    let (Some(only), None) = (networks.next(), networks.next()) else {
        return None;
    };
    let specified = only.done.intent.input["tag_specifications"].as_array()?;
    let mut tags = specified
        .iter()
        .filter_map(|one| one["tags"].as_array())
        .flatten();
    let name = tags.find(|tag| tag["key"] == "Name")?["value"].as_str()?;
    let can_be_typed = |c: char| c.is_alphanumeric() || c.is_ascii_punctuation() || c == ' ';
    let is_a_word = !name.is_empty() && name.trim() == name && name.chars().all(can_be_typed);
    is_a_word.then(|| name.to_owned())
}

impl<'a> Planner<'a> {
    pub(super) fn new(looker: Looker<'a>) -> Self {
        Self {
            looker,
            plan: Plan::default(),
            made: BTreeSet::new(),
            parts: BTreeSet::new(),
            gone: BTreeSet::new(),
        }
    }

    /// Reads only.
    pub(super) fn plan(mut self) -> Result<Plan, Report> {
        self.parts.extend(self.looker.history.parts.iter().cloned());
        let all = self.settled()?;
        self.made.extend(all.iter().flat_map(Done::ids));
        let mut things = Vec::new();
        for done in all.iter().rev() {
            if let Nature::Thing(inverse) = nature(&done.effect) {
                for id in done.ids() {
                    if self.is_ours(done, inverse, Some(&id), Some(id.clone()))? {
                        things.push(Thing { done, inverse, id });
                    }
                }
            }
        }
        self.plan.going = things.iter().map(|thing| thing.id.clone()).collect();
        self.plan.network = network(&things);
        self.depending(&things, &all)?;
        for done in all.iter().rev() {
            self.rest(done)?;
        }
        for thing in &things {
            self.delete(thing)?;
        }
        self.plan.deletions.sort_by_key(|one| one.turn);
        self.plan.known = self.made.union(&self.parts).cloned().collect();
        self.plan.along = self.parts.into_iter().collect();
        Ok(self.plan)
    }

    /// Returns what was done, those in doubt asked about first.
    fn settled(&mut self) -> Result<Vec<Done>, Report> {
        let history: &'a History = self.looker.history;
        let mut all = history.done.clone();
        let unknown = history.unknown.iter().map(|intent| Told {
            key: intent.key.clone(),
            noun: format!("{}.{}", intent.service, intent.operation),
            id: None,
            reason: UNKNOWN.into(),
        });
        self.plan.left.extend(unknown);
        for open in &history.open {
            match self.looker.settle(open)? {
                Outcome::Done(done, settlement) => {
                    all.push(*done);
                    self.plan.settlements.push(settlement);
                }
                Outcome::NotDone(settlement) => self.plan.settlements.push(settlement),
                Outcome::Unknown(told) => self.plan.left.push(told),
                Outcome::Past(told) => self.plan.lasting.push(told),
            }
        }
        Ok(all)
    }

    /// Returns whether what an effect did, or the thing with this id, is still the run's; notes what else became of it.
    pub(super) fn is_ours(
        &mut self,
        done: &Done,
        inverse: &Inverse,
        id: Option<&str>,
        shown: Option<String>,
    ) -> Result<bool, Report> {
        let why = match self.looker.standing(done, inverse, id)? {
            Found::Done(_) => return Ok(true),
            Found::Absent | Found::CallAgain => {
                self.gone(told(done, shown, "gone"));
                return Ok(false);
            }
            Found::Several(ids) => several(&ids),
            Found::Unknowable(why) => why,
        };
        self.plan.left.push(told(done, shown, &why));
        Ok(false)
    }

    /// Looks for what is not the run's and depends on what goes.
    fn depending(&mut self, things: &[Thing<'_>], all: &[Done]) -> Result<(), Report> {
        for kind in KINDS.iter().filter(|kind| !kind.parts.is_empty()) {
            let made = things.iter().filter(|one| one.inverse == &kind.deletion);
            let ids: Vec<_> = made.map(|thing| thing.id.clone()).collect();
            for state in self.looker.states(kind, &ids)? {
                self.parts.extend(state.along);
            }
        }
        let uses_opsworks = all.iter().any(|done| done.intent.service == "opsworks");
        let dependents = self.dependents(&deletions(things, uses_opsworks))?;
        let parts = dependents.iter().filter(|one| one.is_part);
        self.parts.extend(parts.map(|one| one.id.clone()));
        let mut strangers = Vec::new();
        for dependent in dependents {
            if self.is_security_group_of_opsworks(&dependent, uses_opsworks) {
                self.plan.deletions.push(group_of_opsworks(&dependent));
                self.parts.insert(dependent.id);
            } else if !self.goes(&dependent) {
                strangers.push(dependent);
            }
        }
        self.plan.take_strangers(strangers);
        Ok(())
    }

    fn dependents(&self, deletions: &Deletions) -> Result<Vec<Dependent>, Report> {
        if *deletions == Deletions::default() {
            return Ok(Vec::new());
        }
        let conductor = self.looker.conductor;
        let read = conductor
            .outbound
            .cloud("ec2")
            .and_then(|cloud| cloud.dependents(deletions));
        read.map_err(|failure| self.looker.unreached(&failure))
    }

    fn goes(&self, dependent: &Dependent) -> bool {
        self.vanishes(&dependent.id) || dependent.with.iter().any(|id| self.vanishes(id))
    }

    pub(super) fn gone(&mut self, told: Told) {
        self.gone.extend(told.id.clone());
        self.plan.gone.push(told);
    }

    pub(super) fn is_gone(&self, id: &str) -> bool {
        self.gone.contains(id)
    }

    pub(super) fn vanishes(&self, id: &str) -> bool {
        self.plan.going.contains(id) || self.parts.contains(id)
    }

    /// OpsWorks makes them in the VPC of a stack, and leaves them behind.
    fn is_security_group_of_opsworks(&self, dependent: &Dependent, uses_opsworks: bool) -> bool {
        let is_named = |name: &str| name.starts_with("AWS-OpsWorks-");
        uses_opsworks
            && dependent.noun == "security group"
            && dependent.run.is_none()
            && self.plan.going.contains(&dependent.within)
            && dependent.within.starts_with("vpc-")
            && dependent.name.as_deref().is_some_and(is_named)
    }

    fn delete(&mut self, thing: &Thing<'_>) -> Result<(), Report> {
        let Thing { done, inverse, id } = thing;
        let mut deletion = deletion(done, inverse, Some(id), id.clone());
        if inverse.operation == "delete_instance" {
            self.plan.deletions.extend(self.stop(thing)?);
            deletion.input["delete_elastic_ip"] = json!(self.has_own_address(done));
        }
        self.plan.deletions.push(deletion);
        Ok(())
    }

    /// OpsWorks deletes only what it has stopped.
    fn stop(&self, thing: &Thing<'_>) -> Result<Option<Deletion>, Report> {
        let Some(stop) = inverse("opsworks", "stop_instance") else {
            return Ok(None);
        };
        let Some(kind) = stop.slow else {
            return Ok(None);
        };
        let ids = std::slice::from_ref(&thing.id);
        let states = self.looker.states(kind, ids)?;
        if states.iter().all(|one| kind.is_at_rest(&one.state)) {
            return Ok(None);
        }
        Ok(Some(deletion(
            thing.done,
            stop,
            Some(&thing.id),
            thing.id.clone(),
        )))
    }

    /// Whether OpsWorks gave it an address by itself, as its layer asks for.
    fn has_own_address(&self, machine: &Done) -> bool {
        let layers = texts(&machine.intent.input["layer_ids"]);
        let asks = |done: &&Done| {
            done.intent.operation == "create_layer"
                && done.intent.input["auto_assign_elastic_ips"] == true
                && done.ids().iter().any(|id| layers.contains(id))
        };
        self.looker.history.done.iter().any(|done| asks(&done))
    }
}

fn ids(things: &[Thing<'_>], operation: &str) -> Vec<String> {
    let made_by = things
        .iter()
        .filter(|one| one.done.intent.operation == operation);
    made_by.map(|thing| thing.id.clone()).collect()
}

fn deletions(things: &[Thing<'_>], uses_opsworks: bool) -> Deletions {
    Deletions {
        vpcs: ids(things, "create_vpc"),
        subnets: ids(things, "create_subnet"),
        groups: ids(things, "create_security_group"),
        instances: ids(things, "run_instances"),
        addresses: ids(things, "allocate_address"),
        stacks: ids(things, "create_stack"),
        uses_opsworks,
    }
}
