//! One request to an API: token, throttle, ids, retries, and what the status means.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use serde_json::Value;
use url::Url;

use super::base::Base;
use super::body::{self, NotJson};
use super::call::{Call, Operation};
use super::claims::Claims;
use super::error::ApiError;
use super::options::{KeepToken, Options};
use super::refusal::{Refusal, advice_on_forbidden};
use super::retry;
use super::scrub::excerpt;
use super::throttle::Throttle;
use super::token::{AccessToken, Tokens};
use super::transport::{Answer, Intake, Transport};
use crate::domain::token::MFA_MISSING;

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const APPLICATION: HeaderName = HeaderName::from_static("ms-partnercenter-application");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const CONTINUATION: HeaderName = HeaderName::from_static("ms-continuationtoken");

/// All that a call needs.
pub(super) struct Http {
    pub(super) base: Base,
    pub(super) pricing: Base,
    pub(super) graph: Base,
    pub(super) throttle: Throttle,
    pub(super) page_size: u32,
    tokens: Tokens,
    transport: Transport,
    max_attempts: u32,
    sent: AtomicU64,
}

/// Something to ask for: how, and what the answers mean.
pub(super) trait Ask {
    /// What a success brings.
    type Reply;

    /// The API that is asked, which is also what the token is for.
    fn base<'a>(&self, http: &'a Http) -> &'a Base;

    /// The operation that attempts belong to.
    fn operation(&self) -> &Operation;

    /// The request of one attempt.
    fn request(&self, token: &AccessToken, call: &Call) -> Request;

    /// How the body of a success is taken in.
    fn intake(&self) -> Intake<'_>;

    /// Reads a success.
    fn read(&self, answer: Answer, call: Call, token: &AccessToken) -> Verdict<Self::Reply>;

    /// The error that a refusal is, where another attempt would not help.
    fn refused(&self, status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError;
}

/// A document to read.
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
pub(super) enum Verdict<T> {
    Done(T),
    /// The token was refused.
    SignInAgain(ApiError),
    /// Another attempt may help.
    Again(ApiError, Wait),
    Failed(ApiError),
}

impl<T> Verdict<T> {
    /// The same, with another reply.
    pub(super) fn map<U>(self, reply: impl FnOnce(T) -> U) -> Verdict<U> {
        match self {
            Self::Done(done) => Verdict::Done(reply(done)),
            Self::SignInAgain(error) => Verdict::SignInAgain(error),
            Self::Again(error, wait) => Verdict::Again(error, wait),
            Self::Failed(error) => Verdict::Failed(error),
        }
    }
}

