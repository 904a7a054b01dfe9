//! Cells become rows of a sheet, each different text looked at once.

use std::ops::ControlFlow;

use hashbrown::HashMap;

use crate::domain::price_sheet::{Builder, Column, Field, Layout, Mapping, dates, numbers};

use super::error::Fault;
use super::header::{Chosen, Table, position, united};
use super::limits;
use super::parts::Watch;
use super::visitor::{Flow, Sheet, Value, Visitor};

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Rows so far.
    pub rows: usize,
    /// The share of the file, 0 to 1, where it can be told.
    pub share: Option<f64>,
}

/// Told now and then; `Break` cancels.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Rows between two reports.
const REPORTED: usize = 2_048;
/// A column that is not kept.
const NOWHERE: u32 = u32::MAX;

/// Collects the rows of the chosen tables.
pub(super) struct Collect<'a, 'p> {
    tables: &'a [Table],
    pub(super) builder: Builder,
    columns: Vec<Column>,
    /// Texts that rows of a table have without a column: position, text.
    constants: Vec<(usize, String)>,
    currency_at: Option<usize>,
    whole_days: bool,
    from_1904: bool,
    share: Option<(Watch, u64)>,
    on_progress: OnProgress<'p>,
    // The table that is open:
    /// Where the file's columns go.
    targets: Vec<u32>,
    heading_row: u32,
    filled: Vec<(usize, u32)>,
    row: u32,
    ids: Vec<u32>,
    is_open: bool,
    /// What each column had in the row before.
    last: Vec<Last>,
    // Ids that are known, by what is cheap to compare:
    by_address: HashMap<usize, u32>,
    by_number: HashMap<u64, u32>,
    by_date: HashMap<u64, u32>,
}

/// The last value of a column and its id.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    /// Zero where it was no shared text.
    address: usize,
    number: u64,
    text_id: u32,
    number_id: u32,
    has_number: bool,
}

impl<'a, 'p> Collect<'a, 'p> {
    pub(super) fn new(
        chosen: &'a Chosen,
        mapping: Option<&Mapping>,
        from_1904: bool,
        share: Option<(Watch, u64)>,
        on_progress: OnProgress<'p>,
    ) -> Self {
        let mut columns = united(&chosen.tables);
        let mut constants = Vec::new();
        let mut add = |field: Field| {
            if let Some(at) = columns.iter().position(|column| column.field == Some(field)) {
                return (at, false);
            }
            columns.push(Column { field: Some(field), heading: field.heading().to_owned() });
            (columns.len() - 1, true)
        };
        let mut currency_at = None;
        if let Some(currency) = mapping.and_then(|mapping| mapping.currency)
            && let (at, true) = add(Field::Currency)
        {
            constants.push((at, currency.to_string()));
        }
        if let Some(market) = mapping.and_then(|mapping| mapping.market.clone())
            && let (at, true) = add(Field::Market)
        {
            constants.push((at, market));
        }
        if constants.is_empty() && chosen.tables.iter().any(|table| table.currency.is_some()) {
            let (at, _) = add(Field::Currency);
            currency_at = Some(at);
        }
        Self {
            tables: &chosen.tables,
            builder: Builder::new(chosen.layout, chosen.basis, columns.clone()),
            ids: vec![0; columns.len()],
            last: vec![Last::default(); columns.len()],
            columns,
            constants,
            currency_at,
            whole_days: chosen.layout == Layout::Legacy,
            from_1904,
            share,
            on_progress,
            targets: Vec::new(),
            heading_row: 0,
            filled: Vec::new(),
            row: 0,
            is_open: false,
            by_address: HashMap::new(),
            by_number: HashMap::new(),
            by_date: HashMap::new(),
        }
    }

