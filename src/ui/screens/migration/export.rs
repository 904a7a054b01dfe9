//! What is shown, as a table for a file.

use crate::ui::widgets::grid::Source;

use super::{Focus, Migration};

/// A table of plain texts. The screen's marks are no part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportTable {
    /// `clients` or `services`.
    pub name: &'static str,
    /// The headings.
    pub headings: Vec<&'static str>,
    /// The rows that are shown, in their order.
    pub rows: Vec<Vec<String>>,
}

impl Migration {
    pub(super) fn export_name(&self) -> &'static str {
        match self.focus {
            Focus::Clients => "clients.xlsx",
            Focus::Services => "services.xlsx",
        }
    }

    /// The grid that has the keys, as it is filtered and sorted.
    #[must_use]
    pub fn export(&self) -> ExportTable {
        match self.focus {
            Focus::Clients => table("clients", &self.clients_source(), self.clients.order()),
            Focus::Services => {
                let mut source = self.services_source();
                source.of_many = true;
                table("services", &source, self.services.order())
            }
        }
    }
}

fn table(name: &'static str, source: &impl Source, order: &[u32]) -> ExportTable {
    let columns = source.columns();
    let rows = order
        .iter()
        .map(|row| {
            (0..columns.len())
                .map(|column| {
                    let text = source.cell(*row, column).text;
                    if text == "-" { String::new() } else { text.into_owned() }
                })
                .collect()
        })
        .collect();
    ExportTable { name, headings: columns.iter().map(|c| c.title).collect(), rows }
}
