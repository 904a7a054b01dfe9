//! The partner consent by listener, by pasting and by a device code, and all ways in which it comes to nothing.

use rustix::process::Signal;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use cspdeck::simulator::{PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN};
use cspdeck::store::SecretName;

use crate::browser::{Consent, consent, sign_in, unattended, visit};
use crate::support::{Site, finish, signal};

const ADMIN: &str = "admin@fabrikam-csp.onmicrosoft.com";

fn token(site: &Site) -> Option<String> {
    let token = site.store().secret(SecretName::RefreshToken).unwrap();
    token.map(|token| token.expose_secret().to_owned())
}

#[test]
fn a_browser_on_this_machine_brings_it() {
    let site = Site::before_consent(&[]);
    site.run(&["settings", "set", "csp_domain=", "microsoft_id="]).expect(0);
    let mut consent = Consent::begin(&site, &["--domain", PARTNER_DOMAIN]);
    let address = consent.address();
    assert!(visit(&address).contains("Consent given"));
    let answer = consent.end().expect(0);
    let given = answer.json();
    assert_eq!(
        (&given["user"], &given["tenant"], &given["place"]),
        (&json!(ADMIN), &json!(PARTNER_TENANT), &json!("store"))
    );
    assert!(given["remarks"][0].as_str().unwrap().contains("CSP Microsoft ID was not set"), "{given}");
    assert!(answer.err.lines().any(|line| line == address) && answer.err.contains("private window"));
    assert!(answer.err.contains("needs the redirect address http://localhost (platform Web)"), "{answer:?}");
    let port = address.split("redirect_uri=http://localhost:").nth(1).unwrap().split('&').next().unwrap();
    let tunnel = format!("ssh -L {port}:127.0.0.1:{port} ");
    assert!(answer.err.lines().any(|line| line.starts_with(&tunnel)), "{answer:?}");

    let shown = site.json(&["settings", "show"]);
    assert_eq!(
        (&shown["csp_domain"], &shown["microsoft_id"]),
        (&json!(PARTNER_DOMAIN), &json!(PARTNER_TENANT))
    );
    let set = &shown["secrets"]["refresh_token"];
    assert_eq!((&set["obtained"]["user"], &set["place"]), (&json!(ADMIN), &json!("store")));
    let job = &site.json(&["jobs", "list"])[0];
    assert_eq!((&job["kind"], &job["state"]), (&json!("consent"), &json!("done")));
    site.run(&["csp", "pull"]).expect(0);
}

#[test]
fn an_address_is_pasted_and_others_are_told_apart() {
    let site = Site::before_consent(&[]);
    let mut consent = Consent::begin(&site, &[]);
    let address = consent.address();
    consent.paste("");
    consent.paste("hello");
    consent.until("not the address that the browser ended on");
    consent.paste(&address);
    consent.until("sign-in page");
    let end = sign_in(&address);
    let (before, state) = end.rsplit_once("state=").unwrap();
    consent.paste(&format!("{before}state=another"));
    consent.until("another sign-in");
    consent.paste(before.trim_end_matches('&'));
    consent.until("no state");
    assert_eq!(token(&site), None);
    consent.paste(&format!("{before}state={state}"));
    consent.end().expect(0);
    assert!(token(&site).is_some());
}

#[test]
fn that_input_ends_leaves_the_browsers_way_open() {
    let site = Site::before_consent(&[]);
    let mut consent = Consent::begin(&site, &[]);
    let address = consent.address();
    consent.close();
    // Long enough for the end to be noticed first, as a rule.
    std::thread::sleep(std::time::Duration::from_millis(200));
    visit(&address);
    consent.end().expect(0);
}

