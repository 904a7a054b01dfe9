//! `sheets fetch`.

use tokio::runtime::Handle;

use super::super::Desk;
use super::super::arguments::FetchArguments;
use super::super::failure::{Exit, Failure};
use super::super::follow::attend;
use super::super::setup::reach;
use super::import::{described, replaced, told};
use crate::domain::sheet_record::parse_name;
use crate::jobs::sheets::{self, ReviewProgress, SheetJobError};
use crate::partner_center::{Edition, SheetOrder};

pub(super) fn run(desk: &Desk, arguments: &FetchArguments) -> Result<Exit, Failure> {
    let name = arguments.name.as_deref().map(parse_name).transpose().map_err(SheetJobError::from)?;
    // A name that is given is looked at before anything is fetched.
    if let Some(name) = &name
        && !arguments.dry_run
    {
        replaced(desk, name, arguments.replace)?;
    }
    let order = SheetOrder {
        market: arguments.market.clone(),
        view: arguments.view.into(),
        edition: match arguments.month {
            Some(month) => Edition::Month(month),
            None if arguments.preview => Edition::Preview,
            None => Edition::Current,
        },
    };
    let (store, reach, wanted, jump) =
        (desk.store.clone(), reach(&desk.config), order.clone(), arguments.jump);
    let review = attend(move |report, cancel| {
        let report = |progress: ReviewProgress| report(described(&progress));
        let from = Handle::current().block_on(sheets::fetch(&store, &reach, &wanted, &report, cancel))?;
        sheets::review(&store, from, None, jump, &report, cancel)
    })??;
    if arguments.dry_run {
        return told(desk, name.as_deref(), &review, None);
    }
    let name = name.unwrap_or_else(|| match (&review.facts.month, order.edition) {
        (Some(month), Edition::Current) => format!("{} {} {month}", order.market, order.view),
        _ => review.file.clone(),
    });
    let replace = replaced(desk, &name, arguments.replace)?;
    let kept = sheets::keep(&desk.store, &review, &name, replace)?;
    told(desk, Some(&name), &review, Some(&kept))
}
