//! Making a sheet of a file's cells: group columns carried down, values checked and normalised, rows that are none left out.

use serde::{Deserialize, Serialize};

use super::dates::{self, DateOrder, DateRules};
use super::field::{Column, Field};
use super::layout::{Layout, PriceBasis};
use super::numbers;
use super::sheet::{Head, PriceSheet, Source};
use super::texts::{Interner, Texts};

/// Skipped rows that are told one by one.
pub const SKIPPED_TOLD: usize = 10_000;

/// A row that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The worksheet; empty for a text file.
    pub sheet: String,
    /// The row's number there, from 1.
    pub row: u32,
    /// The column's heading; empty where the whole row is meant.
    pub column: String,
    /// The value that it is about.
    pub value: String,
    /// The reason, as part of a sentence.
    pub reason: String,
    /// Whether a price may be lost by it; not for totals, notes and repeated headings, which are no prices.
    #[serde(default)]
    pub is_loss: bool,
}

/// What a file tells about its values beside them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// Serial dates count from 1904.
    pub from_1904: bool,
    /// Where no price tells, the comma is the decimal mark.
    pub decimal_comma: bool,
}

/// What came of a file's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The sheet.
    pub sheet: PriceSheet,
    /// Rows left out, the first [`SKIPPED_TOLD`] of them.
    pub skipped: Vec<Skipped>,
    /// How many were left out.
    pub skipped_count: usize,
    /// What somebody should look at. Sentences without a full stop.
    pub notes: Vec<String>,
}

/// Collects cells.
#[derive(Debug, Clone)]
pub struct Builder {
    head: Head,
    interner: Interner,
    cells: Vec<u32>,
    lines: Vec<u32>,
}

impl Builder {
    /// An empty sheet with these columns.
    #[must_use]
    pub fn new(layout: Layout, basis: PriceBasis, columns: Vec<Column>) -> Self {
        let head = Head { layout, basis, columns, sources: Vec::new() };
        Self { head, interner: Interner::default(), cells: Vec::new(), lines: Vec::new() }
    }

    /// The rows that follow come from this worksheet.
    pub fn source(&mut self, name: &str) {
        let first_row = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        self.head.sources.push(Source { name: name.to_owned(), first_row });
    }

    /// The id of a text, without white space around it; none once the texts no longer fit, at 4 GB.
    pub fn intern(&mut self, text: &str) -> Option<u32> {
        self.interner.intern(text.trim())
    }

    /// Whether an id's text is this one, in full.
    #[must_use]
    pub fn is(&self, id: u32, text: &str) -> bool {
        id != 0 && self.text(id) == text
    }

    /// Adds a row: ids by column, missing ones empty, and its number in the file.
    pub fn push(&mut self, line: u32, ids: &[u32]) {
        let width = self.head.columns.len();
        self.cells.extend_from_slice(ids.get(..width.min(ids.len())).unwrap_or_default());
        self.cells.extend(std::iter::repeat_n(0, width.saturating_sub(ids.len())));
        self.lines.push(line);
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Bytes of the unique texts so far.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.interner.texts().bytes()
    }

    /// Carries group columns down, normalises, checks, leaves out what is no row, and tells software from licences and
    /// reservations from consumption.
    #[must_use]
    pub fn finish(mut self, hints: Hints) -> Built {
        let totals = self.totals();
        if self.head.layout == Layout::Legacy {
            super::carry::carry_down(&self.head, &mut self.cells, &totals);
        }
        let mut faults: Vec<Option<Fault>> = self.rows_that_are_none(&totals);
        let mut notes = Vec::new();
        for column in 0..self.head.columns.len() {
            self.check_column(column, hints, &mut faults, &mut notes);
        }
        let (skipped, skipped_count) = self.told(&faults);
        self.drop_rows(&faults);
        self.head.layout = self.told_by_rows();
        let (texts, cells) = compact(self.interner.texts(), self.cells);
        let sheet = PriceSheet::of_parts(self.head, texts, cells, self.lines);
        Built { sheet, skipped, skipped_count, notes }
    }

    fn position(&self, field: Field) -> Option<usize> {
        self.head.columns.iter().position(|column| column.field == Some(field))
    }

    fn width(&self) -> usize {
        self.head.columns.len().max(1)
    }

    fn text(&self, id: u32) -> &str {
        self.interner.texts().get(id)
    }

