//! Questions of programs: import, export, log, verify.

use tideline_model::{
    Document, DocumentId, DraftLine, Intent, Kind, LineId, Outline, Patch, Placement, Value,
};

use super::Dispatcher;
use crate::catalogue::FOLDER;
use crate::input::{Answer, Effect, Question, QuestionId};
use crate::line_history::line_versions;
use crate::protocol::Lesson;

impl Dispatcher {
    pub(super) fn question(&mut self, id: QuestionId, question: Question) {
        let answer = match question {
            Question::Import(outline) => return self.import(id, outline),
            Question::Settle => return self.settling.push((id, None)),
            Question::Documents => Answer::Documents(self.catalogue.entries()),
            Question::Status => Answer::Status(self.status()),
            Question::Outline(document) => self
                .document(document)
                .map_or(Answer::UnknownDocument(document), |open| {
                    Answer::Outline(open.outline())
                }),
            Question::LineHistory(document, line) => match self.document(document) {
                None => Answer::UnknownDocument(document),
                Some(open) => {
                    let found = line_versions(open, line);
                    found.map_or(Answer::UnknownLine(line), |(versions, _)| {
                        Answer::LineHistory(versions)
                    })
                }
            },
            Question::Digest(document) => {
                self.document(document)
                    .map_or(Answer::UnknownDocument(document), |open| {
                        let events = open.event_count();
                        Answer::Digest {
                            hash: open.hash(),
                            events,
                        }
                    })
            }
        };
        self.effects.push(Effect::Answer(id, answer));
    }

    pub(super) fn question_needs(&self, question: &Question) -> Option<DocumentId> {
        match question {
            Question::Outline(document)
            | Question::Digest(document)
            | Question::LineHistory(document, _) => {
                Some(*document).filter(|id| self.catalogue.get(*id).is_some())
            }
            Question::Import(_) => self.lesson_needs(Lesson::Import),
            _ => None,
        }
    }

    fn document(&mut self, document: DocumentId) -> Option<&Document> {
        self.end_typing(document);
        self.documents.get(&document).map(|open| &open.document)
    }

    /// A new document with the lines of `outline`. Answered once it is on disk.
    fn import(&mut self, id: QuestionId, outline: Outline) {
        let document = self.new_document_in_memory();
        let lines = outline.lines.len();
        self.begin_founding(document);
        let mut patch = Patch::default();
        for intent in self.import_intents(outline) {
            if let Err(error) = self.carry_out(document, intent, &mut patch) {
                let answer = Answer::Failed(format!("the outline does not fit: {error}"));
                self.effects.push(Effect::Answer(id, answer));
                return;
            }
        }
        self.end_gesture(document);
        self.broadcast(document, &patch, None);
        self.learned(Lesson::Import);
        self.settling.push((id, Some((document, lines))));
    }

    pub(super) fn import_intents(&mut self, outline: Outline) -> Vec<Intent> {
        let mut intents = vec![Intent::SetTitle {
            title: outline.title,
        }];
        let folder =
            (!outline.folder.is_empty()).then(|| (FOLDER.to_owned(), Value::Text(outline.folder)));
        for (name, value) in folder.into_iter().chain(outline.properties) {
            intents.push(Intent::SetProperty {
                line: LineId::ROOT,
                name,
                value: Some(value),
            });
        }
        let replica = self.identity.replica;
        let first = self.take_line_numbers(outline.lines.len() as u64 + 1);
        let lines: Vec<DraftLine> = (first..)
            .zip(outline.lines)
            .map(|(number, line)| DraftLine {
                id: LineId { replica, number },
                depth: line.depth,
                kind: line.kind,
                text: line.text,
                properties: line.properties,
                tags: line.tags,
            })
            .collect();
        if lines.is_empty() {
            intents.push(first_line(LineId {
                replica,
                number: first,
            }));
        } else {
            intents.push(Intent::CreateLines {
                placement: TOP,
                lines,
            });
        }
        intents
    }

    /// Answers who waits for the disk, when the disk has it.
    pub(super) fn answer_settled(&mut self) {
        let settled = |document: &DocumentId| {
            self.documents
                .get(document)
                .is_none_or(super::OpenDocument::is_settled)
        };
        let everything = self.loading.is_empty() && self.documents.keys().all(settled);
        let (ready, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.settling)
            .into_iter()
            .partition(|(_, about)| match about {
                Some((document, _)) => settled(document),
                None => everything,
            });
        self.settling = waiting;
        for (id, about) in ready {
            let answer = match about {
                Some((document, lines)) => Answer::Imported { document, lines },
                None => Answer::Settled,
            };
            self.effects.push(Effect::Answer(id, answer));
        }
    }
}

const TOP: Placement = Placement {
    parent: LineId::ROOT,
    after: None,
};

/// The empty line that a new document starts with, so that there is somewhere to type.
pub(super) fn first_line(id: LineId) -> Intent {
    let line = DraftLine {
        id,
        depth: 0,
        kind: Kind::Text,
        text: String::new(),
        properties: Vec::new(),
        tags: Vec::new(),
    };
    Intent::CreateLines {
        placement: TOP,
        lines: vec![line],
    }
}
