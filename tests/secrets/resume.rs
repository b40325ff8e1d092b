//! A resume reads the secret again.

use super::scene::Scene;

const BOOK: &str = r#"
//! Sends a secret before and after a step.
const PARAMS = #{given: #{type: "secret", required: true}};

fn main(params) {
    let in_env = secret::env("CANARY");
    let kept = run::step("a value", || #{secret: in_env + "?"});
    http::post(#{url: "URL", body: in_env}, #{on_doubt: "retry"});
    http::post(#{url: "URL", body: kept.secret + params.given}, #{on_doubt: "retry"});
    log::info("over");
}
"#;

const RUN: [&str; 4] = ["run", "book.rhai", "--set", "given=env:GIVEN"];

#[test]
fn a_run_that_is_killed_anywhere_goes_on_with_the_same_secrets() {
    for place in 1.. {
        for side in ["before", "after"] {
            let scene = Scene::new(BOOK).env("RUNBOOK_CRASH", &format!("{side}:{place}"));
            if scene.runbook(&RUN).code.is_some() {
                assert!(place > 8, "the run has {place} entries only");
                return;
            }
            let scene = scene.env("RUNBOOK_CRASH", "");
            if !scene.test.runs().is_empty() && !scene.test.has_succeeded() {
                scene.runbook(&["resume", "last"]).code(0);
                let requests = scene.server.requests();
                let last = requests.last().unwrap();
                let [env, param] = ["env", "param"].map(|kind| scene.canary(kind));
                assert!(last.ends_with(&format!("{env}?{param}")), "{last}");
            }
            scene.looked_at();
            scene.is_clean();
        }
    }
}

#[test]
fn another_value_is_another_input_and_neither_is_shown() {
    let scene = Scene::new(BOOK).env("RUNBOOK_CRASH", "after:7");
    assert_eq!(scene.runbook(&RUN).code, None);
    let before = scene.server.requests().len();
    let scene = scene.rotated().env("RUNBOOK_CRASH", "");
    let ended = scene.runbook(&["resume", "last"]).code(5);
    let told = "the secret `env:CANARY` has another value than when the run started";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert_eq!(scene.server.requests().len(), before);
    scene.looked_at();
    scene.is_clean();
}

#[test]
fn a_value_from_a_step_has_to_be_what_it_was() {
    let book = BOOK.replace(
        "    http::post(#{url: \"URL\", body: in_env}, #{on_doubt: \"retry\"});\n",
        "",
    );
    let scene = Scene::new(&book).env("RUNBOOK_CRASH", "after:3");
    assert_eq!(scene.runbook(&RUN).code, None);
    let scene = scene.rotated().env("RUNBOOK_CRASH", "");
    let ended = scene.runbook(&["resume", "last"]).code(1);
    assert!(
        ended.stderr.contains("has another value"),
        "{}",
        ended.stderr
    );
    assert!(scene.server.requests().is_empty());
    scene.is_clean();
}

#[test]
fn a_secret_that_is_gone_is_named_before_anything_is_done() {
    let scene = Scene::new(BOOK).env("RUNBOOK_CRASH", "before:4");
    assert_eq!(scene.runbook(&RUN).code, None);
    let scene = scene.env("GIVEN", "").env("RUNBOOK_CRASH", "");
    let ended = scene.runbook(&["resume", "last"]).code(1);
    let told = "the secret `env:GIVEN` cannot be read: it is empty";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(scene.server.requests().is_empty());
}
