//! What a refusal means while a person is giving the consent, where that differs: nothing is to be redone then, and nothing
//! is stored yet.

use super::{Explanation, GRANT, PERSON, REQUEST};

const START_AGAIN: &str = "Start the consent again";
const WITH_MFA: &str =
    "Start the consent again, and complete the multi-factor authentication that the sign-in page asks for";
const ASK_ADMIN: &str = "Have a Global Administrator of the partner's tenant grant admin consent for the app, or give the consent as one";
const AS_WEB: &str =
    "Register the redirect address of the app under the platform Web, then start the consent again";

/// Errors about a code that a device waits with.
const DEVICE: &[&str] = &[
    "invalid_grant",
    "invalid_request",
    "authorization_pending",
    "expired_token",
    "code_expired",
    "bad_verification_code",
    "authorization_declined",
];
/// Errors by which a person says no, in a browser or at a code.
const DECLINED: &[&str] = &["access_denied", "authorization_declined", "invalid_grant", "consent_required"];
/// Errors about the redirect address. A request for a code is refused by other errors than one for a token.
const REDIRECT: &[&str] = &["invalid_request", "invalid_client", "unauthorized_client", "invalid_grant"];

pub(super) fn by_error(error: &str) -> Option<Explanation> {
    let (meaning, advice) = match error {
        "invalid_grant" => ("the code of the sign-in is not valid (any more)", START_AGAIN),
        "interaction_required" | "login_required" | "consent_required" => (
            "Microsoft wants more of the user than was done",
            "Start the consent again, and follow all that the sign-in page asks for",
        ),
        "access_denied" => (
            "the consent was declined, or the user may not give it",
            "Start the consent again and accept, with a user who may",
        ),
        "server_error" | "temporarily_unavailable" => {
            ("Microsoft's login fails at the moment", "Start the consent again in some minutes")
        }
        "expired_token" | "code_expired" => ("nobody signed in within the time of the code", START_AGAIN),
        "authorization_declined" => {
            ("the sign-in was declined in the browser", "Start the consent again and accept")
        }
        "bad_verification_code" => ("the code of this sign-in is not known, or was used before", START_AGAIN),
        _ => return None,
    };
    Some(Explanation { meaning, advice, is_exact: false })
}

/// The hint for a number, and the errors under which it makes sense.
pub(super) fn by_number(number: u32) -> Option<(&'static [&'static str], Explanation)> {
    let (errors, meaning, advice) = match number {
        50_076 => (PERSON, "multi-factor authentication is required and was not done", WITH_MFA),
        50_078 => (PERSON, "the multi-factor session has expired", WITH_MFA),
        50_079 => (
            PERSON,
            "the user must register for multi-factor authentication",
            "Register it for the user, then start the consent again",
        ),
        50_173 => {
            (GRANT, "the user's sessions were revoked (by an admin or a new password) meanwhile", START_AGAIN)
        }
        50_132 | 50_133 => (GRANT, "the session ended with a change of the password", START_AGAIN),
        50_055 => {
            (PERSON, "the user's password has expired", "Set a new password, then start the consent again")
        }
        50_057 => (PERSON, "the user is disabled", "Enable the user, then start the consent again"),
        50_034 => (
            PERSON,
            "the user does not exist in this tenant",
            "Check the user and the tenant, then start the consent again",
        ),
        70_008 | 700_082 => {
            (GRANT, "the code of the sign-in has expired: it lives for some minutes only", START_AGAIN)
        }
        54_005 => (GRANT, "the code of the sign-in was used before, and it works once", START_AGAIN),
        70_000 => (GRANT, "the code of the sign-in is not valid, or was used before", START_AGAIN),
        70_043 | 70_044 => (
            GRANT,
            "Conditional Access ended the session by its sign-in frequency",
            "Exempt the service account from the sign-in frequency, then start the consent again",
        ),
        700_084 | 9_002_327 => {
            (REQUEST, "the redirect address is registered as that of a single-page app", AS_WEB)
        }
        50_147 | 50_148 | 501_481 => (
            REQUEST,
            "the code belongs to another sign-in than this one, by its proof (PKCE)",
            "Start the consent again, and use the newest address only",
        ),
        500_112 => (
            REQUEST,
            "the code was sent to another redirect address than this one",
            "Check consent.redirect_uri in the configuration, then start the consent again",
        ),
        50_011 => (
            REDIRECT,
            "the redirect address is not registered for the app",
            "Register exactly that redirect address under the platform Web of the app, or name the one that is registered as \
             consent.redirect_uri in the configuration, then start the consent again",
        ),
        65_001 => (PERSON, "the permission was not consented to", ASK_ADMIN),
        65_004 => (
            DECLINED,
            "the user declined the consent",
            "Start the consent again, and accept the permissions on Microsoft's page",
        ),
        90_094 => (PERSON, "only an administrator may consent to this app", ASK_ADMIN),
        90_095 => (
            PERSON,
            "only an administrator may consent to this app, and the user has asked for approval",
            "Have the request approved under Admin consent requests in Entra, then start the consent again",
        ),
        70_018 | 7_000_014 => {
            (DEVICE, "the code of this sign-in is not known, or was used before", START_AGAIN)
        }
        70_019 | 70_020 => (DEVICE, "nobody signed in within the time of the code", START_AGAIN),
        70_016 => {
            (DEVICE, "the sign-in in the browser is not finished", "Finish it, or start the consent again")
        }
        _ => return None,
    };
    Some((errors, Explanation { meaning, advice, is_exact: true }))
}

