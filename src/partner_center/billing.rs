//! Microsoft Graph's billing exports (<https://learn.microsoft.com/graph/api/partners-billing-operation-get>).

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Request, StatusCode};
use url::Url;
use uuid::Uuid;

use super::base::Base;
use super::call::{Call, Operation};
use super::error::ApiError;
use super::http::{Ask, Http, Verdict, prepared_for_other};
use super::refusal::Refusal;
use super::sign_in::told_for;
use super::token::AccessToken;
use super::transport::{Answer, Intake};

const REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// Asks for an export that nobody began. That it is not there is told to those only who may read exports.
pub(super) async fn probe(http: &Http) -> Result<(), ApiError> {
    let operation = Operation::graph("the billing exports");
    let id = Uuid::new_v4().to_string();
    let url = http.graph.resource_v1_0(&["reports", "partners", "billing", "operations", &id]);
    match http.ask(&Probe { operation, url }).await {
        // Graph itself gives a code; a page of something else does not.
        Err(ApiError::NotFound { refusal, .. }) if refusal.code.is_some() => Ok(()),
        Err(ApiError::NotFound { call, refusal }) => {
            Err(ApiError::BadBody { call, reason: refusal.to_string() })
        }
        other => other.map_err(told_for_billing),
    }
}

fn told_for_billing(error: ApiError) -> ApiError {
    told_for(
        error,
        "the app has no permission for the billing exports of Microsoft Graph",
        "Add PartnerBilling.Read.All (delegated) to the app's permissions on Microsoft Graph, grant admin consent, and redo the \
         consent",
    )
}

struct Probe {
    operation: Operation,
    url: Url,
}

impl Ask for Probe {
    type Reply = ();

    fn base<'a>(&self, http: &'a Http) -> &'a Base {
        &http.graph
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn request(&self, token: &AccessToken, call: &Call) -> Request {
        let accepts = HeaderValue::from_static("application/json");
        prepared_for_other(self.url.clone(), token, accepts, (REQUEST_ID, &call.request_id))
    }

    fn intake(&self) -> Intake<'_> {
        Intake::DOCUMENT
    }

    fn read(&self, _answer: Answer, call: Call, _token: &AccessToken) -> Verdict<()> {
        let reason = "an export that was never begun".to_owned();
        Verdict::Failed(ApiError::BadBody { call: Box::new(call), reason })
    }

    fn refused(&self, status: StatusCode, call: Box<Call>, refusal: Refusal) -> ApiError {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ApiError::GraphDenied { call, refusal },
            StatusCode::NOT_FOUND => ApiError::NotFound { call, refusal },
            _ => ApiError::BadRequest { call, refusal },
        }
    }
}
