//! Ctrl-C while an undo looks around, at each of its requests.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{Ended, Test, emulator};

const BOOK: &str = r#"
import "aws/ec2" as ec2;

fn main(params) { ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}).vpc.cidr_block }
"#;

/// Passes requests on to the emulator, save for one that it holds.
struct Relay {
    endpoint: String,
    /// Requests until the one that is held.
    left: Arc<AtomicUsize>,
    /// What is open while a request is held.
    held: Receiver<TcpStream>,
}

impl Relay {
    fn start(test: &Test) -> Self {
        let upstream = emulator(test.account()).endpoint();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let (holder, held) = channel();
        let counted = Arc::clone(&left);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (counted, holder) = (Arc::clone(&counted), holder.clone());
                let upstream = upstream.clone();
                thread::spawn(move || relay(client, &upstream, &counted, &holder));
            }
        });
        Self {
            endpoint,
            left,
            held,
        }
    }
}

fn relay(mut client: TcpStream, upstream: &str, left: &AtomicUsize, holder: &Sender<TcpStream>) {
    let mut upstream = TcpStream::connect(upstream.trim_start_matches("http://")).unwrap();
    let (mut from, mut to) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        // Either side may be gone first.
        std::io::copy(&mut from, &mut to).ok();
        to.shutdown(Shutdown::Both).ok();
    });
    let mut bytes = [0; 16 << 10];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..count]);
        // Who is calling is asked before anything is looked at.
        let counts = text.starts_with("POST ") && !text.contains("/sts/aws4_request");
        if counts && left.fetch_sub(1, Ordering::SeqCst) == 1 {
            drop(holder.send(client));
            return;
        }
        if upstream.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

#[test]
fn ctrl_c_during_a_look_is_no_failure() {
    let test = Test::new().aws();
    let relay = Relay::start(&test);
    let test = test.env("AWS_ENDPOINT_URL", &relay.endpoint);
    test.write("book.rhai", BOOK);
    test.runbook(&["run", "book.rhai"]).code(0);
    let mut looks = 0;
    loop {
        relay.left.store(looks + 1, Ordering::SeqCst);
        let undo = test.spawn(&["undo", "last", "--plan"]);
        let pid = Pid::from_child(&undo);
        let (ended, over) = channel();
        thread::spawn(move || ended.send(Ended::from(undo.wait_with_output().unwrap())));
        // Whichever comes first: the request, or the end of a plan that made fewer.
        let held = loop {
            if let Ok(held) = relay.held.try_recv() {
                break held;
            }
            if let Ok(ended) = over.try_recv() {
                ended.code(0);
                assert!(looks > 3, "{looks} looks");
                return;
            }
            thread::yield_now();
        };
        kill_process(pid, Signal::INT).unwrap();
        let ended = over.recv().unwrap().code(130);
        assert!(ended.stderr.contains("interrupted"), "{}", ended.stderr);
        drop(held);
        looks += 1;
    }
}
