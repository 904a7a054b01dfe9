//! A client: a customer under our management.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ids::CustomerId;
use super::money::Currency;
use super::typed::{Typed, field};

/// A client's standing with us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ClientStatus {
    /// Served and billed.
    Active,
    /// Known, not billed.
    Inactive,
    /// Stopped by us.
    Suspended,
    /// As another version of the program wrote it.
    Other(String),
}

impl ClientStatus {
    /// The values that an operator can choose from.
    #[must_use]
    pub fn usual() -> [Self; 3] {
        [Self::Active, Self::Inactive, Self::Suspended]
    }
}

impl From<String> for ClientStatus {
    fn from(text: String) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "active" => Self::Active,
            "inactive" => Self::Inactive,
            "suspended" => Self::Suspended,
            _ => Self::Other(text.trim().to_owned()),
        }
    }
}

impl From<ClientStatus> for String {
    fn from(status: ClientStatus) -> Self {
        status.to_string()
    }
}

impl fmt::Display for ClientStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
            Self::Other(text) => text,
        })
    }
}

/// A customer under management.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The customer's tenant.
    pub id: CustomerId,
    /// The company's name when it was last updated.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// Its e-mail address, where Microsoft gives one.
    #[serde(default)]
    pub email: Option<String>,
    /// The reseller on record.
    #[serde(default)]
    pub mpn_id: Option<String>,
    /// The name under which the client signs in to us.
    pub username: String,
    /// What it is billed in.
    pub currency: Currency,
    /// Since when it is a client.
    pub registered_on: Date,
    /// Its standing.
    pub status: ClientStatus,
}

/// What an operator typed over a client's values and has not yet saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientEdit {
    /// The revision of the client that was on the screen at the first edit; 0 where it was not under management.
    pub base_revision: u64,
    /// A new user name.
    pub username: Option<String>,
    /// A new currency.
    pub currency: Option<Currency>,
    /// A new registration date.
    pub registered_on: Option<Date>,
    /// A new status.
    pub status: Option<ClientStatus>,
}

impl ClientEdit {
    /// Whether nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.username.is_none()
            && self.currency.is_none()
            && self.registered_on.is_none()
            && self.status.is_none()
    }
}

impl Typed for ClientEdit {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn revision(&self) -> u64 {
        self.base_revision
    }

    fn rebase(&mut self, revision: u64) {
        self.base_revision = revision;
    }

    fn with_changes(before: &Self, mine: &Self, theirs: &Self) -> Self {
        Self {
            base_revision: theirs.base_revision,
            username: field(&before.username, &mine.username, &theirs.username),
            currency: field(&before.currency, &mine.currency, &theirs.currency),
            registered_on: field(&before.registered_on, &mine.registered_on, &theirs.registered_on),
            status: field(&before.status, &mine.status, &theirs.status),
        }
    }
}

/// Why a typed user name can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Nothing typed.
    #[error("a user name can't be empty")]
    Empty,
    /// Over 320 characters, the longest e-mail address there is.
    #[error("a user name has at most 320 characters, this one has {0}")]
    TooLong(usize),
    /// Control characters or white space.
    #[error("a user name has no white space or control characters")]
    BadCharacter,
}

/// Checks a user name.
///
/// # Errors
/// See [`UsernameError`].
pub fn check_username(text: &str) -> Result<(), UsernameError> {
    match text.chars().count() {
        0 => Err(UsernameError::Empty),
        length @ 321.. => Err(UsernameError::TooLong(length)),
        _ if text.chars().any(|c| c.is_whitespace() || c.is_control()) => Err(UsernameError::BadCharacter),
        _ => Ok(()),
    }
}

/// A user name in which `{domain}` and `{email}` stand for each client's own, as it is typed for many clients at once. None
/// where the client has no e-mail address and the text asks for it.
#[must_use]
pub fn fill_username(typed: &str, domain: &str, email: Option<&str>) -> Option<String> {
    let filled = typed.replace("{domain}", domain);
    match email {
        Some(email) => Some(filled.replace("{email}", email)),
        None => (!filled.contains("{email}")).then_some(filled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_user_name_can_name_each_clients_own_values() {
        for (typed, email, filled) in [
            ("billing@{domain}", None, Some("billing@acme.no")),
            ("{email}", Some("ola@acme.no"), Some("ola@acme.no")),
            ("{email}", None, None),
            ("ola", None, Some("ola")),
        ] {
            assert_eq!(fill_username(typed, "acme.no", email).as_deref(), filled, "{typed}");
        }
    }
}
