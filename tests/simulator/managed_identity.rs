//! The managed identity's tokens.

use crate::support::{Answer, claims, form, http, read, text};
use cspdeck::simulator::{Faults, IDENTITY_CLIENT_ID, Options, Simulator};

const GOOD: [(&str, &str); 2] = [("api-version", "2018-02-01"), ("resource", "https://vault.azure.net")];

async fn ask(simulator: &Simulator, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let url = format!("{}/metadata/identity/oauth2/token?{}", simulator.base_url(), form(fields));
    let mut request = http().get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn the_identity_gets_tokens_that_the_vault_takes_and_partner_center_does_not() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    simulator.put_vault_secret("token", "value");
    let metadata = [("Metadata", "true")];
    for client_id in [None, Some(("client_id", IDENTITY_CLIENT_ID))] {
        let fields: Vec<(&str, &str)> = GOOD.into_iter().chain(client_id).collect();
        let answer = ask(&simulator, &fields, &metadata).await;
        assert_eq!(answer.status, 200);
        assert_eq!(text(&answer, "expires_in"), "3599");
        assert!(text(&answer, "expires_on").parse::<i64>().is_ok());
        assert_eq!(text(&answer, "client_id"), IDENTITY_CLIENT_ID);
        let token = text(&answer, "access_token");
        assert_eq!(claims(&token)["aud"], "https://vault.azure.net");
        let url = format!("{}/secrets/token?api-version=7.4", simulator.base_url());
        let secret = read(http().get(url).bearer_auth(&token).send().await.unwrap()).await;
        assert_eq!(text(&secret, "value"), "value");
    }
    let fields = [GOOD[0], ("resource", "https://api.partnercenter.microsoft.com")];
    let token = text(&ask(&simulator, &fields, &metadata).await, "access_token");
    let url = format!("{}/v1/customers", simulator.base_url());
    let refused = http().get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(simulator.requests().managed_identity, 3);
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let metadata: &[(&str, &str)] = &[("Metadata", "true")];
    let unknown = ("client_id", "11111111-2222-4333-8444-555555555555");
    let foreign = [GOOD[0], ("resource", "https://unknown.example")];
    for (fields, headers, error) in [
        (&GOOD[..], &[][..], "invalid_request"),
        (&GOOD, &[("Metadata", "false")], "invalid_request"),
        (&GOOD, &[("Metadata", "true"), ("X-Forwarded-For", "10.0.0.1")], "invalid_request"),
        (&GOOD[..1], metadata, "invalid_request"),
        (&GOOD[1..], metadata, "invalid_request"),
        (&[GOOD[0], GOOD[1], unknown], metadata, "invalid_request"),
        (&foreign, metadata, "invalid_resource"),
    ] {
        let answer = ask(&simulator, fields, headers).await;
        assert_eq!(answer.status, 400, "{fields:?} {headers:?}");
        assert_eq!(text(&answer, "error"), error);
    }
    assert_eq!(ask(&simulator, &GOOD, metadata).await.status, 200);
    simulator.set_faults(|it| *it = Faults { no_managed_identity: true, ..Faults::default() });
    let answer = ask(&simulator, &GOOD, metadata).await;
    assert_eq!(answer.status, 400);
    assert_eq!(text(&answer, "error_description"), "Identity not found");
}
