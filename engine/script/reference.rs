//! What scripts can call: the primitives, AWS's operations, and the modules of the standard library.

use super::api;
use crate::tree::Script;
use crate::{source_names, stdlib};
use base::command::Command;
use base::exit::Exit;
use base::nearest::nearest;
use base::report::Report;
use knowledge::{Class, ModelFacts};
use models::{Kind, Operation, Reference, Service};

/// How many levels of fields within fields are shown.
const DEPTH: usize = 3;

/// What one namespace, service or module offers.
#[derive(Debug)]
pub struct Page {
    pub title: String,
    pub items: Vec<Item>,
}

/// Something that scripts can call.
#[derive(Debug)]
pub struct Item {
    /// As it is written: `run::step(name, body)`.
    pub call: String,
    /// The first line stands alone.
    pub doc: String,
    pub fields: Vec<Field>,
}

/// A field of what goes in, or of what comes back.
#[derive(Debug)]
pub struct Field {
    pub depth: usize,
    pub name: String,
    pub kind: String,
}

/// Returns a page for each namespace and module, and one that names the services.
#[must_use]
pub fn overview() -> Vec<Page> {
    let services = models::names().into_iter().map(|name| Item {
        call: format!("import \"aws/{name}\" as {name};"),
        doc: format!("runbook reference {name}"),
        fields: Vec::new(),
    });
    let aws = Page {
        title: "AWS".into(),
        items: services.collect(),
    };
    let namespaces = api::namespaces().filter_map(namespace);
    let modules = stdlib::built_in();
    namespaces
        .chain([aws])
        .chain(modules.iter().filter_map(|name| module(name)))
        .collect()
}

/// Returns what goes by a name such as `run`, `run::step`, `ec2::create_vpc` or `tags`.
pub fn look_up(name: &str) -> Result<Vec<Page>, Report> {
    let (place, function) = match name.split_once("::") {
        Some((place, function)) => (place, Some(function)),
        None => (name, None),
    };
    let place = place.strip_prefix("aws/").unwrap_or(place);
    let mut page = service(place, function)
        .or_else(|| namespace(place))
        .or_else(|| module(place))
        .ok_or_else(|| unknown(place))?;
    if let Some(function) = function {
        let start = format!("{}::{function}(", source_names::alias(place));
        let all: Vec<String> = page.items.iter().map(|item| item.call.clone()).collect();
        page.items.retain(|item| item.call.starts_with(&start));
        if page.items.is_empty() {
            return Err(no_function(place, function, &all));
        }
    }
    Ok(vec![page])
}

fn namespace(name: &str) -> Option<Page> {
    let item = |one: &api::Primitive| Item {
        call: format!("{name}::{}({})", one.name, one.parameters.join(", ")),
        doc: one.doc.into(),
        fields: Vec::new(),
    };
    let items: Vec<Item> = api::primitives(name).map(item).collect();
    (!items.is_empty()).then(|| Page {
        title: format!("{name}::"),
        items,
    })
}

/// The text of a module is its comments. The folder can be left out where only one has a module of that name.
fn module(name: &str) -> Option<Page> {
    let source = stdlib::module(name).or_else(|| match stdlib::named(name).as_slice() {
        [only] => stdlib::module(only),
        _ => None,
    })?;
    let alias = source_names::alias(name);
    let script = Script::compile(&source).ok()?;
    let functions = script.functions.iter();
    // Closures are functions with names of Rhai's own.
    let public = functions.filter(|(form, it)| it.is_public && !form.name.contains('$'));
    let mut items: Vec<Item> = public
        .map(|(form, function)| Item {
            call: format!("{alias}::{}({})", form.name, function.parameters.join(", ")),
            doc: uncommented(&function.comments),
            fields: Vec::new(),
        })
        .collect();
    items.sort_by(|one, other| one.call.cmp(&other.call));
    Some(Page {
        title: format!("import \"{}\" as {alias};", source.name),
        items,
    })
}

fn uncommented(comments: &str) -> String {
    let bare = comments.lines().map(|line| {
        let line = line.strip_prefix("///").unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    });
    bare.collect::<Vec<_>>().join("\n")
}

/// With a function's name, its fields are shown too.
fn service(name: &str, function: Option<&str>) -> Option<Page> {
    models::names().iter().find(|known| *known == name)?;
    let model = models::service(name).ok()?;
    let operations = model.operations.values().map(|operation| {
        let wanted = function == Some(&operation.snake);
        call(&model, operation, wanted)
    });
    let waiters = model.waiters.iter().map(|(waiter, how)| Item {
        call: format!("{name}::{waiter}(#{{…}})"),
        doc: format!(
            "Waits with `{}`: a read every {} s, at most {}.",
            how.operation, how.delay, how.max_attempts
        ),
        fields: Vec::new(),
    });
    let items = operations.chain(waiters).collect();
    Some(Page {
        title: format!("import \"aws/{name}\" as {name};"),
        items,
    })
}

