//! Replicas with the same events, one of which shows something else: the lines are found in a few
//! messages.

use std::collections::BTreeSet;

use tideline_model::{
    Change, Document, DocumentId, DraftLine, Event, Intent, Kind, LineId, Placement, ReplicaId,
    UserId,
};
use tideline_wire::{ClientMessage, Comparison, Finding};
use uuid::Uuid;

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));
const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(2));

fn line(number: u64) -> LineId {
    LineId {
        replica: REPLICA,
        number,
    }
}

/// An event that makes lines 1, 2, … of these texts.
fn created(count: u64) -> Event {
    let draft = |number| DraftLine {
        id: line(number),
        depth: 0,
        kind: Kind::Text,
        text: format!("line {number}"),
        properties: Vec::new(),
        tags: Vec::new(),
    };
    let intent = Intent::CreateLines {
        placement: Placement {
            parent: LineId::ROOT,
            after: None,
        },
        lines: (1..=count).map(draft).collect(),
    };
    let document = Document::new(DOCUMENT);
    let changes = document.plan(&intent).expect("a plan");
    document.stamp(REPLICA, UserId(Uuid::from_u128(3)), 0, changes)
}

fn document(event: &Event) -> Document {
    let mut document = Document::new(DOCUMENT);
    document.apply(event).expect("an event that fits");
    document
}

/// What somebody shows who misreads the texts of these lines.
fn misread(event: &Event, lines: &[u64]) -> Document {
    let mut event = event.clone();
    for change in &mut event.changes {
        if let Change::CreateLines { lines: created } = change {
            let is_misread = |id: LineId| lines.contains(&id.number);
            let misread = created.iter_mut().filter(|it| is_misread(it.id));
            misread.for_each(|it| it.text.push('?'));
        }
    }
    document(&event)
}

/// What each has found when nobody has anything more to tell, and how many messages that took. The
/// first begins; everybody hears everything.
fn compare(documents: &[Document]) -> (Vec<BTreeSet<LineId>>, usize) {
    let mut sides: Vec<Comparison> = documents.iter().map(Comparison::new).collect();
    let mut found = vec![BTreeSet::new(); documents.len()];
    let mut told = vec![(0, sides[0].begin(&documents[0]))];
    let mut messages = 0;
    while let Some((from, ranges)) = told.pop() {
        messages += 1;
        assert!(messages < 100, "it does not end");
        let frame = ClientMessage::Ranges {
            group: Uuid::from_u128(4).into(),
            document: DOCUMENT,
            ranges: ranges.clone(),
        };
        assert!(frame.to_frame().is_ok(), "it fits a message");
        for (number, document) in documents.iter().enumerate().filter(|(it, _)| *it != from) {
            let finding = sides[number].hear(document, &ranges);
            assert!(!finding.is_title);
            found[number].extend(finding.lines);
            told.extend(finding.reply.map(|reply| (number, reply)));
        }
    }
    (found, messages)
}

#[test]
fn one_line_of_twenty_thousand_is_named_to_both_in_a_handful_of_messages() {
    let event = created(20_000);
    let documents = [document(&event), misread(&event, &[7_777])];
    let (found, messages) = compare(&documents);
    assert_eq!(found, vec![BTreeSet::from([line(7_777)]); 2]);
    assert!(messages <= 6, "{messages} messages");
}

#[test]
fn several_lines_are_named_also_at_the_ends() {
    let event = created(3_000);
    let lines = [1, 2, 1_500, 3_000];
    let (found, _) = compare(&[document(&event), misread(&event, &lines)]);
    assert_eq!(found, vec![lines.map(line).into(); 2]);
}

#[test]
fn of_three_the_two_that_agree_find_the_same_and_the_talk_ends() {
    let event = created(100);
    let documents = [document(&event), misread(&event, &[50]), document(&event)];
    let (found, _) = compare(&documents);
    assert_eq!(found, vec![BTreeSet::from([line(50)]); 3]);
}

#[test]
fn lines_that_only_one_shows_are_named() {
    let event = created(40);
    let mut fewer = event.clone();
    if let Change::CreateLines { lines } = &mut fewer.changes[0] {
        lines.truncate(38);
    }
    let (found, _) = compare(&[document(&fewer), document(&event)]);
    assert_eq!(found, vec![BTreeSet::from([line(39), line(40)]); 2]);
}

#[test]
fn a_title_that_differs_is_told_apart_from_lines() {
    let mut event = created(40);
    let title = |title: &str| Change::SetTitle {
        title: title.to_owned(),
    };
    event.changes.push(title("one"));
    let one = document(&event);
    event.changes.pop();
    event.changes.push(title("other"));
    let other = document(&event);
    let (mut mine, mut theirs) = (Comparison::new(&one), Comparison::new(&other));
    let heard = theirs.hear(&other, &mine.begin(&one));
    assert!(heard.is_title && heard.lines.is_empty());
    let answer = heard.reply.expect("the other one is told");
    let heard = mine.hear(&one, &answer);
    assert!(heard.is_title && heard.lines.is_empty());
    let answer = heard.reply.expect("it has not told that yet");
    assert_eq!(theirs.hear(&other, &answer).reply, None);
}

#[test]
fn nothing_comes_of_another_version_or_of_the_same_display() {
    let event = created(40);
    let one = document(&event);
    let ranges = Comparison::new(&one).begin(&one);
    assert_eq!(
        Comparison::new(&one).hear(&one, &ranges),
        Finding::default()
    );
    let mut later = document(&event);
    let intent = Intent::Delete {
        lines: vec![line(1)],
    };
    let changes = later.plan(&intent).expect("a plan");
    let deleted = later.stamp(REPLICA, UserId(Uuid::from_u128(3)), 0, changes);
    later.apply(&deleted).expect("an event that fits");
    assert_eq!(
        Comparison::new(&later).hear(&later, &ranges),
        Finding::default()
    );
}
