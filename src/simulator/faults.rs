//! Faults: what the simulator does wrong on purpose, and the layer before all answers that does it.

use super::Shared;
use super::{answers, pricing};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::Instant;

/// What goes wrong; nothing by default. Requests and bodies are counted from the start of the simulator, and
/// each kind of fault counts for itself, so that two of them don't always hit the same request. A customer's index
/// is its place in the whole list, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// No answer comes sooner than this after its request. Concurrent requests wait side by side.
    pub latency: Duration,
    /// Each n-th API request answers 429.
    pub throttle_every: Option<u32>,
    /// The `Retry-After` of a 429 in seconds; without it, no such header.
    pub retry_after: Option<u32>,
    /// Each n-th API request that isn't throttled answers 500, 502 and 503 in turn, with a JSON body, a HTML
    /// page and nothing.
    pub error_every: Option<u32>,
    /// Each n-th body (of the login too) is cut short: `Content-Length` promises the whole, half of it comes,
    /// the connection closes.
    pub cut_body_every: Option<u32>,
    /// Each n-th request (of the login too) never gets its answer: in turn nothing at all, and headers with
    /// half a body, then silence until the client gives up or the simulator stops.
    pub stall_every: Option<u32>,
    /// Access tokens issued from now on are refused with 401 after this time, although their `expires_in` still
    /// promises 3599 s, so that the client learns of it from the 401 alone.
    pub token_life: Option<Duration>,
    /// Customers, by index, whose subscriptions always answer 403 (even index) or 500 (odd index).
    pub fail_customers: Vec<u32>,
    /// Customers, by index, that are on a page of the list and answer 404 when asked for.
    pub vanish: Vec<u32>,
    /// The continuation of the customer list's second page leads to the second page again, for ever.
    pub repeat_page: bool,
    /// `totalCount` is 18446744073709551615 on the first page of customers and -1 on later ones and for
    /// subscriptions.
    pub absurd_total: bool,
    /// Unknown enum values, extra fields, numbers as strings and the like here and there, a byte order mark
    /// before every API body, and one item that is no object: last on the first page of customers, and last in
    /// the subscriptions of the customer with index 0.
    pub unknown_values: bool,
    /// Every second customer's name (and the names in its subscriptions) has control characters, escape
    /// sequences, emoji, bidirectional overrides or 4,000 characters, or is empty.
    pub hostile_names: bool,
    /// The token endpoint answers every grant with this AADSTS code: as `invalid_client` for those about the
    /// app and its secret (7000215, 7000222 ..), else mostly as `invalid_grant`.
    pub reject_token: Option<u32>,
    /// The signed-in user has no role that may read price sheets: each answers 400.
    pub deny_price_sheets: bool,
}

/// How often each kind of fault had its turn.
#[derive(Default)]
pub(super) struct Turns {
    throttle: Turn,
    error: Turn,
    errors: Turn,
    cut: Turn,
    stall: Turn,
    stalls: Turn,
}

#[derive(Default)]
struct Turn(AtomicU32);

impl Turn {
    fn next(&self) -> u32 {
        self.0.fetch_add(1, Relaxed).wrapping_add(1)
    }

    fn is_due(&self, every: Option<u32>) -> bool {
        let turn = self.next();
        every.is_some_and(|every| every > 0 && turn.is_multiple_of(every))
    }
}

/// The layer before all routes: counts, delays, breaks, and adds the headers that every API answer has.
pub(super) async fn layer(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let arrived = Instant::now();
    let _in_flight = shared.counters.arrive(request.uri().path());
    let faults = shared.faults();
    let turns = &shared.turns;
    let api = Api::of(request.uri().path());
    let ids = Ids::of(&request);

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
        Some(Api::Pricing) => {
            response.headers_mut().insert("request-id", ids.request);
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
}

impl Api {
    fn of(path: &str) -> Option<Api> {
        if path.starts_with("/v1/") {
            Some(Api::PartnerCenter)
        } else if path.starts_with(pricing::ROOT) {
            Some(Api::Pricing)
        } else {
            None
        }
    }
}

fn refuse(turns: &Turns, faults: &Faults, api: Api) -> Option<Response> {
    if turns.throttle.is_due(faults.throttle_every) {
        return Some(throttled(faults.retry_after));
    }
    if turns.error.is_due(faults.error_every) {
        return Some(match turns.errors.next() % 3 {
            1 => match api {
                Api::PartnerCenter => answers::error(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalError",
                    "An unexpected error occurred. Please try again later.",
                ),
                Api::Pricing => pricing::failure(),
            },
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

fn throttled(retry_after: Option<u32>) -> Response {
    let message = match retry_after {
        Some(seconds) => format!("Rate limit is exceeded. Try again in {seconds} seconds."),
        None => "Rate limit is exceeded.".to_owned(),
    };
    let mut response = answers::gateway_error(StatusCode::TOO_MANY_REQUESTS, &message);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The ids that a request carries or gets, and that its answer repeats.
struct Ids {
    request: HeaderValue,
    correlation: HeaderValue,
    validates_mfa: bool,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");

impl Ids {
    fn of(request: &Request) -> Ids {
        let id = |name: HeaderName| match request.headers().get(name) {
            Some(value) => value.clone(),
            None => HeaderValue::try_from(uuid::Uuid::new_v4().to_string())
                .unwrap_or_else(|_| HeaderValue::from_static("")),
        };
        Ids {
            request: id(REQUEST_ID),
            correlation: id(CORRELATION_ID),
            validates_mfa: request.headers().get("validatemfa").is_some(),
        }
    }

    fn add_to(self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, self.request);
        headers.insert(CORRELATION_ID, self.correlation);
        headers.insert("ms-cv", HeaderValue::from_static("bG9vcGJhY2s+c2lt.0"));
        headers.insert("ms-serverid", HeaderValue::from_static("020021921"));
        headers.insert("x-locale", HeaderValue::from_static("en-US"));
        if self.validates_mfa {
            headers.insert("ismfacompliant", HeaderValue::from_static("true"));
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
