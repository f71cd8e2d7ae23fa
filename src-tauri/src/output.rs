//! Where results go: standard output, for people or as JSON for programs. Problems go to standard
//! error and never mix with results. Knows nothing of what the results mean.

use std::fmt::Display;
use std::io::{self, BufWriter, Write};

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
}

impl Output {
    pub fn new(format: Format) -> Self {
        Self { format }
    }

    /// Prints one result: what `human` writes for people, `value` on one line for programs.
    ///
    /// # Errors
    /// When standard output cannot be written, as when the reader of a pipe is gone.
    pub fn result(
        self,
        value: &impl Serialize,
        human: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        match self.format {
            Format::Human => human(&mut out)?,
            Format::Json => {
                serde_json::to_writer(&mut out, value)?;
                writeln!(out)?;
            }
        }
        out.flush()
    }
}

/// Tells about a problem or about progress. A closed standard error is no reason to stop.
pub fn problem(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// "1 line", "2 lines", "12,345 lines".
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count))
}

/// "12,345"
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_people_write_them() {
        let all = [
            (0, "0 lines"),
            (1, "1 line"),
            (999, "999 lines"),
            (1_234_567, "1,234,567 lines"),
        ];
        for (count, text) in all {
            assert_eq!(counted(count, "line"), text);
        }
    }
}
