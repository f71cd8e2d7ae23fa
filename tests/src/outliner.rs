//! A plain outliner: nested lists, one person, no history. It carries out gestures directly, and says
//! what the engine must show after the same gesture (property P6).
//! Knows nothing of events, of merging, or of lines that are hidden.

use tideline_model::{DraftLine, Intent, LineId, Placement, Value};

use crate::shown::{Shown, ShownLine};

/// The gesture names a line that is not displayed, an offset behind the end, or a place below itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impossible;

/// Where a line stands: the index among its siblings at each level, from the top.
type Path = Vec<usize>;

/// Carries out `intent`. After an error, `shown` is as it was.
///
/// [`Intent::Restore`] is not something that an outliner without a memory can do; it changes nothing.
///
/// # Errors
/// [`Impossible`].
pub fn carry_out(shown: &mut Shown, intent: &Intent) -> Result<(), Impossible> {
    let mut next = shown.clone();
    next.carry_out(intent)?;
    *shown = next;
    Ok(())
}

impl Shown {
    fn carry_out(&mut self, intent: &Intent) -> Result<(), Impossible> {
        match intent {
            Intent::EditText {
                line,
                at,
                delete,
                insert,
            } => self.edit(*line, *at, *delete, insert),
            Intent::Split { line, at, .. } => self.split(intent, *line, *at),
            Intent::Join { line, into } => self.join(*line, *into),
            Intent::DeleteRange {
                first,
                first_at,
                last,
                last_at,
            } => self.delete_range((*first, *first_at), (*last, *last_at)),
            Intent::CreateLines { placement, lines } => self.create(*placement, lines),
            Intent::Move { lines, placement } => self.move_lines(lines, *placement),
            Intent::SetKind { lines, kind } => {
                for &line in lines {
                    self.line(line)?.kind = kind.clone();
                }
                Ok(())
            }
            Intent::SetProperty { line, name, value } => self.set(*line, name, value.as_ref()),
            Intent::AddTag { line, tag } => {
                let tags = &mut self.line(*line)?.tags;
                tags.push(tag.clone());
                tags.sort();
                tags.dedup();
                Ok(())
            }
            Intent::RemoveTag { line, tag } => {
                self.line(*line)?.tags.retain(|other| other != tag);
                Ok(())
            }
            Intent::Delete { lines } => self.delete(lines),
            Intent::Restore { .. } => Ok(()),
            Intent::SetTitle { title } => {
                self.title.clone_from(title);
                Ok(())
            }
        }
    }

    fn edit(&mut self, line: LineId, at: u32, delete: u32, insert: &str) -> Result<(), Impossible> {
        let text = &mut self.line(line)?.text;
        let (before, rest) = cut(text, at)?;
        let (_, behind) = cut(&rest, delete)?;
        *text = before + insert + &behind;
        Ok(())
    }

    fn split(&mut self, intent: &Intent, line: LineId, at: u32) -> Result<(), Impossible> {
        let Intent::Split { new_line, kind, .. } = intent else {
            return Err(Impossible);
        };
        let head = self.line(line)?;
        let (before, behind) = cut(&head.text, at)?;
        let goes_below = at > 0 || head.text.is_empty();
        let mut new = ShownLine {
            id: *new_line,
            kind: kind.clone(),
            text: String::new(),
            tags: Vec::new(),
            properties: Vec::new(),
            children: Vec::new(),
        };
        let mut path = self.path(line)?;
        let last = path.last_mut().ok_or(Impossible)?;
        if goes_below {
            *last += 1;
            new.text = behind;
            self.line(line)?.text = before;
        }
        self.insert(&path, vec![new]);
        Ok(())
    }

    fn join(&mut self, line: LineId, into: LineId) -> Result<(), Impossible> {
        let (from, to) = (self.path(line)?, self.path(into)?);
        if to.starts_with(&from) {
            return Err(Impossible);
        }
        let joined = self.take(line)?;
        let host = self.line(into)?;
        host.text += &joined.text;
        let position = match from.split_last() {
            Some((&own_place, parent)) if parent == to => own_place,
            _ => host.children.len(),
        };
        host.children.splice(position..position, joined.children);
        Ok(())
    }

    /// The lines between go, the rest of `last` joins `first`, and the lines that hung below what
    /// went become children of `first`, all in display order.
    fn delete_range(
        &mut self,
        (first, first_at): (LineId, u32),
        (last, last_at): (LineId, u32),
    ) -> Result<(), Impossible> {
        if first == last {
            let length = last_at.checked_sub(first_at).ok_or(Impossible)?;
            return self.edit(first, first_at, length, "");
        }
        let order: Vec<LineId> = self.flat().iter().map(|(_, line)| line.id).collect();
        let position = |id| {
            order
                .iter()
                .position(|&other| other == id)
                .ok_or(Impossible)
        };
        let (from, to) = (position(first)?, position(last)?);
        if from > to {
            return Err(Impossible);
        }
        let (before, _) = cut(&self.line(first)?.text, first_at)?;
        let (_, behind) = cut(&self.line(last)?.text, last_at)?;
        let gone = &order[from + 1..=to];
        let survivors = remove(&mut self.lines, gone);
        let host = self.line(first)?;
        host.text = before + &behind;
        host.children.extend(survivors);
        let rank = |line: &ShownLine| order.iter().position(|&id| id == line.id);
        host.children.sort_by_key(rank);
        Ok(())
    }

