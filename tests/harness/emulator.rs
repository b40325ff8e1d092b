//! One emulator for all tests of a process, each in an account of its own.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rehearse::{Emulator, Options, Provisioned};

static PROVISIONED: OnceLock<Provisioned> = OnceLock::new();
static EMULATOR: OnceLock<Mutex<Emulator>> = OnceLock::new();

/// Returns the emulator, provisioned and started by the first who asks. It ends with the process.
pub(crate) fn emulator() -> MutexGuard<'static, Emulator> {
    let start = || {
        Mutex::new(
            rehearse::start(provisioned(), &Options { pace: 0.0 })
                .expect("the emulator does not start"),
        )
    };
    EMULATOR
        .get_or_init(start)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Returns the emulator's Python environment, made by the first who asks.
pub(crate) fn provisioned() -> &'static Provisioned {
    PROVISIONED.get_or_init(|| {
        rehearse::provision(&super::tell).expect("the emulator cannot be provisioned")
    })
}

/// A test's account, which goes with the test: the emulator would keep those of hundreds in memory.
pub(crate) struct Account(String);

impl Account {
    pub(crate) fn new() -> Self {
        Self(new_account())
    }

    pub(crate) fn id(&self) -> &str {
        &self.0
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        // A test that fails because the emulator is gone says so itself.
        let _ = emulator().reset(&self.0);
    }
}

/// Returns an account id that no other test has.
pub(crate) fn new_account() -> String {
    let number = uuid::Uuid::new_v4().as_u128() % 900_000_000_000 + 100_000_000_000;
    number.to_string()
}