    /// Rows whose first text calls them a total, before anything is carried into them.
    fn totals(&self) -> Vec<bool> {
        let identity = self.identity();
        let mut known: Vec<Option<bool>> = vec![None; self.interner.texts().len()];
        let mut is_total = |id: u32| match known.get_mut(id as usize) {
            Some(known) => *known.get_or_insert_with(|| names_a_total(self.interner.texts().get(id))),
            None => false,
        };
        let rows = self.cells.chunks_exact(self.width());
        rows.map(|row| {
            let Some((at, first)) = row.iter().enumerate().find(|(_, id)| **id != 0) else {
                return false;
            };
            is_total(*first)
                && identity.iter().any(|p| *p == at || row.get(*p).copied().unwrap_or_default() == 0)
        })
        .collect()
    }

    /// The columns without which a row is none.
    fn identity(&self) -> Vec<usize> {
        let fields: &[Field] = match self.head.layout {
            Layout::Legacy | Layout::LegacyOfferMatrix => &[Field::OfferId],
            Layout::Mapped => &[],
            _ => &[Field::ProductId, Field::SkuId],
        };
        fields.iter().filter_map(|field| self.position(*field)).collect()
    }

    fn rows_that_are_none(&self, totals: &[bool]) -> Vec<Option<Fault>> {
        let identity = self.identity();
        let price = self.position(Field::UnitPrice);
        let price_must_be = self.head.layout.has_prices();
        let heading = price.and_then(|p| self.head.columns.get(p)).map_or("", |column| &column.heading);
        let any_of: Vec<usize> =
            [Field::ProductId, Field::OfferId, Field::ProductTitle, Field::SkuTitle, Field::Material]
                .into_iter()
                .filter_map(|field| self.position(field))
                .collect();
        let rows = self.cells.chunks_exact(self.width()).zip(totals);
        rows.map(|(row, total)| {
            let id = |at: usize| row.get(at).copied().unwrap_or_default();
            let priced = price.map(id).is_some_and(|id| id != 0);
            let missing = identity.iter().copied().find(|at| id(*at) == 0);
            let nameless = identity.is_empty() && any_of.iter().all(|at| id(*at) == 0);
            if *total {
                let first = row.iter().position(|id| *id != 0).unwrap_or_default();
                return Some(Fault { column: first, id: id(first), reason: Reason::Total });
            }
            if priced && price.is_some_and(|at| self.text(id(at)) == heading) {
                return Some(Fault { column: price?, id: id(price?), reason: Reason::Heading });
            }
            match (missing, priced || !price_must_be) {
                (Some(at), true) => Some(Fault { column: at, id: 0, reason: Reason::Missing }),
                (None, _) if nameless => {
                    let first = row.iter().position(|id| *id != 0).unwrap_or_default();
                    Some(Fault { column: first, id: id(first), reason: Reason::Note })
                }
                (None, true) => None,
                (None, false) => Some(Fault { column: price?, id: 0, reason: Reason::NoPrice }),
                (Some(_), false) => {
                    let first = row.iter().position(|id| *id != 0).unwrap_or_default();
                    Some(Fault { column: first, id: id(first), reason: Reason::Note })
                }
            }
        })
        .collect()
    }

