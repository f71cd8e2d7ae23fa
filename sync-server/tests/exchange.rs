//! Two clients, one server: batches go in, are acknowledged, and come out at the other end.

mod support;

use support::{Client, Folder, batch, document, hello_up_to, replica};
use tideline_model::GroupId;
use tideline_server::Server;
use tideline_wire::{
    ClientMessage, Cursor, PresenceOrigin, Ranges, RefusalCode, Regarding, Role, ServerMessage,
};

/// Anna and Ben in the group "Project".
struct Project {
    folder: Folder,
    group: GroupId,
    anna: String,
    ben: String,
}

impl Project {
    fn new() -> Self {
        let folder = Folder::new();
        folder.add_user("Anna");
        folder.add_user("Ben");
        folder.add_group("Project", "Anna");
        folder.member("Project", "Ben", "editor");
        Self {
            group: folder.group("Project"),
            anna: folder.token("Anna"),
            ben: folder.token("Ben"),
            folder,
        }
    }

    async fn both(&self) -> (Server, Client, Client) {
        let server = self.folder.start().await;
        let anna = Client::join(&server, &self.anna).await;
        let ben = Client::join(&server, &self.ben).await;
        (server, anna, ben)
    }
}

#[tokio::test]
async fn what_one_pushes_the_other_hears_in_order() {
    let project = Project::new();
    let (_server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    ben.catch_up(group, document(1), 0, replica(2)).await;
    for seq in 1..=20 {
        let pushed = anna.push_and_wait(batch(group, replica(1), document(1), seq));
        assert_eq!(pushed.await, Ok(Cursor(seq)));
    }
    let mut heard = Vec::new();
    while heard.len() < 20 {
        match ben.hear().await {
            ServerMessage::Documents { documents } => {
                assert_eq!(documents[0].document, document(1));
                assert!(heard.is_empty(), "announced before its first batch");
            }
            ServerMessage::Events { batches, .. } => heard.extend(batches),
            other => panic!("{other:?}"),
        }
    }
    for ((cursor, heard), seq) in heard.into_iter().zip(1..) {
        assert_eq!(cursor, Cursor(seq));
        assert_eq!(heard, batch(group, replica(1), document(1), seq));
    }
}

#[tokio::test]
async fn catching_up_starts_behind_the_cursor_and_goes_on_live() {
    let project = Project::new();
    let (_server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    for seq in 1..=10 {
        let pushed = anna.push_and_wait(batch(group, replica(1), document(1), seq));
        pushed.await.unwrap();
    }
    let (head, own, batches) = ben.catch_up(group, document(1), 7, replica(2)).await;
    assert_eq!((head, own), (Cursor(10), 0));
    let cursors: Vec<u64> = batches.iter().map(|(cursor, _)| cursor.0).collect();
    assert_eq!(cursors, [8, 9, 10]);
    let pushed = anna.push_and_wait(batch(group, replica(1), document(1), 11));
    pushed.await.unwrap();
    loop {
        if let ServerMessage::Events { batches, head, .. } = ben.hear().await {
            assert_eq!((batches[0].0, head), (Cursor(11), Cursor(11)));
            break;
        }
    }
    let (_, own, _) = anna.catch_up(group, document(1), 11, replica(1)).await;
    assert_eq!(
        own, 11,
        "the server says how far it knows the asker's replica"
    );
}

#[tokio::test]
async fn catching_up_takes_more_frames_than_one_when_there_is_much() {
    let project = Project::new();
    let (_server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    for seq in 1..=8 {
        let mut large = batch(group, replica(1), document(1), seq);
        large.payload = vec![7; 90_000];
        anna.push_and_wait(large).await.unwrap();
    }
    let (_, _, batches) = ben.catch_up(group, document(1), 0, replica(2)).await;
    assert_eq!(batches.len(), 8);
}

#[tokio::test]
async fn a_batch_that_comes_again_is_acknowledged_again_and_told_to_nobody() {
    let project = Project::new();
    let (_server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    let first = batch(group, replica(1), document(1), 1);
    assert_eq!(anna.push_and_wait(first.clone()).await, Ok(Cursor(1)));
    ben.catch_up(group, document(1), 0, replica(2)).await;
    ben.hear_all().await;
    assert_eq!(anna.push_and_wait(first).await, Ok(Cursor(1)));
    assert_eq!(ben.hear_all().await, []);
}

#[tokio::test]
async fn other_bytes_under_the_same_sequence_are_refused() {
    let project = Project::new();
    let (_server, mut anna, _ben) = project.both().await;
    let first = batch(project.group, replica(1), document(1), 1);
    anna.push_and_wait(first.clone()).await.unwrap();
    let mut other = first.clone();
    other.payload = b"something else".to_vec();
    assert_eq!(anna.push_and_wait(other).await, Err(RefusalCode::Conflict));
    let mut longer = first.clone();
    longer.count = 2;
    assert_eq!(anna.push_and_wait(longer).await, Err(RefusalCode::Conflict));
    let (_, _, batches) = anna
        .catch_up(project.group, document(1), 0, replica(1))
        .await;
    assert_eq!(batches, [(Cursor(1), first)]);
}

#[tokio::test]
async fn a_missing_batch_is_asked_for() {
    let project = Project::new();
    let (_server, mut anna, _ben) = project.both().await;
    let third = batch(project.group, replica(1), document(1), 3);
    let gap = RefusalCode::Gap { expected_seq: 1 };
    assert_eq!(anna.push_and_wait(third).await, Err(gap));
}

#[tokio::test]
async fn a_clock_that_jumps_or_stands_still_is_refused() {
    let project = Project::new();
    let (_server, mut anna, _ben) = project.both().await;
    let first = batch(project.group, replica(1), document(1), 1);
    let mut far = first.clone();
    far.last_lamport = 1 << 50;
    assert_eq!(anna.push_and_wait(far).await, Err(RefusalCode::Malformed));
    anna.push_and_wait(first).await.unwrap();
    let mut still = batch(project.group, replica(1), document(1), 2);
    still.last_lamport = 1;
    assert_eq!(anna.push_and_wait(still).await, Err(RefusalCode::Malformed));
}

#[tokio::test]
async fn who_is_not_in_the_group_gets_nothing_and_learns_nothing() {
    let project = Project::new();
    project.folder.add_user("Eve");
    let token = project.folder.token("Eve");
    let (server, mut anna, _ben) = project.both().await;
    let group = project.group;
    let first = batch(group, replica(1), document(1), 1);
    anna.push_and_wait(first).await.unwrap();
    let (mut eve, welcome) = Client::open(server.address().port())
        .await
        .greet(&token)
        .await;
    assert_eq!(welcome.documents, []);
    let foreign = batch(group, replica(9), document(2), 1);
    assert_eq!(
        eve.push_and_wait(foreign).await,
        Err(RefusalCode::NotMember)
    );
    let nowhere = GroupId(uuid::Uuid::from_u128(77));
    for (group, number) in [(group, 1), (group, 99), (nowhere, 1)] {
        eve.subscribe(group, document(number), 0, replica(9)).await;
        let answer = eve.hear().await;
        assert!(
            matches!(
                answer,
                ServerMessage::Refused {
                    regarding: Regarding::Document(_),
                    code: RefusalCode::NotMember,
                    ..
                }
            ),
            "{answer:?}"
        );
    }
    // The same document id in a group of her own is another document, and taken.
    let own = welcome.groups[0].id;
    let (head, _, batches) = eve.catch_up(own, document(1), 0, replica(9)).await;
    assert_eq!((head, batches.len()), (Cursor(0), 0));
    let doubled = batch(own, replica(9), document(1), 1);
    assert_eq!(
        eve.push_and_wait(doubled).await,
        Err(RefusalCode::NotMember)
    );
}

#[tokio::test]
async fn a_reader_reads_and_may_not_write() {
    let project = Project::new();
    project.folder.member("Project", "Ben", "reader");
    let (_server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    let first = batch(group, replica(1), document(1), 1);
    anna.push_and_wait(first).await.unwrap();
    let (head, _, _) = ben.catch_up(group, document(1), 0, replica(2)).await;
    assert_eq!(head, Cursor(1));
    let own = batch(group, replica(2), document(1), 1);
    assert_eq!(ben.push_and_wait(own).await, Err(RefusalCode::ReadOnly));
}

#[tokio::test]
async fn a_replica_belongs_to_whoever_used_it_first() {
    let project = Project::new();
    let (_server, mut anna, mut ben) = project.both().await;
    let first = batch(project.group, replica(1), document(1), 1);
    anna.push_and_wait(first).await.unwrap();
    let stolen = batch(project.group, replica(1), document(1), 2);
    let refused = ben.push_and_wait(stolen).await;
    assert_eq!(refused, Err(RefusalCode::ForeignReplica));
}

#[tokio::test]
async fn documents_come_to_be_with_their_first_batch_and_are_announced() {
    let project = Project::new();
    let (server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    let first = batch(group, replica(1), document(5), 1);
    anna.push_and_wait(first).await.unwrap();
    match &ben.hear_all().await[..] {
        [ServerMessage::Documents { documents }] => {
            assert_eq!(documents[0].document, document(5));
            assert_eq!((documents[0].group, documents[0].head), (group, Cursor(1)));
        }
        other => panic!("{other:?}"),
    }
    let port = server.address().port();
    let (_again, welcome) = Client::open(port).await.greet(&project.ben).await;
    assert_eq!(welcome.documents.len(), 1);
    let roles: Vec<Role> = welcome.groups.iter().map(|group| group.role).collect();
    assert_eq!(
        roles,
        [Role::Owner, Role::Editor],
        "the personal group is first"
    );
}

#[tokio::test]
async fn carets_are_shown_to_those_who_are_there_and_go_with_their_owner() {
    let project = Project::new();
    let (_server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    let presence = |bytes: &[u8]| ClientMessage::Presence {
        group,
        document: document(1),
        bytes: bytes.to_vec(),
    };
    anna.catch_up(group, document(1), 0, replica(1)).await;
    anna.say(&presence(b"here")).await;
    anna.hear_all().await;
    ben.catch_up(group, document(1), 0, replica(2)).await;
    let seen = |message| match message {
        ServerMessage::Presence {
            from: PresenceOrigin { user, .. },
            bytes,
            ..
        } => (user.name, bytes),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        seen(ben.hear().await),
        ("Anna".to_owned(), b"here".to_vec())
    );
    anna.say(&presence(b"there")).await;
    assert_eq!(seen(ben.hear().await).1, b"there");
    drop(anna);
    assert_eq!(seen(ben.hear().await), ("Anna".to_owned(), Vec::new()));
}

#[tokio::test]
async fn digests_reach_the_others() {
    let project = Project::new();
    let (_server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    anna.catch_up(group, document(1), 0, replica(1)).await;
    ben.catch_up(group, document(1), 0, replica(2)).await;
    ben.hear_all().await;
    anna.say(&ClientMessage::Digest {
        group,
        document: document(1),
        version: 1 << 100,
        hash: 7,
    })
    .await;
    let digest = ServerMessage::Digest {
        document: document(1),
        version: 1 << 100,
        hash: 7,
    };
    assert_eq!(ben.hear().await, digest);
}

#[tokio::test]
async fn what_parts_of_a_document_look_like_reaches_those_who_can_read_it() {
    let project = Project::new();
    let (server, mut anna, mut ben) = project.both().await;
    let group = project.group;
    let mut newer = Vec::new();
    for number in [3, 4] {
        let client = Client::open(server.address().port()).await;
        let (mut client, welcome) = client.greet_with(hello_up_to(2, &project.ben)).await;
        assert_eq!(welcome.protocol, 2);
        client
            .catch_up(group, document(1), 0, replica(number))
            .await;
        client.hear_all().await;
        newer.push(client);
    }
    for (client, number) in [(&mut anna, 1), (&mut ben, 2)] {
        client
            .catch_up(group, document(1), 0, replica(number))
            .await;
        client.hear_all().await;
    }
    let ranges = Ranges {
        version: 1 << 100,
        hash: 7,
        ranges: Vec::new(),
    };
    newer[0]
        .say(&ClientMessage::Ranges {
            group,
            document: document(1),
            ranges: ranges.clone(),
        })
        .await;
    let told = ServerMessage::Ranges {
        document: document(1),
        ranges,
    };
    assert_eq!(newer[1].hear().await, told);
    newer[0].hear_all().await;
    for older in [&mut anna, &mut ben] {
        assert_eq!(older.hear_all().await, [], "version 1 does not have it");
    }
}

#[tokio::test]
async fn a_reader_that_is_too_slow_is_told_to_catch_up_and_misses_nothing() {
    const BATCHES: u64 = 250;
    let project = Project::new();
    let server = project.folder.start().await;
    let port = server.address().port();
    let group = project.group;
    let (mut ben, _) = Client::open_narrow(port).await.greet(&project.ben).await;
    ben.catch_up(group, document(1), 0, replica(2)).await;
    ben.hear_all().await;
    let mut anna = Client::join(&server, &project.anna).await;
    for seq in 1..=BATCHES {
        let mut large = batch(group, replica(1), document(1), seq);
        large.payload = vec![7; 100_000];
        anna.push_and_wait(large).await.unwrap();
    }
    let mut reached = Cursor(0);
    let told = loop {
        match ben.hear().await {
            ServerMessage::Events { batches, .. } => {
                assert_eq!(batches[0].0, reached.next(), "no gap before the warning");
                reached = batches.last().unwrap().0;
            }
            ServerMessage::CatchUp { cursor, .. } => break cursor,
            ServerMessage::Documents { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(told, reached, "the warning says what was sent before it");
    assert!(reached < Cursor(BATCHES), "the queue has a bound");
    let (head, _, rest) = ben
        .catch_up(group, document(1), reached.0, replica(2))
        .await;
    assert_eq!(head, Cursor(BATCHES));
    assert_eq!(rest.len() as u64, BATCHES - reached.0);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let project = Project::new();
    let server = project.folder.start().await;
    let mut anna = Client::join(&server, &project.anna).await;
    let group = project.group;
    for seq in 1..=5 {
        let pushed = anna.push_and_wait(batch(group, replica(1), document(1), seq));
        pushed.await.unwrap();
    }
    drop(anna);
    server.stop().await;
    let server = project.folder.start().await;
    let mut anna = Client::join(&server, &project.anna).await;
    let (head, own, batches) = anna.catch_up(group, document(1), 0, replica(1)).await;
    assert_eq!((head, own, batches.len()), (Cursor(5), 5, 5));
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let project = Project::new();
    let (server, mut anna, _ben) = project.both().await;
    let stopping = tokio::spawn(server.stop());
    let farewell = anna.hear().await;
    assert!(matches!(
        farewell,
        ServerMessage::Refused {
            regarding: Regarding::Connection,
            code: RefusalCode::Shutdown,
            retry_ms: Some(_),
            ..
        }
    ));
    assert_eq!(anna.hear_or_end().await, None);
    drop(anna);
    stopping.await.unwrap();
}
