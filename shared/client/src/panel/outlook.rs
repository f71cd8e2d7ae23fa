//! Which rows a panel shows: counted, numbered and found in the document, without listing them.
//! Knows nothing of what an interface holds.

use tideline_model::{Document, Kind, LineId, Stop};

use super::Head;
use super::filter::Filter;
use super::folding::{Below, Folding};

#[derive(Clone, Copy)]
pub(super) struct Outlook<'a> {
    pub document: &'a Document,
    /// The zoomed line, shown as the first row.
    pub root: Option<LineId>,
    pub folding: &'a Folding,
    /// Says what is shown, in place of the folds.
    pub filter: Option<&'a Filter>,
}

impl Outlook<'_> {
    pub fn top(&self) -> LineId {
        self.root.unwrap_or(LineId::ROOT)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        if let Some(filter) = self.filter {
            return filter.len();
        }
        usize::from(self.root.is_some()) + self.rows_below(self.top())
    }

    /// Whether a line is shown without its children.
    pub fn is_folded(&self, line: LineId) -> bool {
        let is_folded = match self.filter {
            Some(filter) => filter.is_folded(line),
            None => self.folding.is_folded(line),
        };
        is_folded && Some(line) != self.root
    }

    /// How many rows are above the row of a line; `None` when it has no row.
    pub fn ordinal_of(&self, line: LineId) -> Option<usize> {
        if let Some(filter) = self.filter {
            return filter.ordinal_of(self.document, line);
        }
        if Some(line) == self.root {
            return Some(0);
        }
        let mut rows = usize::from(self.root.is_some());
        let mut line = line;
        loop {
            let parent = self.document.parent(line)?;
            rows += self.rows_before(parent, line)?;
            if parent == self.top() {
                return Some(rows);
            }
            if parent == LineId::ROOT || self.is_folded(parent) {
                return None;
            }
            rows += 1;
            line = parent;
        }
    }

    /// The line that has so many rows above it.
    pub fn line_at(&self, ordinal: usize) -> Option<LineId> {
        if let Some(filter) = self.filter {
            return filter.line_at(ordinal);
        }
        let mut left = match (ordinal, self.root) {
            (0, Some(root)) => return Some(root),
            (_, Some(_)) => ordinal - 1,
            (_, None) => ordinal,
        };
        let mut parent = self.top();
        if left >= self.rows_below(parent) {
            return None;
        }
        loop {
            let Some((node, before)) = self.node_before(parent, left) else {
                return self.plain(parent, None, left);
            };
            let rows = self.rows_of_node(node);
            if left >= before + rows {
                return self.plain(parent, Some(node.line), left - before - rows);
            }
            if left == before {
                return Some(node.line);
            }
            (parent, left) = (node.line, left - before - 1);
        }
    }

    /// The last child of a parent that is counted by itself and has at most so many of the parent's
    /// rows before it.
    fn node_before(&self, parent: LineId, rows: usize) -> Option<(Below, usize)> {
        let below = self.folding.below(parent);
        let sums = below.iter().scan(0, |sum, below| {
            let before = *sum;
            *sum += below.rows;
            Some(before)
        });
        let sums: Vec<usize> = sums.collect();
        let before = |at: usize| {
            let plain = self.plain_before(parent, below[at].line).unwrap_or(0);
            self.corrected(plain, sums[at])
        };
        let mut places = 0..below.len();
        while !places.is_empty() {
            let middle = places.start + places.len() / 2;
            if before(middle) <= rows {
                places.start = middle + 1;
            } else {
                places.end = middle;
            }
        }
        let at = places.start.checked_sub(1)?;
        Some((below[at], before(at)))
    }

    /// Where no fold matters: so many rows behind the last one of a child, or from the first.
    fn plain(&self, parent: LineId, behind: Option<LineId>, rows: usize) -> Option<LineId> {
        let document = self.document;
        if self.folding.all() {
            let first = behind.map_or(Some(0), |line| Some(document.sibling_index(line)? + 1));
            return document.child_at(parent, first? + rows);
        }
        let first = match behind {
            Some(line) => document.row_of(line)? + document.rows_below(line),
            None if parent == LineId::ROOT => 0,
            None => document.row_of(parent)? + 1,
        };
        document.line_at_row(first + rows)
    }

    /// The row of a child that is counted by itself, and all below it that is shown.
    fn rows_of_node(&self, node: Below) -> usize {
        let plain = if self.folding.all() {
            1
        } else {
            self.document.rows_below(node.line)
        };
        self.corrected(plain, node.rows)
    }

    /// How many rows a line that has a row takes with all that is shown below it.
    pub fn rows_from(&self, line: LineId) -> usize {
        1 + if self.is_folded(line) {
            0
        } else {
            self.rows_below(line)
        }
    }

    /// The rows below a line that shows its children.
    fn rows_below(&self, line: LineId) -> usize {
        let plain = match line {
            _ if self.folding.all() => self.document.child_count(line),
            LineId::ROOT => self.document.len(),
            _ => self.document.rows_below(line).saturating_sub(1),
        };
        let below = self.folding.below(line);
        self.corrected(plain, below.iter().map(|below| below.rows).sum())
    }

    /// The rows below its parent before a child.
    fn rows_before(&self, parent: LineId, line: LineId) -> Option<usize> {
        let below = self.folding.below(parent);
        let row = self.document.row_of(line)?;
        let earlier = |below: &Below| {
            let other = self.document.row_of(below.line);
            other.is_some_and(|other| other < row)
        };
        let nodes = &below[..below.partition_point(earlier)];
        let plain = self.plain_before(parent, line)?;
        Some(self.corrected(plain, nodes.iter().map(|below| below.rows).sum()))
    }

    /// The same where no line is an exception to what is folded.
    fn plain_before(&self, parent: LineId, line: LineId) -> Option<usize> {
        if self.folding.all() {
            return self.document.sibling_index(line);
        }
        let row = self.document.row_of(line)?;
        if parent == LineId::ROOT {
            return Some(row);
        }
        Some(row - self.document.row_of(parent)? - 1)
    }

    fn corrected(&self, plain: usize, by: usize) -> usize {
        if self.folding.all() {
            plain + by
        } else {
            plain.saturating_sub(by)
        }
    }

    /// The rows from `first` on, at most `count`.
    pub fn rows(&self, first: usize, count: usize) -> Vec<Head> {
        if let Some(filter) = self.filter {
            let lines = (first..first.saturating_add(count)).map_while(|at| filter.line_at(at));
            return lines.filter_map(|line| self.numbered(line)).collect();
        }
        let Some(line) = self.line_at(first).filter(|_| count > 0) else {
            return Vec::new();
        };
        let depth = self.depth_of(line);
        self.walk(line, self.top(), count, vec![None; depth as usize + 1])
    }

    /// The rows of a line that has a row: its own, and what is shown below it; at most `count`. The
    /// line before it has the number `before`.
    pub fn rows_of(&self, line: LineId, before: u32, count: usize) -> Vec<Head> {
        let depth = self.depth_of(line);
        self.walk(line, line, count, vec![Some(before); depth as usize + 1])
    }

    /// Rows from that of `line` on, up to the last one below `within`. `numbers`: of the last row
    /// before the first one, at each depth.
    fn walk(
        &self,
        line: LineId,
        within: LineId,
        count: usize,
        mut numbers: Vec<Option<u32>>,
    ) -> Vec<Head> {
        let mut depth = numbers.len() as u32 - 1;
        let mut heads: Vec<Head> = Vec::new();
        let Some(mut walk) = self.document.walk(line, within) else {
            return heads;
        };
        while heads.len() < count {
            let mut head = self.head(walk.stop(), depth);
            let level = depth as usize;
            numbers.resize(level + 1, Some(0));
            if head.kind == Kind::Numbered && Some(head.line) != self.root {
                let before = numbers[level].unwrap_or_else(|| self.numbered_before(head.line));
                head.number = Some(before + 1);
            }
            numbers[level] = Some(head.number.unwrap_or(0));
            let is_open = head.has_children && !head.folded;
            heads.push(head);
            if is_open && walk.go_down() {
                depth += 1;
                continue;
            }
            let Some(levels) = walk.go_on() else {
                break;
            };
            depth = depth.saturating_sub(levels);
        }
        heads
    }

    /// How deep a line that has a row stands.
    pub fn depth_of(&self, line: LineId) -> u32 {
        let above = std::iter::successors(Some(line), |&line| self.document.parent(line));
        let count = above.take_while(|&line| line != self.top()).count() as u32;
        count.saturating_sub(u32::from(self.root.is_none()))
    }

    /// How many numbered lines are directly before this one.
    pub fn numbered_before(&self, line: LineId) -> u32 {
        let previous = |line: &LineId| self.document.previous_sibling(*line);
        let before = std::iter::successors(previous(&line), previous);
        let is_numbered = |line: &LineId| self.document.kind(*line) == Some(&Kind::Numbered);
        before.take_while(is_numbered).count() as u32
    }

    /// The row of a line that is shown wherever its neighbours are.
    fn numbered(&self, line: LineId) -> Option<Head> {
        let walk = self.document.walk(line, line)?;
        let mut head = self.head(walk.stop(), self.depth_of(line));
        if head.kind == Kind::Numbered && Some(line) != self.root {
            head.number = Some(self.numbered_before(line) + 1);
        }
        Some(head)
    }

    /// A row without its number.
    pub fn head(&self, stop: Stop<'_>, depth: u32) -> Head {
        let is_root = Some(stop.line) == self.root;
        Head {
            line: stop.line,
            parent: if is_root { LineId::ROOT } else { stop.parent },
            depth,
            kind: stop.kind.clone(),
            has_children: stop.has_children,
            folded: stop.has_children && self.is_folded(stop.line),
            number: None,
        }
    }
}
