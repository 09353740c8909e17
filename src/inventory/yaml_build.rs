use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use granit_parser::{Event, ScalarStyle, Tag};

use super::{
    Entry, Map, Node, Value, Vault, scalar,
    yaml::{Document, MAX_DEPTH},
    yaml_values::{Asked, json_scalar, merge, overlay, special_json},
};
use crate::{
    plan::{Diagnostic, Diagnostics, Place},
    secret::is_vault,
};

/// How many nodes aliases may add to a document, so that a few lines of aliases to
/// aliases can't fill the memory.
const MAX_ALIASED_NODES: usize = 100_000;

/// Builds the tree from the parser's events, without recursion.
pub(super) struct Builder {
    file: Arc<Path>,
    json: bool,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Finished>,
    aliased: usize,
    odd_keys: HashSet<Place>,
    diagnostics: Diagnostics,
    root: Option<Node>,
}

/// A node with what the limits need to know of it.
#[derive(Clone)]
struct Finished {
    node: Node,
    /// Nodes in it, itself among them.
    weight: usize,
    /// Levels below it.
    height: usize,
    /// Whether the scalar was plain, so that `<<` is the merge key.
    plain: bool,
}

/// A list or mapping that is not closed yet.
struct Frame {
    content: Content,
    place: Place,
    anchor: usize,
    weight: usize,
    height: usize,
    is_unsafe: bool,
}

enum Content {
    Seq(Vec<Node>),
    Map {
        entries: Map,
        merged: Map,
        key: Option<Key>,
    },
}

struct Key {
    text: String,
    place: Place,
    merge: bool,
}

impl Builder {
    pub(super) fn new(file: &Arc<Path>, json: bool) -> Self {
        Self {
            file: Arc::clone(file),
            json,
            stack: Vec::new(),
            anchors: HashMap::new(),
            aliased: 0,
            odd_keys: HashSet::new(),
            diagnostics: Diagnostics::default(),
            root: None,
        }
    }

