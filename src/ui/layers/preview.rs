//! What an Update would do, before it does it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr;

use super::frame::{hints, lines};
use super::{Conflict, Decision};
use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::money::Sums;
use crate::domain::text::printable;
use crate::domain::update::{Counts, Preview, Request, Rule, Verdict};
use crate::domain::values::NotPriced;
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::keys::Key;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, wrapped};
use crate::ui::widgets::grid::Move;

/// Which row is in conflict, and with which revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictOf {
    /// A client.
    Client(CustomerId, u64),
    /// A service.
    Service(ServiceKey, u64),
}

/// A line of the list of rows.
#[derive(Debug)]
struct Row {
    mark: &'static str,
    label: String,
    what: String,
    /// Index of a line in conflict: a client's, else a service's.
    conflict: Option<(bool, usize)>,
    /// Whether the summary shows it too.
    needs_a_look: bool,
}

/// At most so many lines show the cursor's row in full.
const FULL_LINES: usize = 3;

impl Row {
    /// What does not fit beside the label, in lines of its own; none where all of it fits.
    fn in_full(&self, name: usize, width: usize) -> Vec<String> {
        if self.label.width() <= name && self.what.width() <= width.saturating_sub(name + 6) {
            return Vec::new();
        }
        let text = format!("{}: {}", self.label, self.what);
        wrapped(&text, width.saturating_sub(3)).into_iter().map(|part| format!("   {part}")).collect()
    }
}

/// Where the sums begin, behind their titles.
const SUMS_AT: usize = 32;

/// Sums behind a title, in as many lines as they take, broken between currencies only.
fn sums_lines(title: &str, sums: &Sums, width: usize) -> Vec<String> {
    let mut lines = vec![format!("   {title:<0$}", SUMS_AT - 3)];
    for part in sums.parts() {
        match lines.last_mut() {
            Some(last) if last.width() <= SUMS_AT => last.push_str(&part),
            Some(last) if last.width() + 2 + part.width() <= width => {
                last.push_str("  ");
                last.push_str(&part);
            }
            _ => lines.push(format!("{:SUMS_AT$}{part}", "")),
        }
    }
    lines
}

/// See the module.
#[derive(Debug)]
pub struct PreviewLayer {
    /// What was asked for.
    pub request: Request,
    /// What it would do.
    pub preview: Preview,
    operator: String,
    partner: String,
    rows: Vec<Row>,
    all: bool,
    cursor: usize,
    height: usize,
    /// Said above the summary, where the store moved on since the operator confirmed.
    note: Option<String>,
    /// It came up by itself and nobody has looked yet: a key that was pressed twice must not confirm it.
    unread: bool,
}

impl PreviewLayer {
    /// Shows a preview of a request.
    #[must_use]
    pub fn new(request: Request, preview: Preview, operator: String, partner: String) -> Self {
        let rows = rows(&preview);
        Self {
            request,
            preview,
            operator,
            partner,
            rows,
            all: false,
            cursor: 0,
            height: 10,
            note: None,
            unread: false,
        }
    }

    /// Says something above the summary.
    #[must_use]
    pub fn with_note(mut self, note: String) -> Self {
        self.note = Some(note);
        self.unread = true;
        self
    }

