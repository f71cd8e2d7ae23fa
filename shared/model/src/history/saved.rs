//! The history as bytes.

use std::collections::HashMap as Map;
use std::sync::Arc;

use uuid::Uuid;

use crate::bytes::{Damaged, Reader, put_column, put_number, put_signed, with_room};
use crate::history::{History, Replica, Run, Stretch, Version};
use crate::id::{ReplicaId, UserId};
use crate::index::{AuthorIndex, EventIndex, ReplicaIndex};

impl History {
    pub fn write(&self, bytes: &mut Vec<u8>) {
        put_number(bytes, self.ids.len() as u64);
        for (id, replica) in self.ids.iter().zip(&self.replicas) {
            bytes.extend_from_slice(id.0.as_bytes());
            put_number(bytes, replica.count.into());
            put_number(bytes, replica.stretches.len() as u64);
            for stretch in &replica.stretches {
                put_number(bytes, stretch.seq.into());
                put_number(bytes, stretch.first.0.into());
            }
        }
        put_number(bytes, self.authors.len() as u64);
        let authors = self.authors.iter();
        authors.for_each(|author| bytes.extend_from_slice(author.0.as_bytes()));
        self.write_runs(bytes);
        put_column(bytes, self.times.iter().map(|time| time.cast_unsigned()));
        put_column(bytes, self.heads.iter().map(|head| head.0));
    }

    /// Runs that share what they had seen share it afterwards.
    fn write_runs(&self, bytes: &mut Vec<u8>) {
        let mut bases: Vec<&Arc<Version>> = Vec::new();
        let mut numbers: Map<*const Version, u64> = Map::new();
        for run in &self.runs {
            numbers.entry(Arc::as_ptr(&run.base)).or_insert_with(|| {
                bases.push(&run.base);
                bases.len() as u64 - 1
            });
        }
        put_number(bytes, bases.len() as u64);
        for base in bases {
            put_column(bytes, base.iter().copied());
        }
        put_number(bytes, self.runs.len() as u64);
        let (mut lamport, mut time_ms) = (0_u64, 0_i64);
        for run in &self.runs {
            put_number(bytes, run.first.0.into());
            put_number(bytes, run.replica.0.into());
            put_number(bytes, run.seq.into());
            put_signed(bytes, run.lamport.wrapping_sub(lamport).cast_signed());
            put_number(bytes, run.author.0.into());
            put_signed(bytes, run.time_ms.wrapping_sub(time_ms));
            put_number(bytes, numbers[&Arc::as_ptr(&run.base)]);
            (lamport, time_ms) = (run.lamport, run.time_ms);
        }
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut history = Self::default();
        for _ in 0..reader.count()? {
            let id = ReplicaId(uuid(reader)?);
            let index = ReplicaIndex::new(history.ids.len());
            let count = reader.small()?;
            let mut stretches = Vec::new();
            for _ in 0..reader.count()? {
                let seq = reader.small()?;
                let first = EventIndex(reader.small()?);
                stretches.push(Stretch { seq, first });
            }
            history.ids.push(id);
            history.indexes.insert(id, index);
            history.replicas.push(Replica { count, stretches });
        }
        for _ in 0..reader.count()? {
            history.authors.push(UserId(uuid(reader)?));
        }
        history.read_runs(reader)?;
        let mut times = reader.steps(u32::MAX as usize)?;
        history.times.reserve_exact(with_room(times.len()));
        for _ in 0..times.len() {
            history.times.push(times.next()?.cast_signed());
        }
        let heads = reader.column(history.times.len())?.into_iter();
        history.heads = heads.map(EventIndex).collect();
        Ok(history)
    }

    fn read_runs(&mut self, reader: &mut Reader<'_>) -> Result<(), Damaged> {
        let mut bases = Vec::new();
        for _ in 0..reader.count()? {
            bases.push(Arc::new(reader.column(self.ids.len())?));
        }
        let (mut lamport, mut time_ms) = (0_u64, 0_i64);
        for _ in 0..reader.count()? {
            let first = EventIndex(reader.small()?);
            let replica = ReplicaIndex(reader.small()?);
            let seq = reader.small()?;
            lamport = lamport.wrapping_add(reader.signed()?.cast_unsigned());
            let author = AuthorIndex(reader.small()?);
            time_ms = time_ms.wrapping_add(reader.signed()?);
            let base = bases.get(reader.small()? as usize).ok_or(Damaged)?;
            self.runs.push(Run {
                first,
                replica,
                seq,
                lamport,
                author,
                time_ms,
                base: Arc::clone(base),
            });
        }
        Ok(())
    }
}

fn uuid(reader: &mut Reader<'_>) -> Result<Uuid, Damaged> {
    Uuid::from_slice(reader.take(16)?).map_err(|_| Damaged)
}
