//! Where it is printed: stdout for data, stderr for everything else.

use std::io::{self, BufWriter, ErrorKind, Write};

use crate::program;
use base::exit::Exit;
use base::hint::Hint;
use base::report::Report;

/// Who reads our stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Listening,
    /// The pipe was closed, as by `| head`: there is no point in writing more.
    Gone,
}

/// Writes data to stdout; that nobody reads it any more is no error.
pub fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Reader> {
    through(io::stdout().lock(), write)
}

/// Writes data to stdout; an error is one for people.
pub fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Report> {
    let written = stdout(write).map(drop);
    written.map_err(|error| Report::new(Exit::Failed, format!("cannot write: {error}")))
}

/// Writes to stderr; that nobody reads it any more is no error.
pub fn stderr(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Reader> {
    through(io::stderr().lock(), write)
}

/// Writes a line for people to stderr.
pub fn tell(line: &str) {
    ignore(stderr(|out| writeln!(out, "{}", crate::clean::line(line))));
}

/// Writes what to do next to stderr.
pub fn advise(hint: &Hint) {
    tell(&program::hint(hint));
}

/// A run must not fail because its output does: a full disk or closed terminal is no reason to stop half-way.
pub(super) fn ignore<T>(written: io::Result<T>) {
    drop(written);
}

pub(super) fn through(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Reader> {
    let mut out = BufWriter::new(out);
    let written = write(&mut out).and_then(|()| out.flush());
    // What is left in the buffer would be written again on drop.
    drop(out.into_parts());
    match written {
        Ok(()) => Ok(Reader::Listening),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error),
    }
}

/// Whether stderr can move a cursor.
pub(super) fn is_terminal() -> bool {
    console::user_attended_stderr() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Write};

    use crate::out::{Reader, through};

    struct Closed(ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let written = through(Closed(ErrorKind::BrokenPipe), |out| writeln!(out, "x"));
        assert_eq!(written.unwrap(), Reader::Gone);
        assert!(through(Closed(ErrorKind::StorageFull), |out| writeln!(out, "x")).is_err());
    }
}
