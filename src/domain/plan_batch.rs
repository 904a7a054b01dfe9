//! Plans about to be made: which of them are sold already, what they are called, what their ids are.

use std::collections::{HashMap, HashSet};

use super::cycle::BillingCycle;
use super::ids::PlanId;
use super::money::Currency;
use super::offer_list::OfferKey;
use super::plan::{Plan, PriceWarning};
use super::plan_form::{FormError, PlanForm};

/// The most characters of an id that is made from a name.
const LONGEST_SLUG: usize = 60;

/// One form of a batch, and what would come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateLine {
    /// As it was given.
    pub form: PlanForm,
    /// Names of plans that sell one of its cycles already: in the store, or made by an earlier form of the batch.
    pub duplicate_of: Vec<String>,
    /// Each chosen cycle's warnings.
    pub warnings: Vec<(BillingCycle, Currency, PriceWarning)>,
    /// The plan that it makes.
    pub result: Result<Plan, FormError>,
}

impl CreateLine {
    /// Whether the plan is made: it can be, and nothing sells it yet or that does not matter.
    #[must_use]
    pub fn is_made(&self, duplicates_too: bool) -> bool {
        self.result.is_ok() && (duplicates_too || self.duplicate_of.is_empty())
    }
}

/// Works out what would come of some forms. Ids are new among the stored plans and among themselves.
#[must_use]
pub fn create_lines(forms: &[PlanForm], stored: &[Plan]) -> Vec<CreateLine> {
    let mut taken: HashSet<String> = stored.iter().map(|plan| plan.id.to_string()).collect();
    let mut sellers: HashMap<String, Vec<Plan>> = HashMap::new();
    for plan in stored {
        sellers.entry(offer_without_availability(plan)).or_default().push(plan.clone());
    }
    forms
        .iter()
        .map(|form| {
            let result = plan_id(&form.name, &taken).and_then(|id| form.plan(id));
            let mut duplicate_of = Vec::new();
            if let Ok(plan) = &result {
                let known = sellers.entry(offer_without_availability(plan)).or_default();
                duplicate_of =
                    known.iter().filter(|other| overlaps(plan, other)).map(|p| p.name.clone()).collect();
                taken.insert(plan.id.to_string());
                known.push(plan.clone());
            }
            CreateLine { form: form.clone(), duplicate_of, warnings: form.warnings(), result }
        })
        .collect()
}

fn offer_without_availability(plan: &Plan) -> String {
    match (plan.offer.product_id(), plan.offer.sku_id()) {
        (Some(product), Some(sku)) => format!("{product}:{sku}"),
        _ => plan.offer.to_string(),
    }
}

/// Whether two plans sell the same offer to the same segment and market, for one and the same cycle and currency.
#[must_use]
pub fn overlaps(plan: &Plan, other: &Plan) -> bool {
    let key = OfferKey {
        offer: plan.offer.clone(),
        segment: plan.segment.clone(),
        market: plan.market.clone().unwrap_or_default(),
    };
    key.is_of(other) && plan.prices.iter().any(|price| other.price(&price.cycle, price.currency).is_some())
}

/// A readable id made from a name, other than those that are taken: `microsoft-365-e3`, `microsoft-365-e3-2`.
fn plan_id(name: &str, taken: &HashSet<String>) -> Result<PlanId, FormError> {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.chars().count() >= LONGEST_SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "plan" } else { slug };
    let mut id = slug.to_owned();
    let mut number = 1u64;
    while taken.contains(&id) {
        number += 1;
        id = format!("{slug}-{number}");
    }
    PlanId::parse(&id).map_err(|_| FormError::NoName)
}

