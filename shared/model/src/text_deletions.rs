//! In which strands each event deleted text, run-length encoded: who deletes, deletes on.

use crate::bytes::{Damaged, Reader, put_column};
use crate::index::{EventIndex, StrandIndex};

/// Events, one after the other, that all deleted text of one strand.
#[derive(Debug, Clone, Copy)]
struct Run {
    first: EventIndex,
    last: EventIndex,
    strand: StrandIndex,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TextDeletions {
    /// By their first events; runs of several events do not overlap.
    runs: Vec<Run>,
}

impl TextDeletions {
    /// `event` is the latest there is.
    pub fn note(&mut self, event: EventIndex, strand: StrandIndex) {
        if let Some(run) = self.runs.last_mut()
            && run.strand == strand
            && (run.last == event || run.last.0 + 1 == event.0)
        {
            run.last = event;
            return;
        }
        if self.of(event).any(|noted| noted == strand) {
            return;
        }
        self.runs.push(Run {
            first: event,
            last: event,
            strand,
        });
    }

    pub fn write(&self, bytes: &mut Vec<u8>) {
        put_column(bytes, self.runs.iter().map(|run| run.first.0));
        put_column(bytes, self.runs.iter().map(|run| run.last.0));
        put_column(bytes, self.runs.iter().map(|run| run.strand.0));
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let firsts = reader.column(u32::MAX as usize)?;
        let lasts = reader.column(firsts.len())?;
        let strands = reader.column(firsts.len())?;
        if lasts.len() != firsts.len() || strands.len() != firsts.len() {
            return Err(Damaged);
        }
        let runs = firsts.into_iter().zip(lasts).zip(strands);
        let runs = runs.map(|((first, last), strand)| Run {
            first: EventIndex(first),
            last: EventIndex(last),
            strand: StrandIndex(strand),
        });
        Ok(Self {
            runs: runs.collect(),
        })
    }

    /// The strands in which `event` deleted text.
    pub fn of(&self, event: EventIndex) -> impl Iterator<Item = StrandIndex> + '_ {
        let behind = self.runs.partition_point(|run| run.first <= event);
        self.runs[..behind]
            .iter()
            .rev()
            .take_while(move |run| run.last >= event)
            .map(|run| run.strand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_found_in_all_the_strands_it_deleted_from() {
        let noted = [
            (1, 7),
            (2, 7),
            (3, 7),
            (3, 8),
            (4, 8),
            (4, 7),
            (5, 7),
            (9, 7),
        ];
        let mut deletions = TextDeletions::default();
        for (event, strand) in noted {
            for _ in 0..2 {
                deletions.note(EventIndex(event), StrandIndex(strand));
            }
        }
        for event in 0..12 {
            let mut found: Vec<u32> = deletions.of(EventIndex(event)).map(|it| it.0).collect();
            found.sort_unstable();
            let mut expected: Vec<u32> = noted
                .iter()
                .filter(|noted| noted.0 == event)
                .map(|noted| noted.1)
                .collect();
            expected.sort_unstable();
            assert_eq!(found, expected, "event {event}");
        }
    }
}
