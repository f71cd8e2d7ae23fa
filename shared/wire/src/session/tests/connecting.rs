//! Connecting, waiting, giving up.

use proptest::prelude::*;

use super::*;

#[test]
fn a_session_connects_says_hello_and_subscribes_to_what_it_follows() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.follow(document(1), 12),
        [Output::Status(Status::Connecting), Output::Connect]
    );
    let hello = sent(&bench.give(Input::Connected));
    assert!(matches!(&hello[..], [ClientMessage::Hello(hello)] if hello.token == "secret"));
    let outputs = bench.hear(&welcome(1));
    assert!(outputs.contains(&Output::Status(Status::Online)));
    assert_eq!(subscriptions(&outputs), [(document(1), 12)]);
}

#[test]
fn a_refused_token_is_final_until_the_user_acts() {
    let mut bench = Bench::new();
    bench.give(Input::Tick);
    bench.give(Input::Connected);
    let outputs = bench.hear(&refused(Regarding::Connection, RefusalCode::BadToken, None));
    assert!(matches!(
        &outputs[..],
        [
            Output::Status(Status::Refused {
                code: RefusalCode::BadToken,
                ..
            }),
            Output::Disconnect { .. }
        ]
    ));
    bench.drop_connection(0.0);
    assert_eq!(bench.session.next_wake_ms(), None);
    assert_eq!(bench.later(1_000_000), []);
    assert!(bench.give(Input::Retry).contains(&Output::Connect));
}

#[test]
fn waiting_doubles_up_to_a_minute_and_starts_anew_after_a_lasting_connection() {
    let mut bench = Bench::new();
    let mut waits = Vec::new();
    bench.give(Input::Tick);
    for _ in 0..10 {
        let retry_at_ms = retry_at(&bench.drop_connection(1.0)).unwrap();
        waits.push(retry_at_ms - bench.now_ms);
        bench.now_ms = retry_at_ms;
        bench.give(Input::Tick);
    }
    assert_eq!(waits[..4], [500, 1_000, 2_000, 4_000]);
    assert_eq!(waits[9], BACKOFF_MS_MAX);
    bench.give(Input::Connected);
    bench.hear(&welcome(1));
    bench.now_ms += STABLE_CONNECTION_MS;
    let retry_at_ms = retry_at(&bench.drop_connection(0.0)).unwrap();
    assert_eq!(retry_at_ms - bench.now_ms, 250);
}

#[test]
fn a_server_that_is_busy_says_how_long_to_wait() {
    let mut bench = Bench::new();
    bench.give(Input::Tick);
    bench.give(Input::Connected);
    let busy = refused(Regarding::Connection, RefusalCode::Busy, Some(30_000));
    assert!(gives_up(&bench.hear(&busy)));
    let retry_at_ms = retry_at(&bench.drop_connection(0.0)).unwrap();
    assert_eq!(retry_at_ms - bench.now_ms, 30_000);
}

#[test]
fn silence_is_broken_by_a_ping_and_taken_for_death_after_a_minute() {
    let mut bench = Bench::online();
    assert_eq!(sent(&bench.later(PING_MS)), [ClientMessage::Ping]);
    bench.hear(&ServerMessage::Pong);
    assert!(!gives_up(&bench.later(DEAD_MS - 1)));
    assert!(gives_up(&bench.later(1)));
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let mut bench = Bench::new();
    bench.give(Input::Tick);
    assert!(gives_up(&bench.later(CONNECT_MS)));
    bench.drop_connection(0.0);
    bench.now_ms += BACKOFF_MS_MAX;
    bench.give(Input::Tick);
    bench.give(Input::Connected);
    assert!(gives_up(&bench.later(AUTHENTICATION_MS)));
}

#[test]
fn an_outdated_server_is_not_written_to() {
    let mut bench = Bench::with_epoch(3);
    bench.follow(document(1), 5);
    let outputs = bench.greet(2);
    assert!(outputs.contains(&Output::Alarm(Alarm::StaleServer { epoch: 2, seen: 3 })));
    assert!(gives_up(&outputs));
    assert_eq!(subscriptions(&outputs), []);
}

proptest! {
    #[test]
    fn noise_from_the_server_ends_the_connection_at_worst(frames in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 0..60), 1..20)
    ) {
        let mut bench = Bench::online();
        for frame in frames {
            bench.give(Input::Frame(frame));
        }
        bench.drop_connection(0.0);
        let waiting = matches!(bench.session.next_wake_ms(), Some(at) if at > bench.now_ms);
        prop_assert!(waiting || bench.session.next_wake_ms().is_none());
    }
}
