//! Effects on what is not AWS: a request to somebody's server, a program on this host.
//!
//! Nobody can be asked afterwards what became of one: its class is unsafe unless the script says that twice is as
//! good as once. What each operation takes and returns is in `models::outside`. No journal, no Rhai.

mod command;
mod http;
mod processes;
mod refusal;
mod stub;

use base::secret;
use models::call::{Call, Failure, Reply};

pub use processes::end_all;
pub use stub::{check_replies, name, reply};

/// Makes a call whose input was checked.
///
/// Secrets in the input are revealed here and nowhere before; one that is repeated does not come back.
pub async fn send(call: &Call) -> Result<Reply, Failure> {
    let revealed = secret::reveal_value(&call.input);
    let input = revealed.map_err(|error| call.not_sent(error.to_string()))?;
    let call = &Call {
        input,
        ..call.clone()
    };
    let result = match call.service.as_str() {
        "http" => http::post(call).await,
        "command" => command::run(call).await,
        other => Err(call.not_sent(format!("there is no service `{other}`"))),
    };
    let reply = result.map(|output| Reply {
        output,
        request_id: None,
    });
    reply.map(Reply::scrubbed).map_err(Failure::scrubbed)
}
