//! A copy of what is displayed that learns of changes through patches only, as a panel does.

use std::collections::BTreeMap;

use tideline_model::{Document, LineId, Patch};

use crate::shown::{Shown, ShownLine, canonical};

#[derive(Debug, Clone, Default)]
pub struct Shadow {
    title: String,
    properties: Vec<(String, Vec<tideline_model::Value>)>,
    /// Without their children.
    lines: BTreeMap<LineId, ShownLine>,
    children: BTreeMap<LineId, Vec<LineId>>,
}

impl Shadow {
    /// Reads from `document` only what `patch` says has to be read again.
    ///
    /// # Errors
    /// When the patch does not fit what was displayed before.
    pub fn update(&mut self, patch: &Patch, document: &Document) -> Result<(), String> {
        for line in &patch.removed {
            let removed = self.lines.remove(line);
            removed.ok_or_else(|| format!("the patch removes {line}, which was not displayed"))?;
        }
        for splice in &patch.splices {
            let line = self.lines.get_mut(&splice.line);
            let text = &mut line
                .ok_or_else(|| format!("the patch edits {}, which is not displayed", splice.line))?
                .text;
            let characters: Vec<char> = text.chars().collect();
            let (at, to) = (
                splice.at as usize,
                splice.at as usize + splice.delete as usize,
            );
            if to > characters.len() {
                return Err(format!("{splice:?} goes behind the end of {text:?}"));
            }
            let (before, behind) = (&characters[..at], &characters[to..]);
            *text = before
                .iter()
                .copied()
                .chain(splice.insert.chars())
                .chain(behind.iter().copied())
                .collect();
        }
        for &line in &patch.lines {
            self.read(line, document)?;
        }
        if patch.title {
            document.title().clone_into(&mut self.title);
        }
        if patch.structure {
            self.children.clear();
            self.read_order(LineId::ROOT, document);
        }
        Ok(())
    }

    fn read(&mut self, id: LineId, document: &Document) -> Result<(), String> {
        let view = document
            .line(id)
            .ok_or_else(|| format!("the patch names unknown {id}"))?;
        if id == LineId::ROOT {
            self.properties = canonical(view.properties);
            return Ok(());
        }
        let mut tags = view.tags;
        tags.sort();
        let line = ShownLine {
            id,
            kind: view.kind,
            text: view.text,
            tags,
            properties: canonical(view.properties),
            children: Vec::new(),
        };
        self.lines.insert(id, line);
        Ok(())
    }

    fn read_order(&mut self, parent: LineId, document: &Document) {
        let children = document.children(parent).to_vec();
        for &child in &children {
            self.read_order(child, document);
        }
        self.children.insert(parent, children);
    }

    /// What the shadow takes to be displayed.
    ///
    /// # Errors
    /// When lines are shown of which no patch has told, or the other way round.
    pub fn shown(&self) -> Result<Shown, String> {
        let shown = Shown {
            title: self.title.clone(),
            properties: self.properties.clone(),
            lines: self.below(LineId::ROOT)?,
        };
        if shown.flat().len() != self.lines.len() {
            return Err("patches left lines behind that are not displayed".to_owned());
        }
        Ok(shown)
    }

    fn below(&self, parent: LineId) -> Result<Vec<ShownLine>, String> {
        let children = self.children.get(&parent).into_iter().flatten();
        children
            .map(|id| {
                let line = self.lines.get(id);
                let line = line.ok_or_else(|| format!("no patch told of {id}"))?;
                Ok(ShownLine {
                    children: self.below(*id)?,
                    ..line.clone()
                })
            })
            .collect()
    }
}
