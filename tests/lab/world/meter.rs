//! The traffic of a private client: ten packets a second to a server on the Internet, and what became of each.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::clock::{Stopwatch, pause, timeout};
use tokio::net::UdpSocket;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::hosts::SERVER;
use super::space::Space;

const PORT: u16 = 7;
const EVERY: Duration = Duration::from_millis(100);
/// Between two looks at what has come.
const LOOK: Duration = Duration::from_millis(20);

/// One packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    /// When it was sent, as the meter's watch has it.
    pub(crate) sent: Duration,
    /// The public address by which it came to the server; `None` where no answer came.
    pub(crate) via: Option<Ipv4Addr>,
}

type Log = Arc<Mutex<Vec<Packet>>>;

/// Sends until it is dropped.
pub(crate) struct Meter {
    watch: Stopwatch,
    log: Log,
    task: JoinHandle<()>,
}

impl Meter {
    pub(super) fn start(runtime: &Runtime, space: &Space) -> Self {
        let socket = bound(space, (Ipv4Addr::UNSPECIFIED, 0).into());
        let (watch, log) = (Stopwatch::start(), Log::default());
        let task = runtime.spawn(send(socket, watch, Arc::clone(&log)));
        Self { watch, log, task }
    }

    /// Returns the time on the meter's watch.
    pub(crate) fn now(&self) -> Duration {
        self.watch.elapsed()
    }

    pub(crate) fn packets(&self) -> Vec<Packet> {
        locked(&self.log).clone()
    }

    /// Returns those that were sent since, without those whose answer may still come.
    pub(crate) fn since(&self, from: Duration) -> Vec<Packet> {
        let until = self.now().saturating_sub(EVERY);
        let packets = self.packets().into_iter();
        let told = packets.filter(|packet| packet.via.is_some() || packet.sent <= until);
        told.filter(|packet| packet.sent >= from).collect()
    }

    /// Returns the longest time since `from` in which no packet got an answer: from one that did to the next.
    pub(crate) fn outage(&self, from: Duration) -> Duration {
        let packets = self.since(from);
        let answered = packets.iter().filter(|packet| packet.via.is_some());
        let mut last = from;
        let mut longest = Duration::ZERO;
        for packet in answered {
            longest = longest.max(packet.sent.saturating_sub(last));
            last = packet.sent;
        }
        longest.max(
            packets
                .last()
                .map_or(Duration::ZERO, |packet| packet.sent.saturating_sub(last)),
        )
    }

    /// Returns how many of those sent since then were lost.
    pub(crate) fn lost(&self, from: Duration) -> usize {
        let packets = self.since(from);
        packets.iter().filter(|packet| packet.via.is_none()).count()
    }

    /// Returns how often the way changed since then, lost packets left out.
    pub(crate) fn moves(&self, from: Duration) -> usize {
        let ways: Vec<_> = self
            .since(from)
            .iter()
            .filter_map(|packet| packet.via)
            .collect();
        ways.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    /// Waits until that time, and until all that was sent by then was answered or is lost.
    pub(crate) fn until(&self, time: Duration) {
        while self.now() < time + EVERY {
            pause(LOOK);
        }
    }

    /// Returns when the first packet was sent since then that came by this address.
    pub(crate) fn first_via(&self, public: Ipv4Addr, from: Duration) -> Option<Duration> {
        let log = locked(&self.log);
        let mut new = log.iter().skip_while(|packet| packet.sent < from);
        new.find(|packet| packet.via == Some(public))
            .map(|packet| packet.sent)
    }

    /// Waits until a packet sent from now on comes by this address; returns when it was sent.
    #[track_caller]
    pub(crate) fn until_via(&self, public: Ipv4Addr, limit: Duration) -> Duration {
        let from = self.now();
        loop {
            if let Some(sent) = self.first_via(public, from) {
                return sent;
            }
            let waited = self.now().saturating_sub(from);
            assert!(waited < limit, "nothing came by {public} within {limit:?}");
            pause(LOOK);
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers every packet with the packet and the address that it came from.
pub(super) fn echo(runtime: &Runtime, inet: &Space) {
    let socket = bound(inet, (SERVER, PORT).into());
    runtime.spawn(async move {
        let socket = UdpSocket::from_std(socket).unwrap();
        let mut packet = [0; 64];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            let mut answer = packet[..length].to_vec();
            if let SocketAddr::V4(from) = from {
                answer.extend(from.ip().octets());
            }
            // A sender that is gone needs no answer.
            let _ = socket.send_to(&answer, from).await;
        }
    });
}

async fn send(socket: std::net::UdpSocket, watch: Stopwatch, log: Log) {
    let socket = UdpSocket::from_std(socket).unwrap();
    for number in 0_u32.. {
        let sent = watch.elapsed();
        locked(&log).push(Packet { sent, via: None });
        // Where there is no way out, the kernel says so; the packet counts as lost.
        let _ = socket.send_to(&number.to_be_bytes(), (SERVER, PORT)).await;
        let next = EVERY * (number + 1);
        let rest = next.saturating_sub(watch.elapsed());
        let _ = timeout(rest, receive(&socket, &log)).await;
    }
}

/// Notes answers for as long as it is let.
async fn receive(socket: &UdpSocket, log: &Log) {
    let mut answer = [0; 64];
    loop {
        // An error here is the kernel's word on a packet sent before; that one has no answer.
        let Ok(8) = socket.recv(&mut answer).await else {
            continue;
        };
        let [number, address] = [0, 4].map(|at| answer[at..at + 4].try_into().unwrap_or([0; 4]));
        let number = u32::from_be_bytes(number) as usize;
        if let Some(packet) = locked(log).get_mut(number) {
            packet.via = Some(address.into());
        }
    }
}

fn bound(space: &Space, address: SocketAddr) -> std::net::UdpSocket {
    let socket = space.enter(|| std::net::UdpSocket::bind(address).unwrap());
    socket.set_nonblocking(true).unwrap();
    socket
}

fn locked(log: &Log) -> MutexGuard<'_, Vec<Packet>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
