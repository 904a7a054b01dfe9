//! From the sources to a [`Config`]: flag over variable over file over default.

use std::collections::HashMap;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use url::Url;

use super::error::{ConfigError, Problem};
use super::file;
use super::keys::{KEYS, Key, closest};
use super::value::Value;
use super::{
    ApplicationConsentConfig, Config, ConsentConfig, Dashboard, Endpoints, Glyphs, Http, Log, LogLevel,
    Sharing, SmtpConfig, SmtpSecurity, StoreConfig, Theme,
};
use crate::domain::address::is_this_machine;
use crate::domain::application_grant::ApplicationGrant;

const PREFIX: &str = "CSPDECK_";
const FILE_VARIABLE: &str = "CSPDECK_CONFIG";
const STORE_VARIABLE: &str = "CSPDECK_STORE";

/// Where the configuration comes from. Nothing else of the process is looked at but its working folder, for relative
/// paths in flags and variables.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `--config`; goes before `CSPDECK_CONFIG` in the environment. A file that is named must exist.
    pub file: Option<PathBuf>,
    /// `--store`; goes before `CSPDECK_STORE` in the environment.
    pub store: Option<PathBuf>,
    /// All variables. An empty value is no value.
    pub environment: Vec<(String, String)>,
    /// The home folder, if there is one.
    pub home: Option<PathBuf>,
}

impl Sources {
    /// The process's own environment and home folder, with these flags. A variable that is not UTF-8 is kept in a form
    /// that [`load`] refuses, should it need it.
    #[must_use]
    pub fn of_process(file: Option<PathBuf>, store: Option<PathBuf>) -> Self {
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        Self { file, store, environment, home: std::env::home_dir() }
    }

    /// A variable's value, unless it is unset or empty.
    fn variable(&self, name: &str) -> Option<&str> {
        let found = self.environment.iter().rev().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// Reads and checks the configuration.
///
/// # Errors
/// A file that can't be read, or all keys and values that are wrong, wherever they stand.
pub fn load(sources: Sources) -> Result<Config, ConfigError> {
    let mut loader = Loader::new(&sources);
    loader.defaults();
    loader.file()?;
    loader.variables();
    loader.flags();
    let config = loader.config();
    match config {
        Some(config) if loader.problems.is_empty() => Ok(config),
        _ => Err(ConfigError::Invalid(loader.problems)),
    }
}

/// A value with where it was found and where its relative paths start.
struct Given {
    origin: String,
    base: PathBuf,
    value: Value,
}

struct Loader<'a> {
    sources: &'a Sources,
    home: Option<&'a Path>,
    /// By key; of a key's values, the last one counts.
    given: HashMap<&'static str, Vec<Given>>,
    problems: Vec<Problem>,
}

impl<'a> Loader<'a> {
    fn new(sources: &'a Sources) -> Self {
        let home = sources.home.as_deref().filter(|home| home.is_absolute());
        Self { sources, home, given: HashMap::new(), problems: Vec::new() }
    }

    fn give(&mut self, key: &Key, origin: String, base: PathBuf, value: Value) {
        self.given.entry(key.path).or_default().push(Given { origin, base, value });
    }

