//! What a vault answers a request without a token: who can give one, and for what
//! (<https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses>). It is not to be trusted: followed
//! blindly, whoever stands in the vault's place would name the login that the app's secret goes to.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use url::Url;

use crate::domain::address::is_loopback;
use crate::domain::text::printable;
use crate::partner_center::scrub::cut;

/// Longest header that is read, in bytes.
const HEADER_LENGTH: usize = 8 * 1024;

/// Who gives a token for the vault, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    /// The tenant that the vault trusts.
    pub(super) tenant: String,
    /// What the token is for.
    pub(super) resource: String,
}

/// Reads and verifies the challenge of this vault, or tells what is wrong with it. The token must be for `key_vault`.
pub(super) fn verified(
    headers: &HeaderMap,
    vault: &Url,
    login: &Url,
    key_vault: &Url,
) -> Result<Challenge, String> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let bearer = texts
        .filter(|text| text.len() <= HEADER_LENGTH)
        .flat_map(challenges)
        .find(|challenge| {
            challenge.is_bearer() && challenge.parameter(&["authorization", "authorization_uri"]).is_some()
        })
        .ok_or("its answer names no login")?;
    let authority = bearer.parameter(&["authorization", "authorization_uri"]).unwrap_or_default();
    let resource =
        bearer.parameter(&["resource", "scope"]).ok_or("its answer does not tell what the token is for")?;
    Ok(Challenge { tenant: tenant(authority, login)?, resource: audience(resource, vault, key_vault)? })
}

/// The tenant in the address of an authority, which must be that of the login.
fn tenant(authority: &str, login: &Url) -> Result<String, String> {
    let url = Url::parse(authority).map_err(|_| format!("the login {} is no address", quoted(authority)))?;
    if url.origin() != login.origin() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("it names the login {}, not {}", quoted(authority), host(login)));
    }
    let below = url.path().strip_prefix(login.path().trim_end_matches('/')).unwrap_or_default();
    let tenant = below.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let in_tenant = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if tenant.is_empty() || !tenant.bytes().all(in_tenant) {
        return Err(format!("the login {} names no tenant", quoted(authority)));
    }
    Ok(tenant.to_owned())
}

/// What the token is for: what the configuration says, and something that this vault belongs to, so that whoever stands in its
/// place gets nothing that is good elsewhere.
fn audience(resource: &str, vault: &Url, key_vault: &Url) -> Result<String, String> {
    let first = resource.split_whitespace().next().unwrap_or_default();
    let address = first.strip_suffix("/.default").unwrap_or(first);
    let url = Url::parse(address).map_err(|_| format!("the resource {} is no address", quoted(resource)))?;
    let (host, vault_host) = (host(&url), host(vault));
    let is_own = match is_loopback(vault) {
        true => url.origin() == vault.origin() || url.origin() == key_vault.origin(),
        false => url.scheme() == "https" && is_domain_of(host, vault_host),
    };
    if !is_own || !url.origin().is_tuple() {
        return Err(format!("it asks for a token for {}, which it is no part of", quoted(resource)));
    }
    if url.origin() != key_vault.origin() && !is_loopback(vault) {
        let expected = key_vault.origin().ascii_serialization();
        return Err(format!(
            "it asks for a token for {}, and endpoints.key_vault in the configuration is {expected}",
            quoted(resource)
        ));
    }
    Ok(url.origin().ascii_serialization())
}

/// Whether one host lies in the domain that the other names. A domain of one label is nobody's own.
fn is_domain_of(domain: &str, host: &str) -> bool {
    let inside = host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    inside && domain.trim_matches('.').contains('.')
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(&printable(text), 120))
}

/// One challenge as it is written.
#[derive(Debug, PartialEq, Eq)]
struct Written<'a> {
    scheme: &'a str,
    parameters: Vec<(&'a str, String)>,
}

impl Written<'_> {
    fn is_bearer(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Bearer")
    }

    /// The first of these parameters that is there.
    fn parameter(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
        })
    }
}

/// Takes a header apart, as leniently as it can be done: a word with `=` behind it is a parameter, any other begins a challenge.
fn challenges(header: &str) -> Vec<Written<'_>> {
    let mut found = Vec::<Written<'_>>::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '=' | '"')).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let Some(after_equals) = after.trim_start().strip_prefix('=') else {
            if word.is_empty() && after.is_empty() {
                return found;
            }
            if word.is_empty() {
                // A stray quote.
                rest = after.trim_start_matches('"');
                continue;
            }
            found.push(Written { scheme: word, parameters: Vec::new() });
            rest = after;
            continue;
        };
        let (value, after) = value(after_equals.trim_start());
        if let Some(challenge) = found.last_mut() {
            challenge.parameters.push((word, value));
        }
        rest = after;
    }
}

