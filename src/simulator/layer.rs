//! The layer before all answers: it counts, delays and breaks them, and adds what all answers of an API have.

use super::faults::{Faults, Turns};
use super::{Shared, answers, bearer, graph, key_vault, pricing};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use std::io;
use std::sync::Arc;
use tokio::time::Instant;

/// The layer before all routes: counts, delays, breaks, and adds the headers that every API answer has.
pub(super) async fn layer(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let arrived = Instant::now();
    let _in_flight = shared.counters.arrive(request.uri().path());
    let faults = shared.faults();
    let turns = &shared.turns;
    let api = Api::of(request.uri().path());
    let ids = Ids::of(&shared, &faults, &request);

    let stalls = turns.stall.is_due(faults.stall_every);
    if stalls && turns.stalls.next() % 2 == 1 {
        shared.stopping.cancelled().await;
        return answers::empty(StatusCode::SERVICE_UNAVAILABLE);
    }
    let refusal = api.and_then(|api| refuse(turns, &faults, api));
    let mut response = match refusal {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    match api {
        Some(Api::PartnerCenter) => {
            ids.add_to(&mut response);
            if faults.unknown_values {
                response = with_byte_order_mark(response).await;
            }
        }
        Some(Api::Pricing | Api::Graph) => {
            response.headers_mut().insert("request-id", ids.request);
        }
        Some(Api::KeyVault) => {
            response.headers_mut().insert("x-ms-request-id", ids.request);
        }
        None => {}
    }
    if !faults.latency.is_zero() {
        tokio::select! {
            () = tokio::time::sleep_until(arrived + faults.latency) => {}
            () = shared.stopping.cancelled() => {}
        }
    }
    if stalls {
        response = broken(response, Ending::Silence(Arc::clone(&shared))).await;
    } else if turns.cut.is_due(faults.cut_body_every) {
        response = broken(response, Ending::Close).await;
    }
    response
}

/// Which API a request is for, other than the login.
#[derive(Clone, Copy)]
enum Api {
    PartnerCenter,
    Pricing,
    Graph,
    KeyVault,
}

impl Api {
    fn of(path: &str) -> Option<Api> {
        if path.starts_with("/v1/") {
            Some(Api::PartnerCenter)
        } else if path.starts_with(graph::ROOT) {
            Some(Api::Graph)
        } else if key_vault::ROOTS.iter().any(|root| path.starts_with(root)) {
            Some(Api::KeyVault)
        } else if path.starts_with(pricing::ROOT) {
            Some(Api::Pricing)
        } else {
            None
        }
    }

    fn failure(self) -> Response {
        match self {
            Api::PartnerCenter => answers::error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "An unexpected error occurred. Please try again later.",
            ),
            Api::Pricing => pricing::failure(),
            Api::Graph => graph::failure(),
            Api::KeyVault => key_vault::failure(),
        }
    }

    fn throttled(self, message: &str) -> Response {
        match self {
            Api::PartnerCenter | Api::Pricing => {
                answers::gateway_error(StatusCode::TOO_MANY_REQUESTS, message)
            }
            Api::Graph => graph::throttled(message),
            Api::KeyVault => key_vault::throttled(message),
        }
    }
}

fn refuse(turns: &Turns, faults: &Faults, api: Api) -> Option<Response> {
    if turns.throttle.is_due(faults.throttle_every) {
        return Some(throttled(api, faults.retry_after));
    }
    if turns.error.is_due(faults.error_every) {
        return Some(match turns.errors.next() % 3 {
            1 => api.failure(),
            2 => answers::html(
                StatusCode::BAD_GATEWAY,
                "502 - Web server received an invalid response",
                "There is a problem with the page you are looking for, and it cannot be displayed.",
            ),
            _ => answers::empty(StatusCode::SERVICE_UNAVAILABLE),
        });
    }
    None
}

fn throttled(api: Api, retry_after: Option<u32>) -> Response {
    let message = match retry_after {
        Some(seconds) => format!("Rate limit is exceeded. Try again in {seconds} seconds."),
        None => "Rate limit is exceeded.".to_owned(),
    };
    let mut response = api.throttled(&message);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The ids that a request carries or gets, and that its answer repeats.
struct Ids {
    request: HeaderValue,
    correlation: HeaderValue,
    /// Whether the caller has signed in with MFA, if the request asks for it.
    is_mfa_compliant: Option<bool>,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");

impl Ids {
    fn of(shared: &Shared, faults: &Faults, request: &Request) -> Ids {
        let id = |name: HeaderName| match request.headers().get(name) {
            Some(value) => value.clone(),
            None => HeaderValue::try_from(uuid::Uuid::new_v4().to_string())
                .unwrap_or_else(|_| HeaderValue::from_static("")),
        };
        Ids {
            request: id(REQUEST_ID),
            correlation: id(CORRELATION_ID),
            is_mfa_compliant: (request.headers().contains_key("validatemfa") && !faults.no_mfa_header)
                .then(|| !bearer::lacks_mfa(shared, request.headers())),
        }
    }

    fn add_to(self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, self.request);
        headers.insert(CORRELATION_ID, self.correlation);
        headers.insert("ms-cv", HeaderValue::from_static("bG9vcGJhY2s+c2lt.0"));
        headers.insert("ms-serverid", HeaderValue::from_static("020021921"));
        headers.insert("x-locale", HeaderValue::from_static("en-US"));
        if let Some(is_compliant) = self.is_mfa_compliant {
            let value = if is_compliant { "true" } else { "false" };
            headers.insert("ismfacompliant", HeaderValue::from_static(value));
        }
    }
}

async fn whole_body(body: Body) -> Bytes {
    // Bodies are made in memory here: reading one can't fail.
    axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default()
}

async fn with_byte_order_mark(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let body = whole_body(body).await;
    if body.is_empty() {
        return Response::from_parts(parts, Body::empty());
    }
    let marked = [b"\xef\xbb\xbf", body.as_ref()].concat();
    Response::from_parts(parts, Body::from(marked))
}

/// What comes after the first half of a broken body.
enum Ending {
    Close,
    Silence(Arc<Shared>),
}

async fn broken(response: Response, ending: Ending) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut body = whole_body(body).await;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    body.truncate(body.len() / 2);
    let rest = stream::once(async move {
        match ending {
            // Lets the server send the first half before it learns of the error and drops the connection.
            Ending::Close => tokio::task::yield_now().await,
            Ending::Silence(shared) => shared.stopping.cancelled().await,
        }
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let half = stream::once(async { Ok(body) }).chain(rest);
    Response::from_parts(parts, Body::from_stream(half))
}
