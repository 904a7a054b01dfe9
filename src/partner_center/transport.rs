//! One HTTP exchange: a request out, the whole answer in, with bounds on time and size. Knows nothing of what is asked.

use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::{Request, Response, StatusCode};

use super::call::Call;
use super::error::ApiError;
use super::scrub::excerpt;
use super::timeouts::Timeouts;

/// Largest JSON body of a success, in bytes.
pub(super) const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How much of an error's body is read, in bytes.
const ERROR_LIMIT: usize = 1024 * 1024;

/// How much of an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Bytes so far. After a failed attempt they are counted from 0 again.
    pub bytes: u64,
    /// Bytes in all, where the server says so.
    pub of: Option<u64>,
}

/// How the body of a success is taken in.
#[derive(Clone, Copy)]
pub(super) struct Intake<'a> {
    /// Most bytes that are taken.
    pub(super) limit: usize,
    /// Bytes after which the rest is left where it is.
    pub(super) enough: usize,
    /// Hears of each part that comes.
    pub(super) heard: &'a (dyn Fn(Received) + Send + Sync),
}

impl Intake<'_> {
    /// For documents, which come at once.
    pub(super) const DOCUMENT: Self = Self { limit: BODY_LIMIT, enough: usize::MAX, heard: &|_| {} };
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// No connection.
    Unreachable(String),
    /// The time ran out.
    Silent(String),
    /// The connection ended too early.
    Cut(String),
    /// More bytes than this, which is more than anyone would send.
    TooLarge(usize),
    /// The request could not be formed.
    Unsendable(String),
}

impl Broken {
    /// As an error of this call, and whether another attempt may help.
    pub(super) fn into_error(self, call: Call) -> (ApiError, bool) {
        let call = Box::new(call);
        match self {
            Self::Unreachable(reason) => (ApiError::NetworkDown { call, reason }, true),
            Self::Silent(reason) => (ApiError::Stalled { call, reason }, true),
            Self::Cut(reason) => (ApiError::CutShort { call, reason }, true),
            Self::TooLarge(limit) => {
                let reason = format!("a body of more than {} MB", limit / 1024 / 1024);
                (ApiError::BadBody { call, reason }, false)
            }
            Self::Unsendable(reason) => (ApiError::BadOption { option: "request", reason }, false),
        }
    }
}

/// How connections are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// How long is waited.
    pub(super) timeouts: Timeouts,
    /// Connections to a host that are kept for the next request.
    pub(super) spare: usize,
    /// Whether all hosts are this machine.
    pub(super) is_local: bool,
}

/// The connections, shared by all calls.
#[derive(Clone)]
pub(super) struct Transport {
    client: reqwest::Client,
    read_timeout: Duration,
    request_timeout: Duration,
}

impl Transport {
    pub(super) fn new(line: Line) -> Result<Self, ApiError> {
        let Line { timeouts, spare, is_local } = line;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cspdeck/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // A price sheet's ZIP is asked for with a header that means something else in HTTP.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.read)
            .timeout(timeouts.request)
            .pool_max_idle_per_host(spare);
        // A proxy would look for the loopback address on its own machine.
        if is_local {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| ApiError::BadOption { option: "TLS of this machine", reason: causes(&error) })?;
        Ok(Self { client, read_timeout: timeouts.read, request_timeout: timeouts.request })
    }

    /// Sends a request and reads the answer. Of an error's body as much is taken as comes.
    pub(super) async fn exchange(&self, request: Request, intake: Intake<'_>) -> Result<Answer, Broken> {
        let begin = Instant::now();
        let mut response = self.client.execute(request).await.map_err(|error| self.broken(&error, begin))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let body = if status.is_success() {
            self.whole(response, &headers, begin, intake).await?
        } else {
            beginning(response).await
        };
        Ok(Answer { status, headers, body })
    }

    async fn whole(
        &self,
        mut response: Response,
        headers: &HeaderMap,
        begin: Instant,
        intake: Intake<'_>,
    ) -> Result<Vec<u8>, Broken> {
        let announced = headers.get(CONTENT_LENGTH).and_then(announced_length);
        let Intake { limit, enough, heard } = intake;
        if announced.is_some_and(|length| length > limit as u64) {
            return Err(Broken::TooLarge(limit));
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(Broken::TooLarge(limit)),
                Ok(Some(chunk)) => {
                    body.extend_from_slice(&chunk);
                    heard(Received { bytes: body.len() as u64, of: announced });
                    if body.len() >= enough {
                        return Ok(body);
                    }
                }
                Ok(None) => return Ok(body),
                Err(error) if error.is_timeout() => return Err(self.broken(&error, begin)),
                Err(error) => {
                    return Err(Broken::Cut(format!("{} bytes came, then {}", body.len(), causes(&error))));
                }
            }
        }
    }

    fn broken(&self, error: &reqwest::Error, begin: Instant) -> Broken {
        let reason = causes(error);
        if error.is_connect() {
            Broken::Unreachable(reason)
        } else if error.is_timeout() {
            Broken::Silent(if begin.elapsed() >= self.request_timeout {
                format!("no whole answer within {}", seconds(self.request_timeout))
            } else {
                format!("nothing came for {}", seconds(self.read_timeout))
            })
        } else if error.is_builder() {
            Broken::Unsendable(reason)
        } else {
            Broken::Cut(reason)
        }
    }
}

async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = ERROR_LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == ERROR_LIMIT {
            break;
        }
    }
    body
}

fn announced_length(value: &HeaderValue) -> Option<u64> {
    value.to_str().ok()?.trim().parse().ok()
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// What lies behind an error, without its own text, which holds the address.
fn causes(error: &reqwest::Error) -> String {
    let mut texts = Vec::<String>::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !text.starts_with("client error") && texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        source = cause.source();
    }
    if texts.is_empty() { "no reason given".to_owned() } else { excerpt(&texts.join(": "), &[]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// What comes of a body of 100 bytes whose length is not announced, and what was heard of it.
    async fn taken(limit: usize, enough: usize) -> (Result<usize, Broken>, Vec<Received>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(100));
            let _ = stream.write_all(answer.as_bytes()).await;
        };
        let transport = Transport {
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            read_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
        };
        let request = Request::new(reqwest::Method::GET, url.parse().unwrap());
        let received = Mutex::new(Vec::new());
        let heard = |part| received.lock().unwrap().push(part);
        let intake = Intake { limit, enough, heard: &heard };
        let (outcome, ()) = tokio::join!(transport.exchange(request, intake), serve);
        (outcome.map(|answer| answer.body.len()), received.into_inner().unwrap())
    }

    #[tokio::test]
    async fn a_body_without_a_length_is_limited_while_it_comes() {
        let (outcome, received) = taken(100, usize::MAX).await;
        assert_eq!(outcome.unwrap(), 100);
        assert_eq!(received.last(), Some(&Received { bytes: 100, of: None }));
        let (outcome, received) = taken(99, usize::MAX).await;
        assert!(matches!(outcome, Err(Broken::TooLarge(99))), "{outcome:?}");
        assert!(received.iter().all(|part| part.bytes <= 99));
    }
}
