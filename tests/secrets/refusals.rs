//! What cannot be done with a secret is said before the first call, or at the call.

use super::scene::Scene;

/// Runs a script that has a secret `s` and a text `t` with one in it, and returns what it says.
fn refused(body: &str) -> String {
    stderr_of(&format!("act(s, t); }} fn act(s, t) {{ {body}"), 1)
}

fn stderr_of(body: &str, code: i32) -> String {
    let book = format!(
        "//! Does what it may not.\nfn main(params) {{ let s = secret::env(\"CANARY\"); let t = `t ${{s}}`; {body} }}"
    );
    let scene = Scene::new(&book);
    let ended = scene.runbook(&["run", "book.rhai"]).code(code);
    if code == 1 {
        scene.looked_at();
        scene.is_clean();
    } else {
        assert!(scene.test.runs().is_empty());
    }
    format!("{}{}", ended.stdout, ended.stderr)
}

#[test]
fn what_the_source_shows_is_refused_before_the_run() {
    for (body, title) in [
        ("run::step(s, || 1);", "run::step"),
        ("run::step(\"s\", t, || 1);", "run::step"),
        ("log::info(`it is ${t}`);", "log::info"),
        ("print(t);", "print"),
        ("if s == \"a\" { }", "=="),
        ("s.len();", "len"),
    ] {
        let said = stderr_of(&format!("http::post(#{{url: \"URL\"}}); {body}"), 2);
        assert!(
            said.contains(&format!("`{title}` cannot take a secret")),
            "{body}: {said}"
        );
    }
}

#[test]
fn a_secret_is_never_a_name_and_never_shown() {
    for body in [
        "run::step(s, || 1);",
        "run::step(t, || 1);",
        "run::step(\"s\", s, || 1);",
        "run::step(\"s\", t, || 1);",
        "run::step(\"s\", #{name: t}, || 1);",
        "run::parallel([t], |item| item);",
        "run::wait_until(t, #{}, || true);",
        "run::approve(t);",
        "log::info(s);",
        "log::info(t);",
        "log::info([t]);",
        "print(s);",
        "print(t);",
        "debug(t);",
        "run::output(t, 1);",
        "run::output(\"x\", #{s: s});",
        "json::stringify(#{s: s});",
        "json::parse(t);",
        "base64::encode(t);",
        "base64::encode(s);",
        "state::put(t, 1);",
        "time::instant(t);",
    ] {
        let said = refused(body);
        assert!(said.contains("secret"), "{body}: {said}");
    }
}

#[test]
fn a_script_cannot_look_into_a_secret() {
    for body in [
        "s.len();",
        "s.sub_string(0, 2);",
        "s.contains(\"a\");",
        "s == \"a\";",
        "\"a\" == s;",
        "s == s;",
        "s != t;",
        "s < \"a\";",
        "s.to_upper();",
        "s[0];",
        "#{a: 1}[s];",
        "s + 1;",
    ] {
        let said = refused(body);
        assert!(said.to_lowercase().contains("secret"), "{body}: {said}");
    }
}

#[test]
fn a_piece_of_a_secret_is_not_sent() {
    for body in [
        "http::post(#{url: \"URL\", body: t.sub_string(0, 9)});",
        "http::post(#{url: \"URL\", body: t.to_upper()});",
        "command::run(#{program: \"true\", environment: #{A: t.sub_string(4)}});",
    ] {
        let said = refused(body);
        assert!(
            said.contains("can only be joined with text") || said.contains("has not been read"),
            "{body}: {said}"
        );
    }
}

#[test]
fn a_secret_is_not_put_where_others_see_it() {
    for (body, told) in [
        (
            "http::post(#{url: \"URL?\" + s});",
            "`url` is seen by others",
        ),
        (
            "command::run(#{program: \"true\", arguments: [t]});",
            "`arguments` is seen by others",
        ),
        (
            "command::run(#{program: t});",
            "`program` is seen by others",
        ),
    ] {
        let said = refused(body);
        assert!(said.contains(told), "{body}: {said}");
    }
}

#[test]
fn a_secret_that_cannot_be_read_is_named_before_the_first_call() {
    let book = "//! Has a secret.\nconst PARAMS = #{p: #{type: \"secret\", required: true}};\nfn main(params) { http::post(#{url: \"URL\", body: params.p}); }";
    let scene = Scene::new(book);
    let file = format!("p=file:{}", scene.file().display());
    let gone = "p=file:/no/such/file";
    scene.secret_file("x", 0o644);
    for (setting, told) in [
        (
            "p=env:NOT_SET",
            "the environment variable `NOT_SET` is not set",
        ),
        (
            gone,
            "the secret `file:/no/such/file` cannot be read: no such file",
        ),
        (
            &file,
            "others can read or write the file (mode 0644); type: chmod 600 ",
        ),
        ("p=file:relative", "is absolute"),
        ("p=env:NOT A NAME", "has letters, digits and `_`"),
    ] {
        let ended = scene
            .runbook(&["run", "book.rhai", "--set", setting])
            .code(2);
        assert!(ended.stderr.contains(told), "{setting}: {}", ended.stderr);
    }
    assert!(scene.server.requests().is_empty() && scene.test.runs().is_empty());
}

#[test]
fn a_secret_that_is_typed_as_a_setting_is_refused_and_not_repeated() {
    let book = "//! Has a secret.\nconst PARAMS = #{p: #{type: \"secret\", required: true}};\nfn main(params) { }";
    let scene = Scene::new(book);
    let canary = scene.canary("param").to_owned();
    scene.test.write("site.toml", &format!("p = '{canary}'\n"));
    scene.test.write("broken.toml", &format!("p = {canary}\n"));
    for args in [
        &["--set", &format!("p={canary}")][..],
        &["--set", &format!("p:{canary}")],
        &["--site", "site.toml"],
        &["--site", "broken.toml"],
    ] {
        let ended = scene
            .test
            .runbook(&[&["run", "book.rhai"], args].concat())
            .code(2);
        scene.is_not_in("stderr", ended.stderr.as_bytes());
        if !args.contains(&"broken.toml") {
            let told = ended.stderr.contains("env:NAME") || ended.stderr.contains("name=value");
            assert!(told, "{}", ended.stderr);
        }
    }
}
