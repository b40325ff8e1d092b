//! The scripts of a run as syntax trees. Each is compiled once: what reads scripts and the run itself use one tree.

use std::sync::OnceLock;

use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::engine::compiler;
use crate::library_error::RUNBOOK;
use crate::mistake;
use crate::tree::{Form, Function, Import, Script, functions};
use crate::visit::{Visit, visit};
use base::exit::Exit;
use base::report::Report;
use base::source::Source;

/// The scripts of a run, the runbook first.
#[derive(Debug, Default)]
pub struct Program {
    main: String,
    scripts: Vec<Script>,
    /// Of the sources that do not compile, by their names.
    failures: Vec<(String, Report)>,
}

impl Program {
    /// The runbook comes first.
    pub(crate) fn new(scripts: Vec<Script>) -> Self {
        Self {
            main: scripts
                .first()
                .map_or_else(String::new, |script| script.source.name.clone()),
            scripts,
            failures: Vec::new(),
        }
    }

    pub(crate) fn compile(sources: &[Source]) -> Self {
        let mut program = Self::default();
        for source in sources {
            match Script::compile(source) {
                Ok(script) => program.scripts.push(script),
                Err(report) => program.failures.push((source.name.clone(), report)),
            }
        }
        let main = sources.first().map(|source| source.name.clone());
        program.main = main.unwrap_or_default();
        program
    }

    /// Returns the scripts that compile.
    #[must_use]
    pub fn scripts(&self) -> &[Script] {
        &self.scripts
    }

    /// Returns what is wrong with the sources that do not compile.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &Report> {
        self.failures.iter().map(|(_, report)| report)
    }

    /// Returns the program if all of its sources compile.
    pub(crate) fn complete(&self) -> Result<&Self, Report> {
        self.failures()
            .next()
            .map_or(Ok(self), |report| Err(report.clone()))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.name() == name)
    }

    /// Returns a script, or why it does not compile.
    pub fn script(&self, name: &str) -> Result<&Script, Report> {
        self.find(name).ok_or_else(|| {
            let failure = self.failures.iter().find(|(failed, _)| failed == name);
            failure.map_or_else(
                || Report::new(Exit::Usage, format!("the script `{name}` is not pinned")),
                |(_, report)| report.clone(),
            )
        })
    }

    /// Returns where a script is among the others, and the script.
    pub(crate) fn ranked(&self, name: &str) -> Option<(usize, &Script)> {
        let mut scripts = self.scripts.iter().enumerate();
        scripts.find(|(_, script)| script.name() == name)
    }

    /// Returns the runbook and those that it calls.
    pub(crate) fn runbooks(&self) -> impl Iterator<Item = &Script> {
        let is_runbook = |script: &&Script| script.name() == self.main || script.is_runbook();
        self.scripts.iter().filter(is_runbook)
    }

    /// Returns each runbook with the modules that it leads to.
    pub(crate) fn by_runbook(&self) -> Vec<Vec<&Script>> {
        if self.runbooks().nth(1).is_none() {
            return vec![self.scripts.iter().collect()];
        }
        self.runbooks().map(|script| self.led_to(script)).collect()
    }

    fn led_to<'a>(&'a self, runbook: &'a Script) -> Vec<&'a Script> {
        let mut led_to = vec![runbook];
        let mut next = 0;
        while let Some(script) = led_to.get(next) {
            next += 1;
            for import in &script.imports {
                let is_news = |it: &&Script| led_to.iter().all(|other| other.name() != it.name());
                led_to.extend(self.find(&import.path).filter(is_news));
            }
        }
        led_to
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = (&Form, &Function)> {
        self.scripts.iter().flat_map(|script| &script.functions)
    }

    /// A function that is not there, such as Rhai's own, has no parameters and nothing in it.
    pub(crate) fn parameters(&self, form: &Form) -> &[String] {
        let function = self
            .find(&form.module)
            .and_then(|it| it.functions.get(form));
        function.map_or(&[], |function| &function.parameters)
    }

    /// Returns the functions of a name, one for each number of parameters.
    pub(crate) fn named(&self, module: &str, name: &str) -> Vec<Form> {
        let script = self.find(module);
        script.map_or_else(Vec::new, |script| script.named(name))
    }

    /// Visits each node of a function.
    pub(crate) fn walk(&self, form: &Form, each: Visit<'_>) {
        if let Some(script) = self.find(&form.module)
            && let Some(function) = script.functions.get(form)
        {
            visit(script, &function.body, each);
        }
    }
}

