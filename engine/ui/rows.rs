//! How the lines of the terminal view look: a mark, a time, a text, cut at the terminal's width.

use std::time::Duration;

use console::{Alignment, measure_text_width, pad_str};

use crate::live::{Row, State, Step, View, is_shown};
use crate::phrases::{again, asking, scoped};
use crate::style::Paint;
use crate::{clean, path, target, time};
use base::level::Level;
use run::event::{Event, Waiting};

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/// How long a frame of the spinner stands.
pub(crate) const FRAME: Duration = Duration::from_millis(100);
/// Where the text begins, behind mark and time.
const TEXT: usize = 11;

/// Returns the live rows as they are at `at`, at most `height` of them; the last one is the run's own.
pub(crate) fn live(view: &View, at: Duration, height: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if view.reused > 0 {
        lines.push(clean::cut(&view.paint.dim(&reused(view.reused)), width));
    }
    for row in &view.rows {
        lines.extend(row_lines(view, row, at, width));
    }
    let mut lines = limit(lines, height.saturating_sub(1));
    lines.push(run_line(view, at, width));
    lines
}

fn run_line(view: &View, at: Duration, width: usize) -> String {
    let doing = view.doing.as_ref().map(|doing| format!("  {doing}"));
    let text = format!(
        "{}  {} done{}",
        clean::line(&view.id),
        steps(view.done),
        doing.unwrap_or_default()
    );
    let mark = if view.rows.is_empty() {
        view.paint.live(frame(at))
    } else {
        " ".to_owned()
    };
    line(&mark, &time::ticking(at), &view.paint.dim(&text), width)
}

/// Returns one line: mark, time, text.
pub(crate) fn line(mark: &str, time: &str, text: &str, width: usize) -> String {
    let time = pad_str(time, TEXT - 4, Alignment::Right, None);
    clean::cut(format!("{mark} {time}  {text}").trim_end(), width)
}

/// Returns a text that is never cut, on as many lines as it needs.
pub(crate) fn whole(mark: &str, time: &str, text: &str, width: usize) -> Vec<String> {
    let mut lines = detail(&clean::block(text), width);
    if let Some(first) = lines.first_mut() {
        *first = line(mark, time, first.trim_start(), usize::MAX);
    }
    lines
}

/// Returns a longer text under the line it belongs to.
pub(crate) fn detail(text: &str, width: usize) -> Vec<String> {
    let room = width.saturating_sub(TEXT).max(20);
    clean::wrap(text, room)
        .iter()
        .map(|line| format!("{:TEXT$}{line}", ""))
        .collect()
}

pub(crate) fn header(paint: Paint, event: &Event, width: usize) -> Vec<String> {
    let Event::RunStarted {
        id,
        runbook,
        attempt,
        target,
    } = event
    else {
        return Vec::new();
    };
    let place = clean::wrap(&target::text(runbook, target.as_ref()), width);
    let mut lines = vec![format!(
        "{}{}",
        paint.bold(&clean::line(id)),
        again(*attempt)
    )];
    lines.extend(place.iter().map(|line| paint.dim(line)));
    lines
}

pub(crate) fn reused(count: usize) -> String {
    format!("✓ {:>7}  {} reused", "", steps(count))
}

fn steps(count: usize) -> String {
    if count == 1 {
        "1 step".to_owned()
    } else {
        format!("{count} steps")
    }
}

pub(crate) fn adopted(
    paint: Paint,
    key: &str,
    resource: Option<&str>,
    width: usize,
) -> Vec<String> {
    let id = resource.map(|id| format!(" {id}")).unwrap_or_default();
    whole(
        &paint.warn("✓"),
        "",
        &format!("adopted{id}: {key} had been done"),
        width,
    )
}

pub(crate) fn log(
    paint: Paint,
    level: Level,
    scope: &str,
    message: &str,
    width: usize,
) -> Vec<String> {
    if !is_shown(level) {
        return Vec::new();
    }
    let (mark, word) = match level {
        Level::Error => (paint.bad("!"), "error: "),
        Level::Warn => (paint.warn("!"), "warning: "),
        Level::Info | Level::Debug => (paint.dim("·"), ""),
    };
    let text = scoped(scope, message);
    whole(&mark, "", &format!("{word}{text}"), width)
}

