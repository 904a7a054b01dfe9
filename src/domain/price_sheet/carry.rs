//! Legacy lists are grouped like a pivot table: a group's columns are filled in its first row only.

use super::field::{Column, Field};
use super::sheet::Head;

/// Fills empty group cells from the row above, within each worksheet. `totals` are rows that belong to no group.
///
/// A worksheet is taken for grouped when a row with a price lacks its offer or its first date while an earlier one has them. In
/// it, an empty cell takes the value above as long as no group column left of it is filled, for a filled one begins a group
/// of its own; what a row is for is always carried.
pub(super) fn carry_down(head: &Head, cells: &mut [u32], totals: &[bool]) {
    let width = head.columns.len().max(1);
    let at = |field: Field| head.columns.iter().position(|column| column.field == Some(field));
    let (Some(offer), Some(price)) = (at(Field::OfferId), at(Field::UnitPrice)) else {
        return;
    };
    let (title, start) = (at(Field::ProductTitle), at(Field::EffectiveStart));
    let groups: Vec<usize> =
        head.columns.iter().enumerate().filter(|(_, c)| is_group(c)).map(|(p, _)| p).collect();
    let rows = totals.len();
    let firsts = head.sources.iter().map(|source| source.first_row as usize).chain([rows]);
    let bounds: Vec<usize> = firsts.collect();
    for (from, to) in bounds.iter().zip(bounds.iter().skip(1)) {
        let Some(part) = cells.get_mut(from * width..to * width) else {
            continue;
        };
        let of = |row: &[u32], at: usize| row.get(at).copied().unwrap_or_default();
        let is_row = |index: usize, row: &[u32]| {
            of(row, price) != 0 && !totals.get(from + index).copied().unwrap_or_default()
        };
        let grouped = part
            .chunks_exact(width)
            .enumerate()
            .filter(|(index, row)| is_row(*index, row))
            .skip(1)
            .any(|(_, row)| of(row, offer) == 0 || start.is_some_and(|start| of(row, start) == 0));
        if !grouped {
            continue;
        }
        let mut above: Option<Vec<u32>> = None;
        for (index, row) in part.chunks_exact_mut(width).enumerate() {
            if !is_row(index, row) {
                continue;
            }
            if let Some(above) = &above {
                let nameless = of(row, offer) == 0 && title.is_none_or(|title| of(row, title) == 0);
                let mut open = true;
                for position in &groups {
                    let Some(cell) = row.get_mut(*position) else {
                        continue;
                    };
                    let names = *position == offer || Some(*position) == title;
                    if *cell != 0 {
                        open = false;
                    } else if open || (nameless && names) {
                        *cell = of(above, *position);
                    }
                }
            }
            above = Some(row.to_vec());
        }
    }
}

fn is_group(column: &Column) -> bool {
    !matches!(column.field, Some(Field::UnitPrice | Field::ErpPrice | Field::Currency) | None)
}
