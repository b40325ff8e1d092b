//! What a runbook declares of itself by constants: `PARAMS`, `PARAMS_FROM`, `TICK`, `READ_ONLY`, `LOCK`.

use rhai::{AST, Dynamic, Position};

use base::exit::Exit;
use base::report::Report;
use base::source::Source;
use script::declaration::Specs;
use script::sources::{Library, alias};
use script::{engine, fault, spec, value};

/// A constant with its place.
struct Constant<'a> {
    source: &'a Source,
    position: Position,
    /// None where it is not made of literals only.
    value: Option<Dynamic>,
}

impl Constant<'_> {
    fn wrong(&self, message: &str) -> Report {
        fault::located(
            Report::new(Exit::Usage, message),
            self.source,
            self.position,
        )
    }
}

/// The constants of a script, which is compiled once for all of them.
pub(super) struct Constants<'a> {
    source: &'a Source,
    ast: AST,
}

/// Reads the parameters of a runbook.
pub(super) fn specs(library: &Library) -> Result<Specs, Report> {
    Constants::of(library.main())?.specs(library)
}

impl<'a> Constants<'a> {
    pub(super) fn of(source: &'a Source) -> Result<Self, Report> {
        let ast = engine::compiler()
            .compile(&source.text)
            .map_err(|error| fault::syntax(&error, source))?;
        Ok(Self { source, ast })
    }

    /// Returns the runbook's own parameters, and those of the module that `PARAMS_FROM` names, so that several runbooks
    /// take the same settings. Without both a runbook takes none.
    pub(super) fn specs(&self, library: &Library) -> Result<Specs, Report> {
        let mut specs = self.params()?;
        let Some(from) = self.get("PARAMS_FROM") else {
            return Ok(specs);
        };
        for (name, spec) in Constants::of(module(library, &from)?)?.params()? {
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

    pub(super) fn declares(&self, name: &str) -> bool {
        declaration(&self.ast, name).is_some()
    }

    /// Returns what is wrong with a constant, with its place.
    pub(super) fn wrong(&self, name: &str, message: &str) -> Report {
        let report = Report::new(Exit::Usage, message);
        match declaration(&self.ast, name) {
            Some(position) => fault::located(report, self.source, position),
            None => report,
        }
    }

    fn get(&self, name: &str) -> Option<Constant<'a>> {
        let position = declaration(&self.ast, name)?;
        let value = self
            .ast
            .iter_literal_variables(true, true)
            .find(|(found, ..)| *found == name)
            .map(|(_, _, value)| value);
        Some(Constant {
            source: self.source,
            position,
            value,
        })
    }
}

/// Only what is imported is pinned with the run.
fn module<'a>(library: &'a Library, from: &Constant<'_>) -> Result<&'a Source, Report> {
    let name = from.value.clone().map(Dynamic::into_string);
    let Some(Ok(name)) = name else {
        return Err(from
            .wrong("`PARAMS_FROM` must be the name of a module, such as `\"network/settings\"`"));
    };
    library.find(&name).ok_or_else(|| {
        from.wrong(&format!(
            "`PARAMS_FROM` names `{name}`, which is not imported"
        ))
        .hint(format!("add `import \"{name}\" as {};`", alias(&name)))
    })
}

/// Returns where the name stands in its declaration.
fn declaration(ast: &AST, name: &str) -> Option<Position> {
    ast.statements()
        .iter()
        .find_map(|statement| match statement {
            rhai::Stmt::Var(variable, ..) if variable.0.name == name => Some(variable.0.pos),
            _ => None,
        })
}
