use super::samples::{desk, open};
use super::*;
use crate::domain::client::{Client, ClientStatus};
use crate::domain::ids::{PlanId, SubscriptionId};
use crate::domain::offer::Offer;
use crate::domain::offer_list::{by_offer, form_of, offer_lines};
use crate::domain::plan::Plan;
use crate::domain::plan_form::PlanForm;
use crate::domain::reprice::Keep;
use crate::domain::samples::{EXO, currency, customer_id, cycle, decimal, subscription};
use crate::domain::service::{InvoiceTerms, Service};
use crate::jobs::portfolio;
use crate::store::{Store, StoreError};

fn forms(store: &Store, margin: &str) -> Vec<PlanForm> {
    let sheet = sheet(store, "nov").unwrap();
    let lines = offer_lines(&sheet, jiff::Timestamp::now());
    let offers = by_offer(&lines);
    let mut forms: Vec<PlanForm> = offers
        .iter()
        .map(|(key, (title, cycles))| form_of(key, title.clone(), "nov", cycles.clone()))
        .collect();
    forms.iter_mut().for_each(|form| form.margin_percent = decimal(margin));
    forms
}

fn prices(plan: &Plan) -> Vec<String> {
    plan.prices.iter().map(|price| price.price.to_string()).collect()
}

fn stored(store: &Store, id: &str) -> Plan {
    find(store, id).unwrap().plan.value
}

fn actions(store: &Store) -> Vec<String> {
    store.read(|txn| txn.audit(1, 100)).unwrap().into_iter().map(|entry| entry.action).collect()
}

/// Sells ten seats of E3 to one customer, at the plan's price of the moment.
fn sell(store: &Store, plan: &Plan) {
    let own = subscription("acme", "s-1", &plan.offer.to_string(), 10, "P1Y/Monthly");
    let client = Client {
        id: customer_id("acme"),
        name: "Acme".to_owned(),
        domain: "acme.example".to_owned(),
        email: None,
        mpn_id: None,
        username: "admin@acme.example".to_owned(),
        currency: currency("USD"),
        registered_on: "2026-01-31".parse().unwrap(),
        status: ClientStatus::Active,
    };
    let service = Service {
        customer_id: customer_id("acme"),
        subscription_id: SubscriptionId::parse("s-1").unwrap(),
        offer_name: own.offer_name.clone(),
        offer: own.offer.clone(),
        plan: plan.id.clone(),
        amounts: plan.amounts(&cycle("P1Y/Monthly"), currency("USD"), 10).unwrap(),
        cycle: cycle("P1Y/Monthly"),
        quantity: 10,
        status: own.status,
        invoice: InvoiceTerms::default(),
    };
    store
        .write(|txn| {
            txn.put_client(0, &client)?;
            txn.put_service(0, &service)
        })
        .unwrap();
}

#[test]
fn plans_are_made_once() {
    let (_folder, store) = desk();
    let forms = forms(&store, "10");
    assert!(preview_create(&store, &forms).unwrap().iter().all(|line| line.duplicate_of.is_empty()));
    let created = create(&store, &forms, false).unwrap();
    let ids: Vec<_> = created.written.iter().map(|plan| plan.id.to_string()).collect();
    assert_eq!(ids, ["microsoft-365-e3", "exchange-online-plan-1"]);
    assert_eq!(prices(&stored(&store, "microsoft-365-e3")), ["31.68", "362.01"]);
    assert_eq!(actions(&store)[2..], ["plan.create", "plan.create", "plan.create_many"]);

    let again = create(&store, &forms, false).unwrap();
    assert_eq!((again.written.len(), again.duplicates.len()), (0, 2));
    assert_eq!(again.duplicates[0].duplicate_of, ["Microsoft 365 E3"]);
    let even_so = create(&store, &forms, true).unwrap();
    assert_eq!(even_so.written[0].id.as_str(), "microsoft-365-e3-2");
    assert_eq!(list(&store).unwrap().len(), 4);
}

#[test]
fn one_form_that_is_no_plan_stops_all_of_them() {
    let (_folder, store) = desk();
    let mut forms = forms(&store, "10");
    forms[1].margin_percent = decimal("1001");
    let error = create(&store, &forms, false).unwrap_err();
    assert!(
        error.to_string().contains("\"Exchange Online (Plan 1)\" can't be made, and nothing was"),
        "{error}"
    );
    assert!(list(&store).unwrap().is_empty());
}

