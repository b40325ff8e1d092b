//! Ctrl-C and its kin: the first asks the run to end in order, the second ends the process.

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Exit;
use crate::report::Report;
use crate::run::cancel::Cancel;

/// Sets `cancel` at the first signal.
pub(super) fn listen(runtime: &Runtime, cancel: &Cancel) -> Result<(), Report> {
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
    runtime.spawn(watch(interrupt, terminate, hangup, cancel.clone()));
    Ok(())
}

async fn watch(mut interrupt: Signal, mut terminate: Signal, mut hangup: Signal, cancel: Cancel) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        if cancel.is_set() {
            leave();
        }
        cancel.set();
    }
}

/// What is under way is in the journal as an intent, as after a crash.
#[expect(clippy::disallowed_methods, reason = "the second Ctrl-C means now")]
fn leave() {
    std::process::exit(Exit::Interrupted as i32);
}
