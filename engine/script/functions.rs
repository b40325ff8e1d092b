//! The functions of all scripts of a runbook, closures among them, and which one a call is of.

use std::collections::BTreeMap;

use rhai::{AST, ASTNode, Expr, FnCallExpr, Stmt, StmtBlock};

/// Which function: scripts may have several of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    pub(super) module: String,
    pub(super) name: String,
    pub(super) arity: usize,
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

#[derive(Debug, Default)]
pub(super) struct Functions {
    all: BTreeMap<Form, Function>,
    /// By module: import alias to path.
    imports: BTreeMap<String, BTreeMap<String, String>>,
}

impl Functions {
    pub(super) fn of(asts: &BTreeMap<String, AST>) -> Self {
        let mut functions = Self::default();
        for (module, ast) in asts {
            functions.imports.insert(module.clone(), imports(ast));
            for found in ast.iter_functions() {
                let form = Form::new(module, found.name, found.params.len());
                functions.all.insert(form, Function::of(ast, &found));
            }
        }
        functions
    }

    /// A function that is not there, such as Rhai's own, has nothing in it.
    pub(super) fn get(&self, form: &Form) -> Option<&Function> {
        self.all.get(form)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Form, &Function)> {
        self.all.iter()
    }

    /// Returns the functions of this name, one for each number of parameters.
    pub(super) fn named(&self, module: &str, name: &str) -> Vec<Form> {
        let forms = self.all.range(Form::new(module, name, 0)..);
        forms
            .map(|(form, _)| form)
            .take_while(|form| form.module == module && form.name == name)
            .cloned()
            .collect()
    }

    /// Returns where the function of a call is: a module, `aws/…`, or a namespace that needs no import.
    pub(super) fn target<'a>(&'a self, module: &'a str, call: &'a FnCallExpr) -> &'a str {
        let Some(alias) = call.namespace.path.first() else {
            return module;
        };
        let imports = self.imports.get(module);
        imports
            .and_then(|imports| imports.get(alias.name.as_str()))
            .map_or(alias.name.as_str(), String::as_str)
    }
}

fn imports(ast: &AST) -> BTreeMap<String, String> {
    let mut imports = BTreeMap::new();
    for statement in ast.statements() {
        if let Stmt::Import(import, _) = statement
            && let Expr::StringConstant(path, _) = &import.0
        {
            imports.insert(import.1.name.to_string(), path.to_string());
        }
    }
    imports
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) parameters: Vec<String>,
    body: AST,
}

impl Function {
    fn of(ast: &AST, found: &rhai::ScriptFnMetadata<'_>) -> Self {
        let is = |name: &str, arity: usize| name == found.name && arity == found.params.len();
        let parameters = found.params.iter();
        // Rhai's own filter while cloning lets everything through.
        let mut body = ast.clone_functions_only();
        body.retain_functions(|_, _, name, arity| is(name, arity));
        Self {
            parameters: parameters.map(|name| (*name).to_owned()).collect(),
            body,
        }
    }

    /// Visits each node with the nodes around it, itself last.
    pub(super) fn walk(&self, visit: &mut dyn FnMut(&[ASTNode<'_>])) {
        self.body.walk(&mut |path: &[ASTNode]| {
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
pub(super) fn base(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) => Some(variable.1.as_str()),
        Expr::ThisPtr(_) => Some("this"),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => base(&parts.lhs),
        _ => None,
    }
}

/// Returns the call that a node is, if it is one.
pub(super) fn call_of<'a>(node: &'a ASTNode<'_>) -> Option<(&'a FnCallExpr, rhai::Position)> {
    match node {
        ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
        | ASTNode::Stmt(Stmt::FnCall(call, position)) => Some((call, *position)),
        _ => None,
    }
}

/// Returns the blocks around the last node of a path, outermost first, each by its address.
pub(super) fn blocks(path: &[ASTNode<'_>]) -> Vec<usize> {
    let pairs = path.windows(2);
    pairs
        .filter_map(|pair| block(&pair[0], &pair[1]))
        .map(address)
        .collect()
}

/// Returns the block of a node in which a statement directly is.
pub(super) fn block<'n>(around: &ASTNode<'n>, inside: &ASTNode<'n>) -> Option<&'n StmtBlock> {
    let ASTNode::Stmt(inside) = inside else {
        return None;
    };
    let blocks: [Option<&StmtBlock>; 2] = match around {
        ASTNode::Stmt(
            Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..) | Stmt::TryCatch(flow, _),
        ) => [Some(&flow.body), Some(&flow.branch)],
        ASTNode::Stmt(Stmt::For(parts, _)) => [Some(&parts.2.body), None],
        ASTNode::Stmt(Stmt::Block(block)) | ASTNode::Expr(Expr::Stmt(block)) => [Some(block), None],
        _ => [None, None],
    };
    blocks
        .into_iter()
        .flatten()
        .find(|block| holds(block, inside))
}

pub(super) fn holds(block: &StmtBlock, statement: &Stmt) -> bool {
    block.iter().any(|own| std::ptr::eq(own, statement))
}

/// Returns what tells a part of a script from all others.
pub(super) fn address<T>(part: &T) -> usize {
    std::ptr::from_ref(part).addr()
}
