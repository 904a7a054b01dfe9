//! Customers: the list, which is thin, and one customer whole
//! (<https://learn.microsoft.com/partner-center/developer/get-a-list-of-customers>,
//! <https://learn.microsoft.com/partner-center/developer/get-a-customer-by-id>).

use serde_json::Value;

use super::call::{Call, Operation};
use super::error::ApiError;
use super::http::{Document, Http, Target};
use super::json::Fields;
use super::paging::{Circle, NextPage, OddItem, Page, read_items};
use crate::domain::customer::{Customer, CustomerDetails};
use crate::domain::ids::CustomerId;

/// One page of the list of customers.
#[derive(Debug, Clone, Default)]
pub struct CustomersPage {
    /// Those that could be read, without details.
    pub customers: Vec<Customer>,
    /// What was odd.
    pub odd: Vec<OddItem>,
    /// Where the list goes on; none at its end.
    pub next: Option<NextPage>,
    /// The call that brought the page, for an error about it.
    pub call: Call,
}

/// Notices a list of customers that goes round in a circle: a page whose customers all came before, or that leads back to one.
///
/// After [`ErrorKind::ContinuationLost`](super::ErrorKind::ContinuationLost) the list starts anew, and so must its guard.
#[derive(Debug, Clone, Default)]
pub struct RepeatGuard(Circle<CustomerId>);

impl RepeatGuard {
    /// A guard that knows the customers of the pages that were already taken.
    pub fn new<'a>(seen: impl Iterator<Item = &'a CustomerId>) -> Self {
        Self(Circle::after(seen.cloned()))
    }

    /// Takes a page; returns how many of its customers are new.
    ///
    /// # Errors
    /// [`ApiError::RepeatedPage`] when the page brings nothing that was not there before.
    pub fn admit(&mut self, page: &CustomersPage) -> Result<usize, ApiError> {
        let ids = page.customers.iter().map(|customer| customer.id.clone());
        self.0.admit(ids, page.next.as_ref(), &page.call)
    }
}

/// The first page, or the one that `from` leads to.
pub(super) async fn page(http: &Http, from: Option<&NextPage>) -> Result<CustomersPage, ApiError> {
    let operation = Operation::new("the list of customers");
    let refused = |reason, call| ApiError::ForeignLink { call: Box::new(call), reason };
    let target = match from {
        Some(next) => next.target(&http.base).map_err(|reason| refused(reason, Call::default()))?,
        None => {
            let mut url = http.base.resource(&["customers"]);
            url.query_pairs_mut().append_pair("size", &http.page_size.to_string());
            Target { url, continuation: None }
        }
    };
    let page = Page::read(http.get(&operation, &target).await?, &http.base)?;
    if page.next.is_some() && page.next.as_ref() == from {
        let reason = "it leads to itself".to_owned();
        return Err(ApiError::RepeatedPage { call: Box::new(page.call), reason });
    }
    let (customers, odd) = read_list(&page.items);
    Ok(CustomersPage { customers, odd, next: page.next, call: page.call })
}

/// Whether there is any customer, by a page of one.
pub(super) async fn probe(http: &Http) -> Result<bool, ApiError> {
    let mut url = http.base.resource(&["customers"]);
    url.query_pairs_mut().append_pair("size", "1");
    let target = Target { url, continuation: None };
    let document = http.get(&Operation::new("the list of customers"), &target).await?;
    Ok(!Page::read(document, &http.base)?.items.is_empty())
}

/// All that Microsoft tells of one customer.
pub(super) async fn details(http: &Http, id: &CustomerId) -> Result<CustomerDetails, ApiError> {
    let operation = Operation::new(&format!("customer {id}"));
    let target = Target { url: http.base.resource(&["customers", id.as_str()]), continuation: None };
    let Document { value, call } = http.get(&operation, &target).await?;
    read_details(&value, id).map_err(|reason| ApiError::BadBody { call: Box::new(call), reason })
}

pub(super) fn read_list(items: &[Value]) -> (Vec<Customer>, Vec<OddItem>) {
    read_items(items, |item, _| read_customer(item), |customer| customer.id.clone())
}

fn read_customer(item: Fields<'_>) -> Result<Customer, String> {
    let profile = item.object("companyProfile");
    let of_profile = |name| profile.and_then(|profile| profile.text(name));
    Ok(Customer {
        id: id_of(item)?,
        name: of_profile("companyName").unwrap_or_default(),
        domain: of_profile("domain").unwrap_or_default(),
        relationship: item.text("relationshipToPartner"),
        details: None,
        mpn_id: None,
    })
}

fn id_of(item: Fields<'_>) -> Result<CustomerId, String> {
    let tenant = || item.object("companyProfile")?.text("tenantId");
    let id = item.text("id").or_else(tenant).ok_or("it has no id")?;
    let id = CustomerId::parse(&id).map_err(|error| error.to_string())?;
    // In an address these two mean another resource.
    if matches!(id.as_str(), "." | "..") { Err(format!("\"{id}\" is no id")) } else { Ok(id) }
}

pub(super) fn read_details(value: &Value, id: &CustomerId) -> Result<CustomerDetails, String> {
    let customer = Fields::of(value).ok_or("JSON that is no object")?;
    if id_of(customer).as_ref() != Ok(id) {
        return Err("another customer than the one asked for".to_owned());
    }
    let (company, billing) = (customer.object("companyProfile"), customer.object("billingProfile"));
    let (of_company, of_billing) =
        (|name| company.and_then(|c| c.text(name)), |name| billing.and_then(|b| b.text(name)));
    let addresses =
        [billing.and_then(|b| b.object("defaultAddress")), company.and_then(|c| c.object("address"))];
    let of_address = |name| addresses.iter().flatten().find_map(|address| address.text(name));
    Ok(CustomerDetails {
        email: of_billing("email").or_else(|| of_company("email")),
        country: of_address("country").map(|country| country.to_uppercase()),
        city: of_address("city"),
        culture: of_billing("culture"),
        registration_number: of_company("organizationRegistrationNumber"),
    })
}
