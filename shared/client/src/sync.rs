//! The sync connection: carries out what the session asks for, on a thread of its own. Knows sockets
//! and the outbox on disk; decides nothing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tideline_model::{DocumentId, EventId, GroupId, ReplicaId};
use tideline_store::Reader;
use tideline_wire::limits::{CONNECT_MS, FRAME_BYTES_MAX};
use tideline_wire::{
    Cursor, Input as SessionInput, Output, Ranges, SealedBatch, Session, SessionOptions, Status,
};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tracing::{debug, trace, warn};

use crate::input::{Extent, Receipt, SyncNews};
use crate::protocol::{ServerAddress, ServerStatus};

/// How long the program waits at its end for the connection to close.
const GOODBYE: Duration = Duration::from_millis(500);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What the core asks of the connection.
#[derive(Debug)]
pub enum SyncCommand {
    /// Another server, or none. `replica` is the one whose batches are pushed.
    Connect {
        server: Option<ServerAddress>,
        replica: ReplicaId,
        epoch_seen: u64,
    },
    Subscribe(GroupId, DocumentId),
    /// These batches of ours have become durable.
    Durable(Vec<SealedBatch>),
    Presence {
        document: DocumentId,
        bytes: Vec<u8>,
    },
    Digest {
        document: DocumentId,
        version: u128,
        hash: u128,
    },
    Ranges {
        document: DocumentId,
        ranges: Ranges,
    },
    Stop,
}

/// What the connection tells the core.
pub type Tell = Box<dyn Fn(SyncNews) + Send>;

/// Runs until [`SyncCommand::Stop`].
pub async fn run(mut commands: UnboundedReceiver<SyncCommand>, reader: Reader, tell: Tell) {
    let (frames, mut arriving) = mpsc::unbounded_channel();
    // The provider for `wss://`. A second core in this process finds it in place already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut sync = Sync {
        link: None,
        session: None,
        url: String::new(),
        groups: HashMap::new(),
        reader,
        tell,
        frames,
        generation: 0,
        started: Instant::now(),
    };
    loop {
        let wake = sync.wake();
        tokio::select! {
            command = commands.recv() => match command {
                None | Some(SyncCommand::Stop) => return sync.say_goodbye().await,
                Some(command) => sync.command(command),
            },
            Some((generation, event)) = arriving.recv() => sync.event(generation, event),
            () = tokio::time::sleep_until(wake.into()) => sync.handle(SessionInput::Tick),
        }
    }
}

/// What a connection attempt, or the reading side of a connection, reports.
enum LinkEvent {
    Open(Box<Socket>),
    Frame(Vec<u8>),
    Closed(String),
}

/// The writing side of an open connection; dropping it closes the socket.
struct Link {
    outgoing: UnboundedSender<Vec<u8>>,
    writing: JoinHandle<()>,
}

struct Sync {
    link: Option<Link>,
    session: Option<Session>,
    url: String,
    groups: HashMap<DocumentId, GroupId>,
    reader: Reader,
    tell: Tell,
    frames: UnboundedSender<(u64, LinkEvent)>,
    /// Counts connections: what a former one still reports is passed over.
    generation: u64,
    started: Instant,
}

impl Sync {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn wake(&self) -> Instant {
        let wake_ms = self.session.as_ref().and_then(Session::next_wake_ms);
        // Without a session nothing is due; an hour is as good as never.
        let wait = wake_ms.map_or(Duration::from_hours(1), |wake_ms| {
            Duration::from_millis(wake_ms.saturating_sub(self.now_ms()))
        });
        Instant::now() + wait
    }

    fn command(&mut self, command: SyncCommand) {
        match command {
            SyncCommand::Connect {
                server,
                replica,
                epoch_seen,
            } => {
                self.connect_to(server, replica, epoch_seen);
            }
            SyncCommand::Subscribe(group, document) => {
                self.groups.insert(document, group);
                self.subscribe(group, document);
            }
            SyncCommand::Durable(batches) => {
                for batch in batches {
                    if self.groups.contains_key(&batch.document) {
                        self.handle(SessionInput::Durable(batch));
                    }
                }
            }
            SyncCommand::Presence { document, bytes } => {
                self.handle(SessionInput::Presence { document, bytes });
            }
            SyncCommand::Digest {
                document,
                version,
                hash,
            } => {
                self.handle(SessionInput::Digest {
                    document,
                    version,
                    hash,
                });
            }
            SyncCommand::Ranges { document, ranges } => {
                self.handle(SessionInput::Ranges { document, ranges });
            }
            SyncCommand::Stop => {}
        }
    }

