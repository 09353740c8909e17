use std::sync::Arc;

use indexmap::IndexMap;

use super::keyword::{Inherit, Keyword};
use crate::inventory::{Node, Value};

/// The keywords that are written at a play, block or task, or hold there because
/// something around it has them. Values are as written: templates not yet rendered.
#[derive(Clone, Debug, Default)]
pub struct Keywords(IndexMap<Keyword, Arc<Node>>);

impl Keywords {
    /// Returns the value of a keyword.
    pub fn get(&self, keyword: Keyword) -> Option<&Arc<Node>> {
        self.0.get(&keyword)
    }

    /// Returns whether a keyword is given.
    pub fn has(&self, keyword: Keyword) -> bool {
        self.0.contains_key(&keyword)
    }

    /// Returns the text of a keyword whose value is one.
    pub fn text(&self, keyword: Keyword) -> Option<&str> {
        self.get(keyword).and_then(|node| node.as_str())
    }

    /// Returns the values of a keyword that may be one or several.
    pub fn list(&self, keyword: Keyword) -> Vec<&Node> {
        match self.get(keyword).map(|node| (&node.value, node)) {
            None | Some((Value::Null, _)) => Vec::new(),
            Some((Value::Seq(items), _)) => items.iter().collect(),
            Some((_, node)) => vec![node],
        }
    }

    /// Sets a keyword.
    pub fn set(&mut self, keyword: Keyword, node: Node) {
        self.0.insert(keyword, Arc::new(node));
    }

    /// Removes a keyword.
    pub fn remove(&mut self, keyword: Keyword) {
        self.0.shift_remove(&keyword);
    }

    /// Returns the given keywords.
    pub fn iter(&self) -> impl Iterator<Item = (Keyword, &Arc<Node>)> {
        self.0.iter().map(|(keyword, node)| (*keyword, node))
    }

    /// Returns these keywords with those of `outer`, the block, role or play around.
    #[must_use]
    pub fn within(&self, outer: &Self) -> Self {
        let mut all = self.clone();
        for (keyword, outer_node) in &outer.0 {
            match keyword.spec().map_or(Inherit::No, |spec| spec.inherit) {
                Inherit::No => {}
                Inherit::Inner => {
                    all.0
                        .entry(*keyword)
                        .or_insert_with(|| Arc::clone(outer_node));
                }
                Inherit::Both => {
                    let node = match self.0.get(keyword) {
                        Some(own) => Arc::new(joined(outer_node, own)),
                        None => Arc::clone(outer_node),
                    };
                    all.0.insert(*keyword, node);
                }
            }
        }
        all
    }

    /// Returns only what blocks and tasks within would get from these.
    #[must_use]
    pub fn heritable(&self) -> Self {
        Self::default().within(self)
    }
}

fn joined(outer: &Node, own: &Node) -> Node {
    let items = |node: &Node| match &node.value {
        Value::Null => Vec::new(),
        Value::Seq(items) => items.clone(),
        _ => vec![node.clone()],
    };
    let mut all = items(outer);
    all.extend(items(own));
    Node::new(Value::Seq(all), own.place.clone())
}
