//! What a CPV app may do in a customer's tenant: delegated permissions on Microsoft's services
//! (<https://learn.microsoft.com/partner-center/developer/control-panel-vendor-apis>).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::settings::is_guid;

/// Permissions on one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationGrant {
    /// The service's app id, such as Microsoft Graph's `00000003-0000-0000-c000-000000000000`.
    pub service: String,
    /// Delegated permissions, such as `Directory.Read.All`; at least one.
    pub scopes: Vec<String>,
}

/// Why a text is no list of grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be grants such as \"00000003-0000-0000-c000-000000000000=Directory.Read.All,User.Read.All\", with a ; between them"
)]
pub struct BadGrants;

impl ApplicationGrant {
    /// Reads `SERVICE=SCOPE,SCOPE;SERVICE=SCOPE`.
    ///
    /// # Errors
    /// Where a service is no GUID, comes twice or has no scope, or a scope is no name.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, BadGrants> {
        let mut grants: Vec<Self> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (service, scopes) = part.split_once('=').ok_or(BadGrants)?;
            let service = service.trim().to_lowercase();
            let scopes: Vec<String> = scopes.split(',').map(|scope| scope.trim().to_owned()).collect();
            let is_name = |scope: &String| {
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
                (1..=120).contains(&scope.len()) && scope.bytes().all(plain)
            };
            let is_new = !grants.iter().any(|grant| grant.service == service);
            if !is_guid(&service) || !is_new || !scopes.iter().all(is_name) {
                return Err(BadGrants);
            }
            grants.push(Self { service, scopes });
        }
        if grants.is_empty() { Err(BadGrants) } else { Ok(grants) }
    }

    /// Grants as they are shown, in one line.
    #[must_use]
    pub fn list(grants: &[Self]) -> String {
        grants.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// The service by the name that operators know, where it is a usual one.
    #[must_use]
    pub fn service_name(&self) -> &str {
        match self.service.as_str() {
            "00000003-0000-0000-c000-000000000000" => "Microsoft Graph",
            "797f4846-ba00-4fd7-ba43-dac1f8f63013" => "Azure Service Management",
            "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd" => "Microsoft Partner Center",
            other => other,
        }
    }
}

impl fmt::Display for ApplicationGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.service_name(), self.scopes.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_read_and_nonsense_is_refused() {
        const GRAPH: &str = "00000003-0000-0000-C000-000000000000";
        let text = format!(
            " {GRAPH} = Directory.Read.All , User.Read.All; 797f4846-ba00-4fd7-ba43-dac1f8f63013=user_impersonation;"
        );
        let grants = ApplicationGrant::parse_list(&text).unwrap();
        let shown: Vec<String> = grants.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "Microsoft Graph: Directory.Read.All, User.Read.All",
                "Azure Service Management: user_impersonation"
            ]
        );
        assert_eq!(ApplicationGrant::list(&grants), shown.join("; "));
        for bad in [
            "",
            ";",
            "Directory.Read.All",
            "x=y",
            &format!("{GRAPH}="),
            &format!("{GRAPH}=a,,b"),
            &format!("{GRAPH}=a b"),
            &format!("{GRAPH}=a;{GRAPH}=b"),
            &format!("{GRAPH}=a\u{1b}[31m"),
        ] {
            assert_eq!(ApplicationGrant::parse_list(bad), Err(BadGrants), "{bad}");
        }
    }
}
