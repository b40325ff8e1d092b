//! The targets of probes, as scripts write them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use rhai::Map;

use super::options::{Options, wrong};
use crate::host::Scripted;
use probe::{Dns, Http, Ping, Probe, Way};

/// Makes a probe of a target and options.
pub(super) type Make = fn(&str, &Options) -> Scripted<Probe>;

/// No more requests than this in one probe.
const MOST: i64 = 100;

const TIMEOUT: Duration = Duration::from_secs(1);

const INTERVAL: Duration = Duration::from_millis(200);

const COUNT: u16 = 3;

/// The address that a probe comes from, if the script names one.
type Source = Option<IpAddr>;

fn probe(target: &str, options: &Options, way: Way) -> Scripted<Probe> {
    Ok(Probe {
        target: target.to_owned(),
        way,
        timeout: options.short_duration("timeout")?.unwrap_or(TIMEOUT),
    })
}

pub(super) fn ping(target: &str, options: &Options) -> Scripted<Probe> {
    let source = source(options)?;
    let host = named(target, source)?;
    let count = options.count("count", MOST)?.unwrap_or(COUNT);
    let ping = Ping {
        host,
        count,
        interval: options.short_duration("interval")?.unwrap_or(INTERVAL),
        source,
        enough: options.count("enough", count.into())?.unwrap_or(1),
    };
    probe(target, options, Way::Ping(ping))
}

pub(super) fn tcp(target: &str, options: &Options) -> Scripted<Probe> {
    let source = source(options)?;
    let refused = || wrong(format!("`{target}` is not `host:port`"));
    let (host, port) = target.rsplit_once(':').ok_or_else(refused)?;
    let port = port
        .parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(refused)?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if bare.is_none() && host.contains(':') {
        return Err(wrong(format!(
            "`{target}` is not `host:port`: write an IPv6 address in brackets, `[::1]:443`"
        )));
    }
    let host = named(bare.unwrap_or(host), source)?;
    probe(target, options, Way::Tcp { host, port, source })
}

pub(super) fn http(target: &str, options: &Options) -> Scripted<Probe> {
    if base::url::host(target).is_none() {
        return Err(wrong(format!(
            "`{target}` is not a URL such as `https://host/path`, without a user or password"
        )));
    }
    let method = options.read("method", "`GET` or `HEAD`", |value| {
        let method = value.to_string();
        matches!(method.as_str(), "GET" | "HEAD").then_some(method)
    })?;
    let headers = options.read("headers", "a map of strings", |value| {
        let map = value.read_lock::<Map>()?;
        let pairs = map.iter();
        let pairs =
            pairs.map(|(name, value)| Some((name.to_string(), value.clone().into_string().ok()?)));
        pairs.collect::<Option<Vec<_>>>()
    })?;
    let http = Http {
        method: method.unwrap_or_else(|| "GET".into()),
        headers: headers.unwrap_or_default(),
        status: options.count("status", 599)?.unwrap_or(200),
        contains: options.text("contains")?,
    };
    probe(target, options, Way::Http(http))
}

pub(super) fn dns(target: &str, options: &Options) -> Scripted<Probe> {
    let server = options.read("server", "an address such as `10.0.0.2`", |value| {
        server(&value.to_string())
    })?;
    let kind = options.read("type", "a record type such as `A` or `AAAA`", |value| {
        value.to_string().parse::<RecordType>().ok()
    })?;
    let mut name: Name = target
        .parse()
        .map_err(|_| wrong(format!("`{target}` is not a name that DNS knows")))?;
    name.set_fqdn(true);
    let dns = Dns {
        name,
        kind: kind.unwrap_or(RecordType::A),
        server,
    };
    probe(target, options, Way::Dns(dns))
}

pub(super) fn any(target: &str, options: &Options) -> Scripted<Probe> {
    let whole = ping("0.0.0.0", options)?.span();
    let longer = |probe: Probe| Probe {
        target: target.to_owned(),
        timeout: whole,
        ..probe
    };
    if let Some(rest) = target.strip_prefix("tcp:") {
        return tcp(rest, options).map(longer);
    }
    if target.starts_with("http://") || target.starts_with("https://") {
        return http(target, options).map(longer);
    }
    let Some(rest) = target.strip_prefix("dns:") else {
        return ping(target, options);
    };
    let (name, at) = rest
        .split_once('@')
        .map_or((rest, None), |(name, at)| (name, Some(at)));
    let mut probe = dns(name, options).map(longer)?;
    if let (Way::Dns(dns), Some(at)) = (&mut probe.way, at) {
        let server = server(at);
        dns.server =
            Some(server.ok_or_else(|| wrong(format!("`{at}` is not the address of a server")))?);
    }
    Ok(probe)
}

fn server(text: &str) -> Option<SocketAddr> {
    let address = text
        .parse::<IpAddr>()
        .map(|address| SocketAddr::new(address, 53));
    address.or_else(|_| text.parse()).ok()
}

fn source(options: &Options) -> Scripted<Source> {
    options.read("source", "an address of this host", |value| {
        value.to_string().parse().ok()
    })
}

/// A host is an address that fits the source, or a name.
fn named(host: &str, source: Source) -> Scripted<String> {
    if let (Ok(address), Some(source)) = (host.parse::<IpAddr>(), source)
        && address.is_ipv4() != source.is_ipv4()
    {
        return Err(wrong(format!(
            "`{host}` cannot be reached from `{source}`: one is IPv4, the other IPv6"
        )));
    }
    let is_odd = |letter: char| !(letter.is_alphanumeric() || ".-_:%".contains(letter));
    if host.is_empty() || host.contains(is_odd) {
        return Err(wrong(format!(
            "`{host}` is neither an address nor a name of a host"
        )));
    }
    Ok(host.to_owned())
}
