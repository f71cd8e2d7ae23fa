//! The reading threads: what the dispatcher wants to know from the disk, one question after the other.
//! Whole documents take their time and have a thread of their own, so that nobody who wants a screen or
//! a search waits behind one. Knows nothing of why.

use std::ops::RangeInclusive;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use tideline_model::{DocumentId, Event, GroupId, ReplicaId};
use tideline_store::{Reader, StoreError, Vocabulary};
use tracing::warn;

use crate::edge::Envelope;
use crate::glimpse::glimpse;
use crate::input::{ConnectionId, GlimpseRequest, Input, LinesWanted};
use crate::loading::{Saver, WORK_BEHIND_MAX, load, rederive};
use crate::protocol::SearchResult;
use crate::undo::EventRange;

/// Search results that an interface gets at a time.
const SEARCH_RESULTS_MAX: usize = 50;

pub enum Reading {
    Glimpse(GlimpseRequest),
    Load(GroupId, DocumentId, ReplicaId),
    Rederive(GroupId, DocumentId, ReplicaId),
    Events(GroupId, DocumentId, EventRange),
    Lines(LinesWanted),
    Search {
        connection: ConnectionId,
        query_id: u32,
        text: String,
        document: Option<DocumentId>,
        groups: Vec<GroupId>,
    },
}

/// Starts a thread, which ends when nobody asks any more, or nobody listens.
pub fn spawn(
    name: &str,
    reader: Reader,
    saver: Saver,
    inbox: Sender<Envelope>,
) -> std::io::Result<(Sender<Reading>, JoinHandle<()>)> {
    let (requests, queue) = channel();
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let mut vocabulary = Vocabulary::default();
            for request in queue {
                let input = read(&reader, &saver, &mut vocabulary, request);
                if inbox.send(Envelope::Input(input)).is_err() {
                    return;
                }
            }
        })?;
    Ok((requests, thread))
}

fn read(reader: &Reader, saver: &Saver, vocabulary: &mut Vocabulary, request: Reading) -> Input {
    match request {
        Reading::Glimpse(asked) => {
            let seen = glimpse(reader, asked.group, asked.document, &asked.opening);
            // Whatever is wrong is told by the document that is read.
            let seen = seen.ok().flatten().map(Box::new);
            Input::Glimpsed(asked.connection, asked.panel, asked.ticket, seen)
        }
        Reading::Load(group, document, replica) => {
            let loaded = load(reader, group, document, replica).map(|loaded| {
                if loaded.work > WORK_BEHIND_MAX {
                    saver.save(group, document, replica);
                }
                loaded.open
            });
            Input::Loaded(document, loaded)
        }
        Reading::Rederive(group, document, replica) => {
            let derived = rederive(reader, group, document, replica);
            Input::Rederived(document, derived.map(Box::new))
        }
        Reading::Events(group, document, EventRange { first, last_seq }) => {
            let scope = reader.scope(group);
            let events = scope.events_of(document, first.replica, first.seq..=last_seq);
            Input::OwnEvents(document, complete(events, first.seq..=last_seq))
        }
        Reading::Lines(wanted) => {
            let scope = reader.scope(wanted.group);
            let found = scope.few_lines(vocabulary, &wanted.text, wanted.document);
            let lines = found.unwrap_or_else(|error| {
                warn!(%error, "the lines of a filter");
                None
            });
            let LinesWanted {
                connection,
                panel,
                query_id,
                ..
            } = wanted;
            Input::LinesFound(connection, panel, query_id, lines.unwrap_or_default())
        }
        Reading::Search {
            connection,
            query_id,
            text,
            document,
            groups,
        } => {
            let results = groups
                .iter()
                .flat_map(|group| search(reader, vocabulary, *group, &text, document));
            Input::Found(
                connection,
                query_id,
                results.take(SEARCH_RESULTS_MAX).collect(),
            )
        }
    }
}

fn complete(
    events: Result<Vec<Event>, StoreError>,
    seqs: RangeInclusive<u64>,
) -> Result<Vec<Event>, String> {
    let events = events.map_err(|error| error.to_string())?;
    if events.iter().map(|event| event.id.seq).eq(seqs) {
        Ok(events)
    } else {
        Err("its events are no longer stored".to_owned())
    }
}

fn search(
    reader: &Reader,
    vocabulary: &mut Vocabulary,
    group: GroupId,
    text: &str,
    document: Option<DocumentId>,
) -> Vec<SearchResult> {
    let hits = reader
        .scope(group)
        .search(vocabulary, text, document, SEARCH_RESULTS_MAX);
    let hits = hits.unwrap_or_else(|error| {
        warn!(%error, "search");
        Vec::new()
    });
    hits.into_iter()
        .map(|hit| SearchResult {
            document: hit.document.to_string(),
            title: hit.title,
            line: hit.line.map(|line| line.to_string()),
            text: hit.text,
            matches: hit.matches,
        })
        .collect()
}
