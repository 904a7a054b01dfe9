//! What differs between two versions of a record, field by field, as short text.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::conflict::FieldChange;
use super::error::StoreError;
use crate::domain::text::printable;

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// Where two versions of a record differ, in the order of the fields' paths.
pub(super) fn changes<T: Serialize>(before: &T, after: &T) -> Result<Vec<FieldChange>, StoreError> {
    Ok(changes_of(&leaves_of(before)?, &leaves_of(after)?))
}

/// The fields of a record that have a value, as one line.
pub(super) fn summary<T: Serialize>(record: &T) -> Result<String, StoreError> {
    let fields: Vec<String> = leaves_of(record)?
        .into_iter()
        .filter(|(_, text)| text != NONE)
        .map(|(field, text)| format!("{field}: {text}"))
        .collect();
    Ok(fields.join("; "))
}

/// Changes as one line.
pub(super) fn line(changes: &[FieldChange]) -> String {
    changes.iter().map(FieldChange::to_string).collect::<Vec<_>>().join("; ")
}

const NONE: &str = "none";

fn leaves_of<T: Serialize>(record: &T) -> Result<BTreeMap<String, String>, StoreError> {
    let value = serde_json::to_value(record).map_err(|e| StoreError::Fault(e.to_string()))?;
    let mut leaves = BTreeMap::new();
    collect(String::new(), &value, &mut leaves);
    Ok(leaves)
}

fn collect(path: String, value: &Value, leaves: &mut BTreeMap<String, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                collect(below(name), value, leaves);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(below(&index.to_string()), value, leaves);
            }
        }
        Value::Null => drop(leaves.insert(path, NONE.to_owned())),
        Value::String(text) => drop(leaves.insert(path, shorten(text))),
        Value::Bool(yes) => drop(leaves.insert(path, if *yes { "yes" } else { "no" }.to_owned())),
        Value::Number(number) => drop(leaves.insert(path, number.to_string())),
    }
}

fn shorten(text: &str) -> String {
    let clean = printable(text);
    match clean.char_indices().nth(SHOWN) {
        None => clean.into_owned(),
        Some((end, _)) => format!("{}…", &clean[..end]),
    }
}

fn changes_of(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<FieldChange> {
    let value = |leaves: &BTreeMap<String, String>, field: &str| {
        leaves.get(field).cloned().unwrap_or_else(|| NONE.to_owned())
    };
    let new = after.keys().filter(|field| !before.contains_key(*field));
    let mut fields: Vec<&String> = before.keys().chain(new).collect();
    fields.sort();
    fields
        .into_iter()
        .map(|field| FieldChange {
            field: field.clone(),
            before: value(before, field),
            after: value(after, field),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_listed_with_its_path() {
        let before =
            json!({"name": "A", "invoice": {"start": null, "generate": false}, "prices": [1, 2], "same": 1});
        let after = json!({"name": "B", "invoice": {"start": "2026-01-01", "generate": true}, "prices": [1, 3, 4], "same": 1});
        assert_eq!(
            line(&changes(&before, &after).unwrap()),
            "invoice.generate: no -> yes; invoice.start: none -> 2026-01-01; name: A -> B; prices.1: 2 -> 3; \
             prices.2: none -> 4"
        );
    }

    #[test]
    fn a_value_is_short_and_fit_to_be_printed() {
        let text =
            summary(&json!({ "name": format!("\u{1b}[2J{}", "x".repeat(200)), "none": null })).unwrap();
        assert_eq!(text, format!("name: ?[2J{}…", "x".repeat(76)));
    }
}
