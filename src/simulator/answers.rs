//! The answers that all resources share: JSON, the Collection envelope, and the errors in their several forms.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An answer with a JSON body.
pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A page for people, as gateways and the login answer.
pub(super) fn html(status: StatusCode, title: &str, text: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html>\r\n<html><head><title>{title}</title></head>\r\n<body><h2>{title}</h2><p>{text}</p></body></html>\r\n"
    );
    html_page(status, page)
}

/// A whole page.
pub(super) fn html_page(status: StatusCode, page: String) -> Response {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// Partner Center's own error body. The code is a number or, from some services, a string.
pub(super) fn error(status: StatusCode, code: impl Into<Value>, description: &str) -> Response {
    let body = json!({
        "code": code.into(),
        "description": description,
        "data": [],
        "source": "PartnerFD",
    });
    json(status, &body)
}

/// A request that Partner Center refuses, as [`error`] answers it.
pub(super) struct Refusal {
    pub status: StatusCode,
    pub code: u32,
    pub description: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: u32, description: &str) -> Refusal {
        Refusal { status, code, description: description.to_owned() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        error(self.status, self.code, &self.description)
    }
}

/// The error body of the gateway before Partner Center.
pub(super) fn gateway_error(status: StatusCode, message: &str) -> Response {
    json(status, &json!({ "statusCode": status.as_u16(), "message": message }))
}

/// The Collection envelope. `totalCount` is what the API makes of it: the number of items in this page.
pub(super) fn collection(items: Vec<Value>, links: Option<Value>) -> Value {
    let mut body = json!({
        "totalCount": items.len(),
        "items": items,
        "attributes": { "objectType": "Collection" },
    });
    if let Some(links) = links {
        body["links"] = links;
    }
    body
}

/// A link without headers.
pub(super) fn link(uri: &str) -> Value {
    json!({ "uri": uri, "method": "GET", "headers": [] })
}
