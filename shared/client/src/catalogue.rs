//! What the dispatcher knows of every document without opening it.

use std::collections::{BTreeMap, HashMap};

use tideline_model::{Document, DocumentId, GroupId, LineId, Value};
use tideline_store::Deletion;

use crate::protocol::DocumentEntry;

/// Property of a document's root: folder names joined by `/`.
pub const FOLDER: &str = "folder";
/// Property of a document's root: present while the document is in the bin.
pub const DELETED: &str = "deleted";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub group: GroupId,
    pub title: String,
    pub folder: String,
    pub updated_ms: i64,
    pub deleted: bool,
}

impl Entry {
    /// Of a document that has said nothing of itself yet.
    pub fn untitled(group: GroupId, now_ms: i64) -> Self {
        Self {
            group,
            title: String::new(),
            folder: String::new(),
            updated_ms: now_ms,
            deleted: false,
        }
    }
}

/// The documents of all groups.
#[derive(Debug, Default)]
pub struct Catalogue {
    documents: HashMap<DocumentId, Entry>,
    /// Groups on a server, by name.
    groups: BTreeMap<GroupId, String>,
}

impl Catalogue {
    pub fn insert(&mut self, document: DocumentId, entry: Entry) {
        self.documents.insert(document, entry);
    }

    pub fn get(&self, document: DocumentId) -> Option<&Entry> {
        self.documents.get(&document)
    }

    pub fn documents(&self) -> impl Iterator<Item = (DocumentId, &Entry)> {
        self.documents.iter().map(|(id, entry)| (*id, entry))
    }

    pub fn set_group_name(&mut self, group: GroupId, name: String) {
        self.groups.insert(group, name);
    }

    /// Groups on a server.
    pub fn groups(&self) -> impl Iterator<Item = (GroupId, &str)> {
        self.groups.iter().map(|(id, name)| (*id, name.as_str()))
    }

    pub fn is_shared(&self, group: GroupId) -> bool {
        self.groups.contains_key(&group)
    }

    pub fn first_shared(&self) -> Option<GroupId> {
        self.groups.keys().next().copied()
    }

    /// Gives documents to another group.
    pub fn adopt(&mut self, group: GroupId, documents: &[DocumentId]) {
        for document in documents {
            if let Some(entry) = self.documents.get_mut(document) {
                entry.group = group;
            }
        }
    }

    /// Reads what `document` says of itself; `true` when the list of documents looks different now.
    pub fn refresh(&mut self, group: GroupId, document: &Document, now_ms: i64) -> bool {
        let entry = Entry {
            group,
            title: document.title().to_owned(),
            folder: folder(document),
            updated_ms: now_ms,
            deleted: is_deleted(document),
        };
        let before = self.documents.insert(document.id(), entry.clone());
        before.is_none_or(|before| {
            Entry {
                updated_ms: now_ms,
                ..before
            } != entry
        })
    }

    /// The documents that are not in the bin, by folder and title.
    pub fn entries(&self) -> Vec<DocumentEntry> {
        let mut entries: Vec<DocumentEntry> = self
            .documents
            .iter()
            .filter(|(_, entry)| !entry.deleted)
            .map(|(id, entry)| DocumentEntry {
                id: id.to_string(),
                title: entry.title.clone(),
                folder: entry.folder.clone(),
                updated_ms: entry.updated_ms,
                group: self.groups.get(&entry.group).cloned(),
            })
            .collect();
        entries.sort_by(|a, b| {
            let key = |entry: &DocumentEntry| (entry.folder.clone(), entry.title.to_lowercase());
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        entries
    }
}

/// Folder names joined by `/`; empty at the top.
pub fn folder(document: &Document) -> String {
    root_text(document, FOLDER)
}

/// As the replica keeps it.
pub fn deletion(document: &Document) -> Deletion {
    if is_deleted(document) {
        Deletion::Deleted
    } else {
        Deletion::Restored
    }
}

pub fn is_deleted(document: &Document) -> bool {
    root_value(document, DELETED) == Some(Value::Boolean(true))
}

fn root_text(document: &Document, name: &str) -> String {
    root_value(document, name)
        .map(|value| value.to_string())
        .unwrap_or_default()
}

fn root_value(document: &Document, name: &str) -> Option<Value> {
    let properties = document.line(LineId::ROOT)?.properties;
    let (_, values) = properties
        .into_iter()
        .find(|(property, _)| property == name)?;
    values.into_iter().next()
}
