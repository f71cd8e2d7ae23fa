//! Reads who names whom from the manifests.

use std::collections::{BTreeMap, BTreeSet};

use crate::read;
use crate::tidy::source::root;

/// What one manifest names, for building, for running and for tests.
pub struct Room {
    /// Crates of this workspace.
    pub own: BTreeSet<String>,
    /// Everybody else's.
    pub others: BTreeSet<String>,
}

/// All rooms of the workspace by the names of their crates.
pub fn rooms() -> BTreeMap<String, Room> {
    let manifest: toml::Table = toml::from_str(&read(&root().join("Cargo.toml"))).unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    members
        .iter()
        .map(|member| room(member.as_str().unwrap()))
        .collect()
}

fn room(folder: &str) -> (String, Room) {
    let text = read(&root().join(folder).join("Cargo.toml"));
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    let mut named = BTreeSet::new();
    collect(&manifest, &mut named);
    let name = manifest["package"]["name"].as_str().unwrap().to_owned();
    let (own, others) = (named.into_iter()).partition(|name| name.starts_with("tideline"));
    (name, Room { own, others })
}

/// Dependencies stand at the top and below `target.…`.
fn collect(table: &toml::Table, named: &mut BTreeSet<String>) {
    for (key, value) in table {
        let Some(inner) = value.as_table() else {
            continue;
        };
        match key.as_str() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                named.extend(inner.keys().cloned());
            }
            "target" => {
                for platform in inner.values() {
                    collect(platform.as_table().unwrap(), named);
                }
            }
            _ => {}
        }
    }
}
