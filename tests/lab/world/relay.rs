//! AWS's address on the Internet: passes requests on to the emulator, and can be unwell.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::clock;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::agent::Agent;
use super::hosts::{AWS, HOSTS};
use super::space::Space;

/// How AWS answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Nothing is looked at.
    Throttled,
    /// Everything takes so much longer.
    Slow(Duration),
    /// Nobody has the right to one operation.
    Forbidden(&'static str),
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) host: &'static str,
    pub(crate) action: String,
    pub(crate) input: BTreeMap<String, String>,
    pub(crate) status: u16,
}

pub(super) struct Relay {
    upstream: SocketAddr,
    agent: Arc<Agent>,
    mood: Mutex<Mood>,
    seen: Mutex<Vec<Seen>>,
}

/// The first line and the headers, and what follows them.
struct Message {
    head: String,
    body: Vec<u8>,
}

impl Relay {
    pub(super) fn start(
        runtime: &Runtime,
        inet: &Space,
        upstream: SocketAddr,
        agent: Arc<Agent>,
    ) -> Arc<Self> {
        let relay = Arc::new(Self {
            upstream,
            agent,
            mood: Mutex::new(Mood::Well),
            seen: Mutex::default(),
        });
        let listener = inet.enter(|| std::net::TcpListener::bind((AWS, 80)).unwrap());
        listener.set_nonblocking(true).unwrap();
        runtime.spawn(Arc::clone(&relay).accept(listener));
        relay
    }

    pub(super) fn set(&self, mood: Mood) {
        *locked(&self.mood) = mood;
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        locked(&self.seen).clone()
    }

    async fn accept(self: Arc<Self>, listener: std::net::TcpListener) {
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((client, from)) = listener.accept().await {
            let relay = Arc::clone(&self);
            // A client that went away is its own affair.
            tokio::spawn(async move { relay.serve(client, host_at(from)).await });
        }
    }

    async fn serve(self: Arc<Self>, client: TcpStream, host: &'static str) -> io::Result<()> {
        client.set_nodelay(true)?;
        let mut client = BufReader::new(client);
        while let Some(request) = Message::read(&mut client).await? {
            let mood = *locked(&self.mood);
            let reply = match mood {
                Mood::Throttled => Message::refusal(503, "RequestLimitExceeded"),
                Mood::Forbidden(action) if action == request.action() => {
                    Message::refusal(403, "UnauthorizedOperation")
                }
                _ => self.pass(&request).await?,
            };
            let seen = Seen {
                host,
                action: request.action(),
                input: request.input(),
                status: reply.status(),
            };
            // Noted before a packet follows: who sees one moved finds the request that moved it.
            locked(&self.seen).push(seen);
            self.follow(&request).await?;
            if let Mood::Slow(delay) = mood {
                clock::sleep(delay).await;
            }
            reply.write(&mut client).await?;
            if request.is_last() {
                break;
            }
        }
        Ok(())
    }

    async fn pass(&self, request: &Message) -> io::Result<Message> {
        let mut emulator = BufReader::new(TcpStream::connect(self.upstream).await?);
        emulator.get_ref().set_nodelay(true)?;
        request.write(&mut emulator).await?;
        let reply = Message::read(&mut emulator).await?;
        reply.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Whoever has the reply finds the packets on their new way.
    async fn follow(&self, request: &Message) -> io::Result<()> {
        if moves_packets(&request.action()) {
            let agent = Arc::clone(&self.agent);
            tokio::task::spawn_blocking(move || agent.apply()).await?;
        }
        Ok(())
    }
}

fn moves_packets(action: &str) -> bool {
    let is_read = action.starts_with("Describe");
    !is_read && (action.contains("Route") || action.contains("Instance"))
}

impl Message {
    async fn read(from: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if from.read_line(&mut head).await? == 0 {
                return Ok(None);
            }
        }
        let mut body = vec![0; length(&head)];
        from.read_exact(&mut body).await?;
        Ok(Some(Self { head, body }))
    }

    /// Returns EC2's way to say no.
    fn refusal(status: u16, code: &str) -> Self {
        let body = format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>said in the lab</Message></Error></Errors>\
             <RequestID>lab</RequestID></Response>"
        );
        let head = format!(
            "HTTP/1.1 {status} No\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Self {
            head,
            body: body.into_bytes(),
        }
    }

    async fn write(&self, to: &mut BufReader<TcpStream>) -> io::Result<()> {
        to.write_all(self.head.as_bytes()).await?;
        to.write_all(&self.body).await?;
        to.flush().await
    }

    fn input(&self) -> BTreeMap<String, String> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    fn action(&self) -> String {
        self.input().remove("Action").unwrap_or_default()
    }

    /// Whether the connection ends with the reply.
    fn is_last(&self) -> bool {
        let first = self.head.lines().next();
        first.is_some_and(|line| line.ends_with("HTTP/1.0"))
    }

    fn status(&self) -> u16 {
        let status = self.head.split(' ').nth(1);
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }
}

fn length(head: &str) -> usize {
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = headers.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = lengths
        .next()
        .and_then(|(_, length)| length.trim().parse().ok());
    length.unwrap_or(0)
}

fn host_at(address: SocketAddr) -> &'static str {
    let mut hosts = HOSTS.iter();
    let found = hosts.find(|host| host.public.is_some_and(|public| address.ip() == public));
    found.map_or("somebody else", |host| host.name)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
