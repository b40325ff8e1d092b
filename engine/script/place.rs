//! Where in the scripts a primitive was called: part of what its record is recognised by.

use std::cell::RefCell;

use rhai::{NativeCallContext, Position};

use base::source::{Place, Source};

thread_local! {
    /// Of the latest call on this thread: each branch has a thread of its own.
    static CALLED: RefCell<Option<(String, Position)>> = const { RefCell::new(None) };
}

/// Notes where a primitive is called.
pub(super) fn note(context: &NativeCallContext) {
    let module = context.call_source().map(str::to_owned);
    CALLED.set(module.map(|module| (module, context.call_position())));
}

/// Returns the place of the latest call; `None` where no script has called.
#[must_use]
pub fn called(sources: &[Source]) -> Option<Place> {
    let (module, position) = CALLED.with_borrow(Clone::clone)?;
    let source = sources.iter().find(|source| source.name == module)?;
    Some(Place {
        module,
        line: position.line()?,
        column: position.position().unwrap_or(0),
        sha256: source.sha256.clone(),
    })
}
