//! Replicas, the network between them, and one plan carried out from beginning to end.

use std::collections::{BTreeMap, BTreeSet};

use tideline_model::{DraftLine, Event, EventId, Intent, LineId, Placement};

use super::check::expect_letters_once;
use super::gesture::{Scene, kind_of};
use super::hostile;
use super::names::{self, Luck};
use super::operation::{Gesture, Operation};
use super::peer::{Peer, is_ready, shuffled};
use super::plan::Plan;

/// On its way to a replica.
#[derive(Debug, Clone)]
struct Message {
    from: usize,
    event: Event,
}

pub struct Simulation {
    pub peers: Vec<Peer>,
    inboxes: Vec<Vec<Message>>,
    cuts: BTreeSet<(usize, usize)>,
    pub letters: u32,
    pub(super) made: BTreeSet<LineId>,
    /// What each gesture made vanish from its author's screen: by letter and by line.
    pub(super) vanished_letters: BTreeMap<char, EventId>,
    pub(super) vanished_lines: BTreeMap<LineId, EventId>,
    /// Nobody vouches for what hostile events make vanish.
    pub(super) is_hostile: bool,
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
                self.sync(peer(one), peer(other), &mut Luck::new(u64::from(*luck)))?;
                self.peers[peer(other)].compare_with_oracle()
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
                self.damaged(peer(replica), &mut luck)
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

    /// A damaged event arrives alone, and then behind one that is well.
    fn damaged(&mut self, index: usize, luck: &mut Luck) -> Result<(), String> {
        let peer = &mut self.peers[index];
        hostile::expect_refused(peer, luck)?;
        let known = peer.document.version();
        let messages = self.inboxes[index].iter().map(|message| &message.event);
        let mut new = messages.filter(|event| !known.contains(event.id));
        let Some(event) = new.find(|event| is_ready(event, &known)) else {
            return Ok(());
        };
        let damaged = hostile::damaged(peer, luck);
        peer.receive_before(event, &damaged)
    }

    fn send(&mut self, from: usize, event: EventId) {
        let event = self.peers[from]
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
            let events = shuffled(self.peers[from].log.iter().collect(), luck);
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
