//! The log on disk: JSON lines, each with the hash of the one before.
//!
//! A line is `{"v":1,"seq":1,"at":…,"prev":…,"record":{…},"hash":"…"}`; its hash covers the line's own bytes up to
//! `,"hash"`, so nothing has to be serialised again to check it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::entry::{Entry, Record, VERSION};
use crate::error::{JournalError, Result, io_error};
use base::digest::sha256;

pub(crate) const FILE: &str = "journal.jsonl";

/// A reader of JSON takes 128 levels.
const DEEPEST: usize = 127;
const HASH_KEY: &[u8] = br#","hash":""#;
const END: &[u8] = br#""}"#;
/// Hex digits of a SHA-256.
const HASH: usize = 64;

/// The end of a chain: what the next entry has to continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// 0 before the first entry.
    pub(crate) seq: u64,
    pub(crate) hash: String,
}

/// What a log says, read to its end.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) entries: Vec<Entry>,
    /// Their bytes as they were read.
    pub(crate) lines: Vec<u8>,
    pub(crate) tail: Tail,
}

/// What stands behind the last newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    Nothing,
    /// A part of an entry, which nobody was told was durable.
    Torn,
    /// A whole entry that lacks only its newline; it is the last of `entries`.
    Unfinished,
}

/// Why a line is not an entry.
#[derive(Debug)]
enum Flaw {
    Broken(String),
    Newer(u32),
}

#[derive(Serialize)]
struct Body<'a> {
    v: u32,
    seq: u64,
    at: Timestamp,
    prev: &'a str,
    record: &'a Record,
}

impl Head {
    pub(crate) fn start() -> Self {
        Self {
            seq: 0,
            hash: "0".repeat(HASH),
        }
    }

    /// Returns the end of the chain that `entries` are.
    pub(crate) fn of(entries: &[Entry]) -> Self {
        entries.last().map_or_else(Self::start, |entry| Self {
            seq: entry.seq,
            hash: entry.hash.clone(),
        })
    }

    /// Returns the line that continues the chain with `record`, newline included, and the chain's new end.
    pub(crate) fn encode(&self, at: Timestamp, record: &Record) -> Result<(String, Self)> {
        let seq = self.seq + 1;
        let body = Body {
            v: VERSION,
            seq,
            at,
            prev: &self.hash,
            record,
        };
        let mut line = serde_json::to_string(&body)?;
        if depth(&line) > DEEPEST {
            return Err(JournalError::Encoding {
                problem: format!(
                    "the entry is nested more than {DEEPEST} levels deep, and could not be read again"
                ),
            });
        }
        line.pop();
        let hash = sha256(line.as_bytes());
        line.push_str(r#","hash":""#);
        line.push_str(&hash);
        line.push_str("\"}\n");
        Ok((line, Self { seq, hash }))
    }

    fn admit(&mut self, entry: &Entry) -> Result<(), Flaw> {
        if entry.seq != self.seq + 1 {
            return Err(Flaw::Broken(format!(
                "expected entry {}, found entry {}",
                self.seq + 1,
                entry.seq
            )));
        }
        if entry.prev != self.hash {
            return Err(Flaw::Broken(format!(
                "entry {} does not continue the entry before it",
                entry.seq
            )));
        }
        *self = Self {
            seq: entry.seq,
            hash: entry.hash.clone(),
        };
        Ok(())
    }
}

/// Returns the entries of the log in `dir` as they are on disk now; needs no lock. An entry that is still being written is
/// left out.
pub fn read(dir: &Path) -> Result<Vec<Entry>> {
    let path = dir.join(FILE);
    // The owner may have cut off a torn tail and written on while the file was being read.
    let scan = scan(&path).or_else(|_| scan(&path))?;
    let mut entries = scan.entries;
    if scan.tail == Tail::Unfinished {
        entries.pop();
    }
    Ok(entries)
}

/// Returns the entries that came after byte `offset` of the log in `dir`, and the offset to go on from. The offset of the
/// beginning is 0; each entry is checked by itself, not as a part of the chain.
pub fn follow(dir: &Path, offset: u64) -> Result<(Vec<Entry>, u64)> {
    let path = dir.join(FILE);
    let bytes = read_from(&path, offset).map_err(io_error("read", &path))?;
    let mut entries = Vec::new();
    let mut next = offset;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(text) = line.strip_suffix(b"\n") else {
            break;
        };
        let Ok(entry) = decode(text) else {
            // Either the whole log can say which line is damaged, or it was being cut off just now.
            scan(&path)?;
            break;
        };
        entries.push(entry);
        next += line.len() as u64;
    }
    Ok((entries, next))
}

