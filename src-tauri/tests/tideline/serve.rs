//! The interface in a browser, asked as a browser and as an attacker would ask.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::place::Place;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Bridge = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// `tideline serve`, ended with the value.
pub struct Server {
    pub place: Place,
    process: Child,
    address: SocketAddr,
    token: String,
}

impl Server {
    pub fn start(place: Place) -> Self {
        let mut command = place.command();
        command.args(["serve", "--json"]).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its standard output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let serving: Value = serde_json::from_str(&line).expect("one line of JSON");
        let text = |name: &str| serving[name].as_str().expect("a text").to_owned();
        let (address, token) = (text("address"), text("token"));
        assert_eq!(text("url"), format!("http://{address}/#token={token}"));
        Self {
            place,
            process,
            address: address.parse().expect("an address"),
            token,
        }
    }

    /// The whole answer to a request for `path` that names `host`.
    fn get(&self, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).to_lowercase()
    }

    async fn bridge(&self, token: &str, origin: &str) -> Result<Bridge, tungstenite::Error> {
        let url = format!("ws://{}/bridge?token={token}", self.address);
        let mut request = url.into_client_request().expect("a request");
        request
            .headers_mut()
            .insert("origin", origin.parse().expect("a header"));
        connect_async(request).await.map(|(bridge, _)| bridge)
    }

    /// As the page of this server does.
    async fn own_bridge(&self) -> Bridge {
        let origin = format!("http://{}", self.address);
        self.bridge(&self.token, &origin)
            .await
            .expect("the bridge opens")
    }

    /// Asks the process to end and gives its exit code and its place.
    fn end(mut self) -> (Option<i32>, Place) {
        let pid = self.process.id().to_string();
        let killed = Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill");
        assert!(killed.success());
        let code = self.process.wait().expect("it ends").code();
        (code, std::mem::replace(&mut self.place, Place::new()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn say(bridge: &mut Bridge, command: &Value) {
    let text = command.to_string();
    bridge.send(Frame::text(text)).await.expect("sent");
}

/// The next message of that type; others are passed over.
async fn hear(bridge: &mut Bridge, kind: &str) -> Value {
    loop {
        let frame = bridge
            .next()
            .await
            .expect("the bridge is open")
            .expect("a frame");
        let Frame::Text(text) = frame else { continue };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        if message["type"] == kind {
            return message;
        }
    }
}

fn status(refused: Result<Bridge, tungstenite::Error>) -> u16 {
    match refused {
        Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn the_page_and_its_files_are_served_with_strict_headers() {
    let server = Server::start(Place::new());
    let host = server.address.to_string();
    let page = server.get("/", &host);
    assert!(page.starts_with("http/1.1 200"), "{page}");
    assert!(page.contains("content-type: text/html"), "{page}");
    assert!(page.contains("<div id=\"app\">"), "{page}");
    for header in [
        "content-security-policy: default-src 'self'",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(page.contains(header), "{header} in {page}");
    }
    assert!(
        server
            .get("/../Cargo.toml", &host)
            .starts_with("http/1.1 404")
    );
}

#[test]
fn a_name_that_was_rebound_to_this_machine_gets_nothing() {
    let server = Server::start(Place::new());
    let port = server.address.port();
    let answer = server.get("/", &format!("evil.example:{port}"));
    assert!(answer.starts_with("http/1.1 403"), "{answer}");
    assert!(!answer.contains("<div"), "{answer}");
    assert!(
        server
            .get("/", &format!("localhost:{port}"))
            .starts_with("http/1.1 200")
    );
}

#[tokio::test]
async fn the_bridge_opens_only_with_the_token_and_from_its_own_page() {
    let server = Server::start(Place::new());
    let own = format!("http://{}", server.address);
    for token in ["", "0123456789abcdef0123456789abcdef", &server.token[1..]] {
        assert_eq!(status(server.bridge(token, &own).await), 403, "{token}");
    }
    for origin in ["http://evil.example", "http://localhost:1", "null"] {
        assert_eq!(
            status(server.bridge(&server.token, origin).await),
            403,
            "{origin}"
        );
    }
    server.own_bridge().await;
}

#[tokio::test]
async fn hello_is_answered_with_boot() {
    let server = Server::start(Place::new());
    let mut bridge = server.own_bridge().await;
    say(&mut bridge, &json!({"type": "hello"})).await;
    let boot = hear(&mut bridge, "boot").await;
    assert_eq!(boot["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        boot["documents"].as_array().map(Vec::len),
        Some(1),
        "the Welcome document"
    );
}

#[tokio::test]
async fn a_frame_that_is_no_command_is_answered_and_the_bridge_stays_open() {
    let server = Server::start(Place::new());
    let mut bridge = server.own_bridge().await;
    say(&mut bridge, &json!({"type": "hello"})).await;
    hear(&mut bridge, "boot").await;
    say(&mut bridge, &json!({"type": "explode"})).await;
    let notice = hear(&mut bridge, "notice").await;
    assert_eq!(notice["level"], "error");
    let title = json!({"type": "createDocument", "title": "Still here", "openIn": null});
    say(&mut bridge, &title).await;
    hear(&mut bridge, "documentCreated").await;
}

#[tokio::test]
async fn what_one_tab_makes_the_other_sees() {
    let server = Server::start(Place::new());
    let (mut one, mut other) = (server.own_bridge().await, server.own_bridge().await);
    for bridge in [&mut one, &mut other] {
        say(bridge, &json!({"type": "hello"})).await;
        hear(bridge, "boot").await;
    }
    say(
        &mut one,
        &json!({"type": "createDocument", "title": "Shared", "openIn": null}),
    )
    .await;
    let documents = hear(&mut other, "documents").await.to_string();
    assert!(documents.contains("Shared"), "{documents}");
}

#[tokio::test]
async fn a_process_that_is_asked_to_end_leaves_everything_on_disk() {
    let server = Server::start(Place::new());
    let mut bridge = server.own_bridge().await;
    say(&mut bridge, &json!({"type": "hello"})).await;
    hear(&mut bridge, "boot").await;
    say(
        &mut bridge,
        &json!({"type": "createDocument", "title": "Kept", "openIn": null}),
    )
    .await;
    hear(&mut bridge, "documentCreated").await;
    let (code, place) = server.end();
    assert_eq!(code, Some(0));
    assert!(place.documents().contains(&"Kept".to_owned()));
}

#[tokio::test]
async fn a_document_in_the_bin_stays_there_at_the_next_start() {
    let server = Server::start(Place::new());
    let mut bridge = server.own_bridge().await;
    say(&mut bridge, &json!({"type": "hello"})).await;
    let boot = hear(&mut bridge, "boot").await;
    let welcome = &boot["documents"][0]["id"];
    say(
        &mut bridge,
        &json!({"type": "deleteDocument", "document": welcome}),
    )
    .await;
    hear(&mut bridge, "documents").await;
    let (_, place) = server.end();
    assert_eq!(place.documents(), [""; 0]);
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let server = Server::start(Place::new());
    let ran = server.place.run(&["documents"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with("tideline: "), "{ran:?}");
    assert!(
        ran.err.contains(&server.place.data().display().to_string()),
        "{ran:?}"
    );
}

#[test]
fn an_address_that_others_could_reach_is_refused() {
    let place = Place::new();
    let ran = place.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("other machines"), "{ran:?}");
    assert!(!place.data().exists(), "nothing was started");
}