    fn connect_to(&mut self, server: Option<ServerAddress>, replica: ReplicaId, epoch_seen: u64) {
        self.generation += 1;
        self.link = None;
        self.session = None;
        let Some(server) = server else {
            (self.tell)(SyncNews::Status(ServerStatus::Off));
            return;
        };
        self.url = server.url;
        let device = device_name();
        let options = SessionOptions {
            token: server.token,
            device,
            replica,
            epoch_seen,
        };
        self.session = Some(Session::new(options));
        for (document, group) in self.groups.clone() {
            self.subscribe(group, document);
        }
        self.handle(SessionInput::Tick);
    }

    fn subscribe(&mut self, group: GroupId, document: DocumentId) {
        match self.reader.scope(group).cursor(document) {
            Ok(cursor) => {
                let cursor = Cursor(cursor);
                self.handle(SessionInput::Subscribe {
                    group,
                    document,
                    cursor,
                });
            }
            Err(error) => self.alarm(&error.to_string()),
        }
    }

    fn event(&mut self, generation: u64, event: LinkEvent) {
        if generation != self.generation {
            return;
        }
        match event {
            LinkEvent::Open(socket) => {
                let (sink, stream) = (*socket).split();
                self.link = Some(write_frames(sink));
                read_frames(stream, generation, self.frames.clone());
                self.handle(SessionInput::Connected);
            }
            LinkEvent::Frame(bytes) => self.handle(SessionInput::Frame(bytes)),
            LinkEvent::Closed(reason) => self.disconnected(reason),
        }
    }

    fn disconnected(&mut self, reason: String) {
        self.link = None;
        self.generation += 1;
        let jitter = jitter();
        self.handle(SessionInput::Disconnected { reason, jitter });
    }

    /// Closes the connection in order, if the other side takes part in it.
    async fn say_goodbye(self) {
        if let Some(Link { outgoing, writing }) = self.link {
            drop(outgoing);
            // A server that does not answer notices by itself.
            let _ = tokio::time::timeout(GOODBYE, writing).await;
        }
    }

