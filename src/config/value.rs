//! One value as it was given, and its reading as what the key wants.
//!
//! Each reading's error completes the sentence that starts with the key: "must be a number from 1 to 64, not 100".
//! Values are shown only where they are numbers or words: an address or a path may hold what should not be seen.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use url::{Host, Url};

use crate::domain::address::{is_local_redirect, is_loopback};

/// Azure's instance metadata service (<https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>).
const METADATA_SERVICE: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// A value before anyone asked what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A TOML string.
    Text(String),
    /// A TOML whole number; `None` if it fits no integer of 64 bits.
    Integer(Option<i64>),
    /// A TOML boolean.
    Flag(bool),
    /// Any other kind of TOML value, by its name.
    Other(&'static str),
    /// From a variable, a flag or the table of defaults, where everything is text.
    Word(String),
}

impl Value {
    /// The value as it may be shown in an error.
    fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Word(text) => {
                let short: String = text.chars().take(40).collect();
                let dots = if short.len() < text.len() { "..." } else { "" };
                format!("{short:?}{dots}")
            }
            Self::Integer(Some(number)) => number.to_string(),
            Self::Integer(None) => "a number of that size".to_owned(),
            Self::Flag(flag) => flag.to_string(),
            Self::Other(kind) => (*kind).to_owned(),
        }
    }

    /// What kind of value it is, for keys whose value is not shown.
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Word(_) => "text",
            Self::Integer(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Other(kind) => kind,
        }
    }

    fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) | Self::Word(text) => Ok(text),
            other => Err(format!("must be text in quotes, not {}", other.kind())),
        }
    }

    pub fn integer(&self, allowed: RangeInclusive<u32>) -> Result<u32, String> {
        let number = match self {
            Self::Integer(number) => *number,
            Self::Word(word) => word.trim().parse().ok(),
            _ => None,
        };
        number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| allowed.contains(number))
            .ok_or_else(|| {
                format!(
                    "must be a whole number from {} to {}, not {}",
                    allowed.start(),
                    allowed.end(),
                    self.shown()
                )
            })
    }

    pub fn flag(&self) -> Result<bool, String> {
        match self {
            Self::Flag(flag) => Ok(*flag),
            Self::Word(word) if word.trim() == "true" => Ok(true),
            Self::Word(word) if word.trim() == "false" => Ok(false),
            other => Err(format!("must be true or false, not {}", other.shown())),
        }
    }

    pub fn choice<T: Copy>(&self, allowed: &[(&str, T)]) -> Result<T, String> {
        let given = match self {
            Self::Text(text) => Some(text.as_str()),
            Self::Word(word) => Some(word.trim()),
            _ => None,
        };
        allowed.iter().find(|(name, _)| given == Some(name)).map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<String> = allowed.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            format!("must be one of {}, not {}", names.join(", "), self.shown())
        })
    }

    /// A service's base address, with a slash at its end.
    pub fn endpoint(&self) -> Result<Url, String> {
        let text = self.text()?;
        let mut url = Url::parse(text.trim()).map_err(|reason| {
            format!("must be a whole address such as https://graph.microsoft.com ({reason})")
        })?;
        if !url.has_host() {
            return Err(
                "must be an https address with a host, such as https://graph.microsoft.com".to_owned()
            );
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err("must start with https://; plain http is accepted only for this machine itself \
                            (localhost, 127.0.0.0/8, ::1), as tokens would cross the network unencrypted"
                    .to_owned());
            }
            _ => return Err("must start with https://".to_owned()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or password".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must be a base address, without ? and #".to_owned());
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(url)
    }

    /// As [`Value::endpoint`]; the instance metadata service of Azure's machines has no https, and is reached by no network.
    pub fn metadata_service(&self) -> Result<Url, String> {
        match self.text().ok().and_then(|text| Url::parse(text.trim()).ok()) {
            Some(url) if url.scheme() == "http" && url.host() == Some(Host::Ipv4(METADATA_SERVICE)) => {
                let mut url = url;
                url.set_path("/");
                url.set_query(None);
                url.set_fragment(None);
                Ok(url)
            }
            _ => self.endpoint(),
        }
    }

    /// An address that a browser is sent to, as it is registered: Microsoft compares it letter by letter.
    pub fn redirect_uri(&self) -> Result<String, String> {
        let text = self.text()?.trim();
        let wrong = "must be an address such as http://localhost, or https://example.com/signed-in";
        let url = Url::parse(text).map_err(|_| wrong.to_owned())?;
        let is_web = url.scheme() == "https" || is_local_redirect(&url);
        let is_plain = url.has_host()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_web || !is_plain || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong.to_owned());
        }
        Ok(text.to_owned())
    }

    /// A line of text; it may be empty.
    pub fn line(&self) -> Result<String, String> {
        let text = self.text()?.trim();
        if text.chars().any(char::is_control) || text.chars().count() > 1000 {
            return Err("must be one line of at most 1,000 characters".to_owned());
        }
        Ok(text.to_owned())
    }

    /// The name or address of a machine; it may be empty.
    pub fn host(&self) -> Result<String, String> {
        let text = self.text()?.trim();
        if text.is_empty() {
            return Ok(String::new());
        }
        let address = text.trim_start_matches('[').trim_end_matches(']');
        let is_host =
            address.parse::<IpAddr>().is_ok() || Host::parse(text).is_ok() && !text.contains([':', '/', '@']);
        if is_host {
            Ok(text.to_owned())
        } else {
            Err("must be the name of a machine, without port and path".to_owned())
        }
    }

    /// An absolute path: `~/` is the home folder, a relative one starts from `base`.
    pub fn path(&self, base: &Path, home: Option<&Path>) -> Result<PathBuf, String> {
        let text = self.text()?;
        if text.is_empty() || text.contains('\0') {
            return Err("must be a path, not empty".to_owned());
        }
        if let Some(rest) = text.strip_prefix('~') {
            let Some(rest) = rest.strip_prefix('/') else {
                return Err("may start with ~/ for your own home folder, but with no other use of ~ \
                            (a file of that name: ./~)"
                    .to_owned());
            };
            let home =
                home.ok_or("starts with ~/, but there is no home folder: set HOME, or write the whole path")?;
            return Ok(home.join(rest.trim_start_matches('/')));
        }
        Ok(base.join(text.strip_prefix("./").unwrap_or(text)))
    }
}