    fn create(&mut self, placement: Placement, drafts: &[DraftLine]) -> Result<(), Impossible> {
        let path = self.place(placement)?;
        let mut top: Vec<ShownLine> = Vec::new();
        for draft in drafts {
            let mut siblings = &mut top;
            for _ in 0..draft.depth {
                siblings = &mut siblings.last_mut().ok_or(Impossible)?.children;
            }
            let mut line = ShownLine {
                id: draft.id,
                kind: draft.kind.clone(),
                text: draft.text.clone(),
                tags: draft.tags.clone(),
                properties: Vec::new(),
                children: Vec::new(),
            };
            line.tags.sort();
            line.tags.dedup();
            for (name, value) in &draft.properties {
                set(&mut line.properties, name, Some(value));
            }
            siblings.push(line);
        }
        self.insert(&path, top);
        Ok(())
    }

    fn move_lines(&mut self, lines: &[LineId], placement: Placement) -> Result<(), Impossible> {
        for &line in lines {
            let path = self.path(line)?;
            if placement.parent != LineId::ROOT && self.path(placement.parent)?.starts_with(&path) {
                return Err(Impossible);
            }
        }
        let after = self.last_staying(placement, lines)?;
        let mut from_below: Vec<LineId> = lines.to_vec();
        from_below.sort_by_key(|&line| std::cmp::Reverse(self.path(line).map_or(0, |it| it.len())));
        let mut moved = Vec::new();
        for line in from_below {
            moved.push(self.take(line)?);
        }
        moved.sort_by_key(|line| lines.iter().position(|&id| id == line.id));
        let path = self.place(Placement { after, ..placement })?;
        self.insert(&path, moved);
        Ok(())
    }

    /// `after`, or the nearest sibling before it that is not moved itself.
    fn last_staying(
        &mut self,
        placement: Placement,
        moved: &[LineId],
    ) -> Result<Option<LineId>, Impossible> {
        let mut path = self.place(placement)?;
        let position = path.pop().ok_or(Impossible)?;
        let siblings = self.siblings(&path)[..position].iter();
        Ok(siblings.map(|line| line.id).rfind(|id| !moved.contains(id)))
    }

    fn delete(&mut self, lines: &[LineId]) -> Result<(), Impossible> {
        for &line in lines {
            self.path(line)?;
        }
        for &line in lines {
            // Gone already when it hung below one of the others.
            let _: Result<ShownLine, Impossible> = self.take(line);
        }
        Ok(())
    }

    fn set(&mut self, line: LineId, name: &str, value: Option<&Value>) -> Result<(), Impossible> {
        let properties = match line {
            LineId::ROOT => &mut self.properties,
            line => &mut self.line(line)?.properties,
        };
        set(properties, name, value);
        Ok(())
    }

    fn path(&self, line: LineId) -> Result<Path, Impossible> {
        path(&self.lines, line).ok_or(Impossible)
    }

    /// The path at which a line would stand at `placement`.
    fn place(&self, placement: Placement) -> Result<Path, Impossible> {
        let mut parent = match placement.parent {
            LineId::ROOT => Vec::new(),
            parent => self.path(parent)?,
        };
        let position = match placement.after {
            None => 0,
            Some(after) => {
                let path = self.path(after)?;
                let (position, above) = path.split_last().ok_or(Impossible)?;
                if above != parent {
                    return Err(Impossible);
                }
                position + 1
            }
        };
        parent.push(position);
        Ok(parent)
    }

    fn siblings(&mut self, parent: &[usize]) -> &mut Vec<ShownLine> {
        let mut siblings = &mut self.lines;
        for &index in parent {
            siblings = &mut siblings[index].children;
        }
        siblings
    }

    fn line(&mut self, line: LineId) -> Result<&mut ShownLine, Impossible> {
        let path = self.path(line)?;
        let (&position, parent) = path.split_last().ok_or(Impossible)?;
        Ok(&mut self.siblings(parent)[position])
    }

    fn take(&mut self, line: LineId) -> Result<ShownLine, Impossible> {
        let path = self.path(line)?;
        let (&position, parent) = path.split_last().ok_or(Impossible)?;
        Ok(self.siblings(parent).remove(position))
    }

    fn insert(&mut self, path: &[usize], lines: Vec<ShownLine>) {
        if let Some((&position, parent)) = path.split_last() {
            self.siblings(parent).splice(position..position, lines);
        }
    }
}

/// `text` before and behind `at`, which counts Unicode scalar values.
fn cut(text: &str, at: u32) -> Result<(String, String), Impossible> {
    let characters: Vec<char> = text.chars().collect();
    let (before, behind) = characters.split_at_checked(at as usize).ok_or(Impossible)?;
    Ok((before.iter().collect(), behind.iter().collect()))
}

fn set(properties: &mut Vec<(String, Vec<Value>)>, name: &str, value: Option<&Value>) {
    properties.retain(|(other, _)| other != name);
    properties.extend(value.map(|value| (name.to_owned(), vec![value.clone()])));
    properties.sort_by(|a, b| a.0.cmp(&b.0));
}

fn path(lines: &[ShownLine], id: LineId) -> Option<Path> {
    lines.iter().enumerate().find_map(|(index, line)| {
        if line.id == id {
            return Some(vec![index]);
        }
        let below = path(&line.children, id)?;
        Some(std::iter::once(index).chain(below).collect())
    })
}

/// Takes the lines `gone` out and returns what hung below them and stays, in display order.
fn remove(lines: &mut Vec<ShownLine>, gone: &[LineId]) -> Vec<ShownLine> {
    let mut survivors = Vec::new();
    for mut line in std::mem::take(lines) {
        let below = remove(&mut line.children, gone);
        survivors.extend(below);
        if gone.contains(&line.id) {
            survivors.append(&mut line.children);
        } else {
            lines.push(line);
        }
    }
    survivors
}
