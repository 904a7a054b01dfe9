//! The client for Partner Center: sign-in, throttle, retries, paging, and lenient reading of what comes. One file for each
//! resource. It knows neither store nor screen, and reads no configuration.

mod aadsts;
mod application_consents;
mod base;
mod billing;
mod body;
mod call;
mod claims;
pub mod consent;
mod customers;
mod error;
mod http;
mod json;
mod key_vault;
mod login;
mod options;
mod paging;
mod price_sheets;
mod profiles;
mod refusal;
mod relationships;
mod retry;
mod scrub;
mod sign_in;
mod subscriptions;
#[cfg(test)]
mod tests;
mod throttle;
mod timeouts;
mod token;
mod transport;
mod write;

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;
use uuid::Uuid;

pub use application_consents::{ApplicationConsent, Given};
pub use call::{Call, Service};
pub use claims::Claims;
pub use customers::{CustomersPage, RepeatGuard};
pub use error::{ApiError, ErrorKind};
pub use key_vault::{Access, DeletedInfo, KeyVault, KeyVaultOptions, VaultError, VaultSecret, VersionInfo};
pub use options::{KeepToken, NotKept, Options, TokenKeeper};
pub use paging::{NextPage, OddItem};
pub use price_sheets::{BadMarket, BadMonth, Edition, Market, Month, PriceSheetFile, SheetOrder, SheetView};
pub use profiles::Organization;
pub use refusal::Refusal;
pub use relationships::Reseller;
pub use subscriptions::Subscriptions;
pub use throttle::Pause;
pub use timeouts::Timeouts;
pub use transport::Received;

use crate::domain::customer::CustomerDetails;
use crate::domain::ids::CustomerId;

/// Partner Center, signed in as one partner. Cheap to clone; all clones share sign-in, throttle and connections.
///
/// Every call retries what may pass by itself, and fails with an [`ApiError`].
#[derive(Clone)]
pub struct PartnerCenter(Arc<http::Http>);

impl PartnerCenter {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ApiError::BadOption`].
    pub fn new(options: Options, keep: KeepToken) -> Result<Self, ApiError> {
        http::Http::new(&options, keep).map(|http| Self(Arc::new(http)))
    }

    /// One page of the list of customers: the first, or the one that the page before leads to.
    ///
    /// # Errors
    /// [`ApiError::ContinuationLost`] when the list must start anew, or any other.
    pub async fn customers_page(&self, from: Option<&NextPage>) -> Result<CustomersPage, ApiError> {
        customers::page(&self.0, from).await
    }

    /// What only the call for one customer tells.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] when the customer is gone, or any other.
    pub async fn customer_details(&self, id: &CustomerId) -> Result<CustomerDetails, ApiError> {
        customers::details(&self.0, id).await
    }

    /// All subscriptions of a customer, deleted and expired ones included.
    ///
    /// # Errors
    /// Any; one customer's failure says nothing about the others unless [`ApiError::concerns_everything`].
    pub async fn subscriptions(&self, id: &CustomerId) -> Result<Subscriptions, ApiError> {
        subscriptions::of(&self.0, id).await
    }

    /// The indirect resellers of a customer; empty where the partner sells directly.
    ///
    /// # Errors
    /// Any.
    pub async fn resellers_of(&self, id: &CustomerId) -> Result<Vec<Reseller>, ApiError> {
        relationships::resellers_of(&self.0, id).await
    }

    /// The partner's own organisation, and whether Partner Center takes the sign-in for one with multi-factor authentication.
    ///
    /// # Errors
    /// Any.
    pub async fn organization(&self) -> Result<Organization, ApiError> {
        profiles::organization(&self.0).await
    }

    /// Signs in by an exchange of the refresh token, whatever is at hand, and stores the new one. Calls nothing else.
    ///
    /// # Errors
    /// [`ApiError::TokenRejected`], or any other of a sign-in.
    pub async fn sign_in(&self) -> Result<(), ApiError> {
        self.0.sign_in().await
    }

    /// What the access token for Partner Center says of the user and how they signed in, for display and diagnosis.
    ///
    /// # Errors
    /// Any of a sign-in.
    pub async fn claims(&self) -> Result<Claims, ApiError> {
        self.0.claims().await
    }

    /// Whether the partner has any customer. Proves that the list of customers can be read, by a page of one.
    ///
    /// # Errors
    /// Any.
    pub async fn probe_customers(&self) -> Result<bool, ApiError> {
        customers::probe(&self.0).await
    }

    /// Proves that price sheets can be had. A token for the pricing API proves the consent alone; the role of the user (Admin
    /// Agent or Sales Agent) is known once a sheet begins to arrive. No more than its first bytes are taken.
    ///
    /// # Errors
    /// [`ApiError::PricingDenied`] where user or consent do not suffice, or any other.
    pub async fn probe_pricing(&self) -> Result<(), ApiError> {
        price_sheets::probe(&self.0).await
    }

    /// Proves that the billing exports of Microsoft Graph can be asked for: the token, and `PartnerBilling.Read.All` with it.
    /// Nothing is exported. Graph has these in the global cloud only.
    ///
    /// # Errors
    /// [`ApiError::GraphDenied`] where permission or consent do not suffice, or any other.
    pub async fn probe_graph_billing(&self) -> Result<(), ApiError> {
        billing::probe(&self.0).await
    }

    /// A price sheet as Microsoft has it, not unpacked. `heard` is told of each part that arrives, on a task of the runtime: it
    /// must not block.
    ///
    /// # Errors
    /// [`ApiError::PricingDenied`] where user or consent do not suffice, [`ApiError::NoPriceSheet`] where there is none, or
    /// any other.
    pub async fn price_sheet(
        &self,
        order: &SheetOrder,
        heard: &(dyn Fn(Received) + Send + Sync),
    ) -> Result<PriceSheetFile, ApiError> {
        price_sheets::fetch(&self.0, order, heard).await
    }

    /// Consents to an app in the tenant of a customer. All attempts at it count as one.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] where the user may not do so for this customer, [`ApiError::NotAccepted`] where app or permissions
    /// are wrong, or any other.
    pub async fn give_application_consent(
        &self,
        customer: &CustomerId,
        consent: &ApplicationConsent,
    ) -> Result<Given, ApiError> {
        application_consents::give(&self.0, customer, consent).await
    }

    /// Takes the consent to an app away from the tenant of a customer; tells whether there was one.
    ///
    /// # Errors
    /// As for giving it.
    pub async fn remove_application_consent(
        &self,
        customer: &CustomerId,
        application_id: Uuid,
    ) -> Result<bool, ApiError> {
        application_consents::remove(&self.0, customer, application_id).await
    }

    /// Requests sent to Partner Center so far. Each attempt counts; sign-ins do not.
    #[must_use]
    pub fn requests_made(&self) -> u64 {
        self.0.sent()
    }

    /// Tells when Microsoft makes this client wait, and how long: `Some` while it does.
    #[must_use]
    pub fn pauses(&self) -> watch::Receiver<Option<Pause>> {
        self.0.throttle.pauses()
    }

    /// The requests in a minute that this client allows itself, while they are what slows it.
    #[must_use]
    pub fn held_at(&self) -> Option<u32> {
        self.0.throttle.held_at()
    }
}

impl fmt::Debug for PartnerCenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartnerCenter").field("host", &self.0.base.host()).finish_non_exhaustive()
    }
}
