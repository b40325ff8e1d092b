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
      resume     Take a run up again where it stopped
      resolve    Say what became of an effect in doubt
      approve    Answer what a run asks before it goes on
      cancel     End a run for good: finish the calls under way and clean up
      rewind     Forget what is recorded from a step on, so that a resume does it anew
      undo       Take down what a run made
      list       List the runs, oldest first
      show       Show what a run has done, what is under way or in doubt, and what to type next
      logs       Print a run's journal as lines
      check      Check a runbook and its settings without running it or calling AWS
      plan       Print the IAM policy that a runbook needs
      rehearse   Run a runbook against a local emulator of AWS, with a state directory that is thrown
                 away
      init       Write editable copies of the runbooks, their modules and a site file
      reference  Tell what scripts can call: namespaces, AWS operations and their fields, modules
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
      1    failed; it can be resumed, or run again if it had not begun
      2    bad usage, settings or script; nothing was changed
      3    waiting for an approval or a time
      4    in doubt: AWS cannot tell whether an effect was done; `resolve` is needed
      5    diverged: the script asks for something else than what is recorded
      6    the run, a run of the same lock, or a tick of the same runbook and site is live elsewhere
      130  interrupted: it can be resumed; or cancelled: it is over
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
          --dry-run            Stop before the first call that would change something, and say what it
                               would be
          --on-overlap <WHAT>  Of a runbook with `const TICK = true;`: what to do if another process is
                               at it [default: skip] [possible values: skip, fail]
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
    Take a run up again where it stopped

    Usage: runbook resume [OPTIONS] <RUN>

    Arguments:
      <RUN>  The run: its id, any unambiguous part of it, or `last`

    Options:
          --edited           Go on with the scripts as they are now
          --pinned           Go on with the scripts as the run pinned them
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
    Show what a run has done, what is under way or in doubt, and what to type next

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
      -f, --follow           Go on printing until the run ends
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
    Run a runbook against a local emulator of AWS, with a state directory that is thrown away

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
          --crash-everywhere  Kill the run before and after each entry of its journal, resume it, and
                              compare what it leaves
          --faults            Have each request of the run go wrong in each way, resume it, and compare
                              what it leaves
          --mixes <NUMBER>    Have several requests go wrong by chance, so many times [default: 20]
          --share <N/M>       Try only a share of the points: the Nth of M that together are all
          --seed <NUMBER>     Decide by this number which points are in which share, where a run is
                              killed a second time, and what is mixed [default: 1]
          --point <POINT>     Try one point alone, as a failure names it
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
      <DIRECTORY>  Where to write them

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
