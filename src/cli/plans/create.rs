//! `plans create`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::arguments::CreateArguments;
use super::show;
use crate::cli::Desk;
use crate::cli::failure::{Exit, Failure};
use crate::domain::cycle::BillingCycle;
use crate::domain::money::Currency;
use crate::domain::offer_list::{OfferKey, by_offer, form_of, offer_lines};
use crate::domain::offer_search;
use crate::domain::plan_batch::{CreateLine, usual_name};
use crate::domain::plan_form::{CycleOffer, PlanForm, parse_margin, parse_price};
use crate::domain::rounding::Rounding;
use crate::domain::text::counted;
use crate::jobs::plans;

/// What one offer of the sheet is, and what a plan can sell it at.
type Offered = (OfferKey, (String, Vec<CycleOffer>));

/// Options that hold for every plan made.
struct Terms {
    margin: Decimal,
    reseller_margin: Decimal,
    rounding: Rounding,
    cycles: Option<Vec<BillingCycle>>,
    currencies: Vec<Currency>,
}

pub(super) fn run(desk: &Desk, arguments: &CreateArguments) -> Result<Exit, Failure> {
    let terms = terms(arguments)?;
    let sheet = plans::sheet(&desk.store, &arguments.sheet)?;
    let offers = by_offer(&offer_lines(&sheet, Timestamp::now()));
    let several_markets = offers.keys().map(|key| &key.market).collect::<BTreeSet<_>>().len() > 1;
    let offers = of_segment(offers.into_iter().collect(), arguments)?;
    let forms = match (&arguments.product, &arguments.filter) {
        (Some(product), _) => vec![one(&of_market(offers, arguments)?, product, arguments, &terms)?],
        (None, filter) => {
            many(offers, filter.as_deref().unwrap_or_default(), several_markets, arguments, &terms)?
        }
    };
    if arguments.dry_run {
        let lines = plans::preview_create(&desk.store, &forms)?;
        return told(desk, &lines, arguments);
    }
    let created = plans::create(&desk.store, &forms, arguments.allow_duplicate)?;
    let made: Vec<Value> = created.written.iter().map(|plan| show::document(plan, 0)).collect();
    let left_out: Vec<Value> = created.duplicates.iter().map(duplicate).collect();
    let mut lines: Vec<String> =
        created.written.iter().map(|plan| format!("{} made: {}", plan.name, plan.id)).collect();
    lines.extend(created.duplicates.iter().map(left_out_line));
    if created.written.len() > 1 || created.written.is_empty() {
        lines.push(format!(
            "{} made, {} left out",
            counted(created.written.len(), "plan"),
            created.duplicates.len()
        ));
    }
    desk.output.document(&json!({ "written": true, "created": made, "duplicates": left_out }), &lines)?;
    Ok(if created.duplicates.is_empty() { Exit::Done } else { Exit::Findings })
}

fn told(desk: &Desk, lines: &[CreateLine], arguments: &CreateArguments) -> Result<Exit, Failure> {
    let (mut made, mut left_out, mut said) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        if !line.is_made(arguments.allow_duplicate) && line.result.is_ok() {
            left_out.push(duplicate(line));
            said.push(left_out_line(line));
            continue;
        }
        match &line.result {
            Ok(plan) => {
                made.push(show::document(plan, 0));
                said.push(format!("{} would be made: {}", plan.name, plan.id));
                said.extend(show::price_lines(plan));
            }
            Err(error) => {
                let message = format!("\"{}\" can't be made: {error}", line.form.name);
                return Err(Failure::new(Exit::Failed, "form", message));
            }
        }
    }
    said.push("nothing is written: --dry-run".to_owned());
    desk.output.document(&json!({ "written": false, "created": made, "duplicates": left_out }), &said)?;
    Ok(if left_out.is_empty() { Exit::Done } else { Exit::Findings })
}

fn duplicate(line: &CreateLine) -> Value {
    json!({ "name": line.form.name, "offer_id": line.form.offer.to_string(), "duplicate_of": line.duplicate_of })
}

fn left_out_line(line: &CreateLine) -> String {
    format!(
        "{} left out: {} sells it already (--allow-duplicate makes it even so)",
        line.form.name,
        line.duplicate_of.join(", ")
    )
}

