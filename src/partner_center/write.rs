//! A change in Partner Center. All attempts at it carry the same `MS-RequestId`, so that one whose answer was lost is not done
//! twice (<https://learn.microsoft.com/partner-center/developer/headers>).

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use serde_json::Value;
use url::Url;

use super::base::Base;
use super::call::{Call, Operation};
use super::error::ApiError;
use super::http::{self, Ask, Document, Http, Verdict};
use super::refusal::Refusal;
use super::token::AccessToken;
use super::transport::{Answer, Intake};

/// Something to change.
pub(super) struct Write {
    operation: Operation,
    method: Method,
    url: Url,
    body: Option<Value>,
}

impl Write {
    /// `what` may hold an id of a server.
    pub(super) fn new(what: &str, method: Method, url: Url, body: Option<Value>) -> Self {
        Self { operation: Operation::write(what), method, url, body }
    }
}

impl Ask for Write {
    /// What came back; none where the body is empty.
    type Reply = Option<Document>;

    fn base<'a>(&self, http: &'a Http) -> &'a Base {
        &http.base
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn request(&self, token: &AccessToken, call: &Call) -> Request {
        let mut request = http::prepared(self.method.clone(), self.url.clone(), token, call);
        if let Some(body) = &self.body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.to_string().into());
        }
        request
    }

    fn intake(&self) -> Intake<'_> {
        Intake::DOCUMENT
    }

    fn read(&self, answer: Answer, call: Call, token: &AccessToken) -> Verdict<Option<Document>> {
        match answer.body.trim_ascii().is_empty() {
            true => Verdict::Done(None),
            false => http::read(&answer.body, call, token).map(Some),
        }
    }

    fn refused(&self, status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError {
        match status {
            StatusCode::CONFLICT => ApiError::Conflict { call, refusal },
            _ => http::refused(status, call, refusal),
        }
    }
}
