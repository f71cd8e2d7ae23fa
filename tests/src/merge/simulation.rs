//! Replicas, the network between them, and one plan carried out from beginning to end.

use std::rc::Rc;

use tideline_model::{DraftLine, Event, EventId, Intent, LineId, Placement, VersionVector};

use super::check::expect_letters_once;
use super::gesture::{Scene, kind_of};
use super::hostile;
use super::log::{from_bytes, is_ready, to_bytes};
use super::names::{self, Luck};
use super::network::Network;
use super::operation::{Gesture, Operation};
use super::peer::Peer;
use super::plan::Plan;
use super::screen::Screen;
use super::witness::{Deed, Witness};

pub struct Simulation {
    pub peers: Vec<Peer>,
    network: Network,
    pub letters: u32,
    pub witness: Witness,
    /// The screens after their owners' latest gestures, while nothing was received since.
    screens: Vec<Option<Rc<Screen>>>,
    /// Nobody vouches for what hostile events make vanish.
    pub(super) is_hostile: bool,
    /// What happened, for a person to read; only kept when somebody wants to.
    pub journal: Option<Vec<String>>,
}

impl Simulation {
    /// Replicas that all have `pp | aaaa[a1] | bbbb[b1 b2] | cc`, with letters of their own.
    ///
    /// # Errors
    /// When that fails already.
    pub fn new(replicas: usize) -> Result<Self, String> {
        let mut simulation = Self {
            peers: (0..replicas).map(Peer::new).collect(),
            network: Network::new(replicas),
            letters: 0,
            witness: Witness::default(),
            screens: vec![None; replicas],
            is_hostile: false,
            journal: None,
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
                self.network.cut(peer(one), peer(other));
                Ok(())
            }
            Operation::Heal => {
                self.network.heal();
                Ok(())
            }
            Operation::Restart { replica, luck } => {
                let index = peer(replica);
                self.tell(|_| format!("{} restarts", names::REPLICAS[index]));
                self.peers[index].restart(&mut Luck::new(u64::from(*luck)), luck % 2 == 0)
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
            hidden: match gesture {
                Gesture::Restore { .. } => peer.hidden(&self.witness.made),
                _ => Vec::new(),
            },
            shown: &peer.shown,
            maker: &mut peer.maker,
            letters: &mut self.letters,
        };
        let Some(intent) = scene.intent(gesture) else {
            return Ok(());
        };
        match gesture {
            Gesture::Type { keystrokes, .. } if *keystrokes > 1 => {
                self.type_quickly(index, intent, keystrokes - 1)
            }
            Gesture::TypeBackwards { letters, .. } => self.type_backwards(index, intent, *letters),
            _ => self.act(index, &intent).map(|_| ()),
        }
    }

