//! Labels for resources that say what they are and how they are related, whatever their ids are.
//!
//! Colour refinement: a label starts as the resource's own attributes, in which another's id counts only as its kind.
//! Each round adds the labels of the resources that it refers to and of those that refer to it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::text::Piece;

/// What a resource's description consists of, with its references found.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Plain(String),
    Text(Vec<Piece>),
    /// In no order: AWS gives none.
    List(Vec<Shape>),
    Members(BTreeMap<String, Shape>),
}

/// A resource as it is labelled.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Service, type, region.
    pub(super) kind: String,
    pub(super) shape: Shape,
}

/// Each round's labels, the coarsest first; a label for each node.
#[derive(Debug)]
pub(super) struct Labels(pub(super) Vec<Vec<u64>>);

impl Labels {
    /// Labels both sides until another round would tell no two nodes apart, whichever side they are of.
    pub(super) fn of_both(ours: &[Node], theirs: &[Node]) -> [Self; 2] {
        let sides = [ours, theirs];
        let referrers = sides.map(referrers);
        let mut labels = sides.map(Self::own);
        let mut known = classes(&labels);
        loop {
            let next =
                [0, 1].map(|side| round(sides[side], &referrers[side], labels[side].finest()));
            for (labels, next) in labels.iter_mut().zip(next) {
                labels.0.push(next);
            }
            let now = classes(&labels);
            if now == known {
                return labels;
            }
            known = now;
        }
    }

    fn own(nodes: &[Node]) -> Self {
        let kinds: Vec<u64> = nodes.iter().map(|node| hash(&node.kind)).collect();
        let own = nodes
            .iter()
            .map(|node| hash(&(&node.kind, node.shape.render(&kinds))));
        Self(vec![own.collect()])
    }

    fn finest(&self) -> &[u64] {
        self.0.last().map_or(&[], Vec::as_slice)
    }
}

fn classes(sides: &[Labels; 2]) -> usize {
    sides
        .iter()
        .flat_map(Labels::finest)
        .collect::<BTreeSet<_>>()
        .len()
}

fn round(nodes: &[Node], referrers: &[Vec<(String, usize)>], before: &[u64]) -> Vec<u64> {
    let label = |(number, node): (usize, &Node)| {
        let mut incoming: Vec<(&str, u64)> = referrers[number]
            .iter()
            .map(|(path, from)| (&**path, before[*from]))
            .collect();
        incoming.sort_unstable();
        hash(&(before[number], node.shape.render(before), incoming))
    };
    nodes.iter().enumerate().map(label).collect()
}

/// Returns for each node who refers to it, and in which member.
fn referrers(nodes: &[Node]) -> Vec<Vec<(String, usize)>> {
    let mut referrers = vec![Vec::new(); nodes.len()];
    for (from, node) in nodes.iter().enumerate() {
        node.shape.references("", &mut |path, to| {
            referrers[to].push((path.to_owned(), from));
        });
    }
    referrers
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Shape {
    /// Returns the description with labels for references.
    pub(super) fn render(&self, labels: &[u64]) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Text(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Resource(number) => format!("<{:x}>", labels[*number]),
                })
                .collect(),
            Self::List(items) => {
                let mut items: Vec<String> = items.iter().map(|item| item.render(labels)).collect();
                items.sort_unstable();
                format!("{items:?}")
            }
            Self::Members(members) => {
                let rendered = members
                    .iter()
                    .map(|(name, shape)| (name, shape.render(labels)));
                format!("{:?}", rendered.collect::<Vec<_>>())
            }
        }
    }

    fn references(&self, path: &str, found: &mut impl FnMut(&str, usize)) {
        match self {
            Self::Plain(_) => {}
            Self::Text(pieces) => {
                for piece in pieces {
                    if let Piece::Resource(number) = piece {
                        found(path, *number);
                    }
                }
            }
            Self::List(items) => items.iter().for_each(|item| item.references(path, found)),
            Self::Members(members) => {
                for (name, shape) in members {
                    shape.references(&format!("{path}.{name}"), found);
                }
            }
        }
    }
}