#[test]
fn a_port_that_is_taken_leaves_pasting_open_while_somebody_is_there() {
    let site = Site::before_consent(&[]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut consent = Consent::begin(&site, &["--port", &port]);
    let address = consent.address();
    consent.paste(&sign_in(&address));
    let answer = consent.end().expect(0);
    assert!(answer.err.contains("can't be listened at") && !answer.err.contains("ssh -L"), "{answer:?}");

    let message = unattended(&site, &["--port", &port]).expect(1).error("no_way_back");
    assert!(message.contains("--device-code"), "{message}");
}

#[test]
fn a_port_that_the_browser_would_not_come_to_is_wrong_use() {
    let site = Site::before_consent(&[]);
    let mut command = site.command(&["consent", "--json", "--port", "9000"]);
    command.env("CSPDECK_CONSENT_REDIRECT_URI", "http://localhost:8400");
    let message = finish(command.spawn().unwrap()).expect(2).error("wrong_use");
    for words in ["http://localhost:8400", "9000", "consent.redirect_uri"] {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_code_is_typed_elsewhere() {
    let site = Site::before_consent(&["--pending-polls", "0"]);
    let answer = unattended(&site, &["--device-code"]).expect(0);
    assert_eq!(answer.json()["user"], ADMIN);
    assert!(
        answer.err.contains("microsoft.com/devicelogin") && !answer.err.contains("authorize?"),
        "{answer:?}"
    );
    let before = token(&site);

    let mut consent = Consent::begin(&site, &[]);
    consent.address();
    consent.paste("code");
    consent.end().expect(0);
    assert_ne!(token(&site), before);
}

#[test]
fn what_comes_to_nothing_leaves_the_token_and_settings_before_it() {
    for (how, kind, says) in [
        ("no-mfa", "mfa_missing", "multi-factor"),
        ("no-role", "no_role", "Admin Agent"),
        ("other-tenant", "other_tenant", PARTNER_TENANT),
        ("declined", "consent_refused", "65004"),
        ("expired-code", "token_rejected", "70008"),
    ] {
        let site = Site::ready(&["--sign-in-as", how, "--pending-polls", "0"]);
        let before = site.json(&["settings", "show"]);
        let mut consent = Consent::begin(&site, &["--domain", "common.example"]);
        drop(consent.address());
        signal(&consent.child, Signal::TERM);
        consent.end().expect(1).error("cancelled");

        let mut consent = Consent::begin(&site, &[]);
        let page = visit(&consent.address());
        assert!(page.contains("No consent"), "{how}: {page}");
        let message = consent.end().expect(1).error(kind);
        assert!(message.contains(says), "{how}: {message}");

        let mut consent = Consent::begin(&site, &[]);
        let end = sign_in(&consent.address());
        consent.paste(&end);
        consent.end().expect(1).error(kind);

        assert_eq!(token(&site).as_deref(), Some(REFRESH_TOKEN), "{how}");
        assert_eq!(site.json(&["settings", "show"]), before, "{how}");
        assert_eq!(site.json(&["jobs", "list"])[0]["state"], "failed");
    }
}

#[test]
fn a_device_code_comes_to_nothing_in_the_same_ways() {
    for (how, kind) in
        [("no-mfa", "mfa_missing"), ("declined", "token_rejected"), ("expired-code", "token_rejected")]
    {
        let site = Site::ready(&["--sign-in-as", how, "--pending-polls", "0"]);
        unattended(&site, &["--device-code"]).expect(1).error(kind);
        assert_eq!(token(&site).as_deref(), Some(REFRESH_TOKEN), "{how}");
    }
}

#[test]
fn signals_cancel_it() {
    let site = Site::ready(&[]);
    for number in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut consent = Consent::begin(&site, &[]);
        consent.address();
        assert_eq!(site.json(&["jobs", "list"])[0]["state"], "running");
        signal(&consent.child, number);
        consent.end().expect(1).error("cancelled");
        let job = &site.json(&["jobs", "list"])[0];
        assert_eq!(job["state"], "cancelled");
        let message = site.run(&["jobs", "resume", job["id"].as_str().unwrap(), "--json"]).expect(1);
        assert!(message.error("wrong_job").contains("cspdeck consent"));
    }
    assert_eq!(token(&site).as_deref(), Some(REFRESH_TOKEN));
}

#[test]
fn a_consent_of_another_process_is_not_cancelled_from_here() {
    let site = Site::ready(&[]);
    let mut consent = Consent::begin(&site, &[]);
    let address = consent.address();
    let id = site.json(&["jobs", "list"])[0]["id"].as_str().unwrap().to_owned();
    let message = site.run(&["jobs", "cancel", &id, "--json"]).expect(1).error("wrong_job");
    assert!(message.contains("where it was begun"), "{message}");
    site.run(&["jobs", "drop", &id]).expect(1);
    visit(&address);
    consent.end().expect(0);
}

#[test]
fn without_microsoft_it_is_to_be_tried_later() {
    let mut site = Site::ready(&[]);
    let mut consent = Consent::begin(&site, &[]);
    let address = consent.address();
    let end = sign_in(&address);
    site.simulator = None;
    consent.paste(&end);
    consent.end().expect(75).error("network_down");
    unattended(&site, &["--device-code"]).expect(75).error("network_down");
    assert_eq!(token(&site).as_deref(), Some(REFRESH_TOKEN));
}

#[test]
fn what_can_t_be_a_consent_is_wrong_use() {
    let site = Site::bare();
    let no_domain = site.run(&["consent", "--json"]).expect(2).error("wrong_use");
    assert!(no_domain.contains("--domain"), "{no_domain}");
    site.run(&["consent", "--domain", "no domain", "--json"]).expect(2).error("wrong_use");
    site.run(&["consent", "--device-code", "status", "--json"]).expect(2).error("wrong_use");
    site.run(&["consent", "--domain", PARTNER_DOMAIN, "--json"]).expect(1).error("not_set_up");
    assert_eq!(site.json(&["settings", "show"])["csp_domain"], Value::Null);
}

#[test]
fn it_is_given_again_over_the_one_before() {
    let site = Site::ready(&[]);
    consent(&site).expect(0);
    let first = token(&site);
    consent(&site).expect(0);
    assert_ne!(token(&site), first);
    let audit = site.json(&["audit"]);
    let consents =
        audit.as_array().unwrap().iter().filter(|entry| entry["action"] == "secret.consent").count();
    assert_eq!(consents, 2, "{audit}");
}
