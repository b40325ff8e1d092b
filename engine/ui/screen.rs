//! A terminal for indicatif that keeps the cursor behind the last line's text.
//!
//! indicatif gets to the next line by filling the one before with blanks, which leaves the cursor at the right edge:
//! the `^C` that the terminal echoes there wraps, and every line drawn after it is off by one.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;

/// Passes everything on, with newlines for blanks.
#[derive(Debug)]
pub(crate) struct Screen<T> {
    term: T,
    next: Mutex<Next>,
}

/// What the next piece of text is: lines and their filling alternate.
#[derive(Clone, Copy, Debug)]
enum Next {
    FirstLine,
    Filling,
    Line,
}

impl<T: TermLike> Screen<T> {
    pub(crate) fn new(term: T) -> Self {
        Self {
            term,
            next: Mutex::new(Next::FirstLine),
        }
    }

    fn next(&self) -> MutexGuard<'_, Next> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: TermLike> TermLike for Screen<T> {
    fn width(&self) -> u16 {
        self.term.width()
    }

    fn height(&self) -> u16 {
        self.term.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        *self.next() = Next::FirstLine;
        self.term.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let mut next = self.next();
        let now = *next;
        *next = if matches!(now, Next::Filling) {
            Next::Line
        } else {
            Next::Filling
        };
        match now {
            Next::Filling => return Ok(()),
            Next::Line => self.term.write_line("")?,
            Next::FirstLine => {}
        }
        self.term.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        *self.next() = Next::FirstLine;
        self.term.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.term.flush()
    }
}
