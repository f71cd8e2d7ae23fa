//! Counting characters: Unicode scalar values, which all positions and offsets count.

/// Bytes that are looked at together. A line may have millions of characters.
const BLOCK: usize = 256;

/// # Panics
/// When a text is longer than positions can count.
pub(crate) fn char_count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).expect("a text of more than u32::MAX characters")
}

/// Where the character number `at` starts; the end of the text for any behind it.
pub(crate) fn byte_offset(text: &str, at: u32) -> usize {
    let mut left = at as usize;
    let mut passed = 0;
    for block in text.as_bytes().chunks_exact(BLOCK) {
        let starts = block.iter().filter(|&&byte| is_start(byte)).count();
        if starts > left {
            break;
        }
        left -= starts;
        passed += BLOCK;
    }
    let starts = text.as_bytes()[passed..].iter().enumerate();
    let mut starts = starts.filter(|&(_, &byte)| is_start(byte));
    starts
        .nth(left)
        .map_or(text.len(), |(place, _)| passed + place)
}

/// Every byte of a character but the first is `10xx_xxxx`.
fn is_start(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_characters_however_long_they_are() {
        let text = "aé漢🌊".repeat(200);
        for (number, (place, _)) in text.char_indices().enumerate() {
            assert_eq!(byte_offset(&text, number as u32), place);
        }
        assert_eq!(char_count(&text), 800);
        assert_eq!(byte_offset(&text, 800), text.len());
        assert_eq!(byte_offset(&text, 9_000), text.len());
    }
}
