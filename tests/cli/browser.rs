//! A consent under way, and the browser that it waits for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdin, Stdio};

use url::Url;

use crate::support::{Answer, Site, finish};

/// What a server answered.
pub struct Page {
    pub location: Option<String>,
    pub text: String,
}

/// Fetches an address, and follows nothing.
pub fn get(address: &str) -> Page {
    let url = Url::parse(address).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut stream = TcpStream::connect((host, port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap();
    let location = head.lines().find_map(|line| line.strip_prefix("location: "));
    Page { location: location.map(str::to_owned), text }
}

/// Goes to an address as a browser does, and tells what it shows in the end.
pub fn visit(address: &str) -> String {
    let mut page = get(address);
    while let Some(next) = page.location {
        page = get(&next);
    }
    page.text
}

/// Signs in at an address, and tells where a browser would end that can't get there.
pub fn sign_in(address: &str) -> String {
    get(address).location.unwrap()
}

/// `cspdeck consent` that waits.
pub struct Consent {
    pub child: Child,
    input: Option<ChildStdin>,
    errors: BufReader<ChildStderr>,
    said: String,
}

impl Consent {
    pub fn begin(site: &Site, arguments: &[&str]) -> Self {
        let mut command = site.command(&[&["consent", "--json"], arguments].concat());
        Self::of(command.stdin(Stdio::piped()).spawn().unwrap())
    }

    pub fn of(mut child: Child) -> Self {
        let errors = BufReader::new(child.stderr.take().unwrap());
        Self { input: child.stdin.take(), child, errors, said: String::new() }
    }

    /// Reads on until a line that holds this, and returns it.
    pub fn until(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.errors.read_line(&mut line).unwrap(), 0, "it ended: {}", self.said);
            self.said.push_str(&line);
            if line.contains(part) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// The address to sign in at, once all of the advice has been read.
    pub fn address(&mut self) -> String {
        let address = self.until("/authorize?");
        self.until("Waiting until");
        address
    }

    pub fn paste(&mut self, text: &str) {
        writeln!(self.input.as_mut().unwrap(), "{text}").unwrap();
    }

    /// Nothing more is pasted.
    pub fn close(&mut self) {
        self.input = None;
    }

    /// Waits for the end, with all that was said.
    pub fn end(mut self) -> Answer {
        self.input = None;
        let rest = std::thread::spawn(move || {
            let mut rest = String::new();
            self.errors.read_to_string(&mut rest).unwrap();
            rest
        });
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        let code = self.child.wait().unwrap().code();
        Answer { code, out, err: self.said + &rest.join().unwrap() }
    }
}

/// Gives a consent by the listener.
pub fn consent(site: &Site) -> Answer {
    let mut consent = Consent::begin(site, &[]);
    visit(&consent.address());
    consent.end()
}

/// A consent that nobody can paste anything into.
pub fn unattended(site: &Site, arguments: &[&str]) -> Answer {
    finish(site.command(&[&["consent", "--json"], arguments].concat()).spawn().unwrap())
}
