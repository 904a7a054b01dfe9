//! What changes from month to month. The current month is the fixed point: its prices are the catalogue's, and
//! those of other months follow from the changes in between.

use super::month::{CURRENT, FIRST, Month};
use crate::simulator::random::{Purpose, stream};
use rust_decimal::Decimal;

/// What happens to one licence in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It costs so many percent more than the month before.
    Raised(u32),
    /// The month before, it cost so many percent more.
    Lowered(u32),
    /// Only the estimated retail price moves.
    RetailMoved,
    /// Only the date moves from which on the price is valid.
    ValidityMoved,
    /// Only the description changes.
    TextChanged,
}

/// How a licence stands in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// What it costs, as a multiple of what it costs in the current month.
    pub factor: Decimal,
    /// The estimated retail price in percent of the partner's.
    pub retail_percent: i64,
    /// Since when the price is valid; none since ever.
    pub since: Option<Month>,
    /// How often its description has changed.
    pub revision: usize,
}

const RETAIL_PERCENT: [i64; 2] = [125, 130];

/// The changes of a month to `licences` licences, by index: at least one of each kind, and no licence has two.
pub(super) fn changes(seed: u64, month: Month, licences: usize) -> Vec<(usize, Change)> {
    let mut rng = stream(seed, Purpose::PriceChanges, month.number());
    let mut order: Vec<usize> = (0..licences).collect();
    rng.shuffle(&mut order);
    let mut kinds = Vec::new();
    for _ in 0..rng.u32(1..=3) {
        kinds.push(Change::Raised(rng.u32(5..=12)));
    }
    for _ in 0..rng.u32(1..=2) {
        kinds.push(Change::Lowered(rng.u32(5..=12)));
    }
    kinds.extend([Change::RetailMoved, Change::ValidityMoved, Change::TextChanged]);
    order.into_iter().zip(kinds).collect()
}

/// How each of `licences` licences stands in a month.
pub(super) fn standings(seed: u64, month: Month, licences: usize) -> Vec<Standing> {
    let fresh =
        Standing { factor: Decimal::ONE, retail_percent: RETAIL_PERCENT[0], since: None, revision: 0 };
    let mut standings = vec![fresh; licences];
    for earlier in FIRST.until(month) {
        for (licence, change) in changes(seed, earlier, licences) {
            let standing = &mut standings[licence];
            match change {
                Change::Raised(_) | Change::Lowered(_) | Change::ValidityMoved => {
                    standing.since = Some(earlier);
                }
                Change::RetailMoved => {
                    let is_usual = standing.retail_percent == RETAIL_PERCENT[0];
                    standing.retail_percent = RETAIL_PERCENT[usize::from(is_usual)];
                }
                Change::TextChanged => standing.revision += 1,
            }
        }
    }
    let (first, last, is_later) =
        if month > CURRENT { (CURRENT, month, true) } else { (month, CURRENT, false) };
    for between in first.until(last) {
        for (licence, change) in changes(seed, between, licences) {
            let (percent, is_raised) = match change {
                Change::Raised(percent) => (percent, true),
                Change::Lowered(percent) => (percent, false),
                _ => continue,
            };
            let more = Decimal::new(i64::from(100 + percent), 2);
            let standing = &mut standings[licence];
            if is_raised == is_later {
                standing.factor *= more;
            } else {
                standing.factor /= more;
            }
        }
    }
    standings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_month_has_the_catalogues_prices_for_every_seed() {
        for seed in 0..5 {
            assert!(standings(seed, CURRENT, 21).iter().all(|standing| standing.factor == Decimal::ONE));
        }
        assert_ne!(changes(1, CURRENT, 21), changes(2, CURRENT, 21));
    }

    #[test]
    fn every_month_differs_from_the_one_before_by_its_changes() {
        for month in CURRENT.back(30).until(CURRENT.next()) {
            let before = standings(7, month.back(1), 21);
            let after = standings(7, month, 21);
            let changes = changes(7, month, 21);
            for (licence, (before, after)) in before.iter().zip(&after).enumerate() {
                match changes.iter().find(|(changed, _)| *changed == licence).map(|(_, change)| change) {
                    Some(Change::Raised(_)) => assert!(after.factor > before.factor),
                    Some(Change::Lowered(_)) => assert!(after.factor < before.factor),
                    Some(Change::RetailMoved) => assert_ne!(after.retail_percent, before.retail_percent),
                    Some(Change::ValidityMoved) => assert_eq!(after.since, Some(month)),
                    Some(Change::TextChanged) => assert_eq!(after.revision, before.revision + 1),
                    None => {
                        let drift = (after.factor - before.factor).abs();
                        assert!(drift < Decimal::new(1, 20), "{drift}");
                        assert_eq!((after.since, after.revision), (before.since, before.revision));
                    }
                }
            }
        }
    }
}
