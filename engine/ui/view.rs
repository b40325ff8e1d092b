//! What a terminal shows of a live run: events in, lines that scroll up and live rows out. No clock, no terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::live::{Row, State, Step, View};
use crate::style::Paint;
use crate::{clean, fault, path, rows, time};
use base::fault::Fault;
use base::level::Level;
use journal::entry::Settled;
use run::event::Event;

impl View {
    pub(crate) fn new(paint: Paint) -> Self {
        Self {
            paint,
            id: String::new(),
            done: 0,
            rows: Vec::new(),
            reused: 0,
            doing: None,
            told: fault::Told::default(),
        }
    }

    /// Takes the event in and returns the lines to scroll up for it.
    pub(crate) fn apply(&mut self, event: &Event, at: Duration, width: usize) -> Vec<String> {
        let mut lines = self.take(event, at, width);
        let is_end = matches!(event, Event::RunEnded(_));
        if self.reused > 0 && (is_end || !lines.is_empty()) {
            lines.insert(
                0,
                self.paint
                    .dim(&rows::reused(std::mem::take(&mut self.reused))),
            );
        }
        lines
    }

    fn take(&mut self, event: &Event, at: Duration, width: usize) -> Vec<String> {
        match event {
            Event::RunStarted { id, .. } => {
                self.id.clone_from(id);
                rows::header(self.paint, event, width)
            }
            Event::StepStarted { key, attempt } => {
                let step = Step {
                    attempt: *attempt,
                    done: 0,
                    made: Vec::new(),
                    doing: BTreeMap::new(),
                };
                self.put(key, at, State::Step(step))
            }
            Event::StepFinished {
                key, reused: true, ..
            } => self.reuse(key),
            Event::StepFinished { key, elapsed, .. } => self.finish(key, *elapsed, width),
            Event::StepFailed {
                key,
                elapsed,
                error,
            } => self.fail(key, key, *elapsed, error, width),
            Event::EffectInDoubt {
                key,
                operation,
                reason,
            } => {
                let (operation, reason) = (operation.clone(), reason.clone());
                self.put(key, at, State::Doubt { operation, reason })
            }
            Event::Waiting(wait) => self.put(&wait.key, at, State::Wait(wait.clone())),
            Event::WaitFinished { key, elapsed, .. } => self.waited(key, *elapsed, width),
            Event::WaitFailed {
                key,
                elapsed,
                error,
                ..
            } => {
                let label = format!("{key}: gave up");
                self.fail(key, &label, *elapsed, error, width)
            }
            Event::Log {
                level,
                message,
                scope,
            } => rows::log(self.paint, *level, scope, message, width),
            Event::ApprovalAnswered { key, answer, .. } => {
                let said = crate::phrases::answered(answer);
                rows::log(self.paint, Level::Info, key, &said, width)
            }
            Event::RunEnded(_) => self.clear(),
            call => self.call(call, width),
        }
    }