fn terms(arguments: &CreateArguments) -> Result<Terms, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::wrong_use(error.to_string());
    let margin = |text: &str| parse_margin(text).map_err(|error| wrong(&error));
    let (margin, reseller_margin) = (margin(&arguments.margin)?, margin(&arguments.reseller_margin)?);
    if (margin.is_sign_negative() || reseller_margin.is_sign_negative()) && !arguments.below_cost {
        return Err(Failure::wrong_use(
            "a negative margin sells below cost; add --below-cost where that is meant",
        ));
    }
    let cycles =
        arguments.cycles.iter().map(|text| text.parse::<BillingCycle>()).collect::<Result<Vec<_>, _>>();
    let currencies = arguments.currencies.iter().map(|code| Currency::parse(code)).collect::<Result<_, _>>();
    Ok(Terms {
        margin,
        reseller_margin,
        rounding: arguments.rounding.parse().map_err(|error| wrong(&error))?,
        cycles: (!arguments.all_cycles).then_some(cycles.map_err(|error| wrong(&error))?),
        currencies: currencies.map_err(|error| wrong(&error))?,
    })
}

fn of_segment(offers: Vec<Offered>, arguments: &CreateArguments) -> Result<Vec<Offered>, Failure> {
    let segments: BTreeSet<String> = offers.iter().map(|(key, _)| key.segment.clone()).collect();
    let wanted = arguments.segment.trim();
    let mut left = offers;
    left.retain(|(key, _)| key.segment.eq_ignore_ascii_case(wanted));
    if left.is_empty() {
        let message = match segments.is_empty() {
            true => format!("the price sheet {} offers nothing that can be sold today", arguments.sheet),
            false => format!(
                "the price sheet {} has no segment {wanted}; it has: {}",
                arguments.sheet,
                segments.into_iter().collect::<Vec<_>>().join(", ")
            ),
        };
        return Err(Failure::new(Exit::Failed, "no_segment", message));
    }
    match &arguments.market {
        Some(market) => {
            let markets: BTreeSet<String> = left.iter().map(|(key, _)| key.market.clone()).collect();
            left.retain(|(key, _)| key.market.eq_ignore_ascii_case(market.trim()));
            if left.is_empty() {
                let there = markets.into_iter().collect::<Vec<_>>().join(", ");
                let message = format!("the price sheet has no market {market}; it has: {there}");
                return Err(Failure::new(Exit::Failed, "no_market", message));
            }
            Ok(left)
        }
        None => Ok(left),
    }
}

/// One plan is for one market.
fn of_market(offers: Vec<Offered>, arguments: &CreateArguments) -> Result<Vec<Offered>, Failure> {
    let markets: BTreeSet<&str> = offers.iter().map(|(key, _)| key.market.as_str()).collect();
    if markets.len() > 1 {
        let there = markets.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!(
            "the price sheet {} has several markets, name one with --market: {there}",
            arguments.sheet
        );
        return Err(Failure::wrong_use(message));
    }
    Ok(offers)
}

fn one(
    offers: &[Offered],
    product: &str,
    arguments: &CreateArguments,
    terms: &Terms,
) -> Result<PlanForm, Failure> {
    let all = offers.iter().map(|(key, offered)| (key, offered));
    let found = offer_search::find(all, product, arguments.sku.as_deref())
        .map_err(|error| Failure::new(Exit::Failed, "no_product", error.to_string()))?;
    let Some((key, (title, cycles))) = found.first() else {
        return Err(Failure::new(Exit::Failed, "no_product", format!("the sheet offers no {product}")));
    };
    let cycles = in_currencies(cycles, &terms.currencies);
    let offered = |cycles: &[CycleOffer]| {
        cycles.iter().map(|o| format!("{} {}", o.cycle, o.currency)).collect::<Vec<_>>().join(", ")
    };
    let mut form =
        form_of(key, arguments.name.clone().unwrap_or_else(|| title.clone()), &arguments.sheet, cycles);
    if let Some(wanted) = &terms.cycles {
        for cycle in wanted {
            if !form.cycles.iter().any(|choice| choice.offered.cycle == *cycle) {
                let all: Vec<CycleOffer> = form.cycles.iter().map(|choice| choice.offered.clone()).collect();
                let message =
                    format!("the sheet does not offer {title} in {cycle}; it has: {}", offered(&all));
                return Err(Failure::new(Exit::Failed, "no_cycle", message));
            }
        }
        form.cycles.retain(|choice| wanted.contains(&choice.offered.cycle));
    }
    if form.cycles.is_empty() {
        let message = format!("the sheet offers {title} in none of these currencies");
        return Err(Failure::new(Exit::Failed, "no_cycle", message));
    }
    dress(&mut form, arguments, terms);
    for text in &arguments.prices {
        by_hand(&mut form, text, |choice, price| choice.price = price)?;
    }
    for text in &arguments.renewals {
        by_hand(&mut form, text, |choice, price| choice.renewal = price)?;
    }
    Ok(form)
}

