//! Customers: the list, page by page, and a single one.

use super::answers::{self, Refusal};
use super::caller::{Caller, user_only};
use super::customer_ids;
use super::faults::Faults;
use super::form::Fields;
use super::names::{self, Company};
use super::random::{Purpose, chance, guid, hex, stream};
use super::relationships;
use super::{Shared, Tier};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

const DEFAULT_PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 500;
const CONTINUATION: &str = "MS-ContinuationToken";

/// The company behind a customer, with whatever the faults make of its name.
pub(super) fn company(shared: &Shared, faults: &Faults, index: u32) -> Company {
    let mut company = names::company(shared.seed, index);
    if faults.hostile_names {
        company.name = names::hostile(index, &company.name);
    }
    company
}

// As somebody is refused who may sign in, but not read customers.
fn check_rights(shared: &Shared) -> Result<(), Refusal> {
    if shared.faults().deny_customers {
        let description = "The caller has insufficient privileges to read customers.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, 900_308, description));
    }
    Ok(())
}

/// `GET /v1/customers/{id}`
pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    _caller: Caller,
) -> Result<Response, Refusal> {
    check_rights(&shared)?;
    let index = customer_ids::index_of(&shared, &id)?;
    let body = full(&shared, &shared.faults(), index);
    Ok(answers::json(StatusCode::OK, &body))
}

/// `GET /v1/customers`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    caller: Caller,
) -> Result<Response, Refusal> {
    check_rights(&shared)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let page = Page::of(&fields, &headers)
        .map_err(|description| Refusal::new(StatusCode::BAD_REQUEST, 2000, &description))?;
    if let Some(Filter::Reseller(_)) = page.filter {
        user_only(caller)?;
    }
    Ok(answers::json(StatusCode::OK, &page.answer(&shared)))
}

/// What a request for a page asks for.
struct Page {
    size: u32,
    /// The index of the first customer that may be on it.
    start: u32,
    filter: Option<Filter>,
    /// The filter as the next link repeats it.
    filter_text: Option<String>,
}

enum Filter {
    CompanyName(String),
    Domain(String),
    Reseller(Uuid),
}

impl Page {
    fn of(fields: &Fields, headers: &HeaderMap) -> Result<Page, String> {
        let size = match fields.get("size") {
            None => DEFAULT_PAGE,
            Some(text) => match text.parse() {
                Ok(0) => DEFAULT_PAGE,
                Ok(size) => LARGEST_PAGE.min(size),
                Err(_) => return Err(format!("The value '{text}' is not valid for size.")),
            },
        };
        // The token alone decides: seekOperation=Next without it is the first page again.
        let start = match headers.get(CONTINUATION) {
            None => 0,
            Some(token) => {
                let token = token.to_str().unwrap_or_default();
                read_token(token).ok_or("The continuation token is not valid.")?
            }
        };
        let filter_text = fields.get("filter").map(str::to_owned);
        let filter = filter_text.as_deref().map(Filter::parse).transpose()?;
        Ok(Page { size, start, filter, filter_text })
    }

    fn answer(&self, shared: &Shared) -> Value {
        let faults = shared.faults();
        let mut found = (self.start..shared.customers)
            .filter(|&index| self.filter.as_ref().is_none_or(|filter| filter.matches(shared, index)));
        let mut items: Vec<Value> =
            found.by_ref().take(self.size as usize).map(|index| thin(shared, &faults, index)).collect();
        let mut next = found.next();
        if faults.repeat_page && self.start > 0 {
            next = Some(self.start);
        }
        if faults.unknown_values && self.start == 0 {
            items.push(json!("this is not a customer"));
        }
        let mut body = answers::collection(items, Some(self.links(next)));
        if faults.absurd_total {
            body["totalCount"] = if self.start == 0 { json!(u64::MAX) } else { json!(-1) };
        }
        body
    }

    fn links(&self, next: Option<u32>) -> Value {
        let size = self.size;
        let mut query = format!("size={size}");
        if let Some(filter) = &self.filter_text {
            let encoded: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
            query.push_str("&filter=");
            query.push_str(&encoded);
        }
        let mut links = json!({ "self": answers::link(&format!("/customers?{query}")) });
        if let Some(start) = next {
            links["next"] = json!({
                "uri": format!("/customers?{query}&seekOperation=Next"),
                "method": "GET",
                "headers": [{ "key": CONTINUATION, "value": make_token(start) }],
            });
        }
        links
    }
}

fn make_token(start: u32) -> String {
    STANDARD.encode(format!("[0,\"customers\",{start},0]#seek"))
}

fn read_token(token: &str) -> Option<u32> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    text.strip_prefix("[0,\"customers\",")?.strip_suffix(",0]#seek")?.parse().ok()
}

