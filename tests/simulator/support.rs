//! A small client for the tests: it parses nothing but JSON.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cspdeck::simulator::{
    APP_ID, APP_SECRET, Faults, Options, PARTNER_TENANT, REFRESH_TOKEN, Simulator, Tier,
};
use reqwest::header::HeaderMap;
use reqwest::{Client, StatusCode};
use serde_json::Value;

pub const SCOPE: &str = "https://api.partnercenter.microsoft.com/.default offline_access";

pub struct Session {
    pub simulator: Simulator,
    pub http: Client,
    pub access_token: String,
}

/// One answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice(body)
            .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(body)))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

pub fn http() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub fn options(customers: u32) -> Options {
    Options { customers, seed: 42, ..Options::default() }
}

/// Starts a simulator without faults, signs in, and only then lets the faults begin.
pub async fn session(options: Options) -> Session {
    let faults = options.faults.clone();
    let simulator = Simulator::start(Options { faults: Faults::default(), ..options }).await.unwrap();
    let http = http();
    let answer = refresh(&http, &simulator.base_url(), SCOPE).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json());
    let access_token = answer.json()["access_token"].as_str().unwrap().to_owned();
    simulator.set_faults(|current| *current = faults);
    Session { simulator, http, access_token }
}

pub async fn direct(customers: u32) -> Session {
    session(options(customers)).await
}

pub async fn indirect(customers: u32) -> Session {
    session(Options { tier: Tier::Indirect, ..options(customers) }).await
}

pub async fn faulty(customers: u32, faults: Faults) -> Session {
    session(Options { faults, ..options(customers) }).await
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub async fn post(http: &Client, url: &str, fields: &[(&str, &str)]) -> Answer {
    let request =
        http.post(url).header("content-type", "application/x-www-form-urlencoded").body(form(fields));
    read(request.send().await.unwrap()).await
}

pub async fn refresh(http: &Client, base_url: &str, scope: &str) -> Answer {
    refresh_with(http, base_url, REFRESH_TOKEN, scope).await
}

pub async fn refresh_with(http: &Client, base_url: &str, refresh_token: &str, scope: &str) -> Answer {
    let url = format!("{base_url}/{PARTNER_TENANT}/oauth2/v2.0/token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
        ("client_id", APP_ID),
        ("client_secret", APP_SECRET),
        ("scope", scope),
    ];
    post(http, &url, &fields).await
}

/// Faults, with a change.
pub fn faults(change: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    change(&mut faults);
    faults
}

/// An access token of the app on its own.
pub async fn app_token(http: &Client, base_url: &str, audience: &str) -> String {
    let url = format!("{base_url}/{PARTNER_TENANT}/oauth2/v2.0/token");
    let scope = format!("{audience}/.default");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", APP_ID),
        ("client_secret", APP_SECRET),
        ("scope", scope.as_str()),
    ];
    text(&post(http, &url, &fields).await, "access_token")
}

/// A field of a JSON answer that is a string.
pub fn text(answer: &Answer, name: &str) -> String {
    let body = answer.json();
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}

/// The claims of an access token.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

pub async fn read(response: reqwest::Response) -> Answer {
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}

impl Session {
    pub fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/v1{path}", self.simulator.base_url());
        self.http.get(url).bearer_auth(&self.access_token)
    }

    /// Gets `path` below `/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        read(self.request(path).send().await.unwrap()).await
    }

    /// Follows `links.next` with its headers, at most `limit` pages.
    pub async fn pages(&self, path: &str, limit: usize) -> Vec<Value> {
        let mut request = self.request(path);
        let mut pages = Vec::new();
        loop {
            let answer = read(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 200);
            let page = answer.json();
            let next = page["links"]["next"].clone();
            pages.push(page);
            assert!(pages.len() <= 1000, "the list never ends");
            if next.is_null() || pages.len() == limit {
                return pages;
            }
            request = self.request(next["uri"].as_str().unwrap());
            for header in next["headers"].as_array().unwrap() {
                let text = |name: &str| header[name].as_str().unwrap().to_owned();
                request = request.header(text("key"), text("value"));
            }
        }
    }

    /// The ids of all customers, in the list's order.
    pub async fn customer_ids(&self) -> Vec<String> {
        let pages = self.pages("/customers?size=500", usize::MAX).await;
        pages.iter().flat_map(ids).collect()
    }
}

/// The ids of all items of a page that are objects.
pub fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.filter_map(|item| item["id"].as_str().map(str::to_owned)).collect()
}
