//! `probe::…`: checks of the network from this host. What the network does is a result, not an error.

use std::sync::Arc;

use rhai::{Array, Dynamic, Map, Module};

use super::options::{Options, wrong};
use super::primitive::{Primitive, primitive};
use super::targets;
use super::targets::Make;
use crate::api::register::function;
use crate::host::{Host, Scripted};
use crate::value;
use probe::Question;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "ping",
        &["host"],
        "Pings a host, or each of a list of hosts side by side, with the presets of `probe::ping(host, options)`.",
    ),
    primitive(
        "ping",
        &["host", "options"],
        "Pings a host, or each of a list of hosts side by side (ICMP echo, IPv4 or IPv6).

Options: `count` of requests (3, from 1 to 100); `interval` between two requests (200ms); `timeout` after the last request (1s); `source`,
an address of this host; `enough` (1), the number of replies that ends the check. `interval` and `timeout` are from `1ms` to `1h`. Returns a map `target`, `address`, `ok`, `sent`, `received`,
`min_ms`, `avg_ms`, `max_ms`, `error`; of a list, a list of them. If the check fails, `ok` is false
and `error` says why. Errors: `InvalidArgument`; `NotPermitted`, with what allows it.",
    ),
    primitive(
        "tcp",
        &["target"],
        "Connects to `host:port`, or to each of a list, with the presets of `probe::tcp(target, options)`.",
    ),
    primitive(
        "tcp",
        &["target", "options"],
        "Connects to `host:port`, or to each of a list side by side, and closes again.

Options: `timeout` (1s, from `1ms` to `1h`), in which the addresses of a name are tried one after the other; `source`, an address of
this host. Returns a map `target`, `address`, `ok`, `ms`, `error`. If the check fails, `ok` is false
and `error` says why. Errors: `InvalidArgument`.",
    ),
    primitive(
        "http",
        &["url"],
        "Requests a URL, or each of a list, with the presets of `probe::http(url, options)`.",
    ),
    primitive(
        "http",
        &["url", "options"],
        "Requests a URL, or each of a list side by side; redirects are not followed.

Options: `timeout` for all of it (1s, from `1ms` to `1h`); `status` (200), the expected one; `contains`, a text in the first 64 KiB;
`headers`, a map of strings; `method` (`GET`), or `HEAD`. No proxy is used. Returns a map `target`, `address`, `ok`, `status`, `ms`, `error`. If the check fails, `ok` is false
and `error` says why. Errors: `InvalidArgument`.",
    ),
    primitive(
        "dns",
        &["name"],
        "Asks the host's name server for a name, or for each of a list, with the presets of `probe::dns(name, options)`.",
    ),
    primitive(
        "dns",
        &["name", "options"],
        "Asks a name server for a name, or for each of a list side by side.

Options: `server`, an address, with `:port` if it is not 53 (the first of /etc/resolv.conf); `type` (A); `timeout` (1s, from `1ms` to
`1h`). The name is looked up without search domains. Returns a map `target`, `address`, `ok`, `answers`, `ms`, `error`. If the check fails, `ok` is false
and `error` says why. Errors: `InvalidArgument`; `NoServer` without a configured server.",
    ),
    primitive(
        "any",
        &["targets"],
        "Probes a list of targets until one answers, with the presets of `probe::any(targets, options)`.",
    ),
    primitive(
        "any",
        &["targets", "options"],
        "Probes a list of targets side by side and returns as soon as one answers.

A target is an address or a name (ping), `tcp:host:port`, `http://…`, `https://…`, `dns:name` or `dns:name@server`. Options: those of `ping`
but `enough`; each target has as long as the pings. Returns a map `ok` and `results`, a list as the probes return; a target that was
not awaited has `ok: false`. If the check fails, `ok` is false
and `error` says why. Errors: `InvalidArgument`, `NotPermitted`, `NoServer`.",
    ),
];

/// The options of each probe.
const OPTIONS: [(&str, &[&str]); 5] = [
    (
        "ping",
        &["count", "interval", "timeout", "source", "enough"],
    ),
    ("tcp", &["timeout", "source"]),
    (
        "http",
        &["timeout", "status", "contains", "headers", "method"],
    ),
    ("dns", &["server", "type", "timeout"]),
    ("any", &["count", "interval", "timeout", "source"]),
];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    let makers: [Make; 4] = [targets::ping, targets::tcp, targets::http, targets::dns];
    for ((name, _), make) in OPTIONS.iter().zip(makers) {
        let to = Arc::clone(host);
        function(&mut module, name, move |target: Dynamic| {
            one_or_each(&to, name, make, &target, &Map::new())
        });
        let to = Arc::clone(host);
        function(&mut module, name, move |target: Dynamic, options: Map| {
            one_or_each(&to, name, make, &target, &options)
        });
    }
    let to = Arc::clone(host);
    function(&mut module, "any", move |targets: Array| {
        any(&to, &targets, &Map::new())
    });
    let to = Arc::clone(host);
    function(&mut module, "any", move |targets: Array, options: Map| {
        any(&to, &targets, &options)
    });
    module
}

/// One target, or a list of them side by side.
fn one_or_each(
    host: &Arc<dyn Host>,
    name: &str,
    make: Make,
    target: &Dynamic,
    options: &Map,
) -> Scripted<Dynamic> {
    let function = format!("probe::{name}");
    let options = Options::of(&function, options_of(name), options)?;
    if let Some(list) = target.read_lock::<Array>() {
        let probes = list.iter().map(|target| make(&text(target)?, &options));
        return ask(host, &Question::Each(probes.collect::<Scripted<_>>()?));
    }
    ask(host, &Question::One(make(&text(target)?, &options)?))
}

fn any(host: &Arc<dyn Host>, list: &Array, options: &Map) -> Scripted<Dynamic> {
    let options = Options::of("probe::any", options_of("any"), options)?;
    if list.is_empty() {
        return Err(wrong("`probe::any` needs at least one target"));
    }
    let probes = list
        .iter()
        .map(|target| targets::any(&text(target)?, &options));
    ask(host, &Question::Any(probes.collect::<Scripted<_>>()?))
}

/// Returns the names of the options that a probe takes.
pub(super) fn options_of(name: &str) -> &'static [&'static str] {
    let row = OPTIONS.iter().find(|(probe, _)| *probe == name);
    row.map_or(&[], |(_, names)| names)
}

pub(super) fn ask(host: &Arc<dyn Host>, question: &Question) -> Scripted<Dynamic> {
    host.probe(question).map(|answer| value::to_script(&answer))
}

fn text(target: &Dynamic) -> Scripted<String> {
    target.clone().into_string().map_err(|kind| {
        wrong(format!(
            "expected a target that is a string, found a value of type {kind}"
        ))
    })
}
