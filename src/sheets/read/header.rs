//! Where the tables of a file begin, and what they are.

use crate::domain::money::Currency;
use crate::domain::price_sheet::{Column, Field, FieldSet, Layout, Mapping, PriceBasis, fold};

use super::error::{Fault, SeenTable};
use super::limits;
use super::visitor::{Flow, Sheet, Value, Visitor};

/// Texts are looked at no further when they are longer.
const LOOKED_AT: usize = 300;
/// Columns that are looked at.
const COLUMNS: u32 = 512;
/// Rows that an unknown table is shown with.
const SHOWN: usize = 12;

/// The fields that texts name as headings.
pub(super) fn known_fields<'a>(texts: impl IntoIterator<Item = &'a str>) -> FieldSet {
    texts.into_iter().filter(|text| text.len() <= LOOKED_AT).filter_map(Field::of_heading).collect()
}

/// The first rows of each worksheet.
#[derive(Default)]
pub(super) struct Peek {
    pub(super) tables: Vec<Peeked>,
}

pub(super) struct Peeked {
    pub(super) index: usize,
    pub(super) sheet: Sheet,
    rows: Vec<(u32, Vec<(u32, String)>)>,
}

impl Visitor for Peek {
    fn begin(&mut self, index: usize, sheet: &Sheet) -> Result<Flow, Fault> {
        self.tables.push(Peeked { index, sheet: sheet.clone(), rows: Vec::new() });
        Ok(if sheet.is_hidden { Flow::Enough } else { Flow::Go })
    }

    fn cell(&mut self, row: u32, column: u32, value: Value<'_>) -> Result<Flow, Fault> {
        let Some(table) = self.tables.last_mut() else {
            return Ok(Flow::Enough);
        };
        if table.rows.last().is_none_or(|(last, _)| *last != row) {
            if table.rows.len() >= limits::HEADING_ROWS {
                return Ok(Flow::Enough);
            }
            table.rows.push((row, Vec::new()));
        }
        let text = match value {
            Value::Shared(text) | Value::Text(text) => text.trim().chars().take(LOOKED_AT).collect(),
            Value::Number(number) | Value::Date(number) => {
                crate::domain::price_sheet::numbers::seen(number).unwrap_or_default()
            }
        };
        if column < COLUMNS
            && let Some((_, cells)) = table.rows.last_mut()
            && !text.is_empty()
        {
            cells.push((column, text));
        }
        Ok(Flow::Go)
    }

    fn end(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A table that will be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// The worksheet's index.
    pub(super) index: usize,
    pub(super) sheet: String,
    pub(super) layout: Layout,
    /// The heading's row, from 0.
    pub(super) heading_row: u32,
    /// The file's columns and what they are.
    pub(super) columns: Vec<(u32, Column)>,
    /// What is named above the table, or by the worksheet.
    pub(super) currency: Option<Currency>,
}

/// The tables of one layout.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) layout: Layout,
    pub(super) basis: PriceBasis,
    pub(super) tables: Vec<Table>,
    pub(super) notes: Vec<String>,
}

/// Chooses what to read.
pub(super) fn choose(peeked: &[Peeked], mapping: Option<&Mapping>) -> Result<Chosen, Fault> {
    let mut notes = Vec::new();
    let hidden: Vec<&str> =
        peeked.iter().filter(|t| t.sheet.is_hidden).map(|t| t.sheet.name.as_str()).collect();
    if !hidden.is_empty() {
        notes.push(format!("hidden worksheets were left out: {}", hidden.join(", ")));
    }
    let tables: Vec<Table> = peeked.iter().filter_map(|peeked| table(peeked, mapping)).collect();
    // Prices come before an offer matrix, and among prices the layout of the first table stands.
    let layout = tables.iter().map(|table| table.layout).min_by_key(|layout| !layout.has_prices());
    let Some(layout) = layout else {
        if peeked.iter().all(|table| table.rows.is_empty()) {
            return Err(if hidden.is_empty() {
                Fault::Empty
            } else {
                Fault::OtherKind("a workbook whose worksheets with cells are all hidden")
            });
        }
        return Err(Fault::UnknownTable(peeked.iter().filter_map(seen).collect()));
    };
    for table in tables.iter().filter(|table| table.layout != layout) {
        notes
            .push(format!("worksheet {} was left out: it is of another kind, {}", table.sheet, table.layout));
    }
    for table in peeked.iter().filter(|p| !p.sheet.is_hidden && !p.rows.is_empty()) {
        if !tables.iter().any(|known| known.index == table.index) {
            notes.push(format!("worksheet {} was left out: it has no table of prices", table.sheet.name));
        }
    }
    let basis = mapping.map_or(layout.basis(), |mapping| mapping.basis);
    let tables: Vec<Table> = tables.into_iter().filter(|table| table.layout == layout).collect();
    let needs_currency = layout.has_prices() && mapping.is_none_or(|mapping| mapping.currency.is_none());
    for table in &tables {
        let has_column = table.columns.iter().any(|(_, column)| column.field == Some(Field::Currency));
        for (_, column) in &table.columns {
            let field = Field::of_heading(&column.heading);
            if mapping.is_none()
                && column.field.is_none()
                && let Some(field @ (Field::UnitPrice | Field::ErpPrice)) = field
            {
                let read = table.columns.iter().find(|(_, other)| other.field == Some(field));
                let read = read.map_or("", |(_, other)| &other.heading);
                notes.push(format!(
                    "two columns have the {}: {read} was read, {} was not",
                    field.heading(),
                    column.heading
                ));
            }
        }
        if needs_currency && !has_column && table.currency.is_none() {
            notes.push(match table.sheet.as_str() {
                "" => "no currency is named in the file".to_owned(),
                sheet => format!("no currency is named for worksheet {sheet}"),
            });
        }
    }
    Ok(Chosen { layout, basis, tables, notes })
}

