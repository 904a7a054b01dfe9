use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::keys::{KEYS, Key, closest};
use super::*;

const HOME: &str = "/home/ana";

fn sources() -> Sources {
    Sources { home: Some(PathBuf::from(HOME)), ..Sources::default() }
}

fn with_variables(variables: &[(&str, &str)]) -> Sources {
    let environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { environment, ..sources() }
}

/// A folder with `cspdeck.toml` of this text in it, and sources that name it.
fn with_file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cspdeck.toml");
    std::fs::write(&file, text).unwrap();
    let sources = Sources { file: Some(file), ..sources() };
    (folder, sources)
}

/// The problems of a file, each without the file's folder.
fn problems_of(text: impl AsRef<[u8]>) -> Vec<String> {
    let (folder, sources) = with_file(text);
    problems(sources)
        .into_iter()
        .map(|line| line.replace(&format!("{}/", folder.path().display()), ""))
        .collect()
}

fn problems(sources: Sources) -> Vec<String> {
    match load(sources) {
        Err(ConfigError::Invalid(problems)) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("expected problems, got {other:?}"),
    }
}

#[test]
fn defaults_need_no_file_and_no_environment() {
    let config = load(sources()).unwrap();
    assert_eq!(config.endpoints.partner_center.as_str(), "https://api.partnercenter.microsoft.com/");
    assert_eq!(config.store.path, Path::new("/home/ana/.local/share/cspdeck/store.redb"));
    assert_eq!(config.store.identity, Path::new("/home/ana/.config/cspdeck/identity.txt"));
    assert_eq!(config.log.directory, Path::new("/home/ana/.local/state/cspdeck"));
    assert_eq!((config.http.requests_per_minute, config.http.concurrency), (500, 4));
    assert!(!config.dashboard.mouse);
}

#[test]
fn example_equals_the_defaults() {
    let (_folder, named) = with_file(EXAMPLE);
    assert_eq!(load(named).unwrap(), load(sources()).unwrap());
}

#[test]
fn example_sets_every_key_in_order() {
    let mut problems = Vec::new();
    let entries = super::file::parse("example", EXAMPLE, &mut problems);
    assert_eq!(problems, []);
    let mut entries: Vec<_> = entries.iter().map(|entry| (entry.line, entry.key.path)).collect();
    entries.sort_unstable();
    let found: Vec<_> = entries.iter().map(|(_, path)| *path).collect();
    let known: Vec<_> = KEYS.iter().map(|key| key.path).collect();
    assert_eq!(found, known);
    for (line, path) in entries {
        let above = EXAMPLE.lines().nth(line - 2).unwrap();
        assert!(above.starts_with("# "), "{path} is not explained");
    }
}

/// For each key a value that is not its default, as TOML.
fn other_value(key: &Key) -> &'static str {
    match key.path {
        "store.sharing" => "\"group\"",
        "dashboard.theme" => "\"plain\"",
        "dashboard.glyphs" => "\"ascii\"",
        "dashboard.mouse" => "true",
        "log.level" => "\"trace\"",
        "consent.redirect_uri" => "\"https://example.test/done\"",
        "application_consent.display_name" => "\"Contoso\"",
        "application_consent.grants" => "\"797f4846-ba00-4fd7-ba43-dac1f8f63013=user_impersonation\"",
        "smtp.security" => "\"tls\"",
        "smtp.user" => "\"ana\"",
        "smtp.host" => "\"mail.example.test\"",
        path if path.starts_with("endpoints.") => "\"https://example.test/base\"",
        _ if key.default.is_none() => "\"/srv/elsewhere\"",
        _ => "17",
    }
}

#[test]
fn every_key_counts_in_the_file_and_as_a_variable() {
    let defaults = load(sources()).unwrap();
    let mut seen = HashSet::new();
    for key in KEYS {
        let value = other_value(key);
        let (_folder, named) = with_file(format!("{} = {value}\n", key.path));
        let from_file = load(named).unwrap();
        assert_ne!(from_file, defaults, "{}", key.path);
        let from_variable = load(with_variables(&[(&key.variable(), value.trim_matches('"'))])).unwrap();
        assert_eq!(from_file, from_variable, "{}", key.path);
        assert!(seen.insert(format!("{from_file:?}")), "{} sets what another key sets", key.path);
    }
}

