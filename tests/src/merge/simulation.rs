//! Replicas, the network between them, and one plan carried out from beginning to end.

use std::collections::{BTreeMap, BTreeSet};

use tideline_model::{Change, Document, DraftLine, Event, EventId, Intent, LineId, Placement};

use super::gesture::{Scene, kind_of};
use super::hostile;
use super::names::{self, Luck};
use super::operation::{Gesture, Operation};
use super::peer::{DOCUMENT, Peer, expect_equal, expect_letters_once, shuffled};
use super::plan::Plan;
use crate::shown::Shown;

/// On its way to a replica.
#[derive(Debug, Clone)]
struct Message {
    from: usize,
    event: Event,
}

/// The letters and lines that a replica displays, lines that are parts of others included.
struct Present {
    letters: BTreeSet<char>,
    lines: BTreeSet<LineId>,
}

pub struct Simulation {
    pub peers: Vec<Peer>,
    inboxes: Vec<Vec<Message>>,
    cuts: BTreeSet<(usize, usize)>,
    pub letters: u32,
    made: BTreeSet<LineId>,
    /// What each gesture made vanish from its author's screen: by letter and by line.
    vanished_letters: BTreeMap<char, EventId>,
    vanished_lines: BTreeMap<LineId, EventId>,
    /// Nobody vouches for what hostile events make vanish.
    is_hostile: bool,
    /// What happened, for a person to read.
    pub journal: Vec<String>,
}

impl Simulation {
    /// Replicas that all have `pp | aaaa[a1] | bbbb[b1 b2] | cc`, with letters of their own.
    ///
    /// # Errors
    /// When that fails already.
    pub fn new(replicas: usize) -> Result<Self, String> {
        let mut simulation = Self {
            peers: (0..replicas).map(Peer::new).collect(),
            inboxes: vec![Vec::new(); replicas],
            cuts: BTreeSet::new(),
            letters: 0,
            made: BTreeSet::new(),
            vanished_letters: BTreeMap::new(),
            vanished_lines: BTreeMap::new(),
            is_hostile: false,
            journal: Vec::new(),
        };
        let base = Intent::CreateLines {
            placement: Placement {
                parent: LineId::ROOT,
                after: None,
            },
            lines: simulation.base(),
        };
        simulation.act(0, &base)?;
        simulation.sync_all(&mut Luck::new(0))?;
        Ok(simulation)
    }

    fn base(&mut self) -> Vec<DraftLine> {
        let mut lines = Vec::new();
        for (depth, length) in [(0, 2), (0, 4), (1, 2), (0, 4), (1, 2), (1, 2), (0, 2)] {
            let letters = self.letters..self.letters + length;
            self.letters = letters.end;
            lines.push(DraftLine {
                id: self.peers[0].maker.line(),
                depth,
                kind: kind_of(0),
                text: letters.map(names::letter).collect(),
                properties: Vec::new(),
                tags: Vec::new(),
            });
        }
        lines
    }

