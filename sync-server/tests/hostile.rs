//! Who may not come in, what is not understood, and what tries to do harm: each gets an answer, and
//! nobody else notices.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::time::Duration;

use support::{Client, Folder, batch, document, hello, replica};
use tideline_server::{Server, ServerOptions, Timeouts};
use tideline_wire::limits::FRAME_BYTES_MAX;
use tideline_wire::{ClientMessage, RefusalCode, Regarding, ServerMessage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

async fn server_of_me() -> (Folder, Server, String) {
    let folder = Folder::new();
    folder.add_user("me");
    let token = folder.token("me");
    let server = folder.start().await;
    (folder, server, token)
}

/// What a connection is refused with, and that it ends then.
async fn refusal(client: &mut Client) -> (RefusalCode, String) {
    let answer = client.hear().await;
    let ServerMessage::Refused {
        regarding: Regarding::Connection,
        code,
        reason,
        ..
    } = answer
    else {
        panic!("not refused: {answer:?}");
    };
    assert_eq!(client.hear_or_end().await, None);
    (code, reason)
}

/// The server serves others as if nothing had been.
async fn still_works(server: &Server, token: &str) {
    let port = server.address().port();
    let (mut client, welcome) = Client::open(port).await.greet(token).await;
    let group = welcome.groups[0].id;
    let number = u128::from(welcome.connection) + 1_000;
    let fresh = batch(group, replica(number), document(number), 1);
    client.push_and_wait(fresh).await.unwrap();
}

#[tokio::test]
async fn an_unknown_token_is_refused_for_good() {
    let (_folder, server, token) = server_of_me().await;
    for wrong in ["", "tdl_0", &token[1..]] {
        let mut client = Client::open(server.address().port()).await;
        client.say(&ClientMessage::Hello(hello(wrong))).await;
        let (code, reason) = refusal(&mut client).await;
        assert_eq!(code, RefusalCode::BadToken);
        assert!(reason.contains("safe on this machine"), "{reason}");
    }
    still_works(&server, &token).await;
}

#[tokio::test]
async fn a_program_of_another_version_is_told_which_side_to_update() {
    let (_folder, server, token) = server_of_me().await;
    for (min, max, advice) in [(3, 9, "The server has to"), (0, 0, "Update the program")] {
        let mut client = Client::open(server.address().port()).await;
        let mut hello = hello(&token);
        (hello.protocol_min, hello.protocol_max) = (min, max);
        let mut frame = ClientMessage::Hello(hello).to_frame().unwrap();
        // Whatever a later version adds to its hello, the versions are understood.
        frame.extend_from_slice(b"something new");
        client.send(frame).await;
        let (code, reason) = refusal(&mut client).await;
        assert_eq!(code, RefusalCode::Version);
        assert!(reason.contains(advice), "{reason}");
    }
}

#[tokio::test]
async fn a_client_that_has_met_a_later_epoch_is_not_served() {
    let (_folder, server, token) = server_of_me().await;
    let mut client = Client::open(server.address().port()).await;
    let mut hello = hello(&token);
    hello.epoch_seen = 5;
    client.say(&ClientMessage::Hello(hello)).await;
    let (code, _) = refusal(&mut client).await;
    assert_eq!(code, RefusalCode::StaleServer { epoch: 1 });
}

#[tokio::test]
async fn nothing_but_a_hello_opens_a_conversation() {
    let (_folder, server, token) = server_of_me().await;
    for frame in [
        ClientMessage::Ping.to_frame().unwrap(),
        vec![],
        vec![0xff; 40],
        vec![0; 3],
    ] {
        let mut client = Client::open(server.address().port()).await;
        client.send(frame).await;
        let (code, _) = refusal(&mut client).await;
        assert!(matches!(
            code,
            RefusalCode::Malformed | RefusalCode::Version
        ));
    }
    let mut client = Client::open(server.address().port()).await;
    client.send_message(Message::text("hello?")).await;
    assert_eq!(client.hear_or_end().await, None);
    still_works(&server, &token).await;
}

#[tokio::test]
async fn nonsense_after_the_hello_ends_that_connection_only() {
    let (_folder, server, token) = server_of_me().await;
    let mut bystander = Client::join(&server, &token).await;
    let mut lying = ClientMessage::Presence {
        group: tideline_model::GroupId(uuid::Uuid::nil()),
        document: document(1),
        bytes: vec![1, 2, 3],
    }
    .to_frame()
    .unwrap();
    // The length of the bytes: two gigabytes instead of three.
    let at = lying.len() - 4;
    lying.splice(at..=at, [0xff, 0xff, 0xff, 0xff, 0x07]);
    let mut longer = ClientMessage::Ping.to_frame().unwrap();
    longer.push(0);
    let again = ClientMessage::Hello(hello(&token)).to_frame().unwrap();
    for frame in [lying, longer, again, vec![250], vec![]] {
        let mut client = Client::join(&server, &token).await;
        client.send(frame).await;
        assert_eq!(refusal(&mut client).await.0, RefusalCode::Malformed);
    }
    let mut client = Client::join(&server, &token).await;
    client.send_message(Message::text("text")).await;
    assert_eq!(refusal(&mut client).await.0, RefusalCode::Malformed);
    assert_eq!(bystander.hear_all().await, []);
}

#[tokio::test]
async fn a_frame_that_is_too_large_is_refused_before_it_is_read() {
    let (_folder, server, token) = server_of_me().await;
    let mut client = Client::join(&server, &token).await;
    client.send(vec![7; FRAME_BYTES_MAX + 1]).await;
    assert_eq!(refusal(&mut client).await.0, RefusalCode::Malformed);
    still_works(&server, &token).await;
}

#[tokio::test]
async fn a_websocket_header_that_lies_about_its_length_gets_no_memory() {
    let (_folder, server, token) = server_of_me().await;
    let mut client = Client::join(&server, &token).await;
    // Final, binary, masked, a 64-bit length of an exbibyte; then a mask and one byte.
    let header = [0x82, 0xff, 0x10, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5];
    client.raw().write_all(&header).await.unwrap();
    assert_eq!(refusal(&mut client).await.0, RefusalCode::Malformed);
    // One that announces what is allowed and then sends less: it merely waits, and costs nothing.
    let mut slow = Client::join(&server, &token).await;
    slow.raw()
        .write_all(&[0x82, 0xfe, 0xff, 0xff, 1, 2, 3, 4, 5])
        .await
        .unwrap();
    still_works(&server, &token).await;
}

#[tokio::test]
async fn a_batch_whose_envelope_is_impossible_is_refused() {
    let (_folder, server, token) = server_of_me().await;
    let port = server.address().port();
    let (_, welcome) = Client::open(port).await.greet(&token).await;
    let good = batch(welcome.groups[0].id, replica(1), document(1), 1);
    let frame = ClientMessage::Push {
        batch_id: tideline_wire::BatchId(1),
        batch: good,
    }
    .to_frame()
    .unwrap();
    // Behind the number of the message, the batch id and three ids stands the first sequence.
    let first_seq = 2 + 3 * 17;
    assert_eq!(frame[first_seq], 1);
    for (at, byte) in [(first_seq, 0), (first_seq + 1, 0)] {
        let mut client = Client::join(&server, &token).await;
        let mut frame = frame.clone();
        frame[at] = byte;
        client.send(frame).await;
        assert_eq!(refusal(&mut client).await.0, RefusalCode::Malformed);
    }
}

#[tokio::test]
async fn web_pages_of_other_origins_are_turned_away() {
    let folder = Folder::new();
    let server = Server::start(ServerOptions {
        allowed_origins: vec!["https://notes.example.org".to_owned()],
        ..ServerOptions::local(folder.path())
    })
    .await
    .unwrap();
    let shake_hands = async |origin: &str| {
        let url = format!("ws://{}/", server.address());
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("Origin", origin.parse().unwrap());
        tokio_tungstenite::connect_async(request).await
    };
    assert!(shake_hands("https://notes.example.org").await.is_ok());
    for origin in [
        "https://evil.example.org",
        "http://notes.example.org",
        "null",
        "",
    ] {
        match shake_hands(origin).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403),
            other => panic!("{origin}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn who_keeps_silent_is_disconnected() {
    let folder = Folder::new();
    folder.add_user("me");
    let token = folder.token("me");
    let short = Duration::from_millis(200);
    let server = Server::start(ServerOptions {
        timeouts: Timeouts {
            handshake: short,
            authentication: short,
            dead: short,
        },
        ..ServerOptions::local(folder.path())
    })
    .await
    .unwrap();
    let port = server.address().port();
    let mut no_handshake = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(no_handshake.read(&mut [0; 10]).await.unwrap(), 0);
    let mut no_hello = Client::open(port).await;
    assert_eq!(no_hello.hear_or_end().await, None);
    let (mut no_ping, _) = Client::open(port).await.greet(&token).await;
    assert_eq!(no_ping.hear_or_end().await, None);
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_the_others_stay() {
    let folder = Folder::new();
    folder.add_user("me");
    let token = folder.token("me");
    let server = Server::start(ServerOptions {
        connections_max: 1,
        ..ServerOptions::local(folder.path())
    })
    .await
    .unwrap();
    let mut first = Client::join(&server, &token).await;
    let mut second = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(second.read(&mut [0; 10]).await.unwrap_or(0), 0);
    assert_eq!(first.hear_all().await, []);
}
