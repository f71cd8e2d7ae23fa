//! A copy of the source that costs a Markdown parser little: same length, same blocks, but without
//! inline marks, link definitions and boundless nesting.
//!
//! Only the block structure is asked of the parser; texts are taken from the source itself. Inline
//! nodes would cost more than a hundred times the memory of their source, and definitions would
//! vanish from the tree.

/// Block quotes inside each other that one line can open; further `>` are text.
pub(super) const QUOTES_IN_LINE_MAX: usize = 256;

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
    let may_be_fence = line.contains("```");
    let mut quotes = 0;
    for (at, c) in line.char_indices() {
        let is_inline = match c {
            // Definitions begin with a bracket; CDATA sections do too.
            '[' => !line[..at].ends_with("<!") && !line[..at].ends_with("<![CDATA"),
            '>' if at < head => {
                quotes += 1;
                quotes > QUOTES_IN_LINE_MAX && !line[..at].ends_with('-')
            }
            '*' | '_' | '!' | '&' | '\\' => at >= head,
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

/// The bytes in front of the first letter or digit that is not part of a list marker: there, marks
/// are about blocks.
fn head_length(line: &str) -> usize {
    let mut at = 0;
    while let Some(found) = line[at..].find(char::is_alphanumeric) {
        at += found;
        let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || !line[at + digits..].starts_with(['.', ')']) {
            return at;
        }
        at += digits + 1;
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_marks_stay_and_inline_marks_go() {
        for (source, copy) in [
            ("> 1. *a* *b* [c](d)\n", "> 1. *ax xbx xc](d)\n"),
            ("[a]: /b\n", "xa]: /b\n"),
            ("***\n```rust `\n<!-- a -->", "***\n```rust `\n<!-- a -->"),
            ("<![CDATA[ a ]]>", "<![CDATA[ a ]]>"),
            ("a `b` <c></c> é", "a xbx xc></c> é"),
        ] {
            assert_eq!(quiet(source), copy.to_owned(), "{source}");
        }
    }
}