#[cfg(test)]
mod tests {
    use super::super::{During, explain};

    #[test]
    fn every_code_is_explained_for_a_consent_that_is_under_way() {
        for (error, number, meaning, advice) in [
            ("access_denied", 65_004, "declined", "accept"),
            ("authorization_declined", 65_004, "user declined", "accept the permissions"),
            ("access_denied", 90_094, "administrator", "admin consent"),
            ("consent_required", 90_095, "approval", "approved"),
            ("invalid_grant", 65_001, "not consented", "admin consent"),
            ("invalid_grant", 500_112, "another redirect", "consent.redirect_uri"),
            ("invalid_grant", 50_148, "PKCE", "newest address"),
            ("invalid_grant", 501_481, "PKCE", "newest address"),
            ("invalid_grant", 70_008, "expired", "Start the consent again"),
            ("invalid_grant", 54_005, "works once", "Start the consent again"),
            ("invalid_grant", 70_000, "not valid", "Start the consent again"),
            ("access_denied", 50_020, "another company", "work account"),
            ("invalid_request", 500_200, "personal", "work account"),
            ("invalid_request", 50_011, "not registered", "Register exactly"),
            ("invalid_client", 50_011, "not registered", "platform Web"),
            ("invalid_client", 7_000_215, "secret is wrong", "value, not its id"),
            ("invalid_client", 7_000_218, "secret", "cpv_app_secret"),
            ("invalid_client", 700_025, "public client", "Web"),
            ("invalid_request", 9_002_327, "single-page", "Web"),
            ("invalid_grant", 50_076, "multi-factor", "complete"),
            ("interaction_required", 50_079, "register", "Register it"),
            ("access_denied", 50_105, "not assigned", "Assign"),
            ("interaction_required", 53_003, "blocks", "policy"),
            ("interaction_required", 50_097, "manages", "device"),
            ("interaction_required", 50_131, "manages", "device"),
            ("access_denied", 530_003, "manages", "device"),
            ("authorization_pending", 70_016, "not finished", "Finish"),
            ("expired_token", 70_020, "within the time", "Start"),
            ("expired_token", 70_019, "within the time", "Start"),
            ("bad_verification_code", 7_000_014, "not known", "Start"),
            ("invalid_request", 90_002, "tenant was not found", "tenant"),
        ] {
            let said = explain(During::Consent, error, Some(number));
            assert!(said.meaning.contains(meaning), "{number}: {said:?}");
            assert!(said.advice.contains(advice), "{number}: {said:?}");
        }
    }

    #[test]
    fn nobody_is_told_to_redo_what_is_under_way() {
        let errors = [
            "invalid_grant",
            "interaction_required",
            "consent_required",
            "access_denied",
            "invalid_client",
            "unauthorized_client",
            "invalid_request",
            "invalid_scope",
            "server_error",
            "expired_token",
            "authorization_declined",
            "bad_verification_code",
            "brand_new",
        ];
        let numbers = (50_000..71_000).chain(90_000..91_000).chain(500_000..502_000).chain(700_000..701_000);
        let numbers: Vec<_> = numbers.chain(7_000_000..7_000_300).map(Some).chain([None]).collect();
        for error in errors {
            for number in &numbers {
                let said = explain(During::Consent, error, *number);
                let advice = said.advice.to_lowercase();
                assert!(
                    !advice.contains("redo the consent") && !advice.contains("refresh_token"),
                    "{error} {number:?}: {said:?}"
                );
            }
        }
    }

    #[test]
    fn device_codes_are_told_apart_without_a_number() {
        let meanings = ["expired_token", "authorization_declined", "bad_verification_code"]
            .map(|error| explain(During::Consent, error, None).meaning);
        assert!(meanings[0].contains("time") && meanings[1].contains("declined"), "{meanings:?}");
        assert!(meanings[2].contains("not known"), "{meanings:?}");
    }
}
