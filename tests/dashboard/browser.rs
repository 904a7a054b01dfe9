//! A browser, as far as a sign-in needs one: it goes to an address and tells where that leads, or what it says.

use std::io::{Read, Write};
use std::net::TcpStream;

use url::Url;

/// What an address answered.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Where it leads.
    pub location: Option<String>,
    pub text: String,
}

/// Goes to an address of this machine.
pub fn visit(address: &str) -> Page {
    let url = Url::parse(address).unwrap();
    let port = url.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = url.host_str().unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let location = lines.find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then(|| value.to_owned())
    });
    Page { status, location, text: text.to_owned() }
}

/// Signs in at an address; where the browser is sent in the end.
pub fn sign_in(address: &str) -> String {
    let page = visit(address);
    page.location.unwrap_or_else(|| panic!("{}: {}", page.status, page.text))
}
