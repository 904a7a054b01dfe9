//! Graph: who may ask for partner billing.

use crate::support::{Answer, Session, app_token, direct, post, read, refresh, text};
use cspdeck::simulator::PARTNER_TENANT;

const GRAPH: &str = "https://graph.microsoft.com";
const BILLING: &str = "/v1.0/reports/partners/billing";

async fn operation(session: &Session, token: Option<&str>, id: &str) -> Answer {
    let url = format!("{}{BILLING}/operations/{id}", session.simulator.base_url());
    let mut request = session.http.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    read(request.send().await.unwrap()).await
}

fn assert_refused(answer: &Answer, status: u16, code: &str) {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{body}");
    assert!(body["error"]["message"].is_string() && body["error"]["innerError"].is_object());
}

#[tokio::test]
async fn users_and_apps_with_tokens_for_graph_may_ask() {
    let session = direct(1).await;
    let base_url = session.simulator.base_url();
    let user = text(&refresh(&session.http, &base_url, &format!("{GRAPH}/.default")).await, "access_token");
    let app = app_token(&session.http, &base_url, GRAPH).await;
    let own = app_token(&session.http, &base_url, &base_url).await;
    for token in [&user, &app, &own] {
        assert_refused(&operation(&session, Some(token), "unknown").await, 404, "NotFound");
    }
    assert_refused(&operation(&session, None, "unknown").await, 401, "InvalidAuthenticationToken");
    for token in ["made.up", &session.access_token] {
        let answer = operation(&session, Some(token), "unknown").await;
        assert_refused(&answer, 401, "InvalidAuthenticationToken");
    }
    assert_eq!(session.simulator.requests().graph, 6);
    session.simulator.set_faults(|it| it.deny_graph = true);
    for token in [&user, &app] {
        let answer = operation(&session, Some(token), "unknown").await;
        assert_refused(&answer, 403, "Authorization_RequestDenied");
    }
}

#[tokio::test]
async fn an_export_is_accepted_and_its_operation_can_be_asked_for() {
    let session = direct(1).await;
    let base_url = session.simulator.base_url();
    let token = app_token(&session.http, &base_url, GRAPH).await;
    let export = async |body: &'static str| {
        let url = format!("{base_url}{BILLING}/reconciliation/billed/export");
        let request = session.http.post(url).bearer_auth(&token).body(body);
        read(request.send().await.unwrap()).await
    };
    let accepted = export("{\"invoiceId\":\"G099887766\",\"attributeSet\":\"full\"}").await;
    assert_eq!((accepted.status.as_u16(), accepted.body.len()), (202, 0));
    let location = accepted.header("location").unwrap();
    assert!(location.starts_with(&format!("{base_url}{BILLING}/operations/")), "{location}");
    let found = operation(&session, Some(&token), location.rsplit('/').next().unwrap()).await;
    assert_eq!((found.status.as_u16(), text(&found, "status").as_str()), (200, "failed"));
    for wrong in ["", "{}", "{\"invoiceId\":\"\"}", "[]"] {
        assert_refused(&export(wrong).await, 400, "BadRequest");
    }
}

#[tokio::test]
async fn somebody_without_a_role_may_not() {
    use cspdeck::simulator::{APP_ID, APP_SECRET, SignIn};
    for (sign_in, status) in
        [(SignIn::Admin, 404), (SignIn::NoMfa, 404), (SignIn::NoRole, 403), (SignIn::OtherTenant, 403)]
    {
        let session = direct(1).await;
        session.simulator.set_faults(|it| {
            it.sign_in_as = sign_in;
            it.pending_polls = Some(0);
        });
        let url =
            |path: &str| format!("{}/{PARTNER_TENANT}/oauth2/v2.0/{path}", session.simulator.base_url());
        let scope = format!("{GRAPH}/.default");
        let fields = [("client_id", APP_ID), ("scope", scope.as_str())];
        let code = text(&post(&session.http, &url("devicecode"), &fields).await, "device_code");
        let poll = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", APP_ID),
            ("client_secret", APP_SECRET),
            ("device_code", code.as_str()),
        ];
        let token = text(&post(&session.http, &url("token"), &poll).await, "access_token");
        let answer = operation(&session, Some(&token), "unknown").await;
        assert_eq!(answer.status.as_u16(), status, "{sign_in:?}");
    }
}
