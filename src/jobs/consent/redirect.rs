//! The browser's way back: the redirect address, and the listener behind it where it leads to this machine.

use std::time::Duration;

use url::Url;

use super::error::ConsentError;
use crate::domain::address::is_local_redirect;
use crate::partner_center::consent::Loopback;

/// How the browser's way back is arranged.
#[derive(Debug, Clone)]
pub struct ConsentSetup {
    /// Where the browser ends, as it is registered for the app.
    pub redirect_uri: String,
    /// The port to listen at; 0 for any.
    pub port: u16,
    /// How long the sign-in is waited for.
    pub limit: Duration,
}

/// See the module.
pub(super) struct Redirect {
    /// As it is sent to Microsoft.
    pub(super) address: String,
    pub(super) listener: Option<Loopback>,
    /// Why nothing listens, where something should.
    pub(super) deaf: Option<String>,
}

impl Redirect {
    /// Listens where the address leads to this machine. A port that can't be had is no reason to stop: the address can be pasted.
    ///
    /// # Errors
    /// See [`check`].
    pub(super) async fn arrange(setup: &ConsentSetup) -> Result<Self, ConsentError> {
        let (address, url) = check(setup)?;
        if !is_local_redirect(&url) {
            return Ok(Self { address: address.to_owned(), listener: None, deaf: None });
        }
        let wanted = own_port(address).unwrap_or(setup.port);
        match Loopback::bind(wanted, url.path()).await {
            Ok(listener) => {
                let address = with_port(address, listener.port());
                Ok(Self { address, listener: Some(listener), deaf: None })
            }
            Err(error) => {
                let deaf = format!("127.0.0.1:{wanted} can't be listened at ({error})");
                // Nobody answers there; the browser shows the address all the same.
                let port = if wanted == 0 { 80 } else { wanted };
                Ok(Self { address: with_port(address, port), listener: None, deaf: Some(deaf) })
            }
        }
    }
}

/// The address as it is configured, and parsed.
///
/// # Errors
/// [`ConsentError::BadRedirect`] where it is none, [`ConsentError::OtherPort`] where a browser that it sends here would not come to
/// the port to listen at.
pub(super) fn check(setup: &ConsentSetup) -> Result<(&str, Url), ConsentError> {
    let address = setup.redirect_uri.trim();
    let url = Url::parse(address).map_err(|error| ConsentError::BadRedirect {
        address: address.to_owned(),
        reason: error.to_string(),
    })?;
    let is_contrary = is_local_redirect(&url) && own_port(address).is_some_and(|port| port != setup.port);
    if setup.port != 0 && is_contrary {
        return Err(ConsentError::OtherPort { address: address.to_owned(), port: setup.port });
    }
    Ok((address, url))
}

/// The host of an address and its port, as they are written: a parsed address forgets a port that is the usual one.
fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn own_port(address: &str) -> Option<u16> {
    let (_, port) = authority(address).rsplit_once(':')?;
    port.parse().ok()
}

/// The address with a port, and else letter by letter as it was: Microsoft compares it so.
fn with_port(address: &str, port: u16) -> String {
    if own_port(address).is_some() {
        return address.to_owned();
    }
    let host = authority(address);
    address.replacen(host, &format!("{host}:{port}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(redirect_uri: &str, port: u16) -> ConsentSetup {
        ConsentSetup { redirect_uri: redirect_uri.to_owned(), port, limit: Duration::from_secs(60) }
    }

    #[tokio::test]
    async fn this_machines_addresses_are_listened_at_and_others_are_left_as_they_are() {
        for (address, before, behind) in [
            ("http://localhost", "http://localhost:", ""),
            ("http://LOCALHOST/done", "http://LOCALHOST:", "/done"),
            ("http://127.0.0.1/a/b?c=d", "http://127.0.0.1:", "/a/b?c=d"),
        ] {
            let redirect = Redirect::arrange(&setup(address, 0)).await.unwrap();
            let port = redirect.listener.unwrap().port();
            assert_eq!(redirect.address, format!("{before}{port}{behind}"));
        }
        let elsewhere = Redirect::arrange(&setup("https://contoso.com/signed-in", 0)).await.unwrap();
        assert!(elsewhere.listener.is_none() && elsewhere.deaf.is_none());
        assert_eq!(elsewhere.address, "https://contoso.com/signed-in");
    }

    #[test]
    fn a_port_that_the_browser_would_not_come_to_is_refused() {
        for (address, port) in [
            ("http://localhost:8400", 9000),
            ("http://127.0.0.1:8400/done", 1),
            ("http://localhost:80", 8400),
        ] {
            let error = check(&setup(address, port)).unwrap_err().to_string();
            assert!(error.contains(address) && error.contains(&port.to_string()), "{error}");
        }
        for (address, port) in [
            ("http://localhost:8400", 8400),
            ("http://localhost:8400", 0),
            ("http://localhost/x", 9000),
            // Nothing listens for these, whatever the port.
            ("https://contoso.com/signed-in", 8400),
            ("https://localhost:1", 8400),
        ] {
            assert_eq!(check(&setup(address, port)).unwrap().0, address);
        }
    }

    #[test]
    fn a_port_goes_behind_the_host_that_has_none() {
        for (address, expected) in [
            ("http://localhost", "http://localhost:7"),
            ("http://LOCALHOST/localhost?a=localhost", "http://LOCALHOST:7/localhost?a=localhost"),
            ("http://localhost?x=http://localhost:9", "http://localhost:7?x=http://localhost:9"),
            ("http://[::1]/done", "http://[::1]:7/done"),
            ("http://localhost:80", "http://localhost:80"),
            ("http://127.0.0.1:8400/", "http://127.0.0.1:8400/"),
        ] {
            assert_eq!(with_port(address, 7), expected);
        }
    }

    #[tokio::test]
    async fn a_port_that_is_taken_leaves_the_other_ways_open() {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        for setup in [setup("http://localhost", port), setup(&format!("http://localhost:{port}"), 0)] {
            let redirect = Redirect::arrange(&setup).await.unwrap();
            assert!(redirect.listener.is_none());
            assert!(redirect.deaf.unwrap().contains(&port.to_string()));
            assert_eq!(redirect.address, format!("http://localhost:{port}"));
        }
    }
}