    /// Passes `input` to the session and carries out what it answers.
    fn handle(&mut self, input: SessionInput) {
        let now_ms = self.now_ms();
        let Some(session) = self.session.as_mut() else {
            return;
        };
        for output in session.handle(now_ms, input) {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        trace!(?output, "session");
        match output {
            Output::Connect => self.connect(),
            Output::Send(frame) => {
                if let Some(link) = &self.link {
                    // A closed channel reports itself through the reading side.
                    let _ = link.outgoing.send(frame);
                }
            }
            Output::Disconnect { reason } => {
                debug!(reason, "the session ends the connection");
                self.disconnected(reason);
            }
            Output::Status(status) => (self.tell)(SyncNews::Status(self.status(status))),
            Output::Welcome { user, epoch, .. } => {
                debug!(epoch, "welcomed");
                (self.tell)(SyncNews::Welcome {
                    user: (user.id, user.name),
                });
            }
            Output::Groups(groups) => {
                let groups = groups
                    .into_iter()
                    .map(|group| (group.id, group.name))
                    .collect();
                (self.tell)(SyncNews::Groups {
                    url: self.url.clone(),
                    groups,
                });
            }
            Output::Documents(heads) => {
                for head in heads {
                    let (group, document) = (head.group, head.document);
                    (self.tell)(SyncNews::Document { group, document });
                }
            }
            Output::EpochChanged { epoch } => {
                (self.tell)(SyncNews::EpochChanged { epoch });
            }
            Output::ServerHas {
                document,
                replica,
                replica_seq,
            } => {
                self.server_has(document, replica, replica_seq);
            }
            Output::Deliver {
                document,
                batches,
                cursor,
                ..
            } => {
                if let Some(&group) = self.groups.get(&document) {
                    let cursor = cursor.0;
                    (self.tell)(SyncNews::Batches {
                        group,
                        document,
                        batches,
                        cursor,
                    });
                }
            }
            Output::Acked {
                document,
                replica,
                last_seq,
                cursor,
            } => {
                let (extent, cursor) = (Extent::AtLeast, Some(cursor.0));
                let receipt = Receipt {
                    document,
                    replica,
                    last_seq,
                    extent,
                    cursor,
                };
                (self.tell)(SyncNews::Acknowledged(receipt));
            }
            Output::LoadOutbox {
                document,
                after,
                limit,
            } => {
                self.load_outbox(document, after, limit);
            }
            Output::Blocked {
                document, reason, ..
            } => {
                self.alarm(&format!(
                    "{document} is not exchanged with the server: {reason}"
                ));
            }
            Output::Presence {
                document,
                from,
                bytes,
            } => {
                let bytes = Some(bytes).filter(|bytes| !bytes.is_empty());
                (self.tell)(SyncNews::Presence {
                    document,
                    origin: from.connection,
                    bytes,
                });
            }
            Output::Digest {
                document,
                version,
                hash,
            } => {
                (self.tell)(SyncNews::Digest {
                    document,
                    version,
                    hash,
                });
            }
            Output::Ranges { document, ranges } => {
                (self.tell)(SyncNews::Ranges { document, ranges });
            }
            Output::Alarm(alarm) => self.alarm(&alarm.to_string()),
        }
    }

    /// The server knows this replica up to `replica_seq`. When it knows more than was ever written
    /// here, this replica is a restored backup.
    fn server_has(&mut self, document: DocumentId, replica: ReplicaId, replica_seq: u64) {
        let Some(&group) = self.groups.get(&document) else {
            return;
        };
        match self.reader.scope(group).last_seq(document, replica) {
            Ok(last_seq) if replica_seq > last_seq => (self.tell)(SyncNews::ReplicaReused),
            Ok(_) => {
                let (last_seq, extent, cursor) = (replica_seq, Extent::Exactly, None);
                let receipt = Receipt {
                    document,
                    replica,
                    last_seq,
                    extent,
                    cursor,
                };
                (self.tell)(SyncNews::Acknowledged(receipt));
            }
            Err(error) => self.alarm(&error.to_string()),
        }
    }

    /// The outbox behind `after`, from the disk.
    fn load_outbox(&mut self, document: DocumentId, after: Option<EventId>, limit: usize) {
        let Some(&group) = self.groups.get(&document) else {
            return;
        };
        match self.reader.scope(group).outbox_page(document, after, limit) {
            Ok(batches) => self.handle(SessionInput::Outbox { document, batches }),
            Err(error) => self.alarm(&error.to_string()),
        }
    }

    fn connect(&mut self) {
        self.generation += 1;
        let (url, frames, generation) = (self.url.clone(), self.frames.clone(), self.generation);
        tokio::spawn(async move {
            let event = open_socket(&url).await.unwrap_or_else(LinkEvent::Closed);
            // The receiver is gone only when the thread is ending.
            let _ = frames.send((generation, event));
        });
    }

    fn status(&self, status: Status) -> ServerStatus {
        let url = self.url.clone();
        match status {
            Status::Connecting => ServerStatus::Connecting { url },
            Status::Online => ServerStatus::Connected { url },
            Status::Waiting {
                reason,
                retry_at_ms,
            } => {
                let retry_s = retry_at_ms.saturating_sub(self.now_ms()).div_ceil(1000) as u32;
                ServerStatus::Offline {
                    url,
                    reason,
                    retry_s,
                }
            }
            Status::Refused { reason, .. } => ServerStatus::Refused { url, reason },
        }
    }

    fn alarm(&self, text: &str) {
        warn!(text, "sync");
        (self.tell)(SyncNews::Alarm(text.to_owned()));
    }
}

async fn open_socket(url: &str) -> Result<LinkEvent, String> {
    let config = WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    let connecting = connect_async_with_config(url, Some(config), true);
    match tokio::time::timeout(Duration::from_millis(CONNECT_MS), connecting).await {
        Ok(Ok((socket, _))) => Ok(LinkEvent::Open(Box::new(socket))),
        Ok(Err(error)) => Err(format!("the server cannot be reached ({error})")),
        Err(_) => Err("the server does not answer".to_owned()),
    }
}

fn write_frames(mut sink: SplitSink<Socket, Frame>) -> Link {
    let (outgoing, mut queue) = mpsc::unbounded_channel::<Vec<u8>>();
    let writing = tokio::spawn(async move {
        while let Some(frame) = queue.recv().await {
            if sink.send(Frame::binary(frame)).await.is_err() {
                return;
            }
        }
        // Closing is a courtesy; the other side notices either way.
        let _ = sink.close().await;
    });
    Link { outgoing, writing }
}

fn read_frames(
    mut stream: SplitStream<Socket>,
    generation: u64,
    frames: UnboundedSender<(u64, LinkEvent)>,
) {
    tokio::spawn(async move {
        let reason = loop {
            let event = match stream.next().await {
                Some(Ok(Frame::Binary(bytes))) => LinkEvent::Frame(bytes.to_vec()),
                Some(Ok(Frame::Close(frame))) => {
                    break frame.map_or_else(
                        || "the server closed the connection".to_owned(),
                        |frame| frame.reason.to_string(),
                    );
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => break format!("the connection broke ({error})"),
                None => break "the server closed the connection".to_owned(),
            };
            if frames.send((generation, event)).is_err() {
                return;
            }
        };
        // The receiver is gone only when the thread is ending.
        let _ = frames.send((generation, LinkEvent::Closed(reason)));
    });
}

/// What the user calls this machine.
fn device_name() -> String {
    std::fs::read_to_string("/etc/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this computer".to_owned())
}

/// A random number from 0 to 1, from the random part of a new UUID.
fn jitter() -> f64 {
    let random = uuid::Uuid::now_v7().as_u128() as u32;
    f64::from(random) / f64::from(u32::MAX)
}
