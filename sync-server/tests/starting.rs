//! The program as a whole: how it starts, how it refuses to, and what a kill leaves behind.

mod support;

use std::fs;
use std::process::Command;

use support::{Client, Folder, batch, document, replica};
use tideline_server::{DatabaseOptions, Server, ServerOptions};
use tideline_wire::{Cursor, RefusalCode, Regarding, ServerMessage};

#[tokio::test]
async fn the_first_start_makes_a_user_and_says_where_it_listens() {
    let folder = Folder::new();
    let program = folder.program("127.0.0.1:0");
    assert_eq!(
        program.announcement["url"].as_str().unwrap(),
        format!("ws://127.0.0.1:{}", program.port())
    );
    assert_eq!(folder.json(&["user", "list"])[0]["name"], "me");
    let token = folder.token("me");
    let (_client, welcome) = Client::open(program.port()).await.greet(&token).await;
    assert_eq!(welcome.groups[0].name, "me");
}

#[test]
fn an_address_that_others_can_reach_needs_a_token_first() {
    let folder = Folder::new();
    let refused = folder.complaint(&["--listen", "0.0.0.0:0"]);
    assert!(refused.contains("nobody has a token yet"), "{refused}");
    assert!(refused.contains("token add"), "{refused}");
    let users = folder.json(&["user", "list"]);
    assert_eq!(users.as_array().unwrap().len(), 0, "nothing was made");
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_served_with_a_token() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let token = folder.token("Anna");
    let server = Server::start(ServerOptions {
        listen: ([0, 0, 0, 0], 0).into(),
        ..ServerOptions::local(folder.path())
    })
    .await
    .unwrap();
    Client::join(&server, &token).await;
}

#[tokio::test]
async fn a_second_server_on_one_folder_is_refused() {
    let folder = Folder::new();
    let _server = folder.start().await;
    let refused = folder.complaint(&["--listen", "127.0.0.1:0"]);
    assert!(
        refused.contains("another tideline-server runs"),
        "{refused}"
    );
    assert!(refused.contains("--data"), "{refused}");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let folder = Folder::new();
    let server = folder.start().await;
    let other = Folder::new();
    let refused = other.complaint(&["--listen", &server.address().to_string()]);
    assert!(refused.contains("cannot listen on"), "{refused}");
    assert!(refused.contains("--listen"), "{refused}");
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let garbage = vec![0x5a; 8192];
    for name in ["server.sqlite-wal", "server.sqlite-shm"] {
        let _ = fs::remove_file(folder.path().join(name));
    }
    fs::write(folder.database(), &garbage).unwrap();
    let refused = folder.complaint(&["--listen", "127.0.0.1:0"]);
    assert!(refused.contains("is damaged"), "{refused}");
    assert!(refused.contains("restore a backup"), "{refused}");
    assert_eq!(fs::read(folder.database()).unwrap(), garbage);
}

#[test]
fn a_flipped_page_is_found_at_the_start() {
    let folder = Folder::new();
    for number in 0..40 {
        folder.add_user(&format!("user {number}"));
    }
    let path = folder.database();
    let mut bytes = fs::read(&path).unwrap();
    // The second half of every page but the first two: cells of tables and indexes.
    for page in bytes.chunks_mut(4096).skip(2) {
        page[..8].fill(0x77);
    }
    fs::write(&path, &bytes).unwrap();
    let refused = folder.complaint(&["--listen", "127.0.0.1:0"]);
    assert!(refused.contains("is damaged"), "{refused}");
}

#[test]
fn a_locked_database_is_named() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let other = rusqlite::Connection::open(folder.database()).unwrap();
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; SELECT * FROM users;")
        .unwrap();
    let refused = folder.complaint(&["user", "add", "Ben"]);
    assert!(refused.contains("locked"), "{refused}");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let other = rusqlite::Connection::open(folder.database()).unwrap();
    other.pragma_update(None, "user_version", 99).unwrap();
    let refused = folder.complaint(&["user", "list"]);
    assert!(refused.contains("newer version"), "{refused}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tideline-server"))
        .arg("--data")
        .arg(file.join("data"))
        .args(["user", "list"])
        .output()
        .unwrap();
    let refused = String::from_utf8(output.stderr).unwrap();
    assert!(refused.contains("cannot be used"), "{refused}");
}

