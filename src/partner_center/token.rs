//! Access tokens by the refresh token: one for each audience, kept until shortly before they lapse, renewed by one caller at a
//! time. Each renewal brings a new refresh token, which is stored before anything else happens.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, ClientId, ClientSecret, HttpRequest, RefreshToken, RequestTokenError, Scope, TokenResponse,
    TokenUrl,
};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::aadsts::During;
use super::call::Call;
use super::error::ApiError;
use super::login::Login;
use super::options::{KeepToken, NotKept, Options};
use super::retry;
use super::scrub::sentence;
use super::sign_in::{self, SignInFailure};
use super::transport::Transport;
use crate::domain::token::Refusal;

/// How long before its end a token is renewed: five minutes, as Microsoft advises, or a fifth of a shorter life.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// Life of a token that does not tell its own.
const USUAL_LIFE: Duration = Duration::from_secs(60 * 60);

/// A token is used for at least this long, whatever life it claims: a 401 tells if it has lapsed, and an exchange for every
/// request would end in AADSTS50196.
const SHORTEST_USE: Duration = Duration::from_secs(5);

const BEARER: &str = "Bearer ";

/// An access token, ready to be sent.
#[derive(Clone)]
pub(super) struct AccessToken {
    header: HeaderValue,
    renew_at: Instant,
    number: u64,
}

impl AccessToken {
    /// A token as the login gave it, to be used until shortly before it lapses. None where it can't be sent in a header.
    pub(super) fn new(token: &str, life: Option<Duration>, number: u64) -> Option<Self> {
        let mut header = HeaderValue::from_str(&format!("{BEARER}{token}")).ok()?;
        header.set_sensitive(true);
        Some(Self { header, renew_at: Instant::now() + usable(life), number })
    }

    /// Whether it need not be renewed yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.renew_at > Instant::now()
    }

    /// Its place in the row of tokens.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The value of the `Authorization` header, marked as secret.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// For leaving it out of texts.
    pub(super) fn expose(&self) -> &str {
        self.header.to_str().unwrap_or_default().trim_start_matches(BEARER)
    }
}

/// All tokens of one partner.
pub(super) struct Tokens {
    exchange: Arc<Exchange>,
    state: Arc<Mutex<State>>,
}

struct State {
    refresh_token: SecretString,
    by_audience: HashMap<String, AccessToken>,
    exchanges: u64,
    /// When the last exchange failed, and how: those who waited for it get the same answer instead of asking again.
    failed: Option<(Instant, ApiError)>,
}

impl Tokens {
    /// `own` is the audience that the refresh token is for.
    pub(super) fn new(options: &Options, own: String, transport: Transport, keep: KeepToken) -> Self {
        let state = State {
            refresh_token: options.refresh_token.clone(),
            by_audience: HashMap::new(),
            exchanges: 0,
            failed: None,
        };
        let exchange = Exchange {
            login: Login::new(transport, &options.login, &options.tenant),
            client_id: options.client_id.trim().to_owned(),
            client_secret: options.client_secret.clone(),
            max_attempts: options.max_attempts,
            own,
            keep,
        };
        Self { exchange: Arc::new(exchange), state: Arc::new(Mutex::new(state)) }
    }

    /// A token for this audience: the one at hand, or a new one.
    pub(super) async fn access(&self, audience: &str) -> Result<AccessToken, ApiError> {
        self.obtain(audience, None).await
    }

    /// A token other than the one that was refused; if another caller has renewed it meanwhile, that one.
    pub(super) async fn renew(&self, audience: &str, refused: &AccessToken) -> Result<AccessToken, ApiError> {
        self.obtain(audience, Some(refused.number)).await
    }

    /// A token by an exchange that begins now or that another caller has just begun.
    pub(super) async fn exchange(&self, audience: &str) -> Result<AccessToken, ApiError> {
        let at_hand = self.state.lock().await.by_audience.get(audience).map(|token| token.number);
        self.obtain(audience, at_hand).await
    }

