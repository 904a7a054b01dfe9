//! What a refused sign-in means, in the operator's words. Microsoft warns that the AADSTS numbers may change, so OAuth's `error`
//! decides first and the number only sharpens the hint
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

mod consent;
mod vault;

/// What was under way when the login refused: the same number calls for another remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum During {
    /// Tokens were renewed by the refresh token, with nobody there.
    Renewal,
    /// A person was giving the consent.
    Consent,
    /// An app signed in for the key vault.
    Vault,
}

/// A refused sign-in, explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Explanation {
    /// What it means.
    pub(super) meaning: &'static str,
    /// What to do.
    pub(super) advice: &'static str,
    /// Whether the number was known; if not, the server's own words say more.
    pub(super) is_exact: bool,
}

const REDO_CONSENT: &str =
    "Redo the consent with multi-factor authentication (cspdeck consent, or c on the tab Settings)";
const CHECK_APP: &str = "Check the app's id and the value of its secret (settings secret cpv_app_secret)";
const CHECK_TENANT: &str = "Check the tenant and the app's id in the settings";

/// Explains a refusal by OAuth's `error` and, where it comes, the AADSTS number.
pub(super) fn explain(during: During, error: &str, number: Option<u32>) -> Explanation {
    let (general, hint) = match during {
        During::Renewal => (by_error(error), number.and_then(by_number)),
        During::Vault => (vault::by_error(error), number.and_then(vault::by_number)),
        During::Consent => (
            consent::by_error(error).or_else(|| by_error(error)),
            number.and_then(|number| consent::by_number(number).or_else(|| by_number(number))),
        ),
    };
    match hint {
        Some((errors, hint)) if general.is_none() || errors.contains(&error) => hint,
        _ => general.unwrap_or(Explanation {
            meaning: "for a reason that is not known here",
            advice: match during {
                During::Renewal => {
                    "Look the code up at https://login.microsoftonline.com/error, or redo the consent"
                }
                During::Vault => "Look the code up at https://login.microsoftonline.com/error",
                During::Consent => {
                    "Look the code up at https://login.microsoftonline.com/error, then start the consent again"
                }
            },
            is_exact: false,
        }),
    }
}

fn by_error(error: &str) -> Option<Explanation> {
    let (meaning, advice) = match error {
        "invalid_grant" => ("the refresh token is not valid any more", REDO_CONSENT),
        "interaction_required" | "login_required" | "consent_required" => {
            ("Microsoft wants a person to sign in again", REDO_CONSENT)
        }
        "invalid_client" => ("the app could not prove what it is", CHECK_APP),
        "unauthorized_client" => ("the app may not sign in here", CHECK_TENANT),
        "invalid_scope" | "invalid_resource" => (
            "the app may not ask for a token for this endpoint",
            "Check the Partner Center endpoint in the configuration and grant the app its permission on Microsoft Partner Center",
        ),
        "invalid_request" => (
            "the request was not understood",
            "Check the login endpoint, the tenant and the app's id in the settings",
        ),
        "access_denied" => ("access was denied", "Check the user's rights, then redo the consent"),
        _ => return None,
    };
    Some(Explanation { meaning, advice, is_exact: false })
}

/// Errors under which a token or a session is spent.
const GRANT: &[&str] = &["invalid_grant", "interaction_required", "login_required", "consent_required"];
/// Errors about the app.
const APP: &[&str] = &["invalid_client", "unauthorized_client"];
/// Errors about the person who signs in.
const PERSON: &[&str] = &[
    "invalid_grant",
    "interaction_required",
    "login_required",
    "consent_required",
    "access_denied",
    "invalid_request",
];
/// Errors about the app, or about the request that names it.
const APP_OR_REQUEST: &[&str] = &["invalid_client", "unauthorized_client", "invalid_request"];
/// Errors about the request.
const REQUEST: &[&str] =
    &["invalid_request", "invalid_resource", "invalid_scope", "unauthorized_client", "invalid_grant"];