#[tokio::test]
async fn a_full_disk_refuses_for_now_and_keeps_the_connection() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let token = folder.token("Anna");
    let group = folder.group("Anna");
    let server = Server::start(ServerOptions {
        database: DatabaseOptions {
            bytes_max: Some(1 << 20),
            ..DatabaseOptions::in_folder(folder.path())
        },
        ..ServerOptions::local(folder.path())
    })
    .await
    .unwrap();
    let mut anna = Client::join(&server, &token).await;
    let large = |seq| {
        let mut large = batch(group, replica(1), document(1), seq);
        large.payload = vec![7; 100_000];
        large
    };
    let mut stored = 0;
    while anna.push_and_wait(large(stored + 1)).await.is_ok() {
        stored += 1;
        assert!(stored < 20, "the disk must fill up");
    }
    anna.push(large(stored + 1)).await;
    match anna.hear().await {
        ServerMessage::Refused {
            regarding: Regarding::Batch(_),
            code: RefusalCode::Storage,
            retry_ms: Some(_),
            reason,
        } => assert!(reason.contains("safe on this machine"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let (head, _, _) = anna.catch_up(group, document(1), 0, replica(1)).await;
    assert_eq!(head, Cursor(stored), "reading goes on");
    drop(anna);
    server.stop().await;
    let server = folder.start().await;
    let mut anna = Client::join(&server, &token).await;
    let pushed = anna.push_and_wait(large(stored + 1)).await;
    assert_eq!(pushed, Ok(Cursor(stored + 1)), "with room again");
}

/// Pushes as fast as it can until the program dies. Returns the last sequence that was acknowledged.
async fn push_until_killed(
    mut client: Client,
    group: tideline_model::GroupId,
    number: u128,
    from: u64,
    acks: tokio::sync::mpsc::Sender<()>,
) -> u64 {
    const AHEAD: u64 = 16;
    let (mut acked, mut sent) = (from, from);
    loop {
        while sent < acked + AHEAD {
            sent += 1;
            let next = batch(group, replica(number), document(1), sent);
            if client.try_push(next).await.is_err() {
                return acked;
            }
        }
        match client.hear_or_end().await {
            Some(ServerMessage::Ack { .. }) => {
                acked += 1;
                let _ = acks.try_send(());
            }
            Some(ServerMessage::Refused { reason, .. }) => panic!("{reason}"),
            Some(_) => {}
            None => return acked,
        }
    }
}

#[tokio::test]
async fn whatever_was_acknowledged_is_there_once_after_kill_9() {
    let cycles = std::env::var("TIDELINE_CYCLES").ok();
    let cycles: u64 = cycles.and_then(|text| text.parse().ok()).unwrap_or(5);
    let folder = Folder::new();
    folder.add_user("Anna");
    folder.add_user("Ben");
    folder.add_group("Project", "Anna");
    folder.member("Project", "Ben", "editor");
    let group = folder.group("Project");
    let tokens = [folder.token("Anna"), folder.token("Ben")];
    let mut known = [0, 0];
    for cycle in 0..cycles {
        let mut program = folder.program("127.0.0.1:0");
        let (acks, mut acked) = tokio::sync::mpsc::channel(10_000);
        let mut pushing = Vec::new();
        for (number, token) in (1..).zip(&tokens) {
            let (client, _) = Client::open(program.port()).await.greet(token).await;
            let from = known[number as usize - 1];
            let acks = acks.clone();
            pushing.push(tokio::spawn(push_until_killed(
                client, group, number, from, acks,
            )));
        }
        // A different moment each time, in the middle of what is under way.
        for _ in 0..(20 + cycle * 37 % 200) {
            acked.recv().await.unwrap();
        }
        program.kill();
        let mut last_acked = Vec::new();
        for client in pushing {
            last_acked.push(client.await.unwrap());
        }
        drop(program);
        known = check_log(&folder, group, &tokens[0], &last_acked, cycle).await;
    }
}

/// Everything acknowledged is there, once and in order. Returns how far each replica is known.
async fn check_log(
    folder: &Folder,
    group: tideline_model::GroupId,
    token: &str,
    last_acked: &[u64],
    cycle: u64,
) -> [u64; 2] {
    let program = folder.program("127.0.0.1:0");
    let (mut client, _) = Client::open(program.port()).await.greet(token).await;
    let (head, _, batches) = client.catch_up(group, document(1), 0, replica(9)).await;
    assert_eq!(
        batches.len() as u64,
        head.0,
        "cycle {cycle}: no gap, nothing twice"
    );
    let mut known = [0, 0];
    for ((cursor, stored), expected) in batches.into_iter().zip(1..) {
        assert_eq!(cursor, Cursor(expected), "cycle {cycle}");
        let number = if stored.replica == replica(1) { 1 } else { 2 };
        let last = &mut known[number - 1];
        *last += 1;
        let expected = batch(group, replica(number as u128), document(1), *last);
        assert_eq!(stored, expected, "cycle {cycle}");
    }
    for (known, acked) in known.iter().zip(last_acked) {
        assert!(
            known >= acked,
            "cycle {cycle}: {acked} acknowledged, {known} there"
        );
    }
    known
}
