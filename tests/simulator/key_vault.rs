//! The vault: who is let in, what is kept, and how it refuses.

use crate::support::{Answer, app_token, http, read, refresh, text};
use cspdeck::simulator::{Faults, Options, PARTNER_TENANT, Simulator};
use reqwest::{Client, Method};
use serde_json::{Value, json};

const AUDIENCE: &str = "https://vault.azure.net";

struct Vault {
    simulator: Simulator,
    http: Client,
    token: String,
}

impl Vault {
    async fn start() -> Vault {
        let simulator = Simulator::start(Options::default()).await.unwrap();
        let http = http();
        let token = app_token(&http, &simulator.base_url(), AUDIENCE).await;
        Vault { simulator, http, token }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.base_url())
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let separator = if path.contains('?') { '&' } else { '?' };
        let url = self.url(&format!("{path}{separator}api-version=7.4"));
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        read(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    async fn set(&self, name: &str, body: &Value) -> Answer {
        self.call(Method::PUT, &format!("/secrets/{name}"), Some(body)).await
    }

    fn fault(&self, change: fn(&mut Faults)) {
        self.simulator.set_faults(|faults| {
            *faults = Faults::default();
            change(faults);
        });
    }
}

fn assert_refused(answer: &Answer, status: u16, code: &str, inner: Value) {
    let body = answer.json();
    assert_eq!(answer.status.as_u16(), status, "{body}");
    assert_eq!((&body["error"]["code"], &body["error"]["innererror"]["code"]), (&json!(code), &inner));
    assert!(body["error"]["message"].is_string());
}

#[tokio::test]
async fn without_a_good_token_the_vault_says_where_to_get_one() {
    let vault = Vault::start().await;
    let url = vault.url("/secrets/token?api-version=7.4");
    let base_url = vault.simulator.base_url();
    let other = app_token(&vault.http, &base_url, "https://graph.microsoft.com").await;
    for token in [None, Some("made.up"), Some(other.as_str())] {
        let mut request = vault.http.get(&url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = read(request.send().await.unwrap()).await;
        assert_refused(&answer, 401, "Unauthorized", Value::Null);
        let challenge =
            format!("Bearer authorization=\"{base_url}/{PARTNER_TENANT}\", resource=\"{AUDIENCE}\"");
        assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
    }
    vault.fault(|it| it.vault_foreign_challenge = true);
    let answer = read(vault.http.get(&url).send().await.unwrap()).await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer authorization=\"https://login.evil.example/"), "{challenge}");

    // A user of the partner has no role in the vault, and every call names its version.
    let answer = refresh(&vault.http, &base_url, &format!("{AUDIENCE}/.default")).await;
    let request = vault.http.get(&url).bearer_auth(text(&answer, "access_token"));
    assert_refused(&read(request.send().await.unwrap()).await, 403, "Forbidden", json!("ForbiddenByRbac"));
    let request = vault.http.get(vault.url("/secrets/token")).bearer_auth(&vault.token);
    assert_refused(&read(request.send().await.unwrap()).await, 400, "BadParameter", Value::Null);
    assert_eq!(vault.simulator.requests().key_vault, 6);
}

#[tokio::test]
async fn a_token_for_the_simulators_own_address_is_good_too() {
    let vault = Vault::start().await;
    let base_url = vault.simulator.base_url();
    vault.simulator.put_vault_secret("a", "b");
    let token = app_token(&vault.http, &base_url, &base_url).await;
    let request = vault.http.get(vault.url("/secrets/a?api-version=7.4")).bearer_auth(token);
    assert_eq!(read(request.send().await.unwrap()).await.json()["value"], "b");
}

