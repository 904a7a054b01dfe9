//! A row of a price sheet, as programs read it.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::domain::price_sheet::{Field, PriceSheet, Row};

/// Fields that every item has, null where the sheet lacks them.
const ALWAYS: [Field; 17] = [
    Field::ProductTitle,
    Field::ProductId,
    Field::SkuId,
    Field::SkuTitle,
    Field::OfferId,
    Field::Term,
    Field::BillingPlan,
    Field::Segment,
    Field::Market,
    Field::Currency,
    Field::UnitPrice,
    Field::ErpPrice,
    Field::EffectiveStart,
    Field::EffectiveEnd,
    Field::Change,
    Field::Tags,
    Field::TierMin,
];

/// What an item of a sheet has: names and where their texts are.
pub(super) struct Shape {
    columns: Vec<(String, Option<usize>)>,
}

impl Shape {
    pub(super) fn of(sheet: &PriceSheet) -> Self {
        let mut columns: Vec<(String, Option<usize>)> =
            ALWAYS.iter().map(|field| (field.name().to_owned(), sheet.position(*field))).collect();
        for (position, column) in sheet.columns().iter().enumerate() {
            let name = column.name();
            let is_known = columns.iter().any(|(known, at)| *known == name || *at == Some(position));
            if !is_known && !name.is_empty() && !OWN.contains(&name.as_str()) {
                columns.push((name, Some(position)));
            }
        }
        Self { columns }
    }
}

/// Names of what an item has beside its columns.
const OWN: [&str; 3] = ["offer", "sheet", "row"];

/// A row to be written as a map.
pub(super) struct Item<'a> {
    pub(super) row: Row<'a>,
    pub(super) shape: &'a Shape,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.shape.columns.len() + OWN.len()))?;
        self.fields(&mut map)?;
        map.end()
    }
}

impl Item<'_> {
    /// Writes the fields into a map that has others, too.
    pub(super) fn fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Self { row, shape } = self;
        for (name, position) in &shape.columns {
            let text = position.map_or("", |position| row.cell(position));
            if name == Field::Tags.name() {
                map.serialize_entry(name, &row.tags().collect::<Vec<_>>())?;
                continue;
            }
            let text = if name == Field::Segment.name() { row.segment() } else { text };
            map.serialize_entry(name, &(!text.is_empty()).then_some(text))?;
        }
        let (sheet, line) = row.place();
        map.serialize_entry("offer", &row.offer().to_string())?;
        map.serialize_entry("sheet", &(!sheet.is_empty()).then_some(sheet))?;
        map.serialize_entry("row", &line)
    }
}
