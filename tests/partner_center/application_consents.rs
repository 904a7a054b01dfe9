//! Consents in the tenants of customers, and with them all that changes something.

use cspdeck::domain::application_grant::ApplicationGrant;
use cspdeck::partner_center::{ApplicationConsent, Given};
use uuid::Uuid;

use super::*;

const APP: &str = "5a1f0c3e-0000-4a4a-9c9c-1f2e3d4c5b6a";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const PATH: &str = "/v1/customers/c1/applicationconsents";

fn app() -> Uuid {
    APP.parse().unwrap()
}

fn consent(scopes: &[&str]) -> ApplicationConsent {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    ApplicationConsent {
        application_id: app(),
        display_name: "Acme \"CSP\" Dashboard".to_owned(),
        grants: vec![ApplicationGrant { service: GRAPH.to_owned(), scopes }],
    }
}

/// The outcome of giving a consent to a server that answers so.
async fn given(answer: Reply) -> Result<Given, ApiError> {
    let server = signed_in(move |_, _| answer.clone()).await;
    client(&server).give_application_consent(&customer(), &consent(&["User.Read.All"])).await
}

#[tokio::test]
async fn a_consent_is_given_as_microsoft_documents_it() {
    let server = signed_in(|_, _| reply("201 Created", &[], format!(r#"{{"applicationId":"{APP}"}}"#))).await;
    let consent = consent(&["Directory.Read.All", "User.Read.All"]);
    let given = client(&server).give_application_consent(&customer(), &consent).await.unwrap();
    assert_eq!(given, Given::New);
    let asked = &server.asked(PATH)[0];
    assert!(asked.head.starts_with(&format!("POST {PATH} HTTP/1.1")), "{}", asked.head);
    assert_eq!(asked.header("Content-Type"), Some("application/json"));
    assert_eq!(asked.header("Authorization"), Some("Bearer access-1"));
    let expected = serde_json::json!({
        "applicationId": APP,
        "displayName": "Acme \"CSP\" Dashboard",
        "applicationGrants": [{"enterpriseApplicationId": GRAPH, "scope": "Directory.Read.All,User.Read.All"}],
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&asked.body).unwrap(), expected);
}

#[tokio::test]
async fn all_attempts_at_a_write_carry_one_id() {
    let server = signed_in(|n, _| match n {
        0 => reply("500 Oops", &[("MS-RequestId", "of-the-server")], ""),
        1 => reply("401 Unauthorized", &[], ""),
        2 => reply("429 Too Many Requests", &[("Retry-After", "1")], ""),
        _ => ok("{}").cut_by(1),
    })
    .await;
    let client = client(&server);
    let error = client.give_application_consent(&customer(), &consent(&["a"])).await.unwrap_err();
    assert_clean(&error);
    assert_eq!(error.kind(), ErrorKind::CutShort);
    client.give_application_consent(&customer(), &consent(&["a"])).await.unwrap_err();
    let ids: Vec<_> =
        server.asked(PATH).iter().map(|a| a.header("MS-RequestId").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 7);
    assert!(ids[..4].iter().all(|id| *id == ids[0]) && ids[4..].iter().all(|id| *id == ids[4]), "{ids:?}");
    assert_ne!(ids[0], ids[4], "another operation has another id");
}

#[tokio::test]
async fn what_comes_back_decides() {
    for answer in [reply("200 OK", &[], ""), reply("201 Created", &[], "{}")] {
        assert_eq!(given(answer).await, Ok(Given::New));
    }
    assert_eq!(
        given(reply("409 Conflict", &[], "Permission entry already exists.")).await,
        Ok(Given::Already)
    );
    for (answer, kind, said) in [
        (reply("403 Forbidden", &[], r#"{"code":2032}"#), ErrorKind::Forbidden, "GDAP"),
        (reply("403 Forbidden", &[], r#"{"code":20002}"#), ErrorKind::Forbidden, "no commerce relationship"),
        (reply("400 Bad Request", &[], r#"{"code":2000}"#), ErrorKind::NotAccepted, "delegated"),
        (reply("404 Not Found", &[], ""), ErrorKind::NotFound, "customer c1"),
        (reply("412 Precondition Failed", &[], ""), ErrorKind::BadRequest, "rejects"),
        (ok(format!(r#"{{"applicationId":"{GRAPH}"}}"#)), ErrorKind::BadBody, "another app"),
        (ok("<html><title>Portal</title> access-1"), ErrorKind::BadBody, "Portal"),
    ] {
        let error = given(answer).await.unwrap_err();
        assert_clean(&error);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(said) && error.to_string().contains(APP), "{error}");
    }
}

#[tokio::test]
async fn a_consent_is_removed_or_was_not_there() {
    for (status, removed) in [("204 No Content", true), ("200 OK", true), ("404 Not Found", false)] {
        let server = signed_in(move |_, _| reply(status, &[], "")).await;
        assert_eq!(client(&server).remove_application_consent(&customer(), app()).await, Ok(removed));
        let asked = &server.asked(PATH)[0];
        assert!(asked.head.starts_with(&format!("DELETE {PATH}/{APP} HTTP/1.1")) && asked.body.is_empty());
        assert_eq!(asked.header("Content-Type"), None);
    }
    let server = signed_in(|_, _| reply("403 Forbidden", &[], "")).await;
    let error = client(&server).remove_application_consent(&customer(), app()).await.unwrap_err();
    assert_clean(&error);
    assert!(error.to_string().contains("GDAP"), "{error}");
}

#[tokio::test]
async fn what_would_mean_something_else_is_not_sent() {
    let server = signed_in(|_, _| ok("{}")).await;
    let client = client(&server);
    for scopes in [&[][..], &[""], &["a,b"], &["a b"], &["a\n"]] {
        let error = client.give_application_consent(&customer(), &consent(scopes)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadOption, "{scopes:?}");
    }
    let mut consent = consent(&["a"]);
    consent.grants[0].service = "Microsoft Graph".to_owned();
    let error = client.give_application_consent(&customer(), &consent).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadOption);
    for id in [".", ".."] {
        let id = CustomerId::parse(id).unwrap();
        let error = client.remove_application_consent(&id, app()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadOption);
    }
    assert!(server.asked("").is_empty());
}