#[tokio::test]
async fn a_secret_is_kept_with_all_its_versions() {
    let vault = Vault::start().await;
    assert_refused(&vault.get("/secrets/pc-token").await, 404, "SecretNotFound", Value::Null);
    assert_eq!(vault.simulator.vault_secret("pc-token"), None);
    let body = json!({
        "value": "first",
        "contentType": "text/plain",
        "attributes": { "exp": 1_774_915_200, "nbf": 1_700_000_000 },
        "tags": { "tenant": "fabrikam" },
    });
    let first = vault.set("pc-token", &body).await;
    assert_eq!(first.status, 200);
    let first = first.json();
    let id = first["id"].as_str().unwrap();
    assert!(id.starts_with(&vault.url("/secrets/pc-token/")), "{id}");
    assert_eq!(first["value"], "first");
    assert_eq!((&first["contentType"], &first["tags"]), (&body["contentType"], &body["tags"]));
    let attributes = &first["attributes"];
    assert_eq!((&attributes["exp"], &attributes["nbf"]), (&json!(1_774_915_200), &json!(1_700_000_000)));
    assert_eq!((&attributes["enabled"], &attributes["recoverableDays"]), (&json!(true), &json!(90)));
    assert!(attributes["created"].as_i64().unwrap() > 1_700_000_000, "{attributes}");

    let second = vault.set("PC-Token", &json!({ "value": "second" })).await.json();
    assert_ne!(second["id"], first["id"]);
    for path in ["/secrets/pc-token", "/secrets/pc-token/", "/secrets/PC-TOKEN"] {
        assert_eq!(vault.get(path).await.json()["value"], "second", "{path}");
    }
    let version = id.rsplit('/').next().unwrap();
    assert_eq!(vault.get(&format!("/secrets/pc-token/{version}")).await.json(), first);
    let unknown = vault.get("/secrets/pc-token/00000000000000000000000000000000").await;
    assert_refused(&unknown, 404, "SecretNotFound", Value::Null);
    assert_eq!(vault.simulator.vault_secret("pc-token").as_deref(), Some("second"));

    for (name, body) in [
        ("under_score", json!({ "value": "x" })),
        ("x".repeat(128).as_str(), json!({ "value": "x" })),
        ("good", json!({})),
        ("good", json!({ "value": 3 })),
        ("good", json!({ "value": "x".repeat(25 * 1024 + 1) })),
    ] {
        assert_refused(&vault.set(name, &body).await, 400, "BadParameter", Value::Null);
    }
    assert_eq!(vault.set("good", &json!({ "value": "x".repeat(25 * 1024) })).await.status, 200);
}

#[tokio::test]
async fn versions_come_in_pages_and_without_their_values() {
    let vault = Vault::start().await;
    assert_eq!(vault.get("/secrets/many/versions").await.json(), json!({ "value": [], "nextLink": null }));
    let mut ids = Vec::new();
    for number in 0..30 {
        let set = vault.set("many", &json!({ "value": number.to_string() })).await.json();
        ids.push(set["id"].as_str().unwrap().to_owned());
    }
    ids.sort();
    for (path, sizes) in
        [("", vec![25, 5]), ("?maxresults=12", vec![12, 12, 6]), ("?maxresults=15", vec![15, 15])]
    {
        let mut pages = vec![vault.get(&format!("/secrets/many/versions{path}")).await.json()];
        while let Some(next) = pages.last().unwrap()["nextLink"].as_str() {
            let request = vault.http.get(next).bearer_auth(&vault.token);
            pages.push(read(request.send().await.unwrap()).await.json());
        }
        let items: Vec<&Value> = pages.iter().flat_map(|page| page["value"].as_array().unwrap()).collect();
        let found: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids);
        assert!(items.iter().all(|item| item.get("value").is_none() && item["attributes"].is_object()));
        let lengths: Vec<usize> = pages.iter().map(|page| page["value"].as_array().unwrap().len()).collect();
        assert_eq!(lengths, sizes);
    }
    for wrong in ["maxresults=0", "maxresults=26", "maxresults=x", "$skiptoken=x"] {
        let answer = vault.get(&format!("/secrets/many/versions?{wrong}")).await;
        assert_refused(&answer, 400, "BadParameter", Value::Null);
    }
    let beyond = vault.get("/secrets/many/versions?$skiptoken=18446744073709551615").await.json();
    assert_eq!(beyond, json!({ "value": [], "nextLink": null }));
}

