//! Two price sheets compared: the rows that differ, and the plans that each touches.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::domain::plan_impact::PlanImpact;
use crate::domain::price_sheet::diff::{Change, Kind};
use crate::domain::price_sheet::{Field, Row};
use crate::domain::text::{counted, printable};
use crate::jobs::sheets::Comparison;
use crate::ui::layers::Details;
use crate::ui::screens::pane::Rows;
use crate::ui::widgets::fit::Cut;
use crate::ui::widgets::grid::{Cell, Column, SortKey, Source, Tone};

const fn column(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { title, min, max, right: false, cut: Cut::End, priority, editable: false }
}

const fn number(title: &'static str, min: u16, priority: u8) -> Column {
    Column { right: true, ..column(title, min, 20, priority) }
}

static COLUMNS: [Column; 13] = [
    column("Product", 16, 32, 0),
    Column { cut: Cut::Middle, ..column("Offer ID", 13, 36, 9) },
    column("Segment", 5, 12, 6),
    column("Cycle", 11, 14, 1),
    column("Market", 3, 6, 7),
    column("Cur", 3, 4, 3),
    number("Old", 8, 1),
    number("New", 8, 1),
    number("%", 6, 1),
    number("Old ERP", 8, 8),
    number("New ERP", 8, 8),
    column("What", 9, 36, 5),
    column("Margins", 12, 60, 2),
];

/// What is shown of the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// All of them.
    All,
    /// One kind.
    Only(Kind),
    /// Those that touch a plan.
    OfPlans,
}

impl Shown {
    /// In the order in which one key goes round.
    const ALL: [Self; 9] = [
        Self::All,
        Self::OfPlans,
        Self::Only(Kind::Up),
        Self::Only(Kind::Down),
        Self::Only(Kind::Added),
        Self::Only(Kind::Removed),
        Self::Only(Kind::ErpMoved),
        Self::Only(Kind::ValidityMoved),
        Self::Only(Kind::TextChanged),
    ];

    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|shown| *shown == self).unwrap_or_default();
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    pub fn name(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::OfPlans => "of plans".to_owned(),
            Self::Only(kind) => kind.to_string(),
        }
    }
}

/// A comparison with the names of its sheets.
#[derive(Debug)]
pub(super) struct Compared {
    /// The older sheet's name.
    pub old: String,
    /// The newer sheet's name.
    pub new: String,
    comparison: Comparison,
    /// How many differences are of each kind.
    counts: Vec<(Kind, usize)>,
}

impl Compared {
    pub fn new(old: String, new: String, comparison: Comparison) -> Self {
        let of = |kind| comparison.diff.changes.iter().filter(|change| change.kinds.has(kind)).count();
        let kinds = [
            Kind::Up,
            Kind::Down,
            Kind::Added,
            Kind::Removed,
            Kind::ErpMoved,
            Kind::ValidityMoved,
            Kind::TextChanged,
        ];
        let counts = kinds.into_iter().map(|kind| (kind, of(kind))).filter(|(_, count)| *count > 0).collect();
        Self { old, new, comparison, counts }
    }

    fn change(&self, row: u32) -> &Change {
        &self.comparison.diff.changes[row as usize]
    }

    /// The row in the newer sheet, or in the older where it was withdrawn.
    fn row(&self, change: &Change) -> Option<Row<'_>> {
        let of_new = change.new.and_then(|row| self.comparison.new.row(row));
        of_new.or_else(|| change.old.and_then(|row| self.comparison.old.row(row)))
    }

    fn sides(&self, change: &Change, field: Field) -> (&str, &str) {
        let old = change.old.and_then(|row| self.comparison.old.row(row));
        let new = change.new.and_then(|row| self.comparison.new.row(row));
        (old.map_or("", |row| row.text(field)), new.map_or("", |row| row.text(field)))
    }

    /// The plans that a change touches.
    fn impact(&self, row: u32) -> &[PlanImpact] {
        let all = &self.comparison.impact;
        let from = all.partition_point(|impact| impact.change < row as usize);
        let to = all.partition_point(|impact| impact.change <= row as usize);
        &all[from..to]
    }

    /// The rows of a kind.
    pub fn rows_of(&self, shown: Shown) -> Vec<u32> {
        let fits = |row: &u32| match shown {
            Shown::All => true,
            Shown::Only(kind) => self.change(*row).kinds.has(kind),
            Shown::OfPlans => !self.impact(*row).is_empty(),
        };
        (0..self.len() as u32).filter(fits).collect()
    }

    /// `raised 182  lowered 9  new 58  withdrawn 26`, and how many plans are touched.
    pub fn summary(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut plans: Vec<_> = self.comparison.impact.iter().map(|impact| &impact.plan).collect();
        plans.sort_unstable();
        plans.dedup();
        if !plans.is_empty() {
            parts.push(format!("touches {}", counted(plans.len(), "plan")));
        }
        parts.extend(self.counts.iter().map(|(kind, count)| format!("{kind} {count}")));
        parts.push(format!("unchanged {}", self.comparison.diff.unchanged));
        parts.join("  ")
    }

    /// Both rows side by side, and each plan that they touch.
    pub fn details(&self, row: u32) -> Details {
        let change = self.change(row);
        let mut values = vec![("What".to_owned(), what(change))];
        for impact in self.impact(row) {
            let services = counted(impact.services, "service");
            let text =
                format!("{} {}, {services}: margin {}", impact.cycle, impact.currency, margins(impact));
            values.push((format!("Plan {}", printable(&impact.plan_name)), text));
        }
        for field in Field::ALL {
            let (old, new) = self.sides(change, *field);
            if old.is_empty() && new.is_empty() {
                continue;
            }
            let (old, new) = (printable(old), printable(new));
            let text = match (change.old, change.new) {
                (Some(_), Some(_)) if old != new => format!("{old}  ->  {new}"),
                (Some(_), _) => old.into_owned(),
                _ => new.into_owned(),
            };
            values.push((field.heading().to_owned(), text));
        }
        let title = self.row(change).map(Row::title).unwrap_or_default();
        Details::new(
            format!("{}  {} -> {}", printable(&title), printable(&self.old), printable(&self.new)),
            values,
        )
    }
}

