//! Makes text from scripts and AWS safe to print: no control, escape or bidirectional characters.

use std::fmt::Write as _;

use console::{measure_text_width, strip_ansi_codes, truncate_str};

use base::secret::shown;

/// Returns `text` on one line: a secret's token is named, white space becomes a blank, what could steer a terminal is gone.
#[must_use]
pub fn line(text: &str) -> String {
    let blank = |c: char| if is_space(c) { ' ' } else { c };
    strip_ansi_codes(&shown(text))
        .chars()
        .map(blank)
        .filter(|c| !is_hidden(*c))
        .collect()
}

/// Like `line`, with the newlines kept.
#[must_use]
pub fn block(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns at most `width` columns of `text`, which may be coloured; a cut ends in `…`.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    truncate_str(text, width, "…").into_owned()
}

/// Returns JSON with what could steer a terminal written as `\u` escapes: the same data, safe to look at.
#[must_use]
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown(text).chars() {
        // An ASCII control character outside a string is JSON's own layout.
        if c.is_ascii() && c != '\u{7f}' || !is_hidden(c) && !is_space(c) {
            out.push(c);
        } else {
            escape(c, &mut out);
        }
    }
    out
}

/// Breaks `text` at blanks into lines of at most `width` columns; a longer word gets a line of its own.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    text.lines()
        .flat_map(|line| wrap_line(line, width))
        .collect()
}

fn wrap_line(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(last) = lines.last_mut() else { break };
        if !last.is_empty() && measure_text_width(last) + 1 + measure_text_width(word) > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Control characters, bidirectional marks and embeddings, and characters without a width that hide text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{block, cut, json, line, wrap};

    #[test]
    fn escape_sequences_and_marks_are_gone() {
        assert_eq!(
            line("\u{1b}[2Jred \u{1b}[31malert\u{1b}[0m\u{7}\u{9b}1m"),
            "red alert"
        );
        assert_eq!(line("a\u{202e}b\u{2066}c\u{200f}d"), "abcd");
        assert_eq!(line("\u{1b}]0;title\u{7}x"), "x");
        assert_eq!(line("one\r\ntwo\tthree"), "one  two three");
        assert_eq!(block("one\ntwo\u{8}"), "one\ntwo");
    }

    #[test]
    fn nothing_without_a_width_or_with_a_direction_stays() {
        let of_one = ['\u{61c}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{feff}'];
        let ranges = [
            '\u{202a}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{fff9}'..='\u{fffb}',
            '\u{e0000}'..='\u{e007f}',
        ];
        for c in of_one.into_iter().chain(ranges.into_iter().flatten()) {
            assert_eq!(line(&format!("a{c}b")), "ab", "{c:?}");
            assert!(!json(&format!("\"{c}\"")).contains(c), "{c:?}");
        }
    }

    #[test]
    fn a_cut_shows() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(cut("日本語", 5), "日本…");
    }

    #[test]
    fn json_stays_the_same_data() {
        let value = serde_json::json!({"a": "x\u{202e}y\u{9b}z\n\u{7f}\u{e0041}ü"});
        let text = json(&value.to_string());
        assert_eq!(text, r#"{"a":"x\u202ey\u009bz\n\u007f\udb40\udc41ü"}"#);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn words_wrap() {
        assert_eq!(wrap("one two three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(
            wrap("incomprehensible it is", 8),
            ["incomprehensible", "it is"]
        );
    }
}
