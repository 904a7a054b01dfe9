//! The device code: a person types a short code at Microsoft's page in any browser, while this side asks again and again
//! (RFC 8628).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::super::Call;
use super::super::aadsts::During;
use super::super::base::checked;
use super::super::body;
use super::super::error::ApiError;
use super::super::json::{Fields, read_count};
use super::super::retry;
use super::super::scrub::cut;
use super::super::sign_in::{self, Refused, SignInFailure, Told};
use super::Grant;
use super::exchange::Exchange;
use crate::domain::text::printable;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Between two requests, where the login does not say.
const USUAL_INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds to it.
const SLOWER_BY: Duration = Duration::from_secs(5);
/// The interval stays between these, whatever the login says.
const INTERVALS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// Life of a code that does not tell its own.
const USUAL_LIFE: Duration = Duration::from_secs(15 * 60);
/// Longest life that is believed.
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

/// The login wants no secret of an app that it holds for a public client.
const PUBLIC_CLIENT: u32 = 700_025;

/// What a person needs to sign in elsewhere. All texts are fit to be printed.
pub struct DeviceCode {
    /// What is to be typed.
    pub user_code: String,
    /// The page where it is to be typed.
    pub verification_uri: String,
    /// Both in a sentence of Microsoft's.
    pub message: String,
    /// How long the code lived when it came.
    pub expires_in: Duration,
    /// How often the login wants to be asked.
    pub interval: Duration,
    secret: SecretString,
    expires: Instant,
    polling: Mutex<Polling>,
}

/// Between two requests.
struct Polling {
    interval: Duration,
    next: Instant,
    with_secret: bool,
    faults: u32,
    /// Why the last request brought no answer.
    fault: Option<ApiError>,
    /// The request that is under way. It goes on if nobody waits for it any more, so that its answer is not lost.
    flying: Option<JoinHandle<Result<Grant, SignInFailure>>>,
}

/// Asks for a code, with retries: one that was lost just lapses.
pub(super) async fn ask(exchange: &Exchange) -> Result<DeviceCode, ApiError> {
    let mut attempts = 0;
    loop {
        let failure = match ask_once(exchange).await {
            Ok(code) => return Ok(code),
            Err(failure) => failure,
        };
        attempts += 1;
        exchange.wait(failure, attempts).await?;
    }
}

async fn ask_once(exchange: &Exchange) -> Result<DeviceCode, SignInFailure> {
    let mut call = exchange.login.call("a device code");
    let answer = exchange.post("devicecode", &exchange.app(), &mut call).await?;
    if !answer.status.is_success() {
        return match sign_in::accept(answer, call.clone(), During::Consent, &[], SystemTime::now()) {
            Err(failure) => Err(failure),
            Ok(_) => {
                Err(SignInFailure::unreadable(call, "the answer is none to a request for a device code"))
            }
        };
    }
    let document = body::parse(&answer.body).unwrap_or(Value::Null);
    DeviceCode::read(&document)
        .map_err(|what| SignInFailure::unreadable(call, &format!("there is no {what} in the answer")))
}

impl DeviceCode {
    /// Whether a refusal, by OAuth's `error` that [`ApiError::TokenRejected`] has first, is about the code alone: another code or the
    /// address may be used at once then (<https://www.rfc-editor.org/rfc/rfc8628#section-3.5>).
    #[must_use]
    pub fn is_spent_by(refusal: &str) -> bool {
        const ERRORS: [&str; 5] = [
            "access_denied",
            "authorization_declined",
            "bad_verification_code",
            "code_expired",
            "expired_token",
        ];
        ERRORS.iter().any(|error| refusal.starts_with(error))
    }