#[test]
fn flag_goes_before_variable_before_file_before_default() {
    let (_folder, mut sources) = with_file("[http]\nconcurrency = 5\n[store]\npath = \"/from/file\"\n");
    assert_eq!(load(sources.clone()).unwrap().http.concurrency, 5);
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    sources.environment.push(variable("CSPDECK_HTTP_CONCURRENCY", "6"));
    sources.environment.push(variable("CSPDECK_STORE_PATH", "/from/variable"));
    let config = load(sources.clone()).unwrap();
    assert_eq!(config.http.concurrency, 6);
    assert_eq!(config.store.path, Path::new("/from/variable"));
    sources.environment.push(variable("CSPDECK_STORE", "/from/short/variable"));
    assert_eq!(load(sources.clone()).unwrap().store.path, Path::new("/from/short/variable"));
    sources.store = Some(PathBuf::from("/from/flag"));
    assert_eq!(load(sources).unwrap().store.path, Path::new("/from/flag"));
}

#[test]
fn named_file_goes_before_the_variable_and_must_exist() {
    let (folder, mut sources) = with_file("http.concurrency = 9\n");
    let other = folder.path().join("other.toml");
    std::fs::write(&other, "http.concurrency = 8\n").unwrap();
    let named = sources.file.take();
    sources.environment.push(("CSPDECK_CONFIG".to_owned(), other.display().to_string()));
    assert_eq!(load(sources.clone()).unwrap().http.concurrency, 8);
    sources.file = named;
    assert_eq!(load(sources.clone()).unwrap().http.concurrency, 9);
    sources.file = Some(folder.path().join("absent.toml"));
    let message = load(sources).unwrap_err().to_string();
    assert!(message.contains("absent.toml") && message.contains("--config"), "{message}");
}

#[test]
fn default_file_may_be_absent_but_not_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let home = Sources { home: Some(folder.path().to_owned()), ..Sources::default() };
    assert_eq!(load(home.clone()).unwrap().http.concurrency, 4);
    let place = folder.path().join(".config/cspdeck");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("config.toml"), "http.concurrency = 3").unwrap();
    assert_eq!(load(home.clone()).unwrap().http.concurrency, 3);
    std::fs::remove_file(place.join("config.toml")).unwrap();
    std::fs::create_dir(place.join("config.toml")).unwrap();
    assert!(matches!(load(home), Err(ConfigError::Read { .. })));
}

#[test]
fn all_problems_are_told_at_once_with_their_lines() {
    let text = "\
[http]
concurency = 4
max_attempts = 0
page_size = \"many\"
read_timeout_seconds = 60.5
theme = \"dark\"

[dashbord]
theme = \"dark\"

[dashboard]
theme = \"drak\"
mouse = \"yes\"

[store]
path = 5
wait_seconds = -1
";
    let mut found = problems_of(text);
    found.sort_by_key(|line| {
        let line = line.split(':').nth(1).unwrap();
        line.parse::<u32>().unwrap()
    });
    assert_eq!(
        found,
        [
            "cspdeck.toml:2: http.concurency is not a key, did you mean concurrency?",
            "cspdeck.toml:3: http.max_attempts must be a whole number from 1 to 20, not 0",
            "cspdeck.toml:4: http.page_size must be a whole number from 1 to 500, not \"many\"",
            "cspdeck.toml:5: http.read_timeout_seconds must be a whole number from 1 to 3600, not a number with a fraction",
            "cspdeck.toml:6: http.theme belongs below [dashboard]",
            "cspdeck.toml:8: dashbord is not a section, did you mean dashboard?",
            "cspdeck.toml:12: dashboard.theme must be one of \"plain\", \"dark\", \"light\", not \"drak\"",
            "cspdeck.toml:13: dashboard.mouse must be true or false, not \"yes\"",
            "cspdeck.toml:16: store.path must be text in quotes, not a number",
            "cspdeck.toml:17: store.wait_seconds must be a whole number from 0 to 600, not -1",
        ]
    );
}

