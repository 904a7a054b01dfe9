//! Identities. Microsoft compares its GUIDs without regard to case (legacy subscriptions often come in upper case), so an
//! id is folded to lower case once, when it is parsed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing is left after trimming.
    #[error("the id is empty")]
    Empty,
    /// Longer than any id that Microsoft issues.
    #[error("the id has {0} characters, more than 128")]
    TooLong(usize),
    /// White space or a control character inside.
    #[error("the id contains white space or a control character")]
    BadCharacter,
}

fn fold(text: &str) -> Result<Box<str>, IdError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    let length = text.chars().count();
    if length > 128 {
        return Err(IdError::TooLong(length));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(IdError::BadCharacter);
    }
    Ok(text.to_lowercase().into_boxed_str())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Parses an id: trimmed, folded to lower case, 1 to 128 characters.
            ///
            /// # Errors
            /// See [`IdError`].
            pub fn parse(text: &str) -> Result<Self, IdError> {
                fold(text).map(Self)
            }

            /// The folded text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }
    };
}

id! {
    /// A customer's tenant id ("Microsoft ID"); also the identity of the client that the customer becomes.
    CustomerId
}
id! {
    /// A subscription's id within Partner Center.
    SubscriptionId
}
id! {
    /// A plan of ours.
    PlanId
}

/// A subscription is only addressed below its customer, so a service is identified by both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServiceKey {
    /// The customer's tenant.
    pub customer: CustomerId,
    /// The subscription below it.
    pub subscription: SubscriptionId,
}

impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.customer, self.subscription)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_trimmed_and_folded() {
        let upper = SubscriptionId::parse(" 5D0F7B1E-2222-4C4C-8A8A-0F1E2D3C4B5A ").unwrap();
        assert_eq!(upper.as_str(), "5d0f7b1e-2222-4c4c-8a8a-0f1e2d3c4b5a");
    }

    #[test]
    fn what_cannot_be_an_id_is_refused() {
        assert_eq!(CustomerId::parse("  "), Err(IdError::Empty));
        assert_eq!(CustomerId::parse("a b"), Err(IdError::BadCharacter));
        assert_eq!(CustomerId::parse("a\u{1b}[2J"), Err(IdError::BadCharacter));
        assert_eq!(CustomerId::parse(&"x".repeat(129)), Err(IdError::TooLong(129)));
    }
}
