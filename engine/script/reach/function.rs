//! One function of a script.

use rhai::{AST, ASTNode, Expr, Stmt};

/// Which function: scripts may have several of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    pub(super) module: String,
    name: String,
    arity: usize,
}

impl Form {
    pub(super) fn new(module: &str, name: &str, arity: usize) -> Self {
        Self {
            module: module.to_owned(),
            name: name.to_owned(),
            arity,
        }
    }
}

pub(super) struct Function(AST);

impl Function {
    /// A function that is not there, such as Rhai's own, has nothing in it.
    pub(super) fn of(ast: &AST, form: &Form) -> Self {
        let is = |name: &str, arity: usize| name == form.name && arity == form.arity;
        let mut only = ast.clone_functions_only();
        only.retain_functions(|_, _, name, arity| is(name, arity));
        Self(only)
    }

    /// Visits each node with the nodes around it, itself last.
    pub(super) fn walk(&self, visit: &mut dyn FnMut(&[ASTNode<'_>])) {
        self.0.walk(&mut |path: &[ASTNode]| {
            visit(path);
            true
        });
    }

    /// Whether it gives a variable of this name another value.
    pub(super) fn changes(&self, name: &str) -> bool {
        let mut changes = false;
        self.walk(&mut |path| {
            changes |= match path.last() {
                Some(ASTNode::Stmt(Stmt::Var(variable, ..))) => variable.0.name == name,
                Some(ASTNode::Stmt(Stmt::For(parts, _))) => parts.0.name == name,
                Some(ASTNode::Stmt(Stmt::Assignment(parts))) => base(&parts.1.lhs) == Some(name),
                _ => false,
            };
        });
        changes
    }
}

/// Returns the variable that an assignment changes, in whole or in part.
fn base(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) => Some(variable.1.as_str()),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => base(&parts.lhs),
        _ => None,
    }
}

/// Returns the names of a function's parameters.
pub(super) fn parameters(ast: &AST, form: &Form) -> Vec<String> {
    let is = |name: &str, arity: usize| name == form.name && arity == form.arity;
    let mut functions = ast.iter_functions();
    let function = functions.find(|it| is(it.name, it.params.len()));
    let names = function.map(|it| it.params.iter().map(|name| (*name).to_owned()).collect());
    names.unwrap_or_default()
}

/// Returns the numbers of parameters that functions of this name have.
pub(super) fn arities(ast: &AST, name: &str) -> Vec<usize> {
    let functions = ast.iter_functions().filter(|it| it.name == name);
    functions.map(|it| it.params.len()).collect()
}