fn row_lines(view: &View, row: &Row, at: Duration, width: usize) -> Vec<String> {
    let scopes: Vec<_> = view
        .rows
        .iter()
        .filter(|other| is_around(row, other))
        .collect();
    let scope = scopes
        .iter()
        .map(|scope| scope.key.as_str())
        .max_by_key(|key| key.len());
    let indent = "  ".repeat(scopes.len());
    let label = clean::line(path::label(&row.key, scope));
    let since = at.saturating_sub(row.since);
    let spinner = view.paint.live(frame(at));
    match &row.state {
        State::Step(step) => {
            let text = format!("{indent}{label}{}", step_detail(view.paint, step));
            vec![line(&spinner, &time::ticking(since), &text, width)]
        }
        State::Wait(wait) => wait_lines(view.paint, &indent, &label, wait, since, width),
        State::Doubt { operation, reason } => {
            let text = clean::line(&format!(
                "{operation} in doubt{}: {reason}",
                asking(operation)
            ));
            vec![line(
                &view.paint.warn("?"),
                &time::ticking(since),
                &format!("{indent}{text}"),
                width,
            )]
        }
    }
}

/// Whether `row` is drawn within `other`: the wait or the doubt of a step may have the step's own key.
fn is_around(row: &Row, other: &Row) -> bool {
    other.is_step()
        && (path::is_below(&row.key, &other.key) || !row.is_step() && row.key == other.key)
}

fn step_detail(paint: Paint, step: &Step) -> String {
    let attempt = (step.attempt > 1).then(|| format!("  attempt {}", step.attempt));
    let done = (step.done > 0).then(|| format!("  {} done", step.done));
    let doing = step.doing.iter().map(|(branch, doing)| {
        let colon = if branch.is_empty() { "" } else { ": " };
        format!("  {branch}{colon}{doing}")
    });
    paint.dim(
        &attempt
            .into_iter()
            .chain(done)
            .chain(doing)
            .collect::<String>(),
    )
}

/// What it waits for and how it stands. Narrow terminals would cut off the end, so figures that do not fit and the last
/// error have lines of their own.
fn wait_lines(
    paint: Paint,
    indent: &str,
    label: &str,
    wait: &Waiting,
    since: Duration,
    width: usize,
) -> Vec<String> {
    let branch = path::branch(label);
    let space = if branch.is_empty() { "" } else { " " };
    let mut text = format!(
        "{indent}{branch}{space}waiting: {}",
        clean::line(&wait.what)
    );
    let mut below = Vec::new();
    let figures = paint.dim(&figures(wait, since));
    if TEXT + measure_text_width(&text) + 2 + measure_text_width(&figures) <= width {
        text = format!("{text}  {figures}");
    } else if !figures.is_empty() {
        below.push(figures);
    }
    below.extend(
        wait.last_error
            .iter()
            .map(|error| paint.warn(&clean::line(error))),
    );
    let mut lines = vec![line(
        &paint.live("…"),
        &time::ticking(wait.elapsed + since),
        &text,
        width,
    )];
    lines.extend(
        below
            .iter()
            .map(|text| line(" ", "", &format!("{indent}  {text}"), width)),
    );
    lines
}

fn figures(wait: &Waiting, since: Duration) -> String {
    let left = wait
        .left
        .map(|left| format!("{} left", time::ticking(left.saturating_sub(since))));
    let attempt = (wait.attempt > 0).then(|| format!("attempt {}", wait.attempt));
    left.into_iter()
        .chain(attempt)
        .collect::<Vec<_>>()
        .join(", ")
}

fn frame(at: Duration) -> &'static str {
    let frames = at.as_millis() / FRAME.as_millis() % 10;
    usize::try_from(frames)
        .ok()
        .and_then(|frame| SPINNER.get(frame))
        .unwrap_or(&SPINNER[0])
}

