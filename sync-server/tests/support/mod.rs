//! A server on a real socket over a real database, and a client that says exactly what a test wants.

#![allow(dead_code, reason = "each test program uses a part of this")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tempfile::TempDir;
use tideline_model::{DocumentId, GroupId, ReplicaId};
use tideline_server::{Server, ServerOptions};
use tideline_wire::{
    BatchId, ClientMessage, Cursor, Hello, PayloadKind, RefusalCode, SealedBatch, ServerMessage,
    Welcome,
};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use uuid::Uuid;

/// Longer than anything takes, shorter than anybody waits.
const PATIENCE: Duration = Duration::from_secs(30);

pub fn document(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(number))
}

pub fn replica(number: u128) -> ReplicaId {
    ReplicaId(Uuid::from_u128(number))
}

/// A data folder, gone with the test.
pub struct Folder {
    dir: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("server.sqlite")
    }

    /// Runs the program on this folder.
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_tideline-server"))
            .arg("--data")
            .arg(self.path())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// The JSON that a command answers with.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command that fails complains about.
    pub fn complaint(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} went well");
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn add_user(&self, name: &str) {
        self.json(&["user", "add", name]);
    }

    pub fn token(&self, user: &str) -> String {
        let answer = self.json(&["token", "add", user]);
        answer["token"].as_str().unwrap().to_owned()
    }

    pub fn add_group(&self, name: &str, owner: &str) {
        self.json(&["group", "add", name, "--owner", owner]);
    }

    pub fn member(&self, group: &str, user: &str, role: &str) {
        self.json(&["group", "member", group, user, "--role", role]);
    }

    pub fn group(&self, name: &str) -> GroupId {
        let groups = self.json(&["group", "list"]);
        let mut groups = groups.as_array().unwrap().iter();
        let group = groups.find(|group| group["name"] == name).unwrap();
        group["id"].as_str().unwrap().parse().unwrap()
    }

    /// The real program on this folder, once it listens.
    pub fn program(&self, listen: &str) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tideline-server"))
            .arg("--data")
            .arg(self.path())
            .args(["--listen", listen])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let announcement = serde_json::from_str(&line).unwrap();
        Program {
            child,
            announcement,
        }
    }

    pub async fn start(&self) -> Server {
        Server::start(ServerOptions::local(self.path()))
            .await
            .unwrap()
    }
}

/// Killed with the test.
pub struct Program {
    child: Child,
    pub announcement: Value,
}

impl Program {
    pub fn port(&self) -> u16 {
        let address = self.announcement["listening"].as_str().unwrap();
        address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A batch of one event. The server does not care what is in it.
pub fn batch(group: GroupId, of: ReplicaId, document: DocumentId, seq: u64) -> SealedBatch {
    SealedBatch {
        group,
        document,
        replica: of,
        first_seq: seq,
        count: 1,
        last_lamport: seq,
        payload_kind: PayloadKind::PLAIN,
        key: None,
        payload: format!("{of} {seq}").into_bytes(),
    }
}

pub fn hello(token: &str) -> Hello {
    Hello {
        protocol_min: 1,
        protocol_max: 1,
        token: token.to_owned(),
        device: "a test".to_owned(),
        epoch_seen: 0,
    }
}

/// Of a client that speaks every version up to this one.
pub fn hello_up_to(protocol_max: u16, token: &str) -> Hello {
    Hello {
        protocol_max,
        ..hello(token)
    }
}

/// One websocket to a server.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    last_batch: u64,
}

impl Client {
    /// A socket on which nothing has been said.
    pub async fn open(port: u16) -> Self {
        Self::over(TcpSocket::new_v4().unwrap(), port).await
    }

    /// One whose system buffers hold as little as possible.
    pub async fn open_narrow(port: u16) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self::over(socket, port).await
    }

    async fn over(socket: TcpSocket, port: u16) -> Self {
        let address = ([127, 0, 0, 1], port).into();
        let stream = socket.connect(address).await.unwrap();
        let url = format!("ws://127.0.0.1:{port}/");
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Self {
            socket,
            last_batch: 0,
        }
    }

    pub async fn greet(self, token: &str) -> (Self, Welcome) {
        self.greet_with(hello(token)).await
    }