    fn call(&mut self, event: &Event, width: usize) -> Vec<String> {
        match event {
            Event::Reading { key, operation } => self.set_doing(key, Some(operation)),
            Event::EffectStarted { key, operation, .. } => {
                self.set_doing(path::branch(key), Some(operation));
            }
            Event::EffectFailed { key, .. } => self.end_call(key),
            Event::EffectFinished {
                key,
                resource,
                settled,
                ..
            } => {
                self.end_call(key);
                self.note_made(key, resource.as_deref());
                if *settled == Settled::Adopted {
                    return rows::adopted(self.paint, key, resource.as_deref(), width);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn end_call(&mut self, key: &str) {
        self.set_doing(path::branch(key), None);
        self.drop_row(key);
    }

    /// Adds a row behind what is already under way in its step, or renews it where it is.
    fn put(&mut self, key: &str, at: Duration, state: State) -> Vec<String> {
        self.set_doing(path::branch(key), None);
        let is_step = matches!(state, State::Step(_));
        let row = Row {
            key: key.to_owned(),
            since: at,
            state,
        };
        if let Some(old) = self
            .rows
            .iter_mut()
            .find(|old| old.key == key && old.is_step() == is_step)
        {
            *old = row;
            return Vec::new();
        }
        let scope = self.step_around(key).map(str::to_owned);
        let last = scope.and_then(|scope| {
            self.rows
                .iter()
                .rposition(|row| row.key == scope || path::is_below(&row.key, &scope))
        });
        self.rows
            .insert(last.map_or(self.rows.len(), |last| last + 1), row);
        Vec::new()
    }

    fn reuse(&mut self, key: &str) -> Vec<String> {
        self.drop_within(key);
        // Each attempt of a wait comes upon it again.
        if self.is_waiting(key) {
            return Vec::new();
        }
        self.reused += 1;
        self.done += usize::from(self.step_around(key).is_none());
        Vec::new()
    }

    /// Only a step that is in no other one scrolls up; the others count.
    fn finish(&mut self, key: &str, elapsed: Duration, width: usize) -> Vec<String> {
        let made = self
            .step_mut(key)
            .map(|step| std::mem::take(&mut step.made))
            .unwrap_or_default();
        self.drop_within(key);
        let scope = self.step_around(key).map(str::to_owned);
        if let Some(step) = scope.and_then(|scope| self.step_mut(&scope)) {
            step.done += 1;
            return Vec::new();
        }
        self.done += 1;
        let made = self.paint.dim(&clean::line(&made.join(" ")));
        let text = format!("{}  {made}", clean::line(key));
        vec![rows::line(
            &self.paint.good("✓"),
            &time::duration(elapsed),
            &text,
            width,
        )]
    }

    fn waited(&mut self, key: &str, elapsed: Duration, width: usize) -> Vec<String> {
        self.drop_row(key);
        if self.step_around(key).is_some() {
            return Vec::new();
        }
        let text = format!("waited: {}", clean::line(key));
        vec![rows::line(
            &self.paint.good("✓"),
            &time::duration(elapsed),
            &text,
            width,
        )]
    }

    fn fail(
        &mut self,
        key: &str,
        label: &str,
        elapsed: Duration,
        error: &Fault,
        width: usize,
    ) -> Vec<String> {
        self.drop_within(key);
        let mark = self.paint.bad("✗");
        let mut lines = rows::whole(&mark, &time::duration(elapsed), label, width);
        if self.told.is_news(key, error) {
            let message = rows::detail(&fault::short(error), width);
            lines.extend(message.iter().map(|line| self.paint.warn(line)));
        }
        lines
    }

    fn clear(&mut self) -> Vec<String> {
        self.rows.clear();
        self.doing = None;
        Vec::new()
    }

    /// Returns the innermost live step that `key` is within.
    fn step_around(&self, key: &str) -> Option<&str> {
        path::innermost(key, self.steps().filter(|scope| *scope != key))
    }

    fn steps(&self) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter(|row| row.is_step())
            .map(|row| row.key.as_str())
    }

    fn step_mut(&mut self, key: &str) -> Option<&mut Step> {
        self.rows
            .iter_mut()
            .filter(|row| row.key == key)
            .find_map(|row| match &mut row.state {
                State::Step(step) => Some(step),
                State::Wait(_) | State::Doubt { .. } => None,
            })
    }

    /// Notes the call that goes on in `branch`, a path; what is done over and over in a wait is not worth a word.
    fn set_doing(&mut self, branch: &str, operation: Option<&str>) {
        if self.is_waiting(branch) {
            return;
        }
        let doing = operation.map(clean::line);
        let scope = path::innermost(branch, self.steps()).map(str::to_owned);
        let Some(step) = scope.as_deref().and_then(|scope| self.step_mut(scope)) else {
            self.doing = doing;
            return;
        };
        let below = if scope.as_deref() == Some(branch) {
            ""
        } else {
            path::label(branch, scope.as_deref())
        };
        match doing {
            Some(doing) => drop(step.doing.insert(clean::line(below), doing)),
            None => drop(step.doing.remove(below)),
        }
    }

    fn is_waiting(&self, key: &str) -> bool {
        let mut waits = self
            .rows
            .iter()
            .filter(|row| matches!(row.state, State::Wait(_)));
        waits.any(|row| row.key == key || path::is_below(key, &row.key))
    }

    fn note_made(&mut self, key: &str, id: Option<&str>) {
        let Some(id) = id else { return };
        for row in self
            .rows
            .iter_mut()
            .filter(|row| row.key == key || path::is_below(key, &row.key))
        {
            if let State::Step(step) = &mut row.state {
                step.made.push(id.to_owned());
            }
        }
    }

    fn drop_row(&mut self, key: &str) {
        self.rows.retain(|row| row.key != key || row.is_step());
    }

    fn drop_within(&mut self, key: &str) {
        self.rows
            .retain(|row| row.key != key && !path::is_below(&row.key, key));
    }
}

impl Row {
    pub(crate) fn is_step(&self) -> bool {
        matches!(self.state, State::Step(_))
    }
}
