//! Update: what is asked for, and what becomes of ticks and edits once it is written.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::client::ClientEdit;
use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::service::ServiceEdit;
use crate::domain::update::{Preview, Request, Verdict};
use crate::ui::effect::Effect;
use crate::ui::out::Out;

use super::Migration;
use super::finder::Finder;
use crate::domain::text::counted;

impl Migration {
    /// The ticked rows, with what was typed over them.
    #[must_use]
    pub fn request(&self) -> Request {
        let portfolio = &self.portfolio;
        Request {
            clients: self
                .clients
                .ticks
                .iter()
                .map(|row| {
                    let edit = self.draft.client(row).cloned().unwrap_or_default();
                    (portfolio.clients[row as usize].id.clone(), edit)
                })
                .collect(),
            services: self
                .services
                .ticks
                .iter()
                .map(|row| {
                    let edit = self.draft.service(row).cloned().unwrap_or_default();
                    (portfolio.service_key(&portfolio.services[row as usize]), edit)
                })
                .collect(),
            unticked: self
                .draft
                .clients()
                .filter(|(row, _)| !self.clients.ticks.has(*row))
                .map(|(row, edit)| (portfolio.clients[row as usize].id.clone(), edit.clone()))
                .collect(),
        }
    }

    pub(super) fn ask_update(&mut self, out: &mut Out) {
        let request = self.request();
        if request.clients.is_empty() && request.services.is_empty() {
            let edits = self.draft.len();
            return out.done(if edits > 0 {
                format!(
                    "{} edited, but nothing is ticked: Space ticks what Update is to write",
                    counted(edits, "row")
                )
            } else {
                "nothing is ticked: Space ticks what Update is to bring under management".to_owned()
            });
        }
        out.effect(Effect::Preview(request));
    }

    /// Rows that were written, or that are as they would be, lose tick and edit; what was left out keeps both.
    ///
    /// So does a row that was edited after the request was made: what was written is not what stands there now.
    pub fn written(&mut self, request: &Request, preview: &Preview) {
        let portfolio = Arc::clone(&self.portfolio);
        let finder = Finder::new(&portfolio);
        let asked_clients: HashMap<&CustomerId, &ClientEdit> =
            request.clients.iter().map(|(id, edit)| (id, edit)).collect();
        let asked_services: HashMap<&ServiceKey, &ServiceEdit> =
            request.services.iter().map(|(key, edit)| (key, edit)).collect();
        let (no_client, no_service) = (ClientEdit::default(), ServiceEdit::default());
        let done_clients: Vec<u32> = preview
            .clients
            .iter()
            .filter(|line| is_settled(&line.verdict))
            .filter_map(|line| Some((finder.client(&line.key)?, asked_clients.get(&line.key)?)))
            .filter(|(row, asked)| self.draft.client(*row).unwrap_or(&no_client) == **asked)
            .map(|(row, _)| row)
            .collect();
        let done_services: Vec<u32> = preview
            .services
            .iter()
            .filter(|line| is_settled(&line.verdict))
            .filter_map(|line| Some((finder.service(&line.key)?, asked_services.get(&line.key)?)))
            .filter(|(row, asked)| self.draft.service(*row).unwrap_or(&no_service) == **asked)
            .map(|(row, _)| row)
            .collect();
        for row in &done_clients {
            self.clients.ticks.set(*row, false);
        }
        for row in &done_services {
            self.services.ticks.set(*row, false);
        }
        self.draft.forget(&portfolio, &done_clients, &done_services);
        // What was written is the store's now; taking it back is a new edit, not an undo of the old one.
        self.draft.forget_steps();
        self.after_edits(true);
    }

    /// Settles a client's conflict: ours goes over theirs at the next Update, or our edit is dropped.
    pub fn settle_client(&mut self, id: &CustomerId, revision: u64, keep_ours: bool) {
        let portfolio = Arc::clone(&self.portfolio);
        if let Some(row) = Finder::new(&portfolio).client(id) {
            if keep_ours {
                self.draft.rebase_client(&portfolio, row, revision);
            } else {
                self.draft.forget(&portfolio, &[row], &[]);
                self.draft.forget_client_steps(row);
            }
            self.after_edits(false);
        }
    }

    /// See [`Migration::settle_client`].
    pub fn settle_service(&mut self, key: &ServiceKey, revision: u64, keep_ours: bool) {
        let portfolio = Arc::clone(&self.portfolio);
        if let Some(row) = Finder::new(&portfolio).service(key) {
            if keep_ours {
                self.draft.rebase_service(&portfolio, row, revision);
            } else {
                self.draft.forget(&portfolio, &[], &[row]);
                self.draft.forget_service_steps(row);
            }
            self.after_edits(false);
        }
    }
}

fn is_settled<T>(verdict: &Verdict<T>) -> bool {
    matches!(verdict, Verdict::Create(_) | Verdict::Change { .. } | Verdict::Unchanged)
}
