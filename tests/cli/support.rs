//! A home folder with a configuration, a simulator beside it, and the binary run in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cspdeck::simulator::{APP_ID, APP_SECRET, PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN};
use cspdeck::store::{Sharing, Store, StoreOptions, operator};
use serde_json::Value;
use tempfile::TempDir;

pub const SEED: u64 = 7;

/// What a run gave.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// The one JSON document of a failure, which says what standard error says.
    #[track_caller]
    pub fn error(&self, kind: &str) -> String {
        let error = &self.json()["error"];
        assert_eq!(error["kind"], kind, "{self:?}");
        error["message"].as_str().unwrap().to_owned()
    }
}

/// A simulator in a process of its own.
pub struct Simulator {
    child: Child,
    pub url: String,
    /// What it has said of itself.
    pub document: Value,
}

impl Simulator {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cspdeck"))
            .args(["simulator", "--json", "--seed", &SEED.to_string()])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut text = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while !text.ends_with("\n}") {
            text.push('\n');
            text.push_str(&lines.next().expect("the simulator ended at once").unwrap());
        }
        let document: Value = serde_json::from_str(&text).unwrap();
        Self { child, url: document["url"].as_str().unwrap().to_owned(), document }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub struct Site {
    pub folder: TempDir,
    pub simulator: Option<Simulator>,
}

impl Site {
    /// Without a simulator: its endpoints lead nowhere.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "tmp", "config", "data", "state"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let site = Self { folder, simulator: None };
        site.configure("http://127.0.0.1:9", "");
        site
    }

    /// With a simulator and all that is needed to sign in to it.
    pub fn ready(simulator: &[&str]) -> Self {
        let site = Self::before_consent(simulator);
        site.secret("refresh_token", REFRESH_TOKEN).expect(0);
        site
    }

    /// With a simulator and all but the refresh token.
    pub fn before_consent(simulator: &[&str]) -> Self {
        let mut site = Self::bare();
        site.simulate(simulator);
        let tier = if simulator.contains(&"indirect") { "indirect" } else { "direct" };
        site.run(&[
            "settings",
            "set",
            &format!("cpv_app_id={APP_ID}"),
            &format!("microsoft_id={PARTNER_TENANT}"),
            &format!("csp_domain={PARTNER_DOMAIN}"),
            &format!("tier={tier}"),
        ])
        .expect(0);
        site.secret("cpv_app_secret", APP_SECRET).expect(0);
        site
    }

    /// Another simulator at the address of the last one, which is gone, and all that it had in memory with it.
    pub fn simulate_again(&mut self, arguments: &[&str]) {
        let url = self.simulator.take().unwrap().url.clone();
        let (_, port) = url.rsplit_once(':').unwrap();
        self.simulate(&[&["--port", port], arguments].concat());
    }

    /// The address of the simulator.
    pub fn url(&self) -> String {
        self.simulator.as_ref().unwrap().url.clone()
    }

    /// The settings that keep the secrets in the simulator's vault.
    pub fn vault(&self) -> [String; 2] {
        ["mfa_method=key_vault".to_owned(), format!("key_vault_url={}", self.url())]
    }

    /// Moves the secrets to the simulator's vault.
    pub fn use_vault(&self) -> Answer {
        let [method, url] = self.vault();
        self.run(&["settings", "set", &method, &url, "--json"])
    }

    /// Puts another simulator in the place of the last one.
    pub fn simulate(&mut self, arguments: &[&str]) {
        let simulator = Simulator::start(arguments);
        self.configure(&simulator.url, "");
        self.simulator = Some(simulator);
    }

    pub fn configure(&self, url: &str, more: &str) {
        let text = format!(
            "[endpoints]\nlogin = \"{url}\"\npartner_center = \"{url}\"\npricing = \"{url}\"\n\
             graph = \"{url}\"\nmanaged_identity = \"{url}\"\n\
             [http]\nrequests_per_minute = 100000\nmax_attempts = 2\n\
             [store]\nwait_seconds = 5\n\
             [log]\nlevel = \"trace\"\n{more}"
        );
        std::fs::write(self.config(), text).unwrap();
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("cspdeck.toml")
    }

    pub fn identity_path(&self) -> PathBuf {
        self.folder.path().join("config/cspdeck/identity.txt")
    }

    pub fn store_path(&self) -> PathBuf {
        self.folder.path().join("data/cspdeck/store.redb")
    }

    /// The store, opened by the test itself.
    pub fn store(&self) -> Store {
        Store::open(StoreOptions {
            path: self.store_path(),
            identity: self.identity_path(),
            wait: Duration::from_secs(5),
            sharing: Sharing::Private,
            operator: operator::current(),
        })
        .unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_cspdeck"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", path("home"))
            .env("TMPDIR", path("tmp"))
            .env("XDG_CONFIG_HOME", path("config"))
            .env("XDG_DATA_HOME", path("data"))
            .env("XDG_STATE_HOME", path("state"))
            .env("CSPDECK_CONFIG", self.config())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Answer {
        finish(self.command(arguments).spawn().unwrap())
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        self.run(&arguments).expect(0).json()
    }

    pub fn secret(&self, name: &str, value: &str) -> Answer {
        let mut child = self.command(&["settings", "secret", name]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
        finish(child)
    }

    /// Starts a pull and waits until it has read some customers, but not all.
    pub fn pull_half(&self, arguments: &[&str]) -> Child {
        let mut command = vec!["csp", "pull", "--json"];
        command.extend(arguments);
        self.half_done(self.command(&command).spawn().unwrap())
    }

    /// Waits until a job has done some customers, but not all.
    pub fn half_done(&self, mut child: Child) -> Child {
        loop {
            assert!(child.try_wait().unwrap().is_none(), "the pull ended too early");
            let job = &self.json(&["jobs", "list"])[0];
            let (done, total) = (job["done"].as_u64().unwrap_or(0), job["total"].as_u64());
            if job["state"] == "running" && done > 0 && total.is_some_and(|total| done < total) {
                return child;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Waits for a process and reads what it has said.
pub fn finish(mut child: Child) -> Answer {
    let mut err = child.stderr.take().unwrap();
    let errors = std::thread::spawn(move || read(&mut err));
    let out = read(&mut child.stdout.take().unwrap());
    let code = child.wait().unwrap().code();
    Answer { code, out, err: errors.join().unwrap() }
}

fn read(from: &mut impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

/// Sends a signal to a child of the test.
pub fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
