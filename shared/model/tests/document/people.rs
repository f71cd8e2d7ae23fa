//! Several people with one document each, in a small notation.
//!
//! The base is `pp | aaaa[a1] | bbbb[b1 b2] | cc`, lines P, A, B, C, with their children by their
//! texts. A script is `before ; first person ; second person …`, steps separated by commas: what is
//! before the first `;` everybody has seen, the rest happens at the same time.

use std::collections::HashMap;

use tideline_model::{
    Document, DocumentId, DraftLine, Event, Intent, Kind, LineId, Patch, Placement, ReplicaId,
    UserId, Value,
};
use uuid::Uuid;

pub const BASE: &str = "pp | aaaa[a1] | bbbb[b1 b2] | cc";

/// One replica, with a copy of the screen that is kept by patches alone.
pub struct Person {
    pub document: Document,
    pub replica: ReplicaId,
    names: HashMap<String, LineId>,
    next_line: u64,
    undoable: Vec<Event>,
    undone: Vec<Event>,
    pub events: Vec<Event>,
    screen: HashMap<LineId, String>,
    arrangement: HashMap<LineId, Vec<LineId>>,
}

impl Person {
    pub fn new(number: u128) -> Self {
        Self {
            document: Document::new(DocumentId(Uuid::from_u128(1))),
            replica: ReplicaId(Uuid::from_u128(number)),
            names: HashMap::new(),
            next_line: 1,
            undoable: Vec::new(),
            undone: Vec::new(),
            events: Vec::new(),
            screen: HashMap::new(),
            arrangement: HashMap::new(),
        }
    }

    pub fn name(&self, name: &str) -> LineId {
        if name == "root" {
            return LineId::ROOT;
        }
        *self
            .names
            .get(name)
            .unwrap_or_else(|| panic!("no line {name}"))
    }

    fn new_line(&mut self, name: &str) -> LineId {
        let id = LineId {
            replica: self.replica,
            number: self.next_line,
        };
        self.next_line += 1;
        self.names.insert(name.to_owned(), id);
        id
    }

    pub fn learn_names(&mut self, other: &Person) {
        for (name, &id) in &other.names {
            self.names.insert(name.clone(), id);
        }
    }

    pub fn apply(&mut self, event: &Event) {
        let patch = self.document.apply(event).expect("an event that fits");
        self.follow(&patch);
    }

    /// Carries a patch over to the copy of the screen, which must then show the document.
    pub fn follow(&mut self, patch: &Patch) {
        let document = &self.document;
        for splice in &patch.splices {
            let text = self.screen.get_mut(&splice.line).expect("a line on screen");
            let mut chars: Vec<char> = text.chars().collect();
            let at = splice.at as usize;
            chars.splice(at..at + splice.delete as usize, splice.insert.chars());
            *text = chars.into_iter().collect();
        }
        let mut gone: Vec<LineId> = patch.removed.iter().copied().collect();
        for line in &gone {
            assert!(!document.is_visible(*line), "{line} is still there");
            assert!(self.screen.contains_key(line), "{line} was not there");
        }
        while let Some(line) = gone.pop() {
            self.screen.remove(&line);
            let below = self.arrangement.remove(&line).unwrap_or_default();
            gone.extend(below.into_iter().filter(|&line| !document.is_visible(line)));
        }
        for line in patch.lines.iter().filter(|&&line| line != LineId::ROOT) {
            let text = document.text(*line).expect("a line that is displayed");
            self.screen.insert(*line, text);
        }
        for &line in &patch.children {
            self.arrangement.insert(line, document.children(line));
        }
        let mut shown = self.arrangement.clone();
        shown.retain(|_, children| !children.is_empty());
        assert_eq!(shown, arrangement(document), "{patch:?}");
        for (line, text) in &self.screen {
            assert_eq!(document.text(*line).as_ref(), Some(text), "{patch:?}");
        }
        assert_eq!(self.screen.len(), document.len());
    }

    pub fn carry_out(&mut self, intent: &Intent) {
        let changes = self.document.plan(intent).expect("an intent that fits");
        let event = self.write(changes);
        self.undoable.push(event);
    }

    pub fn write(&mut self, changes: Vec<tideline_model::Change>) -> Event {
        let event = self
            .document
            .stamp(self.replica, UserId(self.replica.0), 0, changes);
        self.apply(&event);
        self.events.push(event.clone());
        event
    }

