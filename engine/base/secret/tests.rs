use serde_json::json;

use super::*;

/// The table is the process's own: each test has a secret of its own.
fn known(name: &str, plaintext: &str) -> String {
    add(&Reference::env(name).unwrap(), plaintext).unwrap()
}

#[test]
fn a_token_is_joined_with_text_and_revealed() {
    let token = known("JOINED", "one#two:three");
    let text = format!("Bearer {token};");
    assert_eq!(reveal(&text).unwrap(), "Bearer one#two:three;");
    assert_eq!(shown(&text), "Bearer (secret env:JOINED);");
    assert!(is_in(&text) && !text.contains("two"));
    let value = json!({"a": [text, 1], "b": "plain"});
    assert_eq!(
        reveal_value(&value).unwrap(),
        json!({"a": ["Bearer one#two:three;", 1], "b": "plain"})
    );
    assert_eq!(tokens(&value), [(token, "env:JOINED".to_owned())]);
}

#[test]
fn a_piece_of_a_token_or_one_that_nobody_has_read_is_refused() {
    let token = known("PIECES", "plaintext of pieces");
    for (at, _) in token.char_indices().skip(1) {
        assert_eq!(reveal(&token[at..]), Err(SecretError::Changed), "{at}");
        assert_eq!(reveal(&token[..at]), Err(SecretError::Changed), "{at}");
    }
    let other = token.replace("PIECES", "OTHER");
    assert_eq!(reveal(&other), Err(SecretError::Unread("env:OTHER".into())));
    let named = json!({ token: 1 });
    assert_eq!(reveal_value(&named), Err(SecretError::Changed));
}

#[test]
fn another_value_has_another_token() {
    assert_eq!(known("SAME", "value one"), known("SAME", "value one"));
    assert_ne!(known("SAME", "value one"), known("SAME", "value two"));
}

#[test]
fn what_comes_back_is_scrubbed_in_each_form() {
    let plaintext = "p\"<ss & w\u{f6}rd+/ of forms";
    let token = known("FORMS", plaintext);
    let forms = [
        plaintext.to_owned(),
        json!(plaintext).to_string(),
        "p&quot;&lt;ss &amp; w\u{f6}rd+/ of forms".to_owned(),
        "p%22%3Css%20%26%20w%C3%B6rd%2B%2F%20of%20forms".to_owned(),
        "cCI8c3MgJiB3w7ZyZCsvIG9mIGZvcm1z".to_owned(),
    ];
    for form in forms {
        let scrubbed = scrub(&format!("x {form} y"));
        assert!(scrubbed.contains("(secret env:FORMS)"), "{scrubbed}");
        assert!(!scrubbed.contains("ss"), "{scrubbed}");
    }
    let mut reply = json!({"whole": plaintext, "part": format!("it is {plaintext}"), plaintext: 1});
    scrub_value(&mut reply);
    assert_eq!(
        reply,
        json!({"whole": token, "part": "it is (secret env:FORMS)", "(secret env:FORMS)": 1})
    );
}

#[test]
fn a_line_of_a_secret_is_found_and_so_is_its_beginning_where_an_output_was_cut() {
    known("LINES", "-----BEGIN\nfirst line of it\nsecond line of it\n");
    let scrubbed = scrub("bad line: second line of it");
    assert_eq!(scrubbed, "bad line: (secret env:LINES)");
    assert_eq!(scrub_cut("read first line o"), "read ");
    assert_eq!(scrub_cut("read nothing of it"), "read nothing of it");
}

#[test]
fn a_short_secret_is_found_where_it_stands_alone() {
    known("SHORT", "q7x");
    assert_eq!(
        scrub("pin q7x, not aq7x"),
        "pin (secret env:SHORT), not aq7x"
    );
}

#[test]
fn the_marks_of_a_token_do_not_come_in_from_outside() {
    let token = known("FORGED", "plaintext of forged");
    assert!(!is_in(&scrub(&token)));
}

#[test]
fn a_reference_is_read_back_and_what_is_none_is_not_repeated() {
    for text in ["env:A_1", "file:/etc/a b"] {
        let reference = Reference::parse(text).unwrap();
        assert_eq!(reference.to_string(), text);
        assert_eq!(Reference::of_token(text), Some(reference));
    }
    for text in [
        "hunter2",
        "env:hunter2=",
        "env:",
        "file:hunter2",
        "reply:hunter2",
        "",
    ] {
        let problem = Reference::parse(text).unwrap_err();
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}
