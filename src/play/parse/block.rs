use std::sync::Arc;

use super::{Keywords, Task};
use crate::plan::Place;

/// A task, or a block of them.
#[derive(Clone, Debug)]
pub enum Item {
    /// One task.
    Task(Arc<Task>),
    /// Several tasks that share keywords, and what is done when one of them fails.
    Block(Arc<Block>),
}

/// A block. Role uses and static imports are blocks, too: their tasks share the
/// keywords of the use.
///
/// The tasks already hold what they inherit from it.
#[derive(Clone, Debug)]
pub struct Block {
    /// What the block is called.
    pub name: Option<String>,
    /// The tasks.
    pub block: Vec<Item>,
    /// What is done when one of the tasks fails.
    pub rescue: Vec<Item>,
    /// What is done in any case.
    pub always: Vec<Item>,
    /// What holds for the block, inherited or its own.
    pub keywords: Keywords,
    /// Where it is written.
    pub place: Place,
    /// The use of a role whose tasks these are; set on the outermost block of it.
    pub role_use: Option<Arc<super::RoleUse>>,
}

impl Block {
    /// Calls `each` with every task below, in the order they are written.
    pub fn each_task<'a>(&'a self, each: &mut dyn FnMut(&'a Arc<Task>)) {
        for item in self.block.iter().chain(&self.rescue).chain(&self.always) {
            item.each_task(each);
        }
    }
}

impl Item {
    /// Calls `each` with every task of it, in the order they are written.
    pub fn each_task<'a>(&'a self, each: &mut dyn FnMut(&'a Arc<Task>)) {
        match self {
            Self::Task(task) => each(task),
            Self::Block(block) => block.each_task(each),
        }
    }
}
