//! Showing only the lines of a panel that match, some lines at a time so that nobody else waits.

use tideline_model::LineId;

use super::Dispatcher;
use crate::input::{ConnectionId, Effect, LinesWanted};
use crate::panel::{Filtered, Panel};
use crate::protocol::Message;

impl Dispatcher {
    pub(super) fn filter(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        query_id: u32,
        query: &str,
        near: Option<&str>,
    ) {
        let near = near.and_then(|near| near.parse::<LineId>().ok());
        self.change_rows(connection, panel, |panel, document| {
            if let Some(near) = near {
                panel.focus(near);
            }
            panel.filter(document, query)
        });
        if let Some(slot) = self.slot(connection, panel) {
            slot.query_id = query_id;
        }
        self.tell_filtered(connection, panel);
        self.ask_for_lines(connection, panel);
    }

    /// Nobody waits for what a query finds that is no longer the panel's.
    fn is_wanted(&mut self, connection: ConnectionId, panel: u32, query_id: u32) -> bool {
        let slot = self.slot(connection, panel);
        slot.is_some_and(|slot| slot.query_id == query_id)
    }

    pub(super) fn filter_on(&mut self, connection: ConnectionId, panel: u32, query_id: u32) {
        if self.is_wanted(connection, panel, query_id) {
            self.change_rows(connection, panel, Panel::look_on);
            self.tell_filtered(connection, panel);
        }
    }

    /// Few lines among many are found sooner by the index than by going through all of them. Those that
    /// it does not know yet are found all the same.
    fn ask_for_lines(&mut self, connection: ConnectionId, panel: u32) {
        let Some((open, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let Some(text) = shown.wanted() else {
            return;
        };
        let (group, document) = (open.group, open.document.id());
        let Some(query_id) = self.slot(connection, panel).map(|slot| slot.query_id) else {
            return;
        };
        self.effects.push(Effect::FindLines(LinesWanted {
            connection,
            panel,
            query_id,
            group,
            document,
            text,
        }));
    }

    pub(super) fn show_found(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        query_id: u32,
        lines: &[LineId],
    ) {
        if self.is_wanted(connection, panel, query_id) {
            let look_at = |panel: &mut Panel, document: &_| panel.look_at(document, lines);
            self.change_rows(connection, panel, look_at);
        }
    }

    pub(super) fn tell_filtered(&mut self, connection: ConnectionId, panel: u32) {
        let Some(query_id) = self.slot(connection, panel).map(|slot| slot.query_id) else {
            return;
        };
        let Some((_, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let Filtered {
            found,
            more,
            is_cut,
            marks,
        } = shown.filtered().unwrap_or_default();
        let message = Message::Filtered {
            panel,
            query_id,
            found: found as u32,
            more,
            is_cut,
            marks,
        };
        self.tell(connection, message);
    }
}
