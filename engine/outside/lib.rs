//! Effects on what is not AWS: a request to somebody's server, a program on this host.
//!
//! Nobody can be asked afterwards what became of one: its class is unsafe unless the script says that twice is as
//! good as once. What each operation takes and returns is in `models::outside`. No journal, no Rhai.

mod command;
mod http;
mod processes;
mod refusal;
mod stub;

use models::call::{Call, Failure, Reply};

pub use processes::end_all;
pub use stub::{check_replies, name, reply};

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
