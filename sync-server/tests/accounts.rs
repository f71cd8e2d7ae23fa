//! The command line, alone and beside a running server.

mod support;

use support::{Client, Folder, batch, document, replica};
use tideline_wire::{Cursor, RefusalCode, Regarding, Role, ServerMessage};

#[test]
fn a_user_comes_with_a_group_of_theirs() {
    let folder = Folder::new();
    let user = folder.json(&["user", "add", "Anna"]);
    assert!(user["id"].as_str().unwrap().starts_with("user_"));
    let groups = folder.json(&["group", "list"]);
    assert_eq!(groups[0]["name"], "Anna");
    assert_eq!(groups[0]["members"][0]["role"], "owner");
    let listed = folder.json(&["user", "list"]);
    assert_eq!(listed[0]["name"], "Anna");
}

#[test]
fn a_wrong_name_or_id_is_named_in_the_complaint() {
    let folder = Folder::new();
    folder.add_user("Anna");
    for (arguments, complaint) in [
        (&["user", "add", "Anna"][..], "there is a user Anna already"),
        (&["user", "add", " "], "a name has 1 to"),
        (&["token", "add", "Ben"], "there is no user Ben"),
        (
            &["group", "add", "P", "--owner", "Ben"],
            "there is no user Ben",
        ),
        (
            &["group", "member", "P", "Anna", "--role", "editor"],
            "there is no group P",
        ),
        (
            &["group", "member", "Anna", "Anna", "--role", "reader"],
            "last owner",
        ),
        (&["token", "revoke", "nonsense"], "expected a device id"),
        (
            &["invite", "accept", "inv_1", "Eve"],
            "does not exist, was used, or has expired",
        ),
    ] {
        let said = folder.complaint(arguments);
        assert!(said.contains(complaint), "{arguments:?}: {said}");
    }
    let groups = folder.json(&["group", "list"]);
    let group = groups[0]["id"].as_str().unwrap();
    let said = folder.complaint(&["token", "add", group]);
    assert!(
        said.contains("expected a user id, got a group id"),
        "{said}"
    );
}

#[test]
fn tokens_are_shown_once_and_never_stored() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let token = folder.token("Anna");
    let listed = folder.json(&["token", "list"]).to_string();
    assert!(!listed.contains(&token));
    for name in ["server.sqlite", "server.sqlite-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        let found = bytes
            .windows(token.len())
            .any(|window| window == token.as_bytes());
        assert!(!found, "in {name}");
    }
}

#[tokio::test]
async fn an_invite_makes_one_person_a_member_once() {
    let folder = Folder::new();
    folder.add_user("Anna");
    folder.add_group("Project", "Anna");
    let invite = folder.json(&["invite", "add", "Project", "--role", "reader"]);
    let code = invite["code"].as_str().unwrap();
    let accepted = folder.json(&["invite", "accept", code, "Ben"]);
    let server = folder.start().await;
    let token = accepted["token"].as_str().unwrap();
    let client = Client::open(server.address().port()).await;
    let (_client, welcome) = client.greet(token).await;
    assert_eq!(welcome.user.name, "Ben");
    let names: Vec<_> = welcome
        .groups
        .iter()
        .map(|group| (group.name.as_str(), group.role))
        .collect();
    assert_eq!(names, [("Ben", Role::Owner), ("Project", Role::Reader)]);
    assert!(
        folder
            .complaint(&["invite", "accept", code, "Eve"])
            .contains("was used")
    );
    let expired = folder.json(&["invite", "add", "Project", "--days", "0"]);
    let code = expired["code"].as_str().unwrap();
    assert!(
        folder
            .complaint(&["invite", "accept", code, "Eve"])
            .contains("expired")
    );
    let users = folder.json(&["user", "list"]);
    assert_eq!(
        users.as_array().unwrap().len(),
        2,
        "a failed accept makes nobody"
    );
}

#[tokio::test]
async fn revoking_a_token_closes_its_connections_and_no_others() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let lost = folder.json(&["token", "add", "Anna", "--device", "lost"]);
    let kept = folder.token("Anna");
    let server = folder.start().await;
    let lost_token = lost["token"].as_str().unwrap();
    let mut thief = Client::join(&server, lost_token).await;
    let mut anna = Client::join(&server, &kept).await;
    folder.json(&["token", "revoke", lost["id"].as_str().unwrap()]);
    let answer = thief.hear().await;
    assert!(matches!(
        answer,
        ServerMessage::Refused {
            regarding: Regarding::Connection,
            code: RefusalCode::BadToken,
            ..
        }
    ));
    assert_eq!(thief.hear_or_end().await, None);
    assert_eq!(anna.hear_all().await, []);
}

#[tokio::test]
async fn a_change_of_membership_reaches_open_connections() {
    let folder = Folder::new();
    folder.add_user("Anna");
    folder.add_user("Ben");
    folder.add_group("Project", "Anna");
    let group = folder.group("Project");
    let server = folder.start().await;
    let mut anna = Client::join(&server, &folder.token("Anna")).await;
    let first = batch(group, replica(1), document(1), 1);
    anna.push_and_wait(first).await.unwrap();
    let mut ben = Client::join(&server, &folder.token("Ben")).await;
    folder.member("Project", "Ben", "editor");
    let groups = |message| match message {
        ServerMessage::Groups { groups } => groups.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(groups(ben.hear().await), 2);
    match ben.hear().await {
        ServerMessage::Documents { documents } => assert_eq!(documents[0].document, document(1)),
        other => panic!("{other:?}"),
    }
    let (head, _, _) = ben.catch_up(group, document(1), 0, replica(2)).await;
    assert_eq!(head, Cursor(1));
    ben.hear_all().await;
    folder.json(&["group", "member", "Project", "Ben", "--remove"]);
    // The right to write ends at once, hearing what others write when the server has looked.
    let late = ben.push(batch(group, replica(2), document(1), 1)).await;
    let mut refused = false;
    loop {
        match ben.hear().await {
            ServerMessage::Refused {
                regarding, code, ..
            } => {
                assert_eq!(regarding, Regarding::Batch(late));
                assert_eq!(code, RefusalCode::NotMember);
                refused = true;
            }
            ServerMessage::Groups { groups } => {
                assert_eq!(groups.len(), 1);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    let second = batch(group, replica(1), document(1), 2);
    anna.push_and_wait(second).await.unwrap();
    for message in ben.hear_all().await {
        match message {
            ServerMessage::Refused { .. } => refused = true,
            ServerMessage::Documents { documents } => assert_eq!(documents, []),
            other => panic!("{other:?}"),
        }
    }
    assert!(refused);
}

#[tokio::test]
async fn a_raised_epoch_is_met_by_who_comes_next() {
    let folder = Folder::new();
    folder.add_user("Anna");
    let token = folder.token("Anna");
    let server = folder.start().await;
    assert_eq!(folder.json(&["epoch", "raise"])["epoch"], 2);
    let client = Client::open(server.address().port()).await;
    let (_client, welcome) = client.greet(&token).await;
    assert_eq!(welcome.epoch, 2);
}