#[tokio::test]
async fn a_deleted_secret_keeps_its_name_until_it_is_recovered_or_purged() {
    let vault = Vault::start().await;
    assert_eq!(vault.call(Method::DELETE, "/secrets/token", None).await.status, 404);
    assert_eq!(vault.get("/deletedsecrets/token").await.status, 404);
    vault.simulator.put_vault_secret("token", "value");
    let deleted = vault.call(Method::DELETE, "/secrets/token", None).await.json();
    assert_eq!(deleted["recoveryId"], vault.url("/deletedsecrets/token"));
    let days = deleted["scheduledPurgeDate"].as_i64().unwrap() - deleted["deletedDate"].as_i64().unwrap();
    assert_eq!(days, 90 * 24 * 60 * 60);
    assert!(deleted.get("value").is_none());

    assert_refused(&vault.get("/secrets/token").await, 404, "SecretNotFound", Value::Null);
    let refused = vault.set("token", &json!({ "value": "new" })).await;
    assert_refused(&refused, 409, "Conflict", json!("ObjectIsDeletedButRecoverable"));
    assert_eq!(vault.get("/deletedsecrets/token").await.json(), deleted);
    assert_eq!(vault.simulator.vault_secret("token"), None);

    assert_eq!(vault.call(Method::POST, "/deletedsecrets/token/recover", None).await.status, 200);
    assert_eq!(vault.get("/secrets/token").await.json()["value"], "value");
    assert_eq!(vault.call(Method::POST, "/deletedsecrets/token/recover", None).await.status, 404);
    assert_eq!(vault.call(Method::DELETE, "/deletedsecrets/token", None).await.status, 404);

    vault.call(Method::DELETE, "/secrets/token", None).await;
    assert_eq!(vault.call(Method::DELETE, "/deletedsecrets/token", None).await.status, 204);
    assert_eq!(vault.get("/deletedsecrets/token").await.status, 404);
    assert_eq!(vault.set("token", &json!({ "value": "new" })).await.status, 200);
    vault.call(Method::DELETE, "/secrets/token", None).await;
    vault.simulator.put_vault_secret("token", "by a test");
    assert_eq!(vault.simulator.vault_secret("token").as_deref(), Some("by a test"));
}

#[tokio::test]
async fn the_vault_refuses_in_many_ways() {
    let vault = Vault::start().await;
    vault.simulator.put_vault_secret("token", "value");
    let (read, write) = ("read", "write");
    let call = async |kind| match kind {
        "read" => vault.get("/secrets/token").await,
        _ => vault.set("token", &json!({ "value": "new" })).await,
    };
    vault.fault(|it| it.vault_forbidden = true);
    for kind in [read, write] {
        assert_refused(&call(kind).await, 403, "Forbidden", json!("ForbiddenByRbac"));
    }
    vault.fault(|it| it.vault_firewall = true);
    for kind in [read, write] {
        assert_refused(&call(kind).await, 403, "Forbidden", json!("ForbiddenByFirewall"));
    }
    vault.fault(|it| it.vault_read_only = true);
    assert_eq!(call(read).await.status, 200);
    assert_refused(&call(write).await, 403, "Forbidden", json!("ForbiddenByRbac"));
    let deletion = vault.call(Method::DELETE, "/secrets/token", None).await;
    assert_refused(&deletion, 403, "Forbidden", json!("ForbiddenByRbac"));
    vault.fault(|it| it.vault_disabled = true);
    assert_refused(&call(read).await, 403, "Forbidden", json!("SecretDisabled"));
    assert_eq!(vault.simulator.vault_secret("token").as_deref(), Some("value"));

    vault.fault(|_| {});
    vault.set("token", &json!({ "value": "off", "attributes": { "enabled": false } })).await;
    assert_refused(&call(read).await, 403, "Forbidden", json!("SecretDisabled"));

    vault.fault(|it| {
        it.throttle_every = Some(1);
        it.retry_after = Some(7);
    });
    let throttled = call(read).await;
    assert_refused(&throttled, 429, "Throttled", Value::Null);
    assert_eq!(throttled.header("retry-after"), Some("7"));
}
