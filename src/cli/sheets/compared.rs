//! `sheets diff`.

use rust_decimal::Decimal;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;

use super::super::Desk;
use super::super::failure::{Exit, Failure};
use super::super::table::Table;
use super::item::{Item, Shape};
use crate::domain::plan_impact::PlanImpact;
use crate::domain::price_sheet::diff::{Change, Kind};
use crate::domain::price_sheet::{Field, Row};
use crate::domain::text::thousands;
use crate::jobs::sheets::{self, Comparison};

/// A row that differs: as it stands in the newer sheet, or stood in the older one, with what was and is.
struct Changed<'a> {
    change: &'a Change,
    old: Option<Row<'a>>,
    new: Option<Row<'a>>,
    shapes: (&'a Shape, &'a Shape),
    compared: &'a Comparison,
    plans: &'a [PlanImpact],
}

#[derive(Serialize)]
struct Text<'a> {
    column: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

#[derive(Serialize)]
struct Touched<'a> {
    plan: &'a str,
    name: &'a str,
    term: String,
    billing_plan: String,
    currency: &'a str,
    price: Decimal,
    margin_percent_before: Option<Decimal>,
    margin_percent_after: Option<Decimal>,
    services: usize,
}

impl<'a> Touched<'a> {
    fn of(impact: &'a PlanImpact) -> Self {
        Self {
            plan: impact.plan.as_str(),
            name: &impact.plan_name,
            term: impact.cycle.term.to_string(),
            billing_plan: impact.cycle.plan.to_string(),
            currency: impact.currency.as_str(),
            price: impact.price,
            margin_percent_before: impact.margin_before,
            margin_percent_after: impact.margin_after,
            services: impact.services,
        }
    }
}

pub(super) fn run(desk: &Desk, old: &str, new: &str, kind: Option<Kind>) -> Result<Exit, Failure> {
    let compared = sheets::compare(&desk.store, old.trim(), new.trim())?;
    let diff = &compared.diff;
    let shapes = (Shape::of(&compared.old), Shape::of(&compared.new));
    let rows = || {
        diff.changes
            .iter()
            .enumerate()
            .filter(|(_, change)| kind.is_none_or(|kind| change.kinds.has(kind)))
            .map(|(index, change)| Changed {
                change,
                old: change.old.and_then(|at| compared.old.row(at)),
                new: change.new.and_then(|at| compared.new.row(at)),
                shapes: (&shapes.0, &shapes.1),
                compared: &compared,
                plans: of_change(&compared.impact, index),
            })
    };
    let document = json!({
        "old": old.trim(),
        "new": new.trim(),
        "added": diff.added,
        "removed": diff.removed,
        "changed": diff.changed,
        "unchanged": diff.unchanged,
    });
    desk.output.document_with_list(&document, "rows", rows(), || {
        let counts = [diff.added, diff.removed, diff.changed, diff.unchanged].map(thousands);
        let [added, removed, changed, unchanged] = counts;
        let line = format!("{added} new, {removed} withdrawn, {changed} changed, {unchanged} unchanged");
        (vec![line], table(rows()))
    })?;
    Ok(Exit::Done)
}

/// The plans that a change touches; they stand in the order of the changes.
fn of_change(impact: &[PlanImpact], change: usize) -> &[PlanImpact] {
    let from = impact.partition_point(|touched| touched.change < change);
    let to = impact.partition_point(|touched| touched.change <= change);
    impact.get(from..to).unwrap_or_default()
}

impl<'a> Changed<'a> {
    fn both(&self, field: Field) -> [Option<&'a str>; 2] {
        [self.old, self.new].map(|row| row.map(|row| row.text(field)).filter(|text| !text.is_empty()))
    }

    fn texts(&self) -> Vec<Text<'_>> {
        let (Some(old), Some(new)) = (self.old, self.new) else { return Vec::new() };
        let text = |position: &usize| {
            let column = self.compared.new.columns().get(*position)?;
            let before = self.compared.old.columns().iter().position(|other| match column.field {
                Some(field) => other.field == Some(field),
                None => other.field.is_none() && other.heading == column.heading,
            });
            let full = |text: &'a str| (!text.is_empty()).then_some(text);
            let was = before.and_then(|position| full(old.cell(position)));
            Some(Text { column: &column.heading, old: was, new: full(new.cell(*position)) })
        };
        self.change.texts.iter().filter_map(text).collect()
    }
}

impl Serialize for Changed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kinds", &self.change.kinds.iter().collect::<Vec<_>>())?;
        map.serialize_entry("percent", &self.change.percent)?;
        map.serialize_entry("erp_percent", &self.change.erp_percent)?;
        for field in [Field::UnitPrice, Field::ErpPrice, Field::EffectiveStart, Field::EffectiveEnd] {
            let [old, new] = self.both(field);
            map.serialize_entry(&format!("old_{}", field.name()), &old)?;
            map.serialize_entry(&format!("new_{}", field.name()), &new)?;
        }
        map.serialize_entry("texts", &self.texts())?;
        map.serialize_entry("plans", &self.plans.iter().map(Touched::of).collect::<Vec<_>>())?;
        let place = |row: Option<Row<'_>>| row.map(|row| row.place().1);
        map.serialize_entry("old_row", &place(self.old))?;
        map.serialize_entry("new_row", &place(self.new))?;
        match (self.new, self.old) {
            (Some(row), _) => Item { row, shape: self.shapes.1 }.fields(&mut map)?,
            (None, Some(row)) => Item { row, shape: self.shapes.0 }.fields(&mut map)?,
            (None, None) => {}
        }
        map.end()
    }
}

fn table<'a>(rows: impl Iterator<Item = Changed<'a>>) -> Table {
    let mut table = Table::new(
        &["WHAT", "PRODUCT", "OFFER", "CYCLE", "SEGMENT", "CUR.", ">OLD", ">NEW", ">%", "PLANS"],
        "no row differs like that",
    );
    for changed in rows {
        let Some(row) = changed.new.or(changed.old) else { continue };
        let kinds: Vec<String> = changed.change.kinds.iter().map(|kind| kind.to_string()).collect();
        let cycle = [Field::Term, Field::BillingPlan].map(|field| row.text(field));
        let [old, new] = changed.both(Field::UnitPrice).map(|price| price.unwrap_or_default().to_owned());
        let margin = |margin: Option<Decimal>| margin.map_or_else(|| "-".to_owned(), |m| format!("{m:.2}"));
        let plans: Vec<String> = changed
            .plans
            .iter()
            .map(|p| format!("{} {} -> {} %", p.plan_name, margin(p.margin_before), margin(p.margin_after)))
            .collect();
        table.row([
            kinds.join(", "),
            row.title(),
            row.offer().to_string(),
            cycle.into_iter().filter(|half| !half.is_empty()).collect::<Vec<_>>().join("/"),
            row.segment().to_owned(),
            row.text(Field::Currency).to_owned(),
            old,
            new,
            changed.change.percent.map_or_else(String::new, |percent| format!("{percent:+}")),
            plans.join("; "),
        ]);
    }
    table
}
