//! One client's requests, one after the other.

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::TcpStream;

use super::fault::Fault;
use super::ledger::Ledger;
use super::message::{Message, invalid};
use super::name::Name;
use super::refusal;

/// Asks the emulator to answer reads from before this request, for so many seconds.
const STALE: &str = "X-Rehearse-Stale";

type Client = BufReader<TcpStream>;

pub(super) async fn serve(client: TcpStream, upstream: SocketAddr, ledger: Arc<Ledger>) {
    // Replies are written at once and must not wait for the acknowledgement of the one before.
    let _ = client.set_nodelay(true);
    let mut client = BufReader::new(client);
    while let Ok(Some(request)) = Message::read(&mut client).await {
        let fault = ledger.note(Name::of(&request));
        let done = match fault {
            None => pass(&mut client, upstream, &request).await,
            Some(fault) => spoil(&mut client, upstream, request, fault).await,
        };
        if !matches!(done, Ok(ControlFlow::Continue(()))) {
            break;
        }
    }
}

type Done = io::Result<ControlFlow<()>>;

async fn pass(client: &mut Client, upstream: SocketAddr, request: &Message) -> Done {
    answer(client, &forward(upstream, request).await?).await
}

async fn answer(client: &mut Client, reply: &Message) -> Done {
    reply.write(client).await?;
    Ok(ControlFlow::Continue(()))
}

async fn spoil(
    client: &mut Client,
    upstream: SocketAddr,
    mut request: Message,
    fault: Fault,
) -> Done {
    if let Some(lag) = fault.stale() {
        request.set(STALE, lag.as_secs_f64().to_string());
    }
    match fault {
        Fault::Throttled => return answer(client, &refusal::throttled(&request)).await,
        Fault::ErrorBefore => return answer(client, &refusal::internal(&request)).await,
        Fault::ResetBefore => return reset(client),
        Fault::Late => hung_up(client).await,
        _ => {}
    }
    let mut reply = forward(upstream, &request).await?;
    match fault {
        Fault::ErrorAfter => reply = refusal::internal(&request),
        Fault::UnavailableAfter => reply = refusal::unavailable(),
        Fault::Garbage => reply = garbage(),
        Fault::ResetAfter => return reset(client),
        Fault::Delayed => hung_up(client).await,
        Fault::Truncated => reply.truncate(),
        _ => {}
    }
    match fault {
        Fault::Dropped | Fault::DroppedStale(_) | Fault::Delayed | Fault::Late => {
            Ok(ControlFlow::Break(()))
        }
        Fault::Truncated => answer(client, &reply).await.map(|_| ControlFlow::Break(())),
        _ => answer(client, &reply).await,
    }
}

/// A page that a captive portal or a proxy on the way would show.
fn garbage() -> Message {
    Message::reply(200, "text/html", "<html><body>Please sign in".into())
}

/// Closing a socket that does not linger sends a reset instead of an end.
fn reset(client: &mut Client) -> Done {
    client.get_ref().set_zero_linger()?;
    Ok(ControlFlow::Break(()))
}

/// Waits until the caller has given up.
async fn hung_up(client: &mut Client) {
    let mut rest = [0; 512];
    while client.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}

async fn forward(upstream: SocketAddr, request: &Message) -> io::Result<Message> {
    let mut stream = BufReader::new(TcpStream::connect(upstream).await?);
    stream.get_ref().set_nodelay(true)?;
    request.write(&mut stream).await?;
    let reply = Message::read(&mut stream).await?;
    reply.ok_or_else(|| invalid("no reply from the emulator"))
}
