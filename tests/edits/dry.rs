//! A forecast changes nothing: no entry, no call but reads, and it comes to an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base::exit::Exit;
use base::report::Report;
use journal::{Journal, StateDir};
use knowledge::Effect;
use models::call::{Call, Failure, Reply};
use probe::{Prober, Unlooked};
use run::cancel::Cancel;
use run::cloud::{Cloud, Doubt, Found};
use run::forecast::{Forecast, Limits, Question, forecast};
use script::sources::Library;
use serde_json::{Value, json};

use super::{END, GATEWAY, SUBNET, VPC, book, failed, network, only_reads};
use crate::harness::Test;

/// Answers reads with nothing; anything else breaks the test off.
#[derive(Clone, Default)]
struct Guard {
    reads: Arc<AtomicUsize>,
    /// Types Ctrl-C during the read of this number.
    interrupts: Option<(usize, Cancel)>,
}

impl Prober for Guard {
    fn look(&self, _: &probe::Question) -> Result<Value, Unlooked> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        Ok(json!({"ok": true}))
    }
}

impl Cloud for Guard {
    fn call(&self, call: &Call) -> Result<Reply, Failure> {
        assert!(
            call.operation.starts_with("describe_"),
            "{} goes out",
            call.operation
        );
        let number = self.reads.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some((_, cancel)) = self.interrupts.iter().find(|(at, _)| *at == number) {
            cancel.set();
        }
        Ok(Reply {
            output: json!({"vpcs": []}),
            request_id: None,
        })
    }

    fn context(&self, effect: &Effect, _: &Value) -> Result<Option<Value>, Failure> {
        panic!("{} is about to go out", effect.operation)
    }

    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        panic!("{} is looked up", doubt.effect.operation)
    }

    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        panic!("{} is looked up again", doubt.effect.operation)
    }
}

fn asked(test: &Test, guard: &Guard) -> Result<Forecast, Report> {
    within(Limits::default(), test, guard)
}

fn within(limits: Limits, test: &Test, guard: &Guard) -> Result<Forecast, Report> {
    let state_dir = StateDir::find(Some(&test.state_dir())).unwrap();
    let journal = Journal::open(&state_dir, &state_dir.ids().unwrap()[0]).unwrap();
    let edited = Library::load(&test.path("book.rhai"), &[]).unwrap();
    let cancel = guard.interrupts.as_ref().map(|(_, cancel)| cancel.clone());
    forecast(Question {
        journal: &journal,
        state_dir,
        edited: &edited,
        files: Library::pinned(&journal.sources()).changes(&edited),
        params: json!({}),
        cloud: Ok(Some(Box::new(guard.clone()))),
        prober: Arc::new(guard.clone()),
        cancel: cancel.unwrap_or_default(),
        limits,
    })
}

