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

`body` is a string, or a map or list that is sent as JSON. Redirects are not followed; at most 64 KiB of the answer are kept.
`timeout` (5s) is for all of it, from the name's look-up to the last byte. It is recorded as any call that changes something, the
input as it is. Errors: `HttpStatus` for a status other than 2xx, with `status` and `body`; `NotSent` if there was no connection;
`InvalidInput`. No answer is a doubt, which stops the run.",
    ),
    primitive(
        "post",
        &["input", "options"],
        "Posts as `http::post(input)`; with `#{on_doubt: \"retry\"}` no answer is the error `Lost`, which can be caught.",
    ),
];

/// `http::post(#{url, body, headers, timeout: "5s"}, #{on_doubt: "stop"})` posts once and returns `#{status, body}`.
///
/// `body` is a string, or a map or list that is sent as JSON. Redirects are not followed; at most 64 KiB of the answer
/// are kept. `timeout` is for all of it, from the name's look-up to the last byte.
///
/// Errors: `HttpStatus` for a status other than 2xx, with `status` and `body`; `NotSent` if there was no connection;
/// `InvalidInput`. No answer is a doubt, which stops the run; with `on_doubt: "retry"` it is the error `Lost`. The
/// journal keeps the input as it is, secrets in it too.
pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    calls(&mut module, "http", "post", host);
    module
}
