//! How search reads text: case, width and accents do not matter, and Chinese, Japanese and Korean
//! need no spaces between words. Knows nothing of the database.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// Text as it is searched, with the way back to the text as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) chars: Vec<char>,
    /// For each folded character, the range of characters it stands for.
    spans: Vec<(u32, u32)>,
}

/// How a folded character takes part in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Part of a word.
    Word,
    /// A word of its own: scripts without spaces, symbols, emoji.
    Alone,
    Separator,
}

impl Folded {
    pub(crate) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self::of_ascii(text);
        }
        let mut folded = Self::default();
        let mut cluster = String::new();
        let (mut start, mut at) = (0, 0);
        for c in text.chars() {
            if !cluster.is_empty() && !continues(c) {
                folded.push_cluster(&cluster, (start, at));
                cluster.clear();
                start = at;
            }
            cluster.push(c);
            at += 1;
        }
        folded.push_cluster(&cluster, (start, at));
        folded
    }

    /// As for any text, without a look at what may combine.
    fn of_ascii(text: &str) -> Self {
        let lower = text.bytes().map(|byte| byte.to_ascii_lowercase());
        Self {
            chars: lower.map(char::from).collect(),
            spans: (0..).zip(1..).take(text.len()).collect(),
        }
    }

    /// The written characters that the folded ones from `start` to `end` stand for.
    pub(crate) fn span(&self, start: usize, end: usize) -> (u32, u32) {
        (self.spans[start].0, self.spans[end - 1].1)
    }

    fn push_cluster(&mut self, cluster: &str, span: (u32, u32)) {
        if let &[byte @ 0..=0x7f] = cluster.as_bytes() {
            self.chars.push(char::from(byte).to_ascii_lowercase());
            self.spans.push(span);
            return;
        }
        let bare = cluster.nfkd().filter(|c| !is_accent(*c));
        for c in bare.nfkc().flat_map(char::to_lowercase) {
            // A capital sigma at the end of a word is the same letter.
            self.chars.push(if c == 'ς' { 'σ' } else { c });
            self.spans.push(span);
        }
    }
}

/// Whether `c` belongs to the character before it: marks, half-width voicing marks, and the letters
/// that go on with a Hangul syllable.
fn continues(c: char) -> bool {
    canonical_combining_class(c) != 0
        || is_ignorable(c)
        || matches!(c, '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}')
}

/// Combining accents of the Latin, Greek and Cyrillic scripts; not the voicing marks of kana, nor the
/// vowel signs of Indic scripts. Ignorable characters go too.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c) || is_ignorable(c)
}

/// Soft hyphen, zero-width characters, variation selectors.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

pub(crate) fn class(c: char) -> Class {
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            Class::Word
        } else {
            Class::Separator
        }
    } else if c.is_whitespace() || c.is_control() {
        Class::Separator
    } else if is_written_without_spaces(c) {
        Class::Alone
    } else if c.is_alphanumeric() || is_combining_mark(c) {
        Class::Word
    } else {
        Class::Alone
    }
}

fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}'         // Thai, Lao
        | '\u{1000}'..='\u{109f}'     // Myanmar
        | '\u{1100}'..='\u{11ff}'     // Hangul letters
        | '\u{1780}'..='\u{17ff}'     // Khmer
        | '\u{3005}'..='\u{3007}'     // 々 〆 〇
        | '\u{3040}'..='\u{31ff}'     // kana, Bopomofo, Hangul compatibility letters
        | '\u{3400}'..='\u{4dbf}'     // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}'     // Hangul syllables
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Consecutive characters of one class; separators are left out.
pub(crate) fn runs(chars: &[char]) -> impl Iterator<Item = (usize, Class, &[char])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < chars.len() && class(chars[at]) == Class::Separator {
            at += 1;
        }
        let start = at;
        let kind = class(*chars.get(start)?);
        while at < chars.len() && class(chars[at]) == kind {
            at += 1;
        }
        Some((start, kind, &chars[start..at]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        Folded::of(text).chars.into_iter().collect()
    }

    #[test]
    fn case_width_and_accents_are_folded_away() {
        assert_eq!(fold("Crème BRÛLÉE"), "creme brulee");
        assert_eq!(fold("cre\u{301}me"), "creme");
        assert_eq!(fold("ＡＢＣ　１２３"), "abc 123");
        assert_eq!(fold("ΟΔΟΣ οδός"), "οδοσ οδοσ");
        assert_eq!(fold("İstanbul ﬁne"), "istanbul fine");
    }

    #[test]
    fn voicing_marks_and_syllables_stay_what_they_are() {
        assert_eq!(fold("がか"), "がか");
        assert_eq!(fold("か\u{3099}"), "が");
        assert_eq!(fold("ｶﾞ"), "ガ");
        assert_eq!(fold("\u{1112}\u{1161}\u{11ab}"), "한");
    }

    #[test]
    fn a_folded_range_leads_back_to_whole_characters() {
        let folded = Folded::of("a e\u{301}\u{302} ﬁ z");
        let chars: String = folded.chars.iter().collect();
        assert_eq!(chars, "a e fi z");
        assert_eq!(folded.span(2, 3), (2, 5));
        assert_eq!(folded.span(4, 5), (6, 7));
        assert_eq!(folded.span(4, 6), (6, 7));
    }

    #[test]
    fn plain_text_is_folded_as_it_is_beside_other_text() {
        let plain: String = (0..=127_u8).map(char::from).collect();
        let beside = Folded::of(&format!("{plain} é"));
        let plain = Folded::of(&plain);
        assert_eq!(plain.chars, beside.chars[..128]);
        assert_eq!(plain.spans, beside.spans[..128]);
    }

    #[test]
    fn text_falls_into_words_and_lone_characters() {
        let folded = Folded::of("foo_bar 東京タワー, 3.5€");
        let found: Vec<(Class, String)> = runs(&folded.chars)
            .map(|(_, class, run)| (class, run.iter().collect()))
            .collect();
        let expected = [
            (Class::Word, "foo"),
            (Class::Word, "bar"),
            (Class::Alone, "東京タワー"),
            (Class::Word, "3"),
            (Class::Word, "5"),
            (Class::Alone, "€"),
        ];
        assert_eq!(found, expected.map(|(class, run)| (class, run.to_owned())));
    }
}
