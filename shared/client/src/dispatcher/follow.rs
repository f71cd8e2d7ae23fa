//! Following somebody: an interface is told where that person is, whatever document that is in.

use tideline_model::DocumentId;

use super::Dispatcher;
use crate::input::ConnectionId;
use crate::presence::PresenceNote;
use crate::protocol::Message;

impl Dispatcher {
    /// From now on tells where that person is; at once, when they are anywhere.
    pub(super) fn follow(&mut self, connection: ConnectionId, person: Option<String>) {
        let Some(interface) = self.interfaces.get_mut(&connection) else {
            return;
        };
        interface.following.clone_from(&person);
        let known = person.and_then(|person| {
            let (document, note) = self.presences.whereabouts(&person)?;
            followed(document, note)
        });
        if let Some(message) = known {
            self.tell(connection, message);
        }
    }

    /// Somebody's program said something new about `document`.
    pub(super) fn tell_followers(&mut self, document: DocumentId, origin: u64) {
        let Some(note) = self.presences.note(document, origin) else {
            return;
        };
        let Some(message) = followed(document, note) else {
            return;
        };
        let followers: Vec<ConnectionId> = self
            .interfaces
            .iter()
            .filter(|(_, interface)| interface.following.as_ref() == Some(&note.person.id))
            .map(|(connection, _)| *connection)
            .collect();
        for connection in followers {
            self.tell(connection, message.clone());
        }
    }
}

/// Nothing when they have no caret there.
fn followed(document: DocumentId, note: &PresenceNote) -> Option<Message> {
    Some(Message::Followed {
        person: note.person.clone(),
        document: document.to_string(),
        root: note.root.clone(),
        caret: note.caret.clone()?,
    })
}
