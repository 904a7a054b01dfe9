//! Azure Key Vault: the sign-in that it asks for, secrets, and every way in which it refuses.

use cspdeck::partner_center::{Access, KeyVault, KeyVaultOptions, Timeouts, VaultError};

use super::*;

const VALUE: &str = "1.AXoA-the~value";
const BUNDLE: &str = r#"{"value":"1.AXoA-the~value","id":"https://acme-kv.vault.azure.net/secrets/pc/v2",
    "attributes":{"enabled":true,"created":1767225600,"updated":1767225600},"tags":{"by":"cspdeck"}}"#;

fn app() -> Access {
    Access::App { client_id: "app".to_owned(), client_secret: SecretString::from(APP_SECRET) }
}

fn vault_options(server: &str, access: Access) -> KeyVaultOptions {
    let timeout = Duration::from_secs(5);
    KeyVaultOptions {
        vault: server.parse().unwrap(),
        login: server.parse().unwrap(),
        audience: "https://vault.azure.net".parse().unwrap(),
        managed_identity: server.parse().unwrap(),
        access,
        timeouts: Timeouts { connect: timeout, read: timeout, request: timeout },
        max_attempts: 2,
    }
}

fn opened(server: &Server) -> KeyVault {
    KeyVault::new(&vault_options(&server.url, app())).unwrap()
}

fn here(asked: &Asked) -> String {
    format!("http://{}", asked.header("Host").unwrap())
}

fn challenge(authority: &str, resource: &str) -> Reply {
    let header = format!("Bearer authorization=\"{authority}\", resource=\"{resource}\"");
    reply("401 Unauthorized", &[("WWW-Authenticate", &header)], "")
}

fn is_sign_in(asked: &Asked) -> bool {
    asked.path.contains("oauth2")
}

/// A vault with its login and a managed identity; those with a token follow the script.
async fn vault(api: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |n, asked| {
        if is_sign_in(asked) {
            ok(format!(r#"{{"access_token":"access-{}","expires_in":"3599","token_type":"Bearer"}}"#, n + 1))
        } else if asked.header("Authorization").is_none() {
            challenge(&format!("{}/tenant-1", here(asked)), "https://vault.azure.net")
        } else {
            api(n, asked)
        }
    })
    .await
}

fn refusal(status: &str, code: &str, inner: &str) -> Reply {
    let body = format!(
        r#"{{"error":{{"code":"{code}","message":"told {VALUE} and access-1\u001b[2J","innererror":{{"code":"{inner}"}}}}}}"#
    );
    reply(status, &[("x-ms-request-id", "kv-77")], body)
}

/// No text about an error may hold a secret; each names its call and says what to do.
fn assert_kept(error: &VaultError) {
    let texts = format!("{error} {error:?}");
    for secret in [APP_SECRET, "s3cret%7Eapp", "access-1", "access-2"] {
        assert!(!texts.contains(secret), "{secret} in {texts}");
    }
    assert!(!texts.contains('\u{1b}'), "{texts}");
    let id = &error.call().unwrap().request_id;
    assert!(!id.is_empty() && error.to_string().contains(id), "{error}");
}

/// The error of a vault that answers all who are signed in with this.
async fn refused(answer: Reply) -> VaultError {
    let server = vault(move |_, _| answer.clone()).await;
    let error = opened(&server).get("pc", None).await.unwrap_err();
    assert_kept(&error);
    error
}

#[tokio::test]
async fn an_app_signs_in_where_the_vault_says() {
    let server = vault(|_, _| ok(BUNDLE)).await;
    let vault = opened(&server);
    let secret = vault.get("pc", None).await.unwrap();
    assert_eq!((secret.value.expose_secret(), secret.info.version.as_str()), (VALUE, "v2"));
    vault.get("pc", Some("v1")).await.unwrap();

    let sign_ins = server.asked("oauth2");
    assert_eq!(sign_ins.len(), 1, "the token is kept");
    assert!(
        sign_ins[0].head.starts_with("POST /tenant-1/oauth2/v2.0/token HTTP/1.1"),
        "{}",
        sign_ins[0].head
    );
    let form: std::collections::HashMap<_, _> =
        url::form_urlencoded::parse(sign_ins[0].body.as_bytes()).into_owned().collect();
    for (key, value) in [
        ("grant_type", "client_credentials"),
        ("client_id", "app"),
        ("client_secret", APP_SECRET),
        ("scope", "https://vault.azure.net/.default"),
    ] {
        assert_eq!(form.get(key).map(String::as_str), Some(value), "{key}");
    }
    let asked = server.asked("/secrets/");
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.as_str()).collect();
    let newest = "/secrets/pc?api-version=7.4";
    assert_eq!(paths, [newest, newest, "/secrets/pc/v1?api-version=7.4"]);
    assert_eq!(asked[0].header("Authorization"), None, "the first request is to be challenged");
    assert_eq!(asked[1].header("Authorization"), Some("Bearer access-1"));
    assert_eq!(format!("{vault:?}"), "KeyVault { host: \"127.0.0.1\", .. }");
}

