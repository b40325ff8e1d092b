//! Text that is compared between runs: without what differs from run to run and means nothing.

use std::collections::HashMap;

/// A text in pieces, so that the ids in it can be told from the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// The id of a resource, by its number.
    Resource(usize),
}

/// Returns the text's pieces; ids of other things, tokens, digests and times become placeholders.
pub(super) fn pieces(text: &str, ids: &HashMap<String, usize>, account: &str) -> Vec<Piece> {
    if let Some(number) = ids.get(text) {
        return vec![Piece::Resource(*number)];
    }
    let text = without_times(text);
    let words = text.split_inclusive(|letter| !in_word(letter));
    let mut pieces = Vec::new();
    for word in words {
        let (word, rest) = word.split_at(word.trim_end_matches(|letter| !in_word(letter)).len());
        match ids.get(word) {
            Some(number) => pieces.push(Piece::Resource(*number)),
            None => push(&mut pieces, placeholder(word, account).unwrap_or(word)),
        }
        push(&mut pieces, rest);
    }
    pieces
}

/// Returns the text with placeholders, where there are no resources to refer to.
pub(super) fn masked(text: &str) -> String {
    let pieces = pieces(text, &HashMap::new(), "");
    let texts = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Resource(_) => None,
    });
    texts.collect()
}

fn push(pieces: &mut Vec<Piece>, more: &str) {
    match pieces.last_mut() {
        _ if more.is_empty() => {}
        Some(Piece::Text(text)) => text.push_str(more),
        _ => pieces.push(Piece::Text(more.to_owned())),
    }
}

fn in_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-'
}

/// Returns what stands for a word that is made anew in each run.
fn placeholder(word: &str, account: &str) -> Option<&'static str> {
    let (prefix, last) = word.rsplit_once('-').unwrap_or(("", word));
    if !account.is_empty() && word == account {
        Some("<account>")
    } else if is_run(word) {
        Some("<run>")
    } else if prefix == "runbook" && is_hex(last) && last.len() >= 12 {
        Some("<token>")
    } else if fits(word, "1ddddddddd") {
        // Seconds since 1970, as heartbeats write them.
        Some("<seconds>")
    } else if fits(word, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") {
        Some("<uuid>")
    } else if is_hex(last) && matches!(last.len(), 8 | 17) && is_kind(prefix) {
        Some("<id>")
    } else if is_hex(word) && matches!(word.len(), 16 | 32 | 40 | 64) {
        Some("<digest>")
    } else {
        None
    }
}

/// `20261121-091203-build-abcdefghijkl`
fn is_run(word: &str) -> bool {
    let start = word.get(..16).unwrap_or_default();
    let end = word.rsplit('-').next().unwrap_or_default();
    fits(start, "dddddddd-dddddd-") && end.len() == 12 && word.len() > 29
}

/// `subnet`, `vpc-cidr-assoc`
fn is_kind(prefix: &str) -> bool {
    !prefix.is_empty()
        && prefix
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_lowercase())
}

fn is_hex(word: &str) -> bool {
    word.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `d` stands for a digit, `x` for one in hexadecimal, anything else for itself.
fn fits(text: &str, pattern: &str) -> bool {
    let fit = |(byte, form): (u8, u8)| match form {
        b'd' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        _ => byte == form,
    };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fit)
}

const TIME: &str = "dddd-dd-ddTdd:dd:dd";

fn without_times(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let start = rest.get(..TIME.len()).unwrap_or_default();
        if fits(start, TIME) {
            kept.push_str("<time>");
            let after = &rest[TIME.len()..];
            rest =
                after.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
            rest = rest.strip_prefix('Z').unwrap_or(rest);
        } else {
            kept.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_anew_in_each_run_is_masked() {
        let cases = [
            ("20261121-091203-build-abcdefghijkl", "<run>"),
            (
                "runbook-5e6e57c1509a9f70a09bd11b79f1ceffebfbaf12",
                "<token>",
            ),
            ("runbook-5e6e57c1509a", "<token>"),
            (
                "a key_1_/ec2.create_vpc 42cafaba7d86be83",
                "a key_1_/ec2.create_vpc <digest>",
            ),
            ("arn:aws:x:i-0123456789abcdef0/y", "arn:aws:x:<id>/y"),
            ("vpc-cidr-assoc-01234567", "<id>"),
            ("284b9e1c-9a5b-4826-b59a-227d4c8872f2", "<uuid>"),
            ("made 2026-11-21T09:12:03.5Z, here", "made <time>, here"),
            ("healthy t=1795270320 next=9", "healthy t=<seconds> next=9"),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_a_person_chose_stays() {
        for text in [
            "MyVPC public segment AZ1",
            "10.0.0.0/16",
            "ap-northeast-1a",
            "runbook-nat",
            "web-1",
            "2026-11-21",
            "Zürich",
            "t3.micro",
            "123456789012",
            "ami-build",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn ids_of_resources_are_told_from_text() {
        let arn = "arn:aws:sns:eu-west-1:500000000000:topic";
        let ids = HashMap::from([("vpc-1".to_owned(), 0), (arn.to_owned(), 1)]);
        let text = |text: &str| Piece::Text(text.into());
        assert_eq!(
            pieces("{\"vpc\":\"vpc-1\"}", &ids, "5"),
            [text("{\"vpc\":\""), Piece::Resource(0), text("\"}")]
        );
        assert_eq!(pieces(arn, &ids, "5"), [Piece::Resource(1)]);
        assert_eq!(pieces("vpc-12", &ids, "5"), [text("vpc-12")]);
        assert_eq!(pieces("arn:5:x", &ids, "5"), [text("arn:<account>:x")]);
    }
}
