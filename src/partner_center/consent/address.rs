//! The address at which the browser signs in. It goes into a QR code and over the phone, so it is kept short: of what may stand
//! in a query, nothing is escaped (RFC 3986, 3.4).

use oauth2::{CsrfToken, PkceCodeChallenge};
use url::Url;

use super::ConsentOptions;

/// The whole address.
pub(super) fn of(
    endpoint: &Url,
    options: &ConsentOptions,
    scope: &str,
    state: &CsrfToken,
    challenge: &PkceCodeChallenge,
) -> String {
    let parameters = [
        ("client_id", options.client_id.trim()),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", &options.redirect_uri),
        ("scope", scope),
        ("state", state.secret()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", challenge.method().as_str()),
        ("prompt", "login"),
    ];
    let mut address = format!("{endpoint}?");
    for (i, (name, value)) in parameters.into_iter().enumerate() {
        if i > 0 {
            address.push('&');
        }
        address.push_str(name);
        address.push('=');
        escape(value, &mut address);
    }
    address
}

fn escape(value: &str, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(value in "\\PC{0,40}") {
            let mut query = "v=".to_owned();
            escape(&value, &mut query);
            let url = Url::parse(&format!("https://login.example/?{query}")).unwrap();
            prop_assert_eq!(url.query(), Some(query.as_str()), "the address is normal already");
            let read: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(read, [("v".to_owned(), value)]);
        }
    }
}
