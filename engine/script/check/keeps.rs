//! Calls whose reply alone has a secret: each says where that goes.

use rhai::Expr;

use crate::api::aws::KEEP;
use base::secret::Reference;
use models::sensitive;

/// Returns what is wrong with where the secret of a call's reply goes, as far as it is written out.
pub(super) fn problem(service: &str, operation: &str, arguments: &[Expr]) -> Option<String> {
    let options = match arguments {
        [] | [_] => None,
        [_, Expr::Map(options, _)] => Some(&options.0),
        _ => return None,
    };
    let keep = options.and_then(|options| {
        let mut named = options.iter().filter(|(name, _)| name.name == KEEP);
        named.next().map(|(_, value)| value)
    });
    if let Err(problem) = sensitive::check_keep(service, operation, keep.is_some()) {
        return Some(problem);
    }
    let Some(Expr::StringConstant(place, _)) = keep else {
        return None;
    };
    let problem = Reference::keep(place).err()?;
    Some(format!("`{service}.{operation}`: {problem}"))
}
