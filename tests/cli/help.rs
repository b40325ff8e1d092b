//! Help is data; anything else that is not understood is an error.

use insta::assert_snapshot;

use crate::harness::Test;

#[track_caller]
fn help(args: &[&str]) -> String {
    let ended = Test::new().runbook(args).code(0);
    assert_eq!(ended.stderr, "");
    ended.stdout
}

#[test]
fn of_everything() {
    assert_snapshot!(help(&["-h"]), @"
    Run scripted AWS runbooks: every step recorded, every run resumable

    Usage: runbook [OPTIONS] <COMMAND>

    Commands:
      run        Run a runbook from its start
      every      Run a runbook again and again, until a signal ends it
      resume     Continue a run where it stopped
      resolve    Record whether an effect in doubt was done
      approve    Answer a question of a run that waits for approval
      cancel     End a run for good: finish its current calls and clean up
      rewind     Forget the record from a step on, so that a resume repeats it
      undo       Delete what a run made
      list       List the runs, oldest first
      show       Show what a run has done, its current and doubtful calls, and the next command
      logs       Print a run's journal as lines
      check      Check a runbook and its settings without running it or calling AWS
      plan       Print the IAM policy that a runbook needs
      rehearse   Run a runbook against a local emulator of AWS, with a temporary state directory
      init       Write editable copies of the runbooks, their modules and a site file
      reference  Print what scripts can call: namespaces, AWS operations and their fields, modules
      help       Print this message or the help of the given subcommand(s)

    Options:
          --state-dir <DIR>  Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                             $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>  Choose who reads the output: people, a program (JSON lines), or a system's
                             log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help             Print help (see more with '--help')
      -V, --version          Print version

    Exit codes:
      0    succeeded
      1    failed; the run can be resumed, or started again if it had not begun
      2    bad usage, settings or script; nothing was changed
      3    waiting for an approval or a time
      4    in doubt: AWS does not show whether an effect was done; `resolve` is needed
      5    diverged: the script's calls differ from the recorded calls
      6    the run, a run of the same lock, or a tick of the same runbook and site is live elsewhere
      130  interrupted: the run can be resumed; or cancelled: the run has ended
    ");
    assert!(help(&["--help"]).contains("A runbook is a Rhai script."));
}

#[test]
fn of_run() {
    assert_snapshot!(help(&["run", "-h"]), @"
    Run a runbook from its start

    Usage: runbook run [OPTIONS] <RUNBOOK>

    Arguments:
      <RUNBOOK>  The script to run

    Options:
          --site <FILE>        Read settings from this TOML file; may be given again, and the later file
                               wins
          --set <NAME=VALUE>   Set one setting; wins over the site files
          --dry-run            Stop before the first call that would change something, and print the
                               call
          --on-overlap <WHAT>  For a runbook with `const TICK = true;`: what to do if another process
                               runs a tick of it [default: skip] [possible values: skip, fail]
          --state-dir <DIR>    Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                               $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>    Choose who reads the output: people, a program (JSON lines), or a
                               system's log (`<N>` lines) [default: human] [possible values: human,
                               json, syslog]
      -h, --help               Print help (see more with '--help')
    ");
}

#[test]
fn of_resume() {
    assert_snapshot!(help(&["resume", "-h"]), @"
    Continue a run where it stopped

    Usage: runbook resume [OPTIONS] <RUN>

    Arguments:
      <RUN>  The run: its id, any unambiguous part of it, or `last`

    Options:
          --edited           Continue with the scripts as they are now
          --pinned           Continue with the scripts that the run pinned
          --state-dir <DIR>  Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                             $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>  Choose who reads the output: people, a program (JSON lines), or a system's
                             log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help             Print help (see more with '--help')
    ");
}

#[test]
fn of_the_commands_that_look() {
    assert_snapshot!(help(&["list", "-h"]), @"
    List the runs, oldest first

    Usage: runbook list [OPTIONS]

    Options:
          --state-dir <DIR>  Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                             $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>  Choose who reads the output: people, a program (JSON lines), or a system's
                             log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help             Print help
    ");
    assert_snapshot!(help(&["show", "-h"]), @"
    Show what a run has done, its current and doubtful calls, and the next command

    Usage: runbook show [OPTIONS] [RUN]

    Arguments:
      [RUN]  The run: its id, any unambiguous part of it, or `last` [default: last]

    Options:
          --state-dir <DIR>  Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                             $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>  Choose who reads the output: people, a program (JSON lines), or a system's
                             log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help             Print help
    ");
    assert_snapshot!(help(&["logs", "-h"]), @"
    Print a run's journal as lines

    Usage: runbook logs [OPTIONS] [RUN]

    Arguments:
      [RUN]  The run: its id, any unambiguous part of it, or `last` [default: last]

    Options:
      -f, --follow           Keep printing until the run ends
          --state-dir <DIR>  Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                             $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>  Choose who reads the output: people, a program (JSON lines), or a system's
                             log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help             Print help
    ");
}

#[test]
fn of_the_commands_that_touch_no_run() {
    assert_snapshot!(help(&["check", "-h"]), @"
    Check a runbook and its settings without running it or calling AWS

    Usage: runbook check [OPTIONS] <RUNBOOK>

    Arguments:
      <RUNBOOK>  The script to run

    Options:
          --site <FILE>       Read settings from this TOML file; may be given again, and the later file
                              wins
          --set <NAME=VALUE>  Set one setting; wins over the site files
          --state-dir <DIR>   Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                              $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>   Choose who reads the output: people, a program (JSON lines), or a system's
                              log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help              Print help (see more with '--help')
    ");
    assert_snapshot!(help(&["rehearse", "-h"]), @"
    Run a runbook against a local emulator of AWS, with a temporary state directory

    Usage: runbook rehearse [OPTIONS] <RUNBOOK>

    Arguments:
      <RUNBOOK>  The script to run

    Options:
          --site <FILE>       Read settings from this TOML file; may be given again, and the later file
                              wins
          --set <NAME=VALUE>  Set one setting; wins over the site files
          --after <RUNBOOK>   Run this runbook first, with the same site files and those of the settings
                              that it takes; may be given again
          --keep              Keep the emulator and the run afterwards, until Ctrl-C
          --pace <SECONDS>    Stretch the emulator's delays: an instance is pending for twice as many
                              seconds [default: 1; 0 when disturbed]
          --allow-outside     Make the effects outside AWS for real: `http::post`, `command::run`
          --crash-everywhere  Kill the run before and after each entry of its journal, resume it, and
                              compare the resources it leaves
          --faults            Disturb each request of the run in each way, resume the run, and compare
                              the resources it leaves
          --mixes <NUMBER>    Disturb several requests at random, this many times [default: 20]
          --share <N/M>       Try only the Nth of M shares of the points
          --seed <NUMBER>     Choose the points of each share, the second kills and the mixes with this
                              number [default: 1]
          --point <POINT>     Try this point alone; a failure prints its point
          --state-dir <DIR>   Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                              $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>   Choose who reads the output: people, a program (JSON lines), or a system's
                              log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help              Print help (see more with '--help')
    ");
    assert_snapshot!(help(&["init", "-h"]), @"
    Write editable copies of the runbooks, their modules and a site file

    Usage: runbook init [OPTIONS] <DIRECTORY>

    Arguments:
      <DIRECTORY>  The directory to write to

    Options:
          --state-dir <DIR>  Keep runs in this directory [default: $RUNBOOK_STATE_DIR,
                             $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
          --output <FORMAT>  Choose who reads the output: people, a program (JSON lines), or a system's
                             log (`<N>` lines) [default: human] [possible values: human, json, syslog]
      -h, --help             Print help (see more with '--help')
    ");
}

#[test]
fn the_version() {
    assert_eq!(
        help(&["--version"]),
        format!("runbook {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[track_caller]
fn misused(args: &[&str]) -> String {
    let test = Test::new().file("book.rhai", "fn main(params) { 1 }");
    let ended = test.runbook(args).code(2);
    assert_eq!((ended.stdout.as_str(), test.runs().len()), ("", 0));
    ended.stderr
}

#[test]
fn what_is_not_understood() {
    assert_snapshot!(misused(&["run", "book.rhai", "--sit", "x"]), @"
    error: unexpected argument '--sit' found

      tip: a similar argument exists: '--site'

    Usage: runbook run --site <FILE> <RUNBOOK>

    For more information, try '--help'.
    ");
    assert_snapshot!(misused(&["rnu", "book.rhai"]), @"
    error: unrecognized subcommand 'rnu'

    Usage: runbook [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(misused(&["run"]), @"
    error: the following required arguments were not provided:
      <RUNBOOK>

    Usage: runbook run <RUNBOOK>

    For more information, try '--help'.
    ");
    assert_snapshot!(misused(&["list", "--output", "yaml"]), @"
    error: invalid value 'yaml' for '--output <FORMAT>'
      [possible values: human, json, syslog]

    For more information, try '--help'.
    ");
    assert_snapshot!(misused(&["resume", "last", "--edited", "--pinned"]), @"
    error: the argument '--edited' cannot be used with '--pinned'

    Usage: runbook resume --edited <RUN>

    For more information, try '--help'.
    ");
    assert!(misused(&[]).contains("Usage: runbook [OPTIONS] <COMMAND>"));
}
