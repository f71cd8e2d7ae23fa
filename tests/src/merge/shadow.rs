//! A copy of what is displayed that learns of changes through patches only, as a panel does.

use std::collections::{BTreeMap, BTreeSet};

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
        for &line in &patch.removed {
            if document.is_visible(line) {
                return Err(format!("the patch removes {line}, which is displayed"));
            }
            if !self.lines.contains_key(&line) {
                return Err(format!("the patch removes {line}, which was not displayed"));
            }
        }
        for &line in &patch.removed {
            self.remove(line, document);
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
        for &parent in &patch.children {
            if parent != LineId::ROOT && !document.is_visible(parent) {
                return Err(format!(
                    "the patch names children of {parent}, which is hidden"
                ));
            }
            self.children.insert(parent, document.children(parent));
        }
        Ok(())
    }

    /// Takes out a line and what was below it, but for what is displayed elsewhere.
    fn remove(&mut self, top: LineId, document: &Document) {
        let mut gone = vec![top];
        while let Some(line) = gone.pop() {
            self.lines.remove(&line);
            let below = self.children.remove(&line).unwrap_or_default();
            gone.extend(below.into_iter().filter(|&line| !document.is_visible(line)));
        }
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
        let displayed: BTreeSet<LineId> = shown.flat().iter().map(|(_, line)| line.id).collect();
        let mut known = self.lines.keys();
        match known.find(|line| !displayed.contains(line)) {
            Some(line) => Err(format!("no patch removed {line}, which is not displayed")),
            None => Ok(shown),
        }
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
