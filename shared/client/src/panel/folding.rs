//! What is folded in a panel, and how many rows that takes away (or, where everything is folded,
//! what is open and how many rows that adds), kept per line so that rows can be counted and found
//! without listing them. Knows nothing of rows that an interface holds.

use std::collections::{BTreeSet, HashMap, HashSet};

use tideline_model::{Document, LineId, Patch};

/// More lines than this beside those that are known already are sorted anew with them.
const SORTED_IN_MAX: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Folding {
    /// Every line is folded but the exceptions; otherwise only the exceptions are.
    all: bool,
    exceptions: HashSet<LineId>,
    /// The exceptions that are displayed, and all that is above them, up to the document's root.
    nodes: HashMap<LineId, Node>,
}

#[derive(Debug)]
struct Node {
    /// The root's parent is the root.
    parent: LineId,
    /// Children that are nodes too, in order.
    below: Vec<Below>,
}

/// What a child and the folds below it change in the number of rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Below {
    pub line: LineId,
    /// Fewer rows, or more where everything is folded.
    pub rows: usize,
}

impl Folding {
    /// Whether a line is shown without its children, provided that it has some.
    pub fn is_folded(&self, line: LineId) -> bool {
        self.exceptions.contains(&line) != self.all
    }

    /// Whether every line is folded that is no exception.
    pub fn all(&self) -> bool {
        self.all
    }

    pub fn set_all(&mut self, folded: bool) {
        *self = Self {
            all: folded,
            ..Self::default()
        };
    }

    pub fn set(&mut self, document: &Document, lines: &[LineId], folded: bool) {
        let is_exception = folded != self.all;
        let changed = lines.iter().copied().filter(|line| {
            if is_exception {
                self.exceptions.insert(*line)
            } else {
                self.exceptions.remove(line)
            }
        });
        let changed: Vec<LineId> = changed.collect();
        if self.exceptions.is_empty() {
            self.nodes.clear();
            return;
        }
        let mut touched: BTreeSet<LineId> = changed.iter().copied().collect();
        if is_exception {
            self.link(document, &changed, &mut touched);
        }
        self.recount(document, touched);
    }

    /// Children of a line that are nodes, in order.
    pub fn below(&self, line: LineId) -> &[Below] {
        self.nodes.get(&line).map_or(&[], |node| &node.below)
    }

    /// Carries over what a patch that is applied to `document` has moved.
    pub fn follow(&mut self, document: &Document, patch: &Patch) {
        let opened = self.open_new_parents(document, patch);
        if self.exceptions.is_empty() {
            return;
        }
        let mut touched = BTreeSet::clone(&patch.children);
        let mut come = self.detach(patch.moved.iter().copied(), &mut touched);
        for gone in self.detach(patch.removed.iter().copied(), &mut touched) {
            self.forget(gone);
        }
        let appeared = patch.moved.iter().copied();
        come.extend(appeared.filter(|line| self.exceptions.contains(line)));
        come.extend(opened);
        touched.extend(&come);
        self.link(document, &come, &mut touched);
        self.recount(document, touched);
    }

    /// What comes to be a parent is open, also where everything else was folded.
    fn open_new_parents(&mut self, document: &Document, patch: &Patch) -> Vec<LineId> {
        let has_only_new = |line: &LineId| {
            let count = document.child_count(*line);
            let mut children = (0..count).map(|at| document.child_at(*line, at));
            (1..=patch.moved.len()).contains(&count)
                && children.all(|child| child.is_some_and(|child| patch.moved.contains(&child)))
        };
        let parents = patch.children.iter().copied().filter(|_| self.all);
        let parents = parents.filter(|line| *line != LineId::ROOT);
        let new: Vec<LineId> = parents.filter(has_only_new).collect();
        self.exceptions.extend(&new);
        new
    }

