//! Makes the plan: what goes, in which order, what goes with it, and what is in the way.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::history::{Done, History};
use super::look::{Looker, Outcome, Standing, unreached};
use super::plan::{Deletion, Plan, Told};
use crate::aws::effects::{
    Estate, Inverse, Nature, Rest, Tenant, inverse, nature, subjects, texts,
};
use crate::report::Report;
use crate::run::fresh::names;

/// The members that name what a call joins, where its reply has no id.
const JOINED: [&str; 4] = [
    "internet_gateway_id",
    "route_table_id",
    "elastic_ip",
    "instance_id",
];

const DESTINATIONS: [&str; 3] = [
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
];

/// A thing that the run made and that is still its own.
struct Thing<'a> {
    done: &'a Done,
    inverse: &'static Inverse,
    id: String,
}

pub(super) struct Planner<'a> {
    looker: Looker<'a>,
    plan: Plan,
    /// What the run made, whether it is still there or not.
    made: BTreeSet<String>,
    /// What AWS made with that, and takes away with it.
    parts: BTreeSet<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(looker: Looker<'a>) -> Self {
        Self {
            looker,
            plan: Plan::default(),
            made: BTreeSet::new(),
            parts: BTreeSet::new(),
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
                    things.extend(self.thing(done, inverse, id)?);
                }
            }
        }
        self.plan.going = things.iter().map(|thing| thing.id.clone()).collect();
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

    fn thing<'d>(
        &mut self,
        done: &'d Done,
        inverse: &'static Inverse,
        id: String,
    ) -> Result<Option<Thing<'d>>, Report> {
        match self.looker.standing(done, inverse, Some(&id))? {
            Standing::Ours => return Ok(Some(Thing { done, inverse, id })),
            Standing::Gone => self.plan.gone.push(told(done, Some(id), "gone")),
            Standing::Changed(why) => self.plan.left.push(told(done, Some(id), &why)),
        }
        Ok(None)
    }

    /// Looks for what is not the run's and depends on what goes.
    fn depending(&mut self, things: &[Thing<'_>], all: &[Done]) -> Result<(), Report> {
        let slow = [
            (Rest::Machine, "create_instance"),
            (Rest::NatGateway, "create_nat_gateway"),
            (Rest::VpcEndpoint, "create_vpc_endpoint"),
        ];
        for (kind, operation) in slow {
            for state in self.looker.states(kind, &ids(things, operation))? {
                self.parts.extend(state.along);
            }
        }
        let uses_opsworks = all.iter().any(|done| done.intent.service == "opsworks");
        let tenants = self.tenants(&estate(things, uses_opsworks))?;
        let parts = tenants.iter().filter(|one| one.is_part);
        self.parts.extend(parts.map(|one| one.id.clone()));
        for tenant in tenants {
            if self.is_security_group_of_opsworks(&tenant, uses_opsworks) {
                self.plan.deletions.push(group_of_opsworks(&tenant));
                self.parts.insert(tenant.id);
            } else if !self.goes(&tenant) && !self.plan.strangers.contains(&tenant) {
                self.plan.strangers.push(tenant);
            }
        }
        Ok(())
    }

    fn tenants(&self, estate: &Estate) -> Result<Vec<Tenant>, Report> {
        if *estate == Estate::default() {
            return Ok(Vec::new());
        }
        let conductor = self.looker.conductor;
        let read = conductor
            .cloud("ec2")
            .and_then(|cloud| cloud.tenants(estate));
        read.map_err(|failure| unreached(&failure))
    }

    fn goes(&self, tenant: &Tenant) -> bool {
        self.vanishes(&tenant.id) || tenant.with.iter().any(|id| self.vanishes(id))
    }

    fn vanishes(&self, id: &str) -> bool {
        self.plan.going.contains(id) || self.parts.contains(id)
    }

    /// OpsWorks makes them in the VPC of a stack, and leaves them behind.
    fn is_security_group_of_opsworks(&self, tenant: &Tenant, uses_opsworks: bool) -> bool {
        let is_named = |name: &str| name.starts_with("AWS-OpsWorks-");
        uses_opsworks
            && tenant.noun == "security group"
            && tenant.run.is_none()
            && self.plan.going.contains(&tenant.within)
            && tenant.within.starts_with("vpc-")
            && tenant.name.as_deref().is_some_and(is_named)
    }

    /// Sorts an effect that made no thing of its own.
    fn rest(&mut self, done: &Done) -> Result<(), Report> {
        match nature(&done.effect) {
            Nature::Thing(_) => {}
            Nature::Join(inverse, hosts) => self.join(done, inverse, hosts)?,
            Nature::Change if self.is_part(done) => self.plan.parts += 1,
            Nature::Change => {
                let why = "it cannot be taken back: what was there before is not recorded";
                self.plan.lasting.push(told(done, None, why));
            }
            Nature::Past => {
                let why = "it cannot be undone";
                self.plan.lasting.push(told(done, None, why));
            }
            Nature::Unknown => {
                let why = "the engine does not know how to take it back";
                let ids = (!done.ids().is_empty()).then(|| done.ids().join(", "));
                self.plan.left.push(told(done, ids, why));
            }
        }
        Ok(())
    }

    /// Whether a change concerns only what the run made itself.
    fn is_part(&self, done: &Done) -> bool {
        let input = &done.intent.input;
        let ours = |id: &str| self.made.contains(id) || self.parts.contains(id);
        let whole = subjects(input);
        let is_own = |id: &String| ours(id) || id.rsplit('/').next().is_some_and(ours);
        !whole.is_empty() && whole.iter().all(is_own)
            || takes_away(&done.intent.operation) && names(input, &ours)
    }

    fn join(
        &mut self,
        done: &Done,
        inverse: &'static Inverse,
        hosts: &[&str],
    ) -> Result<(), Report> {
        let input = &done.intent.input;
        let named: Vec<String> = hosts.iter().flat_map(|host| texts(&input[*host])).collect();
        let went = |id: &String| self.vanishes(id) || self.is_gone(id);
        if !named.is_empty() && named.iter().all(went) && !refers_to_another(input) {
            self.plan.parts += 1;
            return Ok(());
        }
        if done.intent.operation == "create_tags" {
            return self.tags(done, inverse);
        }
        if !done.effect.can_be_seen() {
            return self.fitting(done, inverse);
        }
        let ids = done.ids();
        let is_each = done.intent.operation.starts_with("authorize_");
        let each: Vec<Option<&str>> = if is_each {
            ids.iter().map(|id| Some(id.as_str())).collect()
        } else {
            vec![None]
        };
        for id in each {
            let shown = id.map(str::to_owned).or_else(|| joined(done));
            match self.looker.standing(done, inverse, id)? {
                Standing::Ours => self.take_back(done, inverse, id, shown),
                Standing::Gone => self.plan.gone.push(told(done, shown, "gone")),
                Standing::Changed(why) => self.plan.left.push(told(done, shown, &why)),
            }
        }
        Ok(())
    }

    /// What is put on a thing and keeps it from being deleted; on somebody else's it may have been there before.
    fn fitting(&mut self, done: &Done, inverse: &'static Inverse) -> Result<(), Report> {
        let owners = subjects(&done.intent.input);
        let input = &done.intent.input;
        let policy = ["policy_name", "policy_arn"]
            .iter()
            .find_map(|name| input[*name].as_str());
        let shown = Some(format!(
            "{} {}",
            owners.join(", "),
            policy.unwrap_or_default()
        ));
        if owners.iter().any(|id| self.is_gone(id)) || self.looker.is_over(done, inverse)? {
            self.plan.parts += 1;
        } else if owners.iter().all(|id| self.vanishes(id)) {
            self.take_back(done, inverse, None, shown);
        } else {
            let why = "it may have been there before the run";
            self.plan.left.push(told(done, shown, why));
        }
        Ok(())
    }

    /// Tags on what is not the run's; those on what goes with it go too.
    fn tags(&mut self, done: &Done, inverse: &'static Inverse) -> Result<(), Report> {
        let mut rest = done.clone();
        let others = texts(&done.intent.input["resources"]);
        let others: Vec<String> = others
            .into_iter()
            .filter(|id| !self.vanishes(id) && !self.is_gone(id))
            .collect();
        let there = self.looker.tagged(&others, &done.intent.input["tags"])?;
        if there.is_empty() {
            self.plan.parts += 1;
            return Ok(());
        }
        rest.intent.input["resources"] = json!(there);
        self.take_back(
            &rest,
            inverse,
            None,
            Some(format!("{} {}", there.join(", "), keys(&rest))),
        );
        Ok(())
    }

    fn is_gone(&self, id: &str) -> bool {
        let gone = self.plan.gone.iter();
        gone.clone().any(|told| told.id.as_deref() == Some(id))
    }

    fn take_back(
        &mut self,
        done: &Done,
        inverse: &'static Inverse,
        id: Option<&str>,
        shown: Option<String>,
    ) {
        let shown = shown.unwrap_or_default();
        self.plan.deletions.push(deletion(done, inverse, id, shown));
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
        let ids = std::slice::from_ref(&thing.id);
        let states = self.looker.states(Rest::Machine, ids)?;
        let at_rest = |state: &str| Rest::Machine.states().contains(&state);
        if states.iter().all(|one| at_rest(&one.state)) {
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

fn takes_away(operation: &str) -> bool {
    const VERBS: [&str; 9] = [
        "delete_",
        "deregister_",
        "detach_",
        "disassociate_",
        "release_",
        "remove_",
        "revoke_",
        "terminate_",
        "unassign_",
    ];
    VERBS.iter().any(|verb| operation.starts_with(verb))
}

fn told(done: &Done, id: Option<String>, reason: &str) -> Told {
    Told {
        key: done.intent.key.clone(),
        noun: match done.effect.row {
            Some(row) => row.noun.to_owned(),
            None => done.operation(),
        },
        id,
        reason: reason.to_owned(),
    }
}

fn keys(done: &Done) -> String {
    let tags = done.intent.input["tags"].as_array();
    let keys = tags
        .into_iter()
        .flatten()
        .filter_map(|tag| tag["key"].as_str());
    keys.collect::<Vec<_>>().join(" ")
}

/// A rule that names another group keeps that one from being deleted.
fn refers_to_another(input: &Value) -> bool {
    let own = input["group_id"].as_str();
    let others = |text: &str| text.starts_with("sg-") && Some(text) != own;
    own.is_some() && names(input, &others)
}

/// Returns the ids of what a call joined, with the destination of a route.
fn joined(done: &Done) -> Option<String> {
    let input = &done.intent.input;
    let text = |member: &&str| input[*member].as_str().map(str::to_owned);
    let ids = Some(done.ids().join(", ")).filter(|ids| !ids.is_empty());
    let named = ids.or_else(|| JOINED.iter().find_map(text))?;
    Some(match DESTINATIONS.iter().find_map(text) {
        Some(destination) => format!("{named} {destination}"),
        None => named,
    })
}

fn deletion(done: &Done, inverse: &'static Inverse, id: Option<&str>, shown: String) -> Deletion {
    Deletion {
        of: Some(done.intent.key.clone()),
        noun: done.effect.noun().to_owned(),
        id: shown,
        service: inverse.service,
        operation: inverse.operation,
        input: inverse.input(&done.effect, &done.intent.input, &done.output, id),
        turn: inverse.turn,
        rest: inverse.rest,
    }
}

fn group_of_opsworks(tenant: &Tenant) -> Deletion {
    Deletion {
        of: None,
        noun: tenant.name.clone().unwrap_or_else(|| tenant.noun.into()),
        id: tenant.id.clone(),
        service: "ec2",
        operation: "delete_security_group",
        input: json!({"group_id": tenant.id}),
        turn: inverse("ec2", "delete_security_group").map_or(0, |inverse| inverse.turn),
        rest: None,
    }
}

fn ids(things: &[Thing<'_>], operation: &str) -> Vec<String> {
    let made_by = things
        .iter()
        .filter(|one| one.done.intent.operation == operation);
    made_by.map(|thing| thing.id.clone()).collect()
}

fn estate(things: &[Thing<'_>], uses_opsworks: bool) -> Estate {
    Estate {
        vpcs: ids(things, "create_vpc"),
        subnets: ids(things, "create_subnet"),
        groups: ids(things, "create_security_group"),
        addresses: ids(things, "allocate_address"),
        stacks: ids(things, "create_stack"),
        uses_opsworks,
    }
}
