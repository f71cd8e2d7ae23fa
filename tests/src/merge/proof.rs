//! What must hold in the end: everybody sees the same, and nothing is lost.

use tideline_model::{Change, Document};

use super::blocks::expect_blocks;
use super::check::expect_equal;
use super::names::Luck;
use super::peer::{DOCUMENT, Peer};
use super::property::Property;
use super::simulation::Simulation;
use crate::shown::Shown;

impl Simulation {
    /// Brings everybody together and checks what must hold then.
    ///
    /// # Errors
    /// What does not.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        for peer in &self.peers {
            peer.compare_with_oracle()?;
            self.expect_own_hash(peer)?;
        }
        let mut luck = Luck::new(u64::from(self.letters));
        self.sync_all(&mut luck)?;
        self.peers[0].compare_with_oracle()?;
        for peer in &self.peers[1..] {
            expect_same(peer, &self.peers[0])?;
        }
        for together in [true, false] {
            self.peers[0].restart(&mut luck, together)?;
        }
        self.expect_stored_order()?;
        if self.is_hostile {
            return Ok(());
        }
        self.witness.expect_all_well(&self.peers[0])?;
        expect_blocks(&self.peers[0])
    }

    /// Events can be stored and applied again in the order in which they were applied.
    fn expect_stored_order(&self) -> Result<(), String> {
        let peer = &self.peers[0];
        let again = Document::replay(DOCUMENT, peer.log.events());
        let again = again.map_err(|error| format!("in the order of the log: {error}"))?;
        let what = Property::Restart.broken("in the order of the log");
        expect_equal(&what, &Shown::of(&again), &peer.shown)
    }

    /// Replicas that show different things have different hashes.
    fn expect_own_hash(&self, peer: &Peer) -> Result<(), String> {
        let hash = peer.document.hash();
        let others = self.peers.iter();
        let mut same = others.filter(|other| other.document.hash() == hash);
        let deceived = same.find(|other| other.shown != peer.shown);
        deceived.map_or(Ok(()), |_| {
            Err(Property::Hash.broken("different displays have the same"))
        })
    }
}

/// Both have every event.
fn expect_same(peer: &Peer, first: &Peer) -> Result<(), String> {
    let what = Property::Convergence.broken("two replicas");
    expect_equal(&what, &peer.shown, &first.shown)?;
    if peer.document.unknown_changes() != unknown_changes(peer) {
        return Err("changes of unknown kinds were not counted right".to_owned());
    }
    if peer.document.hash() != first.document.hash() {
        return Err(Property::Hash.broken("two replicas show the same and have another"));
    }
    if peer.document.version() != first.document.version() {
        return Err(Property::Convergence.broken("two replicas have other versions"));
    }
    Ok(())
}

fn unknown_changes(peer: &Peer) -> usize {
    let changes = peer.log.events().flat_map(|event| &event.changes);
    changes
        .filter(|change| matches!(change, Change::Unknown { .. }))
        .count()
}