    /// Takes the parser's next event. `empty`: it covers no text.
    ///
    /// # Errors
    /// When building can't go on.
    pub(super) fn event(
        &mut self,
        event: Event<'_>,
        place: Place,
        empty: bool,
    ) -> Result<(), Diagnostics> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = self.asked(tag.as_deref(), &place);
                let place = self.pending_key_place().filter(|_| empty).unwrap_or(place);
                let finished = Finished {
                    node: Node::new(self.scalar(text, style, tag, &place), place),
                    weight: 1,
                    height: 0,
                    plain: style == ScalarStyle::Plain,
                };
                self.close(finished, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(Content::Seq(Vec::new()), place, anchor, tag.as_deref())
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Map {
                    entries: Map::new(),
                    merged: Map::new(),
                    key: None,
                };
                self.open(content, place, anchor, tag.as_deref())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.stack.pop() else {
                    return Ok(());
                };
                let value = match frame.content {
                    Content::Seq(items) => Value::Seq(items),
                    Content::Map {
                        entries, merged, ..
                    } => Value::Map(overlay(merged, entries)),
                };
                let value = if self.json {
                    special_json(value)
                } else {
                    value
                };
                let finished = Finished {
                    node: Node::new(value, frame.place),
                    weight: frame.weight + 1,
                    height: frame.height + 1,
                    plain: false,
                };
                self.close(finished, frame.anchor)
            }
            Event::Alias(id) => self.alias(id, place),
            _ => Ok(()),
        }
    }

    /// Returns the tree, or all errors found on the way.
    pub(super) fn finish(self) -> Result<Document, Diagnostics> {
        if self.diagnostics.has_errors() {
            return Err(self.diagnostics);
        }
        let nothing = || Node::new(Value::Null, Place::new(&self.file, 1, 1));
        Ok(Document {
            node: self.root.unwrap_or_else(nothing),
            odd_keys: self.odd_keys,
        })
    }

    /// Returns the errors found so far and this last one.
    pub(super) fn fail(&mut self, error: Diagnostic) -> Diagnostics {
        self.diagnostics.push(error);
        std::mem::take(&mut self.diagnostics)
    }

    fn pending_key_place(&self) -> Option<Place> {
        match &self.stack.last()?.content {
            Content::Map { key: Some(key), .. } => Some(key.place.clone()),
            _ => None,
        }
    }

    fn awaits_key(&self) -> bool {
        let content = self.stack.last().map(|frame| &frame.content);
        matches!(content, Some(Content::Map { key: None, .. }))
    }

    fn open(
        &mut self,
        content: Content,
        place: Place,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Diagnostics> {
        if self.awaits_key() {
            let error = Diagnostic::error(place, "a list or mapping can't be a key")
                .hint("quote values that start with `{` or `[`, such as \"{{ variable }}\"");
            return Err(self.fail(error));
        }
        let is_unsafe = match self.asked(tag, &place) {
            Asked::Unsafe => true,
            Asked::Vault => {
                self.diagnostics.push(
                    Diagnostic::error(place.clone(), "`!vault` stands before a string only")
                        .hint("write `!vault |` and the encrypted text below it"),
                );
                false
            }
            _ => self.stack.last().is_some_and(|frame| frame.is_unsafe),
        };
        self.stack.push(Frame {
            content,
            place,
            anchor,
            weight: 0,
            height: 0,
            is_unsafe,
        });
        Ok(())
    }

    fn alias(&mut self, id: usize, place: Place) -> Result<(), Diagnostics> {
        let Some(target) = self.anchors.get(&id) else {
            let error = Diagnostic::error(place, "an alias within its own anchor")
                .hint("a value can't hold itself");
            return Err(self.fail(error));
        };
        self.aliased += target.weight;
        if self.aliased > MAX_ALIASED_NODES {
            let message =
                format!("aliases grow the document by more than {MAX_ALIASED_NODES} values");
            let error = Diagnostic::error(place, message)
                .hint("write the values out, or put them into variables of a group");
            return Err(self.fail(error));
        }
        if self.stack.len() + target.height > MAX_DEPTH {
            let message = format!("aliases nest the document deeper than {MAX_DEPTH} levels");
            return Err(self.fail(Diagnostic::error(place, message).hint("flatten the document")));
        }
        let target = target.clone();
        self.close(target, 0)
    }

    /// Puts a finished node where it belongs: as a key, a value, an item or the root.
    fn close(&mut self, finished: Finished, anchor: usize) -> Result<(), Diagnostics> {
        if anchor != 0 {
            self.anchors.insert(anchor, finished.clone());
        }
        if self.awaits_key() {
            return self.key(finished);
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(finished.node);
            return Ok(());
        };
        frame.weight += finished.weight;
        frame.height = frame.height.max(finished.height);
        match &mut frame.content {
            Content::Seq(items) => items.push(finished.node),
            Content::Map {
                entries,
                merged,
                key,
            } => {
                let Some(key) = key.take() else {
                    return Ok(());
                };
                if key.merge {
                    if let Err(error) = merge(merged, finished.node) {
                        self.diagnostics.push(error);
                    }
                } else if let Some(first) = entries.get(&key.text) {
                    let error =
                        Diagnostic::error(key.place, format!("duplicate key {:?}", key.text))
                            .hint("keep one of the two; Ansible would use the last")
                            .related(first.key_place.clone(), "first used here");
                    self.diagnostics.push(error);
                } else {
                    let entry = Entry {
                        key_place: key.place,
                        node: finished.node,
                    };
                    entries.insert(key.text, entry);
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, finished: Finished) -> Result<(), Diagnostics> {
        let Node { value, place } = finished.node;
        let (text, odd) = match value {
            Value::Str(text) | Value::Unsafe(text) => (text, false),
            // As Python's JSON writes keys.
            Value::Null => ("null".to_owned(), true),
            Value::Bool(yes) => (yes.to_string(), true),
            Value::Int(number) => (number.to_string(), true),
            Value::Float(number) => (super::python::float(number), true),
            Value::Seq(_) | Value::Map(_) | Value::Vault(_) => {
                let error = Diagnostic::error(place, "a key must be a plain name")
                    .hint("write the name of the variable, host or group");
                return Err(self.fail(error));
            }
        };
        if odd {
            self.odd_keys.insert(place.clone());
        }
        if let Some(Frame {
            content: Content::Map { key, .. },
            ..
        }) = self.stack.last_mut()
        {
            let merge = finished.plain && text == "<<";
            *key = Some(Key { text, place, merge });
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Asked,
        place: &Place,
    ) -> Value {
        if tag == Asked::Vault {
            if !is_vault(&text) {
                self.diagnostics.push(
                    Diagnostic::error(place.clone(), "a `!vault` value that is not encrypted")
                        .hint("make it with `ansible-vault encrypt_string`")
                        .hide_line(),
                );
            }
            return Value::Vault(Vault {
                ciphertext: text.into_owned(),
                plaintext: None,
            });
        }
        let is_key = self.awaits_key();
        let is_unsafe =
            tag == Asked::Unsafe || self.stack.last().is_some_and(|frame| frame.is_unsafe);
        let plain = match tag {
            Asked::Text => false,
            Asked::Plain | Asked::Float => true,
            _ => style == ScalarStyle::Plain,
        };
        let value = match plain {
            true if self.json => json_scalar(&text),
            true => scalar::resolve(&text),
            false => Value::Str(text.into_owned()),
        };
        match value {
            Value::Str(text) if is_unsafe && !is_key => Value::Unsafe(text),
            #[expect(clippy::cast_precision_loss, reason = "float() of Python loses it too")]
            Value::Int(number) if tag == Asked::Float => Value::Float(number as f64),
            other => other,
        }
    }

    fn asked(&mut self, tag: Option<&Tag>, place: &Place) -> Asked {
        tag.map_or(Asked::Nothing, |tag| {
            Asked::from_tag(tag, place).unwrap_or_else(|error| {
                self.diagnostics.push(error);
                Asked::Nothing
            })
        })
    }
}
