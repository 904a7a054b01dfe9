//! `plans reprice`.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::arguments::{KeepName, RepriceArguments};
use super::{ids, show};
use crate::cli::Desk;
use crate::cli::failure::{Exit, Failure};
use crate::cli::table::Table;
use crate::domain::money::grouped;
use crate::domain::money::percent_moved;
use crate::domain::plan::PlanPrice;
use crate::domain::reprice::{Keep, RepricedLine};
use crate::domain::text::counted;
use crate::jobs::plans::{self, RepriceLine, RepriceOrder, RepricePreview, Undone};

pub(super) fn run(desk: &Desk, arguments: &RepriceArguments) -> Result<Exit, Failure> {
    if arguments.undo {
        return undo(desk);
    }
    let sheet = arguments.sheet.clone().unwrap_or_default();
    if arguments.plans.is_empty() && !arguments.all {
        return Err(Failure::wrong_use("name the plans to reprice, or all of them with --all"));
    }
    let order = RepriceOrder {
        plans: if arguments.all { None } else { Some(ids(desk, &arguments.plans)?) },
        sheet,
        keep: match arguments.keep {
            KeepName::Margin => Keep::Margin,
            KeepName::Price => Keep::Price,
        },
    };
    let preview = plans::reprice_preview(&desk.store, &order)?;
    let written = if arguments.apply { plans::reprice_apply(&desk.store, &preview)? } else { 0 };
    let document = json!({
        "sheet": order.sheet,
        "keep": order.keep.to_string(),
        "applied": arguments.apply,
        "written": written,
        "plans": preview.lines.iter().map(line).collect::<Vec<_>>(),
    });
    desk.output.document(&document, &lines(&preview, arguments.apply, written))?;
    Ok(Exit::Done)
}

fn line(line: &RepriceLine) -> Value {
    let prices = line.repriced.lines.iter().map(|price| {
        json!({
            "term": price.before.cycle.term.to_string(),
            "billing_plan": price.before.cycle.plan.to_string(),
            "currency": price.before.currency,
            "before": show::price(&price.before),
            "after": price.after.as_ref().map(show::price),
            "cost_change_percent": cost_change(price),
            "price_change_percent": price_change(price),
            "changed": price.changes(),
        })
    });
    let unsold = line.repriced.unsold.iter().map(|(cycle, currency)| {
        json!({
            "term": cycle.term.to_string(), "billing_plan": cycle.plan.to_string(), "currency": currency,
        })
    });
    json!({
        "id": line.stored.value.id.as_str(),
        "name": line.stored.value.name,
        "sheet_before": line.stored.value.sheet,
        "services": line.services,
        "changed": line.is_written(),
        "offered": line.repriced.is_offered(),
        "prices": prices.collect::<Vec<_>>(),
        "not_sold_yet": unsold.collect::<Vec<_>>(),
    })
}

fn cost_change(line: &RepricedLine) -> Option<Decimal> {
    percent_moved(line.before.cost.exact(), line.after.as_ref()?.cost.exact())
}

fn price_change(line: &RepricedLine) -> Option<Decimal> {
    percent_moved(line.before.price, line.after.as_ref()?.price)
}

fn lines(preview: &RepricePreview, apply: bool, written: usize) -> Vec<String> {
    let head = ["PLAN", "CYCLE", "CUR", ">COST", ">NEW", ">%", ">PRICE", ">NEW", ">MARGIN %", ">NEW", "NOTE"];
    let mut table = Table::new(&head, "no plans");
    for line in &preview.lines {
        for price in &line.repriced.lines {
            let money = |amount: Decimal| grouped(amount, price.before.currency);
            let margin =
                |of: &PlanPrice| of.real_margin_percent().map_or_else(String::new, |p| format!("{p:.2}"));
            let note = match &price.after {
                None => "not offered any more: stays".to_owned(),
                Some(after) => {
                    after.warnings().iter().map(|w| format!("! {w}")).collect::<Vec<_>>().join(", ")
                }
            };
            let new =
                |of: &dyn Fn(&PlanPrice) -> String| price.after.as_ref().map_or_else(|| "-".to_owned(), of);
            table.row([
                line.stored.value.name.clone(),
                price.before.cycle.to_string(),
                price.before.currency.to_string(),
                money(price.before.cost.exact()),
                new(&|after| money(after.cost.exact())),
                cost_change(price).map_or_else(String::new, |percent| format!("{percent:+}")),
                money(price.before.price),
                new(&|after| money(after.price)),
                margin(&price.before),
                new(&margin),
                note,
            ]);
        }
    }
    let mut lines = table.lines();
    let count = preview.lines.iter().filter(|line| line.is_written()).count();
    let sold: usize = preview.lines.iter().filter(|line| line.is_written()).map(|line| line.services).sum();
    lines.push(match (apply, count) {
        (true, _) => format!("{} repriced; plans reprice --undo puts them back", counted(written, "plan")),
        (false, 0) => "nothing would change".to_owned(),
        (false, count) => {
            format!("{} would be repriced; nothing is written without --apply", counted(count, "plan"))
        }
    });
    if sold > 0 {
        lines.push(format!("{} sold under them keep the price they were sold at", counted(sold, "service")));
    }
    lines
}

fn undo(desk: &Desk) -> Result<Exit, Failure> {
    let Undone { batch, restored, refused } = plans::undo_last_reprice(&desk.store)?;
    let document = json!({
        "sheet": batch.sheet,
        "by": batch.by,
        "at": batch.at,
        "restored": restored,
        "refused": refused.iter().map(|r| json!({ "name": r.name, "reason": r.reason })).collect::<Vec<_>>(),
    });
    let mut lines = vec![format!(
        "{} put back as before the reprice from {} by {} on {:.10}",
        counted(restored.len(), "plan"),
        batch.sheet,
        batch.by,
        batch.at
    )];
    lines
        .extend(refused.iter().map(|refusal| format!("{} stays as it is: {}", refusal.name, refusal.reason)));
    desk.output.document(&document, &lines)?;
    Ok(if refused.is_empty() { Exit::Done } else { Exit::InPart })
}
