//! The pricing API: `GET /v1.0/sales/{resource}/$value`, where the resource is written as a function call:
//! `pricesheets(Market='US',PricesheetView='updatedlicensebased')`, `offermatrix(Month='202611')`.
//!
//! Its sheets follow from the catalogue, the seed and the month.

mod access;
mod azure;
mod change;
mod file;
mod licences;
mod market;
mod matrix;
mod month;
mod product;
mod software;
mod unit;

pub use market::{SheetCurrency, sheet_currencies};
pub use unit::unit_price;

use super::Shared;
use super::form::Fields;
use access::Refusal;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use file::Table;
use market::Market;
use month::{CURRENT, FIRST, FIRST_COMPRESSED, Month};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Where this API begins.
pub(super) const ROOT: &str = "/v1.0/";

/// `GET /v1.0/sales/{resource}/$value`
pub(super) async fn value(
    State(shared): State<Arc<Shared>>,
    Path(resource): Path<String>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let answer = access::check(&shared, &parts).and_then(|()| {
        let query = Fields::parse(parts.uri.query().unwrap_or_default().to_ascii_lowercase().as_bytes());
        let sheet = find(shared.seed, &resource, &query)?;
        answer(&sheet, wants_zip(&parts.headers)).map_err(|error| {
            tracing::warn!(%error, "the simulator's price sheet could not be written");
            Refusal::failed()
        })
    });
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    if let Some(id) = parts.headers.get("client-request-id") {
        response.headers_mut().insert("client-request-id", id.clone());
    }
    response
}

/// The answer of this API when it fails.
pub(super) fn failure() -> Response {
    Refusal::failed().into_response()
}

/// What was asked for.
struct Sheet {
    name: String,
    month: Month,
    table: Table,
}

fn find(seed: u64, resource: &str, query: &Fields) -> Result<Sheet, Refusal> {
    let unknown = || Refusal::not_found("The requested resource was not found.", "sales");
    let (name, arguments) = call(resource).ok_or_else(unknown)?;
    let argument = |name: &str| {
        arguments.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    };
    match name {
        "pricesheets" => {
            let market = argument("Market")
                .ok_or_else(|| Refusal::invalid("The parameter Market is missing.", "Market"))?;
            let view = argument("PricesheetView").ok_or_else(|| {
                Refusal::invalid("The parameter PricesheetView is missing.", "PricesheetView")
            })?;
            price_sheet(seed, market, view, query)
        }
        "offermatrix" => {
            let month = known_month(argument("Month"))?;
            let table = matrix::table(seed, month);
            Ok(Sheet { name: format!("offermatrix_{month}.csv"), month, table })
        }
        _ => Err(unknown()),
    }
}

/// Takes `name(Key='value',..)` apart.
fn call(resource: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let (name, rest) = resource.split_once('(')?;
    let arguments = rest.strip_suffix(')')?.split(',').map(|argument| {
        let (key, value) = argument.split_once('=')?;
        Some((key.trim(), value.trim().strip_prefix('\'')?.strip_suffix('\'')?))
    });
    Some((name, arguments.collect::<Option<_>>()?))
}

fn price_sheet(seed: u64, market: &str, view: &str, query: &Fields) -> Result<Sheet, Refusal> {
    let market = Market::find(market)
        .ok_or_else(|| Refusal::not_found("There is no price sheet for this market.", "Market"))?;
    let timeline = query.get("timeline").unwrap_or("current");
    let month = match timeline {
        "current" | "future" => CURRENT,
        "history" => known_month(query.get("month"))?,
        _ => return Err(Refusal::invalid("The timeline is not valid.", "timeline")),
    };
    let is_preview = timeline == "future";
    let table = match view {
        "updatedlicensebased" if is_preview => licences::preview(seed, &market, month),
        "updatedlicensebased" => licences::sheet(seed, &market, month),
        "azure_consumption" | "software" | "azure_reservations" | "marketplace" if is_preview => {
            return Err(Refusal::not_found("This view has no preview.", "timeline"));
        }
        "azure_consumption" => azure::sheet(&market, month),
        "software" => software::sheet(&market, month),
        "azure_reservations" | "marketplace" => {
            return Err(Refusal::not_found("There is no price sheet for this view.", "PricesheetView"));
        }
        _ => return Err(Refusal::invalid("The PricesheetView is not valid.", "PricesheetView")),
    };
    let month = if is_preview { month.next() } else { month };
    Ok(Sheet { name: format!("{}_{view}_{month}.csv", market.code), month, table })
}

fn known_month(text: Option<&str>) -> Result<Month, Refusal> {
    let month = text
        .and_then(Month::parse)
        .ok_or_else(|| Refusal::invalid("The month must be given as YYYYMM.", "month"))?;
    if (FIRST..=CURRENT).contains(&month) {
        Ok(month)
    } else {
        Err(Refusal::not_found("There is no price sheet for this month.", "month"))
    }
}

// The name is that of HTTP's own compression, but what comes is an archive.
fn wants_zip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split(',').any(|coding| coding.trim() == "deflate"))
}

fn answer(sheet: &Sheet, wants_zip: bool) -> Result<Response, std::io::Error> {
    let csv = sheet.table.to_csv()?;
    let digest: String = Sha256::digest(&csv).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let is_zip = wants_zip && sheet.month >= FIRST_COMPRESSED;
    let body = if is_zip { file::zipped(&sheet.name, &csv)? } else { csv };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=pricesheet"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    if let Ok(etag) = HeaderValue::try_from(format!("\"{digest}\"")) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_function_calls() {
        let (name, arguments) = call("pricesheets(Market='ad',PricesheetView='software')").unwrap();
        assert_eq!(
            (name, arguments),
            ("pricesheets", vec![("Market", "ad"), ("PricesheetView", "software")])
        );
        for bad in ["pricesheets", "pricesheets()", "pricesheets(Market=ad)", "pricesheets(Market='ad'"] {
            assert!(call(bad).is_none(), "{bad}");
        }
    }
}
