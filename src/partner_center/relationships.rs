//! Who stands between the partner and a customer
//! (<https://learn.microsoft.com/partner-center/developer/get-indirect-resellers-of-a-customer>).

use serde_json::Value;

use super::call::Operation;
use super::error::ApiError;
use super::http::Http;
use super::json::Fields;
use super::paging::{read_all, read_items};
use crate::domain::ids::CustomerId;

/// An indirect reseller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reseller {
    /// The reseller's tenant, in lower case.
    pub id: String,
    /// Its name, as it came.
    pub name: String,
    /// Its MPN ID ("partner ID" in the portal).
    pub mpn_id: Option<String>,
    /// `Active`, … as it came; a customer's relationships often come without.
    pub state: Option<String>,
}

/// The resellers of a customer; what can't be read among them is left out.
pub(super) async fn resellers_of(http: &Http, id: &CustomerId) -> Result<Vec<Reseller>, ApiError> {
    let operation = Operation::new(&format!("the resellers of customer {id}"));
    let url = http.base.resource(&["customers", id.as_str(), "relationships"]);
    Ok(read_list(&read_all(http, &operation, url).await?))
}

pub(super) fn read_list(items: &[Value]) -> Vec<Reseller> {
    let (resellers, odd) = read_items(items, |item, _| read_one(item), |reseller| reseller.id.clone());
    for item in odd {
        tracing::debug!(item.position, item.reason, "odd reseller");
    }
    resellers
}

fn read_one(item: Fields<'_>) -> Result<Reseller, String> {
    Ok(Reseller {
        id: item.text("id").ok_or("it has no id")?.to_lowercase(),
        name: item.text("name").unwrap_or_default(),
        mpn_id: item.text("mpnId"),
        state: item.text("state"),
    })
}
