//! Frames that nobody meant to send: refused, never a panic.

use proptest::collection::vec;
use proptest::prelude::*;
use tideline_model::{DocumentId, GroupId, ReplicaId};
use tideline_wire::limits::{FRAME_BYTES_MAX, NAME_BYTES_MAX, PRESENCE_BYTES_MAX};
use tideline_wire::message::{common_protocol, hello_versions};
use tideline_wire::{
    BatchId, ClientMessage, Cursor, FrameError, Hello, PayloadKind, SealedBatch, ServerMessage,
};
use uuid::Uuid;

const GROUP: GroupId = GroupId(Uuid::from_u128(1));
const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(2));

fn batch(payload: Vec<u8>) -> SealedBatch {
    SealedBatch {
        group: GROUP,
        document: DOCUMENT,
        replica: ReplicaId(Uuid::from_u128(3)),
        first_seq: 1,
        count: 1,
        last_lamport: 1,
        payload_kind: PayloadKind::PLAIN,
        key: None,
        payload,
    }
}

fn events(payload: Vec<u8>) -> ServerMessage {
    ServerMessage::Events {
        document: DOCUMENT,
        batches: vec![(Cursor(1), batch(payload))],
        head: Cursor(1),
    }
}

fn hello(device: String) -> ClientMessage {
    ClientMessage::Hello(Hello {
        protocol_min: 1,
        protocol_max: 3,
        token: "t".into(),
        device,
        epoch_seen: 0,
    })
}

proptest! {
    #[test]
    fn noise_is_refused_or_understood(frame in vec(any::<u8>(), 0..200)) {
        let _ = ClientMessage::from_frame(&frame);
        let _ = ServerMessage::from_frame(&frame);
        let _ = hello_versions(&frame);
    }

    #[test]
    fn what_survives_damage_can_be_sent_again(
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        payload in vec(any::<u8>(), 0..60),
    ) {
        let push = ClientMessage::Push { batch_id: BatchId(1), batch: batch(payload.clone()) };
        for mut frame in [push.to_frame(), events(payload).to_frame()].map(Result::unwrap) {
            for (index, mask) in &flips {
                let at = index.index(frame.len());
                frame[at] ^= mask;
            }
            if let Ok(message) = ClientMessage::from_frame(&frame) {
                prop_assert!(message.to_frame().is_ok());
            }
            if let Ok(message) = ServerMessage::from_frame(&frame) {
                prop_assert!(message.to_frame().is_ok());
            }
        }
    }
}

#[test]
fn what_is_out_of_bounds_is_neither_sent_nor_accepted() {
    let long = hello("d".repeat(NAME_BYTES_MAX + 1));
    assert!(matches!(
        long.to_frame(),
        Err(FrameError::OutOfBounds {
            what: "device name",
            ..
        })
    ));
    let large = ClientMessage::Presence {
        group: GROUP,
        document: DOCUMENT,
        bytes: vec![0; PRESENCE_BYTES_MAX + 1],
    };
    assert!(matches!(
        large.to_frame(),
        Err(FrameError::OutOfBounds { .. })
    ));
    let frame = vec![6; FRAME_BYTES_MAX + 1];
    assert!(matches!(
        ServerMessage::from_frame(&frame),
        Err(FrameError::TooLarge { .. })
    ));
}

#[test]
fn nothing_may_follow_a_message() {
    let mut frame = ClientMessage::Ping.to_frame().unwrap();
    frame.push(0);
    assert_eq!(
        ClientMessage::from_frame(&frame),
        Err(FrameError::LeftOver { left: 1 })
    );
}

#[test]
fn the_versions_of_a_hello_from_the_future_are_understood() {
    let mut frame = hello("d".into()).to_frame().unwrap();
    frame.extend_from_slice(b"what a later version added");
    assert!(ClientMessage::from_frame(&frame).is_err());
    assert_eq!(hello_versions(&frame), Some((1, 3)));
    assert_eq!(common_protocol(1, 3), Some(2));
    assert_eq!(common_protocol(1, 1), Some(1));
    assert_eq!(common_protocol(3, 3), None);
}

#[test]
fn a_token_does_not_show_in_a_log() {
    let hello = ClientMessage::Hello(Hello {
        protocol_min: 1,
        protocol_max: 1,
        token: "secret".into(),
        device: "d".into(),
        epoch_seen: 0,
    });
    assert!(!format!("{hello:?}").contains("secret"));
}
