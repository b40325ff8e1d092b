//! AWS's errors, in the dialect in which the request was made.

use super::message::Message;

/// The request was not looked at.
pub(super) fn throttled(request: &Message) -> Message {
    if is_json(request) {
        error(request, 400, "ThrottlingException")
    } else {
        error(request, 503, "RequestLimitExceeded")
    }
}

/// Something broke on AWS's side; it says nothing about what was done.
pub(super) fn internal(request: &Message) -> Message {
    error(request, 500, "InternalError")
}

/// A load balancer's words, not a service's.
pub(super) fn unavailable() -> Message {
    let page = "<html><body><h1>503 Service Unavailable</h1></body></html>";
    Message::reply(503, "text/html", page.into())
}

fn is_json(request: &Message) -> bool {
    request.header("x-amz-target").is_some()
}

fn error(request: &Message, status: u16, code: &str) -> Message {
    let said = "injected by the rehearsal";
    if is_json(request) {
        let body = format!(r#"{{"__type":"{code}","message":"{said}"}}"#);
        return Message::reply(status, "application/x-amz-json-1.1", body);
    }
    let detail = format!("<Code>{code}</Code><Message>{said}</Message>");
    let body = if super::name::Name::of(request).service == "ec2" {
        format!(
            "<Response><Errors><Error>{detail}</Error></Errors><RequestID>injected</RequestID></Response>"
        )
    } else {
        format!(
            "<ErrorResponse><Error><Type>Receiver</Type>{detail}</Error><RequestId>injected</RequestId></ErrorResponse>"
        )
    };
    Message::reply(status, "text/xml;charset=UTF-8", body)
}