#[test]
fn wrong_value_is_told_even_where_another_goes_before_it() {
    let (_folder, mut sources) = with_file("http.concurrency = 65\n");
    sources.environment.push(("CSPDECK_HTTP_CONCURRENCY".to_owned(), "6".to_owned()));
    let found = problems(sources);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("cspdeck.toml:1: http.concurrency"), "{found:?}");
}

#[test]
fn text_that_is_not_toml_is_told_with_its_line() {
    for (text, line) in [
        ("[http]\nconcurrency = = 4\n", 2),
        ("[http]\nconcurrency = 4\nconcurrency = 5\n", 3),
        ("[http\n", 1),
        ("log.level = \"info\n", 1),
    ] {
        let found = problems_of(text);
        assert_eq!(found.len(), 1, "{found:?}");
        let start = format!("cspdeck.toml:{line}: is not valid TOML: ");
        assert!(found[0].starts_with(&start), "{found:?}");
    }
    let (_folder, sources) = with_file(b"# one\n# \xff\n");
    let message = load(sources).unwrap_err().to_string();
    assert!(message.contains("line 2 is not UTF-8"), "{message}");
    let (_folder, sources) = with_file("#".repeat((1 << 20) + 1));
    let message = load(sources).unwrap_err().to_string();
    assert!(message.contains("larger than 1 MiB"), "{message}");
}

#[test]
fn byte_order_mark_and_empty_file_are_fine() {
    let (_folder, sources) = with_file("\u{feff}http.concurrency = 2\n");
    assert_eq!(load(sources).unwrap().http.concurrency, 2);
    let (_folder, sources) = with_file("");
    assert_eq!(load(sources).unwrap().http.concurrency, 4);
}

#[test]
fn key_outside_its_section_is_told() {
    assert_eq!(
        problems_of("concurrency = 4\nhttp = 3\nnonsense = 1\n"),
        [
            "cspdeck.toml:1: concurrency belongs below [http]",
            "cspdeck.toml:2: http is a section: write [http] and its keys below",
            "cspdeck.toml:3: nonsense belongs to no section; there are endpoints, http, store, consent, application_consent, smtp, dashboard, log",
        ]
    );
}

#[test]
fn unknown_variables_are_refused_and_empty_ones_ignored() {
    assert_eq!(
        problems(with_variables(&[
            ("CSPDECK_HTTP_CONCURENCY", "4"),
            ("CSPDECK_\u{1b}[2J", "4"),
            ("CSPDECK_DASHBOARD_MOUSE", "on"),
            ("CSPDECKS_HTTP", "4"),
        ])),
        [
            "CSPDECK_HTTP_CONCURENCY: is not one of the variables of cspdeck, did you mean CSPDECK_HTTP_CONCURRENCY?",
            "CSPDECK_\\u{1b}[2J: is not one of the variables of cspdeck",
            "CSPDECK_DASHBOARD_MOUSE: dashboard.mouse must be true or false, not \"on\"",
        ]
    );
    let empty =
        with_variables(&[("CSPDECK_HTTP_CONCURRENCY", ""), ("CSPDECK_CONFIG", ""), ("CSPDECK_STORE", "")]);
    assert_eq!(load(empty).unwrap(), load(sources()).unwrap());
}

#[test]
fn variable_that_was_not_utf8_is_refused() {
    let lossy = "/srv/\u{fffd}/store";
    for name in ["CSPDECK_STORE", "CSPDECK_STORE_PATH", "XDG_DATA_HOME", "CSPDECK_CONFIG"] {
        let found = problems(with_variables(&[(name, lossy)]));
        assert_eq!(found, [format!("{name}: is not UTF-8 text")]);
    }
    assert!(load(with_variables(&[("EDITOR", lossy)])).is_ok());
}

