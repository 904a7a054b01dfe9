//! The listener that the browser is sent to, on this machine only. Everybody on the machine can reach it, so what comes is
//! hostile until it has proved otherwise: only what looks like the end of a sign-in is handed over, and the caller judges it.

mod connection;
mod request;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::Page;
use request::Place;

/// Connections at the same time; more are closed at once.
const CONNECTIONS: usize = 64;

/// Connections that have not said yet what they want; when one more comes, the oldest of them is closed. Whoever idles keeps no
/// browser out, which says all that it has to say at once.
const SILENT: usize = 16;

/// Arrivals that may wait to be taken.
const ARRIVALS: usize = 8;

/// After a connection could not be taken, which tends to be for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// See the module. Dropping it closes the port and every connection.
pub struct Loopback {
    port: u16,
    arrivals: mpsc::Receiver<Arrived>,
    acceptor: JoinHandle<()>,
}

/// What may be the end of a sign-in.
pub struct Arrived {
    /// The parameters, of the address or of a posted form. They may hold a code.
    pub query: String,
    /// The browser that waits for an answer.
    pub reply: Reply,
}

/// A browser that waits. If it is dropped without an answer, the browser is told to look at the terminal.
pub struct Reply {
    page: oneshot::Sender<Page>,
    sent: oneshot::Receiver<()>,
}

impl Loopback {
    /// Listens on 127.0.0.1, on this port or, for 0, on any that is free, for redirects to this path.
    ///
    /// # Errors
    /// When the port is taken or not allowed.
    pub async fn bind(port: u16, path: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        let (arrived, arrivals) = mpsc::channel(ARRIVALS);
        let acceptor = tokio::spawn(accept(listener, Arc::new(Place::new(port, path)), arrived));
        Ok(Self { port, arrivals, acceptor })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next that may be the end of a sign-in. It may be dropped and called again.
    pub async fn next(&mut self) -> Arrived {
        match self.arrivals.recv().await {
            Some(arrived) => arrived,
            // The acceptor ends with this value only.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

impl Reply {
    /// Sends the page, and returns when the browser has it or is gone.
    pub async fn answer(self, page: Page) {
        if self.page.send(page).is_ok() {
            // An error is a connection that has ended: nobody is there to be told.
            let _ = self.sent.await;
        }
    }
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived").finish_non_exhaustive()
    }
}

/// Takes connections. They end with this task.
async fn accept(listener: TcpListener, place: Arc<Place>, arrived: mpsc::Sender<Arrived>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut silent: VecDeque<oneshot::Sender<()>> = VecDeque::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
        silent.retain(|connection| !connection.is_closed());
        while silent.len() >= SILENT {
            // It hears that its other end is gone.
            silent.pop_front();
        }
        let (stays, pushed_out) = oneshot::channel();
        silent.push_back(stays);
        let (place, arrived) = (Arc::clone(&place), arrived.clone());
        connections.spawn(async move {
            connection::serve(stream, &place, &arrived, pushed_out).await;
            drop(permit);
        });
    }
}