    /// One gesture, sent to everybody as an event if it changed anything.
    ///
    /// # Errors
    /// When the display is not what a plain outliner would show.
    pub fn act(&mut self, index: usize, intent: &Intent) -> Result<Option<EventId>, String> {
        self.tell_intent(index, intent, "");
        let before = self.screen(index);
        let event = self.peers[index].gesture(intent)?;
        if let Some(event) = event {
            self.watch(index, deed(intent), event, &before)?;
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
        self.tell_intent(index, &intent, &format!(" and {keystrokes} more"));
        let before = self.screen(index);
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
        self.watch(index, deed(&intent), event, &before)
    }

    /// Each letter in front of the one before, each an event of its own.
    fn type_backwards(
        &mut self,
        index: usize,
        mut intent: Intent,
        letters: u8,
    ) -> Result<(), String> {
        for _ in 0..letters {
            if let Intent::EditText { insert, .. } = &mut intent {
                *insert = names::letter(self.letters).to_string();
                self.letters += 1;
            }
            self.act(index, &intent)?;
        }
        Ok(())
    }

    /// # Errors
    /// As [`Peer::undo`].
    pub fn undo(&mut self, index: usize, back: usize) -> Result<(), String> {
        self.tell(|it| it.sees(index, &format!("undo {back} back")));
        let before = self.screen(index);
        let Some((undone, event)) = self.peers[index].undo(back)? else {
            return Ok(());
        };
        let peer = &self.peers[index];
        if !self.is_hostile {
            let body = peer.log.event(undone);
            let body = body.ok_or("an unknown event was undone")?;
            self.witness
                .expect_only_own_text_undone(body, &before, peer)?;
        }
        self.watch(index, Deed::Undo(undone), event, &before)
    }

    fn screen(&mut self, index: usize) -> Rc<Screen> {
        let screen = self.screens[index].take();
        screen.unwrap_or_else(|| Rc::new(self.witness.screen(&self.peers[index])))
    }

    /// Notes what a gesture did on its author's screen, and sends its event.
    fn watch(
        &mut self,
        index: usize,
        deed: Deed,
        event: EventId,
        before: &Rc<Screen>,
    ) -> Result<(), String> {
        let peer = &self.peers[index];
        expect_letters_once(&peer.shown)?;
        let after = self.witness.watch(deed, event, before, peer);
        self.screens[index] = Some(after);
        self.send(index, event)
    }

    fn hostile(&mut self, index: usize, luck: u32) -> Result<(), String> {
        self.is_hostile = true;
        for peer in &mut self.peers {
            peer.is_among_hostile = true;
        }
        let changes = hostile::changes(&mut self.peers[index], &self.witness.made, u64::from(luck));
        self.tell(|it| it.sees(index, &format!("hostile {changes:?}")));
        let event = self.peers[index].force(changes)?;
        self.screens[index] = None;
        self.send(index, event)
    }

    /// A damaged event arrives alone, and then behind one that is well.
    fn damaged(&mut self, index: usize, luck: &mut Luck) -> Result<(), String> {
        let peer = &mut self.peers[index];
        hostile::expect_refused(peer, luck)?;
        let known = peer.document.version();
        let mut new: Option<Event> = None;
        for batch in self.network.waiting(index) {
            let events = from_bytes(batch)?.into_iter();
            let is_new = |event: &Event| !known.contains(event.id) && is_ready(event, &known);
            new = new.or(events.into_iter().find(is_new));
        }
        let Some(event) = new else {
            return Ok(());
        };
        let damaged = hostile::damaged(peer, luck);
        self.screens[index] = None;
        peer.receive_before(&event, &damaged)
    }

    fn send(&mut self, from: usize, event: EventId) -> Result<(), String> {
        let event = self.peers[from].log.event(event);
        let event = event.ok_or("what was sent is not kept")?;
        let batch = to_bytes(std::slice::from_ref(event))?;
        self.network.send(from, batch);
        Ok(())
    }

    fn deliver(
        &mut self,
        to: usize,
        messages: usize,
        luck: &mut Luck,
        together: bool,
    ) -> Result<(), String> {
        let mut events = Vec::new();
        for batch in self.network.deliver(to, messages, luck) {
            events.extend(from_bytes(&batch)?);
        }
        self.receive(to, events, together)
    }

    fn sync(&mut self, one: usize, other: usize, luck: &mut Luck) -> Result<(), String> {
        if one == other || self.network.is_cut(one, other) {
            return Ok(());
        }
        for (from, to) in [(one, other), (other, one)] {
            let known: VersionVector = self.peers[to].document.version();
            let mut events = Vec::new();
            for batch in self.peers[from].log.batches_behind(&known, luck)? {
                events.extend(from_bytes(&batch)?);
            }
            let together = luck.one_in(2);
            self.receive(to, events, together)?;
        }
        Ok(())
    }

    fn receive(&mut self, to: usize, events: Vec<Event>, together: bool) -> Result<(), String> {
        if events.is_empty() {
            return Ok(());
        }
        self.screens[to] = None;
        self.peers[to].receive(events, together)?;
        expect_letters_once(&self.peers[to].shown)?;
        self.tell(|it| {
            let shown = it.peers[to].shown.named(&names::line);
            format!("{} receives: {shown}", names::REPLICAS[to])
        });
        Ok(())
    }

    /// Everybody gets everything.
    ///
    /// # Errors
    /// When an event is refused, or a letter is displayed twice.
    pub fn sync_all(&mut self, luck: &mut Luck) -> Result<(), String> {
        self.network.heal();
        self.network.forget();
        for peer in 1..self.peers.len() {
            self.sync(0, peer, luck)?;
        }
        for peer in 1..self.peers.len() {
            self.sync(0, peer, luck)?;
        }
        Ok(())
    }

    fn tell(&mut self, what: impl FnOnce(&Self) -> String) {
        if self.journal.is_none() {
            return;
        }
        let what = what(self);
        self.journal.get_or_insert_default().push(what);
    }

    fn tell_intent(&mut self, index: usize, intent: &Intent, more: &str) {
        self.tell(|it| it.sees(index, &format!("{intent:?}{more}")));
    }

    fn sees(&self, index: usize, does: &str) -> String {
        let shown = self.peers[index].shown.named(&names::line);
        let mut does = does.to_owned();
        for (number, name) in names::REPLICAS.iter().enumerate() {
            let id = names::replica(number).0.simple().to_string();
            does = does
                .replace(&format!("line_{id}_"), name)
                .replace(&format!("replica_{id}"), name);
        }
        let name = names::REPLICAS[index];
        format!("{name} sees: {shown}\n    {name}: {does}")
    }
}

fn deed(intent: &Intent) -> Deed {
    match intent {
        Intent::EditText { line, .. } => Deed::Text(*line, *line),
        Intent::DeleteRange { first, last, .. } => Deed::Text(*first, *last),
        _ => Deed::Other,
    }
}
