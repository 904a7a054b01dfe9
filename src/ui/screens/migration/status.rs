//! What is ticked and what it is worth, worked out when it changes and not when it is drawn.

use crate::domain::money::{Currency, Sums};

use super::Migration;
use crate::domain::text::counted;

/// The line above the key hints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// What is ticked.
    pub ticked: String,
    /// The ticked services' first billing period, as customers pay it.
    pub money: String,
    /// Rows with edits, and how many of them are not ticked.
    pub edited: String,
}

impl Status {
    /// All of it, in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let parts = [&self.ticked, &self.edited, &self.money];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("   ")
    }

    pub(super) fn of(screen: &Migration) -> Self {
        let clients = screen.clients.ticks.count();
        let services = screen.services.ticks.count();
        let hidden = |count: usize| match count {
            0 => String::new(),
            hidden => format!(" ({hidden} hidden)"),
        };
        let lost = screen.lost_client_ticks.len() + screen.lost_service_ticks.len();
        let lost = if !screen.portfolio.complete {
            ", reading services".to_owned()
        } else if lost > 0 {
            format!(", {lost} gone at Microsoft")
        } else {
            String::new()
        };
        let ticked = if screen.update_waits {
            "the preview opens as soon as all services are read, Esc stops that".to_owned()
        } else if clients + services == 0 && lost.is_empty() {
            "nothing ticked".to_owned()
        } else {
            format!(
                "{}{}, {}{} ticked{lost}",
                counted(clients, "client"),
                hidden(screen.clients.hidden_ticks()),
                counted(services, "service"),
                hidden(screen.services.hidden_ticks()),
            )
        };
        Self { ticked, money: money(screen), edited: edited(screen) }
    }
}

fn money(screen: &Migration) -> String {
    let mut sums: Vec<(Currency, i128)> = Vec::new();
    for row in screen.services.ticks.iter() {
        if let Some((currency, minor)) = screen.draft.worth(row) {
            match sums.iter_mut().find(|(c, _)| *c == currency) {
                Some((_, sum)) => *sum += i128::from(minor),
                None => sums.push((currency, i128::from(minor))),
            }
        }
    }
    let mut total = Sums::default();
    for (currency, minor) in sums {
        match rust_decimal::Decimal::try_from_i128_with_scale(minor, currency.minor_units()) {
            Ok(amount) => total.add(currency, amount),
            Err(_) => return "too large to add up".to_owned(),
        }
    }
    total.to_string()
}

fn edited(screen: &Migration) -> String {
    let count = screen.draft.len();
    if count == 0 {
        return String::new();
    }
    let unticked = screen.draft.clients().filter(|(row, _)| !screen.clients.ticks.has(*row)).count()
        + screen.draft.services().filter(|(row, _)| !screen.services.ticks.has(*row)).count();
    if unticked == 0 { format!("*{count} edited") } else { format!("*{count} edited, {unticked} not ticked") }
}
