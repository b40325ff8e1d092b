//! A script as its syntax tree, with its functions and imports.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rhai::{AST, FnAccess, FnCallExpr, OptimizationLevel, Position, Scope};

use crate::engine::compiler;
use crate::library_error::RUNBOOK;
use crate::located;
use base::report::Report;
use base::source::Source;

/// Which function: scripts may have several of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) arity: usize,
}

impl Form {
    pub(crate) fn new(module: &str, name: &str, arity: usize) -> Self {
        Self {
            module: module.to_owned(),
            name: name.to_owned(),
            arity,
        }
    }
}

/// A function of a script; a closure is one with a name of Rhai's own.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) parameters: Vec<String>,
    pub(crate) is_public: bool,
    /// The comment before it, as it is written.
    pub(crate) comments: String,
    pub(super) begin: Position,
    pub(super) body: AST,
}

#[derive(Debug)]
pub(crate) struct Import {
    pub(super) alias: String,
    pub(crate) path: String,
    pub(crate) position: Position,
}

/// A source that compiles.
#[derive(Debug)]
pub struct Script {
    pub source: Source,
    /// Not optimised, since that removes dead branches before they could be read.
    pub(super) ast: AST,
    pub(super) executable: OnceLock<AST>,
    pub(crate) imports: Vec<Import>,
    pub(crate) functions: BTreeMap<Form, Function>,
}

impl Script {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.source.name
    }

    pub(super) fn is_runbook(&self) -> bool {
        self.name().ends_with(RUNBOOK)
    }

    /// Returns the optimised tree, for execution.
    #[must_use]
    pub fn executable(&self) -> &AST {
        self.executable.get_or_init(|| {
            let (ast, level) = (self.ast.clone(), OptimizationLevel::Simple);
            let mut ast = compiler().optimize_ast(&Scope::new(), ast, level);
            ast.set_source(self.name());
            ast
        })
    }

    /// Returns what is wrong at a place of the script.
    #[must_use]
    pub fn wrong(&self, position: Position, message: impl Into<String>) -> Report {
        located::wrong(&self.source, position, message)
    }

    /// Returns the functions of a name, one for each number of parameters.
    pub(crate) fn named(&self, name: &str) -> Vec<Form> {
        let forms = self.functions.range(Form::new(self.name(), name, 0)..);
        let forms = forms.map(|(form, _)| form.clone());
        forms.take_while(|form| form.name == name).collect()
    }

    /// Returns where the function of a call is: a script, `aws/…`, or a namespace that needs no import.
    pub(crate) fn target<'a>(&'a self, call: &'a FnCallExpr) -> &'a str {
        let Some(alias) = call.namespace.path.first() else {
            return self.name();
        };
        let mut imports = self.imports.iter().rev();
        imports
            .find(|import| import.alias == alias.name)
            .map_or(alias.name.as_str(), |import| &import.path)
    }
}

pub(super) fn functions(module: &str, ast: &AST) -> BTreeMap<Form, Function> {
    let function = |found: &rhai::Shared<rhai::ScriptFuncDef>| {
        let form = Form::new(module, &found.name, found.params.len());
        // Rhai's own filter while cloning lets everything through.
        let mut body = ast.clone_functions_only();
        body.retain_functions(|_, _, name, arity| name == form.name && arity == form.arity);
        let function = Function {
            parameters: found.params.iter().map(ToString::to_string).collect(),
            is_public: found.access == FnAccess::Public,
            comments: found.comments.join("\n"),
            begin: found.body.start_position(),
            body,
        };
        (form, function)
    };
    ast.iter_fn_def().map(function).collect()
}
