//! The emulator's reads that lag behind a request, and what it keeps of accounts.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use rehearse::{Emulator, Options};

use crate::harness::{emulator, new_account, provisioned};

const CREATE: &str = "Action=CreateVpc&CidrBlock=10.0.0.0%2F16";
const DESCRIBE: &str = "Action=DescribeVpcs";

/// An account of an emulator, as a client that signs nothing sees it.
struct Caller {
    endpoint: String,
    account: String,
}

impl Caller {
    fn new() -> Self {
        let account = new_account();
        let endpoint = emulator(&account).endpoint();
        Self { endpoint, account }
    }

    /// Returns another account of the same emulator.
    fn neighbour(&self) -> Self {
        Self {
            endpoint: self.endpoint.clone(),
            account: new_account(),
        }
    }

    fn of(emulator: &Emulator) -> Self {
        Self {
            endpoint: emulator.endpoint(),
            account: new_account(),
        }
    }

    fn ask(&self, body: &str, stale: Option<f64>) -> String {
        let address = self.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let credential = format!("{}/20261121/us-east-1/ec2/aws4_request", self.account);
        let stale = stale
            .map(|lag| format!("X-Rehearse-Stale: {lag}\r\n"))
            .unwrap_or_default();
        let request = format!(
            "POST / HTTP/1.0\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 Credential={credential}, Signature=0\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{stale}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(" 200 OK"), "{answer}");
        answer
    }

    /// Returns how many VPCs a read shows; a fresh account has one.
    fn vpcs(&self) -> usize {
        self.ask(DESCRIBE, None).matches("<vpcId>").count()
    }
}

/// Returns the processes that snapshots of this emulator are.
fn snapshots(emulator: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let ids = processes.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    ids.filter(|id| parent(*id) == Some(emulator)).collect()
}

fn parent(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(1)?.parse().ok()
}

fn is_running(process: u32) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Starts an emulator that no other test asks; returns it with its process.
fn own() -> (Emulator, u32) {
    let emulator = rehearse::start(provisioned(), &Options { pace: 0.0 }).unwrap();
    let id = emulator.id();
    (emulator, id)
}

#[test]
fn reads_show_the_account_as_it_was_and_other_accounts_as_they_are() {
    let caller = Caller::new();
    let other = caller.neighbour();
    assert_eq!(caller.vpcs(), 1);
    caller.ask(CREATE, Some(3600.0));
    caller.ask(CREATE, None);
    assert_eq!(caller.vpcs(), 1);
    other.ask(CREATE, None);
    assert_eq!(other.vpcs(), 2);
    // What was done is there: only reads lag.
    let census = emulator(&caller.account).census(&caller.account).unwrap();
    let vpcs = census
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "vpc");
    assert_eq!(vpcs.count(), 2);
    emulator(&caller.account).reset(&caller.account).unwrap();
}

#[test]
fn the_oldest_lag_decides() {
    let caller = Caller::new();
    caller.ask(CREATE, Some(3600.0));
    caller.ask(CREATE, Some(3600.0));
    assert_eq!(caller.vpcs(), 1);
    emulator(&caller.account).reset(&caller.account).unwrap();
    caller.ask(CREATE, None);
    assert_eq!(caller.vpcs(), 2);
    emulator(&caller.account).reset(&caller.account).unwrap();
}

#[test]
fn when_a_lag_is_over_the_next_one_decides() {
    let caller = Caller::new();
    caller.ask(CREATE, Some(0.0));
    caller.ask(CREATE, Some(3600.0));
    assert_eq!(caller.vpcs(), 2);
    emulator(&caller.account).reset(&caller.account).unwrap();
}

/// A matrix has hundreds of accounts, one after the other, and each takes megabytes.
#[test]
fn the_memory_of_emptied_accounts_is_free_again() {
    let (emulator, id) = own();
    let use_up = |accounts: u32| {
        for _ in 0..accounts {
            let caller = Caller::of(&emulator);
            caller.ask(CREATE, None);
            emulator.reset(&caller.account).unwrap();
        }
    };
    use_up(10);
    let before = resident(id);
    use_up(60);
    let grown = resident(id).saturating_sub(before);
    assert!(grown < 60_000, "{grown} kB more for 60 accounts");
}

/// Returns how much memory a process has, in kB.
fn resident(process: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let (_, rest) = status.split_once("VmRSS:").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn lags_of_many_callers_at_once_do_not_meet() {
    let (emulator, id) = own();
    thread::scope(|threads| {
        for _ in 0..6 {
            let caller = Caller::of(&emulator);
            threads.spawn(move || {
                for made in 0..5 {
                    caller.ask(CREATE, Some(0.05));
                    let mut seen = caller.vpcs();
                    while seen == 1 + made {
                        seen = caller.vpcs();
                    }
                    assert_eq!(seen, 2 + made);
                }
            });
        }
    });
    let caller = Caller::of(&emulator);
    while !snapshots(id).is_empty() {
        caller.vpcs();
    }
}

#[test]
fn snapshots_end_with_the_emulator_however_it_ends() {
    let (emulator, id) = own();
    let caller = Caller::of(&emulator);
    caller.ask(CREATE, Some(3600.0));
    caller.ask(CREATE, Some(3600.0));
    let held = snapshots(id);
    assert_eq!(held.len(), 2);
    // It is killed, not asked to end.
    drop(emulator);
    while held.iter().any(|process| is_running(*process)) {
        thread::yield_now();
    }
}