/// The hint for a number, and the errors under which it makes sense.
fn by_number(number: u32) -> Option<(&'static [&'static str], Explanation)> {
    let (errors, meaning, advice) = match number {
        50_076 => (GRANT, "multi-factor authentication is now required", REDO_CONSENT),
        50_078 => (GRANT, "the multi-factor session has expired", REDO_CONSENT),
        50_079 => (
            GRANT,
            "the user must register for multi-factor authentication",
            "Register it for the user, then redo the consent",
        ),
        50_173 => (
            GRANT,
            "the grant was revoked (by an admin, a sign-out everywhere or a new password)",
            REDO_CONSENT,
        ),
        50_132 | 50_133 => (GRANT, "the session ended with a change of the password", REDO_CONSENT),
        50_055 => (GRANT, "the user's password has expired", "Set a new password, then redo the consent"),
        70_008 => (GRANT, "the refresh token has expired or was revoked", REDO_CONSENT),
        700_082 => {
            (GRANT, "the refresh token has expired, because it was not used for 90 days", REDO_CONSENT)
        }
        70_043 | 70_044 => (
            GRANT,
            "Conditional Access ended the session by its sign-in frequency",
            "Exempt the service account from the sign-in frequency, then redo the consent; otherwise redo it on that schedule",
        ),
        700_084 => (
            GRANT,
            "the refresh token was issued to a single-page app and lived 24 hours",
            "Change the type of the app's redirect URI to Web, then redo the consent",
        ),
        65_001 => (
            GRANT,
            "the permission was not consented to",
            "Grant admin consent for the app's permissions, then redo the consent",
        ),
        65_004 => (PERSON, "the user declined the consent", "Redo the consent and accept it"),
        54_005 | 70_000 => (GRANT, "the grant is invalid or was already used", "Start the consent again"),
        53_003 => (
            PERSON,
            "Conditional Access blocks the sign-in",
            "Change the policy, or sign in from a network and device that it allows",
        ),
        50_057 => (GRANT, "the user is disabled", "Enable the user, then redo the consent"),
        50_034 => (
            GRANT,
            "the user does not exist in this tenant",
            "Check the user and the tenant, then redo the consent",
        ),
        50_105 => (
            PERSON,
            "the user is not assigned to the app",
            "Assign the user to the enterprise app, then try again",
        ),
        50_097 | 50_131 | 53_000 | 53_001 | 530_003 => (
            PERSON,
            "Conditional Access asks for a device that the company manages",
            "Sign in on such a device, or change the policy",
        ),
        50_020 | 500_200 => (
            PERSON,
            "the account is a personal one or belongs to another company",
            "Sign in with a work account of the partner's own tenant",
        ),
        50_196 => (
            GRANT,
            "Microsoft sees the client in a loop of requests",
            "Wait some minutes, and report this with the ids",
        ),
        7_000_215 => (
            APP,
            "the app's secret is wrong",
            "Store the secret's value, not its id (settings secret cpv_app_secret)",
        ),
        7_000_222 => (
            APP,
            "the app's secret has expired",
            "Create a new one and store it (settings secret cpv_app_secret); the refresh token stays valid",
        ),
        7_000_218 => (
            APP_OR_REQUEST,
            "the app has a secret at Microsoft, and it was not sent",
            "Check the app's id and store its secret (settings secret cpv_app_secret)",
        ),
        700_025 => (
            APP_OR_REQUEST,
            "Microsoft holds the app for a public client, which has no secret",
            "Register the redirect address of the app under the platform Web, not under mobile and desktop",
        ),
        700_016 => (
            APP_OR_REQUEST,
            "the app is not known in this tenant",
            "Check the app's id and the tenant in the settings, and that the app was consented to there",
        ),
        700_027 => (
            APP,
            "the app's certificate was refused",
            "Check this machine's clock and the certificate's expiry",
        ),
        500_011 => (
            REQUEST,
            "Partner Center is not known in this tenant",
            "Check the Partner Center endpoint in the configuration, and that the tenant is enrolled in the CSP programme",
        ),
        50_011 => (
            REQUEST,
            "the redirect address is not registered for the app",
            "Register exactly that redirect address",
        ),
        90_002 => (REQUEST, "the tenant was not found", CHECK_TENANT),
        _ => return None,
    };
    Some((errors, Explanation { meaning, advice, is_exact: true }))
}

