//! What a screen needs of newly read rows beside the rows: worked out beside the loop, for it takes longer than a frame.

use std::sync::Arc;

use crate::domain::portfolio::Portfolio;
use crate::ui::messages::migration::ReadyRows;
use crate::ui::widgets::grid;

use super::draft::Draft;
use super::sources::{Clients, Searchable, Services};

/// Makes rows ready.
#[must_use]
pub fn ready(portfolio: Arc<Portfolio>) -> ReadyRows {
    let draft = Draft::default();
    let clients = Clients { portfolio: &portfolio, draft: &draft };
    let services = Services { portfolio: &portfolio, draft: &draft, of_many: true };
    let (client_index, service_index) = (clients.index(), services.index());
    let (client_widths, service_widths) = (grid::widths(&clients), grid::widths(&services));
    let worth = draft.worth_of_all(&portfolio);
    ReadyRows { client_index, service_index, client_widths, service_widths, worth, portfolio }
}
