//! Text of a line that Markdown would take for something else, made harmless and read back.
//!
//! A text is written segment by segment, a segment being what stands between soft breaks. Where a
//! segment looks like the beginning of a block, a backslash is put in; where it already has
//! backslashes at that spot, one more. Reading takes one away. So texts and sources correspond one
//! to one, and sources that need no backslash keep their form.
//! Knows nothing of where the lines stand.

use crate::SOFT_BREAK;
use crate::property_text::{is_property_mark, name_length};
use crate::reader::is_paragraph;

/// An empty segment; Markdown shows a space.
pub(crate) const EMPTY: &str = "&nbsp;";
const SPACE: &str = "&#32;";
const TAB: &str = "&#9;";
const ENCODED_BREAK: &str = "&#8232;";

/// Where a backslash stands or would stand in a segment, and how many stand there.
struct Spot {
    at: usize,
    backslashes: usize,
    guard: Guard,
}

/// Where in a paragraph a segment stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// At its beginning, behind the marker of a list item or quote, if any.
    Behind(&'a str),
    Within,
}

impl Place<'_> {
    fn is_item(self) -> bool {
        matches!(self, Place::Behind(marker) if !marker.is_empty() && !marker.starts_with('>'))
    }

    /// Whether Markdown takes `segment` for text of a paragraph here.
    fn keeps_paragraph(self, segment: &str) -> bool {
        match self {
            Place::Behind("") => is_paragraph(segment, 0),
            Place::Behind(marker) => is_paragraph(&format!("{marker}{segment}"), 1),
            // How wide a tab is depends on what stands in front of it: it must do without.
            Place::Within if split_indent(segment).0.contains('\t') => {
                Place::Within.keeps_paragraph(split_indent(segment).1)
            }
            Place::Within => is_paragraph(&format!("x\n{segment}"), 0),
        }
    }
}

enum Guard {
    /// Only where Markdown really would take it for something else.
    IfNeeded,
    Always,
    /// Only as the first segment of a list item.
    InItem,
    /// Only where [`write_paragraph`] finds that all segments together need it.
    Together,
}

/// The source lines of a paragraph. `marker` is the list or quote marker in front of the first one,
/// empty for a paragraph of its own.
pub(crate) fn write_paragraph(text: &str, marker: &str) -> Vec<String> {
    let segments: Vec<&str> = text.split(SOFT_BREAK).collect();
    let guarded = if marker.is_empty() {
        together(&segments)
    } else {
        None
    };
    let write = |(index, segment): (usize, &&str)| {
        let place = if index == 0 {
            Place::Behind(marker)
        } else {
            Place::Within
        };
        write_segment(segment, place, guarded == Some(index))
    };
    segments.iter().enumerate().map(write).collect()
}

/// The text of a paragraph's source lines.
pub(crate) fn read_paragraph(lines: &[&str]) -> String {
    let segments: Vec<String> = lines.iter().map(|line| read_segment(line)).collect();
    join(&segments)
}

/// As [`write_paragraph`], when the first segment stands behind something on its line.
pub(crate) fn write_behind(text: &str) -> Vec<String> {
    let mut segments = text.split(SOFT_BREAK);
    let first = write_inline(segments.next().unwrap_or_default());
    let rest = segments.map(|segment| write_segment(segment, Place::Within, false));
    std::iter::once(first).chain(rest).collect()
}

pub(crate) fn read_behind(lines: &[&str]) -> String {
    let (first, rest) = lines
        .split_first()
        .map_or(("", lines), |(first, rest)| (*first, rest));
    let rest = rest.iter().map(|line| read_segment(line));
    join(
        &std::iter::once(read_inline(first))
            .chain(rest)
            .collect::<Vec<_>>(),
    )
}

/// The text of a heading, behind its `#`s, all in one source line.
pub(crate) fn write_heading(text: &str) -> String {
    let text = write_inline(&write_breaks(text));
    match closing_hashes(&text) {
        Some((at, _)) => insert_backslash(&text, at),
        None => text,
    }
}

/// Reads what stands behind a heading's `#`s and the space after them.
pub(crate) fn read_heading(source: &str) -> String {
    let source = match closing_hashes(source) {
        None => source.to_owned(),
        Some((at, 0)) => source[..at].trim_end_matches([' ', '\t']).to_owned(),
        Some((at, _)) => remove_backslash(source, at),
    };
    read_breaks(&read_inline(&source))
}

/// Soft breaks as character references. Backslashes in front of one are doubled, and one more stands
/// in front of what only looks like one.
fn write_breaks(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_break(rest) {
        let (before, found) = rest.split_at(at);
        written.push_str(before);
        written.push_str(&before[before.trim_end_matches('\\').len()..]);
        let length = if found.starts_with(SOFT_BREAK) {
            SOFT_BREAK.len_utf8()
        } else {
            written.push('\\');
            ENCODED_BREAK.len()
        };
        written.push_str(ENCODED_BREAK);
        rest = &found[length..];
    }
    written + rest
}

