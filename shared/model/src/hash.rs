//! The digest of what is displayed: a sum over lines, so that what one line contributes can be
//! replaced alone. Every text is preceded by its length, numbers are little-endian.

use xxhash_rust::xxh3::Xxh3Default;

use crate::document::Document;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::line::Value;
use crate::property::{properties, tags};

pub(crate) fn hash(document: &Document) -> u128 {
    let mut sum = root_hash(document);
    let display = &document.display;
    let mut stack = vec![LineIndex::ROOT];
    while let Some(parent) = stack.pop() {
        let mut previous = LineId::ROOT;
        for &line in display.children(parent) {
            sum = sum.wrapping_add(line_hash(document, line, parent, previous));
            previous = document.state.line(line).id;
            stack.push(line);
        }
    }
    sum
}

fn root_hash(document: &Document) -> u128 {
    let mut digest = Digest::default();
    digest.text(document.title());
    digest.content(document, LineIndex::ROOT);
    digest.0.digest128()
}

fn line_hash(document: &Document, line: LineIndex, parent: LineIndex, previous: LineId) -> u128 {
    let this = document.state.line(line);
    let mut digest = Digest::default();
    digest.id(this.id);
    digest.id(document.state.line(parent).id);
    digest.id(previous);
    digest.text(&this.kind().to_string());
    digest.text(&document.display.texts[line.at()]);
    digest.content(document, line);
    digest.0.digest128()
}

#[derive(Default)]
struct Digest(Xxh3Default);

impl Digest {
    fn id(&mut self, id: LineId) {
        self.0.update(id.replica.0.as_bytes());
        self.0.update(&id.number.to_le_bytes());
    }

    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn content(&mut self, document: &Document, line: LineIndex) {
        let history = &document.state.history;
        let records = document.state.line(line).records();
        let tags = tags(history, &records.tags);
        self.number(tags.len() as u64);
        for tag in &tags {
            self.text(tag);
        }
        let properties = properties(history, &records.properties);
        self.number(properties.len() as u64);
        for (name, values) in &properties {
            self.text(name);
            self.number(values.len() as u64);
            values.iter().for_each(|value| self.value(value));
        }
    }

    /// Lists are written from the outside in, so that no depth is too much for the stack.
    fn value(&mut self, value: &Value) {
        let mut queue = vec![value];
        while let Some(value) = queue.pop() {
            match value {
                Value::Text(text) => {
                    self.number(0);
                    self.text(text);
                }
                Value::Integer(number) => {
                    self.number(1);
                    self.0.update(&number.to_le_bytes());
                }
                Value::Boolean(flag) => self.number(2 + u64::from(*flag)),
                Value::List(values) => {
                    self.number(4);
                    self.number(values.len() as u64);
                    queue.extend(values.iter().rev());
                }
            }
        }
    }
}
