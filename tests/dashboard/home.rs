//! A home of its own for each test: configuration, logs and store in a temporary folder, and nothing of the real
//! environment.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use cspdeck::domain::operator::Operator;
use cspdeck::store::{Sharing, Store, StoreOptions};
use tempfile::TempDir;

/// The program under test.
pub const CSPDECK: &str = env!("CARGO_BIN_EXE_cspdeck");
/// Customers of the demo's partner.
pub const DEMO_CUSTOMERS: usize = 200;

/// See the module.
pub struct Home {
    folder: PathBuf,
    _until_dropped: Option<TempDir>,
}

/// The files of a demo's store after a pull: pulled once, copied for each test.
static PULLED: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();

impl Home {
    pub fn empty() -> Self {
        let only_ours = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().permissions(only_ours).tempdir().unwrap();
        Self { folder: folder.path().to_owned(), _until_dropped: Some(folder) }
    }

    /// One that another process has.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder, _until_dropped: None }
    }

    /// With a demo's store in which customers and subscriptions are, and nothing else.
    pub fn pulled() -> Self {
        let home = Self::empty();
        for (name, bytes) in PULLED.get_or_init(pull) {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create_new(true).mode(0o600).open(home.path().join(name)).unwrap();
            file.write_all(bytes).unwrap();
        }
        home
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn store_path(&self) -> PathBuf {
        self.path().join("store.redb")
    }

    /// The whole environment of a program that runs in this home.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables: Vec<(String, String)> = [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ]
        .iter()
        .map(|(name, folder)| ((*name).to_owned(), self.path().join(folder).display().to_string()))
        .collect();
        let plain = [
            ("CSPDECK_STORE", self.store_path().display().to_string()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ];
        variables.extend(plain.map(|(name, value)| (name.to_owned(), value)));
        variables
    }

    /// The program with these arguments and no terminal.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(CSPDECK);
        command.args(arguments).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Runs a headless verb that must succeed; its standard output.
    pub fn run(&self, arguments: &[&str]) -> String {
        self.run_with_input(arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> String {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        assert!(status.success(), "{arguments:?}: {status}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// What a headless list verb of the demo prints.
    pub fn demo_items(&self, verb: &str) -> Vec<serde_json::Value> {
        let store = self.store_path();
        let printed = self.run(&["--demo", "--store", store.to_str().unwrap(), verb, "list", "--json"]);
        serde_json::from_str(&printed).unwrap()
    }

    /// The demo's audit entries, as printed.
    pub fn demo_audit(&self) -> String {
        self.run(&["--demo", "--store", self.store_path().to_str().unwrap(), "audit", "--json"])
    }

    /// The store, opened from within the test, as another operator.
    pub fn store(&self) -> Store {
        let mut identity = self.store_path().into_os_string();
        identity.push(".identity");
        Store::open(StoreOptions {
            path: self.store_path(),
            identity: identity.into(),
            wait: Duration::from_secs(60),
            sharing: Sharing::Private,
            operator: Operator { uid: 4242, name: "mona".to_owned(), sudo_user: None, ssh_client: None },
        })
        .unwrap()
    }
}

fn pull() -> Vec<(String, Vec<u8>)> {
    let home = Home::empty();
    home.run(&["--demo", "--store", home.store_path().to_str().unwrap(), "csp", "pull"]);
    let entries = fs::read_dir(home.path()).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}
