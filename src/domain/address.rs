//! Addresses that secrets may be sent to.

use std::net::IpAddr;

use url::Url;

/// Whether an address leads to this very machine, so that plain `http` shows nothing to a network.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_this_machine)
}

/// Whether a host, by name or address, is this very machine.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a browser that is sent there comes to 127.0.0.1 of the machine it runs on: the only address that is listened at for it.
#[must_use]
pub fn is_local_redirect(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for (address, expected) in [
            ("http://127.0.0.1:9", true),
            ("http://127.8.9.10/x", true),
            ("http://localhost", true),
            ("http://LOCALHOST:1", true),
            ("http://[::1]:5", true),
            ("http://127.0.0.1.example", false),
            ("http://localhost.example", false),
            ("http://[::2]", false),
            ("http://169.254.169.254", false),
            ("data:x", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(address).unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn a_browser_is_listened_for_at_one_address() {
        for (address, expected) in [
            ("http://127.0.0.1:9", true),
            ("http://LOCALHOST:1/x", true),
            ("http://127.8.9.10/x", false),
            ("http://[::1]:5", false),
            ("https://localhost", false),
        ] {
            assert_eq!(is_local_redirect(&Url::parse(address).unwrap()), expected, "{address}");
        }
    }
}
