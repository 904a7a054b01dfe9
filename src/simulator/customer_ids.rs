//! Which customer has which id.

use super::Shared;
use super::answers::Refusal;
use super::random::{Purpose, guid, stream};
use axum::http::StatusCode;
use uuid::Uuid;

/// The id of the customer with this index.
pub(super) fn id(seed: u64, index: u32) -> Uuid {
    guid(&mut stream(seed, Purpose::CustomerId, index))
}

/// The index of the customer that a path names; an id is taken in either case.
///
/// # Errors
/// The 400 or 404 to answer.
pub(super) fn index_of(shared: &Shared, id: &str) -> Result<u32, Refusal> {
    let Ok(id) = Uuid::parse_str(id) else {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            2000,
            "The customer tenant id is not a valid GUID.",
        ));
    };
    let vanished = |index: &u32| shared.faults().vanish.contains(index);
    match shared.directory.get(&id) {
        Some(index) if !vanished(index) => Ok(*index),
        _ => Err(Refusal::new(StatusCode::NOT_FOUND, 2000, "Customer was not found.")),
    }
}
