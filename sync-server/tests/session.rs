//! The sync session of a client over real sockets: two of them write while the server is killed again
//! and again, and in the end both have everything.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use support::{Folder, batch, document, replica};
use tideline_model::{EventId, GroupId, ReplicaId};
use tideline_wire::{Cursor, Input, Output, SealedBatch, Session, SessionOptions};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const BATCHES: u64 = 400;
const KILLS: u64 = 4;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A client with its outbox and what it received, in memory.
struct Peer {
    session: Session,
    /// Passes only while there is no connection.
    now_ms: u64,
    port: u16,
    group: GroupId,
    replica: ReplicaId,
    socket: Option<Socket>,
    own: Vec<SealedBatch>,
    acked: u64,
    received: BTreeMap<EventId, SealedBatch>,
    cursor: Cursor,
    progress: mpsc::Sender<()>,
}

impl Peer {
    fn new(
        port: u16,
        group: GroupId,
        token: &str,
        number: u128,
        progress: mpsc::Sender<()>,
    ) -> Self {
        let options = SessionOptions {
            token: token.to_owned(),
            device: "a test".to_owned(),
            replica: replica(number),
            epoch_seen: 0,
        };
        Self {
            session: Session::new(options),
            now_ms: 0,
            port,
            group,
            replica: replica(number),
            socket: None,
            own: Vec::new(),
            acked: 0,
            received: BTreeMap::new(),
            cursor: Cursor::START,
            progress,
        }
    }

    /// Until everything of both is here and acknowledged.
    async fn run(mut self, other: ReplicaId) -> Self {
        let (group, document) = (self.group, document(1));
        let cursor = self.cursor;
        self.handle(Input::Subscribe {
            group,
            document,
            cursor,
        })
        .await;
        while !self.is_done(other) {
            if (self.own.len() as u64) < BATCHES && self.own.len() as u64 <= self.acked + 30 {
                let next = batch(group, self.replica, document, self.own.len() as u64 + 1);
                self.own.push(next.clone());
                self.handle(Input::Durable(next)).await;
                continue;
            }
            let input = self.next_input().await;
            self.handle(input).await;
        }
        self
    }

    fn is_done(&self, other: ReplicaId) -> bool {
        let theirs = self.received.keys().filter(|id| id.replica == other);
        self.acked == BATCHES && theirs.count() as u64 == BATCHES
    }

    /// What the socket brings; without one, the time at which the session wants to try again.
    async fn next_input(&mut self) -> Input {
        let Some(socket) = &mut self.socket else {
            self.now_ms = self.session.next_wake_ms().unwrap_or(self.now_ms);
            return Input::Tick;
        };
        match socket.next().await {
            Some(Ok(Message::Binary(frame))) => Input::Frame(frame.to_vec()),
            Some(Ok(_)) => Input::Tick,
            Some(Err(_)) | None => self.lost(),
        }
    }

    fn lost(&mut self) -> Input {
        self.socket = None;
        let reason = "lost".to_owned();
        Input::Disconnected {
            reason,
            jitter: 0.0,
        }
    }

    async fn handle(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in self.session.handle(self.now_ms, input) {
                inputs.extend(self.carry_out(output).await);
            }
        }
    }

    async fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Connect => {
                let url = format!("ws://127.0.0.1:{}/", self.port);
                return Some(match connect_async(url).await {
                    Ok((socket, _)) => {
                        self.socket = Some(socket);
                        Input::Connected
                    }
                    Err(_) => self.lost(),
                });
            }
            Output::Send(frame) => {
                if let Some(socket) = &mut self.socket {
                    // Who is gone is noticed when reading.
                    let _ = socket.send(Message::Binary(frame.into())).await;
                }
            }
            Output::Disconnect { .. } => return Some(self.lost()),
            Output::Deliver {
                batches, cursor, ..
            } => {
                let batches = batches.into_iter().map(|batch| (batch.first(), batch));
                self.received.extend(batches);
                self.cursor = cursor;
            }
            Output::Acked {
                last_seq, cursor, ..
            } => {
                self.acked = last_seq;
                self.cursor = cursor;
                let _ = self.progress.try_send(());
            }
            Output::ServerHas { replica_seq, .. } => self.acked = replica_seq,
            Output::LoadOutbox {
                document,
                after,
                limit,
            } => {
                let from = after.map_or(self.acked, |id| id.seq);
                let rest = self.own.iter().skip(usize::try_from(from).unwrap());
                let batches = rest.take(limit).cloned().collect();
                return Some(Input::Outbox { document, batches });
            }
            Output::Alarm(alarm) => panic!("{alarm}"),
            Output::Blocked { reason, .. } => panic!("{reason}"),
            _ => {}
        }
        None
    }
}

#[tokio::test]
async fn two_sessions_get_everything_through_a_server_that_is_killed_again_and_again() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let group = folder.group("Anna");
    let tokens = [folder.token("Anna"), folder.token("Anna")];
    let mut program = folder.program("127.0.0.1:0");
    let address = format!("127.0.0.1:{}", program.port());
    let (progress, mut acked) = mpsc::channel(10_000);
    let mut peers = Vec::new();
    for (number, token) in (1..).zip(&tokens) {
        let peer = Peer::new(program.port(), group, token, number, progress.clone());
        let other = replica(3 - number);
        peers.push(tokio::spawn(peer.run(other)));
    }
    for _ in 0..KILLS {
        for _ in 0..2 * BATCHES / (KILLS + 2) {
            acked.recv().await.unwrap();
        }
        program.kill();
        program = folder.program(&address);
    }
    for peer in peers {
        let peer = peer.await.unwrap();
        assert_eq!(peer.cursor, Cursor(2 * BATCHES));
        for stored in peer.received.values() {
            let seq = stored.first_seq;
            assert_eq!(*stored, batch(group, stored.replica, document(1), seq));
        }
    }
}
