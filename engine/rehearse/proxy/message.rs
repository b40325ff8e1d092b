//! A request or a reply of HTTP/1.1, read whole.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// More headers than any AWS client sends.
const HEADERS: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The first line, without its end.
    pub(super) start: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// Reads one; `None` where the other side has ended instead.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match from.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) if head.is_empty() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let mut message = Self::parse(&head)?;
        message.body = vec![0; message.length()?];
        from.read_exact(&mut message.body).await?;
        Ok(Some(message))
    }

    fn parse(head: &[u8]) -> io::Result<Self> {
        let end = head
            .windows(2)
            .position(|pair| pair == b"\r\n")
            .unwrap_or(0);
        let mut space = [httparse::EMPTY_HEADER; HEADERS];
        let parsed = httparse::parse_headers(head.get(end + 2..).unwrap_or_default(), &mut space);
        let Ok(httparse::Status::Complete((_, headers))) = parsed else {
            return Err(invalid("unreadable headers"));
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Self {
            start: text(&head[..end]),
            headers: headers
                .iter()
                .map(|header| (header.name.to_owned(), text(header.value)))
                .collect(),
            body: Vec::new(),
        })
    }

    /// AWS's clients and the emulator announce the length of everything.
    fn length(&self) -> io::Result<usize> {
        if self.header("transfer-encoding").is_some() {
            return Err(invalid("a body in chunks"));
        }
        let length = self.header("content-length").unwrap_or("0");
        length.parse().map_err(|_| invalid("an unreadable length"))
    }

    /// Returns a reply of our own.
    pub(super) fn reply(status: u16, content_type: &str, body: String) -> Self {
        Self {
            start: format!("HTTP/1.1 {status} Injected"),
            headers: vec![
                ("Content-Type".into(), content_type.into()),
                ("Content-Length".into(), body.len().to_string()),
            ],
            body: body.into_bytes(),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value));
    }

    /// Halves the body, and not the length that is announced.
    pub(super) fn truncate(&mut self) {
        let whole = self.body.len().max(1);
        self.set("Content-Length", whole.to_string());
        self.body.truncate(whole / 2);
    }

    pub(super) async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let mut bytes = format!("{}\r\n", self.start).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        to.write_all(&bytes).await?;
        to.flush().await
    }
}

pub(super) fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
