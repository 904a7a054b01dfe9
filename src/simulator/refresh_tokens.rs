//! Refresh tokens. They are known by their own check digits and say themselves who has signed in and when, so that one
//! that a client kept outlives the simulator.

use super::REFRESH_TOKEN;
use super::users::User;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const START: &str = "1.AXoA";
const NONCE_LENGTH: usize = 32;

/// What a refresh token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RefreshToken {
    /// Who has signed in.
    pub user: User,
    /// When it was issued, in microseconds since 1970; 0 if it doesn't say.
    pub issued: i64,
}

/// The present time, as refresh tokens have it.
pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// A new refresh token; the ones before it stay valid.
pub(super) fn issue(user: User) -> String {
    let nonce = Uuid::new_v4().simple();
    let payload = format!("{nonce}{}{:x}", user.letter(), now());
    let check = check_digits(&payload);
    format!("{START}{payload}.{check}")
}

/// Reads a refresh token that a simulator, this one or an earlier one, has issued.
pub(super) fn read(token: &str) -> Option<RefreshToken> {
    let unmarked = RefreshToken { user: User::Admin, issued: 0 };
    if token == REFRESH_TOKEN {
        return Some(unmarked);
    }
    let (payload, check) = token.strip_prefix(START)?.split_once('.')?;
    if check != check_digits(payload) {
        return None;
    }
    let mut marks = payload.get(NONCE_LENGTH..)?.chars();
    match marks.next() {
        // Earlier simulators had one user only.
        None => Some(unmarked),
        Some(letter) => Some(RefreshToken {
            user: User::of_letter(letter)?,
            issued: i64::from_str_radix(marks.as_str(), 16).ok()?,
        }),
    }
}

fn check_digits(payload: &str) -> String {
    let digest = Sha256::digest(format!("cspdeck simulator {payload}"));
    URL_SAFE_NO_PAD.encode(&digest[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_says_who_and_when() {
        let before = now();
        for user in [User::Admin, User::NoMfa, User::NoRole, User::OtherTenant] {
            let token = read(&issue(user)).unwrap();
            assert_eq!(token.user, user);
            assert!((before..=now()).contains(&token.issued), "{token:?}");
        }
    }

    #[test]
    fn one_of_an_earlier_simulator_is_the_admins_and_a_changed_one_is_none() {
        let nonce = Uuid::new_v4().simple().to_string();
        let earlier = format!("{START}{nonce}.{}", check_digits(&nonce));
        let admin = Some(RefreshToken { user: User::Admin, issued: 0 });
        assert_eq!(read(&earlier), admin);
        assert_eq!(read(REFRESH_TOKEN), admin);

        let without_mfa = issue(User::NoMfa);
        let mut marks = without_mfa.clone();
        marks.replace_range(START.len() + NONCE_LENGTH..=START.len() + NONCE_LENGTH, "a");
        assert_ne!(marks, without_mfa);
        for wrong in [marks.as_str(), &without_mfa[..without_mfa.len() - 1], START, "1.AXoA.", "", "."] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
