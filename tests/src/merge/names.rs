//! Short names for replicas and lines, and letters of which each is used once.

use tideline_model::{LineId, ReplicaId, UserId};
use uuid::Uuid;

pub const REPLICAS: [&str; 5] = ["a", "b", "c", "d", "e"];

pub fn replica(index: usize) -> ReplicaId {
    ReplicaId(Uuid::from_u128(index as u128 + 1))
}

pub fn user(index: usize) -> UserId {
    UserId(Uuid::from_u128(index as u128 + 1))
}

/// `a3` is the third line that replica `a` made.
pub fn line(id: LineId) -> String {
    if id == LineId::ROOT {
        return "root".to_owned();
    }
    let index = id.replica.0.as_u128().wrapping_sub(1);
    let replica = usize::try_from(index)
        .ok()
        .and_then(|index| REPLICAS.get(index));
    format!("{}{}", replica.unwrap_or(&"?"), id.number)
}

/// A letter of its own for each number: first easy ones, then also some outside the basic plane.
///
/// # Panics
/// When a history types more than 40,000 characters.
pub fn letter(number: u32) -> char {
    if let Some(easy) = ('a'..='z').chain('A'..='Z').nth(number as usize) {
        return easy;
    }
    assert!(number < 40_000, "no letters left");
    let basic = number < 20_000 && !number.is_multiple_of(5);
    let plane = if basic { 0x4E00 } else { 0x2_0000 };
    char::from_u32(plane + number).expect("both planes are assigned there")
}

/// The number of such a letter.
pub fn letter_number(letter: char) -> Option<u32> {
    let code = u32::from(letter);
    match letter {
        'a'..='z' => Some(code - u32::from('a')),
        'A'..='Z' => Some(26 + code - u32::from('A')),
        '\u{20000}'.. => Some(code - 0x2_0000),
        '\u{4E00}'.. => Some(code - 0x4E00),
        _ => None,
    }
}

/// Numbers that are spread well and follow from a seed: luck that can be replayed.
#[derive(Debug, Clone)]
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `limit`, which must not be 0. (`SplitMix64`: Steele, Lea & Flood 2014.)
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    pub fn one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }
}
