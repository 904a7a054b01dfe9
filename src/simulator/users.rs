//! Who signs in, and how a sign-in ends.

use super::{OTHER_DOMAIN, OTHER_TENANT, PARTNER_DOMAIN, PARTNER_TENANT};

/// How a sign-in ends: by whom it is done, or what comes of it instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignIn {
    /// The partner's admin agent signs in, with MFA.
    #[default]
    Admin,
    /// The admin agent signs in with a password alone.
    NoMfa,
    /// A user of the partner signs in who has no role in Partner Center.
    NoRole,
    /// A user of another tenant signs in.
    OtherTenant,
    /// The person declines the consent.
    Declined,
    /// The person takes so long that the code has expired when it is handed in.
    ExpiredCode,
}

impl SignIn {
    /// All of them, in the order in which a page offers them.
    pub const ALL: [SignIn; 6] = [
        SignIn::Admin,
        SignIn::NoMfa,
        SignIn::NoRole,
        SignIn::OtherTenant,
        SignIn::Declined,
        SignIn::ExpiredCode,
    ];

    /// Its name on forms and command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SignIn::Admin => "admin",
            SignIn::NoMfa => "no-mfa",
            SignIn::NoRole => "no-role",
            SignIn::OtherTenant => "other-tenant",
            SignIn::Declined => "declined",
            SignIn::ExpiredCode => "expired-code",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<SignIn> {
        SignIn::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Who has signed in, if anybody.
    pub(super) fn user(self) -> Option<User> {
        match self {
            SignIn::Admin | SignIn::ExpiredCode => Some(User::Admin),
            SignIn::NoMfa => Some(User::NoMfa),
            SignIn::NoRole => Some(User::NoRole),
            SignIn::OtherTenant => Some(User::OtherTenant),
            SignIn::Declined => None,
        }
    }
}

/// A signed-in user. All tokens that come of a sign-in carry who it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum User {
    /// The partner's admin agent, with MFA.
    Admin,
    /// The admin agent, with a password alone.
    NoMfa,
    /// A user of the partner without a role.
    NoRole,
    /// A user of another tenant.
    OtherTenant,
}

impl User {
    /// The letter that stands for the user in a refresh token.
    pub(super) fn letter(self) -> char {
        match self {
            User::Admin => 'a',
            User::NoMfa => 'p',
            User::NoRole => 'r',
            User::OtherTenant => 't',
        }
    }

    /// The user that this letter stands for.
    pub(super) fn of_letter(letter: char) -> Option<User> {
        let all = [User::Admin, User::NoMfa, User::NoRole, User::OtherTenant];
        all.into_iter().find(|user| user.letter() == letter)
    }

    /// How the user has proved who it is, as the claim `amr` says it.
    pub(super) fn methods(self) -> &'static [&'static str] {
        if self == User::NoMfa { &["pwd"] } else { &["pwd", "mfa"] }
    }

    /// The tenant that the user belongs to.
    pub(super) fn tenant(self) -> &'static str {
        if self == User::OtherTenant { OTHER_TENANT } else { PARTNER_TENANT }
    }

    /// The user's id in its tenant.
    pub(super) fn object_id(self) -> &'static str {
        match self {
            User::Admin | User::NoMfa => "0e5d8c1a-93b7-4f26-a1d4-6c2b7e9f3058",
            User::NoRole => "6b40f7d2-1c8e-4a95-b3f0-d7a2e5149c86",
            User::OtherTenant => "c913a6e4-5f02-4d7b-8e61-2a9b0f4d73c5",
        }
    }

    /// The name that the user signs in with.
    pub(super) fn principal_name(self) -> String {
        match self {
            User::Admin | User::NoMfa => format!("admin@{PARTNER_DOMAIN}"),
            User::NoRole => format!("trainee@{PARTNER_DOMAIN}"),
            User::OtherTenant => format!("admin@{OTHER_DOMAIN}"),
        }
    }

    /// The user's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            User::Admin | User::NoMfa => "Fabrikam Admin",
            User::NoRole => "Fabrikam Trainee",
            User::OtherTenant => "Contoso Admin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_in_is_found_by_its_name_and_every_user_by_its_letter() {
        for it in SignIn::ALL {
            assert_eq!(SignIn::named(it.name()), Some(it));
        }
        assert_eq!(SignIn::named("nobody"), None);
        for user in SignIn::ALL.into_iter().filter_map(SignIn::user) {
            assert_eq!(User::of_letter(user.letter()), Some(user));
        }
        assert_eq!(User::of_letter('x'), None);
    }
}