    /// Takes nodes out from below their parents; which of the lines were nodes.
    fn detach(
        &mut self,
        lines: impl Iterator<Item = LineId>,
        touched: &mut BTreeSet<LineId>,
    ) -> Vec<LineId> {
        let mut nodes = Vec::new();
        let mut by_parent: HashMap<LineId, HashSet<LineId>> = HashMap::new();
        for line in lines {
            if let Some(node) = self.nodes.get(&line) {
                nodes.push(line);
                by_parent.entry(node.parent).or_default().insert(line);
            }
        }
        for (parent, gone) in by_parent {
            touched.insert(parent);
            if let Some(node) = self.nodes.get_mut(&parent) {
                node.below.retain(|below| !gone.contains(&below.line));
            }
        }
        nodes
    }

    /// Forgets a node that is detached, and all below it. The exceptions stay: the line may return.
    fn forget(&mut self, line: LineId) {
        let mut open = vec![line];
        while let Some(line) = open.pop() {
            let node = self.nodes.remove(&line);
            let below = node.into_iter().flat_map(|node| node.below);
            open.extend(below.map(|below| below.line));
        }
    }

    /// Makes nodes of lines, and of what is above them, in their places.
    fn link(&mut self, document: &Document, lines: &[LineId], touched: &mut BTreeSet<LineId>) {
        let mut fresh: HashMap<LineId, Vec<LineId>> = HashMap::new();
        let mut seen = HashSet::new();
        for &line in lines {
            let mut line = line;
            while let Some(parent) = document.parent(line) {
                if !seen.insert(line) || self.is_listed(parent, line) {
                    break;
                }
                self.node(line, parent);
                touched.insert(line);
                fresh.entry(parent).or_default().push(line);
                line = parent;
            }
        }
        for (parent, lines) in fresh {
            let grandparent = document.parent(parent).unwrap_or(LineId::ROOT);
            self.node(parent, grandparent);
            self.sort_in(document, parent, lines);
        }
    }

    fn node(&mut self, line: LineId, parent: LineId) {
        let below = Vec::new();
        let node = self.nodes.entry(line).or_insert(Node { parent, below });
        node.parent = parent;
    }

    fn is_listed(&self, parent: LineId, line: LineId) -> bool {
        self.nodes.contains_key(&line) && self.below(parent).iter().any(|one| one.line == line)
    }

    fn sort_in(&mut self, document: &Document, parent: LineId, lines: Vec<LineId>) {
        let Some(node) = self.nodes.get_mut(&parent) else {
            return;
        };
        let row = |line: LineId| document.row_of(line);
        if lines.len() > SORTED_IN_MAX {
            let lines = lines.into_iter().map(|line| Below { line, rows: 0 });
            node.below.extend(lines);
            node.below.sort_by_cached_key(|below| row(below.line));
            return;
        }
        for line in lines {
            let place = row(line);
            let at = node.below.partition_point(|below| row(below.line) < place);
            node.below.insert(at, Below { line, rows: 0 });
        }
    }

    /// Counts again what lines, and all that is above them, change in the number of rows.
    fn recount(&mut self, document: &Document, touched: BTreeSet<LineId>) {
        if self.nodes.is_empty() {
            return;
        }
        let mut levels: Vec<Vec<LineId>> = Vec::new();
        let mut seen = HashSet::new();
        for line in touched {
            let mut path = vec![line];
            path.extend(std::iter::successors(document.parent(line), |&line| {
                document.parent(line)
            }));
            for (level, &line) in path.iter().rev().enumerate() {
                if levels.len() <= level {
                    levels.push(Vec::new());
                }
                if seen.insert(line) && self.nodes.contains_key(&line) {
                    levels[level].push(line);
                }
            }
        }
        for line in levels.into_iter().rev().flatten() {
            let rows = self.rows(document, line);
            let parent = self.nodes.get(&line).map(|node| node.parent);
            let above = parent.and_then(|parent| self.nodes.get_mut(&parent));
            let mut beside = above.into_iter().flat_map(|node| &mut node.below);
            if let Some(below) = beside.find(|below| below.line == line) {
                below.rows = rows;
            }
        }
    }

    fn rows(&self, document: &Document, line: LineId) -> usize {
        let is_exception = self.exceptions.contains(&line);
        let below = || self.below(line).iter().map(|below| below.rows).sum();
        match (self.all, is_exception) {
            (false, true) => document.rows_below(line).saturating_sub(1),
            (false, false) => below(),
            (true, true) => document.child_count(line) + below(),
            (true, false) => 0,
        }
    }
}
