//! The check of the settings: what fails says why, and nothing else is held back by it than must be.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cspdeck::jobs::check::Outcome::{Blocked, Failed, Passed, Skipped};
use cspdeck::jobs::check::{Check, MailSetup, Outcome, Step, StepResult, is_good};
use cspdeck::jobs::overview;
use cspdeck::mail::Security;
use cspdeck::simulator::{
    Faults, OTHER_TENANT, PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN, SMTP_PASSWORD, SMTP_USER,
};
use cspdeck::store::SecretName;

use crate::support::Desk;

fn mail(desk: &Desk) -> MailSetup {
    let address = desk.simulator.smtp_address().expect("a mail server");
    MailSetup {
        host: Some(address.ip().to_string()),
        port: address.port(),
        security: Security::None,
        user: Some(SMTP_USER.to_owned()),
        timeout: Duration::from_secs(5),
    }
}

async fn checked_with(desk: &Desk, mail: MailSetup) -> Vec<StepResult> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    let check = Check {
        store: desk.store.clone(),
        reach: desk.reach.clone(),
        mail,
        tell: Box::new(move |result| hears.lock().unwrap().push(result.step)),
    };
    let results = check.run().await.unwrap();
    assert_eq!(results.iter().map(|it| it.step).collect::<Vec<_>>(), Step::ALL);
    let mut told = told.lock().unwrap().clone();
    told.sort_by_key(|step| Step::ALL.iter().position(|it| it == step));
    assert_eq!(told, Step::ALL, "each is told once");
    results
}

async fn checked(desk: &Desk) -> Vec<StepResult> {
    checked_with(desk, mail(desk)).await
}

fn outcomes(results: &[StepResult]) -> Vec<Outcome> {
    results.iter().map(|result| result.outcome).collect()
}

fn text(results: &[StepResult], step: Step) -> &str {
    &results.iter().find(|result| result.step == step).expect("every step").text
}

