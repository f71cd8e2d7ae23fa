//! The one way to reach rows that belong to a group. Every statement on a document, a batch or a
//! line is put together here, and each one names the group: there is no way to write one without it.

use rusqlite::{CachedStatement, Connection, Row, ToSql};
use tideline_model::{DocumentId, GroupId};

use crate::error::StoreError;

/// `:group`, in every statement, as the integer that rows carry.
const THIS_GROUP: &str = "(SELECT id FROM groups WHERE guid = :group)";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Documents,
    Batches,
    Segments,
    SegmentRuns,
    Lines,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::Documents => "documents",
            Table::Batches => "batches",
            Table::Segments => "segments",
            Table::SegmentRuns => "segment_runs",
            Table::Lines => "lines",
        }
    }
}

/// Named parameters of a statement, `:group` excepted.
pub(crate) type Named<'a> = &'a [(&'a str, &'a dyn ToSql)];

/// The rows of one group, on one connection.
#[derive(Clone)]
pub(crate) struct Rows<'c> {
    connection: &'c Connection,
    group: GroupId,
    group_text: String,
}

impl<'c> Rows<'c> {
    pub(crate) fn new(connection: &'c Connection, group: GroupId) -> Self {
        Self {
            connection,
            group,
            group_text: group.to_string(),
        }
    }

    pub(crate) fn group(&self) -> GroupId {
        self.group
    }

    /// Reads `columns` of the rows for which `filter` holds; `filter` may go on with `ORDER BY` and
    /// `LIMIT`.
    pub(crate) fn select<T>(
        &self,
        table: Table,
        columns: &str,
        filter: &str,
        named: Named<'_>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.visit(table, columns, filter, named, |row| {
            found.push(read(row)?);
            Ok(Visit::On)
        })?;
        Ok(found)
    }

    /// As [`Rows::select`], row by row, until `visit` has seen enough.
    pub(crate) fn visit(
        &self,
        table: Table,
        columns: &str,
        filter: &str,
        named: Named<'_>,
        visit: impl FnMut(&Row<'_>) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let name = table.name();
        let sql = format!(
            "SELECT {columns} FROM {name} WHERE {name}.group_id = {THIS_GROUP} AND {filter}"
        );
        self.run(&sql, named, visit)
    }

    /// For the tables that belong to no group: writers and words.
    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// Lines that the search index finds for `:query`, in the order in which it finds them.
    pub(crate) fn visit_matches(
        &self,
        columns: &str,
        filter: &str,
        named: Named<'_>,
        visit: impl FnMut(&Row<'_>) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT {columns} FROM line_index CROSS JOIN lines ON lines.id = line_index.rowid
             WHERE line_index MATCH :query AND lines.group_id = {THIS_GROUP} AND {filter}"
        );
        self.run(&sql, named, visit)
    }

    /// The one row for which `filter` holds.
    pub(crate) fn one<T>(
        &self,
        table: Table,
        columns: &str,
        filter: &str,
        named: Named<'_>,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.select(table, columns, filter, named, read)?.pop())
    }

    /// Adds a row with these columns and returns its id.
    pub(crate) fn insert(&self, table: Table, named: Named<'_>) -> Result<i64, StoreError> {
        let columns: Vec<&str> = named.iter().map(|(name, _)| &name[1..]).collect();
        let values: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        let sql = format!(
            "INSERT INTO {} (group_id, {}) VALUES ({THIS_GROUP}, {})",
            table.name(),
            columns.join(", "),
            values.join(", ")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.execute(self.parameters(named).as_slice())?;
        Ok(self.connection.last_insert_rowid())
    }

    /// To add many rows with these columns.
    pub(crate) fn inserter(
        &self,
        table: Table,
        columns: &[&str],
    ) -> Result<Inserter<'c>, StoreError> {
        let mut group = self
            .connection
            .prepare_cached("SELECT id FROM groups WHERE guid = ?1")?;
        let values: Vec<String> = (2..columns.len() + 2).map(|at| format!("?{at}")).collect();
        let sql = format!(
            "INSERT INTO {} (group_id, {}) VALUES (?1, {})",
            table.name(),
            columns.join(", "),
            values.join(", ")
        );
        Ok(Inserter {
            connection: self.connection,
            group_key: group.query_row([&self.group_text], |row| row.get(0))?,
            statement: self.connection.prepare_cached(&sql)?,
        })
    }

    /// Sets `assignments` in the rows for which `filter` holds; says how many those were.
    pub(crate) fn update(
        &self,
        table: Table,
        assignments: &str,
        filter: &str,
        named: Named<'_>,
    ) -> Result<usize, StoreError> {
        let sql = format!(
            "UPDATE {} SET {assignments} WHERE group_id = {THIS_GROUP} AND {filter}",
            table.name()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.execute(self.parameters(named).as_slice())?)
    }

    /// Whether this replica knows the group.
    pub(crate) fn is_known(&self) -> Result<bool, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT 1 FROM groups WHERE guid = ?1")?;
        Ok(statement.exists([&self.group_text])?)
    }

    /// Whether another group has the document.
    pub(crate) fn is_elsewhere(&self, document: DocumentId) -> Result<bool, StoreError> {
        let sql =
            format!("SELECT 1 FROM documents WHERE guid = :guid AND group_id IS NOT {THIS_GROUP}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let guid = document.to_string();
        let named = [(":guid", &guid as &dyn ToSql)];
        Ok(statement.exists(self.parameters(&named).as_slice())?)
    }

    /// Takes rows away. Lines are derived and can go; batches and segments refuse, unless others hold
    /// what they say.
    pub(crate) fn delete(
        &self,
        table: Table,
        filter: &str,
        named: Named<'_>,
    ) -> Result<usize, StoreError> {
        let name = table.name();
        let sql = format!("DELETE FROM {name} WHERE group_id = {THIS_GROUP} AND {filter}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.execute(self.parameters(named).as_slice())?)
    }

    fn run(
        &self,
        sql: &str,
        named: Named<'_>,
        mut visit: impl FnMut(&Row<'_>) -> Result<Visit, StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let parameters = self.parameters(named);
        let mut rows = statement.query(parameters.as_slice())?;
        while let Some(row) = rows.next()? {
            if visit(row)? == Visit::Enough {
                break;
            }
        }
        Ok(())
    }

    fn parameters<'a>(&'a self, named: Named<'a>) -> Vec<(&'a str, &'a dyn ToSql)> {
        let mut parameters = Vec::with_capacity(named.len() + 1);
        parameters.push((":group", &self.group_text as &dyn ToSql));
        parameters.extend_from_slice(named);
        parameters
    }
}

/// Adds rows of one group to one table.
pub(crate) struct Inserter<'c> {
    connection: &'c Connection,
    group_key: i64,
    statement: CachedStatement<'c>,
}

impl Inserter<'_> {
    /// Adds a row with these values, in the order of the columns, and returns its id.
    pub(crate) fn insert(&mut self, values: &[&dyn ToSql]) -> Result<i64, StoreError> {
        self.statement.raw_bind_parameter(1, self.group_key)?;
        for (at, value) in (2..).zip(values) {
            self.statement.raw_bind_parameter(at, value)?;
        }
        self.statement.raw_execute()?;
        Ok(self.connection.last_insert_rowid())
    }
}

/// Whether a visit goes on to the next row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    On,
    Enough,
}