fn call(model: &Service, operation: &Operation, whole: bool) -> Item {
    let facts = ModelFacts {
        token_member: model.token_member(operation),
    };
    let effect = knowledge::effect(&model.name, &operation.snake, facts);
    let mut fields = Vec::new();
    if whole {
        fields.extend(members("takes", model, operation.input.as_ref()));
        fields.extend(members("returns", model, operation.output.as_ref()));
    }
    let inverse = effect
        .inverse()
        .map(|inverse| format!(" Undone by `{inverse}`."));
    Item {
        call: format!("{}::{}(#{{…}})", model.name, operation.snake),
        doc: format!("{}{}", class(effect.class), inverse.unwrap_or_default()),
        fields,
    }
}

/// The class in a line, and what becomes of a call whose reply was lost.
fn class(class: Class) -> &'static str {
    match class {
        Class::Read => "Reads.\n\nEach call reads anew, with all pages.",
        Class::Idempotent => {
            "Changes something (idempotent).\n\nA lost call is repeated: a repetition changes nothing more."
        }
        Class::Tokened => {
            "Changes something (tokened).\n\nA lost call is repeated with the same client token."
        }
        Class::Tagged => "Changes something (tagged).\n\nA lost call is looked up by the engine's tag.",
        Class::Keyed => {
            "Changes something (keyed).\n\nA lost call is looked up by its key, or by a mark in it."
        }
        Class::Unsafe => {
            "Changes something (unsafe).\n\nAWS does not show whether a lost call was done: the run stops until an operator resolves the doubt;
where a repetition does no harm, give `#{on_doubt: \"retry\"}` as a second map."
        }
    }
}

fn members(title: &str, model: &Service, reference: Option<&Reference>) -> Vec<Field> {
    let mut fields = vec![Field {
        depth: 0,
        name: title.into(),
        kind: String::new(),
    }];
    if let Some(reference) = reference {
        within(model, reference, 1, &mut fields);
    }
    if fields.len() == 1 {
        fields[0].kind = "nothing".into();
    }
    fields
}

fn within(model: &Service, reference: &Reference, depth: usize, fields: &mut Vec<Field>) {
    if depth > DEPTH {
        return;
    }
    for field in model.shape(reference.shape).fields() {
        let required = if field.required { ", required" } else { "" };
        let token = if field.token {
            ", set by the engine"
        } else {
            ""
        };
        fields.push(Field {
            depth,
            name: field.snake.clone(),
            kind: format!("{}{required}{token}", kind(model, &field.to)),
        });
        within(model, innermost(model, &field.to), depth + 1, fields);
    }
}

/// Of a list, what it is of.
fn innermost<'a>(model: &'a Service, reference: &'a Reference) -> &'a Reference {
    match &model.shape(reference.shape).kind {
        Kind::List(item) => innermost(model, item),
        _ => reference,
    }
}

fn kind(model: &Service, reference: &Reference) -> String {
    let shape = model.shape(reference.shape);
    match &shape.kind {
        Kind::List(item) => format!("a list, each {}", kind(model, item)),
        Kind::String(values) if !values.is_empty() => {
            let shown: Vec<&str> = values.iter().take(8).map(String::as_str).collect();
            let more = if values.len() > shown.len() {
                ", …"
            } else {
                ""
            };
            format!("one of {}{more}", shown.join(", "))
        }
        other => other.noun().into(),
    }
}

fn unknown(place: &str) -> Report {
    let (services, modules) = (models::names(), stdlib::built_in());
    let names = api::namespaces()
        .chain(services.iter().map(String::as_str))
        .chain(modules.iter().map(String::as_str));
    let meant = match stdlib::named(place).as_slice() {
        [] => nearest(place, names).map(|name| format!("; did you mean `{name}`?")),
        several => Some(format!("; did you mean `{}`?", several.join("` or `"))),
    };
    let message = format!(
        "there is no namespace, AWS service or module `{place}`{}",
        meant.unwrap_or_default()
    );
    Report::new(Exit::Usage, message).hint(Command::runbook(["reference"]))
}

fn no_function(place: &str, function: &str, calls: &[String]) -> Report {
    let names = calls
        .iter()
        .filter_map(|call| call.split_once("::")?.1.split('(').next());
    let meant = nearest(function, names).map(|name| format!("; did you mean `{name}`?"));
    let message = format!(
        "`{place}` has no function `{function}`{}",
        meant.unwrap_or_default()
    );
    Report::new(Exit::Usage, message).hint(Command::runbook(["reference", place]))
}