/// Reads and checks the whole log.
pub(crate) fn scan(path: &Path) -> Result<Scan> {
    let mut bytes = read_from(path, 0).map_err(io_error("read", path))?;
    let (lines, rest) = split(&bytes);
    let mut head = Head::start();
    let mut entries = Vec::new();
    for (text, line) in lines.split_inclusive(|byte| *byte == b'\n').zip(1..) {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let entry = decode(text).and_then(|entry| head.admit(&entry).map(|()| entry));
        entries.push(entry.map_err(|flaw| flaw.at(path, line))?);
    }
    let (last, tail) =
        judge_tail(rest, &mut head).map_err(|flaw| flaw.at(path, entries.len() as u64 + 1))?;
    entries.extend(last);
    if entries.is_empty() {
        return Err(Flaw::Broken("the first entry is missing".to_owned()).at(path, 1));
    }
    let len = lines.len();
    if tail != Tail::Unfinished {
        bytes.truncate(len);
    }
    Ok(Scan {
        entries,
        lines: bytes,
        tail,
    })
}

/// Returns the entry in `line`, which is without its newline.
pub(crate) fn decode_line(path: &Path, number: u64, line: &[u8]) -> Result<Entry> {
    decode(line).map_err(|flaw| flaw.at(path, number))
}

/// Decides about the bytes behind the last newline. A cut-off write leaves a part of a line, and that goes; a whole entry
/// followed by a wrong byte is no such part: its newline was changed, and it may have been acknowledged.
fn judge_tail(rest: &[u8], head: &mut Head) -> Result<(Option<Entry>, Tail), Flaw> {
    let Some((_, before_last)) = rest.split_last() else {
        return Ok((None, Tail::Nothing));
    };
    if let Ok(entry) = decode(rest) {
        head.admit(&entry)?;
        return Ok((Some(entry), Tail::Unfinished));
    }
    if decode(before_last).is_ok() {
        return Err(Flaw::Broken(
            "the line does not end with a newline".to_owned(),
        ));
    }
    Ok((None, Tail::Torn))
}

fn decode(line: &[u8]) -> Result<Entry, Flaw> {
    let (body, hash) =
        frame(line).ok_or_else(|| Flaw::Broken("the line does not end with a hash".to_owned()))?;
    if sha256(body).as_bytes() != hash {
        return Err(Flaw::Broken("the line does not match its hash".to_owned()));
    }
    // The frame, `v` first and `hash` last, stays from version to version; what is between may change.
    if let Some(version) = version(body).filter(|version| *version > VERSION) {
        return Err(Flaw::Newer(version));
    }
    serde_json::from_slice(line)
        .map_err(|error| Flaw::Broken(format!("the line is not an entry: {error}")))
}

/// Returns what the hash covers, and the hash.
fn frame(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, hash) = line.strip_suffix(END)?.split_last_chunk::<HASH>()?;
    Some((rest.strip_suffix(HASH_KEY)?, hash))
}