#[test]
fn a_plan_is_found_by_id_or_name_and_stays_while_it_is_sold() {
    let (_folder, store) = desk();
    create(&store, &forms(&store, "10"), false).unwrap();
    let e3 = find(&store, "MICROSOFT 365 e3").unwrap();
    sell(&store, &e3.plan.value);
    assert_eq!(find(&store, "microsoft-365-e3").unwrap().services, 1);
    let both = [(e3.plan.value.id.clone(), 1), (PlanId::parse("exchange-online-plan-1").unwrap(), 1)];
    let error = remove(&store, &both).unwrap_err();
    assert!(matches!(error, PlanJobError::Store(StoreError::StillUsed { count: 1, .. })), "{error}");
    assert_eq!(list(&store).unwrap().len(), 2, "all or none");
    remove(&store, &both[1..]).unwrap();
    assert!(matches!(find(&store, "exchange-online-plan-1"), Err(PlanJobError::NoPlan(_))));

    let mut renamed = e3.plan.value.clone();
    renamed.name = "E3".to_owned();
    assert_eq!(change(&store, 1, &renamed).unwrap(), 2);
    let late = change(&store, 1, &e3.plan.value).unwrap_err();
    assert!(matches!(late, PlanJobError::Store(StoreError::Conflict(_))), "{late}");
    create(&store, &forms(&store, "10"), true).unwrap();
    renamed.id = PlanId::parse("other").unwrap();
    change(&store, 0, &renamed).unwrap();
    let several = find(&store, "e3").unwrap_err().to_string();
    assert!(
        several.contains("microsoft-365-e3, other") || several.contains("other, microsoft-365-e3"),
        "{several}"
    );
}

fn december(store: &Store, keep: Keep) -> RepricePreview {
    let order = RepriceOrder { plans: None, sheet: "dec".to_owned(), keep };
    reprice_preview(store, &order).unwrap()
}

#[test]
fn a_reprice_is_one_step_and_can_be_undone() {
    let (_folder, store) = desk();
    create(&store, &forms(&store, "10"), false).unwrap();
    let before = stored(&store, "microsoft-365-e3");
    sell(&store, &before);
    let sold_at = |store: &Store| {
        let portfolio = portfolio::load(store).unwrap().portfolio;
        let row = portfolio.services[0].clone();
        let values = crate::domain::values::of_service(&row, None);
        crate::domain::values::amounts(&row, &values, Some(currency("USD")), &portfolio.plans).unwrap()
    };
    let sold = sold_at(&store);

    let preview = december(&store, Keep::Margin);
    let services: Vec<_> =
        preview.lines.iter().map(|line| (line.stored.value.name.as_str(), line.services)).collect();
    assert_eq!(services, [("Exchange Online (Plan 1)", 0), ("Microsoft 365 E3", 1)]);
    assert_eq!(reprice_apply(&store, &preview).unwrap(), 2);
    let after = stored(&store, "microsoft-365-e3");
    assert_eq!(prices(&after), ["34.85", "362.01"]);
    assert_eq!(after.sheet.as_deref(), Some("dec"));
    assert_eq!(sold_at(&store), sold, "what was sold keeps its price");

    let undone = undo_last_reprice(&store).unwrap();
    assert_eq!((undone.restored.len(), undone.refused.len()), (2, 0));
    assert_eq!(stored(&store, "microsoft-365-e3"), before);
    assert!(matches!(undo_last_reprice(&store), Err(PlanJobError::NothingToUndo)));
    let log = actions(&store);
    assert!(log.contains(&"plan.reprice".to_owned()) && log.contains(&"plan.reprice_undo".to_owned()));
}

#[test]
fn reprices_are_undone_one_after_the_other() {
    let (_folder, store) = desk();
    create(&store, &forms(&store, "10"), false).unwrap();
    let before = stored(&store, "microsoft-365-e3");
    let reprice_from = |sheet: &str| {
        let order = RepriceOrder { plans: None, sheet: sheet.to_owned(), keep: Keep::Margin };
        reprice_apply(&store, &reprice_preview(&store, &order).unwrap()).unwrap()
    };
    for sheet in ["dec", "nov", "dec"] {
        assert_eq!(reprice_from(sheet), 2);
    }
    for sheet in ["nov", "dec", "nov"] {
        let undone = undo_last_reprice(&store).unwrap();
        assert_eq!((undone.restored.len(), undone.refused), (2, Vec::new()));
        assert_eq!(stored(&store, "microsoft-365-e3").sheet.as_deref(), Some(sheet));
    }
    assert_eq!(stored(&store, "microsoft-365-e3"), before);
}

