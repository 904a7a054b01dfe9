//! What can go wrong between here and Partner Center. Every error says what happened, to what, and what to do; none holds a
//! secret, an address with parameters, or a server's text that was not cleaned.

use serde::{Deserialize, Serialize};

use super::call::{Call, Service};
use super::refusal::Refusal;

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// An option that the client can't work with.
    #[error(
        "the client for Partner Center can't use the {option}: {reason}. Correct it in the settings or the configuration"
    )]
    BadOption {
        /// Which one.
        option: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Microsoft's login refused the refresh token, the code of a consent, the app or its secret.
    #[error("Microsoft refused the sign-in: {meaning} ({code}). {advice}{call}")]
    TokenRejected {
        /// The sign-in.
        call: Box<Call>,
        /// OAuth's `error`, with the AADSTS number where there is one.
        code: String,
        /// What it means.
        meaning: String,
        /// What the operator can do.
        advice: &'static str,
    },
    /// The renewed refresh token could not be stored, so the access token that came with it is not used.
    #[error(
        "the renewed refresh token could not be stored: {reason}. The one before it stays valid: put that right and try again{call}"
    )]
    TokenNotKept {
        /// The sign-in.
        call: Box<Call>,
        /// Why, in the words of the store.
        reason: String,
        /// Whether the same may well succeed later, with nothing changed here.
        passes: bool,
    },
    /// The answer to a sign-in's code was lost. A code works once, so it is not sent again.
    #[error(
        "the answer of {} to {} was lost: {reason}. The code of the sign-in works once and may be used up: start the consent \
         again{call}", .call.host, .call.what
    )]
    CodeSpent {
        /// The sign-in.
        call: Box<Call>,
        /// How it was lost.
        reason: String,
    },
    /// A sign-in that succeeded and yet brings nothing that lasts.
    #[error(
        "Microsoft signed the user in, but gave no refresh token. Check that the app may have the permission offline_access and \
         that no policy forbids lasting sessions, then start the consent again{call}"
    )]
    NoRefreshToken {
        /// The sign-in.
        call: Box<Call>,
    },
    /// Partner Center refused an access token that was fresh.
    #[error(
        "Partner Center refused {} although the sign-in was just renewed: {refusal}. Check that app, user and endpoint belong \
         to the same cloud, and redo the consent with multi-factor authentication{call}", .call.what
    )]
    NotSignedIn {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// Partner Center takes no token of a user who signed in without multi-factor authentication, and no renewal changes that.
    #[error(
        "Partner Center refuses {}, for the user signed in without multi-factor authentication: {refusal}. Register it for that \
         user, and redo the consent{call}", .call.what
    )]
    MfaMissing {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// No right, or no relationship with that customer.
    #[error("Partner Center denies {}: {refusal}. {advice}{call}", .call.what)]
    Forbidden {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
        /// What the operator can do.
        advice: &'static str,
    },
    /// It does not exist, or not any more.
    #[error("Partner Center does not have {}: {refusal}. It may have been removed; request the CSP data again{call}", .call.what)]
    NotFound {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// Too many requests, over all attempts.
    #[error(
        "Microsoft throttles this tenant: {} was put off {attempts} times. Try again in some minutes, or lower \
         requests_per_minute in the configuration{call}", .call.what
    )]
    Throttled {
        /// The call.
        call: Box<Call>,
        /// How often it was tried.
        attempts: u32,
    },
    /// No connection: name, route, refusal or TLS.
    #[error(
        "{} can't be reached for {}: {reason}. Check the network, the proxy and the endpoint in the configuration{call}",
        .call.host, .call.what
    )]
    NetworkDown {
        /// The call.
        call: Box<Call>,
        /// What the system says.
        reason: String,
    },
    /// Connected, but the answer did not come in time.
    #[error("{} went silent over {}: {reason}. Try again later, or raise the timeouts in the configuration{call}", .call.host, .call.what)]
    Stalled {
        /// The call.
        call: Box<Call>,
        /// How long was waited.
        reason: String,
    },
    /// The connection ended before the answer did.
    #[error("the answer of {} to {} was cut short: {reason}. Try again{call}", .call.host, .call.what)]
    CutShort {
        /// The call.
        call: Box<Call>,
        /// Where it ended.
        reason: String,
    },
    /// An answer that is not what the API is documented to send.
    #[error(
        "{} answered {} with something that can't be read: {reason}. Check the endpoint in the configuration; a proxy or a \
         portal may be answering in its place{call}", .call.host, .call.what
    )]
    BadBody {
        /// The call.
        call: Box<Call>,
        /// What came instead.
        reason: String,
    },
    /// Microsoft's side failed, over all attempts.
    #[error("{} failed at {}: {refusal}. Try again later; if it stays, give Microsoft the ids{call}", .call.host, .call.what)]
    ServerError {
        /// The call.
        call: Box<Call>,
        /// The last answer.
        refusal: Refusal,
    },
    /// The request was understood and rejected.
    #[error("{} rejects the request for {}: {refusal}. If the endpoint is right, this is a fault of cspdeck: report it with the ids{call}", .call.host, .call.what)]
    BadRequest {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// The request was understood, and what it says was rejected.
    #[error("{} rejects {}: {refusal}. {advice}{call}", .call.host, .call.what)]
    NotAccepted {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
        /// What the operator can do.
        advice: &'static str,
    },
    /// A change that meets another, or one that was made before.
    #[error(
        "Partner Center can't take {} now: {refusal}. It was there before, or another change is under way: request the CSP data, and \
         try again later{call}", .call.what
    )]
    Conflict {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// The list can't be continued where it was left.
    #[error("Partner Center no longer knows where {} was left off: {refusal}. Start it from its first page{call}", .call.what)]
    ContinuationLost {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// A link to the next page that must not be followed.
    #[error("the link to the next page of {} is not followed: {reason}. Nothing was sent there; request the data again{call}", .call.what)]
    ForeignLink {
        /// The call.
        call: Box<Call>,
        /// What is wrong with the link.
        reason: String,
    },
    /// A redirect; none is followed.
    #[error(
        "{} redirects {} elsewhere ({refusal}), and redirects are not followed. Correct the endpoint in the configuration{call}",
        .call.host, .call.what
    )]
    Redirected {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// The pricing API does not serve this user or this token. Its typical answer is 400, whatever the reason
    /// (<https://learn.microsoft.com/partner-center/developer/get-a-price-sheet>).
    #[error(
        "Microsoft's pricing API refuses {}: {refusal}. The signed-in user must be an Admin Agent or a Sales Agent, and the \
         consent must cover the pricing API (\"Microsoft Partner\" among the app's permissions): put that right and redo the \
         consent{call}", .call.what
    )]
    PricingDenied {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// Microsoft Graph does not serve this app or this user.
    #[error(
        "Microsoft Graph refuses {}: {refusal}. Add PartnerBilling.Read.All (delegated) to the app's permissions on Microsoft \
         Graph, grant admin consent, and redo the consent{call}", .call.what
    )]
    GraphDenied {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// The pricing API has no such sheet.
    #[error(
        "Microsoft's pricing API does not have {}: {refusal}. Check the market and the month; a month's sheet appears on its \
         first day at 00:00 UTC{call}", .call.what
    )]
    NoPriceSheet {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// A list that goes round in a circle.
    #[error("Partner Center sends a page of {} again: {reason}. The list can't be read to its end; try again later{call}", .call.what)]
    RepeatedPage {
        /// The call.
        call: Box<Call>,
        /// How it was noticed.
        reason: String,
    },
}

