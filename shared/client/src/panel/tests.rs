//! Row changes bring an interface from any rows to any other rows.

mod filter;

use proptest::prelude::*;
use tideline_model::{Change, DocumentId, DraftLine, Event, Intent, Placement, ReplicaId, UserId};
use uuid::Uuid;

use super::query::Query;
use super::*;

fn head(number: u64, depth: u32) -> Head {
    Head {
        line: LineId {
            replica: ReplicaId(Uuid::nil()),
            number,
        },
        parent: LineId::ROOT,
        depth,
        kind: Kind::Text,
        has_children: false,
        folded: false,
        number: None,
    }
}

fn bare_row(head: &Head) -> Row {
    Row {
        id: head.line.to_string(),
        parent: head.parent.to_string(),
        depth: head.depth,
        kind: head.kind.to_string(),
        text: String::new(),
        has_children: false,
        folded: false,
        number: None,
        tags: Vec::new(),
        properties: Vec::new(),
        newer_version: false,
    }
}

fn apply(rows: &mut Vec<Row>, changes: Vec<RowChange>) {
    for change in changes {
        match change {
            RowChange::Splice { at, delete, insert } => {
                rows.splice(at as usize..(at + delete) as usize, insert);
            }
            RowChange::Row { at, row } => {
                assert_eq!(
                    rows[at as usize].id, row.id,
                    "a row is replaced under its own id"
                );
                rows[at as usize] = row;
            }
            RowChange::Text {
                at,
                line,
                offset,
                delete,
                insert,
            } => {
                let row = &mut rows[at as usize];
                assert_eq!(row.id, line, "a text is changed under its own id");
                let mut text: Vec<char> = row.text.chars().collect();
                text.splice(offset as usize..(offset + delete) as usize, insert.chars());
                row.text = text.into_iter().collect();
            }
        }
    }
}

/// Rows of distinct lines in any order, at any depth.
fn heads() -> impl Strategy<Value = Vec<Head>> {
    prop::collection::btree_map(0u64..24, (any::<u32>(), 0u32..3), 0..20).prop_map(|lines| {
        let mut lines: Vec<_> = lines.into_iter().collect();
        lines.sort_by_key(|(_, (order, _))| *order);
        lines
            .into_iter()
            .map(|(number, (_, depth))| head(number, depth))
            .collect()
    })
}

proptest! {
    #[test]
    fn the_difference_of_two_panels_turns_one_into_the_other(before in heads(), after in heads()) {
        let mut rows: Vec<Row> = before.iter().map(bare_row).collect();
        apply(&mut rows, difference(&before, &after, &BTreeSet::new(), bare_row));
        prop_assert_eq!(rows, after.iter().map(bare_row).collect::<Vec<_>>());
    }
}

#[test]
fn a_moved_row_leaves_all_others_where_they_are() {
    let before: Vec<Head> = (0..100).map(|number| head(number, 0)).collect();
    let mut after = before.clone();
    let moved = after.remove(10);
    after.insert(90, moved);
    let changes = difference(&before, &after, &BTreeSet::new(), bare_row);
    assert_eq!(changes.len(), 2, "one row goes, one comes: {changes:?}");
}

#[test]
fn a_touched_row_is_sent_again_under_its_id() {
    let rows: Vec<Head> = (0..5).map(|number| head(number, 0)).collect();
    let touched = BTreeSet::from([rows[3].line]);
    let changes = difference(&rows, &rows, &touched, bare_row);
    assert!(
        matches!(changes.as_slice(), [RowChange::Row { at: 3, .. }]),
        "{changes:?}"
    );
}

/// One writer, who does what numbers say.
struct Writer {
    document: Document,
    lines: u64,
    done: Vec<Event>,
}

impl Writer {
    fn new() -> Self {
        Self {
            document: Document::new(DocumentId(Uuid::from_u128(1))),
            lines: 0,
            done: Vec::new(),
        }
    }

    fn new_line(&mut self) -> LineId {
        self.lines += 1;
        LineId {
            replica: ReplicaId(Uuid::from_u128(7)),
            number: self.lines,
        }
    }

    fn write(&mut self, changes: Vec<Change>) -> Patch {
        let replica = ReplicaId(Uuid::from_u128(7));
        let event = self.document.stamp(replica, UserId(replica.0), 0, changes);
        let patch = self.document.apply(&event).unwrap();
        self.done.push(event);
        patch
    }

