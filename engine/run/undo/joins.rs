//! What an effect did that made no thing of its own: joins, changes, and what is past.

use serde_json::json;

use super::describe::{deletion, joined, keys, made, refers_to_another, takes_away, told};
use super::history::Done;
use super::planner::Planner;
use crate::recent::names;
use crate::undo::plan::UNKNOWN;
use base::report::Report;
use knowledge::{Inverse, Nature, nature, subjects, texts};

impl Planner<'_> {
    /// Sorts an effect that made no thing of its own.
    pub(super) fn rest(&mut self, done: &Done) -> Result<(), Report> {
        match nature(&done.effect) {
            Nature::Thing(_) => {}
            Nature::Join(inverse, hosts) => self.join(done, inverse, hosts)?,
            Nature::Change if self.is_part(done) => self.plan.parts += 1,
            Nature::Change => {
                let why = "it cannot be undone: the earlier value is not recorded";
                self.plan.lasting.push(told(done, made(done), why));
            }
            Nature::Past => {
                let why = "it cannot be undone";
                self.plan.lasting.push(told(done, None, why));
            }
            Nature::Unknown => {
                self.plan.left.push(told(done, made(done), UNKNOWN));
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
        if !done.effect.has_look_up() {
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
            if self.is_ours(done, inverse, id, shown.clone())? {
                self.take_back(done, inverse, id, shown);
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
            let why = "it may have existed before the run";
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
}
