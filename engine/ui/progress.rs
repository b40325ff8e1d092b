//! Progress in a terminal: finished steps scroll up, live ones stay below with spinner, time and what they wait for.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

use crate::live::View;
use crate::screen::Screen;
use crate::style::{Page, Paint};
use crate::{ending, prompt, rows};
use base::clock::Stopwatch;
use run::cancel::Cancel;
use run::event::{Asked, Event, Watch};

/// Redraws a second, at most.
const RATE: u8 = 20;

/// Draws a run's view. One bar holds all live rows, so that one tick redraws them together.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    drawing: Drawing,
    /// While a person is asked, the lines that other branches have to say.
    held: Mutex<Option<Vec<String>>>,
}

#[derive(Clone, Debug)]
struct Drawing {
    view: Arc<Mutex<View>>,
    stopwatch: Stopwatch,
    /// Asked for its size at each use: it may change.
    term: Arc<dyn TermLike>,
}

impl Progress {
    #[must_use]
    pub fn stderr() -> Self {
        Self::new(Term::buffered_stderr(), Page::stderr().paint)
    }

    fn new(term: impl TermLike + Clone + 'static, paint: Paint) -> Self {
        let screen = Box::new(Screen::new(term.clone()));
        let target = ProgressDrawTarget::term_like_with_hz(screen, RATE);
        let view = Arc::new(Mutex::new(View::new(paint)));
        let drawing = Drawing {
            view,
            stopwatch: Stopwatch::start(),
            term: Arc::new(term),
        };
        let bar = ProgressBar::with_draw_target(None, target).with_style(style(&drawing));
        Self {
            bar,
            drawing,
            held: Mutex::default(),
        }
    }
}

impl Watch for Progress {
    fn event(&self, event: &Event) {
        // Not before: what is found wrong before a run exists has the screen to itself.
        if let Event::RunStarted { .. } = event {
            self.bar.enable_steady_tick(rows::FRAME);
        }
        let at = self.drawing.stopwatch.elapsed();
        // The guard is gone before the bar draws, which locks the view again.
        let lines = self.drawing.view().apply(event, at, self.drawing.width());
        self.scroll(lines);
        if let Event::Output { text, .. } = event {
            self.bar.suspend(|| ending::output(text));
        }
        if let Event::RunEnded(ended) = event {
            self.bar.finish_and_clear();
            ending::print(ended);
        }
    }

    /// Nothing is drawn over the question, and no branch has to wait for its answer.
    fn ask(&self, asked: &Asked, cancel: &Cancel) -> Option<bool> {
        self.bar.disable_steady_tick();
        self.bar.suspend(|| self.held().replace(Vec::new()));
        let approved = prompt::ask(asked, cancel);
        let held = self.held().take();
        self.scroll(held.unwrap_or_default());
        self.bar.enable_steady_tick(rows::FRAME);
        approved
    }
}

impl Progress {
    fn scroll(&self, lines: Vec<String>) {
        if let Some(held) = self.held().as_mut() {
            held.extend(lines);
            return;
        }
        for line in lines {
            self.bar.println(line);
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Vec<String>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drawing {
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn width(&self) -> usize {
        usize::from(self.term.width())
    }

    fn draw(&self) -> String {
        let height = usize::from(self.term.height());
        rows::live(&self.view(), self.stopwatch.elapsed(), height, self.width()).join("\n")
    }
}

fn style(drawing: &Drawing) -> ProgressStyle {
    let drawing = drawing.clone();
    let draw = move |_: &ProgressState, out: &mut dyn fmt::Write| {
        // The bar's buffer is a string: writing to it cannot fail.
        let _ = out.write_str(&drawing.draw());
    };
    let plain = |_| ProgressStyle::default_bar();
    ProgressStyle::with_template("{rows}")
        .unwrap_or_else(plain)
        .with_key("rows", draw)
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;
    use insta::{Settings, assert_snapshot};

    use super::Progress;
    use crate::{sample, style::Paint};
    use run::event::Watch;

    #[test]
    fn live_rows_are_redrawn_in_place_and_leave_nothing_behind() {
        let term = InMemoryTerm::new(16, 60);
        let progress = Progress::new(term.clone(), Paint::none());
        for event in sample::waiting_run() {
            progress.event(&event);
            progress.bar.force_draw();
        }
        let mut settings = Settings::clone_current();
        settings.add_filter("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", "*");
        settings.bind(|| {
            assert_snapshot!(term.contents(), @"
        20261121-091203-build-abcdefghijkl
        build.rhai, account 123456789012, region eu-west-1, endpoint
        http://127.0.0.1:5000
        ✓      4s  create the network  vpc-0a
        ·          two NATs
                   side by side
        *      0s  start the NATs  1 done
        *      0s    az1/launch  ec2.run_instances
        …  1m 10s    az2 waiting: instance i-0b running
                       1m 49s left, attempt 4
                       IncorrectInstanceState: the instance is pend…
               0s  20261121-091203-build-abcdefghijkl  1 step done
        ");
        });
        drop(progress);
        assert_snapshot!(term.contents(), @"
        20261121-091203-build-abcdefghijkl
        build.rhai, account 123456789012, region eu-west-1, endpoint
        http://127.0.0.1:5000
        ✓      4s  create the network  vpc-0a
        ·          two NATs
                   side by side
        ");
    }
}
