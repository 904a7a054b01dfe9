//! Two sheets compared: what is new, withdrawn, changed.

use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::field::Field;
use super::keys::Groups;
use super::sheet::{Parsed, PriceSheet};
use super::texts::Index;
use super::{dates, numbers};
use crate::domain::money::percent_moved;

/// A kind of difference. A changed row may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In the newer sheet only.
    Added,
    /// In the older sheet only.
    Removed,
    /// The unit price rose.
    Up,
    /// The unit price fell.
    Down,
    /// The estimated retail price moved.
    ErpMoved,
    /// Start or end moved.
    ValidityMoved,
    /// Any other column says something else.
    TextChanged,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Added => "new",
            Self::Removed => "withdrawn",
            Self::Up => "up",
            Self::Down => "down",
            Self::ErpMoved => "ERP moved",
            Self::ValidityMoved => "validity moved",
            Self::TextChanged => "text changed",
        })
    }
}

/// Several kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u8);

impl Kinds {
    const ALL: [Kind; 7] = [
        Kind::Added,
        Kind::Removed,
        Kind::Up,
        Kind::Down,
        Kind::ErpMoved,
        Kind::ValidityMoved,
        Kind::TextChanged,
    ];

    fn add(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u8;
    }

    /// Whether it is among them.
    #[must_use]
    pub fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Self::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<T: IntoIterator<Item = Kind>>(kinds: T) -> Self {
        let mut all = Self::default();
        for kind in kinds {
            all.add(kind);
        }
        all
    }
}

/// One row that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How.
    pub kinds: Kinds,
    /// Its index in the older sheet; none for a new row.
    pub old: Option<usize>,
    /// Its index in the newer sheet; none for a withdrawn row.
    pub new: Option<usize>,
    /// How far the unit price moved, in percent of the old one, to two digits; none where it did not, or was zero.
    pub percent: Option<Decimal>,
    /// The same of the estimated retail price.
    pub erp_percent: Option<Decimal>,
    /// Columns whose text differs, by the newer sheet's headings; price, ERP and validity not among them.
    pub texts: Vec<usize>,
}

/// What is different between two sheets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetDiff {
    /// Rows that differ: those of the newer sheet in its order, then the withdrawn ones in the older sheet's order.
    pub changes: Vec<Change>,
    /// Rows in the newer sheet only.
    pub added: usize,
    /// Rows in the older sheet only.
    pub removed: usize,
    /// Rows in both that differ.
    pub changed: usize,
    /// Rows in both that do not.
    pub unchanged: usize,
}

impl SheetDiff {
    /// The same where the newer sheet is a preview, which holds only what changes: a row that it lacks is not withdrawn
    /// (<https://learn.microsoft.com/partner-center/developer/get-a-price-sheet>, timeline `future`).
    #[must_use]
    pub fn of_preview(mut self) -> Self {
        self.changes.retain(|change| !change.kinds.has(Kind::Removed));
        self.unchanged += std::mem::take(&mut self.removed);
        self
    }
}

/// Compares two sheets row by row. Rows belong together by what they are for (see [`Layout::key_fields`]); where a key stands
/// several times, by their start, and those that are left in the order of their starts, latest with latest.
///
/// [`Layout::key_fields`]: super::Layout::key_fields
#[must_use]
pub fn compare(old: &PriceSheet, new: &PriceSheet) -> SheetDiff {
    let fields = new.layout().key_fields();
    let (old_groups, new_groups) = (Groups::of(old, fields), Groups::of(new, fields));
    let sides = Sides::new(old, new);
    let mut matched = vec![false; old.len()];
    let mut by_new: Vec<Option<u32>> = vec![None; new.len()];
    let mut key = Vec::new();
    let (mut olds, mut news) = (Vec::new(), Vec::new());
    for first in &new_groups.firsts {
        let ids = new.ids(*first as usize);
        key.clear();
        key.extend(
            new_groups.positions().iter().map(|at| sides.old_id(at.and_then(|at| ids.get(at).copied()))),
        );
        let Some(old_first) = old_groups.find(&key) else {
            continue;
        };
        olds.clear();
        olds.extend(old_groups.rows(old_first));
        news.clear();
        news.extend(new_groups.rows(*first));
        sides.pair(&mut olds, &mut news, |old, new| {
            if let (Some(matched), Some(place)) =
                (matched.get_mut(old as usize), by_new.get_mut(new as usize))
            {
                *matched = true;
                *place = Some(old);
            }
        });
    }
    let mut diff = SheetDiff::default();
    for (at, old_at) in by_new.iter().enumerate() {
        match old_at {
            None => {
                diff.added += 1;
                diff.changes.push(one_sided(Kind::Added, None, Some(at)));
            }
            Some(old_at) => match sides.change(*old_at as usize, at) {
                Some(change) => {
                    diff.changed += 1;
                    diff.changes.push(change);
                }
                None => diff.unchanged += 1,
            },
        }
    }
    for (at, _) in matched.iter().enumerate().filter(|(_, matched)| !**matched) {
        diff.removed += 1;
        diff.changes.push(one_sided(Kind::Removed, Some(at), None));
    }
    diff
}

fn one_sided(kind: Kind, old: Option<usize>, new: Option<usize>) -> Change {
    Change {
        kinds: [kind].into_iter().collect(),
        old,
        new,
        percent: None,
        erp_percent: None,
        texts: Vec::new(),
    }
}