    pub async fn greet_with(mut self, hello: Hello) -> (Self, Welcome) {
        self.say(&ClientMessage::Hello(hello)).await;
        match self.hear().await {
            ServerMessage::Welcome(welcome) => (self, welcome),
            other => panic!("not welcome: {other:?}"),
        }
    }

    pub async fn join(server: &Server, token: &str) -> Self {
        Self::open(server.address().port())
            .await
            .greet(token)
            .await
            .0
    }

    pub async fn say(&mut self, message: &ClientMessage) {
        self.send(message.to_frame().unwrap()).await;
    }

    pub async fn send(&mut self, frame: Vec<u8>) {
        self.send_message(Message::Binary(frame.into())).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        timeout(PATIENCE, self.socket.send(message))
            .await
            .expect("the server reads")
            .unwrap();
    }

    /// The raw stream below the websocket.
    pub fn raw(&mut self) -> &mut TcpStream {
        self.socket.get_mut()
    }

    /// The next message, `None` when the connection has ended.
    pub async fn hear_or_end(&mut self) -> Option<ServerMessage> {
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await;
            match next.expect("the server says something") {
                Some(Ok(Message::Binary(frame))) => {
                    return Some(ServerMessage::from_frame(&frame).unwrap());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    pub async fn hear(&mut self) -> ServerMessage {
        self.hear_or_end().await.expect("the connection is open")
    }

    /// Everything that came before the answer to a ping: nothing is under way any more.
    pub async fn hear_all(&mut self) -> Vec<ServerMessage> {
        self.say(&ClientMessage::Ping).await;
        let mut heard = Vec::new();
        loop {
            match self.hear().await {
                ServerMessage::Pong => return heard,
                message => heard.push(message),
            }
        }
    }

    /// Sends without waiting for the answer.
    pub async fn push(&mut self, batch: SealedBatch) -> BatchId {
        self.last_batch += 1;
        let batch_id = BatchId(self.last_batch);
        self.say(&ClientMessage::Push { batch_id, batch }).await;
        batch_id
    }

    /// Like `push`, when the server may die meanwhile.
    pub async fn try_push(&mut self, batch: SealedBatch) -> Result<(), Error> {
        self.last_batch += 1;
        let batch_id = BatchId(self.last_batch);
        let frame = ClientMessage::Push { batch_id, batch }.to_frame().unwrap();
        self.socket.send(Message::Binary(frame.into())).await
    }

    pub async fn push_and_wait(&mut self, batch: SealedBatch) -> Result<Cursor, RefusalCode> {
        let pushed = self.push(batch).await;
        loop {
            match self.hear().await {
                ServerMessage::Ack {
                    batch_id, cursor, ..
                } if batch_id == pushed => return Ok(cursor),
                ServerMessage::Refused { code, .. } => return Err(code),
                _ => {}
            }
        }
    }

    pub async fn subscribe(
        &mut self,
        group: GroupId,
        document: DocumentId,
        cursor: u64,
        replica: ReplicaId,
    ) {
        self.say(&ClientMessage::Subscribe {
            group,
            document,
            cursor: Cursor(cursor),
            replica,
        })
        .await;
    }

    /// Subscribes and reads everything up to the head. Returns the answer to the subscription and
    /// the batches.
    pub async fn catch_up(
        &mut self,
        group: GroupId,
        document: DocumentId,
        cursor: u64,
        replica: ReplicaId,
    ) -> (Cursor, u64, Vec<(Cursor, SealedBatch)>) {
        self.subscribe(group, document, cursor, replica).await;
        let (head, replica_seq) = loop {
            match self.hear().await {
                ServerMessage::Subscribed {
                    head, replica_seq, ..
                } => break (head, replica_seq),
                ServerMessage::Refused { code, reason, .. } => panic!("{code:?}: {reason}"),
                _ => {}
            }
        };
        let mut read = Vec::new();
        let mut reached = Cursor(cursor);
        while reached < head {
            if let ServerMessage::Events { batches, .. } = self.hear().await {
                reached = batches.last().map_or(reached, |(cursor, _)| *cursor);
                read.extend(batches);
            }
        }
        (head, replica_seq, read)
    }
}