    pub fn undo(&mut self) {
        let event = self.undoable.pop().expect("something to undo");
        let changes = self.document.plan_undo(&event);
        let undo = self.write(changes);
        self.undone.push(undo);
    }

    pub fn redo(&mut self) {
        let event = self.undone.pop().expect("something to redo");
        let changes = self.document.plan_undo(&event);
        let redo = self.write(changes);
        self.undoable.push(redo);
    }

    pub fn step(&mut self, step: &str) {
        let words: Vec<&str> = step.split_whitespace().collect();
        let number = |place: usize| words[place].parse::<u32>().expect("a number");
        let intent = match words[0] {
            "undo" => return self.undo(),
            "redo" => return self.redo(),
            "type" => Intent::EditText {
                line: self.name(words[1]),
                at: number(2),
                delete: 0,
                insert: words[3].to_owned(),
            },
            "cut" => Intent::EditText {
                line: self.name(words[1]),
                at: number(2),
                delete: number(3),
                insert: words.get(4).copied().unwrap_or_default().to_owned(),
            },
            "split" => Intent::Split {
                line: self.name(words[1]),
                at: number(2),
                new_line: self.new_line(words[3]),
                kind: Kind::Text,
            },
            "join" => Intent::Join {
                line: self.name(words[1]),
                into: self.name(words[2]),
            },
            "move" => Intent::Move {
                lines: words[3..].iter().map(|name| self.name(name)).collect(),
                placement: self.placement(words[1], words[2]),
            },
            "paste" => Intent::CreateLines {
                placement: self.placement(words[1], words[2]),
                lines: words[3..].iter().map(|word| self.draft(word)).collect(),
            },
            "delete" => Intent::Delete {
                lines: words[1..].iter().map(|name| self.name(name)).collect(),
            },
            "select" => Intent::DeleteRange {
                first: self.name(words[1]),
                first_at: number(2),
                last: self.name(words[3]),
                last_at: number(4),
            },
            "restore" => Intent::Restore {
                lines: words[1..].iter().map(|name| self.name(name)).collect(),
            },
            "kind" => Intent::SetKind {
                lines: vec![self.name(words[1])],
                kind: words[2].parse().expect("a kind"),
            },
            "set" => Intent::SetProperty {
                line: self.name(words[1]),
                name: words[2].to_owned(),
                value: words.get(3).map(|&value| Value::Text(value.to_owned())),
            },
            "tag" => Intent::AddTag {
                line: self.name(words[1]),
                tag: words[2].to_owned(),
            },
            "untag" => Intent::RemoveTag {
                line: self.name(words[1]),
                tag: words[2].to_owned(),
            },
            "title" => Intent::SetTitle {
                title: words[1].to_owned(),
            },
            other => panic!("no step {other}"),
        };
        self.carry_out(&intent);
    }

    /// `under P`: last under P; `behind L`; `first P`.
    fn placement(&self, word: &str, line: &str) -> Placement {
        let line = self.name(line);
        match word {
            "behind" => Placement {
                parent: self.document.parent(line).expect("a displayed line"),
                after: Some(line),
            },
            "under" => Placement {
                parent: line,
                after: self.document.children(line).last().copied(),
            },
            _ => Placement {
                parent: line,
                after: None,
            },
        }
    }

    /// Dots in front of a word say how deep it is.
    fn draft(&mut self, word: &str) -> DraftLine {
        let text = word.trim_start_matches('.');
        DraftLine {
            id: self.new_line(text),
            depth: (word.len() - text.len()) as u32,
            kind: Kind::Text,
            text: text.to_owned(),
            properties: Vec::new(),
            tags: Vec::new(),
        }
    }

    pub fn shown(&self) -> String {
        let show = |line: &LineId| show(&self.document, *line);
        let lines: Vec<String> = self
            .document
            .children(LineId::ROOT)
            .iter()
            .map(show)
            .collect();
        lines.join(" | ")
    }
}

fn show(document: &Document, line: LineId) -> String {
    let text = document.text(line).expect("a displayed line");
    let text = if text.is_empty() { "_" } else { &text };
    let text = format!("{}{text}", content(document, line));
    let children: Vec<String> = document
        .children(line)
        .iter()
        .map(|&child| {
            assert_eq!(document.parent(child), Some(line));
            show(document, child)
        })
        .collect();
    if children.is_empty() {
        return text;
    }
    format!("{text}[{}]", children.join(" "))
}