    /// Has it noted that the refresh token is of no use.
    pub(super) async fn tell_refusal(&self, code: String) {
        self.exchange.tell_refusal(code).await;
    }

    /// Has it noted that the sign-in has multi-factor authentication.
    pub(super) async fn tell_mfa(&self) {
        let keep = Arc::clone(&self.exchange.keep);
        // As for a refusal.
        drop(tokio::task::spawn_blocking(move || keep.has_mfa()).await);
    }

    async fn obtain(&self, audience: &str, refused: Option<u64>) -> Result<AccessToken, ApiError> {
        let asked = Instant::now();
        let mut state = Arc::clone(&self.state).lock_owned().await;
        if let Some(token) = state.by_audience.get(audience)
            && token.renew_at > Instant::now()
            && Some(token.number) != refused
        {
            return Ok(token.clone());
        }
        if let Some((at, error)) = &state.failed
            && *at >= asked
        {
            return Err(error.clone());
        }
        let exchange = Arc::clone(&self.exchange);
        let audience = audience.to_owned();
        // A task of its own: if the caller is cancelled in mid-exchange, the new refresh token is stored all the same.
        let task = tokio::spawn(async move {
            let result = exchange.run(&mut state, &audience).await;
            if let Err(ApiError::TokenRejected { code, .. }) = &result
                && exchange.is_spent(&audience, code)
            {
                exchange.tell_refusal(code.clone()).await;
            }
            state.failed = result.as_ref().err().map(|error| (Instant::now(), error.clone()));
            result
        });
        task.await.unwrap_or_else(|stopped| {
            let call = Box::new(self.exchange.call());
            Err(ApiError::CutShort { call, reason: format!("the sign-in was stopped ({stopped})") })
        })
    }
}

/// What an exchange needs.
struct Exchange {
    login: Login,
    client_id: String,
    client_secret: SecretString,
    max_attempts: u32,
    own: String,
    keep: KeepToken,
}

/// What an exchange brings.
struct Granted {
    token: AccessToken,
    refresh: Option<SecretString>,
}

impl Exchange {
    fn call(&self) -> Call {
        self.login.call("the sign-in")
    }

    /// Exchanges the refresh token, with retries, and stores the new one.
    async fn run(self: &Arc<Self>, state: &mut State, audience: &str) -> Result<AccessToken, ApiError> {
        let mut attempts = 0;
        let granted = loop {
            let failure = match self.once(&state.refresh_token, audience).await {
                Ok(granted) => break granted,
                Err(failure) => failure,
            };
            attempts += 1;
            if !failure.again || attempts >= self.max_attempts {
                return Err(failure.error);
            }
            sleep(failure.wait.unwrap_or_else(|| retry::backoff(attempts))).await;
        };
        let is_own = audience == self.own;
        match granted.refresh {
            Some(refresh) => {
                self.keep(&refresh, is_own).await?;
                state.refresh_token = refresh;
            }
            // Another audience says nothing of a consent that this one may lack.
            None if is_own => self.tell_accepted().await,
            None => {}
        }
        state.exchanges += 1;
        let token = AccessToken { number: state.exchanges, ..granted.token };
        state.by_audience.insert(audience.to_owned(), token.clone());
        Ok(token)
    }

