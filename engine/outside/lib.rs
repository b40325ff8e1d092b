//! Effects on what is not AWS: a request to somebody's server, a program on this host.
//!
//! Nobody can be asked afterwards what became of one: its class is unsafe unless the script says that twice is as
//! good as once.

mod command;
mod http;
mod processes;

use serde_json::Value;

use models::call::{Call, Failure, Reply, ServiceError};

pub use processes::end_all;

/// Makes a call whose input was checked.
pub async fn send(call: &Call) -> Result<Reply, Failure> {
    let output = match call.service.as_str() {
        "http" => http::post(call).await?,
        "command" => command::run(call).await?,
        other => return Err(call.not_sent(format!("there is no service `{other}`"))),
    };
    Ok(Reply {
        output,
        request_id: None,
    })
}

/// It was done, and was no success.
fn refused(call: &Call, code: &str, message: String, details: Value) -> Failure {
    Failure::Answered(ServiceError {
        service: call.service.clone(),
        operation: call.operation.clone(),
        code: code.into(),
        message,
        request_id: None,
        status: 0,
        details: Some(details),
    })
}
