//! `probe::dns`

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, TXT};
use hickory_proto::rr::{RData, Record};
use serde_json::json;

use super::server::name_server;
use super::{answer, caught};

fn reply(question: &Message) -> Message {
    let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
    reply.add_queries(question.queries.clone());
    reply
}

fn with(question: &Message, data: RData) -> Message {
    let mut reply = reply(question);
    let name = question.queries[0].name().clone();
    reply.add_answer(Record::from_rdata(name, 60, data));
    reply
}

fn address(question: &Message) -> Message {
    with(question, RData::A(A::new(192, 0, 2, 80)))
}

#[test]
fn the_server_is_asked_directly() {
    let server = name_server(|question| vec![address(question).to_vec().unwrap()]);
    let found = answer(&format!(
        r#"[probe::dns("www.example.com", #{{server: "{server}"}}), probe::dns("www.example.com", #{{server: "{server}", type: "AAAA"}})]"#
    ));
    assert_eq!(found[0]["ok"], true, "{found}");
    assert_eq!(found[0]["answers"], json!(["192.0.2.80"]));
    assert_eq!(found[0]["address"], server.to_string());
    assert_eq!(found[1]["error"], "there is no AAAA record");
    assert_eq!(found[1]["ok"], false);
}

#[test]
fn other_types_are_asked_for_by_name() {
    let server = name_server(|question| {
        let text = RData::TXT(TXT::new(vec!["hello".into()]));
        vec![with(question, text).to_vec().unwrap()]
    });
    let found = answer(&format!(
        r#"probe::dns("example.com", #{{server: "{server}", type: "TXT"}})"#
    ));
    assert_eq!(found["answers"], json!(["hello"]), "{found}");
}

#[test]
fn a_refusal_is_a_result_in_the_servers_words() {
    let server = name_server(|question| {
        let mut refusal = reply(question);
        refusal.metadata.response_code = ResponseCode::ServFail;
        vec![refusal.to_vec().unwrap()]
    });
    let found = answer(&format!(
        r#"probe::dns("example.com", #{{server: "{server}"}})"#
    ));
    assert_eq!(
        found["error"], "the server answered Server Failure",
        "{found}"
    );
}

#[test]
fn answers_to_other_questions_do_not_count() {
    // A forger guesses the number, another asks for something else, a third sends rubbish.
    let server = name_server(|question| {
        let mut other = address(question);
        other.metadata.id = question.metadata.id.wrapping_add(1);
        let mut unasked = address(question);
        unasked.queries.clear();
        vec![
            other.to_vec().unwrap(),
            unasked.to_vec().unwrap(),
            vec![1, 2, 3],
        ]
    });
    let found = answer(&format!(
        r#"probe::dns("example.com", #{{server: "{server}", timeout: "200ms"}})"#
    ));
    assert_eq!(found["error"], "no answer within 200ms", "{found}");
}

#[test]
fn a_lost_datagram_is_sent_again() {
    let seen = std::sync::atomic::AtomicUsize::new(0);
    let server = name_server(move |question| {
        if seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            return Vec::new();
        }
        vec![address(question).to_vec().unwrap()]
    });
    let found = answer(&format!(
        r#"probe::dns("example.com", #{{server: "{server}", timeout: "900ms"}})"#
    ));
    assert_eq!(found["ok"], true, "{found}");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    for call in [
        r#"probe::dns("a.example", #{server: "ns.example"})"#,
        r#"probe::dns("a.example", #{type: "ADDRESS"})"#,
        r#"probe::dns("a..example")"#,
        r#"probe::any(["dns:a.example@nowhere"])"#,
    ] {
        assert_eq!(caught(call)["code"], "InvalidArgument", "{call}");
    }
}
