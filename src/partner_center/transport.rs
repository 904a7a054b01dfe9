//! One HTTP exchange: a request out, the whole answer in, with bounds on time and size. Knows nothing of what is asked.

use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::{Request, Response, StatusCode};

use super::base::is_loopback;
use super::call::Call;
use super::error::ApiError;
use super::options::Options;
use super::scrub::excerpt;

/// Largest body of a success, in bytes.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How much of an error's body is read, in bytes.
const ERROR_LIMIT: usize = 1024 * 1024;

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
    /// More than anyone would send.
    TooLarge,
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
            Self::TooLarge => {
                let reason = format!("a body of more than {} MB", BODY_LIMIT / 1024 / 1024);
                (ApiError::BadBody { call, reason }, false)
            }
            Self::Unsendable(reason) => (ApiError::BadOption { option: "request", reason }, false),
        }
    }
}

/// The connections, shared by all calls.
#[derive(Clone)]
pub(super) struct Transport {
    client: reqwest::Client,
    read_timeout: Duration,
    request_timeout: Duration,
}

impl Transport {
    pub(super) fn new(options: &Options) -> Result<Self, ApiError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cspdeck/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.request_timeout)
            .pool_max_idle_per_host(options.concurrency);
        // A proxy would look for the loopback address on its own machine.
        if [&options.login, &options.partner_center].iter().all(|url| url.host_str().is_some_and(is_loopback))
        {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| ApiError::BadOption { option: "TLS of this machine", reason: causes(&error) })?;
        Ok(Self { client, read_timeout: options.read_timeout, request_timeout: options.request_timeout })
    }

    /// Sends a request and reads the answer. Of an error's body as much is taken as comes.
    pub(super) async fn exchange(&self, request: Request) -> Result<Answer, Broken> {
        let begin = Instant::now();
        let mut response = self.client.execute(request).await.map_err(|error| self.broken(&error, begin))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let body = if status.is_success() {
            self.whole(response, &headers, begin).await?
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
    ) -> Result<Vec<u8>, Broken> {
        let announced = headers.get(CONTENT_LENGTH).and_then(announced_length);
        if announced.is_some_and(|length| length > BODY_LIMIT as u64) {
            return Err(Broken::TooLarge);
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > BODY_LIMIT => return Err(Broken::TooLarge),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
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
