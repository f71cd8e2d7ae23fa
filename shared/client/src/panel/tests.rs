//! Row changes bring an interface from any rows to any other rows.

use proptest::prelude::*;
use tideline_model::ReplicaId;
use uuid::Uuid;

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
            RowChange::Text { .. } => unreachable!("heads have no text"),
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
