//! A recorded run's steps as a tree, each with its effects and waits.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::style::{Page, Paint};
use crate::summary::{Effect, EffectState, State, Step, Summary, Wait};
use crate::{clean, fault, path, time};
use base::fault::Fault;

/// Returns the tree's lines: mark, time, name.
pub(crate) fn lines(run: &Summary<'_>, page: Page, now: Timestamp) -> Vec<String> {
    let mut tree = Tree {
        children: children(run),
        paint: page.paint,
        now,
        lines: Vec::new(),
        told: fault::Told::default(),
    };
    tree.scope(None, 0);
    tree.lines
}

struct Tree<'a> {
    /// What is directly within each step, in the order in which it began; not within any under `None`.
    children: Children<'a>,
    paint: Paint,
    now: Timestamp,
    lines: Vec<String>,
    told: fault::Told,
}

type Children<'a> = HashMap<Option<&'a str>, Vec<Item<'a>>>;

fn children<'a>(run: &'a Summary<'_>) -> Children<'a> {
    let keys: HashSet<&str> = run.steps.iter().map(|step| step.key.as_str()).collect();
    let steps = run.steps.iter().map(Item::Step);
    let effects = run.effects.iter().map(Item::Effect);
    let waits = run.waits.iter().map(Item::Wait);
    let mut items: Vec<_> = steps.chain(effects).chain(waits).collect();
    items.sort_by_key(Item::seq);
    let mut children = Children::new();
    for item in items {
        children.entry(item.scope(&keys)).or_default().push(item);
    }
    children
}

impl<'a> Tree<'a> {
    /// Adds what is directly within `scope`.
    fn scope(&mut self, scope: Option<&'a str>, depth: usize) {
        for item in self.children.remove(&scope).unwrap_or_default() {
            match item {
                Item::Step(step) => self.step(step, scope, depth),
                Item::Effect(effect) => self.effect(effect, scope, depth),
                Item::Wait(wait) => self.wait(wait, scope, depth),
            }
        }
    }

    fn step(&mut self, step: &'a Step, scope: Option<&str>, depth: usize) {
        let mark = self.mark(step.state);
        let label = clean::line(path::label(&step.key, scope));
        let note = match step.state {
            State::Interrupted => self.paint.warn("  interrupted"),
            State::Waiting => self.paint.warn("  waiting"),
            State::Live | State::Done | State::Failed => String::new(),
        };
        let attempt =
            (step.attempt > 1).then(|| self.paint.dim(&format!("  attempt {}", step.attempt)));
        let text = format!("{label}{note}{}", attempt.unwrap_or_default());
        let elapsed = self.elapsed(step.state, step.started, step.ended);
        self.line(&mark, &elapsed, depth, &text);
        self.scope(Some(&step.key), depth + 1);
        self.error(&step.key, step.error.as_ref(), depth + 1);
    }

    fn effect(&mut self, effect: &Effect, scope: Option<&str>, depth: usize) {
        let id = effect
            .resource
            .as_deref()
            .map(|id| format!("  {id}"))
            .unwrap_or_default();
        let text = clean::line(&format!("{}{id}", path::label(&effect.key, scope)));
        let (mark, note) = match effect.state {
            EffectState::Done => (self.paint.dim("·"), ""),
            EffectState::Adopted => (self.paint.dim("·"), "  adopted"),
            EffectState::Resolved => (self.paint.dim("·"), "  resolved"),
            EffectState::Live => (self.paint.live("*"), "  under way"),
            EffectState::InDoubt => (self.paint.warn("?"), "  in doubt"),
            EffectState::Failed => (self.paint.dim("✗"), "  refused"),
            EffectState::GivenUp => (self.paint.dim("✗"), "  given up"),
        };
        let text = if note.is_empty() {
            self.paint.dim(&text)
        } else {
            format!("{text}{}", self.paint.warn(note))
        };
        self.line(&mark, "", depth, &text);
        self.error(&effect.key, effect.error.as_ref(), depth + 1);
    }

    fn wait(&mut self, wait: &Wait, scope: Option<&str>, depth: usize) {
        let branch = path::branch(path::label(&wait.key, scope));
        let branch = if branch.is_empty() {
            String::new()
        } else {
            format!("{branch} ")
        };
        let verb = verb(wait);
        let left = wait
            .deadline
            .filter(|_| wait.ended.is_none())
            .map(|deadline| self.left(deadline));
        let text = clean::line(&format!(
            "{branch}{verb}: {}{}",
            wait.what,
            left.unwrap_or_default()
        ));
        let mark = match wait.state {
            State::Done => self.paint.dim("·"),
            state => self.mark(state),
        };
        self.line(
            &mark,
            &self.elapsed(wait.state, wait.started, wait.ended),
            depth,
            &text,
        );
        self.error(&wait.key, wait.error.as_ref(), depth + 1);
    }

    fn left(&self, deadline: Timestamp) -> String {
        if deadline <= self.now {
            return ", past its deadline".to_owned();
        }
        format!(
            ", {} left",
            time::ticking(time::between(self.now, deadline))
        )
    }

    /// Nobody saw the end of what was interrupted.
    fn elapsed(&self, state: State, started: Timestamp, ended: Option<Timestamp>) -> String {
        let live = (state == State::Live).then_some(self.now);
        ended
            .or(live)
            .map(|end| time::duration(time::between(started, end)))
            .unwrap_or_default()
    }

    fn mark(&self, state: State) -> String {
        match state {
            State::Live => self.paint.live("*"),
            State::Interrupted => self.paint.warn("-"),
            State::Waiting => self.paint.warn("…"),
            State::Done => self.paint.good("✓"),
            State::Failed => self.paint.bad("✗"),
        }
    }

    fn error(&mut self, key: &str, error: Option<&Fault>, depth: usize) {
        if let Some(error) = error.filter(|error| self.told.is_news(key, error)) {
            let text = self.paint.warn(&fault::short(error));
            self.line(" ", "", depth, &text);
        }
    }

    fn line(&mut self, mark: &str, time: &str, depth: usize, text: &str) {
        let indent = "  ".repeat(depth);
        self.lines.push(format!("{mark} {time:>7}  {indent}{text}"));
    }
}

fn verb(wait: &Wait) -> &'static str {
    match (wait.state, wait.approval.is_some()) {
        (State::Live, false) => "waiting",
        (State::Interrupted | State::Waiting, false) => "was waiting",
        (State::Done, false) => "waited",
        (State::Failed, false) => "gave up",
        (State::Live | State::Interrupted | State::Waiting, true) => "asks",
        (State::Done, true) => "approved",
        (State::Failed, true) => "refused",
    }
}

enum Item<'a> {
    Step(&'a Step),
    Effect(&'a Effect),
    Wait(&'a Wait),
}

impl<'a> Item<'a> {
    /// Returns the innermost step that it is within.
    fn scope(&self, steps: &HashSet<&str>) -> Option<&'a str> {
        match self {
            Self::Step(step) => path::around(&step.key, steps),
            Self::Effect(Effect { key, .. }) | Self::Wait(Wait { key, .. }) => {
                let own = steps.contains(key.as_str()).then_some(key.as_str());
                own.or_else(|| path::around(key, steps))
            }
        }
    }

    fn seq(&self) -> u64 {
        match self {
            Self::Step(step) => step.seq,
            Self::Effect(effect) => effect.seq,
            Self::Wait(wait) => wait.seq,
        }
    }
}