#[test]
fn an_undo_leaves_what_another_operator_changed_since() {
    let (folder, store) = desk();
    create(&store, &forms(&store, "10"), false).unwrap();
    reprice_apply(&store, &december(&store, Keep::Price)).unwrap();
    let per = open(folder.path(), "per");
    let mut theirs = find(&per, "microsoft-365-e3").unwrap().plan;
    assert_eq!(prices(&theirs.value), ["31.68", "362.01"], "the price was kept");
    theirs.value.name = "E3 of per".to_owned();
    change(&per, theirs.revision, &theirs.value).unwrap();

    let undone = undo_last_reprice(&store).unwrap();
    assert_eq!(undone.restored, ["Exchange Online (Plan 1)"]);
    let [refused] = &undone.refused[..] else { panic!("{undone:?}") };
    assert!(
        refused.name == "Microsoft 365 E3" && refused.reason.starts_with("changed by per on "),
        "{refused:?}"
    );
    assert_eq!(stored(&store, "microsoft-365-e3"), theirs.value);
}

#[test]
fn a_reprice_that_was_looked_at_too_long_ago_writes_nothing() {
    let (_folder, store) = desk();
    create(&store, &forms(&store, "10"), false).unwrap();
    let preview = december(&store, Keep::Margin);
    let mut exchange = find(&store, "exchange-online-plan-1").unwrap().plan;
    exchange.value.name = "EXO".to_owned();
    change(&store, exchange.revision, &exchange.value).unwrap();
    let error = reprice_apply(&store, &preview).unwrap_err();
    assert!(matches!(error, PlanJobError::Store(StoreError::Conflict(_))), "{error}");
    assert_eq!(stored(&store, "microsoft-365-e3").sheet.as_deref(), Some("nov"));
}

#[test]
fn what_a_sheet_does_not_offer_stays_as_it_is() {
    let (_folder, store) = desk();
    let mut forms = forms(&store, "10");
    forms[1].market = Some("DE".to_owned());
    create(&store, &forms, false).unwrap();
    let preview = december(&store, Keep::Margin);
    let written: Vec<_> = preview.lines.iter().map(RepriceLine::is_written).collect();
    assert_eq!(written, [false, true]);
    reprice_apply(&store, &preview).unwrap();
    assert_eq!(stored(&store, "exchange-online-plan-1").sheet.as_deref(), Some("nov"));

    let order = RepriceOrder { plans: None, sheet: "jan".to_owned(), keep: Keep::Margin };
    let error = reprice_preview(&store, &order).unwrap_err().to_string();
    assert_eq!(error, "there is no price sheet \"jan\"; there are: dec, nov");
    let gone = Some(vec![PlanId::parse("gone").unwrap()]);
    let order = RepriceOrder { plans: gone, sheet: "dec".to_owned(), keep: Keep::Margin };
    assert!(matches!(reprice_preview(&store, &order), Err(PlanJobError::NoPlan(_))));
}

#[test]
fn labels_are_set_part_by_part_and_gone_when_empty() {
    let (_folder, store) = desk();
    let exo = Offer::parse(EXO);
    let name = |text: &str| LabelChange::Name(Some(text.to_owned()));
    set_labels(&store, &[(exo.clone(), name("Mail")), (Offer::parse("a:b"), LabelChange::Order(Some(2)))])
        .unwrap();
    set_labels(&store, &[(exo.clone(), LabelChange::Order(Some(1)))]).unwrap();
    let all = labels(&store).unwrap();
    let mail = all.iter().find(|label| label.value.offer == exo).unwrap();
    assert_eq!((mail.value.name.as_deref(), mail.value.order, mail.revision), (Some("Mail"), Some(1), 2));
    set_labels(&store, &[(exo.clone(), LabelChange::Order(None)), (exo, LabelChange::Name(None))]).unwrap();
    assert_eq!(labels(&store).unwrap().len(), 1);
    assert!(actions(&store).contains(&"offer_label.remove".to_owned()));
}
