//! The consent to an app in customers' tenants.

use crate::support::{Answer, Session, app_token, direct, read};
use cspdeck::simulator::APP_ID;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

fn consent() -> Value {
    json!({
        "applicationId": APP_ID,
        "displayName": "cspdeck",
        "applicationGrants": [
            {
                "enterpriseApplicationId": "00000003-0000-0000-c000-000000000000",
                "scope": "Directory.Read.All,User.Read.All",
            },
        ],
    })
}

async fn call(session: &Session, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    let url = format!("{}/v1/customers/{path}", session.simulator.base_url());
    let request = session.http.request(method, url).bearer_auth(token);
    let request = request.header("content-type", "application/json").body(body.to_string());
    read(request.send().await.unwrap()).await
}

async fn give(session: &Session, customer: &str, body: &Value) -> Answer {
    let path = format!("{customer}/applicationconsents");
    call(session, &session.access_token, Method::POST, &path, body).await
}

async fn take_back(session: &Session, customer: &str, app: &str) -> Answer {
    let path = format!("{customer}/applicationconsents/{app}");
    call(session, &session.access_token, Method::DELETE, &path, &Value::Null).await
}

#[tokio::test]
async fn consent_is_given_once_and_taken_back_once() {
    let session = direct(3).await;
    let app = Uuid::parse_str(APP_ID).unwrap();
    let ids = session.customer_ids().await;
    let given = give(&session, &ids[1], &consent()).await;
    assert_eq!((given.status.as_u16(), given.json()), (201, consent()));
    assert!(given.header("ms-requestid").is_some());
    assert_eq!(give(&session, &ids[1].to_uppercase(), &consent()).await.status, 409);
    let customers: Vec<String> =
        session.simulator.customers_with_consent(app).iter().map(Uuid::to_string).collect();
    assert_eq!(customers, [ids[1].as_str()]);
    assert!(session.simulator.customers_with_consent(Uuid::nil()).is_empty());

    assert_eq!(take_back(&session, &ids[0], APP_ID).await.status, 404);
    let taken = take_back(&session, &ids[1], APP_ID).await;
    assert_eq!((taken.status.as_u16(), taken.body.len()), (204, 0));
    assert_eq!(take_back(&session, &ids[1], APP_ID).await.status, 404);
    assert!(session.simulator.customers_with_consent(app).is_empty());
    assert_eq!(session.simulator.requests().application_consents, 5);
}

#[tokio::test]
async fn bad_bodies_unknown_customers_and_apps_on_their_own_are_refused() {
    let session = direct(1).await;
    let id = &session.customer_ids().await[0];
    for wrong in [json!(null), json!({}), json!({ "applicationId": APP_ID })] {
        assert_eq!(give(&session, id, &wrong).await.status, 400, "{wrong}");
    }
    let unknown = "11111111-2222-4333-8444-555555555555";
    assert_eq!(give(&session, unknown, &consent()).await.status, 404);
    assert_eq!(give(&session, "no-guid", &consent()).await.status, 400);
    assert_eq!(take_back(&session, id, "no-guid").await.status, 400);

    let base_url = session.simulator.base_url();
    let app = app_token(&session.http, &base_url, "https://api.partnercenter.microsoft.com").await;
    let path = format!("{id}/applicationconsents");
    let refused = call(&session, &app, Method::POST, &path, &consent()).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_u64()), (403, Some(900_329)));
}

#[tokio::test]
async fn some_customers_fail() {
    let session = direct(3).await;
    let ids = session.customer_ids().await;
    session.simulator.set_faults(|it| it.fail_customers = vec![0, 1]);
    for (index, (status, code)) in
        [(403, json!(900_308)), (500, json!(5000)), (201, Value::Null)].iter().enumerate()
    {
        let answer = give(&session, &ids[index], &consent()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (*status, code), "{index}");
    }
}
