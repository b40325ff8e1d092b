//! A thread that scripts run on: `main`, or a branch of `run::parallel`.

use std::thread::{Builder, Scope, ScopedJoinHandle};

use base::fault::Fault;
use script::fault;
use script::host::Scripted;

/// Scripts nest deeply in unoptimised builds; the memory is only reserved.
const STACK: usize = 64 << 20;

pub(super) struct ScriptThread<'scope, T>(std::io::Result<ScopedJoinHandle<'scope, Scripted<T>>>);

impl<'scope, T: Send + 'scope> ScriptThread<'scope, T> {
    pub(super) fn spawn<'env>(
        threads: &'scope Scope<'scope, 'env>,
        name: &str,
        work: impl FnOnce() -> Scripted<T> + Send + 'scope,
    ) -> Self {
        let thread = Builder::new().name(name.to_owned()).stack_size(STACK);
        Self(thread.spawn_scoped(threads, work))
    }

    /// Returns what the script came to; `what` is it for a message.
    pub(super) fn join(self, what: &str) -> Scripted<T> {
        let message = match self.0.map(ScopedJoinHandle::join) {
            Ok(Ok(result)) => return result,
            Ok(Err(_)) => format!("{what} crashed: this is a bug in runbook, please report it"),
            Err(error) => format!("cannot start a thread for {what}: {error}"),
        };
        Err(fault::throw(&Fault::new(message)))
    }
}
