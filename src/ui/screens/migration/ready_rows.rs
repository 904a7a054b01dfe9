//! What a screen needs of newly read rows beside the rows: worked out beside the loop, for it takes longer than a frame.

use std::sync::Arc;

use crate::domain::money::Currency;
use crate::domain::portfolio::Portfolio;
use crate::ui::widgets::grid::{self, SearchIndex};

use super::draft::Draft;
use super::sources::{Clients, Searchable, Services};

/// Rows, ready to be shown. Nothing here knows of edits.
#[derive(Debug)]
pub struct ReadyRows {
    /// The rows.
    pub portfolio: Arc<Portfolio>,
    pub(super) client_index: SearchIndex,
    pub(super) service_index: SearchIndex,
    pub(super) client_widths: Vec<u16>,
    pub(super) service_widths: Vec<u16>,
    pub(super) worth: Vec<Option<(Currency, i64)>>,
}

impl ReadyRows {
    /// Makes rows ready.
    #[must_use]
    pub fn new(portfolio: Arc<Portfolio>) -> Self {
        let draft = Draft::default();
        let clients = Clients { portfolio: &portfolio, draft: &draft };
        let services = Services { portfolio: &portfolio, draft: &draft, of_many: true };
        let (client_index, service_index) = (clients.index(), services.index());
        let (client_widths, service_widths) = (grid::widths(&clients), grid::widths(&services));
        let worth = draft.worth_of_all(&portfolio);
        Self { client_index, service_index, client_widths, service_widths, worth, portfolio }
    }
}
