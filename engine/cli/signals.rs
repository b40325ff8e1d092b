//! Ctrl-C and its kin: the first asks the run to end in order, the second ends the process and all that it started.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use base::clock;
use base::exit::Exit;
use base::report::Report;
use run::cancel::Cancel;

/// What a tick gets that is under way at the first signal: less than a service manager waits before it kills.
const GRACE: Duration = Duration::from_secs(10);

/// Sets `cancel` at the first signal.
pub(super) fn listen(runtime: &Handle, cancel: &Cancel) -> Result<(), Report> {
    listen_for_end(runtime, cancel, cancel)
}

/// Sets `stop` at the first signal, and `cancel` if that was not enough.
pub(super) fn listen_for_end(
    runtime: &Handle,
    stop: &Cancel,
    cancel: &Cancel,
) -> Result<(), Report> {
    let _inside = runtime.enter();
    let listener = |kind| {
        signal(kind).map_err(|error| {
            Report::new(Exit::Failed, format!("cannot listen for signals: {error}"))
        })
    };
    let (interrupt, terminate, hangup) = (
        listener(SignalKind::interrupt())?,
        listener(SignalKind::terminate())?,
        listener(SignalKind::hangup())?,
    );
    runtime.spawn(watch(
        interrupt,
        terminate,
        hangup,
        stop.clone(),
        cancel.clone(),
    ));
    Ok(())
}

async fn watch(
    mut interrupt: Signal,
    mut terminate: Signal,
    mut hangup: Signal,
    stop: Cancel,
    cancel: Cancel,
) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            () = clock::sleep(GRACE), if stop.is_set() && !cancel.is_set() => {
                cancel.set();
                continue;
            }
        }
        if stop.is_set() {
            leave(&cancel);
        }
        stop.set();
    }
}

/// What is under way is in the journal as an intent, as after a crash.
#[expect(clippy::disallowed_methods, reason = "the second Ctrl-C means now")]
fn leave(cancel: &Cancel) {
    cancel.cut();
    outside::end_all();
    std::process::exit(Exit::Interrupted as i32);
}
