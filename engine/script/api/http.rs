//! `http::…`: requests to servers that are not AWS's.

use std::sync::Arc;

use rhai::Module;

use super::aws::calls;
use super::primitive::{Primitive, primitive};
use crate::host::Host;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "post",
        &["input"],
        "Posts `#{url, body, headers, timeout}` once and returns a map `status` and `body`.

`body` is a string, or a map or list that is sent as JSON. Redirects are not followed; at most 64 KiB of the response are returned.
`timeout` (5s) covers all of it, from the name's look-up to the last byte. The call is recorded like any that changes something,
its input in clear, secrets included. Errors: `HttpStatus` for a status other than 2xx, with `status` and `body`; `NotSent` if there
was no connection; `InvalidInput`. Without a response the call is in doubt, which stops the run.",
    ),
    primitive(
        "post",
        &["input", "options"],
        "Posts as `http::post(input)`; with `#{on_doubt: \"retry\"}`, a call without a response is the error `Lost`, which can be caught.",
    ),
];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    calls(&mut module, "http", "post", host);
    module
}
