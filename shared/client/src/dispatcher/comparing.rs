//! Another machine shows something else although both have the same changes: which lines differ is
//! found together with it, and which of the two is wrong is found here, from the stored changes.

use tideline_model::{Document, DocumentId, LineId, Patch};
use tideline_store::LineRow;
use tideline_wire::comparison::differing_lines;
use tideline_wire::message::version_digest;
use tideline_wire::{Comparison, Finding, Ranges};
use tracing::warn;

use super::Dispatcher;
use crate::input::Effect;
use crate::open_document::Rederivation;

/// Differing lines that a notice shows; the log has all.
const LINES_SHOWN_MAX: usize = 5;
/// Characters that it shows of each.
const EXCERPT_CHARS_MAX: usize = 40;

impl Dispatcher {
    /// Another replica has this hash at a version.
    pub(super) fn compare(&mut self, document: DocumentId, version: u128, hash: u128) {
        let Some(open) = self.documents.get(&document) else {
            return;
        };
        let is_other =
            version_digest(&open.document.version()) == version && open.document.hash() != hash;
        if is_other && self.begin_comparison(document) {
            let Some(open) = self.documents.get_mut(&document) else {
                return;
            };
            let ranges = open
                .comparison
                .as_mut()
                .map(|comparison| comparison.begin(&open.document));
            let effect = ranges.map(|ranges| Effect::Ranges { document, ranges });
            self.effects.extend(effect);
        }
    }

    /// Another replica, which has found that this one has another hash, looks for the lines.
    pub(super) fn compare_ranges(&mut self, document: DocumentId, theirs: &Ranges) {
        let Some(open) = self.documents.get(&document) else {
            return;
        };
        let is_other = version_digest(&open.document.version()) == theirs.version
            && open.document.hash() != theirs.hash;
        if !is_other {
            return;
        }
        self.begin_comparison(document);
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        let Some(comparison) = &mut open.comparison else {
            return;
        };
        let mut finding = comparison.hear(&open.document, theirs);
        let reply = finding.reply.take();
        let effect = reply.map(|ranges| Effect::Ranges { document, ranges });
        self.effects.extend(effect);
        self.tell_finding(document, &finding);
    }

    /// Has the stored events say what is right. False when that is under way.
    fn begin_comparison(&mut self, document: DocumentId) -> bool {
        let Some(open) = self.documents.get_mut(&document) else {
            return false;
        };
        let known = open.comparison.as_ref();
        if known.is_some_and(|known| known.is_of(&open.document)) {
            return false;
        }
        open.comparison = Some(Comparison::new(&open.document));
        warn!(%document, "another machine shows something else at the same version");
        if open.rederivation == Rederivation::None {
            open.rederivation = Rederivation::Due;
            self.rederive(document);
        }
        true
    }

    /// Has the stored events replayed, if that is due. It waits until all that is shown is stored.
    pub(super) fn rederive(&mut self, document: DocumentId) {
        let open = self.documents.get_mut(&document);
        let due = open.filter(|open| open.rederivation == Rederivation::Due && open.is_settled());
        if let Some(open) = due {
            open.rederivation = Rederivation::UnderWay {
                version: open.document.version(),
            };
            let effect = Effect::Rederive(open.group, document);
            self.effects.push(effect);
        }
    }

    fn tell_finding(&mut self, document: DocumentId, finding: &Finding) {
        let Some(open) = self.documents.get(&document) else {
            return;
        };
        if !finding.lines.is_empty() {
            warn!(%document, lines = ?finding.lines, "these lines look different elsewhere");
            let title = open.document.title().to_owned();
            let lines = excerpts(&open.document, &finding.lines, "a line that is hidden here");
            self.alarm(format!(
                "In “{title}”, another machine shows other text, or another order, for {lines}. \
                 Nothing is lost: every change is kept."
            ));
        } else if finding.is_title {
            warn!(%document, "the title or the properties look different elsewhere");
            let title = open.document.title().to_owned();
            self.alarm(format!(
                "The title or the properties of “{title}” are shown differently on another machine. \
                 Nothing is lost: every change is kept."
            ));
        }
    }