fn table(peeked: &Peeked, mapping: Option<&Mapping>) -> Option<Table> {
    if peeked.sheet.is_hidden {
        return None;
    }
    let field = |heading: &str| match mapping {
        Some(mapping) => mapping.field(heading),
        None => Field::of_heading(heading),
    };
    let mut best: Option<(u32, usize, Layout)> = None;
    for (at, (_, cells)) in peeked.rows.iter().enumerate() {
        let fields: FieldSet = cells.iter().filter_map(|(_, text)| field(text)).collect();
        let layout = match mapping {
            None => Layout::of_fields(fields),
            Some(_) => fields.has(Field::UnitPrice).then_some(Layout::Mapped),
        };
        if let Some(layout) = layout
            && best.is_none_or(|(count, ..)| fields.len() > count)
        {
            best = Some((fields.len(), at, layout));
        }
    }
    let (_, at, layout) = best?;
    let (heading_row, cells) = peeked.rows.get(at)?;
    let mut seen = FieldSet::default();
    let columns: Vec<(u32, Column)> = cells
        .iter()
        .map(|(at, text)| {
            let field = field(text).filter(|field| seen.insert(*field));
            (*at, Column { field, heading: text.clone() })
        })
        .collect();
    let above =
        peeked.rows.iter().take(at).flat_map(|(_, cells)| cells.iter().map(|(_, text)| text.as_str()));
    let price = columns.iter().find(|(_, c)| c.field == Some(Field::UnitPrice));
    let price = price.map(|(_, column)| column.heading.as_str());
    let texts = price.into_iter().chain(above).chain([peeked.sheet.name.as_str()]);
    let currency = texts.filter_map(currency_in).next();
    Some(Table {
        index: peeked.index,
        sheet: peeked.sheet.name.clone(),
        layout,
        heading_row: *heading_row,
        columns,
        currency,
    })
}

/// A currency that a text names: `Currency: EUR`, `List price (USD)`, `CH_CHF_2019`.
fn currency_in(text: &str) -> Option<Currency> {
    // The partners' currencies, and others that Microsoft has had lists in; not words such as ALL or TRY that a title may have.
    const CODES: [&str; 44] = [
        "USD", "EUR", "GBP", "CHF", "DKK", "NOK", "SEK", "AUD", "NZD", "CAD", "JPY", "INR", "KRW", "TWD",
        "CNY", "BRL", "RUB", "MXN", "ZAR", "SGD", "HKD", "MYR", "THB", "IDR", "PHP", "VND", "AED", "SAR",
        "QAR", "KWD", "BHD", "OMR", "ILS", "PLN", "CZK", "HUF", "RON", "BGN", "ISK", "CLP", "COP", "PEN",
        "ARS", "KZT",
    ];
    let mut codes = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| CODES.contains(word));
    let first = codes.next()?;
    // A text that names several tells none.
    codes.all(|code| code == first).then(|| Currency::parse(first).ok())?
}

/// What a dialog shows of a table that is not known.
fn seen(peeked: &Peeked) -> Option<SeenTable> {
    let texts = |cells: &[(u32, String)]| {
        let named = |text: &str| text.chars().any(char::is_alphabetic);
        cells.iter().filter(|(_, text)| named(text)).count()
    };
    let most = peeked.rows.iter().map(|(_, cells)| texts(cells)).max()?;
    let at = peeked.rows.iter().position(|(_, cells)| texts(cells) == most)?;
    let (row, heading) = peeked.rows.get(at)?;
    let columns = heading.iter().map(|(_, text)| Column::of_heading(text)).collect();
    let rows = peeked.rows.iter().skip(at + 1).take(SHOWN).map(|(_, cells)| {
        let text = |column: u32| cells.iter().find(|(at, _)| *at == column).map(|(_, text)| text.clone());
        heading.iter().map(|(column, _)| text(*column).unwrap_or_default()).collect()
    });
    Some(SeenTable { sheet: peeked.sheet.name.clone(), heading_row: row + 1, columns, rows: rows.collect() })
}

/// One list of columns for several tables: equal fields, and equal headings of unknown columns, are one column.
pub(super) fn united(tables: &[Table]) -> Vec<Column> {
    let mut all: Vec<Column> = Vec::new();
    for (_, column) in tables.iter().flat_map(|table| &table.columns) {
        if position(&all, column).is_none() {
            all.push(column.clone());
        }
    }
    all
}

/// Where a column stands in the united list.
pub(super) fn position(all: &[Column], column: &Column) -> Option<usize> {
    all.iter().position(|known| match (known.field, column.field) {
        (Some(known), Some(field)) => known == field,
        (None, None) => fold(&known.heading) == fold(&column.heading),
        _ => false,
    })
}
