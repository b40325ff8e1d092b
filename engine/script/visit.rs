//! Visits the nodes of scripts: each with what is around it, the call that it is, and the variables declared before it.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Dynamic, Expr, FnCallExpr, Position, Stmt, StmtBlock};

use crate::tree::Script;

/// What is done with each node; the nodes within it come next, in the order in which they are written.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(&Node<'_>);

/// A node of a script.
pub(crate) struct Node<'n> {
    pub(crate) script: &'n Script,
    /// The nodes around it, outermost first, and itself.
    pub(crate) path: &'n [ASTNode<'n>],
    locals: &'n [Local],
}

pub(crate) fn visit(script: &Script, body: &AST, each: Visit<'_>) {
    let mut locals = Vec::new();
    let (mut cases, mut repeated) = (BTreeSet::new(), None);
    body.walk(&mut |path: &[ASTNode<'_>]| {
        if repeated.is_some_and(|depth| path.len() > depth) {
            return true;
        }
        repeated = None;
        // Rhai visits a case of several values once for each of them.
        if let [.., ASTNode::Stmt(Stmt::Switch(..)), ASTNode::Expr(case)] = path
            && !cases.insert(address(*case))
        {
            repeated = Some(path.len());
            return true;
        }
        locals.extend(declared(path));
        each(&Node {
            script,
            path,
            locals: &locals,
        });
        true
    });
}

impl Script {
    /// Visits each node: first of the statements outside of functions, then of the functions in the order of their places.
    pub(crate) fn walk(&self, each: Visit<'_>) {
        visit(self, &self.ast.clone_statements_only(), each);
        let mut functions: Vec<_> = self.functions.values().collect();
        functions.sort_by_key(|function| function.begin);
        for function in functions {
            visit(self, &function.body, each);
        }
    }
}

/// A call of a function, a method or an operator.
pub(crate) struct Call<'n> {
    /// Where the function is: a script, `aws/…`, or a namespace that needs no import.
    pub(crate) target: &'n str,
    pub(crate) to: &'n FnCallExpr,
    pub(crate) position: Position,
}

impl Call<'_> {
    pub(crate) fn name(&self) -> &str {
        &self.to.name
    }

    pub(crate) fn is(&self, target: &str, name: &str) -> bool {
        self.target == target && self.name() == name
    }
}

impl<'n> Node<'n> {
    pub(crate) fn this(&self) -> &'n ASTNode<'n> {
        &self.path[self.path.len() - 1]
    }

    pub(crate) fn call(&self) -> Option<Call<'n>> {
        let (ASTNode::Expr(Expr::FnCall(to, position) | Expr::MethodCall(to, position))
        | ASTNode::Stmt(Stmt::FnCall(to, position))) = self.this()
        else {
            return None;
        };
        Some(Call {
            target: self.script.target(to),
            to,
            position: *position,
        })
    }

    /// Whether a variable of this name is declared in the function itself, and seen here.
    pub(crate) fn has_local(&self, name: &str) -> bool {
        let blocks = blocks(self.path);
        let values = self.path.iter().filter_map(|node| match node {
            ASTNode::Stmt(statement @ Stmt::Var(..)) => Some(address(*statement)),
            _ => None,
        });
        let values: Vec<usize> = values.collect();
        let mut declared = self.locals.iter().filter(|it| it.name == name);
        declared.any(|it| (it.block == 0 || blocks.contains(&it.block)) && !values.contains(&it.by))
    }
}

/// A variable that a function declares.
struct Local {
    name: String,
    /// The address of the block that it is seen in; 0 for the whole function.
    block: usize,
    /// The statement whose value does not see the variable yet.
    by: usize,
}

/// Returns the variables that the last node of a path declares.
fn declared(path: &[ASTNode<'_>]) -> Vec<Local> {
    let Some(ASTNode::Stmt(statement)) = path.last() else {
        return Vec::new();
    };
    let local = |name: &str, block: usize| Local {
        name: name.to_owned(),
        block,
        by: address(*statement),
    };
    match statement {
        Stmt::Var(variable, ..) => {
            let block = blocks(path).last().copied().unwrap_or(0);
            vec![local(&variable.0.name, block)]
        }
        Stmt::For(parts, _) => {
            let names = [Some(&parts.0), parts.1.as_ref()].into_iter().flatten();
            let block = address(&parts.2.body);
            names.map(|it| local(&it.name, block)).collect()
        }
        Stmt::TryCatch(flow, _) => {
            let name = base(&flow.expr).into_iter();
            name.map(|name| local(name, address(&flow.branch)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the variable that an assignment changes, in whole or in part.
pub(crate) fn base(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) => Some(variable.1.as_str()),
        Expr::ThisPtr(_) => Some("this"),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => base(&parts.lhs),
        _ => None,
    }
}

/// Returns the name of the function that a constant points to.
pub(crate) fn pointed(value: &Dynamic) -> Option<String> {
    let pointer = value.read_lock::<rhai::FnPtr>()?;
    Some(pointer.fn_name().to_owned())
}

/// Returns the blocks around the last node of a path, outermost first, each by its address.
fn blocks(path: &[ASTNode<'_>]) -> Vec<usize> {
    let pairs = path.windows(2);
    pairs
        .filter_map(|pair| block(&pair[0], &pair[1]))
        .map(address)
        .collect()
}

/// Returns the block of a node in which a statement directly is.
pub(crate) fn block<'n>(around: &ASTNode<'n>, inside: &ASTNode<'n>) -> Option<&'n StmtBlock> {
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

pub(crate) fn holds(block: &StmtBlock, statement: &Stmt) -> bool {
    block.iter().any(|own| std::ptr::eq(own, statement))
}

/// Returns what tells a part of a script from all others.
pub(crate) fn address<T>(part: &T) -> usize {
    std::ptr::from_ref(part).addr()
}