/// Both sheets, with what their texts mean.
struct Sides<'a> {
    old: &'a PriceSheet,
    new: &'a PriceSheet,
    /// The older sheet's id of each text of the newer one; [`NOT_THERE`] where it has no such text.
    old_ids: Vec<u32>,
    prices: [Parsed<Decimal>; 2],
    erps: [Parsed<Decimal>; 2],
    starts: [Parsed<Timestamp>; 2],
    ends: [Parsed<Timestamp>; 2],
    /// Columns that both sheets have and that are compared as texts: position in the older and in the newer one.
    texts: Vec<(usize, usize)>,
}

const NOT_THERE: u32 = u32::MAX;

impl<'a> Sides<'a> {
    fn new(old: &'a PriceSheet, new: &'a PriceSheet) -> Self {
        let index = Index::of(old.texts());
        let old_ids =
            new.texts().iter().map(|(_, text)| index.find(old.texts(), text).unwrap_or(NOT_THERE)).collect();
        let both = |field| [old.parsed(field, numbers::decimal), new.parsed(field, numbers::decimal)];
        let texts = new.columns().iter().enumerate().filter_map(|(at, column)| {
            let compared = !matches!(
                column.field,
                Some(
                    Field::UnitPrice
                        | Field::ErpPrice
                        | Field::EffectiveStart
                        | Field::EffectiveEnd
                        // What these two say is the difference itself.
                        | Field::Change
                        | Field::PreviousValues
                )
            );
            let same = |other: &super::Column| match column.field {
                Some(field) => other.field == Some(field),
                None => other.field.is_none() && other.heading == column.heading,
            };
            compared.then(|| old.columns().iter().position(same).map(|old_at| (old_at, at)))?
        });
        Self {
            old,
            new,
            old_ids,
            prices: both(Field::UnitPrice),
            erps: both(Field::ErpPrice),
            starts: [old, new].map(|sheet| sheet.parsed(Field::EffectiveStart, dates::start)),
            ends: [old, new].map(|sheet| sheet.parsed(Field::EffectiveEnd, dates::end)),
            texts: texts.collect(),
        }
    }

    fn old_id(&self, new_id: Option<u32>) -> u32 {
        new_id.map_or(0, |id| self.old_ids.get(id as usize).copied().unwrap_or(NOT_THERE))
    }

    fn start(&self, side: usize, row: u32) -> Option<Timestamp> {
        let sheet = if side == 0 { self.old } else { self.new };
        self.starts.get(side)?.of(sheet.ids(row as usize)).copied()
    }

    /// Pairs rows of one key.
    fn pair(&self, olds: &mut Vec<u32>, news: &mut Vec<u32>, mut found: impl FnMut(u32, u32)) {
        if let ([old], [new]) = (olds.as_slice(), news.as_slice()) {
            found(*old, *new);
            return;
        }
        // Stable: rows with equal starts stay in the order of the file.
        olds.sort_by_key(|row| self.start(0, *row));
        news.sort_by_key(|row| self.start(1, *row));
        let mut rest_of_old: Vec<&u32> = Vec::new();
        let mut rest_of_new: Vec<&u32> = Vec::new();
        let (mut from_old, mut from_new) = (olds.iter().peekable(), news.iter().peekable());
        while let (Some(old), Some(new)) = (from_old.peek(), from_new.peek()) {
            match self.start(0, **old).cmp(&self.start(1, **new)) {
                std::cmp::Ordering::Equal => {
                    found(**old, **new);
                    from_old.next();
                    from_new.next();
                }
                std::cmp::Ordering::Less => rest_of_old.extend(from_old.next()),
                std::cmp::Ordering::Greater => rest_of_new.extend(from_new.next()),
            }
        }
        rest_of_old.extend(from_old);
        rest_of_new.extend(from_new);
        for (old, new) in rest_of_old.into_iter().rev().zip(rest_of_new.into_iter().rev()) {
            found(*old, *new);
        }
    }

    fn change(&self, old_at: usize, new_at: usize) -> Option<Change> {
        let (old, new) = (self.old.ids(old_at), self.new.ids(new_at));
        let mut kinds = Kinds::default();
        let mut texts = Vec::new();
        let moved = |[was, is]: &[Parsed<Decimal>; 2]| match (was.of(old), is.of(new)) {
            (Some(was), Some(is)) if was != is => Some((*was, *is)),
            _ => None,
        };
        let price = moved(&self.prices);
        if let Some((was, is)) = price {
            kinds.add(if is > was { Kind::Up } else { Kind::Down });
        }
        let erp = moved(&self.erps);
        let came_or_went = |[was, is]: &[Parsed<Decimal>; 2]| was.of(old).is_some() != is.of(new).is_some();
        if erp.is_some() || came_or_went(&self.erps) {
            kinds.add(Kind::ErpMoved);
        }
        let shifted = |[was, is]: &[Parsed<Timestamp>; 2]| was.of(old) != is.of(new);
        if shifted(&self.starts) || shifted(&self.ends) {
            kinds.add(Kind::ValidityMoved);
        }
        for (from, to) in &self.texts {
            let (was, is) = (old.get(*from).copied().unwrap_or_default(), new.get(*to).copied());
            if self.old_id(is) != was {
                texts.push(*to);
            }
        }
        if !texts.is_empty() || came_or_went(&self.prices) {
            kinds.add(Kind::TextChanged);
        }
        if kinds.is_empty() {
            return None;
        }
        Some(Change {
            kinds,
            old: Some(old_at),
            new: Some(new_at),
            percent: price.and_then(|(was, is)| percent_moved(was, is)),
            erp_percent: erp.and_then(|(was, is)| percent_moved(was, is)),
            texts,
        })
    }
}
