//! One connection: one request in, one page out.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::super::Page;
use super::request::{Form, LIMIT, Place, Wish};
use super::{Arrived, Reply};

/// Longest time for a request, and for taking the page.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a browser's last bytes are awaited: closing before they came would tear the page from it.
const PARTING: Duration = Duration::from_secs(1);

/// Serves it to its end, which is when it is pushed out, if it has not said by then what it wants.
pub(super) async fn serve(
    mut stream: TcpStream,
    place: &Place,
    arrivals: &mpsc::Sender<Arrived>,
    mut pushed_out: oneshot::Receiver<()>,
) {
    let heard = tokio::select! {
        biased;
        heard = timeout(PATIENCE, hear(&mut stream, place)) => heard,
        _ = &mut pushed_out => return,
    };
    drop(pushed_out);
    let heard = match heard {
        Ok(Some(heard)) => heard,
        Ok(None) => return,
        Err(_) => Heard::Other("408 Request Timeout"),
    };
    match heard {
        Heard::Other(status) => send(&mut stream, &Page::not_here(status)).await,
        Heard::Redirect(query) => {
            let (page, pages) = oneshot::channel();
            let (is_sent, sent) = oneshot::channel();
            if arrivals.send(Arrived { query, reply: Reply { page, sent } }).await.is_err() {
                return;
            }
            let page = pages.await.unwrap_or_else(|_| Page::elsewhere());
            send(&mut stream, &page).await;
            // Whoever answered may not have waited for this.
            let _ = is_sent.send(());
        }
    }
    part(&mut stream).await;
}

/// What a request is.
enum Heard {
    /// It may be the end of a sign-in.
    Redirect(String),
    /// Anything else, and the status that it gets.
    Other(&'static str),
}

/// Reads a request; none where the connection ends before it.
async fn hear(stream: &mut TcpStream, place: &Place) -> Option<Heard> {
    let mut bytes = Vec::new();
    let (wish, head) = loop {
        if read(stream, &mut bytes).await == 0 {
            return None;
        }
        match place.judge(&bytes) {
            Some((_, head)) if head > LIMIT => {
                return Some(Heard::Other("431 Request Header Fields Too Large"));
            }
            Some(judged) => break judged,
            None if bytes.len() >= LIMIT => return Some(Heard::Other("431 Request Header Fields Too Large")),
            None => {}
        }
    };
    match wish {
        Wish::Redirect(query) => Some(Heard::Redirect(query)),
        Wish::Other(status) => Some(Heard::Other(status)),
        Wish::Post(form) => {
            bytes.drain(..head);
            body(stream, bytes, form).await
        }
    }
}

/// Reads a form, the first bytes of which may have come with the head.
async fn body(stream: &mut TcpStream, mut bytes: Vec<u8>, form: Form) -> Option<Heard> {
    while bytes.len() < form.length {
        if read(stream, &mut bytes).await == 0 {
            return None;
        }
    }
    bytes.truncate(form.length);
    Some(match String::from_utf8(bytes) {
        Ok(query) if Place::is_answer(&query) => Heard::Redirect(query),
        _ => Heard::Other("400 Bad Request"),
    })
}

/// How many bytes came; 0 at the end of the connection, however it ended.
async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> usize {
    let mut part = [0; 2048];
    let count = stream.read(&mut part).await.unwrap_or_default();
    bytes.extend_from_slice(&part[..count]);
    count
}

/// Sends a page, if the browser takes it.
async fn send(stream: &mut TcpStream, page: &Page) {
    let write = async {
        stream.write_all(&page.answer()).await?;
        stream.shutdown().await
    };
    // A browser that is gone, or takes nothing, needs no page.
    let _ = timeout(PATIENCE, write).await;
}

/// Takes what still comes, for a moment.
async fn part(stream: &mut TcpStream) {
    let mut rest = [0; 2048];
    let drain = async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} };
    // Enough waited, either way.
    let _ = timeout(PARTING, drain).await;
}
