//! The app consent in customers' tenants: for whom, for what, and the question before it is given.

use crate::domain::application_consent::ConsentTerms;
use crate::domain::application_grant::ApplicationGrant;
use crate::domain::portfolio::ClientRow;
use crate::domain::text::{counted, printable};
use crate::jobs::application_consents::Order;
use crate::ui::effect::Effect;
use crate::ui::layers::{Confirm, Layer};
use crate::ui::out::Out;

use super::{Focus, Migration};

/// The app that customers are asked for.
#[derive(Debug, Default)]
pub(super) struct App {
    /// Its id; none where the settings have none.
    id: Option<String>,
    display_name: String,
    grants: Vec<ApplicationGrant>,
}

impl Migration {
    /// Takes what is configured: the app's name for customers, and what it may do there.
    pub fn configure_app(&mut self, display_name: &str, grants: &[ApplicationGrant]) {
        self.app.display_name = display_name.to_owned();
        self.app.grants = grants.to_vec();
    }

    /// Takes the app's id from the settings.
    pub fn take_app_id(&mut self, id: Option<String>) {
        self.app.id = id;
    }

    /// Asks whether the ticked clients are to be given the consent, or, without any, the one under the cursor.
    pub(super) fn ask_app_consent(&self, out: &mut Out) {
        let rows = self.consenting_clients();
        if rows.is_empty() {
            return out.done("no client here");
        }
        let Some(app_id) = self.app.id.clone() else {
            return out.error("the CPV App ID is not set: cspdeck settings set cpv_app_id=GUID");
        };
        let (reached, gone): (Vec<&ClientRow>, Vec<&ClientRow>) = rows
            .into_iter()
            .map(|row| &self.portfolio.clients[row as usize])
            .partition(|row| row.at_microsoft);
        if reached.is_empty() {
            return out.error(format!(
                "{} at Microsoft any more, so that there is no tenant to ask",
                match gone.as_slice() {
                    [one] => format!("{} is no customer", printable(&one.name)),
                    _ => "none of them is a customer".to_owned(),
                }
            ));
        }
        let terms = ConsentTerms {
            app_id,
            display_name: self.app.display_name.clone(),
            grants: self.app.grants.clone(),
        };
        let text = self.consent_question(&reached, gone.len(), &terms);
        let order = |replace| {
            let customers = reached.iter().map(|row| (row.id.clone(), row.name.clone())).collect();
            vec![Effect::GiveAppConsent(Order { customers, terms: terms.clone(), replace })]
        };
        let confirm = Confirm::new("Give the app consent", text, order(false)).with_option(
            'r',
            "replace",
            "replace: take away what is there and give it anew",
            order(true),
        );
        out.open(Layer::Confirm(confirm));
    }

    /// The ticked clients, or the one under the cursor, or whose service is.
    fn consenting_clients(&self) -> Vec<u32> {
        let ticked: Vec<u32> = self.clients.ticks.iter().collect();
        if !ticked.is_empty() {
            return ticked;
        }
        let of_service = || Some(self.portfolio.services[self.services.current()? as usize].client);
        let at_cursor = match self.focus {
            Focus::Clients => self.clients.current(),
            Focus::Services => of_service().or_else(|| self.clients.current()),
        };
        at_cursor.into_iter().collect()
    }

    fn consent_question(&self, clients: &[&ClientRow], gone: usize, terms: &ConsentTerms) -> Vec<String> {
        let whom = match clients {
            [one] => format!("In the tenant of {} ({}):", printable(&one.name), printable(&one.domain)),
            _ => {
                let hidden = match self.clients.hidden_ticks() {
                    0 => String::new(),
                    hidden => format!(" ({hidden} hidden by the filter)"),
                };
                format!("In the tenants of {}{hidden}:", counted(clients.len(), "client"))
            }
        };
        let mut text = vec![
            whom,
            format!("app {}, which they see as \"{}\", may", terms.app_id, printable(&terms.display_name)),
        ];
        text.extend(terms.grants.iter().map(|grant| printable(&grant.to_string()).into_owned()));
        text.push(String::new());
        text.push(
            "This writes to the customers' tenants, by the role that the signed-in user has there."
                .to_owned(),
        );
        let grants = ApplicationGrant::list(&terms.grants);
        let has = clients.iter().filter_map(|row| row.app_consent.as_ref()).filter(|c| c.since().is_some());
        let (have, others) = has.fold((0, 0), |(have, others), consent| {
            let differs = consent.grants.as_ref().is_some_and(|given| *given != grants);
            (have + 1, others + usize::from(differs))
        });
        if have > 0 {
            let who = match (clients.len(), have) {
                (1, _) => "It has the consent already".to_owned(),
                (_, 1) => "1 of them has it already".to_owned(),
                _ => format!("{have} of them have it already"),
            };
            let others = match (clients.len(), others) {
                (_, 0) => String::new(),
                (1, _) => " for other permissions".to_owned(),
                _ => format!(", {others} for other permissions"),
            };
            text.push(format!("{who}{others}; what is there stays as it is unless it is replaced."));
        }
        match gone {
            0 => {}
            1 => text.push("1 more is no customer at Microsoft any more and is left out.".to_owned()),
            _ => text.push(format!("{gone} more are no customers at Microsoft any more and are left out.")),
        }
        text.push("Ticks stay; J shows what came of each.".to_owned());
        text.push(String::new());
        text
    }
}
