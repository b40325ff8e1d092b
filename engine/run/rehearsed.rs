//! A rehearsed run: its effects outside AWS are answered by a stub, unless its rehearsal lets them happen.

use std::sync::Arc;

use serde_json::Value;

use super::cloud::{Cloud, Doubt, Found};
use super::declared::Constants;
use base::exit::Exit;
use base::report::Report;
use journal::entry::Target;
use journal::rehearsal::{self, Answer, Wish};
use knowledge::Effect;
use models::call::{Call, Failure, Reply};
use script::sources::Library;

/// Refuses a run that says it is rehearsed where no rehearsal knows of it.
pub(super) fn check(target: Option<&Target>) -> Result<(), Report> {
    if !rehearsal::is_claimed() || rehearsal::grants(target, Wish::Run) {
        return Ok(());
    }
    let message = format!(
        "`{}` is set, but no rehearsal answers there for a run with this target; nothing was started",
        rehearsal::VARIABLE
    );
    Err(Report::new(Exit::Usage, message).hint(format!("unset {}", rehearsal::VARIABLE)))
}

/// Returns the way to what is not AWS: in a rehearsal, one that asks before each effect.
pub(super) fn outside(
    real: Arc<dyn Cloud>,
    library: &Library,
    target: Option<&Target>,
) -> Result<Arc<dyn Cloud>, Report> {
    if !rehearsal::is_claimed() {
        return Ok(real);
    }
    let replies = Constants::of(library, &library.main().name)?.rehearsal()?;
    let target = target.cloned();
    Ok(Arc::new(Stubbed {
        real,
        replies,
        target,
    }))
}

struct Stubbed {
    real: Arc<dyn Cloud>,
    replies: Value,
    target: Option<Target>,
}

impl Cloud for Stubbed {
    fn call(&self, call: &Call) -> Result<Reply, Failure> {
        let wish = Wish::Effect(outside::name(call));
        match rehearsal::ask(self.target.as_ref(), wish) {
            Ok(Answer::Rehearsed) => outside::reply(call, &self.replies),
            Ok(Answer::ForReal) => self.real.call(call),
            Ok(Answer::No) => Err(call.not_sent("it is not of this rehearsal".into())),
            Err(error) => Err(call.not_sent(format!("the rehearsal does not answer: {error}"))),
        }
    }

    fn context(&self, effect: &Effect, input: &Value) -> Result<Option<Value>, Failure> {
        self.real.context(effect, input)
    }

    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        self.real.look_up(doubt)
    }

    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        self.real.look_again(doubt)
    }
}