    /// The stored events have been replayed: what they say is right.
    pub(super) fn rederived(
        &mut self,
        document: DocumentId,
        rederived: Result<Box<Document>, String>,
    ) {
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        let asked = std::mem::take(&mut open.rederivation);
        let shown = open.document.version();
        let title = open.document.title().to_owned();
        let rederived = rederived.and_then(|right| {
            let is_whole = right.version() == shown
                || asked
                    != Rederivation::UnderWay {
                        version: shown.clone(),
                    };
            is_whole
                .then_some(right)
                .ok_or_else(|| "what is stored is not all that is shown".to_owned())
        });
        let right = match rederived {
            Ok(right) => right,
            Err(reason) => {
                self.alarm(format!(
                    "“{title}” looks different on another machine, and its changes could not be read \
                     again here: {reason}. Nothing has been changed. Please run `tideline verify`."
                ));
                return;
            }
        };
        if right.version() != shown {
            // Something was written meanwhile.
            open.rederivation = Rederivation::Due;
            self.rederive(document);
        } else if right.hash() == open.document.hash() {
            self.alarm(format!(
                "“{title}” looks different on another machine although both have the same changes. \
                 Nothing is lost: every change is kept, and worked out again here they give what is \
                 shown here. Please run `tideline verify` on the other machine, or update Tideline \
                 where it is older."
            ));
        } else {
            let differing = differing_lines(&right, &open.document);
            warn!(%document, lines = ?differing, "was not shown as its events say; worked out again");
            let lines = excerpts(&right, &differing, "a line that should not be there");
            self.replace(document, *right);
            self.alarm(format!(
                "“{title}” was not shown on this machine as its changes say: {lines}. It has been \
                 worked out again from all of them. Nothing is lost. If this comes again, please run \
                 `tideline verify`."
            ));
        }
    }

    fn replace(&mut self, document: DocumentId, right: Document) {
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        open.document = right;
        open.comparison = None;
        open.is_digest_due = true;
        self.effects.push(Effect::RebuildRows {
            group: open.group,
            document,
            rows: LineRow::all_of(&open.document),
            hash: open.document.hash(),
        });
        let mut panels = Vec::new();
        for (&connection, interface) in &self.interfaces {
            let slots = interface.panels.iter();
            let of_document = slots.filter(|(_, slot)| slot.document == document && slot.opened);
            panels.extend(of_document.map(|(&panel, _)| (connection, panel)));
        }
        for (connection, panel) in panels {
            self.send_rows(connection, panel);
        }
        let patch = Patch {
            title: true,
            ..Patch::default()
        };
        self.broadcast(document, &patch, None);
        self.send_digest(document);
    }
}

/// What a notice calls the lines; `hidden` is what it calls one that is not displayed.
fn excerpts(document: &Document, lines: &[LineId], hidden: &str) -> String {
    let shown = lines.iter().take(LINES_SHOWN_MAX);
    let mut excerpts: Vec<String> = shown
        .map(|&line| excerpt(document, line).unwrap_or_else(|| hidden.to_owned()))
        .collect();
    if excerpts.is_empty() {
        return "its title or properties".to_owned();
    }
    let more = lines.len().saturating_sub(LINES_SHOWN_MAX);
    if more > 0 {
        excerpts.push(format!("{more} more"));
    }
    excerpts.join(", ")
}

fn excerpt(document: &Document, line: LineId) -> Option<String> {
    let text = document.text(line).filter(|_| document.is_visible(line))?;
    let mut excerpt: String = text.chars().take(EXCERPT_CHARS_MAX).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    Some(match excerpt.as_str() {
        "" => "an empty line".to_owned(),
        excerpt => format!("“{excerpt}”"),
    })
}
