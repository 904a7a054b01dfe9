//! A client of the login for the tests.

use crate::support::{Answer, form, http, post, read};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cspdeck::simulator::{APP_ID, APP_SECRET, Options, PARTNER_TENANT, Simulator};
use reqwest::Client;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use url::Url;

pub const AUDIENCE: &str = "https://api.partnercenter.microsoft.com";
pub const USER_SCOPE: &str =
    "https://api.partnercenter.microsoft.com/user_impersonation offline_access openid";
pub const REDIRECT: &str = "http://localhost:8400/callback";
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub struct Login {
    pub simulator: Simulator,
    pub http: Client,
}

impl Login {
    pub async fn start() -> Login {
        Login::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Login {
        Login { simulator: Simulator::start(options).await.unwrap(), http: http() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/{PARTNER_TENANT}/oauth2/{path}", self.simulator.base_url())
    }

    /// Asks for a token with the app's own credentials, unless `fields` has others.
    pub async fn token(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all: HashMap<&str, &str> = [("client_id", APP_ID), ("client_secret", APP_SECRET)].into();
        all.extend(fields.iter().copied());
        let fields: Vec<(&str, &str)> = all.into_iter().filter(|field| !field.1.is_empty()).collect();
        post(&self.http, &self.url(path), &fields).await
    }

    pub async fn authorize(&self, changes: &[(&str, &str)]) -> Answer {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut all: HashMap<&str, &str> = [
            ("client_id", APP_ID),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", USER_SCOPE),
            ("state", "a state/with+signs"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]
        .into();
        all.extend(changes.iter().copied());
        let fields: Vec<(&str, &str)> = all.into_iter().filter(|field| !field.1.is_empty()).collect();
        let url = format!("{}?{}", self.url("v2.0/authorize"), form(&fields));
        read(self.http.get(url).send().await.unwrap()).await
    }

    pub async fn code(&self) -> String {
        query(&self.authorize(&[]).await)["code"].clone()
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
            ("scope", USER_SCOPE),
        ];
        self.token("v2.0/token", &fields).await
    }

    pub async fn refresh(&self, refresh_token: &str, scope: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("scope", scope), ("refresh_token", refresh_token)];
        self.token("v2.0/token", &fields).await
    }

    /// Asks for a device code: the code that polls carry, and the whole answer.
    pub async fn device_code(&self) -> (String, Answer) {
        let url = self.url("v2.0/devicecode");
        let answer = post(&self.http, &url, &[("client_id", APP_ID), ("scope", USER_SCOPE)]).await;
        (crate::support::text(&answer, "device_code"), answer)
    }

    pub async fn poll(&self, device_code: &str) -> Answer {
        let poll = [("grant_type", DEVICE_CODE), ("device_code", device_code), ("client_secret", "")];
        self.token("v2.0/token", &poll).await
    }

    pub async fn calls_api(&self, token: &str) -> Answer {
        let url = format!("{}/v1/profiles/organization", self.simulator.base_url());
        read(self.http.get(url).bearer_auth(token).send().await.unwrap()).await
    }
}

/// The parameters that a redirect carries.
pub fn query(answer: &Answer) -> HashMap<String, String> {
    assert_eq!(answer.status, 302, "{}", String::from_utf8_lossy(&answer.body));
    let url = Url::parse(answer.header("location").unwrap()).unwrap();
    assert!(url.as_str().starts_with(REDIRECT), "{url}");
    url.query_pairs().into_owned().collect()
}

pub fn assert_refused(answer: &Answer, status: u16, error: &str, code: u32) {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), body["error"].as_str()), (status, Some(error)), "{body}");
    assert_eq!(body["error_codes"], json!([code]));
    let description = body["error_description"].as_str().unwrap();
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
    for field in ["timestamp", "trace_id", "correlation_id"] {
        assert!(body[field].is_string(), "{field}");
    }
}