    /// Reads the answer; an error is what is missing in it.
    fn read(document: &Value) -> Result<Self, &'static str> {
        let fields = Fields::of(document).ok_or("device code")?;
        let seconds = |name| fields.text(name).map(|text| Duration::from_secs(read_count(&text).0.into()));
        let secret = fields.text("device_code").ok_or("device code")?;
        let user_code = fields.text("user_code").ok_or("user code")?;
        let user_code = cut(&printable(&user_code), 40);
        let page = fields
            .text("verification_uri")
            .or_else(|| fields.text("verification_url"))
            .and_then(|page| checked("page", &Url::parse(&page).ok()?).ok())
            .filter(|page| page.as_str().len() <= 200)
            .ok_or("safe address of a page")?;
        let expires_in = seconds("expires_in").unwrap_or(USUAL_LIFE).min(LONGEST_LIFE);
        let interval = seconds("interval").unwrap_or(USUAL_INTERVAL).clamp(INTERVALS.0, INTERVALS.1);
        let message = match fields.text("message") {
            Some(message) => cut(&printable(&message), 500),
            None => format!("Open {page} in a browser and enter the code {user_code}"),
        };
        let now = Instant::now();
        Ok(Self {
            user_code,
            verification_uri: page.into(),
            message,
            expires_in,
            interval,
            secret: SecretString::from(secret),
            expires: now + expires_in,
            polling: Mutex::new(Polling {
                interval,
                next: now + interval,
                with_secret: true,
                faults: 0,
                fault: None,
                flying: None,
            }),
        })
    }
}

/// Asks until there is a grant, or there can be none.
pub(super) async fn wait(exchange: &Arc<Exchange>, code: &DeviceCode) -> Result<Grant, ApiError> {
    let mut polling = code.polling.lock().await;
    loop {
        let flying = match &mut polling.flying {
            Some(flying) => flying,
            None => {
                sleep_until(polling.next.min(code.expires)).await;
                if Instant::now() >= code.expires {
                    return Err(polling.fault.take().unwrap_or_else(|| expired(exchange)));
                }
                let (exchange, secret) = (Arc::clone(exchange), code.secret.clone());
                let with_secret = polling.with_secret;
                polling
                    .flying
                    .insert(tokio::spawn(async move { poll(&exchange, &secret, with_secret).await }))
            }
        };
        let outcome = flying.await;
        polling.flying = None;
        match outcome {
            Ok(Ok(grant)) => return Ok(grant),
            Ok(Err(failure)) => polling.judge(failure)?,
            Err(stopped) => {
                let call = Box::new(exchange.login.call("the consent"));
                return Err(ApiError::CutShort {
                    call,
                    reason: format!("the request was stopped ({stopped})"),
                });
            }
        }
    }
}

async fn poll(exchange: &Exchange, code: &SecretString, with_secret: bool) -> Result<Grant, SignInFailure> {
    let mut form = exchange.app();
    form.extend([("grant_type", GRANT_TYPE), ("device_code", code.expose_secret())]);
    if with_secret {
        form.push(("client_secret", exchange.options.client_secret.expose_secret()));
    }
    exchange.tokens(&form, &[code.expose_secret()]).await
}

impl Polling {
    /// Plans the next request, or says why there is none.
    fn judge(&mut self, failure: SignInFailure) -> Result<(), ApiError> {
        let mut wait = self.interval;
        let refused = failure.refused.as_ref();
        match refused.map(|refused| refused.error.as_str()) {
            Some("authorization_pending") => self.fault = None,
            Some("slow_down") => {
                self.fault = None;
                self.interval = (self.interval + SLOWER_BY).min(INTERVALS.1);
                wait = self.interval;
            }
            Some(_) if self.with_secret && refused.and_then(|it| it.number) == Some(PUBLIC_CLIENT) => {
                self.with_secret = false;
            }
            None if failure.again => {
                self.faults += 1;
                wait = failure.wait.unwrap_or_else(|| retry::backoff(self.faults)).max(self.interval);
                self.fault = Some(failure.error);
            }
            _ => return Err(failure.error),
        }
        if self.fault.is_none() {
            self.faults = 0;
        }
        self.next = Instant::now() + wait;
        Ok(())
    }
}

