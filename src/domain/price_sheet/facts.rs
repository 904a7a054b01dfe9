//! What the list of sheets and the preview tell of a sheet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dates;
use super::field::Field;
use super::layout::Layout;
use super::sheet::PriceSheet;

/// Facts of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetFacts {
    /// The kind of list.
    pub layout: Layout,
    /// How many rows.
    pub rows: usize,
    /// Currencies, by their codes as the file has them.
    pub currencies: Vec<String>,
    /// Markets.
    pub markets: Vec<String>,
    /// Segments.
    pub segments: Vec<String>,
    /// `YYYYMM`, of the first day on which most rows are valid; none where no row has one.
    pub month: Option<String>,
    /// The earliest start of a row.
    pub first_start: Option<Timestamp>,
    /// The latest start of a row.
    pub last_start: Option<Timestamp>,
    /// The latest end of a row that has one.
    pub last_end: Option<Timestamp>,
    /// Worksheets that rows came from; a text file's one has no name.
    pub sheets: Vec<String>,
}

impl PriceSheet {
    /// Works out its facts.
    #[must_use]
    pub fn facts(&self) -> SheetFacts {
        let texts = |field| {
            let mut texts: Vec<String> = self
                .unique(field)
                .into_iter()
                .filter(|id| *id != 0)
                .map(|id| self.texts().get(id).to_owned())
                .collect();
            texts.sort_unstable();
            texts
        };
        let mut segments = texts(Field::Segment);
        if segments.is_empty() && self.layout() == Layout::Legacy {
            let mut found: Vec<&str> =
                self.rows().map(super::Row::segment).filter(|s| !s.is_empty()).collect();
            found.sort_unstable();
            found.dedup();
            segments = found.into_iter().map(str::to_owned).collect();
        }
        let starts = self.parsed(Field::EffectiveStart, dates::start);
        let ends = self.parsed(Field::EffectiveEnd, dates::end);
        let mut months: BTreeMap<String, usize> = BTreeMap::new();
        let (mut first_start, mut last_start, mut last_end) = (None, None, None);
        let mut counts: BTreeMap<Timestamp, usize> = BTreeMap::new();
        for index in 0..self.len() {
            let ids = self.ids(index);
            if let Some(start) = starts.of(ids) {
                *counts.entry(*start).or_default() += 1;
            }
            last_end = last_end.max(ends.of(ids).copied());
        }
        for (start, count) in counts {
            first_start = first_start.or(Some(start));
            last_start = Some(start);
            *months.entry(start.strftime("%Y%m").to_string()).or_default() += count;
        }
        let month = months.into_iter().max_by_key(|(_, count)| *count).map(|(month, _)| month);
        SheetFacts {
            layout: self.layout(),
            rows: self.len(),
            currencies: texts(Field::Currency),
            markets: texts(Field::Market),
            segments,
            month,
            first_start,
            last_start,
            last_end,
            sheets: self.head().sources.iter().map(|source| source.name.clone()).collect(),
        }
    }
}

/// The month that a file's name tells, `YYYYMM`: as `202611`, or as `2026-11` with any mark between; the first of several.
#[must_use]
pub fn month_in_name(file: &str) -> Option<String> {
    // Runs of digits with what stands before each: a year and a month may be parted by one mark.
    let runs: Vec<(usize, &str)> = file
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map(|run| (run.as_ptr() as usize - file.as_ptr() as usize, run))
        .collect();
    let is_month = |year: &str, month: &str| {
        year.starts_with("20")
            && year.len() == 4
            && matches!(month.parse::<u8>(), Ok(1..=12))
            && month.len() == 2
    };
    runs.iter().enumerate().find_map(|(at, (from, run))| match run.len() {
        // A whole date may follow the month.
        6 | 8 => run.split_at_checked(4).and_then(|(year, rest)| {
            let month = rest.get(..2)?;
            is_month(year, month).then(|| format!("{year}{month}"))
        }),
        4 => {
            let (next_from, next) = runs.get(at + 1)?;
            (*next_from == from + 5 && is_month(run, next)).then(|| format!("{run}{next}"))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_in_names() {
        for (file, month) in [
            ("NCE_202611_US.csv", Some("202611")),
            ("2026-12 licences.xlsx", Some("202612")),
            ("prices 2026_01.zip", Some("202601")),
            ("pricesheet-20261101.csv", Some("202611")),
            ("Nov_NCE_LicenseBasedPL_GA_US.csv", None),
            ("offer 123456.csv", None),
            ("2026 list 11.csv", None),
            ("202613.csv", None),
            ("١٢٣٤٥٦ 202611", Some("202611")),
        ] {
            assert_eq!(month_in_name(file).as_deref(), month, "{file}");
        }
    }
}
