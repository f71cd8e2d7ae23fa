//! Before a document has been read: its first rows, and what waits for it.

use tideline_model::{Document, DraftLine, Intent, Kind, LineId, Placement, UserId};
use tideline_wire::seal;

use super::desk::{ANNA, BERT, Desk, opening, replica};
use super::*;
use crate::catalogue::Entry;
use crate::glimpse::{Glimpse, GlimpseExtent};
use crate::protocol::{Command, Row, SeekScope};

const STORED: DocumentId = DocumentId(Uuid::from_u128(50));
const OTHER: DocumentId = DocumentId(Uuid::from_u128(51));
const GROUP: GroupId = GroupId(Uuid::from_u128(7));

/// A document that is on disk.
fn stored(id: DocumentId, texts: &[&str]) -> Document {
    let mut document = Document::new(id);
    let draft = |(number, text): (u64, &&str)| DraftLine {
        id: line_id(number),
        depth: 0,
        kind: Kind::Text,
        text: (*text).to_owned(),
        properties: Vec::new(),
        tags: Vec::new(),
    };
    let placement = Placement {
        parent: LineId::ROOT,
        after: None,
    };
    let lines = (1..).zip(texts).map(draft).collect();
    let intent = Intent::CreateLines { placement, lines };
    let changes = document.plan(&intent).expect("lines that fit");
    let author = UserId(Uuid::from_u128(3));
    let event = document.stamp(replica(3), author, 1, changes);
    document.apply(&event).expect("an event that fits");
    document
}

fn line_id(number: u64) -> LineId {
    LineId {
        replica: replica(3),
        number,
    }
}

fn line(number: u64) -> String {
    line_id(number).to_string()
}

/// The rows that the store has, at the top.
fn glimpse_of(document: &Document, count: usize) -> Glimpse {
    let mut panel = Panel::new(None);
    let mut rows: Vec<Row> = panel.open(document);
    let is_whole = rows.len() <= count;
    rows.truncate(count);
    Glimpse {
        title: String::new(),
        root: None,
        breadcrumb: Vec::new(),
        rows,
        extent: if is_whole {
            GlimpseExtent::Whole
        } else {
            GlimpseExtent::Top
        },
    }
}

/// Two windows, and two documents that are on a disk which takes its time.
fn desk() -> Desk {
    let mut desk = Desk::new(1);
    desk.reads_later = true;
    for document in [STORED, OTHER] {
        let entry = Entry {
            title: "Stored".to_owned(),
            ..Entry::untitled(GROUP, 1)
        };
        desk.dispatcher.catalogue.insert(document, entry);
    }
    for window in [ANNA, BERT] {
        desk.step(Input::Attached(window));
        desk.send(window, Command::Hello);
    }
    desk
}

/// Opens panel 1 on all of `STORED`, to go on with a stream of edits.
fn resuming(stream: Option<String>, again: Option<bool>) -> Command {
    Command::OpenPanel {
        panel: 1,
        document: STORED.to_string(),
        root: None,
        folds: None,
        near: None,
        stream,
        again,
    }
}

impl Desk {
    fn open_stored(&mut self, window: ConnectionId, panel: u32, document: DocumentId) {
        self.send(window, opening(panel, document));
    }

    /// Opens panel 1 on `STORED`; what is written in it has a name.
    fn open_stream(&mut self, window: ConnectionId, stream: u64, again: Option<bool>) {
        self.send(window, resuming(Some(line(stream)), again));
    }

    /// The store answers what was asked of it about `document`, with `count` rows.
    fn glimpse(&mut self, stored: &Document, count: usize) {
        let asked = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Glimpse(asked) if asked.document == stored.id() => {
                Some((asked.connection, asked.panel, asked.ticket))
            }
            _ => None,
        });
        let (connection, panel, ticket) = asked.expect("rows are asked for");
        let glimpse = Some(Box::new(glimpse_of(stored, count)));
        self.step(Input::Glimpsed(connection, panel, ticket, glimpse));
    }

    fn load(&mut self, document: Document) {
        let id = document.id();
        let open = OpenDocument::new(document, GROUP, self.now_ms);
        self.step(Input::Loaded(id, Ok(Box::new(open))));
    }

    fn asked_for_rows(&self) -> usize {
        let is_glimpse = |effect: &&Effect| matches!(effect, Effect::Glimpse(_));
        self.effects.iter().filter(is_glimpse).count()
    }

    fn live(&self, document: DocumentId) -> Vec<String> {
        let open = &self.dispatcher.documents[&document];
        let lines = open.document.outline().lines.into_iter();
        lines.map(|line| line.text).collect()
    }
}