    /// Carries out the whole plan, brings everybody together, and checks what must hold then.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub fn run(&mut self, plan: &Plan) -> Result<(), String> {
        for (number, operation) in plan.operations.iter().enumerate() {
            let at = |error| format!("operation {number}: {error}");
            self.operation(operation).map_err(at)?;
        }
        self.finish()
            .map_err(|error| format!("at the end: {error}"))
    }

    /// # Errors
    /// The first property that does not hold.
    pub fn operation(&mut self, operation: &Operation) -> Result<(), String> {
        let count = self.peers.len();
        let peer = |number: &u8| usize::from(*number) % count;
        match operation {
            Operation::Gesture { replica, gesture } => self.gesture(peer(replica), gesture),
            Operation::Undo { replica, back } => self.undo(peer(replica), usize::from(*back)),
            Operation::Deliver {
                replica,
                messages,
                luck,
                together,
            } => {
                let mut luck = Luck::new(u64::from(*luck));
                self.deliver(peer(replica), usize::from(*messages), &mut luck, *together)
            }
            Operation::Sync { one, other, luck } => {
                self.sync(peer(one), peer(other), &mut Luck::new(u64::from(*luck)))
            }
            Operation::Cut { one, other } => {
                let (one, other) = (peer(one), peer(other));
                self.cuts.insert((one.min(other), one.max(other)));
                Ok(())
            }
            Operation::Heal => {
                self.cuts.clear();
                Ok(())
            }
            Operation::Restart { replica, luck } => {
                let peer = &mut self.peers[peer(replica)];
                self.journal
                    .push(format!("{} restarts", names::REPLICAS[peer.index]));
                peer.restart(&mut Luck::new(u64::from(*luck)), luck % 2 == 0)
            }
            Operation::Hostile { replica, luck } => self.hostile(peer(replica), *luck),
            Operation::Damaged { replica, luck } => {
                let mut luck = Luck::new(u64::from(*luck));
                hostile::expect_refused(&mut self.peers[peer(replica)], &mut luck)
            }
        }
    }

    fn gesture(&mut self, index: usize, gesture: &Gesture) -> Result<(), String> {
        let peer = &mut self.peers[index];
        let mut scene = Scene {
            hidden: peer.hidden(&self.made),
            shown: &peer.shown,
            maker: &mut peer.maker,
            letters: &mut self.letters,
        };
        let Some(intent) = scene.intent(gesture) else {
            return Ok(());
        };
        let keystrokes = match gesture {
            Gesture::Type { keystrokes, .. } => keystrokes.saturating_sub(1),
            _ => 0,
        };
        if keystrokes == 0 {
            return self.act(index, &intent).map(|_| ());
        }
        self.type_quickly(index, intent, keystrokes)
    }

    /// One gesture, sent to everybody as an event if it changed anything.
    ///
    /// # Errors
    /// When the display is not what a plain outliner would show.
    pub fn act(&mut self, index: usize, intent: &Intent) -> Result<Option<EventId>, String> {
        self.write_down(index, &format!("{intent:?}"));
        let before = self.present(index);
        let event = self.peers[index].gesture(intent)?;
        if let Some(event) = event {
            self.watch(index, &before, event)?;
            self.send(index, event);
        }
        Ok(event)
    }

    /// Keystrokes that become one event, which is sent when the last one is in it.
    fn type_quickly(
        &mut self,
        index: usize,
        mut intent: Intent,
        keystrokes: u8,
    ) -> Result<(), String> {
        self.write_down(index, &format!("{intent:?} and {keystrokes} more"));
        let Some(event) = self.peers[index].gesture(&intent)? else {
            return Ok(());
        };
        for _ in 0..keystrokes {
            if let Intent::EditText { at, insert, .. } = &mut intent {
                *at += u32::try_from(insert.chars().count()).unwrap_or(0);
                *insert = names::letter(self.letters).to_string();
                self.letters += 1;
            }
            self.peers[index].keystroke(event, &intent)?;
        }
        self.send(index, event);
        Ok(())
    }

    /// # Errors
    /// As [`Peer::undo`].
    pub fn undo(&mut self, index: usize, back: usize) -> Result<(), String> {
        self.write_down(index, &format!("undo {back} back"));
        let before = self.present(index);
        if let Some((undone, event)) = self.peers[index].undo(back)? {
            self.expect_only_own_text_undone(index, &before.letters, undone)?;
            self.watch(index, &before, event)?;
            self.send(index, event);
        }
        Ok(())
    }

    /// P7: an undo takes nothing away that another person typed and nobody deleted; unless it hides
    /// again what the undone event, itself the undo of a deletion, had brought back.
    fn expect_only_own_text_undone(
        &self,
        index: usize,
        before: &BTreeSet<char>,
        undone: EventId,
    ) -> Result<(), String> {
        let document = &self.peers[index].document;
        let brings_back = |change: &Change| {
            matches!(change, Change::Restore { .. } | Change::UndeleteText { .. })
        };
        let undone = document
            .event(undone)
            .ok_or("an unknown event was undone")?;
        if self.is_hostile || undone.changes.iter().any(brings_back) {
            return Ok(());
        }
        let after = self.present(index).letters;
        let gone = before.difference(&after);
        for letter in gone.filter(|letter| !self.vanished_letters.contains_key(letter)) {
            let mut events = document.events();
            let typed = events.find(|event| event.changes.iter().any(|it| types(it, *letter)));
            if typed.is_some_and(|event| event.id.replica != names::replica(index)) {
                return Err(format!(
                    "P7: the undo took {letter} away, which somebody else typed"
                ));
            }
        }
        Ok(())
    }

    fn hostile(&mut self, index: usize, luck: u32) -> Result<(), String> {
        self.is_hostile = true;
        for peer in &mut self.peers {
            peer.is_among_hostile = true;
        }
        let changes = hostile::changes(&mut self.peers[index], &self.made, u64::from(luck));
        self.write_down(index, &format!("hostile {changes:?}"));
        let event = self.peers[index].force(changes)?;
        self.send(index, event);
        Ok(())
    }

    fn present(&self, index: usize) -> Present {
        let Peer {
            shown, document, ..
        } = &self.peers[index];
        let flat = shown.flat();
        let letters = flat.iter().flat_map(|(_, line)| line.text.chars());
        let is_present = |line: &LineId| {
            let part_of = document.displayed(*line);
            part_of.is_some_and(|displayed| document.is_visible(displayed))
        };
        Present {
            letters: letters.collect(),
            lines: self.made.iter().copied().filter(is_present).collect(),
        }
    }

    /// Notes what this gesture made vanish from its author's screen.
    fn watch(&mut self, index: usize, before: &Present, event: EventId) -> Result<(), String> {
        expect_letters_once(&self.peers[index].shown)?;
        let displayed = self.peers[index].shown.flat();
        self.made
            .extend(displayed.into_iter().map(|(_, line)| line.id));
        let after = self.present(index);
        for letter in before.letters.difference(&after.letters) {
            self.vanished_letters.insert(*letter, event);
        }
        for line in before.lines.difference(&after.lines) {
            self.vanished_lines.insert(*line, event);
        }
        Ok(())
    }

    fn send(&mut self, from: usize, event: EventId) {
        let event = self.peers[from]
            .document
            .event(event)
            .expect("it was applied")
            .clone();
        for (index, inbox) in self.inboxes.iter_mut().enumerate() {
            if index != from {
                let event = event.clone();
                inbox.push(Message { from, event });
            }
        }
    }

    fn is_cut(&self, one: usize, other: usize) -> bool {
        self.cuts.contains(&(one.min(other), one.max(other)))
    }

    fn deliver(
        &mut self,
        to: usize,
        messages: usize,
        luck: &mut Luck,
        together: bool,
    ) -> Result<(), String> {
        let mut events = Vec::new();
        for _ in 0..messages {
            let inbox = &self.inboxes[to];
            let open: Vec<usize> = (0..inbox.len())
                .filter(|&at| !self.is_cut(inbox[at].from, to))
                .collect();
            if open.is_empty() {
                break;
            }
            let at = open[luck.below(open.len())];
            if luck.one_in(5) {
                events.push(self.inboxes[to][at].event.clone());
            } else {
                events.push(self.inboxes[to].remove(at).event);
            }
        }
        self.receive(to, events, together)
    }

    fn sync(&mut self, one: usize, other: usize, luck: &mut Luck) -> Result<(), String> {
        if one == other || self.is_cut(one, other) {
            return Ok(());
        }
        for (from, to) in [(one, other), (other, one)] {
            let known = self.peers[to].document.version();
            let events = shuffled(self.peers[from].document.events().collect(), luck);
            let missing = events.into_iter().filter(|event| !known.contains(event.id));
            let missing: Vec<Event> = missing.cloned().collect();
            let together = luck.one_in(2);
            self.receive(to, missing, together)?;
        }
        Ok(())
    }

    fn receive(&mut self, to: usize, events: Vec<Event>, together: bool) -> Result<(), String> {
        if events.is_empty() {
            return Ok(());
        }
        self.peers[to].receive(events, together)?;
        expect_letters_once(&self.peers[to].shown)?;
        let shown = self.peers[to].shown.named(&names::line);
        self.journal
            .push(format!("{} receives: {shown}", names::REPLICAS[to]));
        Ok(())
    }

    /// Everybody gets everything.
    ///
    /// # Errors
    /// When an event is refused, or a letter is displayed twice.
    pub fn sync_all(&mut self, luck: &mut Luck) -> Result<(), String> {
        self.cuts.clear();
        for inbox in &mut self.inboxes {
            inbox.clear();
        }
        for peer in 1..self.peers.len() {
            self.sync(0, peer, luck)?;
        }
        for peer in 1..self.peers.len() {
            self.sync(0, peer, luck)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        for peer in &self.peers {
            peer.compare_with_oracle()?;
        }
        let mut luck = Luck::new(u64::from(self.letters));
        self.sync_all(&mut luck)?;
        self.peers[0].compare_with_oracle()?;
        for peer in &self.peers[1..] {
            expect_equal(
                "two replicas with the same events",
                &peer.shown,
                &self.peers[0].shown,
            )?;
            if peer.document.unknown_changes() != unknown_changes(&peer.document) {
                return Err("changes of unknown kinds were not counted right".to_owned());
            }
            if peer.document.hash() != self.peers[0].document.hash() {
                return Err("two replicas show the same and have another hash".to_owned());
            }
        }
        for _ in 0..2 {
            for together in [true, false] {
                self.peers[0].restart(&mut luck, together)?;
            }
        }
        self.expect_stored_order()?;
        if self.is_hostile {
            Ok(())
        } else {
            self.expect_nothing_lost()
        }
    }

    /// `events()` can be stored and applied again in the order in which it gives them.
    fn expect_stored_order(&self) -> Result<(), String> {
        let peer = &self.peers[0];
        let again = Document::replay(DOCUMENT, peer.document.events());
        let again = again.map_err(|error| format!("in the order of events(): {error}"))?;
        expect_equal("in the order of events()", &Shown::of(&again), &peer.shown)
    }

    /// P1 and P2: what is not displayed has vanished from the screen of somebody who made it vanish.
    fn expect_nothing_lost(&self) -> Result<(), String> {
        let shown = &self.peers[0].shown;
        let Present { letters, lines } = self.present(0);
        for letter in (0..self.letters).map(names::letter) {
            let is_gone =
                !letters.contains(&letter) && !self.vanished_letters.contains_key(&letter);
            if is_gone && self.was_applied(letter) {
                return Err(format!(
                    "P1: {letter} is lost: {}",
                    shown.named(&names::line)
                ));
            }
        }
        for line in self.made.difference(&lines) {
            if !self.vanished_lines.contains_key(line) {
                let line = names::line(*line);
                return Err(format!("P2: {line} is lost: {}", shown.named(&names::line)));
            }
        }
        Ok(())
    }

    /// Letters are also used up by gestures that were impossible.
    fn was_applied(&self, letter: char) -> bool {
        let mut events = self.peers[0].document.events();
        events.any(|event| event.changes.iter().any(|change| types(change, letter)))
    }

    fn write_down(&mut self, index: usize, what: &str) {
        let shown = self.peers[index].shown.named(&names::line);
        let mut what = what.to_owned();
        for (number, name) in names::REPLICAS.iter().enumerate() {
            let id = names::replica(number).0.simple().to_string();
            what = what
                .replace(&format!("line_{id}_"), name)
                .replace(&format!("replica_{id}"), name);
        }
        let name = names::REPLICAS[index];
        self.journal
            .push(format!("{name} sees: {shown}\n    {name}: {what}"));
    }
}

fn types(change: &Change, letter: char) -> bool {
    match change {
        Change::EditText { insert, .. } => insert.contains(letter),
        Change::CreateLines { lines } => lines.iter().any(|line| line.text.contains(letter)),
        _ => false,
    }
}

fn unknown_changes(document: &Document) -> usize {
    let changes = document.events().flat_map(|event| &event.changes);
    changes
        .filter(|change| matches!(change, Change::Unknown { .. }))
        .count()
}
