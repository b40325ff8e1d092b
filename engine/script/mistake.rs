//! What is wrong with a script that does not compile.

use rhai::{ParseError, ParseErrorType};

use crate::located::{lower, shown, wrong};
use crate::{api, stdlib};
use base::nearest::nearest;
use base::report::Report;
use base::source::Source;

/// Returns the report of a script that does not compile.
#[must_use]
pub(crate) fn syntax(error: &ParseError, source: &Source) -> Report {
    let message = format!(
        "`{}` does not compile: {}",
        shown(source),
        lower(&error.err_type().to_string())
    );
    let report = wrong(source, error.position(), message);
    match error.err_type() {
        ParseErrorType::ModuleUndefined(name) => report.hint(undefined(name)),
        ParseErrorType::Reserved(name) if name == "default" => {
            report.hint("a preset of `PARAMS` is called `value`")
        }
        _ => report,
    }
}

/// Either the name is wrong, or its import is missing.
fn undefined(name: &str) -> String {
    let services = models::names();
    let known = api::namespaces().chain(services.iter().map(String::as_str));
    match nearest(name, known).filter(|near| *near != name) {
        Some(near) => format!("did you mean `{near}`?"),
        None if services.iter().any(|service| service == name) => {
            format!("add at the top: import \"aws/{name}\" as {name};")
        }
        None => {
            let mut paths = stdlib::named(name);
            if paths.is_empty() {
                paths.push(name.to_owned());
            }
            let imports = paths
                .iter()
                .map(|path| format!("import \"{path}\" as {name};"));
            let imports: Vec<String> = imports.collect();
            format!("add at the top: {}", imports.join(" or "))
        }
    }
}