/// A value, quoted or not, and what comes after it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VAULT: &str = "https://acme-kv.vault.azure.net/";
    const LOGIN: &str = "https://login.microsoftonline.com/";
    const GOOD: &str = "Bearer authorization=\"https://login.microsoftonline.com/t-1\", resource=\"https://vault.azure.net\"";

    fn read(headers: &[&str], vault: &str, login: &str) -> Result<(String, String), String> {
        let map = headers.iter().map(|value| (WWW_AUTHENTICATE, value.parse().unwrap())).collect();
        let key_vault = "https://vault.azure.net".parse().unwrap();
        verified(&map, &vault.parse().unwrap(), &login.parse().unwrap(), &key_vault)
            .map(|c| (c.tenant, c.resource))
    }

    #[test]
    fn every_spelling_is_read() {
        let login = "https://login.microsoftonline.com";
        for headers in [
            &[GOOD][..],
            &[&format!("bearer RESOURCE=\"https://vault.azure.net/\" ,Authorization = \"{login}/t-1/\"")],
            &[&format!("Bearer authorization={login}/t-1,resource=https://vault.azure.net")],
            &[&format!(
                "Bearer authorization_uri=\"{login}:443/t-1/oauth2/authorize\" scope=\"https://vault.azure.net/.default x\""
            )],
            &[&format!("Basic realm=\"a, Bearer b\\\"=\", Negotiate YII==, {GOOD}, Digest x=1")],
            &["Negotiate", GOOD],
            &[&format!("Bearer error=\"invalid_token\", {GOOD}")],
            &[&format!("Bearer authorization=\"{login}/t-1\",, resource=\"https://VAULT.azure.net\", junk")],
        ] {
            let expected = ("t-1".to_owned(), "https://vault.azure.net".to_owned());
            assert_eq!(read(headers, VAULT, LOGIN), Ok(expected), "{headers:?}");
        }
    }

    #[test]
    fn what_would_send_a_secret_to_a_stranger_is_refused() {
        let with = |authority: &str, resource: &str| {
            format!("Bearer authorization=\"{authority}\", resource=\"{resource}\"")
        };
        let good = "https://login.microsoftonline.com/t-1";
        for (authority, resource) in [
            ("https://login.evil.example/t-1", "https://vault.azure.net"),
            ("http://login.microsoftonline.com/t-1", "https://vault.azure.net"),
            ("https://login.microsoftonline.com:8443/t-1", "https://vault.azure.net"),
            ("https://login.microsoftonline.com.evil.example/t-1", "https://vault.azure.net"),
            ("https://login.microsoftonline.com@evil.example/t-1", "https://vault.azure.net"),
            ("https://user@login.microsoftonline.com/t-1", "https://vault.azure.net"),
            ("https://login.microsoftonline.com/", "https://vault.azure.net"),
            ("https://login.microsoftonline.com/t%2F1", "https://vault.azure.net"),
            ("login.microsoftonline.com/t-1", "https://vault.azure.net"),
            (good, "https://graph.microsoft.com"),
            (good, "https://management.azure.com"),
            (good, "https://ault.azure.net"),
            (good, "https://net"),
            (good, "https://.net"),
            (good, "http://vault.azure.net"),
            (good, "vault.azure.net"),
            (good, "https://x.acme-kv.vault.azure.net"),
            (good, ""),
        ] {
            assert!(read(&[&with(authority, resource)], VAULT, LOGIN).is_err(), "{authority} {resource}");
        }
        for headers in
            [&[][..], &["Bearer"], &["Basic realm=\"x\""], &["Bearer authorization=\"\", resource=\"\""]]
        {
            assert!(read(headers, VAULT, LOGIN).is_err(), "{headers:?}");
        }
        let long = format!("{GOOD}, x=\"{}\"", "x".repeat(HEADER_LENGTH));
        assert!(read(&[&long], VAULT, LOGIN).is_err());
    }

    #[test]
    fn in_another_cloud_the_configuration_tells_what_the_token_is_for() {
        let china = "https://acme-kv.vault.azure.cn/";
        let authority = "https://login.partner.microsoftonline.cn/t-1";
        let header = format!("Bearer authorization=\"{authority}\", resource=\"https://vault.azure.cn\"");
        let refused = read(&[&header], china, "https://login.partner.microsoftonline.cn/").unwrap_err();
        assert!(refused.contains("endpoints.key_vault"), "{refused}");
        let map = [(WWW_AUTHENTICATE, header.parse().unwrap())].into_iter().collect();
        let [vault, login, key_vault] =
            [china, authority, "https://vault.azure.cn"].map(|url| url.parse().unwrap());
        let login: Url = login;
        let login = login.join("/").unwrap();
        assert_eq!(verified(&map, &vault, &login, &key_vault).unwrap().resource, "https://vault.azure.cn");
    }

    #[test]
    fn a_vault_on_this_machine_may_name_itself_or_the_real_audience() {
        let here = "http://127.0.0.1:9000/";
        for (resource, good) in [
            ("http://127.0.0.1:9000", true),
            ("https://vault.azure.net", true),
            ("http://127.0.0.1:9001", false),
            ("https://graph.microsoft.com", false),
        ] {
            let header = format!("Bearer authorization=\"{here}login/t-1\", resource=\"{resource}\"");
            assert_eq!(read(&[&header], here, "http://127.0.0.1:9000/login/").is_ok(), good, "{resource}");
        }
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_reader(header in "[ -~\t]{0,80}|(Bearer|a|=|\"|,| |\\\\){0,40}") {
            challenges(&header);
        }
    }
}
