//! The consent to an app in a customer's tenant, given by the partner.

use super::answers::{self, Refusal};
use super::caller::{Caller, user_only};
use super::customer_ids;
use super::{Shared, locked};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// `POST /v1/customers/{id}/applicationconsents`
pub(super) async fn give(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Refusal> {
    let customer = customer(&shared, &id, caller)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let app = app_of(&body).map_err(|wrong| {
        Refusal::new(StatusCode::BAD_REQUEST, 2000, &format!("The application consent is not valid: {wrong}"))
    })?;
    if !locked(&shared.consents).insert((customer, app)) {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            2000,
            "Permission entry already exists for the application in the customer tenant.",
        ));
    }
    Ok(answers::json(StatusCode::CREATED, &body))
}

/// `DELETE /v1/customers/{id}/applicationconsents/{app}`
pub(super) async fn take_back(
    State(shared): State<Arc<Shared>>,
    Path((id, app)): Path<(String, String)>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let customer = customer(&shared, &id, caller)?;
    let app = Uuid::parse_str(&app).map_err(|_| {
        Refusal::new(StatusCode::BAD_REQUEST, 2000, "The application id is not a valid GUID.")
    })?;
    if locked(&shared.consents).remove(&(customer, app)) {
        Ok(answers::empty(StatusCode::NO_CONTENT))
    } else {
        Err(Refusal::new(StatusCode::NOT_FOUND, 2000, "The application consent was not found."))
    }
}

// The customer in whose tenant the partner, on behalf of a user, may act.
fn customer(shared: &Shared, id: &str, caller: Caller) -> Result<Uuid, Refusal> {
    user_only(caller)?;
    let index = customer_ids::index_of(shared, id)?;
    if !shared.faults().fail_customers.contains(&index) {
        return Ok(customer_ids::id(shared.seed, index));
    }
    Err(if index.is_multiple_of(2) {
        Refusal::new(
            StatusCode::FORBIDDEN,
            900_308,
            "The caller has no delegated admin privileges (GDAP) in the customer tenant.",
        )
    } else {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, 5000, "The application consent could not be changed.")
    })
}

// The app that a well-formed body is about; else what is wrong with it.
fn app_of(body: &Value) -> Result<Uuid, &'static str> {
    let guid = |value: &Value| value.as_str().and_then(|text| Uuid::parse_str(text).ok());
    let app = guid(&body["applicationId"]).ok_or("applicationId must be a GUID.")?;
    if body["displayName"].as_str().is_none_or(str::is_empty) {
        return Err("displayName is missing.");
    }
    let grants = body["applicationGrants"].as_array().filter(|grants| !grants.is_empty());
    for grant in grants.ok_or("applicationGrants is missing.")? {
        guid(&grant["enterpriseApplicationId"]).ok_or("enterpriseApplicationId must be a GUID.")?;
        let scopes = grant["scope"].as_str().ok_or("scope is missing.")?;
        let is_scope = |scope: &str| !scope.is_empty() && !scope.contains(char::is_whitespace);
        if !scopes.split(',').all(is_scope) {
            return Err("scope must be a list of permissions with commas between them.");
        }
    }
    Ok(app)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_names_an_app_and_what_it_may() {
        let good = || {
            json!({
                "applicationId": "5a1f0c3e-0000-4a4a-9c9c-1f2e3d4c5b6a",
                "displayName": "Acme",
                "applicationGrants": [
                    {
                        "enterpriseApplicationId": "00000003-0000-0000-c000-000000000000",
                        "scope": "Directory.Read.All,User.Read.All",
                    },
                ],
            })
        };
        assert!(app_of(&good()).is_ok());
        for (path, value) in [
            ("/applicationId", json!("x")),
            ("/displayName", json!("")),
            ("/applicationGrants", json!([])),
            ("/applicationGrants", Value::Null),
            ("/applicationGrants/0", json!("User.Read.All")),
            ("/applicationGrants/0/enterpriseApplicationId", json!(3)),
            ("/applicationGrants/0/scope", json!("Directory.Read.All User.Read.All")),
            ("/applicationGrants/0/scope", json!("Directory.Read.All, User.Read.All")),
            ("/applicationGrants/0/scope", json!("User.Read.All,")),
            ("/applicationGrants/0/scope", json!(["User.Read.All"])),
        ] {
            let mut body = good();
            *body.pointer_mut(path).unwrap() = value;
            assert!(app_of(&body).is_err(), "{body}");
        }
        assert!(app_of(&Value::Null).is_err());
    }
}
