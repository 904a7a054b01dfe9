//! Every key that there is, with its default, and the suggestion for one that there is not.

/// A key of the configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Section and name, such as `http.concurrency`.
    pub path: &'static str,
    /// The default as a variable would give it. `None` for a path: that depends on the home folder.
    pub default: Option<&'static str>,
}

impl Key {
    /// The section, such as `http`.
    pub fn section(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(section, _)| section)
    }

    /// The name within its section, such as `concurrency`.
    pub fn name(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(_, name)| name)
    }

    /// The variable that sets it, such as `CSPDECK_HTTP_CONCURRENCY`.
    pub fn variable(&self) -> String {
        format!("CSPDECK_{}", self.path.replace('.', "_").to_ascii_uppercase())
    }
}

const fn key(path: &'static str, default: &'static str) -> Key {
    Key { path, default: Some(default) }
}

const fn place(path: &'static str) -> Key {
    Key { path, default: None }
}

/// All keys, in the order of the example file.
pub(super) const KEYS: &[Key] = &[
    key("endpoints.login", "https://login.microsoftonline.com"),
    key("endpoints.partner_center", "https://api.partnercenter.microsoft.com"),
    key("endpoints.pricing", "https://api.partner.microsoft.com"),
    key("endpoints.graph", "https://graph.microsoft.com"),
    key("endpoints.key_vault", "https://vault.azure.net"),
    key("endpoints.managed_identity", "http://169.254.169.254"),
    key("http.requests_per_minute", "500"),
    key("http.concurrency", "4"),
    key("http.connect_timeout_seconds", "10"),
    key("http.read_timeout_seconds", "60"),
    key("http.request_timeout_seconds", "180"),
    key("http.max_attempts", "5"),
    key("http.page_size", "500"),
    place("store.path"),
    place("store.identity"),
    key("store.wait_seconds", "10"),
    key("store.sharing", "private"),
    key("consent.redirect_uri", "http://localhost"),
    key("consent.port", "0"),
    key("consent.minutes", "10"),
    key("application_consent.display_name", "cspdeck"),
    key(
        "application_consent.grants",
        "00000003-0000-0000-c000-000000000000=Directory.Read.All,User.Read.All",
    ),
    key("smtp.host", ""),
    key("smtp.port", "587"),
    key("smtp.security", "starttls"),
    key("smtp.user", ""),
    key("dashboard.theme", "dark"),
    key("dashboard.glyphs", "auto"),
    key("dashboard.mouse", "false"),
    key("dashboard.frame_interval_ms", "33"),
    key("log.level", "info"),
    place("log.directory"),
];

/// The names of all sections, each once.
pub(super) fn sections() -> Vec<&'static str> {
    let mut sections: Vec<_> = KEYS.iter().map(Key::section).collect();
    sections.dedup();
    sections
}

/// The candidate that `word` was probably meant to be, if one is near enough to be a slip of the finger.
pub(super) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(80).collect();
    let limit = (word.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be put in, left out or replaced to get from one word to the other (Levenshtein).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
