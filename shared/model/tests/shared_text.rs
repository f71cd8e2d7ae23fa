//! Shared text by itself: what is told in messages arrives as it was written.

use tideline_model::strand::{SharedText, TextError};

/// Two people from one text.
fn pair(text: &str) -> (SharedText, SharedText) {
    let mut first = SharedText::new(1);
    first.insert(0, text).expect("the start of a text");
    let second = SharedText::load(2, &first.encode_all()).expect("a whole message");
    (first, second)
}

fn tell(from: &SharedText, to: &mut SharedText) {
    to.apply(&from.encode_since(&to.version()))
        .expect("what was missing");
}

fn exchange(first: &mut SharedText, second: &mut SharedText) {
    tell(first, second);
    tell(second, first);
    assert_eq!(first.text(), second.text());
    assert_eq!(first.version(), second.version());
}

#[test]
fn words_typed_at_one_place_at_the_same_time_do_not_mix() {
    let (mut first, mut second) = pair("()");
    for (number, letter) in ["a", "é", "漢"].into_iter().enumerate() {
        first
            .insert(1 + number as u32, letter)
            .expect("a place in the text");
    }
    // Each in front of the one before.
    for letter in ["z", "y", "🌊"] {
        second.insert(1, letter).expect("a place in the text");
    }
    exchange(&mut first, &mut second);
    assert_eq!(first.text(), "(aé漢🌊yz)");
}

#[test]
fn what_both_deleted_is_deleted_once() {
    let (mut first, mut second) = pair("abcdef");
    first.delete(1, 3).expect("characters that exist");
    for at in [4, 3, 2] {
        second.delete(at, 1).expect("a character that exists");
    }
    second.insert(2, "X").expect("a place in the text");
    exchange(&mut first, &mut second);
    assert_eq!(first.text(), "aXf");
}

#[test]
fn people_who_go_on_through_many_exchanges_agree() {
    let (mut first, mut second) = pair("0123456789");
    for round in 0..200_u32 {
        for step in 0..=round % 7 {
            let at = (round * 31 + step * 17) % (first.len() + 1);
            first.insert(at, "éa").expect("a place in the text");
            if let Some(places) = second.len().checked_sub(2).filter(|&places| places > 0) {
                let at = (round * 13 + step * 5) % places;
                let deleted = second.delete(at, 1 + step % 2);
                deleted.expect("characters that exist");
            }
        }
        match round % 5 {
            0 => tell(&first, &mut second),
            1 => tell(&second, &mut first),
            4 => exchange(&mut first, &mut second),
            _ => {}
        }
    }
    exchange(&mut first, &mut second);
    let loaded = SharedText::load(3, &first.encode_all()).expect("a whole message");
    assert_eq!(loaded.text(), first.text());
    assert_eq!(loaded.version(), first.version());
    let again = SharedText::load(3, &loaded.encode_all()).expect("a whole message");
    assert_eq!(again.text(), first.text());
}

#[test]
fn a_message_may_come_twice_and_in_pieces_that_overlap() {
    let (mut first, mut second) = pair("ab");
    let start = first.version();
    for at in 2..40 {
        first.insert(at, "x").expect("the end of the text");
    }
    let middle = first.encode_since(&start);
    for at in (30..40).rev() {
        first.delete(at, 1).expect("a character that exists");
    }
    let all = first.encode_since(&start);
    for message in [&middle, &middle, &all, &middle] {
        second.apply(message).expect("what may come again");
    }
    assert_eq!(second.text(), first.text());
    assert_eq!(second.version(), first.version());
}

#[test]
fn a_message_waits_for_those_it_builds_on() {
    let mut first = SharedText::new(1);
    first.insert(0, "a").expect("the start of a text");
    let version = first.version();
    first.insert(1, "b").expect("the end of the text");
    let late = first.encode_since(&version);
    let mut second = SharedText::new(2);
    let refused = second.apply(&late);
    assert_eq!(refused, Err(TextError::Missing { replica: 1, seq: 1 }));
    assert!(second.is_empty());
    second.apply(&first.encode_all()).expect("a whole message");
    assert_eq!(second.text(), "ab");
}

#[test]
fn edits_behind_the_end_are_refused() {
    let mut text = SharedText::new(1);
    text.insert(0, "ab").expect("the start of a text");
    let behind = Err(TextError::BehindEnd { at: 3, len: 2 });
    assert_eq!(text.insert(3, "x"), behind);
    assert_eq!(text.delete(1, 2), behind);
    assert_eq!(text.text(), "ab");
}

#[test]
fn damaged_messages_are_refused_or_read_and_never_panic() {
    let (mut first, mut second) = pair("a text of some length");
    second.delete(2, 4).expect("characters that exist");
    first.insert(6, " 漢字").expect("a place in the text");
    exchange(&mut first, &mut second);
    let version = first.version();
    first.insert(3, "more").expect("a place in the text");
    first.delete(0, 2).expect("characters that exist");
    let (start, end) = (second.encode_all(), first.encode_since(&version));
    for place in 0..end.len() {
        for bits in [0x01, 0x02, 0x10, 0x80, 0xFF] {
            let mut damaged = end.clone();
            damaged[place] ^= bits;
            let mut text = SharedText::load(3, &start).expect("a whole message");
            let before = text.text();
            match text.apply(&damaged) {
                Ok(()) | Err(TextError::BehindEnd { .. }) => {}
                Err(_) => assert_eq!(text.text(), before),
            }
            text.insert(0, "still works")
                .expect("the start of the text");
            let copy = SharedText::load(4, &text.encode_all()).expect("a whole message");
            assert_eq!(copy.text(), text.text());
        }
    }
    for length in 0..end.len() {
        let mut text = SharedText::load(3, &start).expect("a whole message");
        assert!(text.apply(&end[..length]).is_err());
    }
}
