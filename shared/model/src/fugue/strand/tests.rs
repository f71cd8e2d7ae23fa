//! Strands, with events that hold nothing but their place in history.

use uuid::Uuid;

use super::*;
use crate::event::{Event, EventId, Frontier};
use crate::id::{ReplicaId, UserId};

/// A strand and the history of its events, which `write` adds to.
struct Scene {
    history: History,
    strand: Strand,
}

impl Scene {
    fn new() -> Self {
        Self {
            history: History::default(),
            strand: Strand::new(LineIndex(1)),
        }
    }

    /// The next event of a replica, having seen these.
    fn write(&mut self, replica: u128, parents: &[EventIndex]) -> EventIndex {
        let replica = ReplicaId(Uuid::from_u128(replica));
        let lamport = parents.iter().map(|&parent| self.history.lamport(parent));
        let event = Event {
            id: EventId {
                replica,
                seq: self.history.next(replica).0,
            },
            lamport: lamport.max().unwrap_or(0) + 1,
            time_ms: 0,
            author: UserId(replica.0),
            parents: Frontier::new(parents.iter().map(|&it| self.history.id(it)).collect()),
            changes: Vec::new(),
        };
        let index = self.history.insert(&event).expect("an event in order");
        index.expect("a new event")
    }

    fn insert(&mut self, event: EventIndex, n: u32, at: u32, text: &str) {
        let inserted = Inserted::Text(text);
        let node = self
            .strand
            .insert(&self.history, (event, n), at, inserted, &mut Vec::new());
        node.expect("a position that exists");
    }

    fn delete(&mut self, event: EventIndex, at: u32, count: u32) {
        self.strand
            .delete(&self.history, event, at, count, &mut Vec::new());
    }

    fn undelete(&mut self, event: EventIndex, deletion: EventIndex) {
        self.strand
            .undelete(&self.history, event, deletion, &mut Vec::new());
    }

    fn text(&self) -> String {
        let mut text = String::new();
        self.strand.push_slice_text(None, &mut text);
        text
    }

    fn runs(&self) -> usize {
        self.strand.all_runs().count()
    }
}

#[test]
fn words_typed_at_one_place_at_the_same_time_do_not_mix() {
    let mut scene = Scene::new();
    let base = scene.write(1, &[]);
    scene.insert(base, 0, 0, "()");
    let (mut one, mut two) = (base, base);
    // One types forwards, the other puts each character in front of the one before.
    for (number, (forward, backward)) in
        ["a", "b", "c"].into_iter().zip(["z", "y", "x"]).enumerate()
    {
        one = scene.write(2, &[one]);
        two = scene.write(3, &[two]);
        scene.insert(one, 0, 1 + number as u32, forward);
        scene.insert(two, 0, 1, backward);
    }
    assert_eq!(scene.text(), "(abcxyz)");
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let texts = [[2, 3, 4], [4, 3, 2], [3, 4, 2]].map(|order| {
        let mut scene = Scene::new();
        let base = scene.write(1, &[]);
        scene.insert(base, 0, 0, "abcd");
        for replica in order {
            let event = scene.write(replica, &[base]);
            scene.delete(event, replica as u32 - 2, 2);
            scene.insert(event, 0, 2, &replica.to_string());
        }
        scene.text()
    });
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
}

#[test]
fn what_one_event_types_in_a_row_is_one_run() {
    let mut scene = Scene::new();
    let event = scene.write(1, &[]);
    scene.insert(event, 0, 0, &"long ".repeat(10_000));
    assert_eq!(scene.runs(), 1);
    for typed in 0..100 {
        scene.insert(event, 50_000 + typed, 50_000 + typed, "x");
    }
    assert_eq!(scene.runs(), 1);
    let later = scene.write(1, &[event]);
    scene.insert(later, 0, 25_000, "!");
    assert_eq!(scene.runs(), 3);
}

#[test]
fn positions_are_those_of_the_author() {
    let mut scene = Scene::new();
    let base = scene.write(1, &[]);
    scene.insert(base, 0, 0, "abcdef");
    let one = scene.write(2, &[base]);
    scene.delete(one, 0, 4);
    let two = scene.write(3, &[base]);
    assert_eq!(scene.strand.len_for(&scene.history, two), 6);
    scene.insert(two, 0, 5, "X");
    assert_eq!(scene.text(), "eXf");
    let three = scene.write(3, &[one, two]);
    assert_eq!(scene.strand.len_for(&scene.history, three), 3);
    scene.delete(three, 1, 1);
    assert_eq!(scene.text(), "ef");
}

#[test]
fn text_deleted_twice_comes_back_when_both_deletions_ended() {
    let mut scene = Scene::new();
    let base = scene.write(1, &[]);
    scene.insert(base, 0, 0, "abcd");
    let one = scene.write(2, &[base]);
    let two = scene.write(3, &[base]);
    scene.delete(one, 0, 3);
    scene.delete(two, 1, 3);
    assert_eq!(scene.text(), "");
    let back = scene.write(2, &[one, two]);
    scene.undelete(back, one);
    assert_eq!(scene.text(), "a");
    let back = scene.write(3, &[back]);
    scene.undelete(back, two);
    assert_eq!(scene.text(), "abcd");
}

#[test]
fn markers_cut_the_text_into_slices_and_stay() {
    let mut scene = Scene::new();
    let event = scene.write(1, &[]);
    scene.insert(event, 0, 0, "abcd");
    let line = LineIndex(2);
    let marker = Inserted::Marker(line);
    let node = scene
        .strand
        .insert(&scene.history, (event, 4), 2, marker, &mut Vec::new());
    let slice = scene.strand.slice(node);
    assert_eq!((slice.rank, slice.start, slice.chars), (1, 3, 2));
    scene.delete(event, 1, 3);
    assert_eq!(scene.text(), "a");
    assert_eq!(scene.strand.marker(0), Some(line));
    assert_eq!(scene.strand.slice(node).chars, 1);
}

#[test]
fn edits_are_told_in_slices() {
    let mut scene = Scene::new();
    let event = scene.write(1, &[]);
    scene.insert(event, 0, 0, "abcd");
    let line = LineIndex(2);
    let marker = Inserted::Marker(line);
    scene
        .strand
        .insert(&scene.history, (event, 4), 2, marker, &mut Vec::new());
    let mut edits = Vec::new();
    scene.strand.delete(&scene.history, event, 1, 3, &mut edits);
    let edit = |owner, at| Edit {
        owner,
        at,
        delete: 1,
        insert: String::new(),
    };
    assert_eq!(edits, [edit(LineIndex(1), 1), edit(line, 0)]);
}
