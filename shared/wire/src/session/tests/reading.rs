//! What comes from the server, and what others see.

use super::*;

#[test]
fn an_acknowledgement_ahead_of_missing_batches_leaves_the_cursor_where_it_is() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    let outputs = bench.hear(&ack(1, 3));
    assert!(matches!(
        outputs[..],
        [Output::Acked {
            cursor: Cursor(0),
            ..
        }]
    ));
    assert_eq!(delivered(&bench.hear(&events(1..=3))), [1, 2, 3]);
}

#[test]
fn batches_are_delivered_once_and_in_order() {
    let mut bench = Bench::online();
    assert_eq!(delivered(&bench.hear(&events(1..=2))), [1, 2]);
    assert_eq!(delivered(&bench.hear(&events(1..=4))), [3, 4]);
    let outputs = bench.hear(&events(6..=6));
    assert!(gives_up(&outputs), "a gap is the server's fault");
    assert_eq!(delivered(&outputs), []);
}

#[test]
fn a_batch_of_another_document_is_not_let_in() {
    let mut bench = Bench::online();
    let outputs = bench.hear(&ServerMessage::Events {
        document: document(1),
        batches: vec![(Cursor(1), batch_of(OTHER, document(2), 1))],
        head: Cursor(1),
    });
    assert!(gives_up(&outputs));
    assert_eq!(delivered(&outputs), []);
}

#[test]
fn who_was_too_slow_asks_again_and_ignores_what_was_under_way() {
    let mut bench = Bench::online();
    bench.hear(&events(1..=2));
    let outputs = bench.hear(&ServerMessage::CatchUp {
        document: document(1),
        cursor: Cursor(2),
    });
    assert_eq!(subscriptions(&outputs), [(document(1), 2)]);
    assert_eq!(bench.hear(&events(7..=7)), []);
    bench.hear(&subscribed(7, 0));
    assert_eq!(delivered(&bench.hear(&events(3..=7))), [3, 4, 5, 6, 7]);
}

#[test]
fn a_new_epoch_reads_everything_again() {
    let mut bench = Bench::with_epoch(3);
    bench.follow(document(1), 5);
    let outputs = bench.greet(4);
    assert!(outputs.contains(&Output::EpochChanged { epoch: 4 }));
    assert_eq!(subscriptions(&outputs), [(document(1), 0)]);
}

#[test]
fn a_server_that_lost_batches_is_read_from_its_start() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 5);
    let outputs = bench.hear(&subscribed(2, 0));
    assert!(matches!(
        outputs[0],
        Output::Alarm(Alarm::ServerLostBatches {
            received: Cursor(5),
            head: Cursor(2),
            ..
        })
    ));
    assert_eq!(subscriptions(&outputs), [(document(1), 0)]);
}

#[test]
fn presence_is_sent_not_more_often_than_people_can_see_and_the_latest_counts() {
    let mut bench = Bench::online();
    let presence = |outputs: &[Output]| -> Vec<Vec<u8>> {
        let messages = sent(outputs).into_iter();
        let bytes = messages.filter_map(|message| match message {
            ClientMessage::Presence { bytes, .. } => Some(bytes),
            _ => None,
        });
        bytes.collect()
    };
    let at = |bench: &mut Bench, byte| {
        bench.give(Input::Presence {
            document: document(1),
            bytes: vec![byte],
        })
    };
    assert_eq!(presence(&at(&mut bench, 1)), [[1]]);
    assert!(presence(&at(&mut bench, 2)).is_empty());
    assert!(presence(&at(&mut bench, 3)).is_empty());
    let wake_ms = bench.session.next_wake_ms();
    assert_eq!(wake_ms, Some(bench.now_ms + PRESENCE_INTERVAL_MS));
    assert_eq!(presence(&bench.later(PRESENCE_INTERVAL_MS)), [[3]]);
    assert!(presence(&bench.later(PRESENCE_INTERVAL_MS)).is_empty());
}

#[test]
fn a_document_that_is_no_longer_followed_is_left_alone() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    let document = document(1);
    let outputs = bench.give(Input::Unsubscribe { document });
    assert!(matches!(
        sent(&outputs)[..],
        [ClientMessage::Unsubscribe { .. }]
    ));
    assert_eq!(bench.hear(&events(1..=1)), []);
    assert_eq!(bench.hear(&ack(1, 2)), []);
}

#[test]
fn a_group_that_is_left_and_joined_again_takes_its_documents_along() {
    let groups = |role: Option<Role>| {
        let name = "g".into();
        let group = role.map(|role| GroupInfo {
            id: GROUP,
            name,
            role,
        });
        ServerMessage::Groups {
            groups: group.into_iter().collect(),
        }
    };
    let mut bench = Bench::online();
    bench.hear(&events(1..=2));
    let outputs = bench.hear(&groups(None));
    assert!(matches!(
        outputs[0],
        Output::Blocked {
            code: RefusalCode::NotMember,
            ..
        }
    ));
    assert_eq!(pushes(&bench.give(Input::Durable(own(1)))), []);
    let outputs = bench.hear(&groups(Some(Role::Reader)));
    assert_eq!(subscriptions(&outputs), [(document(1), 2)]);
    bench.hear(&subscribed(2, 0));
    assert_eq!(pushes(&bench.load(vec![own(1)])), [(1, 1)]);
    let read_only = refused(Regarding::Batch(BatchId(1)), RefusalCode::ReadOnly, None);
    bench.hear(&read_only);
    assert_eq!(pushes(&bench.later(1_000)), []);
    assert_eq!(pushes(&bench.hear(&groups(Some(Role::Editor)))), [(2, 1)]);
}