fn find_break(text: &str) -> Option<usize> {
    let is_break =
        |&at: &usize| text[at..].starts_with(SOFT_BREAK) || text[at..].starts_with(ENCODED_BREAK);
    text.match_indices(['&', SOFT_BREAK])
        .map(|(at, _)| at)
        .find(is_break)
}

fn read_breaks(source: &str) -> String {
    let mut read = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(ENCODED_BREAK) {
        let backslashes = at - rest[..at].trim_end_matches('\\').len();
        read.push_str(&rest[..at - backslashes.div_ceil(2)]);
        if backslashes % 2 == 1 {
            read.push_str(ENCODED_BREAK);
        } else {
            read.push(SOFT_BREAK);
        }
        rest = &rest[at + ENCODED_BREAK.len()..];
    }
    read + rest
}

/// The lines of a comment between `<!--` and `-->`.
pub(crate) fn write_comment(text: &str) -> String {
    let spot = leading_backslashes(text);
    let text = if text[spot..].starts_with("tideline {") {
        insert_backslash(text, 0)
    } else {
        text.to_owned()
    };
    let mut written = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = comment_end(rest) {
        written.extend([&rest[..at], "\\>"]);
        rest = &rest[at + 1..];
    }
    written + rest
}

pub(crate) fn read_comment(source: &str) -> String {
    let mut read = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = comment_end(rest) {
        let before = &rest[..at];
        read.extend([before.strip_suffix('\\').unwrap_or(before), ">"]);
        rest = &rest[at + 1..];
    }
    read += rest;
    let backslashes = leading_backslashes(&read);
    if backslashes > 0 && read[backslashes..].starts_with("tideline {") {
        read.remove(0);
    }
    read
}

/// Where the `>` of the next `-->` is, whatever number of backslashes is in front of it.
fn comment_end(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find("--").map(|at| from + at + 2) {
        let dashes = text[at..].bytes().take_while(|&byte| byte == b'-').count();
        let backslashes = leading_backslashes(&text[at + dashes..]);
        let end = at + dashes + backslashes;
        if text[end..].starts_with('>') {
            return Some(end);
        }
        from = end;
    }
    None
}

/// What [`is_definition`] and [`is_delimiter_row`] would make of the segments of one paragraph: the
/// segment that must be guarded for it to stay a paragraph.
fn together(segments: &[&str]) -> Option<usize> {
    let bare: Vec<&str> = segments
        .iter()
        .map(|segment| split_indent(segment).1)
        .collect();
    if bare.iter().all(|segment| is_definition(segment)) {
        return Some(0);
    }
    is_table(&bare).then_some(1)
}

/// Whether the source lines of a paragraph are a table: a row, then a delimiter row.
pub(crate) fn is_table(lines: &[&str]) -> bool {
    lines.len() >= 2 && lines[0].contains('|') && is_delimiter_row(lines[1])
}