    /// Replaces a column's texts by their normal form, each text looked at once.
    fn check_column(
        &mut self,
        column: usize,
        hints: Hints,
        faults: &mut [Option<Fault>],
        notes: &mut Vec<String>,
    ) {
        let field = self.head.columns.get(column).and_then(|column| column.field);
        let width = self.width();
        let unique = |cells: &[u32], faults: &[Option<Fault>], texts: usize| {
            let mut used = vec![false; texts];
            let rows = cells.iter().skip(column).step_by(width).zip(faults);
            for (id, _) in rows.filter(|(_, fault)| fault.is_none()) {
                if let Some(used) = used.get_mut(*id as usize) {
                    *used = true;
                }
            }
            (0..).zip(used).filter_map(|(id, used)| used.then_some(id)).collect::<Vec<u32>>()
        };
        let checks = matches!(
            field,
            Some(
                Field::SkuId
                    | Field::UnitPrice
                    | Field::ErpPrice
                    | Field::EffectiveStart
                    | Field::EffectiveEnd
                    | Field::EndOfSale
            )
        );
        let errors: Vec<u32> = FORMULA_ERRORS.iter().filter_map(|e| self.interner.find(e)).collect();
        if !checks && (errors.is_empty() || field.is_none()) {
            return;
        }
        let unique = unique(&self.cells, faults, self.interner.texts().len());
        let texts = || unique.iter().map(|id| self.interner.texts().get(*id));
        let rule = match field {
            Some(Field::SkuId) => Rule::SkuId,
            Some(Field::UnitPrice | Field::ErpPrice) => {
                let mark = numbers::decimal_mark(texts(), hints.decimal_comma);
                if let Some(price) = mark.guessed {
                    let heading = self.head.columns.get(column).map_or("", |c| c.heading.as_str());
                    let read = numbers::price(price, mark.comma).unwrap_or_default();
                    notes.push(format!(
                        "{heading} {price} and its like were read as {read}: no price tells which mark parts the decimals"
                    ));
                }
                Rule::Price { comma: mark.comma }
            }
            Some(Field::EffectiveStart | Field::EffectiveEnd | Field::EndOfSale) => Rule::Date(DateRules {
                order: DateOrder::of_column(texts()),
                from_1904: hints.from_1904,
                whole_days: self.head.layout == Layout::Legacy,
            }),
            _ => Rule::Text,
        };
        let mut verdicts = vec![Ok(0); self.interner.texts().len()];
        for id in unique {
            let verdict = if errors.contains(&id) {
                Err(Reason::FormulaError)
            } else {
                rule.apply(self.interner.texts().get(id)).map(|new| match new {
                    Some(new) => self.interner.intern(&new).unwrap_or(id),
                    None => id,
                })
            };
            if let Some(place) = verdicts.get_mut(id as usize) {
                *place = verdict;
            }
        }
        for (id, fault) in self.cells.iter_mut().skip(column).step_by(width).zip(faults) {
            if fault.is_some() {
                continue;
            }
            match verdicts.get(*id as usize) {
                Some(Ok(new)) => *id = *new,
                Some(Err(reason)) => *fault = Some(Fault { column, id: *id, reason: *reason }),
                None => {}
            }
        }
    }

    fn told(&self, faults: &[Option<Fault>]) -> (Vec<Skipped>, usize) {
        let mut skipped = Vec::new();
        let mut count = 0;
        let mut sources = self.head.sources.iter().peekable();
        let mut sheet = "";
        for (index, (fault, line)) in faults.iter().zip(&self.lines).enumerate() {
            while let Some(source) = sources.next_if(|source| source.first_row as usize <= index) {
                sheet = &source.name;
            }
            let Some(fault) = fault else {
                continue;
            };
            count += 1;
            if skipped.len() < SKIPPED_TOLD {
                skipped.push(Skipped {
                    sheet: sheet.to_owned(),
                    row: *line,
                    column: self
                        .head
                        .columns
                        .get(fault.column)
                        .map_or_else(String::new, |c| c.heading.clone()),
                    value: shortened(self.text(fault.id)),
                    reason: fault.reason.words().to_owned(),
                    is_loss: fault.reason.is_loss(),
                });
            }
        }
        (skipped, count)
    }

    fn drop_rows(&mut self, faults: &[Option<Fault>]) {
        if faults.iter().all(Option::is_none) {
            return;
        }
        let width = self.width();
        let mut kept = 0;
        let mut sources = self.head.sources.iter_mut().peekable();
        for (index, fault) in faults.iter().enumerate() {
            while let Some(source) = sources.next_if(|source| source.first_row as usize <= index) {
                source.first_row = u32::try_from(kept).unwrap_or(u32::MAX);
            }
            if fault.is_none() {
                self.cells.copy_within(index * width..(index + 1) * width, kept * width);
                if let Some(line) = self.lines.get(index).copied()
                    && let Some(place) = self.lines.get_mut(kept)
                {
                    *place = line;
                }
                kept += 1;
            }
        }
        for source in sources {
            source.first_row = u32::try_from(kept).unwrap_or(u32::MAX);
        }
        self.cells.truncate(kept * width);
        self.lines.truncate(kept);
        let sources = std::mem::take(&mut self.head.sources);
        let ends: Vec<u32> = sources.iter().skip(1).map(|s| s.first_row).chain([kept as u32]).collect();
        self.head.sources = sources
            .into_iter()
            .zip(ends)
            .filter(|(source, end)| source.first_row < *end)
            .map(|(s, _)| s)
            .collect();
    }

