//! Documents that change their group, and batches that must be sent again.

use rusqlite::Connection;
use tideline_model::{DocumentId, GroupId};

use crate::commit::save_document;
use crate::error::StoreError;
use crate::packing::{self, Which};
use crate::rows::StoredDocument;
use crate::scope::Scope;
use crate::table::{Rows, Table};

/// Gives the documents of `from` to `into`, with their batches and lines.
pub(crate) fn adopt(
    connection: &Connection,
    from: GroupId,
    into: GroupId,
    except: &[DocumentId],
    now_ms: i64,
) -> Result<Vec<DocumentId>, StoreError> {
    let target = Rows::new(connection, into);
    if !target.is_known()? {
        return Err(StoreError::UnknownGroup { group: into });
    }
    let source = Scope::new(connection, from);
    let mut adopted = Vec::new();
    for document in source.stored_documents("deleted_at IS NULL ORDER BY id", &[])? {
        if !except.contains(&document.row.id) {
            adopted.push(document.row.id);
            packing::unpack(&source, &document, Which::All)?;
            adopt_one(source.rows(), &target, document, now_ms)?;
        }
    }
    Ok(adopted)
}

fn adopt_one(
    source: &Rows<'_>,
    target: &Rows<'_>,
    mut document: StoredDocument,
    now_ms: i64,
) -> Result<(), StoreError> {
    let key = document.key;
    let into = target.group().to_string();
    let named: [(&str, &dyn rusqlite::ToSql); 2] = [(":document", &key), (":into", &into)];
    let moved = "group_id = (SELECT id FROM groups WHERE guid = :into)";
    source.update(Table::Documents, moved, "id = :document", &named)?;
    source.update(Table::Lines, moved, "document_id = :document", &named)?;
    source.update(
        Table::Batches,
        &format!("{moved}, origin = 0, acked_at = NULL"),
        "document_id = :document",
        &named,
    )?;
    document.row.group = target.group();
    document.row.cursor = 0;
    document.row.updated_ms = now_ms;
    save_document(target, &document)
}

pub(crate) fn forget_acknowledgements(
    connection: &Connection,
    group: GroupId,
    now_ms: i64,
) -> Result<(), StoreError> {
    let scope = Scope::new(connection, group);
    for document in scope.stored_documents("destroyed_at IS NULL ORDER BY id", &[])? {
        packing::unpack(&scope, &document, Which::All)?;
    }
    scope.rows().update(
        Table::Batches,
        "acked_at = NULL, updated_at = :now",
        "origin = 0 AND acked_at IS NOT NULL",
        &[(":now", &now_ms)],
    )?;
    Ok(())
}