    /// The `number`-th displayed line, in any case one that there is.
    fn line(&self, number: u32) -> LineId {
        let row = number as usize % self.document.len().max(1);
        self.document.line_at_row(row).unwrap_or(LineId::ROOT)
    }

    fn placement(&self, number: u32) -> Placement {
        let line = self.line(number / 2);
        match self.document.parent(line) {
            Some(parent) if number.is_multiple_of(2) => Placement {
                parent,
                after: Some(line),
            },
            _ => Placement {
                parent: line,
                after: None,
            },
        }
    }

    fn intent(&mut self, what: u32, one: u32, other: u32) -> Intent {
        let line = self.line(one);
        match what {
            0 => Intent::CreateLines {
                placement: self.placement(one),
                lines: (0..other % 4)
                    .map(|depth| self.draft(depth / 2, other))
                    .collect(),
            },
            1 => Intent::Split {
                line,
                at: other % 3,
                new_line: self.new_line(),
                kind: Kind::Numbered,
            },
            2 => Intent::Join {
                line,
                into: self.line(other),
            },
            3 => Intent::Delete {
                lines: vec![line, self.line(other)],
            },
            4 => Intent::SetKind {
                lines: vec![line],
                kind: [Kind::Numbered, Kind::Bullet][other as usize % 2].clone(),
            },
            5 => Intent::EditText {
                line,
                at: 0,
                delete: 0,
                insert: "text".to_owned(),
            },
            _ => Intent::Move {
                lines: vec![line],
                placement: self.placement(other),
            },
        }
    }

