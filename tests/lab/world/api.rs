//! Calls to the emulator as a client that is none of ours: the query protocol, one connection a call.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use roxmltree::{Document, Node};

/// A server that is not there, or hangs, must not hang a test.
const PATIENCE: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_mins(1);

pub(crate) struct Api {
    address: SocketAddr,
    account: String,
}

impl Api {
    pub(super) fn new(address: SocketAddr, account: &str) -> Self {
        Self {
            address,
            account: account.to_owned(),
        }
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// Returns a client that makes the same calls to another address.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self::new(address, &self.account)
    }

    /// Returns the answer's XML.
    #[track_caller]
    pub(crate) fn call(&self, action: &str, input: &[(&str, &str)]) -> String {
        let (status, body) = self.ask(action, input).unwrap();
        assert_eq!(status, 200, "{action} {input:?}: {body}");
        body
    }

    /// Returns status and body of whatever is answered.
    pub(crate) fn ask(&self, action: &str, input: &[(&str, &str)]) -> io::Result<(u16, String)> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action);
        form.append_pair("Version", "2016-11-15");
        for (name, value) in input {
            form.append_pair(name, value);
        }
        let answer = self.post(&form.finish())?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Ok((status.unwrap_or(0), body.to_owned()))
    }

    /// Makes a call and returns the text of the first element of that name.
    #[track_caller]
    pub(crate) fn made(&self, action: &str, input: &[(&str, &str)], element: &str) -> String {
        let answer = self.call(action, input);
        let document = Document::parse(&answer).unwrap();
        let found = text(document.root(), element);
        found
            .unwrap_or_else(|| panic!("no {element} in {answer}"))
            .to_owned()
    }

    fn post(&self, body: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(LIMIT))?;
        // HTTP 1.0: the answer ends where the connection does.
        write!(
            stream,
            "POST / HTTP/1.0\r\nHost: ec2\r\nUser-Agent: lab\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={}/20261121/ap-northeast-1/ec2/aws4_request\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.account,
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// Returns the text of the first element of that name.
pub(super) fn text<'a>(node: Node<'a, 'a>, name: &str) -> Option<&'a str> {
    let mut all = node.descendants();
    all.find(|node| node.has_tag_name(name) || node.tag_name().name() == name)?
        .text()
}

/// Returns the `item` elements of the first list of that name.
pub(super) fn items<'a>(node: Node<'a, 'a>, list: &str) -> Vec<Node<'a, 'a>> {
    let found = node
        .descendants()
        .find(|node| node.tag_name().name() == list);
    let items = found.into_iter().flat_map(|list| list.children());
    items
        .filter(|node| node.tag_name().name() == "item")
        .collect()
}
