//! Undo by the log, with a fake clock.

use tideline_model::{Frontier, UserId};
use uuid::Uuid;

use super::*;

const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(1));

#[derive(Default)]
struct Author {
    history: UndoHistory,
    log: Vec<Event>,
    now_ms: i64,
}

impl Author {
    fn write(&mut self, changes: Vec<Change>) -> EventId {
        let id = EventId {
            replica: REPLICA,
            seq: self.log.len() as u64 + 1,
        };
        let event = Event {
            id,
            lamport: id.seq,
            time_ms: self.now_ms,
            author: UserId(REPLICA.0),
            parents: Frontier::default(),
            changes,
        };
        self.history.note(&event);
        self.log.push(event);
        id
    }

    fn type_text(&mut self, insert: &str, pause_ms: i64) -> EventId {
        self.now_ms += pause_ms;
        self.write(vec![Change::EditText {
            strand: LineId::ROOT,
            at: 0,
            delete: 0,
            insert: insert.to_owned(),
        }])
    }

    fn gesture(&mut self) -> EventId {
        self.write(vec![Change::Keep { line: LineId::ROOT }])
    }

    /// Takes back, or does again, all that the next action wrote; gives what that was.
    fn step(&mut self, direction: Direction) -> Vec<u64> {
        let Some(next) = self.history.next(direction) else {
            return Vec::new();
        };
        let events = next.expect("events at hand");
        for event in events.iter().rev() {
            self.write(vec![Change::Undoes { event: event.id }]);
        }
        events.iter().map(|event| event.id.seq).collect()
    }

    /// As after a restart.
    fn reopened(&self) -> Self {
        let mut replayed = UndoHistory::default();
        replayed.go_on(REPLICA, &self.log);
        let bytes = replayed.to_bytes(REPLICA);
        let mut history = UndoHistory::from_bytes(REPLICA, &bytes).expect("what was written");
        history.keep(self.log.clone());
        history.forget_old();
        Self {
            history,
            log: self.log.clone(),
            now_ms: self.now_ms,
        }
    }
}

#[test]
fn words_are_taken_back_one_by_one_and_done_again_also_after_a_restart() {
    let mut author = Author::default();
    for text in ["He", "llo ", "brave ", "new", " world"] {
        author.type_text(text, 300);
    }
    assert_eq!(author.step(Direction::Undo), [4, 5]);
    let mut author = author.reopened();
    assert_eq!(author.step(Direction::Undo), [3]);
    assert_eq!(author.step(Direction::Redo), [8]);
    let mut author = author.reopened();
    assert_eq!(author.step(Direction::Redo), [6, 7]);
    assert_eq!(author.step(Direction::Undo), [10, 11]);
    assert_eq!(author.reopened().step(Direction::Undo), [9]);
}

#[test]
fn a_pause_a_deletion_and_a_large_piece_begin_actions_of_their_own() {
    let mut author = Author::default();
    author.type_text("one", 0);
    author.type_text("two", 1500);
    author.type_text(&"pasted".repeat(20), 10);
    author.type_text("more", 10);
    author.write(vec![Change::EditText {
        strand: LineId::ROOT,
        at: 0,
        delete: 1,
        insert: String::new(),
    }]);
    for seq in [5, 4, 3, 2, 1] {
        assert_eq!(author.step(Direction::Undo), [seq]);
    }
    assert_eq!(author.step(Direction::Undo), [0; 0]);
}

#[test]
fn a_new_action_ends_what_could_be_done_again() {
    let mut author = Author::default();
    author.gesture();
    author.gesture();
    assert_eq!(author.step(Direction::Undo), [2]);
    author.gesture();
    let mut author = author.reopened();
    assert_eq!(author.step(Direction::Redo), [0; 0]);
    assert_eq!(author.step(Direction::Undo), [4]);
    assert_eq!(author.step(Direction::Undo), [1]);
}

#[test]
fn events_that_continue_one_another_are_one_action() {
    let mut author = Author::default();
    author.write(vec![Change::Continues]);
    author.gesture();
    author.write(vec![Change::Continues]);
    assert_eq!(author.step(Direction::Undo), [2, 3]);
    assert_eq!(
        author.step(Direction::Undo),
        [0; 0],
        "what founded the document stays"
    );
}

#[test]
fn old_events_are_asked_for_by_their_range() {
    let mut author = Author::default();
    author.gesture();
    author.write(vec![Change::Continues]);
    for _ in 0..EVENTS_KEPT {
        author.gesture();
    }
    let mut author = author.reopened();
    for _ in 0..EVENTS_KEPT {
        author.history.skip(Direction::Undo);
    }
    let missing = author.history.next(Direction::Undo).expect("an action");
    let missing = missing.expect_err("too old to be kept");
    assert_eq!((missing.first.seq, missing.last_seq), (1, 2));
    author.history.keep(author.log[..2].to_vec());
    assert_eq!(author.step(Direction::Undo), [1, 2]);
}
