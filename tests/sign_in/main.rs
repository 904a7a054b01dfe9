//! The jobs of the sign-in against the simulator: the consent, the life of the token, the key vault, the check and the settings.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what every test stands on is there, or the test has failed"
)]

mod browser;
mod check;
mod consent;
mod consent_refused;
mod consent_stored;
mod consent_together;
mod key_vault;
mod mfa;
#[path = "../common/reach.rs"]
mod reach;
mod settings;
mod support;
mod token;
mod vault_faults;
