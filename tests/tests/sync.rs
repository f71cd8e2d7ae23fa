//! Replicas and a real server over real sockets and real files: what one writes, the other shows, and
//! after any time apart both are the same.

#[path = "sync/person.rs"]
mod person;

use std::net::SocketAddr;
use std::path::Path;

use person::Person;
use tempfile::TempDir;
use tideline_client::protocol::{EditIntent, ServerAddress, ServerStatus};
use tideline_model::{Change, Document};
use tideline_server::cli::{Command, TokenCommand};
use tideline_server::{DatabaseOptions, Server, ServerOptions, admin, database};
use tideline_store::Replica;

/// A server's data folder, and where it listens while it runs.
struct Host {
    folder: TempDir,
    address: SocketAddr,
    running: Option<Server>,
}

impl Host {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(ServerOptions::local(folder.path()))
            .await
            .expect("it starts");
        Self {
            folder,
            address: server.address(),
            running: Some(server),
        }
    }

    async fn stop(&mut self) {
        if let Some(server) = self.running.take() {
            server.stop().await;
        }
    }

    /// At the same address as before.
    async fn start_again(&mut self) {
        let options = ServerOptions {
            listen: self.address,
            ..ServerOptions::local(self.folder.path())
        };
        self.running = Some(Server::start(options).await.expect("it starts again"));
    }

    /// The server's address with a new token of the user that its first start made.
    fn invitation(&self, device: &str) -> ServerAddress {
        let options = DatabaseOptions::in_folder(self.folder.path());
        let mut connection = database::open_or_create(&options).expect("the database");
        let command = TokenCommand::Add {
            user: "me".to_owned(),
            device: device.to_owned(),
        };
        let answer = admin::carry_out(&mut connection, &Command::Token(command)).expect("a token");
        let token = answer.json["token"].as_str().expect("a text").to_owned();
        ServerAddress {
            url: format!("ws://{}", self.address),
            token,
        }
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

async fn connected(folder: &Path, host: &Host, device: &str) -> Person {
    let mut person = Person::at(folder).await;
    person.connect(&host.invitation(device));
    person.until("is connected", Person::is_synced).await;
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_types_the_other_shows() {
    let mut host = Host::start().await;
    let (one, two) = (folder(), folder());
    let mut anna = connected(one.path(), &host, "desk").await;
    let mut bert = connected(two.path(), &host, "laptop").await;

    anna.create("Plan", &["first", "second"]).await;
    bert.open("Plan").await;
    bert.until("shows both lines", |bert| {
        bert.texts() == ["first", "second"]
    })
    .await;
    let second = bert.line("second");
    bert.type_text(&second, 6, " thoughts");
    anna.until("shows what Bert typed", |anna| {
        anna.texts() == ["first", "second thoughts"]
    })
    .await;

    anna.until("is synced", Person::is_synced).await;
    bert.until("is synced", Person::is_synced).await;
    assert_eq!(anna.verified_hash("Plan"), bert.verified_hash("Plan"));
    anna.leave();
    bert.leave();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_editing_the_same_lines_offline_both_show_the_same() {
    let mut host = Host::start().await;
    let (one, two) = (folder(), folder());
    let mut anna = connected(one.path(), &host, "desk").await;
    let mut bert = connected(two.path(), &host, "laptop").await;
    anna.create("Plan", &["parent", "child", "onetwo", "last"])
        .await;
    let (parent, child, line) = (anna.line("parent"), anna.line("child"), anna.line("onetwo"));
    let lines = vec![child.clone(), line.clone()];
    anna.edit(vec![EditIntent::Move {
        lines,
        parent: parent.clone(),
        after: None,
    }]);
    bert.open("Plan").await;
    let tree = ["parent", "  child", "  onetwo", "last"];
    bert.until("shows the tree", |bert| bert.texts() == tree)
        .await;
    anna.until("is synced", Person::is_synced).await;

    host.stop().await;
    anna.until("is offline", Person::is_offline).await;
    bert.until("is offline", Person::is_offline).await;

    let new_line = anna.new_line();
    let split = EditIntent::Split {
        line: line.clone(),
        at: 3,
        new_line,
        kind: "text".to_owned(),
    };
    anna.edit(vec![split]);
    anna.type_text(&line, 0, "Anna: ");
    anna.edit(vec![EditIntent::Delete {
        lines: vec![parent],
    }]);
    bert.type_text(&line, 6, " (Bert)");
    let last = bert.line("last");
    bert.edit(vec![EditIntent::Move {
        lines: vec![line],
        parent: last,
        after: None,
    }]);

    host.start_again().await;
    anna.until("shows Bert's words", |anna| {
        anna.texts().join("\n").contains("(Bert)")
    })
    .await;
    bert.until("shows Anna's words", |bert| {
        bert.texts().join("\n").contains("Anna: ")
    })
    .await;
    anna.until("is synced", Person::is_synced).await;
    bert.until("is synced", Person::is_synced).await;
    assert_eq!(anna.texts(), bert.texts());
    assert_eq!(anna.verified_hash("Plan"), bert.verified_hash("Plan"));
    let text = anna.texts().join("\n");
    assert!(
        text.contains("two (Bert)"),
        "typed behind the split, so in the new line: {text}"
    );
    anna.leave();
    bert.leave();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_offline_reaches_the_server_after_a_restart_of_the_program() {
    let mut host = Host::start().await;
    let (one, two) = (folder(), folder());
    let invitation = host.invitation("desk");
    host.stop().await;

    let mut anna = Person::at(one.path()).await;
    anna.connect(&invitation);
    anna.create("Diary", &["written on a train"]).await;
    anna.leave();

    host.start_again().await;
    let mut anna = Person::at(one.path()).await;
    anna.until("is synced", Person::is_synced).await;
    let mut bert = connected(two.path(), &host, "laptop").await;
    bert.open("Diary").await;
    bert.until("shows the diary", |bert| {
        bert.texts() == ["written on a train"]
    })
    .await;
    assert!(bert.document("Diary").is_some());
    anna.leave();
    bert.leave();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_said_and_editing_goes_on() {
    let mut host = Host::start().await;
    let one = folder();
    let mut anna = Person::at(one.path()).await;
    let server = ServerAddress {
        url: format!("ws://{}", host.address),
        token: "wrong".to_owned(),
    };
    anna.connect(&server);
    anna.until("is refused", |anna| {
        let status = anna.status.as_ref();
        status.is_some_and(|status| matches!(status.server, ServerStatus::Refused { .. }))
    })
    .await;
    anna.create("Local", &["still works"]).await;
    anna.until("is on disk", |anna| {
        anna.status
            .as_ref()
            .is_some_and(|status| status.pending_disk == 0)
    })
    .await;
    anna.leave();
    host.stop().await;
}

/// More actions than the core keeps at hand.
const MANY_ACTIONS: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_undone_after_a_restart_and_done_again() {
    let folder = TempDir::new().expect("a folder");
    let mut person = Person::at(folder.path()).await;
    person.create("Notes", &["one", "two"]).await;
    let before = ["one", "two"];
    person
        .until("shows both lines", |person| person.texts() == before)
        .await;
    let line = person.line("two");
    for count in 0..MANY_ACTIONS {
        let kind = if count % 2 == 0 { "todo" } else { "text" };
        person.edit(vec![EditIntent::SetKind {
            lines: vec![line.clone()],
            kind: kind.to_owned(),
        }]);
    }
    person.type_text(&line, 3, " three");
    let typed = vec!["one".to_owned(), "two three".to_owned()];
    person
        .until("shows the word", |person| person.texts() == typed)
        .await;
    person.leave();

    let mut person = Person::at(folder.path()).await;
    person.open("Notes").await;
    person.undo();
    person
        .until("has undone the word", |person| person.texts() == before)
        .await;
    for _ in 0..MANY_ACTIONS {
        person.undo();
    }
    person.undo();
    person
        .until("is back where it began", |person| {
            person.texts() == ["one", ""]
        })
        .await;
    person.leave();

    let mut person = Person::at(folder.path()).await;
    person.open("Notes").await;
    for _ in 0..MANY_ACTIONS + 2 {
        person.redo();
    }
    person
        .until("has done everything again", |person| {
            person.texts() == typed
        })
        .await;
    person.verified_hash("Notes");
    person.leave();
}

/// Makes the saved form of a document one that somebody made who reads `from` as `to`; its events
/// stay as they are.
fn plant_in_saved_form(folder: &Path, title: &str, from: &str, to: &str) {
    let replica = Replica::open_existing(folder).expect("the replica");
    let reader = replica.reader().expect("a reader");
    for group in reader.groups().expect("the groups") {
        let scope = reader.scope(group.id);
        let rows = scope.documents().expect("the documents").into_iter();
        for row in rows.filter(|row| row.title == title) {
            let mut events = scope.events(row.id).expect("its events");
            let changes = events.iter_mut().flat_map(|event| &mut event.changes);
            for change in changes {
                if let Change::EditText { insert, .. } = change {
                    *insert = insert.replace(from, to);
                }
            }
            let wrong = Document::replay(row.id, &events).expect("they fit");
            reader.keep_saved(&wrong, b"").expect("room on the disk");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_shows_a_line_wrongly_is_told_so_by_the_other_and_puts_it_right() {
    let mut host = Host::start().await;
    let (one, two) = (folder(), folder());
    let mut anna = connected(one.path(), &host, "desk").await;
    let mut bert = connected(two.path(), &host, "laptop").await;
    let right = ["first", "second", "third"];
    anna.create("Plan", &right).await;
    bert.open("Plan").await;
    bert.until("shows all lines", |bert| bert.texts() == right)
        .await;
    bert.until("is synced", Person::is_synced).await;
    bert.leave();
    plant_in_saved_form(two.path(), "Plan", "second", "sekond");
    let mut bert = Person::at(two.path()).await;
    bert.open("Plan").await;
    // The first rows come from the store's own table of lines; the planted form shows when it is read.
    bert.until("shows what was planted", |bert| {
        bert.texts() == ["first", "sekond", "third"]
    })
    .await;
    bert.until("is synced", Person::is_synced).await;

    let first = anna.line("first");
    anna.type_text(&first, 5, "!");
    bert.until("is put right", |bert| {
        bert.texts() == ["first!", "second", "third"]
    })
    .await;
    bert.until("has been told", |bert| {
        bert.has_notice(&["“second”", "worked out again", "Nothing is lost"])
    })
    .await;
    anna.until("has been told which line", |anna| {
        anna.has_notice(&["“second”", "another machine", "Nothing is lost"])
    })
    .await;
    bert.leave();
    let mut bert = Person::at(two.path()).await;
    bert.open("Plan").await;
    assert_eq!(bert.texts(), ["first!", "second", "third"]);
    assert_eq!(anna.verified_hash("Plan"), bert.verified_hash("Plan"));
    anna.leave();
    bert.leave();
    host.stop().await;
}
