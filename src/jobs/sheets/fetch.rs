//! A price sheet from Microsoft's pricing API.

use tokio_util::sync::CancellationToken;

use super::error::SheetJobError;
use super::review::{From, ReviewProgress};
use crate::jobs::connect;
use crate::jobs::reach::Reach;
use crate::partner_center::{Edition, SheetOrder};
use crate::store::Store;

/// Takes a sheet from Microsoft, to be reviewed like a file. Nothing is stored but a refresh token that was exchanged.
///
/// # Errors
/// When the settings do not suffice, Microsoft refuses, or it was cancelled.
pub async fn fetch(
    store: &Store,
    reach: &Reach,
    order: &SheetOrder,
    report: &(dyn Fn(ReviewProgress) + Send + Sync),
    cancel: &CancellationToken,
) -> Result<From, SheetJobError> {
    let told = |share| report(ReviewProgress { phase: "fetching", rows: 0, share });
    told(None);
    let fetched = async {
        let (center, _) = connect::partner_center(store, reach).await?;
        let heard = |received: crate::partner_center::Received| {
            told(received.of.filter(|of| *of > 0).map(|of| received.bytes as f64 / of as f64));
        };
        center.price_sheet(order, &heard).await.map_err(crate::jobs::JobError::from)
    };
    let file = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(SheetJobError::Cancelled),
        fetched = fetched => fetched?,
    };
    let is_preview = order.edition == Edition::Preview;
    let month = match order.edition {
        Edition::Month(month) => Some(month.to_string()),
        Edition::Current | Edition::Preview => None,
    };
    Ok(From::Bytes { name: file_name(order), bytes: file.bytes, month, is_preview })
}

/// What the file would be called; the API gives it no name.
fn file_name(order: &SheetOrder) -> String {
    let edition = match order.edition {
        Edition::Current => "current".to_owned(),
        Edition::Month(month) => month.to_string(),
        Edition::Preview => "preview".to_owned(),
    };
    format!("{} {} {edition}", order.market, order.view)
}
