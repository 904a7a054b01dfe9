//! A door before a server: it is opened when the test wants, and remembers all that goes through.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub struct Door {
    listener: TcpListener,
    server: String,
    seen: Seen,
}

/// What went through, one connection and direction after another.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<Stream>>>);

/// What went one way through one connection.
type Stream = Arc<Mutex<Vec<u8>>>;

impl Seen {
    pub fn text(&self) -> String {
        let streams = self.0.lock().unwrap();
        let texts =
            streams.iter().map(|stream| String::from_utf8_lossy(&stream.lock().unwrap()).into_owned());
        texts.collect::<Vec<_>>().join("\n")
    }

    fn stream(&self) -> Stream {
        let stream = Stream::default();
        self.0.lock().unwrap().push(Arc::clone(&stream));
        stream
    }
}

impl Door {
    pub fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { listener, server: url.trim_start_matches("http://").to_owned(), seen: Seen::default() }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    /// Waits until somebody comes, who then waits, too.
    pub fn knock(&self) -> TcpStream {
        self.listener.accept().unwrap().0
    }

    /// Lets everybody through from now on.
    pub fn open(self, first: Option<TcpStream>) -> Seen {
        let seen = self.seen.clone();
        thread::spawn(move || {
            first.into_iter().for_each(|stream| self.pass(stream));
            while let Ok((stream, _)) = self.listener.accept() {
                self.pass(stream);
            }
        });
        seen
    }

    fn pass(&self, near: TcpStream) {
        // A server that is gone closes the door, too.
        let Ok(far) = TcpStream::connect(&self.server) else { return };
        let (back, forth) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        for (from, to) in [(near, far), (forth, back)] {
            let seen = self.seen.stream();
            thread::spawn(move || copy(from, to, &seen));
        }
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, seen: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        seen.lock().unwrap().extend(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // The other side hears that this one has ended. One that is gone needs not.
    drop(to.shutdown(std::net::Shutdown::Write));
}