#[tokio::test]
async fn a_managed_identity_signs_in_on_the_machine() {
    for (client_id, query) in [(None, ""), (Some("id-1"), "&client_id=id-1")] {
        let server = vault(|_, _| ok(BUNDLE)).await;
        let access = Access::Managed { client_id: client_id.map(str::to_owned) };
        let vault = KeyVault::new(&vault_options(&server.url, access)).unwrap();
        vault.get("pc", None).await.unwrap();
        let asked = &server.asked("/metadata/")[0];
        let path =
            "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net";
        assert_eq!(asked.path, format!("{path}{query}"));
        assert_eq!((asked.header("Metadata"), asked.header("Authorization")), (Some("true"), None));
    }
}

#[tokio::test]
async fn a_machine_without_an_identity_says_so() {
    let managed = || Access::Managed { client_id: None };
    let answering = |answer: Reply| {
        Server::start(move |n, asked| match is_sign_in(asked) {
            true if n == 0 => answer.clone(),
            true => ok(r#"{"access_token":"access-1","expires_in":3599}"#),
            false if asked.header("Authorization").is_none() => {
                challenge(&format!("{}/t", here(asked)), "https://vault.azure.net")
            }
            false => ok(BUNDLE),
        })
    };
    let not_found = r#"{"error":"invalid_request","error_description":"Identity not found"}"#;
    let none = answering(reply("400 Bad Request", &[], not_found)).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nowhere = KeyVaultOptions {
        managed_identity: format!("http://{closed}").parse().unwrap(),
        ..vault_options(&none.url, managed())
    };
    for options in [vault_options(&none.url, managed()), nowhere] {
        let error = KeyVault::new(&options).unwrap().get("pc", None).await.unwrap_err();
        assert_kept(&error);
        assert!(matches!(error, VaultError::NoManagedIdentity { .. }), "{error}");
        assert!(error.to_string().contains("not an Azure VM, or none assigned"), "{error}");
    }
    let other = Access::Managed { client_id: Some("11111111-71d2-4a4a-9c9c-1f2e3d4c5b6a".to_owned()) };
    let none = answering(reply("400 Bad Request", &[], not_found)).await;
    let error = KeyVault::new(&vault_options(&none.url, other)).unwrap().get("pc", None).await.unwrap_err();
    assert!(matches!(error, VaultError::NotThisIdentity { .. }), "{error}");
    for words in ["11111111-71d2", "key_vault_identity"] {
        assert!(error.to_string().contains(words), "{error}");
    }
    for passing in ["410 Gone", "429 Too Many Requests", "500 Internal Server Error"] {
        let server = answering(reply(passing, &[], "")).await;
        KeyVault::new(&vault_options(&server.url, managed())).unwrap().get("pc", None).await.unwrap();
        assert_eq!(server.asked("oauth2").len(), 2, "{passing}");
    }
}

#[tokio::test]
async fn a_challenge_that_leads_elsewhere_gets_nothing() {
    let named = |authority: &'static str, resource: &'static str| {
        Server::start(move |_, asked| match is_sign_in(asked) {
            true => ok(r#"{"access_token":"access-1"}"#),
            false => challenge(&authority.replace("HERE", &here(asked)), resource),
        })
    };
    for (authority, resource) in [
        ("https://login.evil.example/t", "https://vault.azure.net"),
        ("HERE/t", "https://graph.microsoft.com"),
        ("HERE", "https://vault.azure.net"),
    ] {
        let server = named(authority, resource).await;
        let error = opened(&server).get("pc", None).await.unwrap_err();
        assert_kept(&error);
        assert!(matches!(error, VaultError::ForeignChallenge { .. }), "{error}");
        assert_eq!((server.asked("").len(), server.asked("oauth2").len()), (1, 0), "{authority} {resource}");
    }
    for (answer, challenged) in [
        (ok(BUNDLE), true),
        (reply("401 Unauthorized", &[], ""), true),
        (reply("404 Not Found", &[], "<html><title>Nobody</title>"), false),
        (reply("302 Found", &[("Location", "http://evil.example")], ""), false),
    ] {
        let server = Server::start(move |_, _| answer.clone()).await;
        let error = opened(&server).get("pc", None).await.unwrap_err();
        assert_kept(&error);
        assert_eq!(matches!(error, VaultError::ForeignChallenge { .. }), challenged, "{error}");
        assert_eq!(server.asked("").len(), 1, "{error}");
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for (answer, said) in [
        (refusal("403 Forbidden", "Forbidden", "SecretDisabled"), "is disabled"),
        (refusal("403 Forbidden", "Forbidden", "SecretNotYetValid"), "not valid yet"),
        (refusal("403 Forbidden", "Forbidden", "SecretExpired"), "has expired"),
        (refusal("403 Forbidden", "Forbidden", "ForbiddenByFirewall"), "firewall"),
        (refusal("403 Forbidden", "Forbidden", "ForbiddenByRbac"), "\"Key Vault Secrets Officer\""),
        (refusal("403 Forbidden", "Forbidden", "AccessDenied"), "\"Key Vault Secrets Officer\""),
        (reply("403 Forbidden", &[], ""), "\"Key Vault Secrets Officer\""),
        (reply("404 Not Found", &[], "<html>"), "can't be read"),
        (refusal("404 Not Found", "SecretNotFound", ""), "does not have the secret pc"),
        (refusal("400 Bad Request", "BadParameter", ""), "rejects"),
        (refusal("503 Service Unavailable", "x", ""), "failed"),
        (reply("301 Moved", &[("Location", "http://evil.example")], ""), "redirects"),
        (ok("<html>access-1"), "no JSON"),
        (ok(&BUNDLE[..40]), "cut short"),
    ] {
        let error = refused(answer).await;
        assert!(error.to_string().contains(said), "{said} in {error}");
    }
    let ids = refused(refusal("403 Forbidden", "Forbidden", "ForbiddenByRbac")).await.to_string();
    assert!(
        ids.contains("kv-77") && ids.contains("code ForbiddenByRbac") && ids.contains("the app"),
        "{ids}"
    );
}

#[tokio::test]
async fn throttling_tells_how_long_to_wait() {
    let server = vault(|_, _| reply("429 Too Many Requests", &[("Retry-After", "57")], "")).await;
    let options = KeyVaultOptions { max_attempts: 1, ..vault_options(&server.url, app()) };
    let error = KeyVault::new(&options).unwrap().get("pc", None).await.unwrap_err();
    assert_kept(&error);
    assert!(error.to_string().contains("asks to wait about 5") && error.is_worth_retrying_later(), "{error}");

    let server = vault(|n, _| match n {
        1 => reply("429 Too Many Requests", &[("Retry-After", "1")], ""),
        _ => ok(BUNDLE),
    })
    .await;
    let begin = std::time::Instant::now();
    opened(&server).get("pc", None).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let stale = |asked: &Asked| asked.header("Authorization") == Some("Bearer access-1");
    let server = vault(move |_, asked| match stale(asked) {
        true => refusal("401 Unauthorized", "Unauthorized", ""),
        false => ok(BUNDLE),
    })
    .await;
    let client = opened(&server);
    futures_util::future::try_join_all((0..8).map(|_| client.get("pc", None))).await.unwrap();
    assert_eq!(server.asked("oauth2").len(), 2);

    let server = vault(|_, _| reply("401 Unauthorized", &[], "")).await;
    let error = opened(&server).get("pc", None).await.unwrap_err();
    assert_kept(&error);
    assert!(matches!(error, VaultError::NotSignedIn { .. }), "{error}");
    assert_eq!(server.asked("oauth2").len(), 2);
}

#[tokio::test]
async fn a_refused_app_is_explained() {
    let body = format!(
        r#"{{"error":"invalid_client","error_description":"AADSTS7000222: {APP_SECRET}","error_codes":[7000222],"trace_id":"t-1"}}"#
    );
    let server = Server::start(move |_, asked| match is_sign_in(asked) {
        true => reply("401 Unauthorized", &[], &body),
        false => challenge(&format!("{}/t", here(asked)), "https://vault.azure.net"),
    })
    .await;
    let error = opened(&server).get("pc", None).await.unwrap_err();
    assert_kept(&error);
    assert!(matches!(error, VaultError::AppRefused { .. }), "{error}");
    for words in ["has expired", "127.0.0.1", "settings secret key_vault_secret"] {
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
}

#[tokio::test]
async fn a_deleted_secret_is_told_from_a_missing_one() {
    let deleted = |status: &'static str| {
        vault(move |_, asked| {
            if asked.path.starts_with("/deletedsecrets/pc?") {
                ok(r#"{"recoveryId":"x","deletedDate":1767225600,"scheduledPurgeDate":1775001600}"#)
            } else {
                refusal(status, "Conflict", "ObjectIsDeletedButRecoverable")
            }
        })
    };
    let server = deleted("404 Not Found").await;
    let read = opened(&server).get("pc", None).await.unwrap_err();
    let info = opened(&server).deleted("pc").await.unwrap().unwrap();
    assert_eq!(info.deleted_at.unwrap().as_second(), 1_767_225_600);
    let server = deleted("409 Conflict").await;
    let stored = opened(&server).set("pc", &SecretString::from(VALUE), &[], None).await.unwrap_err();
    for error in [read, stored] {
        assert_kept(&error);
        assert!(matches!(error, VaultError::Deleted { .. }), "{error}");
        for part in ["az keyvault secret recover", "purge", "2026-04-01"] {
            assert!(error.to_string().contains(part), "{part} in {error}");
        }
    }
    let missing = vault(|_, _| refusal("404 Not Found", "SecretNotFound", "")).await;
    assert_eq!(opened(&missing).deleted("pc").await.unwrap(), None);
    assert_eq!(missing.asked("/deletedsecrets/").len(), 2, "one to be challenged");
}

#[tokio::test]
async fn a_value_is_stored_as_a_new_version() {
    let server = vault(|_, _| ok(BUNDLE)).await;
    let vault = opened(&server);
    let value = SecretString::from(VALUE);
    let info = vault.set("pc", &value, &[("by", "cspdeck")], Some("text/plain")).await.unwrap();
    assert_eq!((info.version.as_str(), info.tags["by"].as_str()), ("v2", "cspdeck"));
    let asked = server.asked("/secrets/");
    assert!(
        asked[0].head.starts_with("GET ") && asked[0].body.is_empty(),
        "nothing is sent before the sign-in"
    );
    assert!(asked[1].head.starts_with("PUT /secrets/pc?api-version=7.4 HTTP/1.1"));
    assert_eq!(asked[1].header("Content-Type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_str(&asked[1].body).unwrap();
    assert_eq!((&body["value"], &body["tags"]["by"]), (&VALUE.into(), &"cspdeck".into()));

    let large = SecretString::from("x".repeat(25_601));
    assert!(matches!(
        vault.set("pc", &large, &[], None).await,
        Err(VaultError::TooLarge { bytes: 25_601, .. })
    ));
    for name in ["", "a_b", "../keys", "a/b"] {
        assert!(matches!(vault.set(name, &value, &[], None).await, Err(VaultError::BadName(_))), "{name}");
        assert!(matches!(vault.get("pc", Some(name)).await, Err(VaultError::BadVersion(_))), "{name}");
    }
    assert_eq!(server.asked("").len(), 3, "what can't be stored is not sent");
}

#[tokio::test]
async fn a_write_that_is_refused_shows_no_value() {
    for (answer, said) in [
        (refusal("403 Forbidden", "Forbidden", "ForbiddenByRbac"), "\"Key Vault Secrets Officer\""),
        (refusal("409 Conflict", "Conflict", "ObjectIsBeingDeleted"), "try again in a minute"),
        (refusal("400 Bad Request", "BadParameter", ""), "rejects"),
    ] {
        let server = vault(move |_, _| answer.clone()).await;
        let error = opened(&server).set("pc", &SecretString::from(VALUE), &[], None).await.unwrap_err();
        assert_kept(&error);
        let texts = format!("{error} {error:?}");
        assert!(texts.contains(said) && !texts.contains(VALUE), "{texts}");
    }
}

fn versions(ids: &[(&str, u64)], next: Option<&str>) -> Reply {
    let items: Vec<_> = ids
        .iter()
        .map(|(id, created)| {
            format!(r#"{{"id":"https://v.example/secrets/pc/{id}","attributes":{{"enabled":true,"created":{created}}}}}"#)
        })
        .collect();
    let next = next.map_or("null".to_owned(), |next| format!("\"{next}\""));
    ok(format!(r#"{{"value":[{}],"nextLink":{next}}}"#, items.join(",")))
}

#[tokio::test]
async fn versions_come_newest_first_over_all_pages() {
    let server = vault(|_, asked| match asked.path.contains("skiptoken") {
        false => {
            let next = format!("{}/secrets/pc/versions?api-version=7.4&$skiptoken=2", here(asked));
            versions(&[("a", 10), ("c", 30)], Some(&next))
        }
        true => versions(&[("b", 20), ("d", 40)], None),
    })
    .await;
    let found = opened(&server).versions("pc").await.unwrap();
    let ids: Vec<_> = found.iter().map(|version| version.version.as_str()).collect();
    assert_eq!(ids, ["d", "c", "b", "a"]);

    let gone = vault(|_, _| versions(&[], None)).await;
    assert!(opened(&gone).versions("pc").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_out_of_the_list_is_not_followed() {
    for link in [
        "https://evil.example/secrets/pc/versions",
        "HERE/secrets/other/versions",
        "HERE/secrets/pc/versions/../../x",
        "/secrets/pc/versions",
        "HERE/secrets/pc/versions?api-version=7.4&again",
    ] {
        let server =
            vault(move |_, asked| versions(&[("a", 1)], Some(&link.replace("HERE", &here(asked))))).await;
        let error = opened(&server).versions("pc").await.unwrap_err();
        assert_kept(&error);
        assert!(matches!(error, VaultError::ForeignLink { .. }), "{link}: {error}");
        assert!(server.asked("/secrets/").len() <= 3, "{link}");
    }
}

#[test]
fn what_cannot_open_a_vault_is_refused_before_anything_is_sent() {
    let good = vault_options("http://127.0.0.1:1", app());
    let url = |text: &str| text.parse().unwrap();
    let managed = |address: &str| KeyVaultOptions {
        managed_identity: url(address),
        access: Access::Managed { client_id: None },
        ..good.clone()
    };
    let app = |id: &str, secret: &str| Access::App {
        client_id: id.to_owned(),
        client_secret: SecretString::from(secret.to_owned()),
    };
    for (bad, option) in [
        (KeyVaultOptions { vault: url("http://acme-kv.vault.azure.net"), ..good.clone() }, "vault"),
        (
            KeyVaultOptions { vault: url("https://acme-kv.vault.azure.net/secrets/x"), ..good.clone() },
            "vault",
        ),
        (KeyVaultOptions { login: url("http://login.example"), ..good.clone() }, "login"),
        (managed("http://169.254.169.253"), "managed identity"),
        (managed("https://169.254.169.254"), "managed identity"),
        (managed("http://metadata.example"), "managed identity"),
        (KeyVaultOptions { access: app(" ", "x"), ..good.clone() }, "app id"),
        (KeyVaultOptions { access: app("x", ""), ..good.clone() }, "app secret"),
        (KeyVaultOptions { max_attempts: 0, ..good.clone() }, "attempts"),
    ] {
        let error = KeyVault::new(&bad).unwrap_err();
        assert!(
            matches!(error, VaultError::BadOption { .. }) && error.to_string().contains(option),
            "{error}"
        );
    }
    assert!(KeyVault::new(&managed("http://169.254.169.254")).is_ok());
    assert!(!format!("{good:?}").contains(APP_SECRET));
}