/// The number of `AADSTS700082: …`.
pub(super) fn number_in(description: &str) -> Option<u32> {
    let after = &description[description.find("AADSTS")? + "AADSTS".len()..];
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_table_is_translated() {
        for (error, number, meaning, advice) in [
            ("interaction_required", 50_076, "multi-factor", "Redo the consent"),
            ("interaction_required", 50_078, "multi-factor session", "Redo the consent"),
            ("interaction_required", 50_079, "register", "redo the consent"),
            ("invalid_grant", 50_173, "revoked", "Redo the consent"),
            ("invalid_grant", 50_132, "password", "Redo the consent"),
            ("invalid_grant", 50_133, "password", "Redo the consent"),
            ("invalid_grant", 50_055, "password has expired", "new password"),
            ("invalid_grant", 70_008, "expired or was revoked", "Redo the consent"),
            ("invalid_grant", 700_082, "90 days", "cspdeck consent"),
            ("invalid_grant", 70_043, "sign-in frequency", "Exempt"),
            ("interaction_required", 70_044, "sign-in frequency", "Exempt"),
            ("invalid_grant", 700_084, "single-page", "Web"),
            ("invalid_grant", 65_001, "not consented", "admin consent"),
            ("invalid_grant", 65_004, "declined", "accept"),
            ("invalid_client", 7_000_215, "secret is wrong", "value, not its id"),
            ("invalid_client", 7_000_222, "secret has expired", "refresh token stays valid"),
            ("unauthorized_client", 700_016, "not known in this tenant", "app's id"),
            ("invalid_client", 700_027, "certificate", "clock"),
            ("invalid_resource", 500_011, "Partner Center is not known", "endpoint"),
            ("invalid_client", 50_011, "could not prove", "app's id"),
            ("invalid_request", 50_011, "redirect address", "Register"),
            ("invalid_grant", 54_005, "already used", "again"),
            ("invalid_grant", 70_000, "already used", "again"),
            ("interaction_required", 53_003, "blocks", "policy"),
            ("invalid_grant", 50_057, "disabled", "Enable"),
            ("invalid_grant", 50_034, "does not exist", "tenant"),
            ("interaction_required", 50_105, "not assigned", "Assign"),
            ("invalid_request", 90_002, "tenant was not found", "tenant"),
            ("invalid_grant", 50_196, "loop", "Wait"),
            ("interaction_required", 50_097, "manages", "policy"),
            ("interaction_required", 50_131, "manages", "policy"),
            ("access_denied", 530_003, "manages", "policy"),
            ("invalid_grant", 50_020, "another company", "work account"),
            ("invalid_grant", 500_200, "personal", "work account"),
            ("invalid_client", 7_000_218, "secret", "cpv_app_secret"),
            ("invalid_client", 700_025, "public client", "Web"),
        ] {
            let said = explain(During::Renewal, error, Some(number));
            assert!(said.meaning.contains(meaning), "{number}: {said:?}");
            assert!(said.advice.contains(advice), "{number}: {said:?}");
            assert!(said.is_exact || number == 50_011, "{number}: {said:?}");
        }
    }

    #[test]
    fn the_error_decides_and_the_number_only_hints() {
        let spent = explain(During::Renewal, "invalid_grant", None);
        assert_eq!(explain(During::Renewal, "invalid_grant", Some(123)), spent);
        assert_eq!(
            explain(During::Renewal, "invalid_grant", Some(7_000_215)),
            spent,
            "a number of the app under an error of the grant"
        );
        assert!(explain(During::Renewal, "brand_new", Some(700_082)).meaning.contains("90 days"));
        assert!(explain(During::Renewal, "brand_new", None).meaning.contains("not known here"));
    }

    #[test]
    fn the_number_is_found_in_the_text() {
        assert_eq!(number_in("AADSTS700082: The refresh token has expired"), Some(700_082));
        for none in ["", "AADSTS", "AADSTS: x", "AADSTS99999999999999", "aadsts1"] {
            assert_eq!(number_in(none), None, "{none}");
        }
    }
}
