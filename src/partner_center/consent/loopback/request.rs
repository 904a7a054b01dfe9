//! What a request is: the end of a sign-in, or anything else.

use httparse::{EMPTY_HEADER, Header, Request, Status};
use url::form_urlencoded;

/// Longest head, and longest form, in bytes.
pub(super) const LIMIT: usize = 16 * 1024;

/// Most header lines.
const HEADERS: usize = 100;

/// Where the browser is sent to.
pub(super) struct Place {
    /// As a `Host` header names it.
    hosts: Vec<String>,
    path: String,
}

/// What a head asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The end of a sign-in, by its looks.
    Redirect(String),
    /// A form, which must still be read.
    Post(Form),
    /// Anything else, and the status that it gets.
    Other(&'static str),
}

/// A form that follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Its bytes.
    pub(super) length: usize,
}

const BAD_REQUEST: Wish = Wish::Other("400 Bad Request");

impl Place {
    pub(super) fn new(port: u16, path: &str) -> Self {
        let mut hosts = Vec::new();
        for name in ["localhost", "127.0.0.1", "[::1]"] {
            hosts.push(format!("{name}:{port}"));
            if port == 80 {
                hosts.push(name.to_owned());
            }
        }
        Self { hosts, path: path.trim_end_matches('/').to_owned() }
    }

    /// Judges a head, and tells its length; none while it has not come whole.
    pub(super) fn judge(&self, bytes: &[u8]) -> Option<(Wish, usize)> {
        let mut headers = [EMPTY_HEADER; HEADERS];
        let mut request = Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(Status::Complete(length)) => Some((self.wish(&request), length)),
            Ok(Status::Partial) => None,
            Err(_) => Some((BAD_REQUEST, 0)),
        }
    }

    fn wish(&self, request: &Request<'_, '_>) -> Wish {
        let (Some(method), Some(target)) = (request.method, request.path) else { return BAD_REQUEST };
        // A page of another site could reach this port under a name of its own (DNS rebinding).
        let is_ours = |host: &str| self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host));
        if !only(request.headers, "Host").is_some_and(is_ours) {
            return Wish::Other("421 Misdirected Request");
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path.trim_end_matches('/') != self.path {
            return Wish::Other("404 Not Found");
        }
        match method {
            "GET" if Self::is_answer(query) => Wish::Redirect(query.to_owned()),
            "GET" => BAD_REQUEST,
            "POST" => posted(request.headers),
            _ => Wish::Other("405 Method Not Allowed"),
        }
    }

    /// Whether parameters look like the answer of a sign-in page.
    pub(super) fn is_answer(query: &str) -> bool {
        let has = |wanted| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == wanted);
        has("error") || (has("code") && has("state"))
    }
}