    fn shown(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| self.all || row.needs_a_look)
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let last = self.shown().count().saturating_sub(1);
        let action = lookup(Context::Preview, Key::of(key));
        if std::mem::take(&mut self.unread) && action == Some(Action::Accept) {
            self.unread = true;
            return Decision::Say(
                "this is another preview than the one you confirmed: look at it (j, l), then y",
            );
        }
        match action {
            Some(Action::Accept) if self.preview.writes_anything() => return Decision::Apply,
            Some(Action::Accept) => return Decision::Say("there is nothing to write"),
            Some(Action::Close) => return Decision::Close,
            Some(Action::ShowRows) => {
                self.all = !self.all;
                self.cursor = 0;
            }
            Some(Action::Go(Move::Down)) => self.cursor = (self.cursor + 1).min(last),
            Some(Action::Go(Move::Up)) => self.cursor = self.cursor.saturating_sub(1),
            Some(Action::Go(Move::PageDown)) => self.cursor = (self.cursor + self.height).min(last),
            Some(Action::Go(Move::PageUp)) => self.cursor = self.cursor.saturating_sub(self.height),
            Some(Action::EditCell) => {
                let conflict = self.shown().nth(self.cursor).and_then(|row| row.conflict);
                let of = conflict.and_then(|(is_client, at)| self.conflict_of(is_client, at));
                return of.map_or(Decision::Say("this row is not in conflict"), Decision::OpenConflict);
            }
            _ => {}
        }
        Decision::Stay
    }

    fn conflict_of(&self, is_client: bool, at: usize) -> Option<ConflictOf> {
        if is_client {
            let line = self.preview.clients.get(at)?;
            match &line.verdict {
                Verdict::Conflict { revision, .. } => Some(ConflictOf::Client(line.key.clone(), *revision)),
                _ => None,
            }
        } else {
            let line = self.preview.services.get(at)?;
            match &line.verdict {
                Verdict::Conflict { revision, .. } => Some(ConflictOf::Service(line.key.clone(), *revision)),
                _ => None,
            }
        }
    }

    /// The layer that settles a conflict.
    #[must_use]
    pub fn conflict(&self, of: &ConflictOf) -> Option<Conflict> {
        let (label, by, at, fields) = match of {
            ConflictOf::Client(id, _) => {
                let line = self.preview.clients.iter().find(|l| l.key == *id)?;
                match &line.verdict {
                    Verdict::Conflict { by, at, fields, .. } => (&line.label, by, at, fields),
                    _ => return None,
                }
            }
            ConflictOf::Service(key, _) => {
                let line = self.preview.services.iter().find(|l| l.key == *key)?;
                match &line.verdict {
                    Verdict::Conflict { by, at, fields, .. } => (&line.label, by, at, fields),
                    _ => return None,
                }
            }
        };
        Some(Conflict {
            of: of.clone(),
            label: label.clone(),
            by: by.clone(),
            at: at.strftime("%Y-%m-%d %H:%M").to_string(),
            fields: fields.clone(),
        })
    }

    /// Draws it over the whole area.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let (clients, services) = (self.preview.client_counts(), self.preview.service_counts());
        let mut head: Vec<Line<'_>> = Vec::new();
        let nothing_yet = "   nothing is written yet";
        let title = format!(" Update, as {}, on {}", printable(&self.operator), printable(&self.partner));
        let room = (area.width as usize).saturating_sub(nothing_yet.len());
        let title = fit(&title, room, Cut::End, theme.ellipsis).into_owned();
        head.push(Line::from(vec![Span::styled(title, theme.heading), Span::raw(nothing_yet)]));
        if let Some(note) = &self.note {
            head.push(Line::from(Span::styled(format!(" ! {}", printable(note)), theme.alert)));
        }
        head.push(Line::raw(""));
        head.push(Line::raw(format!("{:>5}  clients   {}", self.preview.clients.len(), counts(clients))));
        head.push(Line::raw(format!("{:>5}  services  {}", self.preview.services.len(), counts(services))));
        let order = self.preview.customer_order_sums();
        if !order.is_empty() {
            let renewal = self.preview.customer_renewal_sums();
            let (count, invoiced) = self.preview.invoiced();
            let width = area.width as usize;
            let mut money = vec![String::new()];
            money.extend(sums_lines("first period, customers pay", &order, width));
            money.extend(sums_lines("each later period", &renewal, width));
            match count {
                0 => money.push("   no invoices are asked for".to_owned()),
                1 => money.extend(sums_lines("1 of them is to be invoiced", &invoiced, width)),
                _ => money.extend(sums_lines(&format!("{count} are to be invoiced"), &invoiced, width)),
            }
            head.extend(money.into_iter().map(Line::raw));
        }
        head.push(Line::raw(""));
        head.push(Line::from(Span::styled(self.list_title(), theme.heading)));
        let used = head.len() as u16;
        lines(frame, area, head);

        let width = area.width as usize;
        let name = (width / 2).saturating_sub(6);
        let full = self.shown().nth(self.cursor).map(|row| row.in_full(name, width)).unwrap_or_default();
        let rest = area.height.saturating_sub(used + 1) as usize;
        let full = &full[..full.len().min(FULL_LINES).min(rest / 3)];
        let below = 1 + full.len() as u16;
        let list = Rect {
            y: area.y + used.min(area.height),
            height: area.height.saturating_sub(used + below),
            ..area
        };
        self.height = (list.height as usize).max(1);
        let from = (self.cursor + 1).saturating_sub(self.height);
        let shown: Vec<Line<'_>> = self
            .shown()
            .enumerate()
            .skip(from)
            .take(self.height)
            .map(|(at, row)| {
                let at_cursor = at == self.cursor;
                let style =
                    if at_cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
                let label = fit(&row.label, name, Cut::End, theme.ellipsis).into_owned();
                let pad = name.saturating_sub(label.width());
                let what = fit(&row.what, width.saturating_sub(name + 6), Cut::End, theme.ellipsis);
                Line::from(vec![
                    Span::raw(if at_cursor { ">" } else { " " }),
                    Span::raw(format!("{} ", row.mark)),
                    Span::styled(label, style),
                    Span::raw(" ".repeat(pad + 2)),
                    Span::raw(what.into_owned()),
                ])
            })
            .collect();
        lines(frame, list, shown);
        let place = Rect { y: list.y + list.height, height: full.len() as u16, ..area };
        lines(
            frame,
            place,
            full.iter().map(|part| Line::from(Span::styled(part.as_str(), theme.faint))).collect(),
        );

        let foot = Rect { y: area.y + area.height.saturating_sub(1), height: 1.min(area.height), ..area };
        let mut keys = Vec::new();
        if self.preview.writes_anything() {
            keys.push(("y", "update"));
        }
        keys.push(("l", if self.all { "summary" } else { "every row" }));
        if clients.conflicts + services.conflicts > 0 {
            keys.push(("Enter", "compare"));
        }
        keys.push(("j k", "move"));
        keys.push(("Esc", "back"));
        lines(frame, foot, vec![hints(&keys, theme)]);
    }

    fn list_title(&self) -> String {
        if self.all {
            return " Every row".to_owned();
        }
        match self.rows.iter().filter(|row| row.needs_a_look).count() {
            0 if self.preview.writes_anything() => " Nothing is left out".to_owned(),
            0 => " Everything is as it would be: there is nothing to write".to_owned(),
            1 => " 1 row is left out".to_owned(),
            count => format!(" {count} rows are left out"),
        }
    }
}

