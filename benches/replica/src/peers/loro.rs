//! loro 1.17: a movable tree whose nodes have a text container each; a snapshot on disk.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use loro::{ExportMode, LoroDoc, LoroText, LoroTree, TreeID, TreeParentId};
use tideline_model::LineId;

use super::{TakeIn, write_synced};
use crate::synthetic::DraftLine;

const TREE: &str = "outline";
const TEXT: &str = "text";

#[derive(Default)]
pub struct Outline {
    document: LoroDoc,
    nodes: HashMap<LineId, TreeID>,
}

impl TakeIn for Outline {
    fn take(&mut self, lines: &[DraftLine]) -> anyhow::Result<()> {
        let tree = self.document.get_tree(TREE);
        for line in lines {
            let parent = match self.nodes.get(&line.parent) {
                Some(node) => TreeParentId::Node(*node),
                None => TreeParentId::Root,
            };
            let node = tree.create(parent)?;
            let text = tree.get_meta(node)?;
            let text = text.insert_container(TEXT, LoroText::new())?;
            text.insert(0, &line.text)?;
            self.nodes.insert(line.id, node);
        }
        self.document.commit();
        Ok(())
    }

    fn finish(self: Box<Self>, file: &Path) -> anyhow::Result<()> {
        write_synced(file, &self.document.export(ExportMode::Snapshot)?)
    }
}

/// Reads the texts of the first lines; says how many there were.
pub fn first_screen(file: &Path, count: usize) -> anyhow::Result<usize> {
    let document = LoroDoc::new();
    document.import(&std::fs::read(file)?)?;
    let tree = document.get_tree(TREE);
    let mut stack = children(&tree, TreeParentId::Root);
    let mut texts = Vec::new();
    while texts.len() < count
        && let Some(node) = stack.pop()
    {
        let text = tree
            .get_meta(node)?
            .get(TEXT)
            .context("a line without text")?;
        let text = text
            .into_container()
            .ok()
            .and_then(|one| one.into_text().ok());
        texts.push(text.context("no text")?.to_string());
        stack.extend(children(&tree, TreeParentId::Node(node)));
    }
    std::mem::forget(document); // its memory is what the caller looks at
    Ok(texts.len())
}

/// The last first.
fn children(tree: &LoroTree, parent: TreeParentId) -> Vec<TreeID> {
    let mut children = tree.children(parent).unwrap_or_default();
    children.reverse();
    children
}
