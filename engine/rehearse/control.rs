//! The emulator's own addresses: plain HTTP over loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// An answer takes milliseconds; a server that hangs must not hang its caller.
const LIMIT: Duration = Duration::from_secs(30);

/// Sends one request and returns the JSON of its answer, or what was wrong with it.
pub(super) fn ask(port: u16, method: &str, path: &str) -> Result<Value, String> {
    let answer = exchange(port, method, path).map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("it is not HTTP")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        return Err(format!("status {status}: {}", body.trim()));
    }
    serde_json::from_str(body).map_err(|error| error.to_string())
}

fn exchange(port: u16, method: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(LIMIT))?;
    // HTTP 1.0: the answer ends where the connection does.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answered(answer: &'static str) -> Result<Value, String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(request).unwrap()
        });
        let told = ask(port, "GET", "/_rehearse/census");
        assert!(
            server
                .join()
                .unwrap()
                .starts_with("GET /_rehearse/census HTTP/1.0\r\n")
        );
        told
    }

    #[test]
    fn the_body_is_json() {
        assert_eq!(
            answered("HTTP/1.1 200 OK\r\nX: y\r\n\r\n[1]"),
            Ok(serde_json::json!([1]))
        );
    }

    #[test]
    fn a_failure_has_status_and_body() {
        assert_eq!(
            answered("HTTP/1.1 404 NOT FOUND\r\n\r\nnone\n"),
            Err("status 404: none".into())
        );
    }

    #[test]
    fn what_is_no_http_is_an_error() {
        assert_eq!(answered("SSH-2.0\r\n"), Err("it is not HTTP".into()));
    }
}
