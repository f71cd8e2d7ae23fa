//! A copy of the source that costs a Markdown parser little: same length, same blocks, but without
//! inline marks, link definitions and boundless nesting.
//!
//! Only the block structure is asked of the parser; texts are taken from the source itself. Inline
//! nodes would cost more than a hundred times the memory of their source, and definitions would
//! vanish from the tree.

/// Block quotes inside each other that one line can open; further `>` are text.
pub(super) const QUOTES_IN_LINE_MAX: usize = 256;

/// Marks that a line can have in front of its text; further ones are text.
const HEAD_MARKS_MAX: usize = 1024;

const BLOCK_MARKS: &str = ">-+*_#=`~<!?[:|";

/// Stands for what is hidden from the parser.
const QUIET: char = 'x';

pub(super) fn quiet(source: &str) -> String {
    let mut copy = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        copy_line(line, &mut copy);
    }
    copy
}

fn copy_line(line: &str, copy: &mut String) {
    let head = head_length(line);
    // From here on every character says whether this is a tag.
    let tag = line[..head].find('<').unwrap_or(line.len());
    let may_be_fence = line.contains("```");
    let ends_cdata = line.contains("]]>");
    let mut quotes = 0;
    for (at, c) in line.char_indices() {
        let is_inline = match c {
            '>' if at < head => {
                quotes += 1;
                quotes > QUOTES_IN_LINE_MAX && !line[..at].ends_with('-')
            }
            _ if at > tag => false,
            // A definition begins with one.
            '[' => true,
            '*' | '_' | '!' | '&' | '\\' | '"' | '\'' => at >= head,
            ']' => at >= head && !ends_cdata,
            '`' => at >= head && !may_be_fence,
            // `</script>` ends a block of HTML.
            '<' => at >= head && !line[at + 1..].starts_with('/'),
            _ => false,
        };
        copy.push(match c {
            // The parser would skip it at the beginning; the texts are taken from where it stands.
            '\u{feff}' => '\u{fffd}',
            _ if is_inline => QUIET,
            c => c,
        });
    }
}

/// The bytes that a line begins with before its text does: there, marks are about blocks.
fn head_length(line: &str) -> usize {
    let mut marks = 0;
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let length = match c {
            ' ' | '\t' | '\n' => 1,
            _ if marks == HEAD_MARKS_MAX => return at,
            '0'..='9' => match list_number_length(&line[at..]) {
                0 => return at,
                length => length,
            },
            _ if BLOCK_MARKS.contains(c) => 1,
            _ => return at,
        };
        marks += usize::from(!c.is_whitespace());
        at += length;
    }
    at
}

/// The length of `12.` or `12)` at the beginning of `text`, or 0.
fn list_number_length(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if text[digits..].starts_with(['.', ')']) {
        digits + 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_marks_stay_and_inline_marks_go() {
        for (source, copy) in [
            ("> 1. *a* *b* [c](d)\n", "> 1. *ax xbx xcx(d)\n"),
            ("[a]: \"b\"\n", "xax: xbx\n"),
            ("<a b=\"c\">", "<a b=\"c\">"),
            ("***\n```rust `\n<!-- a -->", "***\n```rust `\n<!-- a -->"),
            ("<![CDATA[ a ]]>", "<![CDATA[ a ]]>"),
            ("a `b` <c></c> é", "a xbx xc></c> é"),
        ] {
            assert_eq!(quiet(source), copy.to_owned(), "{source}");
        }
    }
}
