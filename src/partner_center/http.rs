//! One read of the API: token, throttle, ids, retries, and what the status means.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use serde_json::Value;
use url::Url;

use super::base::Base;
use super::body::{self, NotJson};
use super::call::{Call, Operation};
use super::error::ApiError;
use super::options::{KeepToken, Options};
use super::refusal::{Refusal, advice_on_forbidden};
use super::retry;
use super::scrub::excerpt;
use super::throttle::Throttle;
use super::token::{AccessToken, Tokens};
use super::transport::{Answer, Transport};

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const APPLICATION: HeaderName = HeaderName::from_static("ms-partnercenter-application");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const CONTINUATION: HeaderName = HeaderName::from_static("ms-continuationtoken");

/// All that a call needs.
pub(super) struct Http {
    pub(super) base: Base,
    pub(super) throttle: Throttle,
    pub(super) page_size: u32,
    audience: String,
    tokens: Tokens,
    transport: Transport,
    max_attempts: u32,
    sent: AtomicU64,
}

/// What to read.
pub(super) struct Target {
    pub(super) url: Url,
    /// Where a list goes on.
    pub(super) continuation: Option<HeaderValue>,
}

/// A document, and the call that brought it.
pub(super) struct Document {
    pub(super) value: Value,
    pub(super) call: Call,
}

/// What follows from one attempt.
enum Verdict {
    Done(Document),
    /// The token was refused.
    SignInAgain(ApiError),
    /// Another attempt may help.
    Again(ApiError, Wait),
    Failed(ApiError),
}

/// Before the next attempt.
enum Wait {
    /// A back-off of this call's own.
    Backoff,
    /// A back-off that all calls of the client keep.
    BackoffOfAll,
    /// What the server asks for; all calls of the client keep it.
    Asked(Duration),
}

impl Http {
    pub(super) fn new(options: &Options, keep: KeepToken) -> Result<Self, ApiError> {
        options.check()?;
        let base = Base::new(&options.partner_center)?;
        let transport = Transport::new(options)?;
        Ok(Self {
            audience: base.audience(),
            base,
            throttle: Throttle::new(options.requests_per_minute, options.concurrency),
            page_size: options.page_size,
            tokens: Tokens::new(options, transport.clone(), keep)?,
            transport,
            max_attempts: options.max_attempts,
            sent: AtomicU64::new(0),
        })
    }

    /// Requests sent to Partner Center so far, each attempt counted; sign-ins are not.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Reads a document, with retries, and one renewal of the sign-in if the token is refused.
    pub(super) async fn get(&self, operation: &Operation, target: &Target) -> Result<Document, ApiError> {
        let mut failed = 0;
        let mut renewed = false;
        loop {
            // A pause may outlast the token, so it comes first.
            self.throttle.pause_over().await;
            let token = self.tokens.access(&self.audience).await?;
            let (error, wait) = match self.attempt(operation, target, &token, failed + 1).await {
                Verdict::Done(document) => return Ok(document),
                Verdict::Failed(error) => return Err(error),
                Verdict::SignInAgain(error) if renewed => return Err(error),
                Verdict::SignInAgain(_) => {
                    renewed = true;
                    self.tokens.renew(&self.audience, &token).await?;
                    continue;
                }
                Verdict::Again(error, wait) => (error, wait),
            };
            failed += 1;
            let is_last = failed >= self.max_attempts;
            match wait {
                Wait::Asked(wait) => self.throttle.pause(wait),
                Wait::BackoffOfAll => self.throttle.pause(retry::backoff(failed)),
                Wait::Backoff if !is_last => tokio::time::sleep(retry::backoff(failed)).await,
                Wait::Backoff => {}
            }
            if is_last {
                return Err(error);
            }
        }
    }

    async fn attempt(
        &self,
        operation: &Operation,
        target: &Target,
        token: &AccessToken,
        attempts: u32,
    ) -> Verdict {
        let mut call = operation.attempt(self.base.host());
        let request = request(target, token, &call);
        let permit = self.throttle.admit().await;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let begin = Instant::now();
        let outcome = self.transport.exchange(request).await;
        drop(permit);
        let answer = match outcome {
            Ok(answer) => answer,
            Err(broken) => {
                let (error, again) = broken.into_error(call);
                tracing::debug!(%error, "request");
                return if again { Verdict::Again(error, Wait::Backoff) } else { Verdict::Failed(error) };
            }
        };
        call.heard(&answer.headers);
        tracing::debug!(
            path = target.url.path(),
            status = answer.status.as_u16(),
            ms = begin.elapsed().as_millis(),
            request_id = call.request_id,
            correlation_id = call.correlation_id,
            "request"
        );
        if answer.status.is_success() {
            read(&answer.body, call, token)
        } else {
            judge(&answer, call, token, target.continuation.is_some(), attempts)
        }
    }
}

fn request(target: &Target, token: &AccessToken, call: &Call) -> Request {
    let mut request = Request::new(Method::GET, target.url.clone());
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, token.header());
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(APPLICATION, HeaderValue::from_static("cspdeck"));
    headers.insert(LOCALE, HeaderValue::from_static("en-US"));
    for (name, id) in [(REQUEST_ID, &call.request_id), (CORRELATION_ID, &call.correlation_id)] {
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(name, id);
        }
    }
    if let Some(continuation) = &target.continuation {
        headers.insert(CONTINUATION, continuation.clone());
    }
    request
}

/// Reads the body of a success.
fn read(raw: &[u8], call: Call, token: &AccessToken) -> Verdict {
    match body::parse(raw) {
        Ok(value) => Verdict::Done(Document { value, call }),
        Err(NotJson::Incomplete) => {
            let reason = format!("the JSON ends too early, after {} bytes", raw.len());
            Verdict::Again(ApiError::CutShort { call: Box::new(call), reason }, Wait::Backoff)
        }
        Err(NotJson::Other) => {
            let reason = excerpt(&body::describe(raw), &[token.expose()]);
            Verdict::Failed(ApiError::BadBody { call: Box::new(call), reason })
        }
    }
}

/// What follows from a status other than success (developer/error-codes).
fn judge(answer: &Answer, call: Call, token: &AccessToken, is_continued: bool, attempts: u32) -> Verdict {
    let refusal = Refusal::read(answer.status, &answer.body, &[token.expose()]);
    let call = Box::new(call);
    match answer.status {
        StatusCode::UNAUTHORIZED => Verdict::SignInAgain(ApiError::NotSignedIn { call, refusal }),
        StatusCode::FORBIDDEN => {
            let advice = advice_on_forbidden(&refusal);
            Verdict::Failed(ApiError::Forbidden { call, refusal, advice })
        }
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::GONE if is_continued => {
            Verdict::Failed(ApiError::ContinuationLost { call, refusal })
        }
        StatusCode::NOT_FOUND => Verdict::Failed(ApiError::NotFound { call, refusal }),
        status if retry::is_retriable(status) => {
            let is_throttled = status == StatusCode::TOO_MANY_REQUESTS;
            let wait = match retry::retry_after(&answer.headers, SystemTime::now()) {
                Some(wait) => Wait::Asked(wait),
                None if is_throttled => Wait::BackoffOfAll,
                None => Wait::Backoff,
            };
            let error = if is_throttled {
                ApiError::Throttled { call, attempts }
            } else {
                ApiError::ServerError { call, refusal }
            };
            Verdict::Again(error, wait)
        }
        status if status.is_redirection() => Verdict::Failed(ApiError::Redirected { call, refusal }),
        _ => Verdict::Failed(ApiError::BadRequest { call, refusal }),
    }
}