fn posted(headers: &[Header<'_>]) -> Wish {
    let kind = only(headers, "Content-Type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Wish::Other("415 Unsupported Media Type");
    }
    let is_digits = |length: &&str| !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    let is_chunked = headers.iter().any(|header| header.name.eq_ignore_ascii_case("Transfer-Encoding"));
    match only(headers, "Content-Length").filter(is_digits) {
        Some(_) if is_chunked => BAD_REQUEST,
        None => Wish::Other("411 Length Required"),
        Some(length) => match length.parse() {
            Ok(length) if length <= LIMIT => Wish::Post(Form { length }),
            _ => Wish::Other("413 Content Too Large"),
        },
    }
}

/// The value of a header that must come once.
fn only<'a>(headers: &[Header<'a>], name: &str) -> Option<&'a str> {
    let mut values = headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    let value = values.next()?.value;
    if values.next().is_some() { None } else { Some(std::str::from_utf8(value).ok()?.trim()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    use proptest::prelude::*;

    fn judged(head: &str) -> Option<Wish> {
        Place::new(8400, "/").judge(head.as_bytes()).map(|(wish, _)| wish)
    }

    fn get(target: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: localhost:8400\r\n\r\n")
    }

    fn post(headers: &str) -> String {
        format!("POST / HTTP/1.1\r\nHost: localhost:8400\r\n{headers}\r\n\r\n")
    }

    #[test]
    fn the_end_of_a_sign_in_is_known_by_its_looks() {
        for query in
            ["code=c&state=s", "state=s&code=c&session_state=x", "error=access_denied", "error=x&state=s"]
        {
            assert_eq!(judged(&get(&format!("/?{query}"))), Some(Wish::Redirect(query.to_owned())));
        }
        for (target, status) in [
            ("/", "400"),
            ("/?code=c", "400"),
            ("/?state=s", "400"),
            ("/?barcode=c&state=s", "400"),
            ("/favicon.ico", "404"),
            ("/x?code=c&state=s", "404"),
            ("http://evil.example/?code=c&state=s", "404"),
            ("*", "404"),
        ] {
            let Some(Wish::Other(said)) = judged(&get(target)) else { panic!("{target}") };
            assert!(said.starts_with(status), "{target}: {said}");
        }
    }

    #[test]
    fn a_path_of_its_own_is_kept_to() {
        let place = Place::new(1, "/sign-in/");
        let judged = |target: &str| {
            let head = format!("GET {target}?error=x HTTP/1.0\r\nHost: 127.0.0.1:1\r\n\r\n");
            place.judge(head.as_bytes()).unwrap().0
        };
        assert_eq!(judged("/sign-in"), Wish::Redirect("error=x".to_owned()));
        assert_eq!(judged("/sign-in/"), Wish::Redirect("error=x".to_owned()));
        assert_eq!(judged("/"), Wish::Other("404 Not Found"));
    }

    #[test]
    fn only_this_machines_own_names_are_answered() {
        let head = |host: &str| format!("GET /?error=x HTTP/1.1\r\n{host}\r\n\r\n");
        for own in
            ["Host: localhost:8400", "host: LOCALHOST:8400", "Host:127.0.0.1:8400", "Host: [::1]:8400 "]
        {
            assert!(matches!(judged(&head(own)), Some(Wish::Redirect(_))), "{own}");
        }
        for foreign in [
            "X: y",
            "Host:",
            "Host: localhost",
            "Host: localhost:80",
            "Host: evil.example:8400",
            "Host: localhost:8400.evil.example",
            "Host: localhost:8400@evil.example",
            "Host: localhost:8400\r\nHost: localhost:8400",
            "Host: 127.0.0.1:84000",
        ] {
            assert_eq!(judged(&head(foreign)), Some(Wish::Other("421 Misdirected Request")), "{foreign}");
        }
        let place = Place::new(80, "");
        assert!(matches!(place.judge(head("Host: localhost").as_bytes()), Some((Wish::Redirect(_), _))));
    }

    #[test]
    fn a_form_says_what_it_is_and_how_long() {
        let form = "Content-Type: application/x-www-form-urlencoded";
        assert_eq!(
            judged(&post(&format!("{form}\r\nContent-Length: 20"))),
            Some(Wish::Post(Form { length: 20 }))
        );
        let charset = format!("{form}; charset=utf-8\r\nContent-Length: 16384");
        assert_eq!(judged(&post(&charset)), Some(Wish::Post(Form { length: LIMIT })));
        for (headers, status) in [
            (form.to_owned(), "411"),
            (format!("{form}\r\nContent-Length: -1"), "411"),
            (format!("{form}\r\nContent-Length: 1\r\nContent-Length: 2"), "411"),
            (format!("{form}\r\nContent-Length: 16385"), "413"),
            (format!("{form}\r\nContent-Length: 99999999999999999999999"), "413"),
            (format!("{form}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"), "400"),
            ("Content-Type: text/plain\r\nContent-Length: 1".to_owned(), "415"),
            ("Content-Length: 1".to_owned(), "415"),
        ] {
            let Some(Wish::Other(said)) = judged(&post(&headers)) else { panic!("{headers}") };
            assert!(said.starts_with(status), "{headers}: {said}");
        }
        for method in ["PUT", "OPTIONS", "HEAD", "get"] {
            let head = get("/?error=x").replacen("GET", method, 1);
            assert_eq!(judged(&head), Some(Wish::Other("405 Method Not Allowed")), "{method}");
        }
    }

    #[test]
    fn what_has_not_come_whole_is_waited_for() {
        let head = get("/?error=x");
        for end in 0..head.len() {
            assert_eq!(judged(&head[..end]), None, "{end}");
        }
        let two = head.repeat(2);
        assert_eq!(Place::new(8400, "/").judge(two.as_bytes()).map(|(_, length)| length), Some(head.len()));
    }

    proptest! {
        #[test]
        fn no_request_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), target in "\\PC{0,60}") {
            Place::new(8400, "/").judge(&bytes);
            judged(&get(&target));
        }
    }

    #[test]
    fn too_many_headers_are_refused() {
        let mut many = "GET / HTTP/1.1\r\n".to_owned();
        for i in 0..=HEADERS {
            write!(many, "X-{i}: y\r\n").unwrap();
        }
        assert_eq!(judged(&format!("{many}\r\n")), Some(BAD_REQUEST));
    }
}
