//! Takes in batches that were got out of a damaged or full replica, document by document, and makes
//! the rows anew from the events. What does not fit is named, and nothing else is held up by it.

use std::collections::BTreeMap;

use tideline_model::{Document, DocumentId, GroupId};
use tideline_wire::SealedBatch;

use crate::commit::{Commit, Origin};
use crate::error::{CommitError, StoreError};
use crate::replica::Replica;
use crate::rows::LineRow;

/// What became of batches that were taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenIn {
    pub documents: u64,
    /// Batches that are here now, those included that were here already.
    pub batches: u64,
    /// Why the others are not, a sentence each.
    pub refused: Vec<String>,
}

impl Replica {
    /// Stores batches, each after those it builds on, as written here before; they stand in the outbox.
    /// Those of a group that is not known here go to the local one.
    ///
    /// # Errors
    /// [`StoreError`], trouble with the disk; what came before it is stored.
    pub fn take_in(
        &mut self,
        batches: Vec<SealedBatch>,
        now_ms: i64,
    ) -> Result<TakenIn, StoreError> {
        let known: Vec<GroupId> = self.groups()?.into_iter().map(|group| group.id).collect();
        let mut documents: BTreeMap<DocumentId, Vec<SealedBatch>> = BTreeMap::new();
        for batch in batches {
            documents.entry(batch.document).or_default().push(batch);
        }
        let mut taken = TakenIn {
            documents: documents.len() as u64,
            ..TakenIn::default()
        };
        for (document, batches) in documents {
            let group = batches.first().map(|batch| batch.group);
            let group = group.filter(|group| known.contains(group));
            let group = self
                .home_of(document)?
                .or(group)
                .unwrap_or_else(|| self.local_group());
            self.take_in_document(group, document, batches, now_ms, &mut taken)?;
        }
        Ok(taken)
    }

    /// The group that has a document already.
    fn home_of(&self, document: DocumentId) -> Result<Option<GroupId>, StoreError> {
        for group in self.groups()? {
            if self.scope(group.id).document(document)?.is_some() {
                return Ok(Some(group.id));
            }
        }
        Ok(None)
    }

    fn take_in_document(
        &mut self,
        group: GroupId,
        document: DocumentId,
        batches: Vec<SealedBatch>,
        now_ms: i64,
        taken: &mut TakenIn,
    ) -> Result<(), StoreError> {
        for batch in batches {
            let batch = SealedBatch { group, ..batch };
            let mut commit = Commit::new(group, document, now_ms);
            commit.batches = vec![(Origin::Salvaged, batch)];
            match self.commit(&commit) {
                Ok(()) => taken.batches += 1,
                Err(CommitError::Store(error)) => return Err(error),
                Err(refused) => taken.refused.push(refused.to_string()),
            }
        }
        if let Err(reason) = self.rebuild_from_events(group, document, now_ms)? {
            taken.refused.push(reason);
        }
        Ok(())
    }

    /// Makes title, rows and hash of a document anew from its events. The inner error says why they do
    /// not add up to a document.
    ///
    /// # Errors
    /// [`StoreError`], trouble with the disk; everything is as it was then.
    pub fn rebuild_from_events(
        &mut self,
        group: GroupId,
        document: DocumentId,
        now_ms: i64,
    ) -> Result<Result<(), String>, StoreError> {
        let events = match self.scope(group).events(document) {
            Ok(events) => events,
            Err(error @ (StoreError::Unreadable { .. } | StoreError::Damaged { .. })) => {
                return Ok(Err(error.to_string()));
            }
            Err(error) => return Err(error),
        };
        if self.scope(group).document(document)?.is_none() {
            return Ok(Ok(())); // nothing of it was taken in
        }
        let replayed = match Document::replay(document, &events) {
            Ok(replayed) => replayed,
            Err(error) => return Ok(Err(format!("{document} is not complete: {error}"))),
        };
        let mut commit = Commit::new(group, document, now_ms);
        commit.title = Some(replayed.title().to_owned());
        commit.hash = Some(replayed.hash());
        let stored = self
            .rebuild(group, document, &LineRow::all_of(&replayed), now_ms)
            .and_then(|()| self.commit(&commit));
        match stored {
            Ok(()) => Ok(Ok(())),
            Err(CommitError::Store(error)) => Err(error),
            Err(refused) => Ok(Err(refused.to_string())),
        }
    }
}