fn many(
    offers: Vec<Offered>,
    filter: &str,
    several_markets: bool,
    arguments: &CreateArguments,
    terms: &Terms,
) -> Result<Vec<PlanForm>, Failure> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let mut forms = Vec::new();
    for (key, (title, cycles)) in offers {
        let currencies: BTreeSet<&str> = cycles.iter().map(|o| o.currency.as_str()).collect();
        let currencies = currencies.into_iter().collect::<Vec<_>>().join(" ");
        let text = format!("{title} {} {} {currencies}", key.offer, key.market).to_lowercase();
        if !words.iter().all(|word| text.contains(word)) {
            continue;
        }
        let name = usual_name(&title, &key, several_markets);
        let mut form = form_of(&key, name, &arguments.sheet, in_currencies(&cycles, &terms.currencies));
        if let Some(wanted) = &terms.cycles {
            form.cycles.retain(|choice| wanted.contains(&choice.offered.cycle));
        }
        if !form.cycles.is_empty() {
            dress(&mut form, arguments, terms);
            forms.push(form);
        }
    }
    if forms.is_empty() {
        let message = format!("the price sheet {} offers nothing that fits", arguments.sheet);
        return Err(Failure::new(Exit::Failed, "no_product", message));
    }
    Ok(forms)
}

fn in_currencies(cycles: &[CycleOffer], wanted: &[Currency]) -> Vec<CycleOffer> {
    cycles.iter().filter(|offer| wanted.is_empty() || wanted.contains(&offer.currency)).cloned().collect()
}

fn dress(form: &mut PlanForm, arguments: &CreateArguments, terms: &Terms) {
    if let Some(kind) = &arguments.kind {
        kind.trim().clone_into(&mut form.kind);
    }
    form.margin_percent = terms.margin;
    form.reseller_margin_percent = terms.reseller_margin;
    form.rounding = terms.rounding;
}

/// Takes `P1Y/Monthly/USD=12.50`; the currency may be left away where there is only one.
fn by_hand(
    form: &mut PlanForm,
    text: &str,
    set: impl Fn(&mut crate::domain::plan_form::CycleChoice, Option<Decimal>),
) -> Result<(), Failure> {
    let wrong = || {
        Failure::wrong_use(format!(
            "\"{text}\" is no price for a cycle: CYCLE/CUR=AMOUNT such as P1Y/Monthly/USD=12.50 is expected"
        ))
    };
    let (what, amount) = text.split_once('=').ok_or_else(wrong)?;
    let (cycle, currency) = match what.rsplit_once('/') {
        Some((cycle, code)) if cycle.contains('/') => {
            (cycle, Some(Currency::parse(code).map_err(|error| Failure::wrong_use(error.to_string()))?))
        }
        _ => (what, None),
    };
    let cycle: BillingCycle = cycle.parse().map_err(|_| wrong())?;
    let mut fitting = form.cycles.iter_mut().filter(|choice| {
        choice.offered.cycle == cycle && currency.is_none_or(|c| choice.offered.currency == c)
    });
    let choice = fitting.next().ok_or_else(|| {
        Failure::wrong_use(format!("{what} is not among the plan's cycles, so it has no price to set"))
    })?;
    if fitting.next().is_some() {
        return Err(Failure::wrong_use(format!(
            "the plan sells {cycle} in several currencies: say which, as in {cycle}/EUR={amount}"
        )));
    }
    let price = parse_price(amount, choice.offered.currency)
        .map_err(|error| Failure::wrong_use(error.to_string()))?
        .ok_or_else(wrong)?;
    set(choice, Some(price));
    Ok(())
}
