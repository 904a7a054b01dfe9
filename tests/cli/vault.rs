//! Secrets in an Azure Key Vault: moving there and back, working from there, and vaults that refuse.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use cspdeck::simulator::{APP_SECRET, REFRESH_TOKEN};
use cspdeck::store::SecretName;

use crate::browser::consent;
use crate::door::Door;
use crate::support::Site;

fn here(site: &Site, name: SecretName) -> Option<String> {
    let secret = site.store().secret(name).unwrap();
    secret.map(|secret| secret.expose_secret().to_owned())
}

fn place(site: &Site, name: &str) -> Value {
    site.json(&["settings", "show"])["secrets"][name]["place"].clone()
}

#[test]
fn secrets_go_to_the_vault_and_come_back() {
    let site = Site::ready(&[]);
    let moved = site.use_vault().expect(0).json();
    assert_eq!(moved["moved"], json!(["cpv_app_secret", "refresh_token"]));
    for name in SecretName::ALL {
        assert_eq!(here(&site, name), None, "{name:?}");
    }
    assert_eq!(place(&site, "refresh_token"), "key_vault");
    let checked = site.json(&["settings", "check"]);
    assert_eq!((&checked["passed"], &checked["steps"][1]["outcome"]), (&json!(true), &json!("passed")));
    site.run(&["csp", "pull"]).expect(0);
    site.run(&["consent", "renew"]).expect(0);
    let given = consent(&site).expect(0).json();
    assert_eq!(given["place"], "key_vault");
    let status = site.json(&["consent", "status"]);
    assert_eq!((&status["place"], &status["state"]), (&json!("key_vault"), &json!("well")));
    let revealed = site.json(&["consent", "reveal"])["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(revealed, REFRESH_TOKEN);
    site.secret("smtp_password", "mail").expect(0);
    assert_eq!(
        (place(&site, "smtp_password"), here(&site, SecretName::SmtpPassword)),
        (json!("key_vault"), None)
    );

    let back = site.json(&["settings", "set", "mfa_method=manual"]);
    assert_eq!(back["moved"], json!(["cpv_app_secret", "refresh_token", "smtp_password"]));
    assert_eq!(here(&site, SecretName::RefreshToken), Some(revealed));
    assert_eq!(here(&site, SecretName::SmtpPassword).as_deref(), Some("mail"));
    assert_eq!(place(&site, "cpv_app_secret"), "store");
    let status = site.json(&["consent", "status"]);
    assert!(status["user"].is_string() && status["place"] == "store", "{status}");
    assert_eq!(site.json(&["settings", "check"])["passed"], true);
}

#[test]
fn a_vault_that_the_app_opens_leaves_the_apps_secret_here() {
    let site = Site::ready(&[]);
    let [method, url] = site.vault();
    let moved = site.json(&["settings", "set", &method, &url, "key_vault_identity=app"]);
    assert_eq!(moved["moved"], json!(["refresh_token"]));
    assert_eq!(here(&site, SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET));
    assert_eq!(site.json(&["settings", "check"])["passed"], true);
    // What opens the vault goes along with who opens it.
    assert_eq!(
        site.json(&["settings", "set", "key_vault_identity=managed"])["moved"],
        json!(["cpv_app_secret"])
    );
    assert_eq!(here(&site, SecretName::CpvAppSecret), None);
    assert_eq!(site.json(&["settings", "set", "key_vault_identity=app"])["moved"], json!(["cpv_app_secret"]));
    assert_eq!(here(&site, SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET));
    assert_eq!(site.json(&["settings", "check"])["passed"], true);
    // Under another name it is another secret.
    let renamed = site.json(&["settings", "set", "key_vault_name_refresh_token=token-2"]);
    assert_eq!(renamed["moved"], json!(["refresh_token"]));
    assert_eq!(site.json(&["settings", "check"])["passed"], true);
}

#[test]
fn what_opens_the_vault_can_be_set_while_it_is_closed() {
    let site = Site::ready(&[]);
    let other = "key_vault_identity=app:5a1f0c3e-71d2-4a4a-9c9c-1f2e3d4c5b6a";
    let [method, url] = site.vault();
    let message =
        site.run(&["settings", "set", &method, &url, other, "--json"]).expect(1).error("not_set_up");
    assert!(message.contains("key_vault_secret"), "{message}");
    site.secret("key_vault_secret", "wrong").expect(0);
    site.run(&["settings", "set", &method, &url, other, "--json"]).expect(1).error("vault_app_refused");
    site.secret("key_vault_secret", APP_SECRET).expect(0);
    let moved = site.json(&["settings", "set", &method, &url, other]);
    assert_eq!(moved["moved"], json!(["cpv_app_secret", "refresh_token"]));
    site.secret("key_vault_secret", "wrong").expect(0);
    let status = site.run(&["consent", "status", "--json"]).expect(3).json();
    assert_eq!(
        (&status["state"], &status["unread"]["kind"]),
        (&json!("withheld"), &json!("vault_app_refused"))
    );
    site.secret("key_vault_secret", APP_SECRET).expect(0);
    assert_eq!(site.json(&["consent", "status"])["unread"], Value::Null);
}

#[test]
fn a_vault_that_refuses_takes_nothing_away() {
    for (fault, kind) in [
        ("--vault-forbidden", "vault_forbidden"),
        ("--vault-read-only", "vault_forbidden"),
        ("--vault-firewall", "vault_firewall"),
        ("--vault-foreign-challenge", "vault_foreign_challenge"),
        ("--no-managed-identity", "no_managed_identity"),
    ] {
        let site = Site::ready(&[fault]);
        let before = site.json(&["settings", "show"]);
        site.use_vault().expect(1).error(kind);
        assert_eq!(site.json(&["settings", "show"]), before, "{fault}");
        assert_eq!(here(&site, SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET), "{fault}");
        assert_eq!(here(&site, SecretName::RefreshToken).as_deref(), Some(REFRESH_TOKEN), "{fault}");
        assert_eq!(site.json(&["settings", "check"])["passed"], true, "{fault}");
    }
}

#[test]
fn a_vault_that_closes_later_is_told_and_what_is_known_stays() {
    let mut site = Site::ready(&[]);
    site.use_vault().expect(0);
    for (fault, kind) in [
        ("--vault-forbidden", "vault_forbidden"),
        ("--vault-firewall", "vault_firewall"),
        ("--vault-foreign-challenge", "vault_foreign_challenge"),
        ("--no-managed-identity", "no_managed_identity"),
    ] {
        site.simulate_again(&[fault]);
        let status = site.run(&["consent", "status", "--json"]).expect(3).json();
        let told = (&status["unread"]["kind"], &status["state"], &status["needs_attention"]);
        assert_eq!(told, (&json!(kind), &json!("withheld"), &json!(true)), "{fault}");
        let text = site.run(&["consent", "status"]).expect(3).out;
        assert!(text.contains("No job can sign in"), "{text}");
        let checked = site.run(&["settings", "check", "--json"]).expect(3).json();
        let outcomes: Vec<&Value> =
            checked["steps"].as_array().unwrap().iter().map(|step| &step["outcome"]).collect();
        assert_eq!(outcomes[..3], ["blocked", "failed", "blocked"], "{fault}");
        site.run(&["consent", "renew", "--json"]).expect(1).error(kind);
        site.run(&["consent", "reveal", "--json"]).expect(1).error(kind);
        site.run(&["csp", "pull", "--json"]).expect(1).error(kind);
    }
    // Another vault at the same address, and empty: what was there is gone.
    site.simulate_again(&[]);
    let status = site.run(&["consent", "status", "--json"]).expect(3).json();
    assert_eq!(status["state"], "missing");
    let told = status["advice"].as_str().unwrap().to_owned();
    assert!(told.contains(&site.url()) && told.contains("has no secret cspdeck-refresh-token"), "{told}");
    site.run(&["consent", "renew", "--json"]).expect(1).error("not_set_up");
    site.simulator = None;
    site.run(&["consent", "renew", "--json"]).expect(75);
    // What is known is what was seen last.
    let status = site.run(&["consent", "status", "--json"]).expect(3).json();
    assert_eq!((&status["unread"]["kind"], &status["state"]), (&json!("network_down"), &json!("missing")));
    // Away from a vault that is gone for good.
    let message = site.run(&["settings", "set", "mfa_method=manual", "--json"]).expect(75);
    assert!(message.error("network_down").contains("--leave-secrets"), "{message:?}");
    assert_eq!(site.json(&["settings", "show"])["mfa_method"], "key_vault");
    let back = site.json(&["settings", "set", "--leave-secrets", "mfa_method=manual"]);
    assert_eq!(back["moved"], json!([]));
    assert!(back["remarks"][0].as_str().unwrap().contains("left behind in the key vault"), "{back}");
}

#[test]
fn disabled_secrets_can_be_written_but_not_used() {
    let site = Site::ready(&["--vault-disabled"]);
    let before = site.json(&["settings", "show"]);
    // What the vault would not give back is not moved there.
    let message = site.use_vault().expect(1).error("vault_secret_disabled");
    assert!(message.contains("the key vault had taken cpv_app_secret"), "{message}");
    assert_eq!(site.json(&["settings", "show"]), before);
    assert_eq!(here(&site, SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET));

    for name in [SecretName::CpvAppSecret, SecretName::RefreshToken] {
        site.store().write(|txn| txn.remove_secret(name)).unwrap();
    }
    site.use_vault().expect(0);
    site.secret("refresh_token", REFRESH_TOKEN).expect(0);
    for verb in ["renew", "reveal"] {
        site.run(&["consent", verb, "--json"]).expect(1).error("vault_secret_disabled");
    }
    let status = site.run(&["consent", "status", "--json"]).expect(3).json();
    assert_eq!(
        (&status["unread"]["kind"], &status["state"]),
        (&json!("vault_secret_disabled"), &json!("withheld"))
    );
}

#[test]
fn a_secret_that_is_newer_in_the_vault_stays_there() {
    let site = Site::ready(&[]);
    site.use_vault().expect(0);
    let stored = || site.json(&["consent", "reveal"])["refresh_token"].clone();
    // A host that knows the vault's token by name only.
    let other = Site::ready(&[]);
    other.configure(&site.url(), "");
    other.run(&["settings", "set", "mfa_method=manual"]).expect(0);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    site.run(&["consent", "renew"]).expect(0);
    let newest = stored();
    let [method, url] = site.vault();
    let refused = other.run(&["settings", "set", &method, &url, "--json"]).expect(1).error("newer_in_vault");
    assert!(refused.contains("--take-newer") && !refused.contains("had taken"), "{refused}");
    let joined = other.json(&["settings", "set", &method, &url, "--take-newer"]);
    // Its app's secret was set after the vault's.
    assert_eq!(joined["moved"], json!(["cpv_app_secret"]), "{joined}");
    assert!(joined["remarks"][0].as_str().unwrap().contains("newer refresh_token"), "{joined}");
    assert_eq!(other.json(&["consent", "reveal"])["refresh_token"], newest);
    other.run(&["consent", "renew"]).expect(0);
    assert_ne!(stored(), newest);
    assert_eq!(site.run(&["csp", "pull", "--json"]).expect(0).json()["failed"], json!([]));
}

#[test]
fn settings_that_make_no_whole_are_wrong_use() {
    let site = Site::bare();
    for (pairs, says) in [
        (&["mfa_method=key_vault"][..], "key_vault_url: "),
        (
            &[
                "mfa_method=key_vault",
                "key_vault_url=https://a.vault.azure.net",
                "key_vault_name_refresh_token=x",
                "key_vault_name_smtp_password=X",
            ],
            "key_vault_name_smtp_password: ",
        ),
    ] {
        let message =
            site.run(&[&["settings", "set", "--json"], pairs].concat()).expect(2).error("wrong_use");
        assert!(message.contains(says) && message.contains("nothing was changed"), "{message}");
    }
    assert_eq!(site.json(&["settings", "show"])["revision"], 0);
}

#[test]
fn settings_that_another_operator_changed_meanwhile_are_not_overwritten() {
    let site = Site::ready(&[]);
    // Whoever asks the vault has read the settings already.
    let door = Door::before(&site.url());
    let url = format!("key_vault_url={}", door.url());
    let command = ["settings", "set", "mfa_method=key_vault", &url, "tier=indirect", "--json"];
    let child = site.command(&command).spawn().unwrap();
    let first = door.knock();
    site.run(&["settings", "set", "tier=direct", "enable_mca=false"]).expect(0);
    door.open(Some(first));
    let message = crate::support::finish(child).expect(1).error("conflict");
    assert!(message.contains("enable_mca is no and you have yes"), "{message}");
    let shown = site.json(&["settings", "show"]);
    assert_eq!((&shown["mfa_method"], &shown["enable_mca"]), (&json!("manual"), &json!(false)));
    assert_eq!(here(&site, SecretName::RefreshToken).as_deref(), Some(REFRESH_TOKEN));
}