fn version(body: &[u8]) -> Option<u32> {
    let digits = body
        .strip_prefix(br#"{"v":"#)?
        .split(|byte| *byte == b',')
        .next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    bytes.split_at(end)
}

fn read_from(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Flaw {
    fn at(self, path: &Path, line: u64) -> JournalError {
        let file = PathBuf::from(path);
        match self {
            Self::Broken(problem) => JournalError::Broken {
                file,
                line,
                problem,
            },
            Self::Newer(found) => JournalError::Newer { file, line, found },
        }
    }
}

/// Returns how many lists and maps lie in each other at most.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixture::{effects, logged, run_started, write_log};

    fn log() -> (tempfile::TempDir, PathBuf, Vec<Entry>) {
        let dir = tempfile::tempdir().unwrap();
        let entries = write_log(dir.path(), effects(3));
        let path = dir.path().join(FILE);
        (dir, path, entries)
    }

    /// Returns the number of the line that the error names.
    fn broken_line<T: std::fmt::Debug>(result: Result<T>) -> u64 {
        match result {
            Err(JournalError::Broken { line, .. }) => line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_line_reads_as_documented() {
        let at = "2026-11-21T09:12:03Z".parse().unwrap();
        let head = Head {
            seq: 6,
            hash: "ab".repeat(32),
        };
        let (line, next) = head.encode(at, &logged()).unwrap();
        let body = format!(
            r#"{{"v":1,"seq":7,"at":"2026-11-21T09:12:03Z","prev":"{}","record":{{"logged":{{"scope":"s","level":"info","message":"m"}}}}"#,
            "ab".repeat(32)
        );
        let hash = "a33ae0d3435211d7dd7d4480d9be0ebd0f0beff7c6ee934ede2063ee91b77d7a";
        assert_eq!(line, format!("{body},\"hash\":\"{hash}\"}}\n"));
        assert_eq!(
            next,
            Head {
                seq: 7,
                hash: hash.to_owned()
            }
        );
    }

    #[test]
    fn a_tail_torn_at_any_byte_is_left_out() {
        let (_dir, path, entries) = log();
        let whole = fs::read(&path).unwrap();
        let start = whole[..whole.len() - 1]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .unwrap()
            + 1;
        for len in start..whole.len() - 1 {
            fs::write(&path, &whole[..len]).unwrap();
            let scan = scan(&path).unwrap();
            assert_eq!(scan.entries, entries[..entries.len() - 1], "{len}");
            assert_eq!(scan.lines, &whole[..start]);
            assert_eq!(
                scan.tail,
                if len == start {
                    Tail::Nothing
                } else {
                    Tail::Torn
                },
                "{len}"
            );
            assert_eq!(read(path.parent().unwrap()).unwrap(), scan.entries);
        }
    }

    #[test]
    fn a_last_entry_that_lacks_its_newline_counts_for_the_owner() {
        let (dir, path, entries) = log();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let scan = scan(&path).unwrap();
        assert_eq!(
            (scan.entries.len(), scan.tail),
            (entries.len(), Tail::Unfinished)
        );
        assert_eq!(scan.lines, whole[..whole.len() - 1]);
        assert_eq!(read(dir.path()).unwrap().len(), entries.len() - 1);
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused_with_its_line() {
        let (_dir, path, _) = log();
        let whole = fs::read(&path).unwrap();
        let mut line = 1;
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(broken_line(scan(&path)), line, "byte {at}");
            line += u64::from(whole[at] == b'\n');
        }
    }

    #[test]
    fn a_missing_doubled_or_moved_line_is_refused() {
        let (_dir, path, _) = log();
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let write = |order: &[usize]| {
            fs::write(&path, order.iter().map(|at| lines[*at]).collect::<String>()).unwrap();
        };
        for (order, line) in [
            (vec![0, 1, 3], 3),
            (vec![0, 1, 1], 3),
            (vec![0, 2, 1], 2),
            (vec![1, 2], 1),
            (vec![], 1),
        ] {
            write(&order);
            assert_eq!(broken_line(scan(&path)), line, "{order:?}");
        }
    }

    #[test]
    fn a_gap_in_the_count_is_refused() {
        let (_dir, path, entries) = log();
        let head = Head {
            seq: 9,
            ..Head::of(&entries)
        };
        let (line, _) = head.encode(base::clock::now(), &logged()).unwrap();
        let text = fs::read_to_string(&path).unwrap() + line.as_str();
        fs::write(&path, text).unwrap();
        assert_eq!(broken_line(scan(&path)), 8);
    }

    #[test]
    fn a_damaged_line_that_is_followed_is_named() {
        let (dir, path, _) = log();
        let mut bytes = fs::read(&path).unwrap();
        let (_, offset) = follow(dir.path(), 0).unwrap();
        bytes.extend(b"{}\n");
        fs::write(&path, bytes).unwrap();
        assert_eq!(broken_line(follow(dir.path(), offset)), 8);
    }

    #[test]
    fn an_entry_of_another_log_is_refused() {
        let (_dir, path, _) = log();
        let (_other_dir, other, _) = log();
        let (ours, theirs) = (
            fs::read_to_string(&path).unwrap(),
            fs::read_to_string(other).unwrap(),
        );
        let mixed: Vec<&str> = ours
            .split_inclusive('\n')
            .take(3)
            .chain(theirs.split_inclusive('\n').skip(3))
            .collect();
        fs::write(&path, mixed.concat()).unwrap();
        assert_eq!(broken_line(scan(&path)), 4);
    }

    #[test]
    fn a_newer_format_is_named() {
        let (dir, path, _) = log();
        let (line, _) = Head::start()
            .encode(base::clock::now(), &run_started())
            .unwrap();
        let body = line
            .rsplit_once(",\"hash\"")
            .unwrap()
            .0
            .replacen("\"v\":1", "\"v\":12", 1);
        fs::write(
            &path,
            format!("{body},\"hash\":\"{}\"}}\n", sha256(body.as_bytes())),
        )
        .unwrap();
        assert!(matches!(
            read(dir.path()),
            Err(JournalError::Newer {
                line: 1,
                found: 12,
                ..
            })
        ));
    }

    #[test]
    fn a_log_without_a_whole_entry_is_refused() {
        let (_dir, path, _) = log();
        fs::write(&path, "{\"v\":1,").unwrap();
        assert_eq!(broken_line(scan(&path)), 1);
    }

    #[test]
    fn follows_from_where_it_was() {
        let (dir, path, entries) = log();
        let whole = fs::read(&path).unwrap();
        let (mut seen, mut offset) = (Vec::new(), 0);
        for len in (0..=whole.len()).step_by(97).chain([whole.len()]) {
            fs::write(&path, &whole[..len]).unwrap();
            let (new, next) = follow(dir.path(), offset).unwrap();
            seen.extend(new);
            offset = next;
        }
        assert_eq!((seen, offset), (entries, whole.len() as u64));
    }
}
