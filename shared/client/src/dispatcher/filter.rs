//! Showing only the lines of a panel that match, some lines at a time so that nobody else waits.

use tideline_model::LineId;

use super::Dispatcher;
use crate::input::ConnectionId;
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
        self.tell_filtered(connection, panel, query_id);
    }

    pub(super) fn filter_on(&mut self, connection: ConnectionId, panel: u32, query_id: u32) {
        self.change_rows(connection, panel, Panel::look_on);
        self.tell_filtered(connection, panel, query_id);
    }

    fn tell_filtered(&mut self, connection: ConnectionId, panel: u32, query_id: u32) {
        let Some((_, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let Filtered {
            found,
            more,
            is_cut,
        } = shown.filtered().unwrap_or_default();
        let message = Message::Filtered {
            panel,
            query_id,
            found: found as u32,
            more,
            is_cut,
        };
        self.tell(connection, message);
    }
}