fn expired(exchange: &Exchange) -> ApiError {
    let refused = Refused { error: "expired_token".to_owned(), number: None };
    let Told { code, meaning, advice } = refused.told(During::Consent, "", &[]);
    let mut call: Call = exchange.login.call("the consent");
    // Nobody was asked, so nobody knows it by an id.
    call.request_id.clear();
    call.correlation_id.clear();
    ApiError::TokenRejected { call: Box::new(call), code, meaning, advice }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode").field("verification_uri", &self.verification_uri).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer() -> Value {
        json!({
            "user_code": "ABC123DEF", "device_code": "secret-code", "verification_uri": "https://microsoft.com/devicelogin",
            "expires_in": 900, "interval": 5, "message": "To sign in, open the page."
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut answer = answer();
        answer[name] = value;
        answer
    }

    #[test]
    fn an_answer_is_read_and_kept_within_bounds() {
        let code = DeviceCode::read(&answer()).unwrap();
        assert_eq!(
            (code.user_code.as_str(), code.message.as_str()),
            ("ABC123DEF", "To sign in, open the page.")
        );
        assert_eq!((code.expires_in.as_secs(), code.interval.as_secs()), (900, 5));
        assert!(!format!("{code:?}").contains("secret-code"));
        for (name, value, life, interval) in [
            ("interval", json!("7"), 900, 7),
            ("interval", json!(0), 900, 1),
            ("interval", json!(-3), 900, 1),
            ("interval", json!(u64::MAX), 900, 60),
            ("interval", Value::Null, 900, 5),
            ("expires_in", Value::Null, 900, 5),
            ("expires_in", json!(u64::MAX), 3600, 5),
        ] {
            let code = DeviceCode::read(&with(name, value.clone())).unwrap();
            let read = (code.expires_in.as_secs(), code.interval.as_secs());
            assert_eq!(read, (life, interval), "{name} {value}");
        }
        let code = DeviceCode::read(&with("message", json!("go\u{1b}[2J\u{202e}"))).unwrap();
        assert_eq!(code.message, "go?[2J");
        let code = DeviceCode::read(&with("message", Value::Null)).unwrap();
        assert!(code.message.contains("microsoft.com/devicelogin") && code.message.contains("ABC123DEF"));
    }

    #[test]
    fn no_page_is_named_that_a_code_must_not_be_typed_at() {
        for page in
            ["http://evil.example", "javascript:alert(1)", "ftp://a", "https://u:p@a.example", "nonsense", ""]
        {
            assert!(DeviceCode::read(&with("verification_uri", json!(page))).is_err(), "{page}");
        }
        assert!(DeviceCode::read(&with("verification_uri", json!("http://127.0.0.1:80/device"))).is_ok());
        for missing in ["user_code", "device_code"] {
            assert!(DeviceCode::read(&with(missing, json!(""))).is_err(), "{missing}");
        }
        assert!(DeviceCode::read(&Value::Null).is_err());
    }

    fn failure(error: Option<&str>, number: Option<u32>, again: bool, wait: Option<u64>) -> SignInFailure {
        let call = Box::<Call>::default();
        SignInFailure {
            error: ApiError::CutShort { call, reason: "x".to_owned() },
            again,
            wait: wait.map(Duration::from_secs),
            refused: error.map(|error| Box::new(Refused { error: error.to_owned(), number })),
        }
    }

    #[tokio::test]
    async fn each_answer_has_its_wait() {
        let code = DeviceCode::read(&answer()).unwrap();
        let mut polling = code.polling.lock().await;
        for (failure, ends, interval, wait) in [
            (failure(Some("authorization_pending"), Some(70_016), false, None), false, 5, 5..=5),
            (failure(Some("slow_down"), None, false, None), false, 10, 10..=10),
            (failure(Some("authorization_pending"), None, false, None), false, 10, 10..=10),
            (failure(None, None, true, None), false, 10, 10..=10),
            (failure(None, None, true, Some(40)), false, 10, 40..=40),
            (failure(Some("invalid_client"), Some(PUBLIC_CLIENT), false, None), false, 10, 10..=10),
            (failure(Some("invalid_client"), Some(PUBLIC_CLIENT), false, None), true, 10, 0..=0),
            (failure(Some("authorization_declined"), None, false, None), true, 10, 0..=0),
            (failure(Some("expired_token"), Some(70_020), false, None), true, 10, 0..=0),
            (failure(Some("bad_verification_code"), None, false, None), true, 10, 0..=0),
            (failure(None, None, false, None), true, 10, 0..=0),
        ] {
            let (before, said) = (Instant::now(), failure.refused.clone());
            let ended = polling.judge(failure).is_err();
            assert_eq!((ended, polling.interval.as_secs()), (ends, interval), "{said:?}");
            if !ends {
                let planned = polling.next - before;
                assert!(wait.contains(&planned.as_secs()), "{said:?}: {planned:?}");
            }
        }
        assert!(!polling.with_secret, "the secret is left out from the first 700025 on");
    }
}