fn counts(counts: Counts) -> String {
    [
        (counts.created, "new"),
        (counts.changed, "changed"),
        (counts.unchanged, "unchanged"),
        (counts.skipped, "left out"),
        (counts.conflicts, "in conflict"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, name)| format!("{count} {name}"))
    .collect::<Vec<_>>()
    .join("  ")
}

fn rows(preview: &Preview) -> Vec<Row> {
    let mut rows = Vec::with_capacity(preview.clients.len() + preview.services.len());
    for (at, line) in preview.clients.iter().enumerate() {
        let what = match &line.verdict {
            Verdict::Create(client) => {
                format!("new, {} {} {}", client.currency, client.registered_on, printable(&client.username))
            }
            verdict => describe(verdict),
        };
        rows.push(row(&line.label, &line.verdict, what, (true, at)));
    }
    for (at, line) in preview.services.iter().enumerate() {
        let what = match &line.verdict {
            Verdict::Create(service) => {
                let mut sum = Sums::default();
                sum.add(service.amounts.currency, service.amounts.customer_order);
                format!("new, {} x {} {sum}", service.quantity, service.cycle)
            }
            verdict => describe(verdict),
        };
        rows.push(row(&line.label, &line.verdict, what, (false, at)));
    }
    rows
}

fn row<T>(label: &str, verdict: &Verdict<T>, what: String, at: (bool, usize)) -> Row {
    let (mark, needs_a_look) = match verdict {
        Verdict::Create(_) => ("+", false),
        Verdict::Change { .. } => ("*", false),
        Verdict::Unchanged => ("=", false),
        Verdict::Skip(_) => ("-", true),
        Verdict::Conflict { .. } => ("!", true),
    };
    let conflict = matches!(verdict, Verdict::Conflict { .. }).then_some(at);
    Row {
        mark,
        label: printable(label).into_owned(),
        what: printable(&what).into_owned(),
        conflict,
        needs_a_look,
    }
}

/// The key that mends what a rule found, back in the grid.
fn remedy(rule: &Rule) -> &'static str {
    match rule {
        Rule::NotPriced(NotPriced::NoPlan) => "m proposes, e chooses one",
        Rule::NotPriced(NotPriced::NoAmounts(_) | NotPriced::NoCycle) => "e on Cycle or Plan",
        Rule::NotPriced(NotPriced::OtherOffer(_) | NotPriced::UnknownPlan(_)) => "e on Plan",
        Rule::NotPriced(NotPriced::NoCurrency) | Rule::NoCurrency => "e on the client's Cur",
        Rule::CurrencyNotTicked { .. } | Rule::ClientNotManaged => "Space on the client",
        Rule::Username(_) => "e on Username",
        Rule::NoInvoiceStart | Rule::InvoiceEndsBeforeStart => "e on Inv. start or end",
        _ => "",
    }
}

fn describe<T>(verdict: &Verdict<T>) -> String {
    match verdict {
        Verdict::Create(_) => "new".to_owned(),
        Verdict::Change { fields, .. } => {
            fields.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        Verdict::Unchanged => "as it is".to_owned(),
        Verdict::Skip(rule) => match remedy(rule) {
            "" => rule.to_string(),
            remedy => format!("{rule}   {remedy}"),
        },
        Verdict::Conflict { by, at, fields, .. } => {
            let first = fields.first();
            let field = first.map(|f| format!(": {} {}, yours {}", f.field, f.before, f.after));
            format!("changed by {by}, {} UTC{}", at.strftime("%Y-%m-%d %H:%M"), field.unwrap_or_default())
        }
    }
}
