//! Asks a name server directly, past the system's resolver and its cache.

use std::io;
use std::net::{IpAddr, SocketAddr};

use hickory_proto::op::{Message, Query, ResponseCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;

use super::report::Found;
use super::tcp;
use crate::question::{Dns, Probe};
use crate::unlooked::Unlooked;
use base::clock;
use base::clock::Stopwatch;
use base::error::plain;

/// A datagram may be lost: so many are sent within the time.
const TRIES: u32 = 3;

const CONFIGURATION: &str = "/etc/resolv.conf";

pub(super) async fn dns(probe: &Probe, dns: &Dns) -> Result<Value, Unlooked> {
    let mut found = Found::default();
    found.more.insert("answers".into(), Value::Null);
    let server = match dns.server {
        Some(server) => server,
        None => system_server()?,
    };
    found.address = Some(server.to_string());
    let watch = Stopwatch::start();
    match clock::timeout(probe.timeout, ask(server, dns, probe)).await {
        Ok(Ok(message)) => {
            found.elapsed = Some(watch.elapsed());
            let answers = answers(&message, dns);
            found.error = problem(&message, dns, &answers);
            found.more.insert("answers".into(), json!(answers));
        }
        Ok(Err(error)) => found.error = Some(plain(&error.to_string())),
        Err(_) => found.error = Some(format!("no answer within {:?}", probe.timeout)),
    }
    let ok = found.error.is_none();
    Ok(found.report(&probe.target, ok))
}

fn system_server() -> Result<SocketAddr, Unlooked> {
    let text = std::fs::read_to_string(CONFIGURATION).unwrap_or_default();
    first_server(&text).ok_or_else(|| {
        Unlooked::new(
            "NoServer",
            format!("`{CONFIGURATION}` names no server; give one: #{{server: \"10.0.0.2\"}}"),
        )
    })
}

fn first_server(configuration: &str) -> Option<SocketAddr> {
    let mut lines = configuration
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("nameserver"));
    let address: IpAddr = lines.find_map(|rest| rest.split_whitespace().next()?.parse().ok())?;
    Some(SocketAddr::new(address, 53))
}

async fn ask(server: SocketAddr, dns: &Dns, probe: &Probe) -> io::Result<Message> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(dns.name.clone(), dns.kind));
    let bytes = question.to_vec().map_err(io::Error::other)?;
    let any: IpAddr = if server.is_ipv4() {
        [0; 4].into()
    } else {
        [0; 16].into()
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    loop {
        socket.send(&bytes).await?;
        let heard = clock::timeout(probe.timeout / TRIES, hear(&socket, &question)).await;
        match heard {
            Ok(Ok(answer)) if answer.metadata.truncation => {
                return by_stream(server, &bytes, &question).await;
            }
            Ok(heard) => return heard,
            Err(_) => {}
        }
    }
}

/// Waits for the answer to this question; anybody can send another.
async fn hear(socket: &UdpSocket, question: &Message) -> io::Result<Message> {
    let mut buffer = vec![0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        match Message::from_vec(&buffer[..length]) {
            Ok(answer) if belongs(&answer, question) => return Ok(answer),
            _ => {}
        }
    }
}

fn belongs(answer: &Message, question: &Message) -> bool {
    answer.metadata.id == question.metadata.id && answer.queries == question.queries
}

/// What does not fit into a datagram comes by TCP, with its length before it.
async fn by_stream(server: SocketAddr, bytes: &[u8], question: &Message) -> io::Result<Message> {
    let mut stream = tcp::connect(server, None).await?;
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(bytes).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    let answer = Message::from_vec(&answer).map_err(io::Error::other)?;
    if belongs(&answer, question) {
        Ok(answer)
    } else {
        Err(io::Error::other("the answer is for a different question"))
    }
}

fn answers(message: &Message, dns: &Dns) -> Vec<String> {
    let records = message.answers.iter();
    records
        .filter(|record| record.record_type() == dns.kind)
        .map(|record| record.data.to_string())
        .collect()
}

fn problem(message: &Message, dns: &Dns, answers: &[String]) -> Option<String> {
    match message.metadata.response_code {
        ResponseCode::NoError if answers.is_empty() => {
            Some(format!("there is no {} record", dns.kind))
        }
        ResponseCode::NoError => None,
        code => Some(format!("the server answered {code}")),
    }
}