    fn progress(&mut self) -> Result<(), Fault> {
        let share =
            self.share.as_ref().map(|(watch, all)| (watch.read() as f64 / (*all).max(1) as f64).min(1.0));
        match (self.on_progress)(Progress { rows: self.builder.rows(), share }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Fault::Cancelled),
        }
    }

    fn close_row(&mut self) -> Result<(), Fault> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        for (at, id) in &self.filled {
            if let Some(cell) = self.ids.get_mut(*at)
                && *cell == 0
            {
                *cell = *id;
            }
        }
        self.builder.push(self.row.saturating_add(1), &self.ids);
        self.ids.fill(0);
        let rows = self.builder.rows();
        let too_much = |what, limit: usize| Err(Fault::TooMuch { what, limit: limit.to_string() });
        if rows > limits::ROWS {
            return too_much("more rows", limits::ROWS);
        }
        if rows.saturating_mul(self.ids.len()) > limits::CELLS {
            return too_much("more cells", limits::CELLS);
        }
        if self.builder.text_bytes() > limits::ALL_TEXT_BYTES {
            return too_much("more bytes of different texts", limits::ALL_TEXT_BYTES);
        }
        if rows.is_multiple_of(REPORTED) { self.progress() } else { Ok(()) }
    }

    fn intern(&mut self, text: &str) -> Result<u32, Fault> {
        if text.len() > limits::CELL_BYTES {
            return Err(Fault::TooMuch {
                what: "a text with more bytes",
                limit: limits::CELL_BYTES.to_string(),
            });
        }
        let too_much = || Fault::TooMuch {
            what: "more bytes of different texts",
            limit: limits::ALL_TEXT_BYTES.to_string(),
        };
        self.builder.intern(text).ok_or_else(too_much)
    }

    fn id(&mut self, at: usize, value: Value<'_>) -> Result<u32, Fault> {
        let last = self.last.get(at).copied().unwrap_or_default();
        let (id, now) = match value {
            Value::Text(text) => {
                // Lists are sorted: what a column has, it mostly had in the row before.
                if self.builder.is(last.text_id, text) {
                    return Ok(last.text_id);
                }
                let id = self.intern(text)?;
                (id, Last { text_id: id, address: 0, ..last })
            }
            Value::Shared(text) => {
                if text.is_empty() {
                    return Ok(0);
                }
                // Two texts that are there at the same time, and not empty, have two addresses.
                let address = text.as_ptr() as usize;
                if address == last.address {
                    return Ok(last.text_id);
                }
                let id = match self.by_address.get(&address) {
                    Some(id) => *id,
                    None => {
                        let id = self.intern(text)?;
                        self.by_address.insert(address, id);
                        id
                    }
                };
                (id, Last { text_id: id, address, ..last })
            }
            Value::Number(number) => {
                let bits = number.to_bits();
                if last.has_number && last.number == bits {
                    return Ok(last.number_id);
                }
                let id = match self.by_number.get(&bits) {
                    Some(id) => *id,
                    None => {
                        let id = self.intern(&numbers::seen(number).unwrap_or_else(|| number.to_string()))?;
                        self.by_number.insert(bits, id);
                        id
                    }
                };
                (id, Last { number: bits, number_id: id, has_number: true, ..last })
            }
            Value::Date(days) => {
                let bits = days.to_bits();
                let id = match self.by_date.get(&bits) {
                    Some(id) => *id,
                    None => {
                        let text = dates::of_serial(days, self.from_1904, self.whole_days);
                        let text = text.or_else(|| numbers::seen(days)).unwrap_or_else(|| days.to_string());
                        let id = self.intern(&text)?;
                        self.by_date.insert(bits, id);
                        id
                    }
                };
                (id, last)
            }
        };
        if let Some(place) = self.last.get_mut(at) {
            *place = now;
        }
        Ok(id)
    }
}

impl Visitor for Collect<'_, '_> {
    fn begin(&mut self, index: usize, sheet: &Sheet) -> Result<Flow, Fault> {
        let Some(table) = self.tables.iter().find(|table| table.index == index) else {
            return Ok(Flow::Enough);
        };
        let width = table.columns.iter().map(|(at, _)| *at as usize + 1).max().unwrap_or_default();
        self.targets = vec![NOWHERE; width];
        for (at, column) in &table.columns {
            if let Some(target) = self.targets.get_mut(*at as usize) {
                *target = position(&self.columns, column).map_or(NOWHERE, |at| at as u32);
            }
        }
        self.heading_row = table.heading_row;
        self.filled.clear();
        let mut fills = self.constants.clone();
        if let (Some(at), Some(currency)) = (self.currency_at, table.currency) {
            fills.push((at, currency.to_string()));
        }
        for (at, text) in fills {
            let id = self.intern(&text)?;
            self.filled.push((at, id));
        }
        // Another worksheet's texts may lie where this one's lay.
        self.last.fill(Last::default());
        self.by_address.clear();
        self.builder.source(&sheet.name);
        self.progress()?;
        Ok(Flow::Go)
    }

    fn cell(&mut self, row: u32, column: u32, value: Value<'_>) -> Result<Flow, Fault> {
        if row != self.row {
            self.close_row()?;
            self.row = row;
        }
        if row <= self.heading_row {
            return Ok(Flow::Go);
        }
        let at = match self.targets.get(column as usize) {
            Some(&NOWHERE) => return Ok(Flow::Go),
            Some(at) => *at as usize,
            None if column >= limits::COLUMNS => {
                return Err(Fault::TooMuch { what: "more columns", limit: limits::COLUMNS.to_string() });
            }
            None => return Ok(Flow::Go),
        };
        let id = self.id(at, value)?;
        if id != 0
            && let Some(cell) = self.ids.get_mut(at)
        {
            *cell = id;
            self.is_open = true;
        }
        Ok(Flow::Go)
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.close_row()?;
        self.row = 0;
        Ok(())
    }
}
