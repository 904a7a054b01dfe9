use super::*;
use crate::domain::country;

const GUID: &str = "5A1F0C3E-0000-4A4A-9C9C-1F2E3D4C5B6A";

#[test]
fn each_setting_takes_what_fits_and_refuses_the_rest() {
    let long_name = "x".repeat(128);
    for (setting, good, kept, bad) in [
        (Setting::CpvAppId, GUID, GUID.to_lowercase(), &["5a1f", "contoso"][..]),
        (Setting::MicrosoftId, GUID, GUID.to_lowercase(), &["contoso"]),
        (
            Setting::CspDomain,
            " Contoso.onmicrosoft.com ",
            "contoso.onmicrosoft.com".to_owned(),
            &["https://contoso.com/", "contoso", "a..b", "-a.b"],
        ),
        (
            Setting::CspUserId,
            "Admin@Contoso.com",
            "admin@contoso.com".to_owned(),
            &["admin", "a b@contoso.com", "@contoso.com", "admin@contoso"],
        ),
        (Setting::Tier, "indirect", "indirect".to_owned(), &["2", "Direct"]),
        (Setting::MfaMethod, "key_vault", "key_vault".to_owned(), &["vault"]),
        (
            Setting::KeyVaultUrl,
            "https://Contoso.vault.azure.net/",
            "https://contoso.vault.azure.net".to_owned(),
            &[
                "contoso",
                "http://contoso.vault.azure.net",
                "https://contoso.vault.azure.net/secrets/x",
                "https://u:p@contoso.vault.azure.net",
                "https://contoso.vault.azure.net?x=1",
                "ftp://127.0.0.1",
            ],
        ),
        (Setting::KeyVaultUrl, "http://127.0.0.1:9000", "http://127.0.0.1:9000".to_owned(), &[]),
        (Setting::KeyVaultIdentity, "app", "app".to_owned(), &["managed:", "app:x", "user", "managed:x:y"]),
        (
            Setting::VaultRefreshToken,
            "our-token-1",
            "our-token-1".to_owned(),
            &["a_b", "a.b", "ü", &long_name],
        ),
        (Setting::VaultAppSecret, "our-secret", "our-secret".to_owned(), &["a/b"]),
        (Setting::VaultSmtpPassword, "our-pw", "our-pw".to_owned(), &["a b"]),
        (Setting::CheckDomain, "no", "false".to_owned(), &["off", "0"]),
        (Setting::EnableMca, "false", "false".to_owned(), &["nein"]),
        (Setting::RegenerationDays, "30", "30".to_owned(), &["0", "90", "-1", "1.5", "x"]),
        (Setting::AzureBilling, "retail_price", "retail_price".to_owned(), &["retail"]),
        (Setting::RegistrationCountries, "no, de;SE", "DE,NO,SE".to_owned(), &["XX", "Norway", "no,xx"]),
    ] {
        let mut settings = Settings::default();
        settings.put(setting, good).unwrap();
        assert_ne!(settings, Settings::default(), "{setting:?}");
        assert_eq!(settings.text(setting), kept, "{setting:?}");
        let before = settings.clone();
        for bad in bad {
            assert!(
                matches!(settings.put(setting, bad), Err(SettingError::BadValue { .. })),
                "{setting:?} {bad}"
            );
            assert_eq!(settings, before, "{setting:?} {bad}");
        }
        settings.put(setting, "").unwrap();
        let emptied = settings.text(setting);
        let expected = match setting {
            Setting::RegistrationCountries => String::new(),
            other => Settings::default().text(other),
        };
        assert_eq!(emptied, expected, "{setting:?}");
    }
    let error = Settings::default().set("teir", "direct").unwrap_err();
    assert!(error.to_string().contains("cpv_app_id, mfa_method"), "{error}");
}

#[test]
fn what_is_shown_can_be_set_again_and_is_stored_under_its_key() {
    let settings = Settings::default();
    let stored = serde_json::to_value(&settings).unwrap();
    assert_eq!(stored.as_object().unwrap().len(), Setting::ALL.len());
    for setting in Setting::ALL {
        let mut again = Settings::default();
        again.set(setting.key(), &settings.text(setting)).unwrap();
        assert_eq!(again, settings, "{setting:?}");
        assert!(stored.get(setting.key()).is_some(), "{setting:?}");
        assert!(!setting.hint().is_empty() && setting.label().len() <= 18, "{setting:?}");
    }
    assert_eq!(serde_json::from_value::<Settings>(stored).unwrap(), settings);
}

#[test]
fn settings_of_an_earlier_version_get_the_defaults() {
    let old = r#"{"cpv_app_id": null, "tier": "indirect", "microsoft_id": null, "csp_domain": "a.example"}"#;
    let settings: Settings = serde_json::from_str(old).unwrap();
    assert_eq!(settings.tier, Tier::Indirect);
    assert_eq!(settings.refresh_token_regeneration_days, 89);
    assert_eq!(settings.registration_id_countries.len(), country::asked_for_registration_id().count());
}

#[test]
fn a_vault_without_an_address_and_a_name_twice_are_problems() {
    let mut settings = Settings { mfa_method: MfaMethod::KeyVault, ..Settings::default() };
    settings.key_vault_name_smtp_password = "CSPDECK-refresh-token".to_owned();
    let wrong: Vec<Setting> = settings.problems().into_iter().map(|(setting, _)| setting).collect();
    assert_eq!(wrong, [Setting::KeyVaultUrl, Setting::VaultSmtpPassword]);
    settings.mfa_method = MfaMethod::Manual;
    assert!(settings.problems().is_empty());
}

#[test]
fn another_operators_change_is_taken_in_and_shown_where_both_changed_the_same() {
    let stored = |domain: &str, days: &str| {
        let mut settings = Settings::default();
        settings.put(Setting::CspDomain, domain).unwrap();
        settings.put(Setting::RegenerationDays, days).unwrap();
        settings
    };
    let mut change = SettingsChange::over(stored("a.example", "89"));
    change.type_in(Setting::CspDomain, "b.example").unwrap();
    change.type_in(Setting::Tier, "direct").unwrap();
    assert!(!change.is_typed(Setting::Tier), "as it is stored");
    assert!(change.rebase(stored("a.example", "30")).is_empty());
    assert_eq!(change.settings().refresh_token_regeneration_days, 30);
    assert_eq!(change.settings().csp_domain.as_deref(), Some("b.example"));

    let clashes = change.rebase(stored("c.example", "30"));
    let expected = Clash {
        setting: Setting::CspDomain,
        before: "a.example".to_owned(),
        theirs: "c.example".to_owned(),
        ours: "b.example".to_owned(),
    };
    assert_eq!(clashes, [expected]);
    assert!(change.is_typed(Setting::CspDomain));
    change.take_theirs(Setting::CspDomain);
    assert_eq!(change.settings().csp_domain.as_deref(), Some("c.example"));

    change.type_in(Setting::CspDomain, "d.example").unwrap();
    assert!(change.rebase(stored("d.example", "30")).is_empty(), "both typed the same");
    assert!(change.is_empty());
}
