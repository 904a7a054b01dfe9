//! What is shown, as a table for a file.

use crate::ui::messages::ExportTable;

use super::{Focus, Migration};

impl Migration {
    pub(super) fn export_name(&self) -> &'static str {
        match self.focus {
            Focus::Clients => "clients.xlsx",
            Focus::Services => "services.xlsx",
        }
    }

    pub(super) fn export_shown(&self) -> ExportTable {
        match self.focus {
            Focus::Clients => ExportTable::of("clients", &self.clients_source(), self.clients.order()),
            Focus::Services => {
                let mut source = self.services_source();
                source.of_many = true;
                ExportTable::of("services", &source, self.services.order())
            }
        }
    }
}
