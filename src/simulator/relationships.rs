//! An indirect provider's resellers, and which customer is whose.

use super::answers::{self, Refusal};
use super::caller::{Caller, user_only};
use super::customer_ids;
use super::form::Fields;
use super::names;
use super::random::{Purpose, guid, stream};
use super::{Shared, Tier};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

const RESELLERS: u32 = 12;
const NAMES: [&str; RESELLERS as usize] = [
    "Blue Yonder IT",
    "Adatum Managed Services",
    "Wide World Cloud",
    "Systemhaus Lütjens",
    "Alpine Ski & IT",
    "Coho Netzwerke",
    "Réseaux Margie",
    "株式会社トレイクラウド",
    "Лукерн Клауд",
    "الشبكات المتحدة",
    "Woodgrove Informática",
    "Humongous Hosting",
];

/// A reseller of the partner.
pub(super) struct Reseller {
    pub id: Uuid,
    pub name: String,
    /// Seven digits.
    pub mpn_id: String,
    country: &'static str,
}

/// All resellers; none for a direct partner.
pub(super) fn resellers(shared: &Shared) -> Vec<Reseller> {
    match shared.tier {
        Tier::Direct => Vec::new(),
        Tier::Indirect => (0..RESELLERS).map(|index| reseller(shared, index)).collect(),
    }
}

/// The reseller of the customer with this index; none for a direct partner.
pub(super) fn reseller_of(shared: &Shared, customer: u32) -> Option<Reseller> {
    let index = || stream(shared.seed, Purpose::ResellerOfCustomer, customer).u32(..RESELLERS);
    (shared.tier == Tier::Indirect).then(|| reseller(shared, index()))
}

fn reseller(shared: &Shared, index: u32) -> Reseller {
    let mut rng = stream(shared.seed, Purpose::Reseller, index);
    let name = NAMES[index as usize];
    Reseller {
        id: guid(&mut rng),
        name: if shared.faults().hostile_names { names::hostile(index, name) } else { name.to_owned() },
        // The index keeps them apart.
        mpn_id: format!("5{:04}{index:02}", rng.u32(..10_000)),
        country: names::company(shared.seed, index).locale.country,
    }
}

/// `GET /v1/relationships`
pub(super) async fn of_partner(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Refusal> {
    user_only(caller)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let items = match fields.get("relationship_type") {
        Some("IsIndirectCloudSolutionProviderOf") => resellers(&shared)
            .into_iter()
            .map(|reseller| {
                let mut item = relationship(&reseller);
                item["state"] = json!("Active");
                item["location"] = json!(reseller.country);
                item
            })
            .collect(),
        Some("IsIndirectResellerOf") => Vec::new(),
        _ => {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                2001,
                "The parameter relationship_type is missing or not valid.",
            ));
        }
    };
    Ok(answers::json(StatusCode::OK, &answers::collection(items, None)))
}

/// `GET /v1/customers/{id}/relationships`
pub(super) async fn of_customer(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    user_only(caller)?;
    let index = customer_ids::index_of(&shared, &id)?;
    let reseller = reseller_of(&shared, index);
    let items = reseller.iter().map(relationship).collect();
    Ok(answers::json(StatusCode::OK, &answers::collection(items, None)))
}

fn relationship(reseller: &Reseller) -> Value {
    json!({
        "id": reseller.id.to_string(),
        "name": reseller.name,
        "relationshipType": "is_indirect_cloud_solution_provider_of",
        "mpnId": reseller.mpn_id,
        "attributes": { "objectType": "PartnerRelationship" },
    })
}
