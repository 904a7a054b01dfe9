//! What a refusal means while an app signs in for the key vault, where that differs: no person and no consent are part of it, and
//! the app may be another than that of Partner Center.

use super::{APP, APP_OR_REQUEST, Explanation, REQUEST};

const STORE_SECRET: &str = "Store the secret's value, not its id (settings secret key_vault_secret; where the CPV app opens the vault, cpv_app_secret)";
const CHECK_ID: &str = "Check the app's id (key_vault_identity; where the CPV app opens the vault, cpv_app_id) and that the app is known in the \
     vault's tenant";

pub(super) fn by_error(error: &str) -> Option<Explanation> {
    let (meaning, advice) = match error {
        "invalid_client" => ("the app that opens the key vault could not prove what it is", STORE_SECRET),
        "unauthorized_client" => ("the app that opens the key vault may not sign in there", CHECK_ID),
        "invalid_scope" | "invalid_resource" => (
            "the app may not ask for a token for Azure Key Vault",
            "Check endpoints.key_vault in the configuration, and the vault's address in the settings",
        ),
        "invalid_grant" | "access_denied" | "interaction_required" => (
            "the app that opens the key vault may not sign in, perhaps by Conditional Access for workload identities",
            "Look at the app's sign-in logs in Entra",
        ),
        _ => return None,
    };
    Some(Explanation { meaning, advice, is_exact: false })
}

/// The hint for a number, and the errors under which it makes sense.
pub(super) fn by_number(number: u32) -> Option<(&'static [&'static str], Explanation)> {
    let (errors, meaning, advice) = match number {
        7_000_215 => (APP, "the secret of the app that opens the key vault is wrong", STORE_SECRET),
        7_000_222 => (
            APP,
            "the secret of the app that opens the key vault has expired",
            "Create a new one and store it (settings secret key_vault_secret; where the CPV app opens the vault, cpv_app_secret)",
        ),
        7_000_218 => {
            (APP_OR_REQUEST, "the secret of the app that opens the key vault was not sent", STORE_SECRET)
        }
        700_016 => {
            (APP_OR_REQUEST, "the app that opens the key vault is not known in the vault's tenant", CHECK_ID)
        }
        90_002 => (
            REQUEST,
            "the tenant that the key vault names was not found",
            "Check the vault's address in the settings, and the login endpoint in the configuration",
        ),
        500_011 => (
            REQUEST,
            "Azure Key Vault is not known in the vault's tenant",
            "Check endpoints.key_vault in the configuration, and the vault's address in the settings",
        ),
        _ => return None,
    };
    Some((errors, Explanation { meaning, advice, is_exact: true }))
}

#[cfg(test)]
mod tests {
    use super::super::{During, explain};

    #[test]
    fn no_refusal_of_the_vaults_app_is_blamed_on_the_consent() {
        let errors = [
            "invalid_client",
            "unauthorized_client",
            "invalid_request",
            "invalid_scope",
            "invalid_resource",
            "invalid_grant",
            "interaction_required",
            "access_denied",
            "server_error",
            "brand_new",
        ];
        let numbers =
            [7_000_215, 7_000_222, 7_000_218, 700_016, 90_002, 500_011, 53_003, 50_076, 65_001, 70_008];
        for error in errors {
            for number in numbers.map(Some).into_iter().chain([None]) {
                let said = explain(During::Vault, error, number);
                let text = format!("{} {}", said.meaning, said.advice);
                for words in ["consent", "refresh token", "Partner Center"] {
                    assert!(!text.contains(words), "{error} {number:?}: {said:?}");
                }
                let names_secret = !text.contains("cpv_app_secret") || text.contains("key_vault_secret");
                assert!(names_secret, "{error} {number:?}: {said:?}");
            }
        }
        let wrong = explain(During::Vault, "invalid_client", Some(7_000_215));
        assert!(wrong.is_exact && wrong.advice.contains("settings secret key_vault_secret"), "{wrong:?}");
    }
}