/// The kinds that a job tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the variant of ApiError of the same name")]
pub enum ErrorKind {
    BadOption,
    TokenRejected,
    TokenNotKept,
    CodeSpent,
    NoRefreshToken,
    NotSignedIn,
    MfaMissing,
    Forbidden,
    NotFound,
    Throttled,
    NetworkDown,
    Stalled,
    CutShort,
    BadBody,
    ServerError,
    BadRequest,
    NotAccepted,
    Conflict,
    ContinuationLost,
    ForeignLink,
    Redirected,
    PricingDenied,
    GraphDenied,
    NoPriceSheet,
    RepeatedPage,
}

impl ApiError {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::BadOption { .. } => ErrorKind::BadOption,
            Self::TokenRejected { .. } => ErrorKind::TokenRejected,
            Self::TokenNotKept { .. } => ErrorKind::TokenNotKept,
            Self::CodeSpent { .. } => ErrorKind::CodeSpent,
            Self::NoRefreshToken { .. } => ErrorKind::NoRefreshToken,
            Self::NotSignedIn { .. } => ErrorKind::NotSignedIn,
            Self::MfaMissing { .. } => ErrorKind::MfaMissing,
            Self::Forbidden { .. } => ErrorKind::Forbidden,
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::Throttled { .. } => ErrorKind::Throttled,
            Self::NetworkDown { .. } => ErrorKind::NetworkDown,
            Self::Stalled { .. } => ErrorKind::Stalled,
            Self::CutShort { .. } => ErrorKind::CutShort,
            Self::BadBody { .. } => ErrorKind::BadBody,
            Self::ServerError { .. } => ErrorKind::ServerError,
            Self::BadRequest { .. } => ErrorKind::BadRequest,
            Self::NotAccepted { .. } => ErrorKind::NotAccepted,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::ContinuationLost { .. } => ErrorKind::ContinuationLost,
            Self::ForeignLink { .. } => ErrorKind::ForeignLink,
            Self::Redirected { .. } => ErrorKind::Redirected,
            Self::PricingDenied { .. } => ErrorKind::PricingDenied,
            Self::GraphDenied { .. } => ErrorKind::GraphDenied,
            Self::NoPriceSheet { .. } => ErrorKind::NoPriceSheet,
            Self::RepeatedPage { .. } => ErrorKind::RepeatedPage,
        }
    }

    /// The call that failed; none for an option that was refused before any call.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::BadOption { .. } => None,
            Self::TokenRejected { call, .. }
            | Self::TokenNotKept { call, .. }
            | Self::CodeSpent { call, .. }
            | Self::NoRefreshToken { call }
            | Self::NotSignedIn { call, .. }
            | Self::MfaMissing { call, .. }
            | Self::Forbidden { call, .. }
            | Self::NotFound { call, .. }
            | Self::Throttled { call, .. }
            | Self::NetworkDown { call, .. }
            | Self::Stalled { call, .. }
            | Self::CutShort { call, .. }
            | Self::BadBody { call, .. }
            | Self::ServerError { call, .. }
            | Self::BadRequest { call, .. }
            | Self::NotAccepted { call, .. }
            | Self::Conflict { call, .. }
            | Self::ContinuationLost { call, .. }
            | Self::ForeignLink { call, .. }
            | Self::Redirected { call, .. }
            | Self::PricingDenied { call, .. }
            | Self::GraphDenied { call, .. }
            | Self::NoPriceSheet { call, .. }
            | Self::RepeatedPage { call, .. } => Some(call),
        }
    }

    /// Whether the same may well succeed later, with nothing changed here.
    #[must_use]
    pub fn is_worth_retrying_later(&self) -> bool {
        match self {
            Self::TokenNotKept { passes, .. } => *passes,
            _ => matches!(
                self.kind(),
                ErrorKind::Throttled
                    | ErrorKind::NetworkDown
                    | ErrorKind::Stalled
                    | ErrorKind::CutShort
                    | ErrorKind::ServerError
                    | ErrorKind::Conflict
                    | ErrorKind::ContinuationLost
            ),
        }
    }

    /// Whether every other call would fail in the same way, so that a pull should stop instead of failing customer by customer.
    #[must_use]
    pub fn concerns_everything(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::BadOption
                | ErrorKind::TokenRejected
                | ErrorKind::TokenNotKept
                | ErrorKind::NotSignedIn
                | ErrorKind::MfaMissing
                | ErrorKind::NetworkDown
        ) || self.call().is_some_and(|call| call.service == Service::Login)
    }
}
