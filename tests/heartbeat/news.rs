//! People are told, at least once, whatever the notifiers do.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use super::world::World;

const PROGRAM: &str =
    "#!/bin/sh\n[ -e broken ] && exit 1\n{ echo \"$RUNBOOK_NEWS_ID\"; cat; } >> news\n";

fn news(world: &World) -> String {
    std::fs::read_to_string(world.test.path("news")).unwrap_or_default()
}

/// A world with a notifier that is a script, broken while there is a file `broken`.
fn with_program() -> World {
    let world = World::new();
    world.test.write("page", PROGRAM);
    world.site(
        "notify = [{ command = [\"sh\", \"page\"] }, { command = [\"tee\", \"other\"] }]",
        "",
    );
    world
}

#[test]
fn a_broken_notifier_holds_up_neither_the_tick_nor_the_other_and_is_tried_again() {
    let world = with_program();
    world.test.write("broken", "");
    world.stop(&world.nat_c);
    let ended = world.decides("take");
    assert!(
        ended.stderr.contains("cannot deliver news to sh"),
        "{}",
        ended.stderr
    );
    let other = std::fs::read_to_string(world.test.path("other")).unwrap();
    assert!(other.contains("took over the default route"), "{other}");
    // Next tick at once, then after 10 s, then after 20 s.
    for (pause, runs) in [(1.0, 2), (1.0, 2), (8.0, 2), (1.5, 3), (15.0, 3), (6.0, 4)] {
        world.pass(pause);
        world.decides("kept");
        assert_eq!(world.test.runs().len(), runs, "after {pause}");
    }
    std::fs::remove_file(world.test.path("broken")).unwrap();
    world.pass(40.0);
    world.decides("kept");
    world.pass(400.0);
    world.decides("kept");
    let news = news(&world);
    assert_eq!(
        news.matches("took over the default route").count(),
        1,
        "{news}"
    );
    assert_eq!(world.test.runs().len(), 5);
}

#[test]
fn the_news_bear_an_id_that_the_program_and_the_text_share() {
    let world = with_program();
    world.stop(&world.nat_c);
    world.decides("take");
    let news = news(&world);
    let id = news.lines().next().unwrap();
    assert_eq!(id.len(), 36, "{news}");
    assert!(news.contains(&format!("news {id}")), "{news}");
}

#[test]
fn a_webhook_gets_json() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut got = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let read = stream.read(&mut buffer).unwrap();
            got.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&got).to_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let (_, length) = head.split_once("content-length: ").unwrap();
            if body.len() >= length.lines().next().unwrap().parse().unwrap() {
                break;
            }
        }
        write!(
            stream,
            "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let text = String::from_utf8(got).unwrap();
        text.split_once("\r\n\r\n").unwrap().1.to_owned()
    });
    world.site(&format!("notify = [{{ webhook = \"{url}\" }}]"), "");
    world.stop(&world.nat_c);
    world.decides("take");
    let body: serde_json::Value = serde_json::from_str(&server.join().unwrap()).unwrap();
    assert_eq!(body["fields"]["decision"], "take");
    assert_eq!(body["fields"]["from"], world.nat_c);
    assert_eq!(body["fields"]["to"], world.nat_a);
    assert!(
        body["subject"]
            .as_str()
            .unwrap()
            .starts_with("NAT failover: MyVPC private segment AZ2")
    );
    assert_eq!(body["id"], body["fields"]["id"]);
}

#[test]
fn a_self_test_that_turns_is_news_both_ways() {
    let world = with_program();
    let off = [("RUNBOOK_HOST_IP_FORWARD", "false")];
    for _ in 1..=2 {
        world.tick_with(&off).code(0);
    }
    world.decides("healthy");
    world.decides("healthy");
    let news = news(&world);
    assert_eq!(
        news.matches("takes no route: ip_forward is off").count(),
        1,
        "{news}"
    );
    assert_eq!(news.matches("can serve routes again").count(), 1, "{news}");
}

#[test]
fn a_topic_gets_a_subject_that_it_takes() {
    let world = World::new();
    world.test.write(
        "topic.rhai",
        "import \"aws/sns\" as sns;\nfn main(params) { sns::create_topic(#{name: \"nat\"}).topic_arn }",
    );
    let topic = world.test.runbook(&["run", "topic.rhai"]).code(0).json();
    let name = format!("Privat, Ü {}", "long ".repeat(30));
    let table = &world.private_c;
    let value: String = form_urlencoded::byte_serialize(name.trim().as_bytes()).collect();
    world.ec2(&format!(
        "CreateTags&ResourceId.1={table}&Tag.1.Key=Name&Tag.1.Value={value}"
    ));
    let zone = format!("private_table = \"{}\"\n", name.trim());
    world.site(&format!("notify = [{{ sns_topic = {topic} }}]"), &zone);
    world.stop(&world.nat_c);
    let ended = world.decides("take");
    assert!(
        !ended.stderr.contains("cannot deliver news"),
        "{}",
        ended.stderr
    );
    let published = world.ours("Publish");
    assert_eq!(published.len(), 1);
    assert_eq!(published[0]["status"], 200);
}
