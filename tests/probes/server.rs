//! Servers on the loopback interface.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

use hickory_proto::op::Message;

/// What a server does with a connection, once its request is read.
type Answer = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Speaks HTTP, one request a connection; ends with the test's process.
pub(crate) struct Server {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request with what `answer` says; never, where that is nothing.
    pub(crate) fn new(answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&requests), Arc::new(answer) as Arc<Answer>);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || serve(stream.unwrap(), &kept, &*answer));
            }
        });
        Self { address, requests }
    }

    /// Answers each request with this status and body.
    pub(crate) fn page(status: u16, body: &'static str) -> Self {
        Self::new(move |_| Some(page(status, body)))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

pub(crate) fn page(status: u16, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<String>>, answer: &Answer) {
    let request = request(&mut stream);
    kept.lock().unwrap().push(request.clone());
    match answer(&request) {
        Some(text) => drop(stream.write_all(text.as_bytes())),
        // Until the other side goes.
        None => drop(stream.read(&mut [0])),
    }
}

/// Reads head and body.
fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).unwrap_or(0);
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        let head = text.find("\r\n\r\n").map(|end| end + 4);
        let whole = head.is_some_and(|head| text.len() - head >= content_length(&text));
        if whole || length == 0 {
            return text;
        }
    }
}

fn content_length(request: &str) -> usize {
    let mut lines = request.lines();
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    length.unwrap_or(0)
}

/// A name server, which answers a question with what `answer` makes of it; not, where that is nothing.
pub(super) fn name_server(
    answer: impl Fn(&Message) -> Vec<Vec<u8>> + Send + 'static,
) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            for bytes in answer(&question) {
                socket.send_to(&bytes, from).unwrap();
            }
        }
    });
    address
}

/// Returns a port that nobody listens on.
pub(super) fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