/// Everything that could go out: new effects, changed ones, refused ones, those of waits and retries.
const LIVELY: &str = r#"
    ec2::create_vpc(#{cidr_block: "10.0.0.0/20"});
    ec2::create_vpc(#{cidr_block: "10.9.0.0/16"});
    try { ec2::delete_vpc(#{vpc_id: "vpc-0123456789abcdef0"}); } catch {}
    run::retry("refused", #{attempts: 3}, || ec2::delete_vpc(#{vpc_id: "vpc-1"}));
    run::parallel(#{a: || ec2::create_internet_gateway(), b: || ec2::describe_vpcs()});
    ec2::wait_vpc_available(#{vpc_ids: ["vpc-0123456789abcdef0"]});
    run::wait_until("there", #{every: "1s"}, || ec2::describe_vpcs().vpcs.len() > 0);
"#;

#[test]
fn nothing_but_reads_goes_out() {
    let begun = r#"
        ec2::create_vpc(#{cidr_block: "10.0.0.0/16"});
        run::retry("refused", #{attempts: 1}, || ec2::delete_vpc(#{vpc_id: "vpc-0123456789abcdef0"}));"#;
    let test = failed(Test::new().aws(), begun);
    let (entries, requests) = (test.journal(), test.requests());
    test.write("book.rhai", &book(&format!("{LIVELY}\n{END}")));
    let guard = Guard::default();
    let told = asked(&test, &guard).unwrap();
    assert_eq!(guard.reads.load(Ordering::SeqCst), 1);
    let changed: Vec<&str> = told
        .changed_input
        .iter()
        .map(|changed| changed.key.as_str())
        .collect();
    assert_eq!(changed, ["ec2.create_vpc"]);
    let again: Vec<&str> = told
        .tried_again
        .iter()
        .map(|again| again.key.as_str())
        .collect();
    assert_eq!(again, ["refused", "refused/ec2.delete_vpc"]);
    assert_eq!((test.journal(), test.requests()), (entries, requests));
}

/// Through the command line, against the emulator.
#[test]
fn aws_sees_nothing_but_reads() {
    let test = network();
    let before = test.census();
    let sent = test.requests().as_array().unwrap().len();
    test.write(
        "book.rhai",
        &book(&format!("{LIVELY}\n{VPC}\n{GATEWAY}\n{SUBNET}\n{END}")),
    );
    super::explained(&test);
    only_reads(&test, sent);
    assert_eq!(test.census(), before);
}

#[test]
fn a_script_without_end_is_told_as_far_as_it_got() {
    let test = network();
    test.write(
        "book.rhai",
        &book(&format!("{VPC}\nloop {{ ec2::describe_vpcs(); }}\n{END}")),
    );
    let guard = Guard::default();
    let told = asked(&test, &guard).unwrap();
    assert_eq!(guard.reads.load(Ordering::SeqCst), 500);
    let error = told.untold[0].error.as_deref();
    assert_eq!(error, Some("the forecast takes more than 500 reads"));
    let kept: Vec<&str> = told.untold[0]
        .recorded
        .iter()
        .map(|row| row.key.as_str())
        .collect();
    assert_eq!(kept, ["check"]);
    let gone: Vec<&str> = told
        .orphaned
        .iter()
        .map(|orphan| orphan.key.as_str())
        .collect();
    assert_eq!(gone, ["make the subnet"]);
}

#[test]
fn a_script_that_takes_too_long_is_told_as_far_as_it_got() {
    let test = network();
    test.write("book.rhai", &book(&format!("{VPC}\nloop {{}}\n{END}")));
    let limits = Limits {
        time: Duration::ZERO,
        ..Limits::default()
    };
    let told = within(limits, &test, &Guard::default()).unwrap();
    let error = told.untold[0].error.as_deref();
    assert_eq!(error, Some("the forecast takes longer than 0s"));
}

#[test]
fn ctrl_c_ends_it_at_once() {
    let test = network();
    test.write(
        "book.rhai",
        &book(&format!(
            "{VPC}\nfor i in 0..100 {{ try {{ ec2::describe_vpcs(); }} catch {{}} }}\n{END}"
        )),
    );
    let guard = Guard {
        interrupts: Some((3, Cancel::default())),
        ..Guard::default()
    };
    let report = asked(&test, &guard).unwrap_err();
    assert_eq!(
        (report.exit, report.message.as_str()),
        (Exit::Interrupted, "interrupted; nothing was done")
    );
    assert_eq!(guard.reads.load(Ordering::SeqCst), 3);
}

#[test]
fn the_network_and_the_host_are_looked_at_as_they_are() {
    let test = network();
    let looks = r#"let up = probe::ping("127.0.0.1").ok && probe::any(["127.0.0.1"]).ok; let host = host::ip_forward();
        if !up { throw "the forecast does not look"; }"#;
    let post = r#"http::post(#{url: "http://127.0.0.1:1/"});"#;
    test.write(
        "book.rhai",
        &book(&format!("{VPC}\n{looks}\n{post}\n{END}")),
    );
    let guard = Guard::default();
    let told = asked(&test, &guard).unwrap();
    assert_eq!(guard.reads.load(Ordering::SeqCst), 3);
    let new: Vec<&str> = told.new.iter().map(|row| row.key.as_str()).collect();
    assert!(new.contains(&"http.post"), "{new:?}");
    assert!(
        told.untold.iter().all(|untold| untold.error.is_none()),
        "{:?}",
        told.untold
    );
}
