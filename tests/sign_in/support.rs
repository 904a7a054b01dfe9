//! A store that knows the partner, and a simulator of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use cspdeck::domain::record::Versioned;
use cspdeck::domain::settings::Settings;
use cspdeck::domain::token::Token;
use cspdeck::jobs::connect;
use cspdeck::jobs::reach::Reach;
use cspdeck::jobs::settings::{self, Saved, SettingsUpdate};
use cspdeck::jobs::{JobError, token};
use cspdeck::partner_center::PartnerCenter;
use cspdeck::simulator::{self, Faults, Options, Simulator};
use cspdeck::store::{JobRecord, SecretInfo, SecretName, Store};
use redb::ReadableTable;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::reach::{reach, store_in};

/// What the refresh token is called in the vault.
pub const TOKEN_IN_VAULT: &str = "cspdeck-refresh-token";

pub struct Desk {
    pub store: Store,
    pub reach: Reach,
    pub simulator: Simulator,
    folder: TempDir,
}

impl Desk {
    /// Settings and app secret are there; a refresh token is not.
    pub async fn new() -> Self {
        let options = Options { customers: 3, smtp: Some(0), ..Options::default() };
        let simulator = Simulator::start(options).await.expect("the simulator starts");
        let folder = tempfile::tempdir().expect("a folder");
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path(), private).expect("a private folder");
        let store = store_in(&folder, Duration::from_secs(10));
        store.put_secret(SecretName::CpvAppSecret, &simulator::APP_SECRET.into()).expect("kept");
        let reach = reach(&simulator);
        let desk = Self { store, reach, simulator, folder };
        desk.set(&[("cpv_app_id", simulator::APP_ID), ("csp_domain", simulator::PARTNER_DOMAIN)]);
        desk
    }

    /// The same, with a refresh token.
    pub async fn signed_in() -> Self {
        let desk = Self::new().await;
        desk.store.put_secret(SecretName::RefreshToken, &simulator::REFRESH_TOKEN.into()).expect("kept");
        desk
    }

    /// The same, with all secrets in the vault, which the app opens.
    pub async fn with_vault() -> Self {
        let desk = Self::signed_in().await;
        desk.save(&desk.vault("app"), &[]).await.expect("saved");
        desk
    }

    /// The settings of a vault that is opened so.
    pub fn vault(&self, identity: &'static str) -> Vec<(&'static str, String)> {
        vec![
            ("mfa_method", "key_vault".to_owned()),
            ("key_vault_url", self.simulator.base_url()),
            ("key_vault_identity", identity.to_owned()),
        ]
    }

    /// Another host's store beside the same simulator.
    pub fn other_host(&self) -> (Store, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path(), private).expect("a private folder");
        (store_in(&folder, Duration::from_secs(10)), folder)
    }

    /// The store, for somebody who waits for nobody.
    pub fn impatient(&self) -> Store {
        store_in(&self.folder, Duration::from_millis(50))
    }

    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        self.simulator.set_faults(change);
    }

    /// Writes settings as they are, past all that saving does.
    pub fn set(&self, changes: &[(&str, &str)]) {
        let write = |txn: &mut cspdeck::store::WriteTxn| {
            let Versioned { revision, mut value, .. } = txn.settings()?;
            for (key, text) in changes {
                value.set(key, text).expect("a good setting");
            }
            txn.put_settings(revision, &value)
        };
        self.store.write(write).expect("settings");
    }

    /// Saves settings and secrets as the dashboard does.
    pub async fn save(
        &self,
        changes: &[(&'static str, String)],
        secrets: &[(SecretName, &str)],
    ) -> Result<Saved, JobError> {
        self.save_over(self.versioned_settings(), changes, secrets).await
    }

    /// The same, over settings that were read earlier.
    pub async fn save_over(
        &self,
        before: Versioned<Settings>,
        changes: &[(&'static str, String)],
        secrets: &[(SecretName, &str)],
    ) -> Result<Saved, JobError> {
        settings::save(&self.store, &self.reach, update(before, changes, secrets)).await
    }

    pub fn versioned_settings(&self) -> Versioned<Settings> {
        self.store.read(|txn| txn.settings()).expect("settings")
    }

    pub fn settings(&self) -> Settings {
        self.versioned_settings().value
    }

    /// A secret that is kept in the store.
    pub fn secret(&self, name: SecretName) -> Option<String> {
        self.store.secret(name).expect("readable").map(|secret| secret.expose_secret().to_owned())
    }

    pub fn token(&self) -> Option<String> {
        self.secret(SecretName::RefreshToken)
    }

    pub fn info(&self, name: SecretName) -> SecretInfo {
        self.store.read(|txn| txn.secret_info(name)).expect("readable").expect("a secret")
    }

    pub fn token_info(&self) -> SecretInfo {
        self.info(SecretName::RefreshToken)
    }

    pub fn token_in_vault(&self) -> Option<String> {
        self.simulator.vault_secret(TOKEN_IN_VAULT)
    }

    /// How the token stands, as every header says it.
    pub fn standing(&self) -> &'static str {
        let token: Token = self.store.read(token::standing).expect("readable");
        token.standing(jiff::Timestamp::now()).word()
    }

    pub async fn center(&self) -> PartnerCenter {
        connect::partner_center(&self.store, &self.reach).await.expect("set up").0
    }

    /// The newest job of the journal.
    pub fn job(&self) -> JobRecord {
        self.store.read(|txn| txn.jobs()).expect("jobs").remove(0)
    }

    /// Where the key to the store's secrets is.
    pub fn identity(&self) -> PathBuf {
        self.folder.path().join("identity.txt")
    }

    /// Opens the identity file to others, so that nothing can be sealed until it is closed.
    pub fn allow_identity(&self, mode: u32) {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.identity(), mode).expect("the identity file");
    }

    /// Makes the token look as if it had been stored a year earlier.
    pub fn age_token(&self) {
        let table = redb::TableDefinition::<&[u8], &[u8]>::new("secrets");
        let database = redb::Database::open(self.store.path()).expect("the store");
        let txn = database.begin_write().expect("begun");
        {
            let mut table = txn.open_table(table).expect("the secrets");
            let mut row = table.get(&b"refresh_token"[..]).expect("read").expect("a token").value().to_vec();
            let at = row.windows(6).position(|bytes| bytes == b"set_at").expect("its time");
            let year = row[at..].windows(2).position(|bytes| bytes == b"20").expect("a year") + at;
            let text = std::str::from_utf8(&row[year..year + 4]).expect("digits").to_owned();
            let before = text.parse::<u32>().expect("a number") - 1;
            row[year..year + 4].copy_from_slice(before.to_string().as_bytes());
            table.insert(&b"refresh_token"[..], &row[..]).expect("written");
        }
        txn.commit().expect("committed");
    }

    /// Keeps everybody else out of the store until what is returned is dropped.
    pub fn hold(&self) -> Held {
        hold(self.store.clone())
    }
}

/// What is to be saved over settings that were read.
pub fn update(
    before: Versioned<Settings>,
    changes: &[(&'static str, String)],
    secrets: &[(SecretName, &str)],
) -> SettingsUpdate {
    let mut settings = before.value.clone();
    for (key, text) in changes {
        settings.set(key, text).expect("a good setting");
    }
    let secrets = secrets.iter().map(|(name, value)| (*name, (*value).into())).collect();
    SettingsUpdate {
        before,
        settings,
        secrets,
        typed_over: Vec::new(),
        leaves_secrets: false,
        takes_newer: true,
    }
}

/// A store that somebody is in.
pub struct Held {
    leave: Option<mpsc::Sender<()>>,
    holder: Option<JoinHandle<()>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.leave.take());
        if let Some(holder) = self.holder.take() {
            holder.join().expect("the holder ends well");
        }
    }
}

pub fn hold(store: Store) -> Held {
    let (leave, left) = mpsc::channel::<()>();
    let (inside, is_inside) = mpsc::channel();
    let holder = std::thread::spawn(move || {
        store
            .write(|_| {
                inside.send(()).expect("awaited");
                // It ends with whoever holds the other end.
                let _ = left.recv();
                Ok(())
            })
            .expect("held");
    });
    is_inside.recv().expect("inside");
    Held { leave: Some(leave), holder: Some(holder) }
}