    fn draft(&mut self, depth: u32, kind: u32) -> DraftLine {
        DraftLine {
            id: self.new_line(),
            depth,
            kind: [Kind::Text, Kind::Numbered][kind as usize % 2].clone(),
            text: "abc".to_owned(),
            properties: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// Carries out a gesture, or takes back an earlier one.
    fn step(&mut self, (what, one, other): (u32, u32, u32)) -> Option<Patch> {
        let changes = if what == 7 {
            let back = one as usize % self.done.len().max(1);
            let event = self.done.iter().rev().nth(back)?.clone();
            self.document.plan_undo(&event)
        } else {
            let intent = self.intent(what, one, other);
            self.document.plan(&intent).ok()?
        };
        (!changes.is_empty()).then(|| self.write(changes))
    }
}

/// All rows of a panel, listed one by one.
fn listed(panel: &Panel, document: &Document) -> Vec<Head> {
    let outlook = panel.outlook(document);
    let root = panel.root.map(|root| head_at(&outlook, root, 0));
    let depth = u32::from(root.is_some());
    let mut heads: Vec<Head> = root.into_iter().collect();
    list_below(&outlook, outlook.top(), depth, &mut heads);
    heads
}

fn head_at(outlook: &Outlook, line: LineId, depth: u32) -> Head {
    let walk = outlook.document.walk(line, LineId::ROOT).unwrap();
    outlook.head(walk.stop(), depth)
}

fn list_below(outlook: &Outlook, parent: LineId, depth: u32, heads: &mut Vec<Head>) {
    let mut number = 0;
    for line in outlook.document.children(parent) {
        let mut head = head_at(outlook, line, depth);
        let is_numbered = head.kind == Kind::Numbered;
        number = if is_numbered { number + 1 } else { 0 };
        head.number = (number > 0).then_some(number);
        let is_open = !head.folded;
        heads.push(head);
        if is_open {
            list_below(outlook, line, depth + 1, heads);
        }
    }
}

/// A panel with the rows that an interface has after all changes so far.
struct Viewer {
    panel: Panel,
    rows: Vec<Row>,
}

const SMALL: Limits = Limits {
    whole_max: 12,
    window: 6,
    looked_at: 100,
    matches_max: 1_000,
};

impl Viewer {
    fn new(document: &Document, root: Option<LineId>, folded: bool, limits: Limits) -> Self {
        let mut panel = Panel::with_limits(root, limits);
        panel.set_all_folds(folded);
        let rows = panel.open(document);
        Self { panel, rows }
    }

    /// Follows a patch, and must then show what a panel that is opened anew shows.
    fn follow(&mut self, document: &Document, patch: &Patch) {
        if let Ok(changes) = self.panel.update(document, patch, false) {
            apply(&mut self.rows, changes);
        } else {
            self.panel.root = None;
            self.rows = self.panel.open(document);
        }
        self.check(document, &format!("{patch:?}"));
    }

    /// Folds, unfolds, moves the window, as numbers say.
    fn look(&mut self, document: &Document, (what, one): (u32, u32)) {
        let all = listed(&self.panel, document);
        let Some(head) = all.get(one as usize % all.len().max(1)) else {
            return;
        };
        let (line, ordinal) = (head.line, one as usize % (all.len() + 2));
        let changes = match what {
            0..=2 => self.panel.fold(document, line, true),
            3..=4 => self.panel.fold(document, line, false),
            5 => self.panel.fold_all(document, one.is_multiple_of(2)),
            6 => self.panel.move_window(document, ordinal),
            _ => self.panel.show(document, line).unwrap_or_default(),
        };
        apply(&mut self.rows, changes);
        if what == 7 {
            let is_held = self.rows.iter().any(|row| row.id == line.to_string());
            assert!(is_held, "the row that was asked for is held");
        }
        self.check(document, &format!("look {what} {one}"));
    }

    fn check(&self, document: &Document, after: &str) {
        let panel = &self.panel;
        let all = listed(panel, document);
        let Extent { total, first } = panel.extent();
        assert_eq!(total, all.len(), "{after}");
        let end = first + self.rows.len();
        let expected: Vec<Row> = all[first..end]
            .iter()
            .map(|head| row(document, head))
            .collect();
        assert_eq!(self.rows, expected, "{after}");
        for (ordinal, head) in all.iter().enumerate() {
            assert_eq!(panel.line_at(document, ordinal), Some(head.line), "{after}");
            assert_eq!(
                panel.ordinal_of(document, head.line),
                Some(ordinal),
                "{after}"
            );
        }
        assert_eq!(panel.line_at(document, total), None, "{after}");
        let Limits {
            whole_max, window, ..
        } = panel.limits;
        let enough = self.rows.len() == total || self.rows.len() >= window / 2;
        assert!(enough && self.rows.len() <= whole_max + window, "{after}");
        assert!(self.rows.len() == total || total > whole_max / 2, "{after}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn panels_that_follow_patches_show_what_the_document_shows(
        before in prop::collection::vec((0u32..8, any::<u32>(), any::<u32>()), 0..30),
        after in prop::collection::vec(
            ((0u32..8, any::<u32>(), any::<u32>()), prop::option::of((0u32..8, any::<u32>()))),
            1..40,
        ),
    ) {
        let mut writer = Writer::new();
        writer.step((0, 0, 3));
        for step in before {
            writer.step(step);
        }
        let document = &writer.document;
        let root = document.line_at_row(0);
        let large = Limits::default();
        let mut viewers = [
            Viewer::new(document, None, false, large),
            Viewer::new(document, None, true, large),
            Viewer::new(document, root, false, large),
            Viewer::new(document, None, false, SMALL),
            Viewer::new(document, None, true, SMALL),
            Viewer::new(document, root, false, SMALL),
        ];
        for (step, look) in after {
            if let Some(patch) = writer.step(step) {
                for viewer in &mut viewers {
                    viewer.follow(&writer.document, &patch);
                }
            }
            if let Some(look) = look {
                for viewer in &mut viewers {
                    viewer.look(&writer.document, look);
                }
            }
        }
    }
}

#[test]
fn a_new_line_among_thousands_is_one_row_more() {
    let mut writer = Writer::new();
    let lines = (0..5_000).map(|_| writer.draft(0, 0)).collect();
    let placement = Placement {
        parent: LineId::ROOT,
        after: None,
    };
    let changes = writer
        .document
        .plan(&Intent::CreateLines { placement, lines });
    writer.write(changes.unwrap());
    let mut viewer = Viewer::new(&writer.document, None, false, Limits::default());
    let line = writer.line(2_500);
    let new_line = writer.new_line();
    let changes = writer.document.plan(&Intent::Split {
        line,
        at: 1,
        new_line,
        kind: Kind::Text,
    });
    let patch = writer.write(changes.unwrap());
    let changes = viewer
        .panel
        .update(&writer.document, &patch, false)
        .unwrap();
    assert!(
        matches!(
            changes.as_slice(),
            [
                RowChange::Splice {
                    at: 2_501,
                    delete: 0,
                    ..
                },
                RowChange::Row { at: 2_500, .. }
            ]
        ),
        "{changes:?}"
    );
}