fn typed(line: &str, at: u32, insert: &str) -> EditIntent {
    EditIntent::EditText {
        line: line.to_owned(),
        at,
        delete: 0,
        insert: insert.to_owned(),
    }
}

#[test]
fn the_first_rows_show_before_the_document_is_read_and_all_that_are_held_after() {
    let mut desk = desk();
    let document = stored(STORED, &["one", "two", "three", "four"]);
    desk.open_stored(ANNA, 1, STORED);
    assert!(desk.screens.is_empty());
    desk.glimpse(&document, 2);
    assert_eq!(desk.texts(ANNA), ["one", "two"]);
    desk.load(document);
    assert_eq!(desk.texts(ANNA), ["one", "two", "three", "four"]);
}

#[test]
fn rows_that_come_behind_the_document_change_nothing() {
    let mut desk = desk();
    let document = stored(STORED, &["one", "two"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.load(document.clone());
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    desk.glimpse(&document, 1);
    assert_eq!(desk.texts(ANNA), ["one!", "two"]);
}

#[test]
fn rows_that_the_store_has_otherwise_are_put_right() {
    let mut desk = desk();
    let before = stored(STORED, &["one", "old"]);
    let document = stored(STORED, &["one", "new", "three"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&before, 9);
    desk.load(document);
    assert_eq!(desk.texts(ANNA), ["one", "new", "three"]);
}

#[test]
fn what_is_typed_before_the_document_is_read_is_carried_out_in_order_and_answered() {
    let mut desk = desk();
    let document = stored(STORED, &["one", "two"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&document, 1);
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    desk.edit(ANNA, typed(&line(1), 4, "?"));
    assert_eq!(
        desk.texts(ANNA),
        ["one"],
        "the interface has drawn it itself"
    );
    desk.load(document);
    assert_eq!(desk.texts(ANNA), ["one!?", "two"]);
    assert_eq!(desk.screens[&(ANNA, 1)].ack, desk.serials);
    desk.pause(1000);
    assert_eq!(desk.events_on_disk(), 1);
    let serial = desk.serials + 1;
    desk.send(ANNA, Command::Undo { panel: 1, serial });
    assert_eq!(desk.texts(ANNA), ["one", "two"]);
}

#[test]
fn what_was_typed_is_carried_out_although_the_panel_was_closed_or_shows_something_else() {
    for leave in [
        Input::Command(ANNA, Command::ClosePanel { panel: 1 }),
        Input::Detached(ANNA),
        Input::Command(ANNA, opening(1, OTHER)),
    ] {
        let mut desk = desk();
        let document = stored(STORED, &["one", "two"]);
        desk.open_stored(ANNA, 1, STORED);
        desk.glimpse(&document, 1);
        desk.edit(ANNA, typed(&line(1), 3, "!"));
        desk.step(leave);
        assert!(!desk.dispatcher.may_stop(), "something is not on disk");
        desk.load(document);
        assert_eq!(desk.live(STORED), ["one!", "two"]);
        desk.pause(1000);
        assert_eq!(desk.events_on_disk(), 1);
        assert!(desk.dispatcher.interfaces.len() <= 2, "only real windows");
    }
}

#[test]
fn a_panel_that_was_closed_before_its_document_is_read_stays_closed() {
    let mut desk = desk();
    let document = stored(STORED, &["one"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.send(ANNA, Command::ClosePanel { panel: 1 });
    desk.glimpse(&document, 1);
    desk.load(document);
    assert!(desk.screens.is_empty());
    assert!(desk.dispatcher.interfaces[&ANNA].panels.is_empty());
}

#[test]
fn another_document_in_the_panel_does_not_get_what_was_typed_into_the_first() {
    let mut desk = desk();
    let (first, second) = (stored(STORED, &["one"]), stored(OTHER, &["other"]));
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&first, 1);
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    desk.open_stored(ANNA, 1, OTHER);
    desk.glimpse(&second, 1);
    desk.edit(ANNA, typed(&line(1), 5, "?"));
    desk.load(first);
    desk.load(second);
    assert_eq!(desk.live(STORED), ["one!"]);
    assert_eq!(desk.live(OTHER), ["other?"]);
    assert_eq!(desk.texts(ANNA), ["other?"]);
}

#[test]
fn folds_jumps_finds_and_zooms_wait_and_are_done_in_order() {
    let mut desk = desk();
    let mut document = stored(STORED, &["parent", "child", "last"]);
    let intent = Intent::Move {
        lines: vec![line_id(2)],
        placement: Placement {
            parent: line_id(1),
            after: None,
        },
    };
    let changes = document.plan(&intent).expect("a move that fits");
    let event = document.stamp(replica(3), UserId(Uuid::from_u128(3)), 2, changes);
    document.apply(&event).expect("an event that fits");
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&document, 2);
    let set_fold = |folded| Command::SetFold {
        panel: 1,
        line: line(1),
        folded,
    };
    desk.edit(ANNA, typed(&line(1), 0, "a "));
    desk.send(ANNA, set_fold(true));
    desk.send(
        ANNA,
        Command::ShowLine {
            panel: 1,
            line: line(2),
        },
    );
    desk.send(
        ANNA,
        Command::Seek {
            query_id: 4,
            text: "child".to_owned(),
            document: Some(STORED.to_string()),
            scope: SeekScope::Everything,
        },
    );
    let told_early = desk.heard.len();
    desk.load(document);
    assert_eq!(desk.texts(ANNA), ["a parent", "last"]);
    let heard = &desk.heard[told_early..];
    assert!(
        heard
            .iter()
            .any(|(_, message)| matches!(message, Message::LineShown { ordinal: None, .. })),
        "it is folded away: {heard:?}"
    );
    assert!(heard.iter().any(
        |(_, message)| matches!(message, Message::Places { places, .. } if places.len() == 1)
    ));
}

#[test]
fn batches_of_the_server_wait_behind_what_was_typed_and_both_are_in_the_document() {
    let mut desk = desk();
    let document = stored(STORED, &["one", "two"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&document, 9);
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    let theirs = Intent::EditText {
        line: line_id(2),
        at: 3,
        delete: 0,
        insert: "?".to_owned(),
    };
    let changes = document.plan(&theirs).expect("a plan");
    let event = document.stamp(replica(4), UserId(Uuid::from_u128(4)), 5, changes);
    let batch = seal(GROUP, STORED, &[event]).expect("a batch");
    desk.step(Input::Sync(SyncNews::Batches {
        group: GROUP,
        document: STORED,
        batches: vec![batch],
        cursor: 12,
    }));
    desk.load(document);
    assert_eq!(desk.texts(ANNA), ["one!", "two?"]);
}

#[test]
fn who_comes_back_while_something_typed_waits_sees_rows_with_it_and_not_before() {
    let mut desk = desk();
    let document = stored(STORED, &["one"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&document, 1);
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    desk.step(Input::Detached(ANNA));
    let asked = desk.asked_for_rows();
    desk.open_stored(BERT, 1, STORED);
    assert_eq!(desk.asked_for_rows(), asked, "older rows would mislead it");
    desk.load(document);
    assert_eq!(desk.texts(BERT), ["one!"]);
}

#[test]
fn who_tells_from_the_rows_what_has_arrived_gets_them_when_the_document_is_read() {
    let mut desk = desk();
    desk.send(ANNA, resuming(None, Some(true)));
    assert_eq!(desk.asked_for_rows(), 0);
    desk.load(stored(STORED, &["one"]));
    assert_eq!(desk.texts(ANNA), ["one"]);
}

#[test]
fn what_is_sent_again_after_a_broken_connection_is_told_as_taken_and_not_written_twice() {
    let mut desk = desk();
    let document = stored(STORED, &["one", "two", "three"]);
    desk.open_stream(ANNA, 900, None);
    desk.glimpse(&document, 2);
    // At the edge of the early rows, where the interface cannot tell from rows what has arrived.
    let new_line = format!("line_{:032x}_901", 1);
    let split = EditIntent::Split {
        line: line(2),
        at: 1,
        new_line: new_line.clone(),
        kind: "text".to_owned(),
    };
    let edits = [vec![split], vec![typed(&new_line, 0, "x")]];
    for intents in edits.clone() {
        desk.edit_at(ANNA, 1, intents);
    }
    desk.step(Input::Detached(ANNA));
    desk.open_stream(BERT, 900, Some(true));
    desk.load(document);
    assert_eq!(desk.texts(BERT), ["one", "t", "xwo", "three"]);
    assert_eq!(desk.screens[&(BERT, 1)].ack, desk.serials);
    assert!(desk.screens[&(BERT, 1)].resumed);
    desk.serials = 0;
    for intents in edits {
        desk.edit_at(BERT, 1, intents);
    }
    assert_eq!(desk.live(STORED), ["one", "t", "xwo", "three"]);
    desk.type_text(BERT, &line(3), 5, "!");
    assert_eq!(desk.live(STORED), ["one", "t", "xwo", "three!"]);
}

#[test]
fn what_the_broken_connection_brings_late_is_not_written_twice_either() {
    let mut desk = desk();
    let document = stored(STORED, &["one"]);
    desk.open_stream(ANNA, 900, None);
    desk.load(document);
    desk.open_stream(BERT, 900, Some(true));
    assert!(desk.screens[&(BERT, 1)].resumed);
    let edit = |desk: &mut Desk, window| {
        desk.serials = 0;
        desk.edit_at(window, 1, vec![typed(&line(1), 3, "!")]);
    };
    edit(&mut desk, BERT);
    edit(&mut desk, ANNA);
    assert_eq!(desk.live(STORED), ["one!"]);
}

#[test]
fn serials_begin_anew_where_nothing_is_known_of_what_was_written() {
    let mut desk = desk();
    desk.open_stream(ANNA, 900, Some(true));
    desk.load(stored(STORED, &["one"]));
    assert!(!desk.screens[&(ANNA, 1)].resumed);
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    assert_eq!(desk.texts(ANNA), ["one!"]);
}

#[test]
fn two_panels_that_open_together_both_show_rows_at_once() {
    let mut desk = desk();
    let document = stored(STORED, &["one", "two"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&document, 1);
    desk.open_stored(BERT, 1, STORED);
    desk.glimpse(&document, 1);
    assert_eq!(
        (desk.texts(ANNA), desk.texts(BERT)),
        (vec!["one"], vec!["one"])
    );
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    desk.load(document);
    assert_eq!(desk.texts(ANNA), ["one!", "two"]);
    assert_eq!(desk.texts(BERT), ["one!", "two"]);
}

#[test]
fn when_a_document_cannot_be_read_what_was_typed_is_kept_in_one_of_its_own_and_said() {
    let mut desk = desk();
    let document = stored(STORED, &["one", "two"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&document, 9);
    let split = EditIntent::Split {
        line: line(1),
        at: 7,
        new_line: format!("line_{:032x}_900", 1),
        kind: "text".to_owned(),
    };
    desk.edit(ANNA, typed(&line(1), 3, " and more"));
    desk.edit(ANNA, split);
    desk.step(Input::Loaded(STORED, Err("a page is damaged".to_owned())));
    let closed = desk.heard.iter().find_map(|(_, message)| match message {
        Message::PanelClosed { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    let reason = closed.expect("the panel is closed");
    assert!(reason.contains("a page is damaged"), "{reason}");
    assert!(reason.contains("“Written into Stored”"), "{reason}");
    let kept = DocumentId(Uuid::from_u128(99));
    assert_eq!(desk.live(kept), ["one and", " more"]);
    desk.pause(1000);
    assert!(desk.disk.iter().any(|commit| commit.document == kept));
    assert!(desk.dispatcher.may_stop());
}

#[test]
fn the_place_in_the_servers_log_stays_before_what_could_not_be_taken() {
    let mut desk = desk();
    let document = stored(STORED, &["one"]);
    let batches = |cursor| {
        Input::Sync(SyncNews::Batches {
            group: GROUP,
            document: STORED,
            batches: Vec::new(),
            cursor,
        })
    };
    desk.step(batches(12));
    desk.step(Input::Loaded(STORED, Err("the disk fails".to_owned())));
    assert!(
        desk.notices
            .iter()
            .any(|text| text.contains("the disk fails"))
    );
    desk.step(batches(13));
    desk.load(document);
    let receipt = Receipt {
        document: STORED,
        replica: replica(1),
        last_seq: 1,
        extent: Extent::AtLeast,
        cursor: Some(14),
    };
    desk.step(Input::Sync(SyncNews::Acknowledged(receipt)));
    desk.pause(1000);
    assert!(desk.disk.iter().all(|commit| commit.cursor.is_none()));
}

#[test]
fn nothing_that_waits_is_lost_when_the_program_ends_on_a_disk_that_fails() {
    let mut desk = desk();
    let document = stored(STORED, &["one"]);
    desk.open_stored(ANNA, 1, STORED);
    desk.glimpse(&document, 1);
    desk.edit(ANNA, typed(&line(1), 3, "!"));
    desk.disk_works = false;
    desk.step(Input::DiskFailing("the disk is full".to_owned()));
    desk.step(Input::Stopping);
    assert!(!desk.dispatcher.may_stop());
    desk.load(document);
    assert!(desk.dispatcher.may_stop());
    let last = desk.dispatcher.last_commits();
    assert_eq!(last.len(), 1);
}