/// What a line is besides its text, in braces; nothing for an ordinary one.
fn content(document: &Document, line: LineId) -> String {
    let view = document.line(line).expect("a displayed line");
    let mut content = Vec::new();
    if view.kind != Kind::Text {
        content.push(view.kind.to_string());
    }
    for (name, values) in view.properties {
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        content.push(format!("{name}={}", values.join("/")));
    }
    content.extend(view.tags.iter().map(|tag| format!("#{tag}")));
    if content.is_empty() {
        return String::new();
    }
    format!("{{{}}}", content.join(" "))
}

/// Who stands under whom, in order.
pub fn arrangement(document: &Document) -> HashMap<LineId, Vec<LineId>> {
    let mut arrangement = HashMap::new();
    let mut stack = vec![LineId::ROOT];
    while let Some(line) = stack.pop() {
        let children = document.children(line);
        stack.extend(&children);
        if !children.is_empty() {
            arrangement.insert(line, children);
        }
    }
    arrangement
}

/// Everybody gets everything; all must then show the same, and so must a replay.
pub fn sync(people: &mut [Person]) {
    let events: Vec<Event> = people
        .iter()
        .flat_map(|person| person.events.clone())
        .collect();
    for person in &mut *people {
        let mut waiting: Vec<&Event> = events.iter().collect();
        while !waiting.is_empty() {
            let version = person.document.version();
            let (ready, later): (Vec<&Event>, Vec<&Event>) =
                waiting.into_iter().partition(|event| {
                    let parents = event.parents.heads();
                    parents.iter().all(|&parent| version.contains(parent))
                        && event.id.seq <= version.get(event.id.replica) + 1
                });
            assert!(!ready.is_empty(), "events that never become ready");
            for event in ready {
                person.apply(event);
            }
            waiting = later;
        }
    }
    let names = people.iter().map(|person| person.names.clone());
    let names: HashMap<String, LineId> = names.flatten().collect();
    let replayed = replayed(&events);
    let (shown, hash) = (people[0].shown(), people[0].document.hash());
    assert_eq!(replayed.hash(), hash, "a replay shows something else");
    for person in people {
        assert_eq!(person.shown(), shown);
        assert_eq!(
            person.document.hash(),
            hash,
            "the same on screen, another hash"
        );
        assert_eq!(person.document.outline(), replayed.outline());
        person.names.clone_from(&names);
    }
}

fn replayed(events: &[Event]) -> Document {
    let mut ordered: Vec<&Event> = events.iter().collect();
    ordered.sort_by_key(|event| event.order());
    let id = DocumentId(Uuid::from_u128(1));
    Document::replay(id, ordered).expect("events in a causal order")
}

/// The people of a script after everything was said, in sync.
pub fn play(script: &str, order: &[u128]) -> Vec<Person> {
    let mut turns = script.split(';');
    let mut writer = Person::new(9);
    writer.step("paste under root pp aaaa .a1 bbbb .b1 .b2 cc");
    for (name, text) in [("P", "pp"), ("A", "aaaa"), ("B", "bbbb"), ("C", "cc")] {
        let id = writer.name(text);
        writer.names.insert(name.to_owned(), id);
    }
    assert_eq!(writer.shown(), BASE);
    let before = turns.next().unwrap_or_default().trim();
    for step in before.split(',').filter(|step| !step.trim().is_empty()) {
        writer.step(step.trim());
    }
    let mut people = vec![writer];
    for (turn, &number) in turns.zip(order) {
        let mut person = Person::new(number);
        for event in people[0].events.clone() {
            person.apply(&event);
        }
        person.learn_names(&people[0]);
        for step in turn.split(',').filter(|step| !step.trim().is_empty()) {
            person.step(step.trim());
        }
        people.push(person);
    }
    sync(&mut people);
    people
}

/// What everybody sees after a script; where the replicas' order decides, both, with `⇄` between.
pub fn check(script: &str, expected: &str) {
    let one = play(script, &[1, 2, 3, 4])[0].shown();
    let other = play(script, &[4, 3, 2, 1])[0].shown();
    let shown = if one == other {
        one
    } else {
        format!("{one} ⇄ {other}")
    };
    assert_eq!(shown, expected, "{script}");
}
