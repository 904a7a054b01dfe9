//! How the token stands, its renewal, and its being printed.

use serde_json::{Value, json};

use cspdeck::simulator::REFRESH_TOKEN;

use crate::browser::consent;
use crate::support::{Answer, Site, finish};

fn status(site: &Site, code: i32) -> Value {
    site.run(&["consent", "status", "--json"]).expect(code).json()
}

#[test]
fn a_token_that_is_well_is_told_with_its_dates() {
    let site = Site::before_consent(&[]);
    let missing = status(&site, 3);
    assert_eq!(
        (&missing["state"], &missing["needs_attention"], &missing["renewed_at"], &missing["days_left"]),
        (&json!("missing"), &json!(true), &Value::Null, &Value::Null)
    );
    let text = site.run(&["consent", "status"]).expect(3).out;
    assert!(text.contains("no refresh token"), "{text}");

    consent(&site).expect(0);
    let well = status(&site, 0);
    for (key, expected) in [
        ("state", json!("well")),
        ("needs_attention", json!(false)),
        ("user", json!("admin@fabrikam-csp.onmicrosoft.com")),
        ("regeneration_days", json!(89)),
        ("days_left", json!(90)),
        ("days_to_renewal", json!(89)),
        ("days_to_year", json!(365)),
        ("refused", Value::Null),
        ("place", json!("store")),
        ("unread", Value::Null),
    ] {
        assert_eq!(well[key], expected, "{key}");
    }
    for key in
        ["advice", "consented_at", "consented_by", "renewed_at", "renew_by", "lapses_at", "year_ends_at"]
    {
        assert!(well[key].is_string(), "{key}");
    }
    site.run(&["consent", "status", "--warn-days", "90"]).expect(0);
    let text = site.run(&["consent", "status", "--warn-days", "91"]).expect(3).out;
    assert!(text.contains("in 90 days") && text.contains("encrypted in the store"), "{text}");
}

#[test]
fn a_refusal_is_told_until_a_consent_mends_it() {
    let mut site = Site::ready(&["--reject-token", "50173"]);
    site.run(&["csp", "pull"]).expect(1);
    let refused = status(&site, 3);
    assert_eq!(
        (&refused["state"], &refused["refused"]["code"]),
        (&json!("revoked"), &json!("invalid_grant, AADSTS50173"))
    );
    let message = site.run(&["consent", "renew", "--if-due", "--json"]).expect(1).error("token_rejected");
    assert!(message.contains("redo the consent"), "{message}");
    site.run(&["consent", "renew", "--json"]).expect(1).error("token_rejected");
    site.simulate(&[]);
    consent(&site).expect(0);
    assert_eq!(status(&site, 0)["refused"], Value::Null);
}

#[test]
fn it_is_renewed_when_asked_for_or_due() {
    let mut site = Site::before_consent(&[]);
    site.run(&["consent", "renew", "--json"]).expect(1).error("not_set_up");
    site.run(&["consent", "renew", "--if-due", "--json"]).expect(1).error("not_set_up");
    site.secret("refresh_token", REFRESH_TOKEN).expect(0);
    let early = site.json(&["consent", "renew", "--if-due"]);
    assert_eq!((&early["renewed"], &early["state"]), (&json!(false), &json!("well")));
    let renewed = site.json(&["consent", "renew"]);
    assert_eq!((&renewed["renewed"], &renewed["days_left"]), (&json!(true), &json!(90)));
    assert!(renewed["renewed_at"].as_str() > early["renewed_at"].as_str());
    assert_ne!(revealed(&site), REFRESH_TOKEN);
    let text = site.run(&["consent", "renew"]).expect(0).out;
    assert!(text.contains("is renewed"), "{text}");
    site.simulator = None;
    site.run(&["consent", "renew", "--json"]).expect(75).error("network_down");
}

fn revealed(site: &Site) -> String {
    site.json(&["consent", "reveal"])["refresh_token"].as_str().unwrap().to_owned()
}

fn reveals(site: &Site) -> usize {
    let audit = site.json(&["audit", "--limit", "1000"]);
    audit.as_array().unwrap().iter().filter(|entry| entry["action"] == "secret.reveal").count()
}

#[test]
fn the_token_is_printed_alone_and_that_is_noted() {
    let site = Site::before_consent(&[]);
    site.run(&["consent", "reveal", "--json"]).expect(1).error("not_set_up");
    assert_eq!(reveals(&site), 0);
    site.secret("refresh_token", REFRESH_TOKEN).expect(0);
    let answer = site.run(&["consent", "reveal"]).expect(0);
    assert_eq!(answer.out, format!("{REFRESH_TOKEN}\n"));
    assert!(answer.err.contains("noted in the audit record") && !answer.err.contains(REFRESH_TOKEN));
    assert_eq!(revealed(&site), REFRESH_TOKEN);
    assert_eq!(reveals(&site), 2);
}

#[test]
fn what_can_t_be_noted_is_not_printed() {
    let site = Site::ready(&[]);
    // Others may still read.
    let reader = redb::ReadOnlyDatabase::open(site.store_path()).unwrap();
    let run = |arguments: &[&str]| -> Answer {
        let mut command = site.command(arguments);
        finish(command.env("CSPDECK_STORE_WAIT_SECONDS", "0").spawn().unwrap())
    };
    run(&["consent", "status"]).expect(0);
    let answer = run(&["consent", "reveal", "--json"]).expect(75);
    answer.error("store_in_use");
    assert!(!answer.out.contains(REFRESH_TOKEN) && !answer.err.contains(REFRESH_TOKEN));
    drop(reader);
    assert_eq!(reveals(&site), 0);
}