impl Script {
    /// Imports and calls of runbooks must be literal, so that the run can pin what they name.
    pub fn compile(source: &Source) -> Result<Self, Report> {
        let ast = compiler()
            .compile(&source.text)
            .map_err(|error| mistake::syntax(&error, source))?;
        let mut script = Self {
            source: source.clone(),
            functions: functions(&source.name, &ast),
            ast,
            executable: OnceLock::new(),
            imports: Vec::new(),
        };
        script.imports = script.read_imports()?;
        script.check_runbook_calls()?;
        Ok(script)
    }

    fn read_imports(&self) -> Result<Vec<Import>, Report> {
        let mut imports = Vec::new();
        let mut computed = None;
        self.walk(&mut |node| {
            let ASTNode::Stmt(Stmt::Import(import, position)) = node.this() else {
                return;
            };
            match &import.0 {
                Expr::StringConstant(path, position) => imports.push(Import {
                    alias: import.1.name.to_string(),
                    path: path.to_string(),
                    position: *position,
                }),
                _ => computed = Some(*position),
            }
        });
        let message = "an import path must be a literal string, so that the run can pin the module";
        computed.map_or(Ok(imports), |position| Err(self.wrong(position, message)))
    }

    /// Visits each `run::call` of a literal runbook, with the runbook's path and its place.
    pub fn runbook_calls(&self, each: &mut dyn FnMut(&str, &FnCallExpr, Position)) {
        self.walk(&mut |node| {
            if let Some(call) = node.call().filter(|call| call.is("run", "call"))
                && let Some(Expr::StringConstant(path, position)) = call.to.args.first()
            {
                each(path, call.to, *position);
            }
        });
    }

    fn check_runbook_calls(&self) -> Result<(), Report> {
        let mut wrong = None;
        self.walk(&mut |node| {
            let Some(call) = node.call().filter(|call| call.is("run", "call")) else {
                return;
            };
            match call.to.args.first() {
                Some(Expr::StringConstant(path, _)) if path.ends_with(RUNBOOK) => {}
                other => wrong = Some(other.map_or(call.position, Expr::position)),
            }
        });
        let message = "a runbook is called by a literal name that ends in `.rhai`, so that the run can pin it";
        let hint = "write it like: run::call(\"other.rhai\", #{…}); to choose, call each by its name under an `if`";
        wrong.map_or(Ok(()), |position| {
            Err(self.wrong(position, message).hint(hint))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source_names::source;
    use crate::sources::Library;

    #[test]
    fn nodes_are_visited_in_the_order_of_their_places() {
        let text = "const A = f0();\nfn z() { f1(|| f3()); if true { f2() } }\nfn b() { f4() }\nfn m() { f5() }\nfn a() { f6() }";
        let script = Script::compile(&source("book.rhai", None, text.into())).unwrap();
        let mut called = Vec::new();
        script.walk(&mut |node| called.extend(node.call().map(|call| call.name().to_owned())));
        // A closure is a function too: it comes after the one that it is in.
        assert_eq!(called, ["f0", "f1", "f2", "f3", "f4", "f5", "f6"]);
    }

    #[test]
    fn a_library_is_compiled_once() {
        let library = Library::pinned(&[source("book.rhai", None, "fn main(params) { }".into())]);
        let copy = library.clone();
        let script =
            |library: &Library| std::ptr::from_ref(library.program().script("book.rhai").unwrap());
        assert!(std::ptr::eq(script(&library), script(&copy)));
        let executable = library.program().scripts()[0].executable();
        assert!(std::ptr::eq(
            executable,
            copy.program().scripts()[0].executable()
        ));
        assert_eq!(executable.source(), Some("book.rhai"));
    }
}
