//! A thousand moves received while a thousand of one's own were made, in loro's movable tree.

use loro::{ExportMode, LoroDoc, LoroTree, TreeID, TreeParentId};
use merge_measure::moves::{MOVES, moves, parents, twice};
use merge_measure::{Answer, Stopwatch};

pub fn measure() -> Answer {
    twice(loro)
}

fn loro() -> Option<f64> {
    let first = LoroWriter::outline(1);
    let second = LoroWriter::received(2, &first);
    first.move_lines();
    second.move_lines();
    let before = second.document.export(ExportMode::updates(&first.seen));
    let others = before.expect("its own history");
    let own = first.document.export(ExportMode::updates(&first.seen));
    let mut watch = Stopwatch::default();
    watch.start();
    first
        .document
        .import(&others)
        .expect("a message of its own");
    watch.stop();
    let own = own.expect("its own history");
    second.document.import(&own).expect("a message of its own");
    let is_same = first.tree().get_value() == second.tree().get_value();
    is_same.then(|| watch.total_ms())
}

struct LoroWriter {
    number: u64,
    document: LoroDoc,
    lines: Vec<TreeID>,
    /// The version that has the outline and no moves.
    seen: loro::VersionVector,
}

impl LoroWriter {
    fn outline(number: u64) -> Self {
        let document = LoroDoc::new();
        document.set_peer_id(number).expect("an empty document");
        let tree = document.get_tree("outline");
        let mut lines: Vec<TreeID> = Vec::new();
        for parent in parents() {
            let parent = parent.map_or(TreeParentId::Root, |parent| lines[parent].into());
            lines.push(tree.create(parent).expect("a known parent"));
        }
        document.commit();
        let seen = document.oplog_vv();
        Self {
            number,
            document,
            lines,
            seen,
        }
    }

    fn received(number: u64, from: &Self) -> Self {
        let document = LoroDoc::new();
        document.set_peer_id(number).expect("an empty document");
        let updates = from.document.export(ExportMode::all_updates());
        let imported = document.import(&updates.expect("its own history"));
        imported.expect("a message of its own");
        Self {
            number,
            document,
            lines: from.lines.clone(),
            seen: from.seen.clone(),
        }
    }

    fn tree(&self) -> LoroTree {
        self.document.get_tree("outline")
    }

    fn move_lines(&self) {
        let tree = self.tree();
        let mut made = 0;
        for (moved, parent) in moves(self.number, self.lines.len()) {
            let (moved, parent) = (self.lines[moved], self.lines[parent]);
            made += usize::from(tree.mov_to(moved, parent, 0).is_ok());
            self.document.commit();
            if made == MOVES {
                break;
            }
        }
    }
}