#[test]
fn endpoints_take_http_only_on_this_machine() {
    let endpoint = |address: &str| {
        let loaded = load(with_variables(&[("CSPDECK_ENDPOINTS_GRAPH", address)]));
        loaded.map(|config| config.endpoints.graph.to_string())
    };
    for (given, taken) in [
        ("https://graph.microsoft.us", "https://graph.microsoft.us/"),
        ("https://proxy.test/graph", "https://proxy.test/graph/"),
        ("https://proxy.test/graph//", "https://proxy.test/graph/"),
        ("http://localhost:8080", "http://localhost:8080/"),
        ("http://127.1.2.3:1/", "http://127.1.2.3:1/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
    ] {
        assert_eq!(endpoint(given).unwrap(), taken);
    }
    for (given, reason) in [
        ("http://graph.microsoft.com", "only for this machine"),
        ("http://localhost.evil.test", "only for this machine"),
        ("http://127.0.0.1.evil.test", "only for this machine"),
        ("http://10.0.0.1", "only for this machine"),
        ("http://[::2]", "only for this machine"),
        ("ftp://localhost", "https://"),
        ("file:///etc", "with a host"),
        ("graph.microsoft.com", "whole address"),
        ("https://", "whole address"),
        ("https://ana@graph.test", "user name"),
        ("https://ana:hunter2@graph.test", "user name"),
        ("https://graph.test/?a=b", "without ?"),
        ("https://graph.test/#a", "without ?"),
    ] {
        let message = endpoint(given).unwrap_err().to_string();
        assert!(message.contains(reason), "{given}: {message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn what_is_below_an_endpoint_is_joined_to_it() {
    let config = load(sources()).unwrap();
    let joined = config.endpoints.partner_center.join("v1/customers").unwrap();
    assert_eq!(joined.as_str(), "https://api.partnercenter.microsoft.com/v1/customers");
}

#[test]
fn paths_start_at_the_file_or_the_home_folder() {
    let (folder, sources) = with_file("[store]\npath = \"deck/store.redb\"\nidentity = \"~/keys/id.txt\"\n");
    let config = load(sources).unwrap();
    assert_eq!(config.store.path, folder.path().join("deck/store.redb"));
    assert_eq!(config.store.identity, Path::new("/home/ana/keys/id.txt"));

    let working = std::env::current_dir().unwrap();
    let flag = Sources { store: Some(PathBuf::from("./here.redb")), ..super::tests::sources() };
    assert_eq!(load(flag).unwrap().store.path, working.join("here.redb"));

    for (given, reason) in [("", "not empty"), ("~per/x", "may start with ~/"), ("~", "may start with ~/")] {
        let found = problems_of(format!("store.path = \"{given}\"\n"));
        assert!(found[0].contains(reason), "{found:?}");
    }
}

#[test]
fn xdg_folders_are_followed_if_absolute() {
    let config = load(with_variables(&[
        ("XDG_DATA_HOME", "/data"),
        ("XDG_CONFIG_HOME", "relative"),
        ("XDG_STATE_HOME", "/state"),
    ]))
    .unwrap();
    assert_eq!(config.store.path, Path::new("/data/cspdeck/store.redb"));
    assert_eq!(config.store.identity, Path::new("/home/ana/.config/cspdeck/identity.txt"));
    assert_eq!(config.log.directory, Path::new("/state/cspdeck"));
}

#[test]
fn without_a_home_folder_paths_must_be_given() {
    for home in [None, Some(PathBuf::new()), Some(PathBuf::from("relative"))] {
        let found = problems(Sources { home, ..Sources::default() });
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("store.path has no default") && found[0].contains("XDG_DATA_HOME"));
    }
    let homeless = Sources {
        home: None,
        ..with_variables(&[
            ("CSPDECK_STORE", "/srv/store"),
            ("CSPDECK_STORE_IDENTITY", "/srv/id"),
            ("XDG_STATE_HOME", "/state"),
        ])
    };
    assert!(load(homeless.clone()).is_ok());
    let tilde = Sources { store: Some(PathBuf::from("~/store")), ..homeless };
    assert!(problems(tilde)[0].contains("no home folder"));
}

#[test]
fn only_a_slip_of_the_finger_is_suggested() {
    let names = ["concurrency", "page_size", "max_attempts"];
    assert_eq!(closest("Concurency", names), Some("concurrency"));
    assert_eq!(closest("pagesize", names), Some("page_size"));
    assert_eq!(closest("proxy", names), None);
    assert_eq!(closest("", names), None);
}