    /// Has the new refresh token stored, on a thread that may block.
    async fn keep(&self, refresh: &SecretString, is_own: bool) -> Result<(), ApiError> {
        let (keep, token) = (Arc::clone(&self.keep), refresh.clone());
        let kept = tokio::task::spawn_blocking(move || keep.keep(&token, is_own)).await;
        let NotKept { reason, passes } = match kept {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(why)) => why,
            Err(_) => "storing it broke off".to_owned().into(),
        };
        let reason = sentence(&reason, &[refresh.expose_secret(), self.client_secret.expose_secret()]);
        Err(ApiError::TokenNotKept { call: Box::new(self.call()), reason, passes })
    }

    /// Whether a refusal for this audience is one of the refresh token itself: another service may just not be consented to.
    fn is_spent(&self, audience: &str, code: &str) -> bool {
        let refusal = Refusal { at: Timestamp::now(), code: code.to_owned() };
        !refusal.passes_by_itself() && (audience == self.own || refusal.holds_everywhere())
    }

    async fn tell_accepted(&self) {
        let keep = Arc::clone(&self.keep);
        // As for a refusal.
        drop(tokio::task::spawn_blocking(move || keep.accepted()).await);
    }

    async fn tell_refusal(&self, code: String) {
        let keep = Arc::clone(&self.keep);
        // The refusal itself is what the caller gets; that it could not be noted changes nothing about it.
        drop(tokio::task::spawn_blocking(move || keep.refused(&code)).await);
    }

    async fn once(
        self: &Arc<Self>,
        refresh_token: &SecretString,
        audience: &str,
    ) -> Result<Granted, SignInFailure> {
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_client_secret(ClientSecret::new(self.client_secret.expose_secret().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::from_url(self.login.endpoint("token")));
        let call = self.call();
        let send = |request| {
            let (exchange, call, refresh_token) = (Arc::clone(self), call.clone(), refresh_token.clone());
            async move { exchange.send(request, call, &refresh_token).await }
        };
        let answer = client
            .exchange_refresh_token(&RefreshToken::new(refresh_token.expose_secret().to_owned()))
            .add_scope(Scope::new(format!("{audience}/.default")))
            .add_scope(Scope::new("offline_access".to_owned()))
            .request_async(&send)
            .await;
        match answer {
            Ok(token) => {
                let access = AccessToken::new(token.access_token().secret(), token.expires_in(), 0);
                let access = access.ok_or_else(|| {
                    SignInFailure::unreadable(call, "the access token can't be sent in a header")
                })?;
                let refresh = token.refresh_token().map(|t| SecretString::from(t.secret().as_str()));
                Ok(Granted { token: access, refresh })
            }
            Err(RequestTokenError::Request(failure)) => Err(failure),
            // Their texts may hold the body, and that may hold tokens.
            Err(_) => Err(SignInFailure::unreadable(call, "the answer is not that of a sign-in")),
        }
    }

    /// Sends what the `oauth2` crate prepared and gives it a body that it can read.
    async fn send(
        &self,
        request: HttpRequest,
        mut call: Call,
        refresh_token: &SecretString,
    ) -> Result<oauth2::HttpResponse, SignInFailure> {
        let request = reqwest::Request::try_from(request)
            .map_err(|_| SignInFailure::unreadable(call.clone(), "the request could not be formed"))?;
        let answer = match self.login.send(request, &mut call).await {
            Ok(answer) => answer,
            Err(broken) => return Err(SignInFailure::broken(broken, call)),
        };
        let secrets = [self.client_secret.expose_secret(), refresh_token.expose_secret()];
        sign_in::accept(answer, call, During::Renewal, &secrets, SystemTime::now())
    }
}

/// How long a token with this life is used.
fn usable(life: Option<Duration>) -> Duration {
    let life = life.filter(|life| *life <= 24 * USUAL_LIFE).unwrap_or(USUAL_LIFE);
    (life - MARGIN.min(life / 5)).max(SHORTEST_USE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_lapses_but_never_in_a_loop() {
        for (life, use_for) in [
            (Some(3600), 3300),
            (Some(5400), 5100),
            (Some(600), 480),
            (Some(10), 8),
            (Some(1), 5),
            (Some(0), 5),
            (None, 3300),
            (Some(u64::MAX), 3300),
        ] {
            assert_eq!(usable(life.map(Duration::from_secs)).as_secs(), use_for, "{life:?}");
        }
    }
}
