//! What is in the vault.

use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// All secrets, the deleted ones that can be recovered among them. Names are the same in either case.
#[derive(Default)]
pub(in crate::simulator) struct Vault(HashMap<String, Secret>);

/// A secret with all its versions.
pub(super) struct Secret {
    /// As it was first written.
    pub name: String,
    /// When it was deleted, in seconds since 1970.
    pub deleted: Option<i64>,
    // The newest last; never empty.
    versions: Vec<Version>,
}

/// One version of a secret. Times are seconds since 1970.
pub(super) struct Version {
    pub id: String,
    pub value: String,
    pub enabled: bool,
    pub created: i64,
    pub not_before: Option<i64>,
    pub expires: Option<i64>,
    pub content_type: Option<String>,
    pub tags: Option<Map<String, Value>>,
}

/// The name belongs to a secret that is deleted.
#[derive(Debug)]
pub(super) struct IsDeleted;

impl Version {
    /// A new version.
    pub(super) fn new(value: &str) -> Version {
        Version {
            id: Uuid::new_v4().simple().to_string(),
            value: value.to_owned(),
            enabled: true,
            created: now(),
            not_before: None,
            expires: None,
            content_type: None,
            tags: None,
        }
    }
}

impl Secret {
    /// The newest version.
    pub(super) fn current(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The version with this id.
    pub(super) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id.eq_ignore_ascii_case(id))
    }

    /// All versions, in an order that says nothing of their age.
    pub(super) fn versions_by_id(&self) -> Vec<&Version> {
        let mut versions: Vec<&Version> = self.versions.iter().collect();
        versions.sort_by(|a, b| a.id.cmp(&b.id));
        versions
    }
}

impl Vault {
    /// The secret with this name, if it isn't deleted.
    pub(super) fn secret(&self, name: &str) -> Option<&Secret> {
        self.0.get(&key(name)).filter(|secret| secret.deleted.is_none())
    }

    /// The deleted secret with this name.
    pub(super) fn deleted(&self, name: &str) -> Option<&Secret> {
        self.0.get(&key(name)).filter(|secret| secret.deleted.is_some())
    }

    /// The newest value of a secret.
    pub(in crate::simulator) fn value(&self, name: &str) -> Option<String> {
        self.secret(name)?.current().map(|version| version.value.clone())
    }

    /// Puts a secret in, as its newest version; a deleted one of this name gives way.
    pub(in crate::simulator) fn put(&mut self, name: &str, value: &str) {
        self.purge(name);
        self.add(name, Version::new(value));
    }

    /// Puts a secret in, as its newest version, that has expired a minute ago.
    pub(in crate::simulator) fn put_expired(&mut self, name: &str, value: &str) {
        let version = Version::new(value);
        let expires = Some(version.created - 60);
        self.add(name, Version { expires, ..version });
    }

    /// Adds a version.
    ///
    /// # Errors
    /// When the name belongs to a deleted secret.
    pub(super) fn set(&mut self, name: &str, version: Version) -> Result<&Secret, IsDeleted> {
        if self.deleted(name).is_some() { Err(IsDeleted) } else { Ok(self.add(name, version)) }
    }

    fn add(&mut self, name: &str, version: Version) -> &Secret {
        let secret = self.0.entry(key(name)).or_insert_with(|| Secret {
            name: name.to_owned(),
            deleted: None,
            versions: Vec::new(),
        });
        secret.versions.push(version);
        secret
    }

    /// Deletes a secret so that it can be recovered.
    pub(super) fn delete(&mut self, name: &str) -> Option<&Secret> {
        let secret = self.0.get_mut(&key(name)).filter(|secret| secret.deleted.is_none())?;
        secret.deleted = Some(now());
        Some(secret)
    }

    /// Brings a deleted secret back.
    pub(super) fn recover(&mut self, name: &str) -> Option<&Secret> {
        let secret = self.0.get_mut(&key(name))?;
        secret.deleted.take()?;
        Some(secret)
    }

    /// Removes a deleted secret for good. False if there is none.
    pub(super) fn purge(&mut self, name: &str) -> bool {
        self.deleted(name).is_some() && self.0.remove(&key(name)).is_some()
    }
}

fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
