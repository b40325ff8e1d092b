//! Parse, call, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main().into()
}
