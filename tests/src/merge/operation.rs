//! What happens in a random history, as data that says nothing of a particular document: numbers
//! choose among what is there when the operation is carried out, so every part of a plan is a plan.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    Gesture {
        replica: u8,
        gesture: Gesture,
    },
    /// Undoes the `back`-th latest gesture of the replica.
    Undo {
        replica: u8,
        back: u8,
    },
    /// `messages` of those on their way to the replica arrive, in an order, and some of them twice, as
    /// `luck` has it; `together`: applied as a batch.
    Deliver {
        replica: u8,
        messages: u8,
        luck: u16,
        together: bool,
    },
    /// Two replicas get everything that the other one has.
    Sync {
        one: u8,
        other: u8,
        luck: u16,
    },
    /// Nothing passes between the two until the next `Heal`.
    Cut {
        one: u8,
        other: u8,
    },
    Heal,
    /// The replica starts again from its events.
    Restart {
        replica: u8,
        luck: u16,
    },
    /// The replica makes an event of changes that nobody would plan.
    Hostile {
        replica: u8,
        luck: u32,
    },
    /// An event with something wrong about it reaches the replica.
    Damaged {
        replica: u8,
        luck: u16,
    },
}

/// A gesture on lines that are chosen by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gesture {
    /// `keystrokes` quick ones behind each other become one event.
    Type {
        line: u16,
        at: u16,
        letters: u8,
        keystrokes: u8,
    },
    /// Each letter in front of the one before, each an event of its own.
    TypeBackwards {
        line: u16,
        at: u16,
        letters: u8,
    },
    Replace {
        line: u16,
        at: u16,
        delete: u8,
        letters: u8,
    },
    Split {
        line: u16,
        at: u16,
        kind: u8,
    },
    /// Into the line shown above.
    JoinUp {
        line: u16,
    },
    Join {
        line: u16,
        into: u16,
    },
    DeleteRange {
        first: u16,
        first_at: u16,
        lines: u8,
        last_at: u16,
    },
    /// `shape`: how many lines, and how deep each.
    Create {
        parent: u16,
        after: u16,
        shape: u8,
        letters: u8,
    },
    Move {
        lines: Vec<u16>,
        parent: u16,
        after: u16,
    },
    /// Below the sibling above.
    Indent {
        line: u16,
    },
    /// Behind the parent.
    Outdent {
        line: u16,
    },
    Kind {
        lines: Vec<u16>,
        kind: u8,
    },
    Property {
        line: u16,
        name: u8,
        value: u8,
    },
    Tag {
        line: u16,
        tag: u8,
    },
    Untag {
        line: u16,
        tag: u8,
    },
    Delete {
        lines: Vec<u16>,
    },
    Restore {
        line: u16,
    },
    Title {
        title: u8,
    },
}

/// What a plan leans to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Somewhat like people: mostly typing.
    Ordinary,
    /// Split, join, move, delete and undo in the same few lines all the time.
    Restructuring,
    /// With events that no planner would make.
    Hostile,
}

fn gesture(mix: Mix) -> impl Strategy<Value = Gesture> {
    let line = || any::<u16>();
    let lines = || vec(any::<u16>(), 1..4);
    let typing = if mix == Mix::Restructuring { 4 } else { 16 };
    prop_oneof![
        typing => (line(), line(), 1..5u8, 1..4u8).prop_map(|(line, at, letters, keystrokes)| {
            Gesture::Type { line, at, letters, keystrokes }
        }),
        2 => (line(), line(), 2..5u8).prop_map(|(line, at, letters)| {
            Gesture::TypeBackwards { line, at, letters }
        }),
        4 => (line(), line(), 0..4u8, 0..3u8).prop_map(|(line, at, delete, letters)| {
            Gesture::Replace { line, at, delete, letters }
        }),
        6 => (line(), line(), 0..6u8).prop_map(|(line, at, kind)| Gesture::Split { line, at, kind }),
        4 => line().prop_map(|line| Gesture::JoinUp { line }),
        2 => (line(), line()).prop_map(|(line, into)| Gesture::Join { line, into }),
        2 => (line(), line(), 0..5u8, line()).prop_map(|(first, first_at, lines, last_at)| {
            Gesture::DeleteRange { first, first_at, lines, last_at }
        }),
        3 => (line(), line(), any::<u8>(), 0..3u8).prop_map(|(parent, after, shape, letters)| {
            Gesture::Create { parent, after, shape, letters }
        }),
        4 => (lines(), line(), line()).prop_map(|(lines, parent, after)| {
            Gesture::Move { lines, parent, after }
        }),
        2 => line().prop_map(|line| Gesture::Indent { line }),
        2 => line().prop_map(|line| Gesture::Outdent { line }),
        1 => (lines(), 0..6u8).prop_map(|(lines, kind)| Gesture::Kind { lines, kind }),
        1 => (line(), 0..3u8, 0..4u8).prop_map(|(line, name, value)| {
            Gesture::Property { line, name, value }
        }),
        1 => (line(), 0..3u8).prop_map(|(line, tag)| Gesture::Tag { line, tag }),
        1 => (line(), 0..3u8).prop_map(|(line, tag)| Gesture::Untag { line, tag }),
        3 => lines().prop_map(|lines| Gesture::Delete { lines }),
        2 => line().prop_map(|line| Gesture::Restore { line }),
        1 => (0..4u8).prop_map(|title| Gesture::Title { title }),
    ]
}

/// One operation of such a plan.
pub fn operation(mix: Mix) -> BoxedStrategy<Operation> {
    let replica = || any::<u8>();
    let ordinary = prop_oneof![
        30 => (replica(), gesture(mix)).prop_map(|(replica, gesture)| {
            Operation::Gesture { replica, gesture }
        }),
        4 => (replica(), 0..4u8).prop_map(|(replica, back)| Operation::Undo { replica, back }),
        14 => (replica(), 1..8u8, any::<u16>(), any::<bool>()).prop_map(
            |(replica, messages, luck, together)| {
                Operation::Deliver { replica, messages, luck, together }
            }
        ),
        3 => (replica(), replica(), any::<u16>()).prop_map(|(one, other, luck)| {
            Operation::Sync { one, other, luck }
        }),
        1 => (replica(), replica()).prop_map(|(one, other)| Operation::Cut { one, other }),
        1 => Just(Operation::Heal),
        1 => (replica(), any::<u16>()).prop_map(|(replica, luck)| {
            Operation::Restart { replica, luck }
        }),
    ];
    if mix != Mix::Hostile {
        return ordinary.boxed();
    }
    prop_oneof![
        4 => ordinary,
        1 => (replica(), any::<u32>()).prop_map(|(replica, luck)| {
            Operation::Hostile { replica, luck }
        }),
        1 => (replica(), any::<u16>()).prop_map(|(replica, luck)| {
            Operation::Damaged { replica, luck }
        }),
    ]
    .boxed()
}