async fn desk() -> Desk {
    let desk = Desk::signed_in().await;
    desk.set(&[("microsoft_id", PARTNER_TENANT)]);
    desk.store.put_secret(SecretName::SmtpPassword, &SMTP_PASSWORD.into()).unwrap();
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well_in_either_place() {
    let desk = desk().await;
    let results = checked(&desk).await;
    let in_store = [Passed, Skipped, Passed, Passed, Passed, Passed, Passed, Passed, Passed];
    assert_eq!(outcomes(&results), in_store, "{results:#?}");
    assert!(is_good(&results));
    assert!(text(&results, Step::Mfa).contains("admin@"), "{results:#?}");
    assert!(text(&results, Step::Organization).contains("Fabrikam CSP"), "{results:#?}");
    assert_ne!(desk.token().as_deref(), Some(REFRESH_TOKEN), "the exchange is a real one");
    assert_eq!(desk.simulator.mails().len(), 0);
    assert!(overview::read(&desk.store).unwrap().is_checked(), "whoever runs it, it is noted");
    desk.store.put_secret(SecretName::SmtpPassword, &SMTP_PASSWORD.into()).unwrap();
    assert!(!overview::read(&desk.store).unwrap().is_checked(), "it says nothing of what came later");

    desk.save(&desk.vault("managed"), &[]).await.unwrap();
    let results = checked(&desk).await;
    assert_eq!(outcomes(&results), [Passed; 9], "{results:#?}");
    let none = MailSetup { host: None, ..mail(&desk) };
    assert_eq!(outcomes(&checked_with(&desk, none).await)[8], Skipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_fails_for_itself() {
    type Case = (fn(&mut Faults), Step, &'static str);
    let cases: [Case; 4] = [
        (|it| it.wrong_tenant = true, Step::Organization, "Contoso CSP has the Microsoft ID"),
        (|it| it.deny_customers = true, Step::Customers, "Admin Agent"),
        (|it| it.deny_price_sheets = true, Step::Pricing, "Sales Agent"),
        (|it| it.deny_graph = true, Step::GraphBilling, "PartnerBilling.Read.All"),
    ];
    for (fault, step, words) in cases {
        let desk = desk().await;
        desk.faults(fault);
        let results = checked(&desk).await;
        let failed: Vec<_> = results.iter().filter(|it| !matches!(it.outcome, Passed | Skipped)).collect();
        assert!(matches!(failed.as_slice(), [it] if it.step == step && it.outcome == Failed), "{results:#?}");
        assert!(text(&results, step).contains(words), "{results:#?}");
        assert!(!is_good(&results));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_graph_alone_lacks_says_nothing_of_the_token() {
    let mut desk = desk().await;
    let graph = desk.simulator.base_url().replace("127.0.0.1", "localhost");
    desk.reach.graph = graph.parse().unwrap();
    assert!(is_good(&checked(&desk).await));
    desk.faults(|it| it.deny_graph_consent = true);
    let results = checked(&desk).await;
    let failed: Vec<_> = results.iter().filter(|it| !matches!(it.outcome, Passed | Skipped)).collect();
    assert!(matches!(failed.as_slice(), [it] if it.step == Step::GraphBilling), "{results:#?}");
    assert!(text(&results, Step::GraphBilling).contains("AADSTS65001"), "{results:#?}");
    assert_eq!(desk.standing(), "well");
}

const AFTER_TOKEN: [Outcome; 6] = [Blocked, Blocked, Blocked, Blocked, Blocked, Passed];

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sign_in_only_the_mail_server_can_be_told() {
    let desk = desk().await;
    desk.faults(|it| it.revoke_refresh_tokens = true);
    let results = checked(&desk).await;
    assert_eq!(outcomes(&results)[..3], [Passed, Skipped, Failed], "{results:#?}");
    assert_eq!(outcomes(&results)[3..], AFTER_TOKEN, "{results:#?}");
    assert!(text(&results, Step::Token).contains("AADSTS50173"), "{results:#?}");
    assert_eq!(desk.standing(), "revoked", "and every header says it");

    desk.store.write(|txn| txn.remove_secret(SecretName::RefreshToken)).unwrap();
    let results = checked(&desk).await;
    assert_eq!(outcomes(&results)[..3], [Failed, Skipped, Blocked], "{results:#?}");
    assert_eq!(outcomes(&results)[3..], AFTER_TOKEN, "{results:#?}");
    assert!(text(&results, Step::Settings).contains("Give the consent"), "{results:#?}");

    desk.set(&[("cpv_app_id", "")]);
    let results = checked(&desk).await;
    assert!(text(&results, Step::Settings).contains("the CPV App ID is not set"), "{results:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_mfa_fails_there_and_is_noted() {
    let desk = crate::mfa::desk_without_mfa().await;
    desk.store.put_secret(SecretName::SmtpPassword, &SMTP_PASSWORD.into()).unwrap();
    let results = checked(&desk).await;
    assert_eq!(outcomes(&results)[..6], [Passed, Skipped, Passed, Failed, Failed, Failed], "{results:#?}");
    assert!(text(&results, Step::Mfa).contains("without multi-factor authentication"), "{results:#?}");
    assert_eq!(desk.standing(), "mfa_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_partner_center_leaves_the_claim() {
    let desk = desk().await;
    desk.faults(|it| it.no_mfa_header = true);
    let results = checked(&desk).await;
    assert!(is_good(&results), "{results:#?}");
    assert!(text(&results, Step::Mfa).contains("the token has it"), "{results:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_does_not_serve_blocks_what_is_in_it() {
    type Case = (fn(&mut Faults), &'static str);
    let cases: [Case; 4] = [
        (|it| it.vault_forbidden = true, "Key Vault Secrets Officer"),
        (|it| it.vault_firewall = true, "firewall"),
        (|it| it.vault_disabled = true, "is disabled"),
        (|it| it.vault_foreign_challenge = true, "Nothing secret was sent"),
    ];
    let desk = desk().await;
    desk.save(&desk.vault("app"), &[]).await.unwrap();
    for (fault, words) in cases {
        desk.faults(|it| *it = Faults::default());
        desk.faults(fault);
        let results = checked(&desk).await;
        assert_eq!(outcomes(&results)[..2], [Blocked, Failed], "{results:#?}");
        assert_eq!(outcomes(&results)[2..], [Blocked; 7], "{results:#?}");
        assert!(text(&results, Step::KeyVault).contains(words), "{results:#?}");
        // A mail server that asks for no sign-in needs nothing of the vault.
        let open = MailSetup { user: None, ..mail(&desk) };
        let results = checked_with(&desk, open).await;
        assert_eq!(outcomes(&results)[8], Passed, "{results:#?}");
    }
    desk.faults(|it| *it = Faults { vault_read_only: true, ..Faults::default() });
    let results = checked(&desk).await;
    assert_eq!(outcomes(&results)[..3], [Passed, Passed, Failed], "{results:#?}");
    assert!(text(&results, Step::Token).contains("Key Vault Secrets Officer"), "{results:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_lost_the_token_is_named() {
    let desk = desk().await;
    desk.save(&desk.vault("app"), &[]).await.unwrap();
    desk.set(&[("key_vault_name_refresh_token", "never-there")]);
    let results = checked(&desk).await;
    assert_eq!(outcomes(&results)[..2], [Failed, Passed], "{results:#?}");
    let told = text(&results, Step::Settings);
    assert!(told.contains(&format!("{} has no secret never-there", desk.simulator.base_url())), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_server_fails_for_itself() {
    let desk = desk().await;
    desk.store.put_secret(SecretName::SmtpPassword, &"wrong".into()).unwrap();
    let results = checked(&desk).await;
    assert_eq!(outcomes(&results)[8], Failed);
    assert!(text(&results, Step::Smtp).contains("refuses the sign-in of billing@"), "{results:#?}");
    assert!(!text(&results, Step::Smtp).contains("wrong"), "{results:#?}");

    desk.store.write(|txn| txn.remove_secret(SecretName::SmtpPassword)).unwrap();
    let results = checked(&desk).await;
    assert!(text(&results, Step::Smtp).contains("no password is set"), "{results:#?}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = MailSetup { port: closed.port(), user: None, ..mail(&desk) };
    let results = checked_with(&desk, nowhere).await;
    assert_eq!(outcomes(&results)[..8], outcomes(&checked(&desk).await)[..8]);
    assert!(text(&results, Step::Smtp).contains("can't be reached"), "{results:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_compared_and_domains_are_told() {
    let desk = desk().await;
    // A domain of the partner's own beside the one that the profile names.
    desk.set(&[("csp_domain", "fabrikam.example")]);
    let results = checked(&desk).await;
    assert!(is_good(&results), "{results:#?}");
    let found = text(&results, Step::Organization);
    assert!(found.contains(PARTNER_DOMAIN) && found.contains("fabrikam.example"), "{found}");

    desk.set(&[("microsoft_id", ""), ("csp_domain", PARTNER_DOMAIN)]);
    assert!(is_good(&checked(&desk).await));
    desk.faults(|it| it.wrong_tenant = true);
    let results = checked(&desk).await;
    assert!(text(&results, Step::Organization).contains("correct the CSP domain"), "{results:#?}");
    assert_eq!(outcomes(&results)[4], Failed);

    desk.faults(|it| it.wrong_tenant = false);
    desk.set(&[("microsoft_id", OTHER_TENANT), ("csp_domain", PARTNER_DOMAIN)]);
    let results = checked(&desk).await;
    assert!(text(&results, Step::Token).contains("AADSTS90002"), "{results:#?}");
}
