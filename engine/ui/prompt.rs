//! A question to the person at the terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::Duration;

use rustix::termios::{QueueSelector, tcflush};
use serde_json::Value;

use crate::clean;
use crate::out::{ignore, stderr};
use crate::style::Page;
use run::cancel::Cancel;
use run::event::Asked;

/// Between two looks at what was typed: Ctrl-C is answered at once, a line soon.
const POLL: Duration = Duration::from_millis(50);

/// Asks until the answer is yes or no; `None` if nobody is there, or nobody answers.
pub(crate) fn ask(asked: &Asked, cancel: &Cancel) -> Option<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return None;
    }
    ignore(stderr(|out| question(out, asked)));
    loop {
        forget_typed();
        ignore(stderr(|out| prompt(out, asked)));
        let Some(line) = typed(&lines(), cancel) else {
            // What is said next begins on a line of its own.
            ignore(stderr(|out| writeln!(out)));
            return None;
        };
        if let Some(approved) = meant(&line, asked.word.as_deref()) {
            return Some(approved);
        }
        ignore(stderr(|out| writeln!(out, "answer y (yes) or n (no)")));
    }
}

/// What was typed before the question was seen is no answer to it.
fn forget_typed() {
    // A terminal that went away has nothing typed.
    tcflush(io::stdin(), QueueSelector::IFlush).ok();
}

fn question(out: &mut dyn Write, asked: &Asked) -> io::Result<()> {
    let text = clean::line(&asked.question);
    writeln!(out, "\n{}", Page::stderr().paint.bold(&text))?;
    details(&asked.details)
        .iter()
        .try_for_each(|line| writeln!(out, "  {line}"))
}

fn prompt(out: &mut dyn Write, asked: &Asked) -> io::Result<()> {
    match &asked.word {
        Some(word) => write!(out, "type `{}` to confirm: ", clean::line(word)),
        None => write!(out, "approve? [y/N] "),
    }
}

/// Returns a line for each member.
pub(crate) fn details(details: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let lines: Vec<String> = match details {
        Value::Null => Vec::new(),
        Value::Object(members) => {
            let width = members.keys().map(String::len).max().unwrap_or_default();
            let line = |(name, value)| format!("{name:<width$}  {}", text(value));
            members.iter().map(line).collect()
        }
        other => vec![text(other)],
    };
    lines.iter().map(|line| clean::line(line)).collect()
}

/// Reads one line elsewhere: a read cannot be called off, but its thread ends with the process.
fn lines() -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            // The end of input is no answer.
            Ok(0) | Err(_) => {}
            Ok(_) => drop(sender.send(line)),
        }
    });
    receiver
}

fn typed(lines: &Receiver<String>, cancel: &Cancel) -> Option<String> {
    loop {
        match lines.try_recv() {
            Ok(line) => return Some(line),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if cancel.sleep(POLL) => return None,
            Err(TryRecvError::Empty) => {}
        }
    }
}

/// Nothing typed is a no: what is not approved on purpose is not approved. Where a word is asked for, so is another one.
fn meant(line: &str, word: Option<&str>) -> Option<bool> {
    if let Some(word) = word {
        return Some(line.trim() == word);
    }
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "" | "n" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use serde_json::json;

    use super::{details, meant, typed};
    use run::cancel::Cancel;

    #[test]
    fn only_a_clear_yes_is_one() {
        assert_eq!(meant(" Yes\n", None), Some(true));
        assert_eq!(meant("y", None), Some(true));
        assert_eq!(meant("\n", None), Some(false));
        assert_eq!(meant("NO", None), Some(false));
        assert_eq!(meant("yep", None), None);
    }

    #[test]
    fn where_a_word_is_asked_for_nothing_else_will_do() {
        assert_eq!(meant(" MyVPC\n", Some("MyVPC")), Some(true));
        for line in ["y\n", "yes\n", "\n", "myvpc\n"] {
            assert_eq!(meant(line, Some("MyVPC")), Some(false), "{line}");
        }
    }

    #[test]
    fn details_are_a_line_each() {
        let lines = details(&json!({"from": "i-1", "count": 2}));
        assert_eq!(lines, ["count  2", "from   i-1"]);
        assert_eq!(details(&json!("as it\u{1b}[2J is")), ["as it is"]);
        assert!(details(&json!(null)).is_empty());
    }

    #[test]
    fn the_end_of_input_and_ctrl_c_are_no_answers() {
        let (sender, lines) = mpsc::channel::<String>();
        let cancel = Cancel::default();
        sender.send("y".into()).unwrap();
        assert_eq!(typed(&lines, &cancel).as_deref(), Some("y"));
        drop(sender);
        assert_eq!(typed(&lines, &cancel), None);
        let (_sender, lines) = mpsc::channel::<String>();
        cancel.set();
        assert_eq!(typed(&lines, &cancel), None);
    }
}