impl Filter {
    fn parse(text: &str) -> Result<Filter, String> {
        let wrong = || "The filter is not valid.".to_owned();
        let json: Value = serde_json::from_str(text).map_err(|_| wrong())?;
        let field = |name: &str| json[name].as_str().ok_or_else(wrong);
        if field("Operator")? != "starts_with" {
            return Err("The filter's operator is not supported.".to_owned());
        }
        let value = field("Value")?.to_lowercase();
        match field("Field")? {
            "CompanyName" => Ok(Filter::CompanyName(value)),
            "Domain" => Ok(Filter::Domain(value)),
            "IndirectReseller" => {
                let id = Uuid::parse_str(&value).map_err(|_| wrong())?;
                Ok(Filter::Reseller(id))
            }
            _ => Err("The filter's field is not supported.".to_owned()),
        }
    }

    fn matches(&self, shared: &Shared, index: u32) -> bool {
        let starts = |text: &str, value: &str| text.to_lowercase().starts_with(value);
        match self {
            Filter::CompanyName(value) => starts(&names::company(shared.seed, index).name, value),
            Filter::Domain(value) => starts(&names::company(shared.seed, index).domain, value),
            Filter::Reseller(id) => {
                relationships::reseller_of(shared, index).is_some_and(|reseller| reseller.id == *id)
            }
        }
    }
}

fn company_profile(id: &str, company: &Company) -> Value {
    json!({
        "tenantId": id,
        "domain": company.domain,
        "companyName": company.name,
        "links": { "self": answers::link(&format!("/customers/{id}/profiles/company")) },
        "attributes": { "objectType": "CustomerCompanyProfile" },
    })
}

// What the list says of a customer.
fn thin(shared: &Shared, faults: &Faults, index: u32) -> Value {
    let id = customer_ids::id(shared.seed, index).to_string();
    let company = company(shared, faults, index);
    let mut customer = json!({
        "id": id,
        "companyProfile": company_profile(&id, &company),
        "relationshipToPartner": "reseller",
        "links": { "self": answers::link(&format!("/customers/{id}")) },
        "attributes": { "objectType": "Customer" },
    });
    if faults.unknown_values && index % 7 == 3 {
        customer["relationshipToPartner"] = json!("guardian");
        customer["riskScore"] = json!({ "value": 0.25, "band": ["low", null] });
    }
    customer
}

// What a single customer says of itself.
fn full(shared: &Shared, faults: &Faults, index: u32) -> Value {
    let mut rng = stream(shared.seed, Purpose::BillingProfile, index);
    let company = company(shared, faults, index);
    let locale = company.locale;
    let mut customer = thin(shared, faults, index);
    let id = customer["id"].as_str().unwrap_or_default().to_owned();

    let commerce_id = guid(&mut rng).to_string();
    // An id of the billing system, which writes some in upper case.
    customer["commerceId"] =
        json!(if chance(&mut rng, 30) { commerce_id.to_uppercase() } else { commerce_id });
    let address = names::address(&mut rng, locale);
    let (given_name, family_name) = names::person(&mut rng, locale);
    let own_domain = company.domain.replace(".onmicrosoft.com", ".example");
    let email = format!("it@{own_domain}");
    let mut billing_address = address.clone();
    billing_address["firstName"] = json!(given_name);
    billing_address["lastName"] = json!(family_name);
    customer["billingProfile"] = json!({
        "id": guid(&mut rng).to_string(),
        "firstName": given_name,
        "lastName": family_name,
        "email": email,
        "culture": locale.culture,
        "language": locale.language,
        "companyName": company.name,
        "defaultAddress": billing_address,
        "links": { "self": answers::link(&format!("/customers/{id}/profiles/billing")) },
        "attributes": {
            "etag": rng.i64(..).to_string(),
            "objectType": "CustomerBillingProfile",
        },
    });
    // Only with delegated rights in the customer's tenant can the partner see more of it.
    let delegated = chance(&mut rng, 70);
    customer["allowDelegatedAccess"] = json!(delegated);
    if delegated {
        customer["companyProfile"]["address"] = address;
        customer["companyProfile"]["email"] = json!(email);
        customer["customDomains"] = json!([own_domain, company.domain]);
    }
    if chance(&mut rng, 40) {
        let number = format!("{}-{}", locale.country, hex(&mut rng, 7).to_uppercase());
        customer["companyProfile"]["organizationRegistrationNumber"] = json!(number);
    }
    if shared.tier == Tier::Indirect
        && let Some(reseller) = relationships::reseller_of(shared, index)
    {
        customer["associatedPartnerId"] = json!(reseller.id.to_string());
    }
    customer
}
