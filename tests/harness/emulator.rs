//! The emulators of a process, one for each core, and the tests' accounts in them.

use std::sync::{LazyLock, OnceLock};
use std::thread::available_parallelism;

use rehearse::{Emulator, Options, Provisioned};

static PROVISIONED: OnceLock<Provisioned> = OnceLock::new();
static EMULATORS: LazyLock<Vec<OnceLock<Emulator>>> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, usize::from);
    (0..cores.min(MOST)).map(|_| OnceLock::new()).collect()
});

/// Each holds 200 MB.
const MOST: usize = 4;

/// Returns the emulator that has an account, started by the first call. It ends with the process.
pub(crate) fn emulator(account: &str) -> &'static Emulator {
    let account: usize = account.parse().expect("an account is a number");
    EMULATORS[account % EMULATORS.len()].get_or_init(|| {
        rehearse::start(provisioned(), &Options { pace: 0.0 }).expect("the emulator does not start")
    })
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

    /// Returns one of the same emulator: both have one endpoint.
    pub(crate) fn beside(&self) -> Self {
        std::iter::repeat_with(Self::new)
            .find(|other| std::ptr::eq(emulator(&other.0), emulator(&self.0)))
            .expect("there is always another account")
    }

    pub(crate) fn id(&self) -> &str {
        &self.0
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        // A test that fails because the emulator is gone says so itself.
        let _ = emulator(&self.0).reset(&self.0);
    }
}

/// Returns an account id that no other test has.
pub(crate) fn new_account() -> String {
    let number = uuid::Uuid::new_v4().as_u128() % 900_000_000_000 + 100_000_000_000;
    number.to_string()
}