/// What a plan is called where the operator says nothing: the product, the segment where it is not the usual one, and the
/// market where several are chosen from.
#[must_use]
pub fn usual_name(title: &str, key: &OfferKey, several_markets: bool) -> String {
    let mut name = title.trim().to_owned();
    if !key.segment.is_empty() && !key.segment.eq_ignore_ascii_case("Commercial") {
        name = format!("{name} {}", key.segment);
    }
    if several_markets && !key.market.is_empty() {
        name = format!("{name} {}", key.market);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::offer::Offer;
    use crate::domain::plan::Cost;
    use crate::domain::plan_form::CycleOffer;
    use crate::domain::samples::{E3, EXO, currency, cycle, decimal};

    fn form(name: &str, offer: &str, market: &str, cycles: &[(&str, &str)]) -> PlanForm {
        let offered = cycles.iter().map(|(at, code)| CycleOffer {
            cycle: cycle(at),
            currency: currency(code),
            cost: Cost::for_term(decimal("120"), &cycle(at)).unwrap(),
            erp: None,
        });
        let market = (!market.is_empty()).then(|| market.to_owned());
        let mut form = PlanForm::new(
            name.to_owned(),
            "nov".to_owned(),
            market,
            "Commercial".to_owned(),
            Offer::parse(offer),
            offered.collect(),
        );
        form.cycles.iter_mut().for_each(|choice| choice.chosen = true);
        form
    }

    #[test]
    fn what_is_sold_already_is_noticed_in_the_store_and_in_the_batch() {
        let monthly = [("P1Y/Monthly", "USD")];
        let stored = create_lines(&[form("E3", E3, "US", &monthly)], &[])[0].result.clone().unwrap();
        let forms = [
            form("E3 again", E3, "US", &[("P1Y/Monthly", "USD"), ("P1Y/Annual", "USD")]),
            form("E3 in Germany", E3, "DE", &monthly),
            form("E3 in euro", E3, "US", &[("P1Y/Monthly", "EUR")]),
            form("E3 by year", E3, "US", &[("P1Y/Annual", "USD")]),
            form("Exchange", EXO, "US", &monthly),
            form("E3 anywhere", E3, "", &monthly),
        ];
        let lines = create_lines(&forms, std::slice::from_ref(&stored));
        let of: Vec<_> = lines.iter().map(|line| line.duplicate_of.join(",")).collect();
        assert_eq!(of, ["E3", "", "", "E3 again", "", "E3,E3 again,E3 in Germany"]);
        assert!(!lines[0].is_made(false) && lines[0].is_made(true) && lines[1].is_made(false));
    }

    #[test]
    fn ids_are_readable_and_new() {
        let names = ["Microsoft 365 E3 (US)", "microsoft 365 e3 - us", "…", "…", "Büro 日本"];
        let forms: Vec<_> = names.iter().map(|name| form(name, E3, "", &[("P1Y/Monthly", "USD")])).collect();
        let lines = create_lines(&forms, &[]);
        let ids: Vec<_> = lines.iter().map(|line| line.result.as_ref().unwrap().id.to_string()).collect();
        assert_eq!(ids, ["microsoft-365-e3-us", "microsoft-365-e3-us-2", "plan", "plan-2", "büro-日本"]);
        let long = create_lines(&[form(&"x y ".repeat(50), E3, "", &[("P1Y/Monthly", "USD")])], &[]);
        assert!(long[0].result.as_ref().unwrap().id.as_str().len() <= LONGEST_SLUG);
    }

    #[test]
    fn a_form_that_makes_no_plan_is_told() {
        let mut form = form("", E3, "", &[("P1Y/Monthly", "USD")]);
        assert_eq!(create_lines(&[form.clone()], &[])[0].result, Err(FormError::NoName));
        form.name = "E3".to_owned();
        form.cycles[0].chosen = false;
        assert_eq!(create_lines(&[form], &[])[0].result, Err(FormError::NoCycle));
    }

    #[test]
    fn usual_names() {
        let key = |segment: &str| OfferKey {
            offer: Offer::parse(E3),
            segment: segment.to_owned(),
            market: "DE".to_owned(),
        };
        assert_eq!(usual_name("E3", &key("Commercial"), false), "E3");
        assert_eq!(usual_name("E3", &key("Education"), true), "E3 Education DE");
    }
}
