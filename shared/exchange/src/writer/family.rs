//! Who is next to whom among the lines of an outline.
//! Knows nothing of Markdown.

use tideline_model::OutlineLine;

/// Lines deeper than this stand at this depth, with an annotation: indentation would make the file
/// grow with the square of the depth, and readers of Markdown have limits of their own.
pub(super) const DEPTH_MAX: u32 = 250;

/// The neighbours of one line, as indexes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kin {
    /// The depth it is written at.
    pub depth: u32,
    /// How much deeper it really is.
    pub deeper: u32,
    pub parent: Option<usize>,
    pub previous: Option<usize>,
    pub next: Option<usize>,
    pub has_children: bool,
}

pub(super) fn kin(lines: &[OutlineLine]) -> Vec<Kin> {
    let mut all: Vec<Kin> = Vec::with_capacity(lines.len());
    // The latest line at each depth, from the top down to the line before.
    let mut path: Vec<usize> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let depth = line.depth.min(DEPTH_MAX);
        let previous = path.get(depth as usize).copied();
        path.truncate(depth as usize);
        let parent = path.last().copied();
        path.push(index);
        if let Some(previous) = previous {
            all[previous].next = Some(index);
        }
        if let Some(parent) = parent {
            all[parent].has_children = true;
        }
        let deeper = line.depth - depth;
        all.push(Kin {
            depth,
            deeper,
            parent,
            previous,
            next: None,
            has_children: false,
        });
    }
    all
}
