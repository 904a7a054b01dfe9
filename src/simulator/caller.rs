//! Who calls.

use super::answers::Refusal;
use super::users::User;
use axum::http::StatusCode;

/// Who an access token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A user, signed in through the app.
    User(User),
    /// The app on its own.
    App,
    /// The managed identity of the machine.
    Identity,
}

/// Some resources are for a signed-in user only.
///
/// # Errors
/// The 403 that an app on its own gets.
pub(super) fn user_only(caller: Caller) -> Result<(), Refusal> {
    match caller {
        Caller::User(_) => Ok(()),
        Caller::App | Caller::Identity => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            900_329,
            "The request is not supported with App only authentication.",
        )),
    }
}
