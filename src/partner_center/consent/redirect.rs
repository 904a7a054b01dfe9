//! Where the browser was sent in the end: the answer of Microsoft's sign-in page, as a listener hears it or a person pastes it.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use url::{Url, form_urlencoded};

use super::super::aadsts::{self, During};
use super::super::scrub::excerpt;
use super::super::sign_in::{Refused, Told};
use super::Consent;
use super::exchange::name_redirect;
use crate::domain::address::is_loopback;
use crate::domain::text::printable;

/// Longest text that is looked into, in bytes.
const TEXT_LENGTH: usize = 16 * 1024;

/// What people and programs put around an address.
const AROUND: &[char] = &['"', '\'', '`', '<', '>', '“', '”', '„', '‘', '’', '«', '»', '‹', '›'];

/// The code that the sign-in page gave. It works once, for the attempt that it was read by.
#[derive(Debug)]
pub struct AuthCode(SecretString);

impl AuthCode {
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Why a text is no answer to this attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// No address, nor a part of one.
    #[error(
        "this is not the address that the browser ended on: {reason}. Copy the whole of it from the browser's address bar, and \
         paste that"
    )]
    NotAnAddress {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The sign-in page itself.
    #[error(
        "this is the address of Microsoft's sign-in page. Finish the sign-in there, and paste the address that the browser ends on"
    )]
    NotFinished,
    /// An address of something else.
    #[error(
        "this address is that of another app or page: the sign-in ends at {expected}. Paste the address that the browser ended on"
    )]
    Foreign {
        /// The redirect address.
        expected: String,
    },
    /// The right address, but not all of it.
    #[error(
        "there is no {missing} in this address. Copy the whole of it from the browser's address bar, or sign in again if it has none"
    )]
    Incomplete {
        /// The parameter.
        missing: &'static str,
    },
    /// An answer to another attempt.
    #[error(
        "this is the answer to another sign-in than the one under way, or to an old one. Sign in at the newest address, and \
         paste where that ends"
    )]
    WrongState,
    /// An answer to this attempt: Microsoft, or the person, said no.
    #[error("Microsoft refused the consent: {meaning} ({code}). {advice}")]
    Refused {
        /// OAuth's `error`, with the AADSTS number where there is one.
        code: String,
        /// What it means.
        meaning: String,
        /// What the operator can do.
        advice: &'static str,
    },
}

impl RedirectError {
    /// Whether it is Microsoft's answer to this attempt, so that no other will come.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

pub(super) fn read(consent: &Consent, text: &str) -> Result<AuthCode, RedirectError> {
    let parameters = parameters(consent, text)?;
    let answer = Answer::parse(&parameters)?;
    match (&answer.code, &answer.error) {
        (_, Some(error)) => {
            answer.check_state(consent)?;
            Err(refused(consent, error, answer.description.as_deref().unwrap_or_default()))
        }
        (Some(code), None) => {
            answer.check_state(consent)?;
            Ok(AuthCode(SecretString::from(code.as_ref())))
        }
        (None, None) => Err(RedirectError::Incomplete { missing: "code" }),
    }
}

/// The parameters of an answer.
#[derive(Default)]
struct Answer<'a> {
    code: Option<Cow<'a, str>>,
    state: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    description: Option<Cow<'a, str>>,
}

impl<'a> Answer<'a> {
    fn parse(parameters: &'a str) -> Result<Self, RedirectError> {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
            let place = match &*name {
                "code" => &mut answer.code,
                "state" => &mut answer.state,
                "error" => &mut answer.error,
                "error_description" => &mut answer.description,
                _ => continue,
            };
            if value.is_empty() {
                continue;
            }
            // RFC 6749, 3.1: none may come twice.
            if place.replace(value).is_some() {
                return Err(RedirectError::NotAnAddress { reason: "it holds a parameter twice" });
            }
        }
        Ok(answer)
    }

    fn check_state(&self, consent: &Consent) -> Result<(), RedirectError> {
        let state = self.state.as_ref().ok_or(RedirectError::Incomplete { missing: "state" })?;
        let is_own = state.as_bytes().ct_eq(consent.state.secret().as_bytes());
        if is_own.into() { Ok(()) } else { Err(RedirectError::WrongState) }
    }
}

fn refused(consent: &Consent, error: &str, description: &str) -> RedirectError {
    let secrets = [consent.state.secret().as_str()];
    let refused = Refused { error: excerpt(error, &secrets), number: aadsts::number_in(description) };
    let Told { code, mut meaning, advice } = refused.told(During::Consent, description, &secrets);
    name_redirect(&mut meaning, refused.number, consent.registered_uri());
    RedirectError::Refused { code, meaning, advice }
}

/// The part of the text that holds the parameters.
fn parameters(consent: &Consent, text: &str) -> Result<String, RedirectError> {
    let not_an_address = |reason| Err(RedirectError::NotAnAddress { reason });
    if text.len() > TEXT_LENGTH {
        return not_an_address("it is too long");
    }
    // Terminals and mails break long addresses, in any place.
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let text = printable(&text).replace("&amp;", "&");
    let text = text.trim_matches(AROUND);
    if text.is_empty() {
        return not_an_address("there is nothing in it");
    }
    let url = match whole_address(consent, text) {
        Some(url) => url,
        None if text.contains('=') => {
            let text = text.trim_start_matches(['?', '#', '&']);
            return Ok(text.split('#').next().unwrap_or_default().to_owned());
        }
        None => return not_an_address("it has neither a host nor parameters"),
    };
    let Ok(url) = url else { return not_an_address("it is no address at all") };
    if !is_redirect(&url, &consent.redirect) {
        let login = &consent.exchange.options.login;
        if (url.host_str(), url.port()) == (login.host_str(), login.port()) {
            return Err(RedirectError::NotFinished);
        }
        return Err(RedirectError::Foreign { expected: consent.redirect_uri().to_owned() });
    }
    let has_answer = |part: &&str| {
        form_urlencoded::parse(part.as_bytes()).any(|(name, _)| matches!(&*name, "code" | "error"))
    };
    let part = [url.query(), url.fragment()].into_iter().flatten().find(has_answer);
    Ok(part.or(url.query()).unwrap_or_default().to_owned())
}

/// The text as an address, if it begins like one: with a scheme, a host or a path. Browsers hide the scheme.
fn whole_address(consent: &Consent, text: &str) -> Option<Result<Url, url::ParseError>> {
    let before = text.split(['?', '#']).next().unwrap_or_default();
    if before.is_empty() || before.contains('=') {
        None
    } else if text.starts_with('/') {
        Some(consent.redirect.join(text))
    } else if before.contains("://") {
        Some(Url::parse(text))
    } else if before.len() < text.len() {
        Some(Url::parse(&format!("{}://{text}", consent.redirect.scheme())))
    } else {
        None
    }
}

/// Whether the browser was sent here, whatever became of the scheme on the way; on this machine, under any of its names and
/// from any port.
fn is_redirect(url: &Url, redirect: &Url) -> bool {
    let is_web = matches!(url.scheme(), "http" | "https");
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    let same_place = if is_loopback(redirect) {
        is_loopback(url)
    } else {
        url.host_str() == redirect.host_str() && url.port() == redirect.port()
    };
    is_web && same_place && path(url) == path(redirect)
}

#[cfg(test)]
mod tests;