/// More lines than the terminal has cannot be redrawn in place.
fn limit(mut lines: Vec<String>, height: usize) -> Vec<String> {
    if lines.len() > height {
        let hidden = lines.len() - height.saturating_sub(1);
        lines.truncate(height.saturating_sub(1));
        lines.push(format!("{:TEXT$}… {hidden} more", ""));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;

    use super::live;
    use crate::live::View;
    use crate::sample;
    use crate::style::Paint;
    use run::event::Event;

    /// Shows the events at a second each, and what is live two seconds after the last.
    fn screen(events: &[Event], height: usize, width: usize) -> String {
        let mut view = View::new(Paint::none());
        let mut lines = Vec::new();
        let mut at = Duration::ZERO;
        for event in events {
            lines.extend(view.apply(event, at, width));
            at += Duration::from_secs(1);
        }
        lines.push("-- live".into());
        lines.extend(live(&view, at + Duration::from_secs(1), height, width));
        lines.join("\n")
    }

    #[test]
    fn parallel_branches_wait_side_by_side() {
        assert_snapshot!(screen(&sample::waiting_run(), 20, 100), @"
        20261121-091203-build-abcdefghijkl
        build.rhai, account 123456789012, region eu-west-1, endpoint http://127.0.0.1:5000
        ✓      4s  create the network  vpc-0a
        ·          two NATs
                   side by side
        -- live
        ⠋      9s  start the NATs  1 done
        ⠋      8s    az1/launch  ec2.run_instances
        …  1m 12s    az2 waiting: instance i-0b running  1m 48s left, attempt 4
                       IncorrectInstanceState: the instance is pending
              14s  20261121-091203-build-abcdefghijkl  1 step done
        ");
    }

    #[test]
    fn a_narrow_terminal_cuts() {
        assert_snapshot!(screen(&sample::waiting_run(), 6, 44), @"
        20261121-091203-build-abcdefghijkl
        build.rhai, account 123456789012, region
        eu-west-1, endpoint http://127.0.0.1:5000
        ✓      4s  create the network  vpc-0a
        ·          two NATs
                   side by side
        -- live
        ⠋      9s  start the NATs  1 done
        ⠋      8s    az1/launch  ec2.run_instances
        …  1m 12s    az2 waiting: instance i-0b run…
                       1m 48s left, attempt 4
                       IncorrectInstanceState: the …
              14s  20261121-091203-build-abcdefghij…
        ");
    }

    #[test]
    fn a_failure_is_told_once() {
        assert_snapshot!(screen(&sample::failing_run(), 20, 60), @"
        20261121-091203-build-abcdefghijkl
        build.rhai, account 123456789012, region eu-west-1, endpoint
        http://127.0.0.1:5000
        ✓      4s  create the network  vpc-0a
        ✗     12s  create the routes/az1/default route
                   IncorrectInstanceState: the instance i-0b is not
                   in a state that allows this
        ✗     12s  create the routes
        -- live
        ⠋     13s  20261121-091203-build-abcdefghijkl  1 step done
        ");
    }

    #[test]
    fn a_resumed_run_counts_what_it_reuses() {
        assert_snapshot!(screen(&sample::resumed_run(), 20, 80), @"
        20261121-091203-build-abcdefghijkl, attempt 2
        build.rhai, account 123456789012, region eu-west-1, endpoint
        http://127.0.0.1:5000
        ✓          2 steps reused
        ✓          adopted 0f9c: create the stack/opsworks.create_stack had been done
        -- live
        ✓          1 step reused
        ⠋      6s  create the stack  attempt 2
        ?      2s    opsworks.create_layer in doubt, asking AWS: no outcome is recorded
               9s  20261121-091203-build-abcdefghijkl  2 steps done
        ");
    }

    #[test]
    fn calls_show_at_their_step_with_their_branch() {
        assert_snapshot!(screen(&sample::calling_run(), 20, 100), @"
        20261121-091203-build-abcdefghijkl
        build.rhai, account 123456789012, region eu-west-1, endpoint http://127.0.0.1:5000
        -- live
        ⠋      8s  look around  ec2.describe_vpcs  az1: ec2.describe_vpcs  az2: ec2.create_vpc
        …      3s    az3 waiting: sleep 5s
              10s  20261121-091203-build-abcdefghijkl  0 steps done
        ");
    }
}
