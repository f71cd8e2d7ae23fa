//! Batches on their way to the server.

use super::*;

#[test]
fn nothing_is_pushed_before_the_server_has_said_what_it_has() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    assert_eq!(pushes(&bench.give(Input::Durable(own(1)))), []);
    let outputs = bench.hear(&subscribed(0, 0));
    assert!(outputs.contains(&Output::ServerHas {
        document: document(1),
        replica: REPLICA,
        replica_seq: 0
    }));
    assert_eq!(loads(&outputs), [(None, OUTBOX_BATCHES_PER_DOCUMENT_MAX)]);
    assert_eq!(pushes(&bench.load(vec![own(1)])), [(1, 1)]);
}

#[test]
fn a_durable_batch_is_pushed_at_once_and_its_acknowledgement_moves_the_cursor() {
    let mut bench = Bench::online();
    assert_eq!(pushes(&bench.give(Input::Durable(own(1)))), [(1, 1)]);
    let outputs = bench.hear(&ack(1, 1));
    assert_eq!(
        outputs,
        [Output::Acked {
            document: document(1),
            replica: REPLICA,
            last_seq: 1,
            cursor: Cursor(1)
        }]
    );
}

#[test]
fn only_so_many_batches_of_a_document_are_on_their_way() {
    let mut bench = Bench::online();
    let mut first = Vec::new();
    for seq in 1..=20 {
        first.extend(pushes(&bench.give(Input::Durable(own(seq)))));
    }
    assert_eq!(first.len(), BATCHES_IN_FLIGHT_PER_DOCUMENT_MAX);
    assert_eq!(pushes(&bench.hear(&ack(1, 1))), [(9, 9)]);
}

#[test]
fn many_documents_share_the_way_in_turn() {
    let mut bench = Bench::new();
    bench.greet(1);
    let four = |document| {
        let batches = (1..=4).map(|seq| batch_of(REPLICA, document, seq));
        let batches = batches.collect();
        Input::Outbox { document, batches }
    };
    let mut pushed = 0;
    for document in (1..=20).map(document) {
        bench.follow(document, 0);
        let asked = loads(&bench.hear(&ServerMessage::Subscribed {
            document,
            head: Cursor(0),
            replica_seq: 0,
        }));
        if !asked.is_empty() {
            pushed += pushes(&bench.give(four(document))).len();
        }
    }
    assert_eq!(pushed, BATCHES_IN_FLIGHT_MAX);
    let outputs = bench.hear(&ack(1, 1));
    assert!(
        matches!(outputs[..], [_, Output::LoadOutbox { document: next, .. }, ..] if next == document(9)),
        "{outputs:?}"
    );
    assert_eq!(pushes(&bench.give(four(document(9)))), [(33, 1)]);
}

#[test]
fn a_long_outbox_is_read_from_disk_in_stretches() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    let full = OUTBOX_BATCHES_PER_DOCUMENT_MAX as u64;
    bench.hear(&subscribed(0, 0));
    bench.load((1..=full).map(own).collect());
    let asked: Vec<_> = (1..=full / 2)
        .flat_map(|seq| loads(&bench.hear(&ack(seq, seq))))
        .collect();
    assert_eq!(asked, [(Some(full), OUTBOX_BATCHES_PER_DOCUMENT_MAX / 2)]);
}

#[test]
fn a_batch_that_becomes_durable_while_the_disk_is_read_is_not_forgotten() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    bench.hear(&subscribed(0, 0));
    assert_eq!(pushes(&bench.give(Input::Durable(own(2)))), []);
    let outputs = bench.load(vec![own(1)]);
    assert_eq!(pushes(&outputs), [(1, 1)]);
    assert_eq!(loads(&outputs).len(), 1, "it must ask again");
    assert_eq!(pushes(&bench.load(vec![own(2)])), [(2, 2)]);
}

#[test]
fn the_answer_to_a_question_of_an_earlier_connection_is_ignored() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    bench.hear(&subscribed(0, 0));
    bench.drop_connection(0.0);
    bench.now_ms += BACKOFF_MS_MAX;
    bench.greet(1);
    bench.hear(&subscribed(0, 0));
    let outputs = bench.load(vec![own(1)]);
    assert_eq!(pushes(&outputs), []);
    assert_eq!(loads(&outputs), [(None, OUTBOX_BATCHES_PER_DOCUMENT_MAX)]);
    assert_eq!(pushes(&bench.load(vec![own(1)])), [(1, 1)]);
}

#[test]
fn what_was_not_acknowledged_is_sent_again_after_a_reconnect() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    bench.give(Input::Durable(own(2)));
    bench.hear(&ack(1, 1));
    bench.drop_connection(0.5);
    bench.now_ms += BACKOFF_MS_MAX;
    let outputs = bench.greet(1);
    assert_eq!(subscriptions(&outputs), [(document(1), 1)]);
    bench.hear(&subscribed(1, 1));
    assert_eq!(pushes(&bench.load(vec![own(2)])), [(3, 2)]);
}

#[test]
fn a_full_disk_on_the_server_holds_the_document_and_keeps_the_order() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    bench.give(Input::Durable(own(2)));
    let full = |id| {
        refused(
            Regarding::Batch(BatchId(id)),
            RefusalCode::Storage,
            Some(5_000),
        )
    };
    let outputs = bench.hear(&full(1));
    let retry_at_ms = Some(bench.now_ms + 5_000);
    assert!(
        matches!(&outputs[..], [Output::Blocked { retry_at_ms: at, .. }] if *at == retry_at_ms)
    );
    let gap = RefusalCode::Gap { expected_seq: 1 };
    assert_eq!(
        bench.hear(&refused(Regarding::Batch(BatchId(2)), gap, None)),
        []
    );
    assert_eq!(bench.session.next_wake_ms(), retry_at_ms);
    assert_eq!(pushes(&bench.later(4_999)), []);
    assert_eq!(pushes(&bench.later(1)), [(3, 1), (4, 2)]);
}

#[test]
fn a_server_that_lacks_something_is_given_it_from_disk_but_is_not_argued_with() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(5)));
    let gap = |id| {
        let code = RefusalCode::Gap { expected_seq: 3 };
        refused(Regarding::Batch(BatchId(id)), code, None)
    };
    let outputs = bench.hear(&gap(1));
    assert!(matches!(
        outputs[0],
        Output::ServerHas { replica_seq: 2, .. }
    ));
    assert_eq!(loads(&outputs), [(None, OUTBOX_BATCHES_PER_DOCUMENT_MAX)]);
    assert_eq!(pushes(&bench.load(vec![own(5)])), [(2, 5)]);
    let outputs = bench.hear(&gap(2));
    assert!(matches!(
        outputs[..],
        [Output::Blocked {
            retry_at_ms: None,
            ..
        }]
    ));
    assert_eq!(pushes(&bench.give(Input::Durable(own(6)))), []);
}

#[test]
fn other_bytes_under_the_same_sequence_raise_an_alarm_and_stop_the_document() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    let conflict = refused(Regarding::Batch(BatchId(1)), RefusalCode::Conflict, None);
    let outputs = bench.hear(&conflict);
    assert!(matches!(
        outputs[..],
        [
            Output::Alarm(Alarm::Conflict { .. }),
            Output::Blocked {
                retry_at_ms: None,
                ..
            }
        ]
    ));
    assert_eq!(pushes(&bench.later(1_000)), []);
    assert_eq!(
        delivered(&bench.hear(&events(1..=1))),
        [1],
        "reading goes on"
    );
}