    /// Software and reservations have the columns of licences and of consumption; most of their rows tell.
    fn told_by_rows(&self) -> Layout {
        let most = |says: &dyn Fn(&[u32]) -> bool| {
            let rows = self.cells.chunks_exact(self.width()).filter(|row| says(row)).count();
            rows > 0 && rows * 2 > self.lines.len()
        };
        let id = |row: &[u32], at: Option<usize>| at.and_then(|at| row.get(at).copied()).unwrap_or_default();
        let (term, plan, tags) =
            (self.position(Field::Term), self.position(Field::BillingPlan), self.position(Field::Tags));
        let once = self.interner.find("OneTime").unwrap_or(u32::MAX);
        match self.head.layout {
            Layout::NewCommerce
                if most(&|row| id(row, term) == once || (plan.is_some() && id(row, plan) == 0)) =>
            {
                Layout::Software
            }
            Layout::AzureConsumption
                if most(&|row| {
                    let term = self.text(id(row, term)).to_ascii_lowercase();
                    let reserved = self.text(id(row, tags)).to_ascii_lowercase().contains("reservation");
                    reserved || (!term.is_empty() && !term.starts_with("payg"))
                }) =>
            {
                Layout::AzureReservations
            }
            layout => layout,
        }
    }
}

/// What spreadsheet programs write into a cell whose formula failed.
const FORMULA_ERRORS: [&str; 8] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"];

#[derive(Debug, Clone, Copy)]
struct Fault {
    column: usize,
    id: u32,
    reason: Reason,
}

#[derive(Debug, Clone, Copy)]
enum Reason {
    Total,
    Heading,
    Missing,
    NoPrice,
    Note,
    FormulaError,
    NotAPrice,
    Negative,
    NotADate,
}

impl Reason {
    fn is_loss(self) -> bool {
        !matches!(self, Self::Total | Self::Heading | Self::Note)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Total => "a total, not a price",
            Self::Heading => "a repeated heading",
            Self::Missing => "the row has a price, but does not say what it is for",
            Self::NoPrice => "the row has no price",
            Self::Note => "a note or a footer, not a price",
            Self::FormulaError => "a formula that failed",
            Self::NotAPrice => "is no price",
            Self::Negative => "is a negative price",
            Self::NotADate => "is no date",
        }
    }
}

enum Rule {
    SkuId,
    Price { comma: bool },
    Date(DateRules),
    Text,
}

impl Rule {
    /// The normal form where it differs.
    fn apply(&self, text: &str) -> Result<Option<String>, Reason> {
        // The sign with which a spreadsheet is told that a number is a text.
        let bare = text.strip_prefix('\'').unwrap_or(text);
        let new = match self {
            Self::Text => return Ok(None),
            Self::SkuId => padded(bare),
            Self::Price { .. } if text.is_empty() => return Ok(None),
            Self::Price { comma } => match numbers::price(bare, *comma) {
                Ok(price) => price.into_owned(),
                Err(numbers::PriceFault::Negative) => return Err(Reason::Negative),
                Err(numbers::PriceFault::NotANumber) => return Err(Reason::NotAPrice),
            },
            Self::Date(rules) => dates::normal(bare, *rules).ok_or(Reason::NotADate)?,
        };
        Ok((new != text).then_some(new))
    }
}

/// A SKU id with the leading zeros that spreadsheet programs take for those of a number: `1` is `0001`.
#[must_use]
pub fn padded(sku_id: &str) -> String {
    if sku_id.is_empty() || !sku_id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return sku_id.to_owned();
    }
    format!("{sku_id:0>4}")
}

/// `Total`, `Grand Total`, `Exchange Online Total`.
fn names_a_total(text: &str) -> bool {
    let text = text.trim_end_matches([':', ' ']).to_lowercase();
    text.starts_with("total") || text.ends_with(" total") || text.starts_with("grand total") || text == "sum"
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(120) {
        Some((at, _)) => format!("{}..", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Leaves out texts that no cell uses any more.
fn compact(texts: &Texts, mut cells: Vec<u32>) -> (Texts, Vec<u32>) {
    let mut new_ids = vec![u32::MAX; texts.len()];
    for id in &cells {
        if let Some(new) = new_ids.get_mut(*id as usize) {
            *new = 0;
        }
    }
    let mut compacted = Texts::default();
    for ((id, text), new) in texts.iter().zip(&mut new_ids).skip(1) {
        if *new == 0 {
            *new = compacted.push(text).unwrap_or(id);
        }
    }
    for id in &mut cells {
        *id = new_ids.get(*id as usize).copied().filter(|id| *id != u32::MAX).unwrap_or_default();
    }
    compacted.shrink();
    cells.shrink_to_fit();
    (compacted, cells)
}