    fn problem(&mut self, origin: &str, key: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            origin: origin.to_owned(),
            key: key.to_owned(),
            message: message.into(),
        });
    }

    fn defaults(&mut self) {
        for key in KEYS {
            if let Some(default) = key.default {
                self.give(key, "default".to_owned(), PathBuf::new(), Value::Word(default.to_owned()));
            }
        }
    }

    fn file(&mut self) -> Result<(), ConfigError> {
        let named = self.sources.file.clone();
        let named = named.or_else(|| self.readable(FILE_VARIABLE).map(PathBuf::from));
        let Some(path) = named
            .clone()
            .or_else(|| self.folder("XDG_CONFIG_HOME", ".config").map(|f| f.join("config.toml")))
        else {
            return Ok(());
        };
        let text = match file::read(&path) {
            Ok(text) => text,
            Err(error) if named.is_none() && is_absent(&error) => return Ok(()),
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        let name = path.display().to_string();
        let base = std::path::absolute(&path).ok().and_then(|path| path.parent().map(Path::to_owned));
        for entry in file::parse(&name, &text, &mut self.problems) {
            self.give(
                entry.key,
                format!("{name}:{}", entry.line),
                base.clone().unwrap_or_default(),
                entry.value,
            );
        }
        Ok(())
    }

    fn variables(&mut self) {
        for (name, value) in &self.sources.environment {
            if !name.starts_with(PREFIX) || name == FILE_VARIABLE || name == STORE_VARIABLE {
                continue;
            }
            let variables: Vec<String> = KEYS.iter().map(Key::variable).collect();
            match KEYS.iter().zip(&variables).find(|(_, variable)| *variable == name) {
                Some(_) if value.is_empty() => {}
                Some((key, _)) => {
                    if let Some(value) = self.readable(name) {
                        self.give(key, name.clone(), working_folder(), Value::Word(value));
                    }
                }
                None => {
                    let known = variables.iter().map(String::as_str).chain([FILE_VARIABLE, STORE_VARIABLE]);
                    let hint = file::suggestion(closest(name, known));
                    let name = name.escape_debug().to_string();
                    self.problem(&name, "", format!("is not one of the variables of cspdeck{hint}"));
                }
            }
        }
    }

    fn flags(&mut self) {
        let given = match &self.sources.store {
            Some(path) => Some(("--store", path.to_str().map(str::to_owned))),
            None => self.readable(STORE_VARIABLE).map(|path| (STORE_VARIABLE, Some(path))),
        };
        let store = KEYS.iter().find(|key| key.path == "store.path");
        match (given, store) {
            (Some((origin, Some(path))), Some(key)) => {
                self.give(key, origin.to_owned(), working_folder(), Value::Word(path));
            }
            (Some((origin, None)), _) => self.problem(origin, "store.path", "must be UTF-8"),
            _ => {}
        }
    }

    /// A variable's value, if it is set; one that was not UTF-8 is a problem.
    fn readable(&mut self, name: &str) -> Option<String> {
        let value = self.sources.variable(name)?.to_owned();
        if value.contains(char::REPLACEMENT_CHARACTER) {
            self.problem(name, "", "is not UTF-8 text");
            return None;
        }
        Some(value)
    }

    /// The program's folder below an XDG folder. As the XDG specification wants it, a relative one is not looked at.
    fn folder(&mut self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let folder = self.readable(variable).map(PathBuf::from).filter(|folder| folder.is_absolute());
        let folder = folder.or_else(|| self.home.map(|home| home.join(below_home)))?;
        Some(folder.join("cspdeck"))
    }

    // Every key is read before the first `?`, so that each one's problem is told.
    fn config(&mut self) -> Option<Config> {
        let endpoints = self.endpoints();
        let http = self.http();
        let store = self.store();
        let consent = self.consent();
        let application_consent = self.application_consent();
        let smtp = self.smtp();
        let dashboard = self.dashboard();
        let log = self.log();
        Some(Config {
            endpoints: endpoints?,
            http: http?,
            store: store?,
            consent: consent?,
            application_consent: application_consent?,
            smtp: smtp?,
            dashboard: dashboard?,
            log: log?,
        })
    }

    fn endpoints(&mut self) -> Option<Endpoints> {
        let login = self.endpoint("endpoints.login");
        let partner_center = self.endpoint("endpoints.partner_center");
        let pricing = self.endpoint("endpoints.pricing");
        let graph = self.endpoint("endpoints.graph");
        let key_vault = self.endpoint("endpoints.key_vault");
        let managed_identity =
            self.read("endpoints.managed_identity", |given, _| given.value.metadata_service());
        Some(Endpoints {
            login: login?,
            partner_center: partner_center?,
            pricing: pricing?,
            graph: graph?,
            key_vault: key_vault?,
            managed_identity: managed_identity?,
        })
    }

    fn http(&mut self) -> Option<Http> {
        let requests_per_minute = self.integer("http.requests_per_minute", 1..=100_000);
        let concurrency = self.integer("http.concurrency", 1..=64);
        let connect_timeout_seconds = self.integer("http.connect_timeout_seconds", 1..=300);
        let read_timeout_seconds = self.integer("http.read_timeout_seconds", 1..=3600);
        let request_timeout_seconds = self.integer("http.request_timeout_seconds", 1..=3600);
        let max_attempts = self.integer("http.max_attempts", 1..=20);
        let page_size = self.integer("http.page_size", 1..=500);
        Some(Http {
            requests_per_minute: requests_per_minute?,
            concurrency: concurrency?,
            connect_timeout_seconds: connect_timeout_seconds?,
            read_timeout_seconds: read_timeout_seconds?,
            request_timeout_seconds: request_timeout_seconds?,
            max_attempts: max_attempts?,
            page_size: page_size?,
        })
    }

    fn store(&mut self) -> Option<StoreConfig> {
        let path = self.path("store.path", ("XDG_DATA_HOME", ".local/share"), "store.redb");
        let identity = self.path("store.identity", ("XDG_CONFIG_HOME", ".config"), "identity.txt");
        let wait_seconds = self.integer("store.wait_seconds", 0..=600);
        let sharing =
            self.choice("store.sharing", &[("private", Sharing::Private), ("group", Sharing::Group)]);
        Some(StoreConfig { path: path?, identity: identity?, wait_seconds: wait_seconds?, sharing: sharing? })
    }

    fn consent(&mut self) -> Option<ConsentConfig> {
        let redirect_uri = self.read("consent.redirect_uri", |given, _| given.value.redirect_uri());
        let port = self.port("consent.port", 0);
        let minutes = self.integer("consent.minutes", 1..=60);
        Some(ConsentConfig { redirect_uri: redirect_uri?, port: port?, minutes: minutes? })
    }

    fn application_consent(&mut self) -> Option<ApplicationConsentConfig> {
        let display_name = self.read("application_consent.display_name", |given, _| {
            given.value.line().and_then(|name| match name.is_empty() {
                true => Err("must be a name, not empty".to_owned()),
                false => Ok(name),
            })
        });
        let grants = self.read("application_consent.grants", |given, _| {
            given.value.line().and_then(|text| ApplicationGrant::parse_list(&text).map_err(|e| e.to_string()))
        });
        Some(ApplicationConsentConfig { display_name: display_name?, grants: grants? })
    }

    fn smtp(&mut self) -> Option<SmtpConfig> {
        let host = self.read("smtp.host", |given, _| given.value.host());
        let port = self.port("smtp.port", 1);
        let kinds =
            [("starttls", SmtpSecurity::StartTls), ("tls", SmtpSecurity::Tls), ("none", SmtpSecurity::None)];
        let security = self.choice("smtp.security", &kinds);
        let user = self.read("smtp.user", |given, _| given.value.line());
        let (host, port, security, user) = (host?, port?, security?, user?);
        if security == SmtpSecurity::None && !host.is_empty() && !is_this_machine(&host) {
            self.problem("smtp", "smtp.security", "\"none\" is for a mail server on this machine only");
            return None;
        }
        let some = |text: String| (!text.is_empty()).then_some(text);
        Some(SmtpConfig { host: some(host), port, security, user: some(user) })
    }

    fn dashboard(&mut self) -> Option<Dashboard> {
        let themes = [("plain", Theme::Plain), ("dark", Theme::Dark), ("light", Theme::Light)];
        let theme = self.choice("dashboard.theme", &themes);
        let sets = [("auto", Glyphs::Auto), ("unicode", Glyphs::Unicode), ("ascii", Glyphs::Ascii)];
        let glyphs = self.choice("dashboard.glyphs", &sets);
        let mouse = self.read("dashboard.mouse", |given, _| given.value.flag());
        let frame_interval_ms = self.integer("dashboard.frame_interval_ms", 10..=1000);
        Some(Dashboard {
            theme: theme?,
            glyphs: glyphs?,
            mouse: mouse?,
            frame_interval_ms: frame_interval_ms?,
        })
    }

    fn log(&mut self) -> Option<Log> {
        use LogLevel::{Debug, Error, Info, Off, Trace, Warn};
        let levels = [Off, Error, Warn, Info, Debug, Trace].map(|level| (level.as_str(), level));
        let level = self.choice("log.level", &levels);
        let directory = self.path("log.directory", ("XDG_STATE_HOME", ".local/state"), "");
        Some(Log { level: level?, directory: directory? })
    }

    fn endpoint(&mut self, key: &str) -> Option<Url> {
        self.read(key, |given, _| given.value.endpoint())
    }

    fn port(&mut self, key: &str, least: u16) -> Option<u16> {
        let port = self.integer(key, u32::from(least)..=u32::from(u16::MAX))?;
        u16::try_from(port).ok()
    }

    fn integer(&mut self, key: &str, allowed: RangeInclusive<u32>) -> Option<u32> {
        self.read(key, |given, _| given.value.integer(allowed.clone()))
    }

    fn choice<T: Copy>(&mut self, key: &str, allowed: &[(&str, T)]) -> Option<T> {
        self.read(key, |given, _| given.value.choice(allowed))
    }

    fn path(&mut self, key: &str, (xdg, below_home): (&str, &str), name: &str) -> Option<PathBuf> {
        if self.given.contains_key(key) {
            return self.read(key, |given, home| given.value.path(&given.base, home));
        }
        let Some(folder) = self.folder(xdg, below_home) else {
            self.problem(
                "default",
                key,
                format!("has no default without a home folder; set it, {xdg} or HOME"),
            );
            return None;
        };
        Some(if name.is_empty() { folder } else { folder.join(name) })
    }

    /// Reads all values of a key, so that a wrong one is told even where another goes before it, and returns the last.
    fn read<T>(&mut self, key: &str, read: impl Fn(&Given, Option<&Path>) -> Result<T, String>) -> Option<T> {
        let mut last = None;
        for given in self.given.remove(key).unwrap_or_default() {
            match read(&given, self.home) {
                Ok(value) => last = Some(value),
                Err(message) => self.problem(&given.origin, key, message),
            }
        }
        last
    }
}

/// No such file, or something on the way to it is no folder: nobody has put a configuration there.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Where relative paths of flags and variables start. Empty if it was deleted: the path then stays as it is.
fn working_folder() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}