fn what(change: &Change) -> String {
    change.kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(", ")
}

fn margins(impact: &PlanImpact) -> String {
    let percent = |margin: Option<Decimal>| margin.map_or_else(|| "-".to_owned(), |m| format!("{m:.2} %"));
    format!("{} -> {}", percent(impact.margin_before), percent(impact.margin_after))
}

fn signed(percent: Decimal) -> String {
    if percent.is_sign_positive() && !percent.is_zero() { format!("+{percent}") } else { percent.to_string() }
}

impl Source for Compared {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.comparison.diff.changes.len()
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        let change = self.change(row);
        let Some(found) = self.row(change) else {
            return Cell { text: Cow::Borrowed("-"), tone: Tone::Faint };
        };
        let text = match column {
            0 => printable(&found.title()).into_owned(),
            1 => printable(&found.offer().to_string()).into_owned(),
            2 => printable(found.segment()).into_owned(),
            3 => match found.cycle() {
                Some(cycle) => printable(&cycle.to_string()).into_owned(),
                None => String::new(),
            },
            4 => printable(found.market()).into_owned(),
            5 => printable(found.text(Field::Currency)).into_owned(),
            6 => printable(self.sides(change, Field::UnitPrice).0).into_owned(),
            7 => printable(self.sides(change, Field::UnitPrice).1).into_owned(),
            8 => change.percent.map(signed).unwrap_or_default(),
            9 => printable(self.sides(change, Field::ErpPrice).0).into_owned(),
            10 => printable(self.sides(change, Field::ErpPrice).1).into_owned(),
            11 => what(change),
            _ => return self.plans_cell(row),
        };
        if text.is_empty() {
            return Cell { text: Cow::Borrowed("-"), tone: Tone::Faint };
        }
        Cell { text: Cow::Owned(text), tone: Tone::Plain }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        let change = self.change(row);
        let decimal = |text: &str| crate::domain::price_sheet::numbers::decimal(text);
        let number = match column {
            6 => decimal(self.sides(change, Field::UnitPrice).0),
            7 => decimal(self.sides(change, Field::UnitPrice).1),
            8 => change.percent,
            9 => decimal(self.sides(change, Field::ErpPrice).0),
            10 => decimal(self.sides(change, Field::ErpPrice).1),
            12 => {
                let services: usize = self.impact(row).iter().map(|impact| impact.services).sum();
                (!self.impact(row).is_empty()).then(|| Decimal::from(services))
            }
            _ => {
                let text = self.cell(row, column).text.to_lowercase();
                return if text == "-" { SortKey::Missing } else { SortKey::Text(text) };
            }
        };
        number.map_or(SortKey::Missing, SortKey::Number)
    }
}

impl Compared {
    fn plans_cell(&self, row: u32) -> Cell<'_> {
        let impact = self.impact(row);
        let Some(first) = impact.first() else {
            return Cell { text: Cow::Borrowed("-"), tone: Tone::Faint };
        };
        let more = match impact.len() {
            1 => String::new(),
            more => format!(" +{}", more - 1),
        };
        let services = if first.services > 0 {
            format!(", {}", counted(first.services, "service"))
        } else {
            String::new()
        };
        // The name is most often the product's, which is shown already: the margins must not be what is cut off.
        let text = format!("{}  {}{services}{more}", margins(first), printable(&first.plan_name));
        // A margin that shrinks is what one looks for here; one that is gone even more so.
        let shrinks = impact.iter().any(|i| i.margin_after < i.margin_before);
        Cell { text: Cow::Owned(text), tone: if shrinks { Tone::Alert } else { Tone::Plain } }
    }
}

impl Rows for Compared {}
