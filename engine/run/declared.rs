//! What a runbook declares of itself by constants: `PARAMS`, `PARAMS_FROM`, `TICK`, `READ_ONLY`, `LOCK`,
//! `REHEARSAL`.

use rhai::{Dynamic, Position};
use serde_json::Value;

use base::exit::Exit;
use base::report::Report;
use script::declaration::Specs;
use script::source_names::alias;
use script::sources::Library;
use script::tree::Script;
use script::{spec, value};

/// A constant with its place.
struct Constant<'a> {
    script: &'a Script,
    position: Position,
    /// None where it is not made of literals only.
    value: Option<Dynamic>,
}

impl Constant<'_> {
    fn wrong(&self, message: &str) -> Report {
        self.script.wrong(self.position, message)
    }
}

/// The constants of a script.
pub(super) struct Constants<'a>(&'a Script);

/// Reads the parameters of a runbook.
pub(super) fn specs(library: &Library) -> Result<Specs, Report> {
    Constants::of(library, &library.main().name)?.specs(library)
}

impl<'a> Constants<'a> {
    pub(super) fn of(library: &'a Library, name: &str) -> Result<Self, Report> {
        Ok(Self(library.program().script(name)?))
    }

    pub(super) fn script(&self) -> &'a Script {
        self.0
    }

    /// Returns the runbook's own parameters, and those of the module that `PARAMS_FROM` names, so that several runbooks
    /// take the same settings. Without both a runbook takes none.
    pub(super) fn specs(&self, library: &Library) -> Result<Specs, Report> {
        let mut specs = self.params()?;
        let Some(from) = self.get("PARAMS_FROM") else {
            return Ok(specs);
        };
        for (name, spec) in Constants::of(library, &module(library, &from)?)?.params()? {
            if specs.contains_key(&name) {
                return Err(from.wrong(&format!(
                    "the parameter `{name}` is declared twice: here in `PARAMS`, and in the module of `PARAMS_FROM`"
                )));
            }
            specs.insert(name, spec);
        }
        Ok(specs)
    }

    fn params(&self) -> Result<Specs, Report> {
        let Some(declared) = self.get("PARAMS") else {
            return Ok(Specs::new());
        };
        let Some(map) = &declared.value else {
            return Err(declared
                .wrong("`PARAMS` must be made of literals only, without calls or variables"));
        };
        let json =
            value::to_json(map).map_err(|error| declared.wrong(&format!("`PARAMS`: {error}")))?;
        spec::read(&json).map_err(|problems| {
            declared
                .wrong("`PARAMS` has mistakes")
                .with_causes(problems)
        })
    }

    /// Returns whether `TICK` or `READ_ONLY` is set.
    pub(super) fn is_set(&self, name: &str) -> Result<bool, Report> {
        let Some(declared) = self.get(name) else {
            return Ok(false);
        };
        let value = declared.value.as_ref();
        value
            .and_then(|value| value.as_bool().ok())
            .ok_or_else(|| declared.wrong(&format!("`{name}` must be `true` or `false`")))
    }

    /// Returns what a rehearsal answers in the place of effects outside AWS.
    pub(super) fn rehearsal(&self) -> Result<Value, Report> {
        let Some(declared) = self.get("REHEARSAL") else {
            return Ok(Value::Null);
        };
        let Some(map) = &declared.value else {
            return Err(declared
                .wrong("`REHEARSAL` must be made of literals only, without calls or variables"));
        };
        let json = value::to_json(map)
            .map_err(|error| declared.wrong(&format!("`REHEARSAL`: {error}")))?;
        let problems = outside::check_replies(&json);
        if problems.is_empty() {
            return Ok(json);
        }
        Err(declared
            .wrong("`REHEARSAL` has mistakes")
            .with_causes(problems))
    }

    pub(super) fn declares(&self, name: &str) -> bool {
        declaration(self.0, name).is_some()
    }

    /// Returns what is wrong with a constant, with its place.
    pub(super) fn wrong(&self, name: &str, message: &str) -> Report {
        match declaration(self.0, name) {
            Some(position) => self.0.wrong(position, message),
            None => Report::new(Exit::Usage, message),
        }
    }

    fn get(&self, name: &str) -> Option<Constant<'a>> {
        let position = declaration(self.0, name)?;
        let value = self
            .0
            .executable()
            .iter_literal_variables(true, true)
            .find(|(found, ..)| *found == name)
            .map(|(_, _, value)| value);
        Some(Constant {
            script: self.0,
            position,
            value,
        })
    }
}

/// Only what is imported is pinned with the run.
fn module(library: &Library, from: &Constant<'_>) -> Result<String, Report> {
    let name = from.value.clone().map(Dynamic::into_string);
    let Some(Ok(name)) = name else {
        return Err(from
            .wrong("`PARAMS_FROM` must be the name of a module, such as `\"network/settings\"`"));
    };
    if library.find(&name).is_some() {
        return Ok(name);
    }
    let message = format!("`PARAMS_FROM` names `{name}`, which is not imported");
    let hint = format!("add `import \"{name}\" as {};`", alias(&name));
    Err(from.wrong(&message).hint(hint))
}

/// Returns where the name stands in its declaration.
fn declaration(script: &Script, name: &str) -> Option<Position> {
    let statements = script.executable().statements();
    statements.iter().find_map(|statement| match statement {
        rhai::Stmt::Var(variable, ..) if variable.0.name == name => Some(variable.0.pos),
        _ => None,
    })
}