pub(crate) fn is_delimiter_row(line: &str) -> bool {
    line.contains('|')
        && line.contains('-')
        && line
            .chars()
            .all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

/// A link reference or footnote definition, `[label]: …`.
pub(crate) fn is_definition(line: &str) -> bool {
    let Some(behind) = line.strip_prefix('[') else {
        return false;
    };
    let length = behind.find(['[', ']']).unwrap_or(0);
    length > 0 && behind[length..].starts_with("]:")
}

/// The state and length of a check box such as `[x] `.
pub(crate) fn check_box(line: &str) -> Option<(char, usize)> {
    let mut chars = line.strip_prefix('[')?.chars();
    let state = chars.next().filter(|c| " xX/?-".contains(*c))?;
    if chars.next() != Some(']') {
        return None;
    }
    let behind = chars.as_str().trim_start_matches([' ', '\t']);
    let is_separate = chars.as_str().is_empty() || behind.len() < chars.as_str().len();
    is_separate.then_some((state, line.len() - behind.len()))
}

fn write_segment(segment: &str, place: Place<'_>, is_guarded: bool) -> String {
    let (indent, body) = split_indent(segment);
    if segment.is_empty() {
        return EMPTY.to_owned();
    }
    // Indentation is kept inside a paragraph only, and only in front of something.
    let keeps_indent = matches!(place, Place::Within) && !body.is_empty();
    if !indent.is_empty() && !keeps_indent {
        return write_inline(segment);
    }
    let Some(spot) = find_spot(body) else {
        return segment.to_owned();
    };
    let is_needed = spot.backslashes > 0
        || match spot.guard {
            Guard::Always => true,
            Guard::InItem => is_guarded || place.is_item(),
            Guard::Together => is_guarded || !place.keeps_paragraph(segment),
            Guard::IfNeeded => !place.keeps_paragraph(segment),
        };
    if is_needed {
        insert_backslash(segment, indent.len() + spot.at)
    } else {
        segment.to_owned()
    }
}

fn read_segment(source: &str) -> String {
    let (indent, body) = split_indent(source);
    if body == EMPTY {
        return indent.to_owned();
    }
    match find_spot(body) {
        Some(spot) if spot.backslashes > 0 => remove_backslash(source, indent.len() + spot.at),
        _ => format!("{indent}{}", read_inline(body)),
    }
}

/// The white space that a segment begins with, and the rest.
pub(crate) fn split_indent(segment: &str) -> (&str, &str) {
    let body = segment.trim_start_matches([' ', '\t']);
    segment.split_at(segment.len() - body.len())
}

/// For a segment behind something on its line: only white space at its beginning would be lost.
fn write_inline(segment: &str) -> String {
    match segment.chars().next() {
        Some(' ') => format!("{SPACE}{}", &segment[1..]),
        Some('\t') => format!("{TAB}{}", &segment[1..]),
        Some('\\' | '&') if is_encoded_space(segment) => insert_backslash(segment, 0),
        _ => segment.to_owned(),
    }
}

fn read_inline(source: &str) -> String {
    if let Some(rest) = source.strip_prefix(SPACE) {
        format!(" {rest}")
    } else if let Some(rest) = source.strip_prefix(TAB) {
        format!("\t{rest}")
    } else if source.starts_with('\\') && is_encoded_space(source) {
        source[1..].to_owned()
    } else {
        source.to_owned()
    }
}

fn is_encoded_space(segment: &str) -> bool {
    let behind = &segment[leading_backslashes(segment)..];
    behind.starts_with(SPACE) || behind.starts_with(TAB)
}

/// The spot of a segment, whatever number of backslashes stands there.
fn find_spot(segment: &str) -> Option<Spot> {
    let backslashes = leading_backslashes(segment);
    if let Some(guard) = guard_at_start(&segment[backslashes..]) {
        return Some(Spot {
            at: 0,
            backslashes,
            guard,
        });
    }
    let digits = segment.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=9).contains(&digits) {
        let backslashes = leading_backslashes(&segment[digits..]);
        let behind = &segment[digits + backslashes..];
        if behind.starts_with(['.', ')']) && is_marker_end(&behind[1..]) {
            return Some(Spot {
                at: digits,
                backslashes,
                guard: Guard::IfNeeded,
            });
        }
    }
    let key = name_length(segment)?;
    let backslashes = leading_backslashes(&segment[key..]);
    let is_property = is_property_mark(&segment[key + backslashes..]);
    is_property.then_some(Spot {
        at: key,
        backslashes,
        guard: Guard::Always,
    })
}

fn guard_at_start(text: &str) -> Option<Guard> {
    if text == EMPTY || is_encoded_space(text) {
        return Some(Guard::Always);
    }
    if check_box(text).is_some() {
        return Some(Guard::InItem);
    }
    if is_definition(text) || is_delimiter_row(text) {
        return Some(Guard::Together);
    }
    let first = text.bytes().next()?;
    let run = text.bytes().take_while(|&byte| byte == first).count();
    let looks_like_block = match first {
        b'#' => run <= 6 && is_marker_end(&text[run..]),
        b'>' => true,
        b'+' => is_marker_end(&text[1..]),
        b'-' | b'*' => is_marker_end(&text[1..]) || is_rule(text, first),
        b'_' | b'=' => is_rule(text, first),
        b'`' | b'~' => run >= 3,
        b'<' => text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)),
        _ => false,
    };
    looks_like_block.then_some(Guard::IfNeeded)
}

/// Whether a marker in front of `behind` would count as one.
fn is_marker_end(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with([' ', '\t'])
}

fn is_rule(text: &str, mark: u8) -> bool {
    text.bytes()
        .all(|byte| byte == mark || byte == b' ' || byte == b'\t')
}

/// Where the `#`s that would close a heading begin, and the number of backslashes in front of them.
fn closing_hashes(text: &str) -> Option<(usize, usize)> {
    let trimmed = text.trim_end_matches([' ', '\t']);
    let hashes = trimmed.trim_end_matches('#');
    let before = hashes.trim_end_matches('\\');
    let is_separate = before.is_empty() || before.ends_with([' ', '\t']);
    (hashes.len() < trimmed.len() && is_separate)
        .then_some((before.len(), hashes.len() - before.len()))
}

fn leading_backslashes(text: &str) -> usize {
    text.bytes().take_while(|&byte| byte == b'\\').count()
}

fn insert_backslash(text: &str, at: usize) -> String {
    format!("{}\\{}", &text[..at], &text[at..])
}

fn remove_backslash(text: &str, at: usize) -> String {
    format!("{}{}", &text[..at], &text[at + 1..])
}

fn join(segments: &[String]) -> String {
    let mut joined = String::new();
    for (index, segment) in segments.iter().enumerate() {
        if index > 0 {
            joined.push(SOFT_BREAK);
        }
        joined.push_str(segment);
    }
    joined
}
