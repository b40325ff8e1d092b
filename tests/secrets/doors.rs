//! Each way out has the secret, and nothing else has.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::scene::Scene;

const BOOK: &str = r#"
//! Sends secrets off.
import "aws/ec2" as ec2;

const PARAMS = #{
    given: #{type: "secret", required: true, help: "what is sent"},
    absent: #{type: "secret"},
    ends: #{type: "string", value: "well"},
};

fn main(params) {
    if params.absent != () || params.given == () { throw "wrong"; }
    let in_env = secret::env("CANARY");
    let in_file = secret::file("FILE");
    let vpc = run::step("a VPC", || {
        let tag = #{key: "secret", value: "x " + params.given};
        ec2::create_vpc(#{cidr_block: "10.0.0.0/16", tag_specifications: [#{resource_type: "vpc", tags: [tag]}]}).vpc.vpc_id
    });
    log::info(`tags ${ec2::describe_vpcs(#{vpc_ids: [vpc]}).vpcs[0].cidr_block}`);
    let ran = command::run(#{
        program: "sh",
        arguments: ["-c", "read -r LINE; test \"$P\" = \"$LINE\" && echo \"out $P\" && echo \"err $P\" >&2; env >&2"],
        environment: #{P: in_env},
        input: in_env + "\n",
    });
    log::info(`it said ${ran.stdout}`);
    let answered = http::post(#{
        url: "URL",
        headers: #{"x-key": `Bearer ${in_file}`},
        body: #{given: ["<" + params.given + ">"]},
    });
    log::info(`it answered ${answered.body}`);
    let kept = run::step("a value", || #{secret: in_file + "!"});
    http::post(#{url: "URL", body: kept.secret});
    try {
        ec2::create_vpc(#{cidr_block: in_env});
    } catch (error) {
        log::warn(`refused: ${error.message}`);
    }
    try {
        command::run(#{program: "sh", arguments: ["-c", "echo \"$P\" >&2; exit 3"], environment: #{P: in_file}});
    } catch (error) {
        log::warn(`failed: ${error.message} ${error.stderr}`);
    }
    try { throw `thrown ${in_env}`; } catch (error) { run::step("after", || true); }
    if params.ends == "badly" {
        ec2::create_vpc(#{cidr_block: in_file});
    }
    if params.ends == "thrown" {
        throw `this is ${in_env}`;
    }
    kept
}
"#;

const RUN: [&str; 4] = ["run", "book.rhai", "--set", "given=env:GIVEN"];

#[test]
fn the_other_side_gets_the_secret_and_the_record_a_reference() {
    let scene = Scene::new(BOOK);
    scene.runbook(&RUN).code(0);
    let requests = scene.server.requests();
    let [param, file] = ["param", "file"].map(|kind| scene.canary(kind));
    assert!(
        requests[0].contains(&format!("x-key: Bearer {file}")),
        "{}",
        requests[0]
    );
    let (_, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["given"][0], format!("<{param}>"));
    assert!(
        requests[1].ends_with(&format!("{file}!")),
        "{}",
        requests[1]
    );
    assert!(
        scene
            .test
            .census()
            .to_string()
            .contains(&format!("x {param}").replace('"', "\\\""))
    );

    let shown = scene.runbook(&["show", "last", "--output", "json"]).stdout;
    assert!(shown.contains("(secret env:GIVEN)"), "{shown}");
    let logged = scene.runbook(&["logs", "last"]).stdout;
    for text in [
        "it said out (secret env:CANARY)",
        "refused: Value ((secret env:CANARY))",
        "failed: `sh` ended with exit code 3: (secret file:",
    ] {
        assert!(logged.contains(text), "{text} is not in {logged}");
    }
    scene.looked_at();
    scene.is_clean();
}

#[test]
fn a_run_that_fails_shows_no_secret_whatever_the_output_is() {
    for ends in ["ends=badly", "ends=thrown"] {
        for output in ["human", "json", "syslog"] {
            let scene = Scene::new(BOOK);
            let args = [&RUN[..], &["--set", ends, "--output", output]].concat();
            let ended = scene.runbook(&args).code(1);
            assert!(format!("{}{}", ended.stdout, ended.stderr).contains("(secret "));
            scene.looked_at();
            scene.is_clean();
        }
    }
}

#[test]
fn what_only_looks_shows_none_and_makes_no_key() {
    let scene = Scene::new(BOOK);
    let dry = scene.runbook(&[&RUN[..], &["--dry-run"]].concat()).code(0);
    assert!(format!("{}{}", dry.stdout, dry.stderr).contains("(secret env:GIVEN)"));
    scene
        .runbook(&["plan", "--policy", "book.rhai", "--set", "given=env:GIVEN"])
        .code(0);
    scene
        .runbook(&["check", "book.rhai", "--set", "given=env:GIVEN"])
        .code(0);
    assert!(!scene.test.state_dir().exists());
    std::fs::create_dir(scene.test.state_dir()).unwrap();
    scene.is_clean();
}

#[test]
fn a_live_run_has_the_secret_in_no_arguments_and_in_no_environment_but_the_programs() {
    let scene = Scene::new(
        r#"
        //! Waits with a secret.
        fn main(params) {
            let in_file = secret::file("FILE");
            let waits = "read -r LINE; : > begun; sleep 600";
            command::run(#{program: "sh", arguments: ["-c", waits], input: in_file + "\n", timeout: "20m"});
        }"#,
    );
    let begun = scene.test.path("begun");
    let made = Command::new("mkfifo").arg(&begun).status().unwrap();
    assert!(made.success());
    let live = scene.test.live(&["run", "book.rhai"], "run ");
    assert!(std::fs::read(&begun).unwrap().is_empty());
    let mut commands = 0;
    for process in processes_of(begun.parent().unwrap()) {
        let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
        scene.is_not_in("a command line", &command);
        commands += usize::from(command.starts_with(b"sh\0") || command.starts_with(b"sleep\0"));
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment);
        // The others were given to the run in its environment.
        let (_, digits) = scene.canary("file").rsplit_once('-').unwrap();
        assert!(!environment.contains(digits));
    }
    assert!(commands > 0);
    drop(live);
    scene.looked_at();
    scene.is_clean();
}

/// Returns the folders in `/proc` of the processes that have this one as their home.
fn processes_of(home: &Path) -> Vec<PathBuf> {
    let home = format!("HOME={}\0", home.display());
    let entries = Path::new("/proc").read_dir().unwrap();
    let processes = entries.map(|entry| entry.unwrap().path());
    let is_at_home = |process: &PathBuf| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&home)
    };
    processes.filter(is_at_home).collect()
}

#[test]
fn the_key_of_the_digests_is_for_its_owner_and_the_same_for_all_runs() {
    use std::os::unix::fs::MetadataExt;
    let scene = Scene::new(
        "//! Posts.\nfn main(params) { http::post(#{url: \"URL\", body: secret::env(\"CANARY\")}); }",
    );
    let key = scene.test.state_dir().join("secret.key");
    scene.runbook(&["run", "book.rhai"]).code(0);
    let made = std::fs::read(&key).unwrap();
    assert_eq!(
        (made.len(), std::fs::metadata(&key).unwrap().mode() & 0o7777),
        (32, 0o600)
    );
    scene.runbook(&["run", "book.rhai"]).code(0);
    assert_eq!(std::fs::read(&key).unwrap(), made);
    let recorded = scene.test.runs().into_iter().map(|run| {
        let entries = crate::harness::entries(&run);
        entries[1]["record"]["effect_intended"]["input"]["body"].clone()
    });
    let recorded: Vec<Value> = recorded.collect();
    assert!(recorded[0].as_str().unwrap().contains("env:CANARY#"));
    assert_eq!(recorded[0], recorded[1]);
    // Whoever has the journal and no key cannot try passwords on it.
    let digests = ["sha256sum", "sha1sum", "md5sum"].map(|program| {
        let line = format!("printf %s \"$CANARY\" | {program}");
        let ended = Command::new("sh")
            .args(["-c", &line])
            .env("CANARY", scene.canary("env"))
            .output()
            .unwrap();
        String::from_utf8(ended.stdout).unwrap()[..16].to_owned()
    });
    assert!(
        digests
            .iter()
            .all(|digest| !recorded[0].as_str().unwrap().contains(digest))
    );
    scene.is_clean();
}
