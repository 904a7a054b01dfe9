//! A server that says what a test tells it to, byte by byte, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path and query.
    pub path: String,
    /// The head, as sent.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// An answer: the bytes, then perhaps silence, then the connection ends.
#[derive(Clone)]
pub struct Reply {
    bytes: Vec<u8>,
    silence: Duration,
}

pub fn reply(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len()).into_bytes();
    for (key, value) in headers {
        bytes.extend_from_slice(format!("{key}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    Reply { bytes, silence: Duration::ZERO }
}

pub fn ok(body: impl AsRef<[u8]>) -> Reply {
    reply("200 OK", &[("Content-Type", "application/json")], body)
}

pub fn raw(bytes: impl AsRef<[u8]>) -> Reply {
    Reply { bytes: bytes.as_ref().to_vec(), silence: Duration::ZERO }
}

impl Reply {
    /// Without its last bytes.
    pub fn cut_by(mut self, bytes: usize) -> Self {
        self.bytes.truncate(self.bytes.len() - bytes);
        self
    }

    /// Keeps the connection open and says nothing more.
    pub fn then_silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }
}

type Script = dyn Fn(usize, &Asked) -> Reply + Send + Sync;

/// The running server.
pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts one. The script gets the number of requests before this one to the same path, and the request.
    pub async fn start(script: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, script): (_, Arc<Script>) = (Arc::clone(&asked), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&script)));
            }
        });
        Self { url, asked }
    }

    /// What was asked below this path.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.path.contains(path)).cloned().collect()
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Asked>>>, script: Arc<Script>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let asked = loop {
        let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let asked = Asked { path, head: head.to_owned(), body: body.to_owned() };
        let length = asked.header("Content-Length").map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            break asked;
        }
    };
    let path = |asked: &Asked| asked.path.split('?').next().map(str::to_owned);
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|earlier| path(earlier) == path(&asked)).count();
        log.push(asked.clone());
        before
    };
    let reply = script(before, &asked);
    let _ = stream.write_all(&reply.bytes).await;
    tokio::time::sleep(reply.silence).await;
    let _ = stream.shutdown().await;
}