/// Before the next attempt.
pub(super) enum Wait {
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
        let transport = Transport::new(options.line())?;
        let base = Base::new(&options.partner_center)?;
        let tokens = Tokens::new(options, base.audience(), transport.clone(), keep);
        Ok(Self {
            base,
            pricing: Base::pricing(&options.pricing)?,
            graph: Base::graph(&options.graph)?,
            throttle: Throttle::new(options.requests_per_minute, options.concurrency),
            page_size: options.page_size,
            tokens,
            transport,
            max_attempts: options.max_attempts,
            sent: AtomicU64::new(0),
        })
    }

    /// Requests sent to Partner Center so far, each attempt counted; sign-ins are not.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Signs in to Partner Center by an exchange of now, whatever token is at hand.
    pub(super) async fn sign_in(&self) -> Result<(), ApiError> {
        self.tokens.exchange(&self.base.audience()).await.map(drop)
    }

    /// What the access token at hand says.
    pub(super) async fn claims(&self) -> Result<Claims, ApiError> {
        let token = self.tokens.access(&self.base.audience()).await?;
        Ok(Claims::of(token.expose()))
    }

    /// Has it noted whether the refresh token was obtained with multi-factor authentication.
    pub(super) async fn tell_mfa(&self, has_mfa: bool) {
        match has_mfa {
            true => self.tokens.tell_mfa().await,
            false => self.tokens.tell_refusal(MFA_MISSING.to_owned()).await,
        }
    }

    /// Reads a document.
    pub(super) async fn get(&self, operation: &Operation, target: &Target) -> Result<Document, ApiError> {
        self.ask(&Read { operation, target }).await
    }

    /// Asks, with retries, and one renewal of the sign-in if the token is refused.
    pub(super) async fn ask<A: Ask>(&self, ask: &A) -> Result<A::Reply, ApiError> {
        let audience = ask.base(self).audience();
        let mut failed = 0;
        let mut renewed = false;
        loop {
            // A pause may outlast the token, so it comes first.
            self.throttle.pause_over().await;
            let token = self.tokens.access(&audience).await?;
            let (error, wait) = match self.attempt(ask, &token, failed + 1).await {
                Verdict::Done(reply) => return Ok(reply),
                Verdict::Failed(error) => {
                    // Words may be about the customer's user or a policy; only the code is surely about this token.
                    if let ApiError::MfaMissing { refusal, .. } = &error
                        && refusal.has_mfa_code()
                    {
                        self.tell_mfa(false).await;
                    }
                    return Err(error);
                }
                Verdict::SignInAgain(error) if renewed => return Err(error),
                Verdict::SignInAgain(_) => {
                    renewed = true;
                    self.tokens.renew(&audience, &token).await?;
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

    async fn attempt<A: Ask>(&self, ask: &A, token: &AccessToken, attempts: u32) -> Verdict<A::Reply> {
        let mut call = ask.operation().attempt(ask.base(self).host());
        let request = ask.request(token, &call);
        let path = request.url().path().to_owned();
        let permit = self.throttle.admit().await;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let begin = Instant::now();
        let outcome = self.transport.exchange(request, ask.intake()).await;
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
            path,
            status = answer.status.as_u16(),
            ms = begin.elapsed().as_millis(),
            request_id = call.request_id,
            correlation_id = call.correlation_id,
            "request"
        );
        if answer.status.is_success() {
            ask.read(answer, call, token)
        } else {
            judge(ask, &answer, call, token, attempts)
        }
    }
}

/// A read of Partner Center's own API.
pub(super) struct Read<'a> {
    pub(super) operation: &'a Operation,
    pub(super) target: &'a Target,
}

impl Ask for Read<'_> {
    type Reply = Document;

    fn base<'a>(&self, http: &'a Http) -> &'a Base {
        &http.base
    }

    fn operation(&self) -> &Operation {
        self.operation
    }

    fn request(&self, token: &AccessToken, call: &Call) -> Request {
        let mut request = prepared(Method::GET, self.target.url.clone(), token, call);
        if let Some(continuation) = &self.target.continuation {
            request.headers_mut().insert(CONTINUATION, continuation.clone());
        }
        request
    }

    fn intake(&self) -> Intake<'_> {
        Intake::DOCUMENT
    }

    fn read(&self, answer: Answer, call: Call, token: &AccessToken) -> Verdict<Document> {
        read(&answer.body, call, token)
    }

    fn refused(&self, status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError {
        let is_continued = self.target.continuation.is_some();
        match status {
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::GONE if is_continued => {
                ApiError::ContinuationLost { call, refusal }
            }
            _ => refused(status, call, refusal),
        }
    }
}

/// What a refusal of Partner Center's own API means, whatever was asked for.
pub(super) fn refused(status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if refusal.is_about_mfa() => {
            ApiError::MfaMissing { call, refusal }
        }
        StatusCode::UNAUTHORIZED => ApiError::NotSignedIn { call, refusal },
        StatusCode::FORBIDDEN => {
            let advice = advice_on_forbidden(&refusal);
            ApiError::Forbidden { call, refusal, advice }
        }
        StatusCode::NOT_FOUND => ApiError::NotFound { call, refusal },
        _ => ApiError::BadRequest { call, refusal },
    }
}

/// A request to another API than Partner Center's own, which has its own name for the id of a request.
pub(super) fn prepared_for_other(
    url: Url,
    token: &AccessToken,
    accepts: HeaderValue,
    id: (HeaderName, &str),
) -> Request {
    let mut request = Request::new(Method::GET, url);
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, token.header());
    headers.insert(ACCEPT, accepts);
    if let Ok(value) = HeaderValue::from_str(id.1) {
        headers.insert(id.0, value);
    }
    request
}

/// A request to Partner Center's own API, with all headers that any of them has.
pub(super) fn prepared(method: Method, url: Url, token: &AccessToken, call: &Call) -> Request {
    let mut request = Request::new(method, url);
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
    request
}

/// Reads the body of a success.
pub(super) fn read(raw: &[u8], call: Call, token: &AccessToken) -> Verdict<Document> {
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
fn judge<A: Ask>(
    ask: &A,
    answer: &Answer,
    call: Call,
    token: &AccessToken,
    attempts: u32,
) -> Verdict<A::Reply> {
    let refusal = Refusal::read(answer.status, &answer.body, &[token.expose()]);
    let call = Box::new(call);
    match answer.status {
        StatusCode::UNAUTHORIZED => match ask.refused(answer.status, call, refusal) {
            // The next token would be one without it, too.
            error @ ApiError::MfaMissing { .. } => Verdict::Failed(error),
            error => Verdict::SignInAgain(error),
        },
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
        status => Verdict::Failed(ask.refused(status, call, refusal)),
    }
}
