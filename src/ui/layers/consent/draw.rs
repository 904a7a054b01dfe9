//! Drawing the consent.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::{At, ConsentLayer};
use crate::domain::text::printable;
use crate::jobs::consent::{Consented, Stage};
use crate::ui::layers::frame::{hints, lines, popup};
use crate::ui::terminal::Links;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, pieces, wrapped};
use crate::ui::widgets::qr::Qr;

/// Cells of the pop-up, with its border, where there is room.
const WIDTH: u16 = 110;

/// Lines of the pop-up, and which of them are a link.
struct Body {
    lines: Vec<Line<'static>>,
    link: Option<(usize, usize)>,
    keys: Vec<(&'static str, &'static str)>,
    cursor: Option<(u16, u16)>,
}

impl ConsentLayer {
    /// Draws it; what is a link goes to `links`.
    pub fn draw(
        &mut self,
        frame: &mut Frame<'_>,
        area: Rect,
        now: Timestamp,
        links: &mut Links,
        theme: &Theme,
    ) {
        let qr = self.link().and_then(Qr::of);
        self.has_room = theme.unicode
            && qr.as_ref().is_some_and(|qr| qr.size().0 <= area.width && qr.size().1 < area.height);
        if self.shows_qr
            && let Some(qr) = qr.filter(|_| self.has_room)
        {
            frame.render_widget(Clear, area);
            qr.draw(frame, area, theme);
            let foot = Rect { y: area.y + area.height - 1, height: 1, ..area };
            return lines(frame, foot, vec![hints(&[("w", "back to the text"), ("Esc", "back")], theme)]);
        }
        let width = area.width.min(WIDTH);
        let room = (width as usize).saturating_sub(4);
        let mut body = self.body(room, now, theme);
        let height = body.lines.len() as u16 + 4;
        let inside = popup(frame, area, "CSP partner consent", width, height, theme);
        let text = Rect { height: inside.height.saturating_sub(1), ..inside };
        self.beyond = body.lines.len().saturating_sub(text.height as usize);
        self.offset = self.offset.min(self.beyond);
        if self.beyond > 0 {
            body.keys.insert(body.keys.len().saturating_sub(1), ("j k", "more"));
        }
        if let (Some((from, to)), Some(link)) = (body.link, self.link()) {
            // Only what is underlined becomes a link, so the other lines may be in its place too.
            let (from, to) = (from.saturating_sub(self.offset), to.saturating_sub(self.offset));
            let place = Rect {
                x: inside.x + 1,
                y: inside.y + from as u16,
                width: inside.width.saturating_sub(2),
                height: (to - from) as u16,
            };
            links.add(place.intersection(text), link);
        }
        if let Some((x, y)) = body.cursor {
            let x = (inside.x + x).min(inside.x + inside.width.saturating_sub(1));
            frame.set_cursor_position(Position { x, y: inside.y + y });
        }
        lines(frame, text, body.lines.into_iter().skip(self.offset).collect());
        let foot = Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
        lines(frame, foot, vec![hints(&body.keys, theme)]);
    }

    fn body(&self, room: usize, now: Timestamp, theme: &Theme) -> Body {
        match &self.at {
            At::Domain { line, error } => domain_body(line, error.as_deref(), room, theme),
            At::Starting => self.simple("Beginning.", room, theme),
            At::Checking => {
                self.simple("Somebody signed in. Partner Center is asked what that is worth.", room, theme)
            }
            At::Waiting(Stage::Code { code, page, until }) => {
                self.code_body(code, page, *until, room, now, theme)
            }
            At::Waiting(stage) => self.address_body(stage, room, now, theme),
            At::Given(consented) => given_body(consented, room, theme),
            At::Failed(reason) => failed_body(reason, room, theme),
        }
    }

    fn head(&self, until: Option<Timestamp>, room: usize, now: Timestamp, theme: &Theme) -> Line<'static> {
        let left = until.map(|until| format!("{} left", clock(now, until))).unwrap_or_default();
        let domain = fit(&self.domain, room.saturating_sub(24), Cut::Middle, theme.ellipsis).into_owned();
        let pad = room.saturating_sub(12 + domain.len() + left.len());
        Line::from(vec![
            Span::styled(" CSP domain  ", theme.faint),
            Span::raw(domain),
            Span::raw(" ".repeat(pad)),
            Span::raw(left),
        ])
    }

    fn simple(&self, text: &str, room: usize, theme: &Theme) -> Body {
        let mut lines = vec![self.head(None, room, Timestamp::UNIX_EPOCH, theme), Line::raw("")];
        lines.extend(paragraph(text, room, Style::new()));
        Body { lines, link: None, keys: vec![(" Esc", "cancel")], cursor: None }
    }

    fn address_body(&self, stage: &Stage, room: usize, now: Timestamp, theme: &Theme) -> Body {
        let Stage::Waiting { address, registered_uri, port, deaf, until, .. } = stage else {
            return self.simple("", room, theme);
        };
        let mut lines = vec![self.head(Some(*until), room, now, theme)];
        lines.extend(paragraph(
            "Open this in a private window, signed out of every Microsoft portal, as an Admin Agent:",
            room,
            theme.heading,
        ));
        let from = lines.len();
        let link = Style::new().add_modifier(Modifier::UNDERLINED);
        for part in pieces(address, room) {
            lines.push(Line::from(vec![Span::raw(" "), Span::styled(part.to_owned(), link)]));
        }
        let to = lines.len();
        match (port, deaf) {
            (Some(port), _) => {
                lines.extend(paragraph(
                    &format!("Waiting on 127.0.0.1:{port}. From your own machine, beside this session:"),
                    room,
                    Style::new(),
                ));
                let tunnel = self.tunnel().unwrap_or_default();
                let tunnel = format!("   {}", printable(tunnel));
                lines.push(Line::from(Span::styled(tunnel, theme.heading)));
                lines.extend(paragraph(
                    "No tunnel? Sign in all the same: the browser ends on an address that it can't open. \
                     p takes that address. Or d shows a code to sign in with.",
                    room,
                    Style::new(),
                ));
            }
            (None, deaf) => {
                let why = deaf.as_ref().map(|why| format!("{}: ", printable(why))).unwrap_or_default();
                lines.extend(paragraph(
                    &format!(
                        "{why}nothing listens here. Sign in, then p takes the address that the browser ends on. Or d shows a code \
                         to sign in with."
                    ),
                    room,
                    Style::new(),
                ));
            }
        }
        lines.extend(paragraph(
            &format!("The app needs the redirect address {} (platform Web).", printable(registered_uri)),
            room,
            theme.faint,
        ));
        self.note_lines(&mut lines, room, theme);
        let mut keys = vec![(" y", "copy"), ("p", "paste"), ("d", "code")];
        if port.is_some() {
            keys.push(("s", "copy ssh"));
        }
        if self.has_room {
            keys.push(("w", "QR"));
        }
        keys.push(("Esc", "cancel"));
        Body { lines, link: Some((from, to)), keys, cursor: None }
    }

    fn code_body(
        &self,
        code: &str,
        page: &str,
        until: Timestamp,
        room: usize,
        now: Timestamp,
        theme: &Theme,
    ) -> Body {
        let mut lines = vec![self.head(Some(until), room, now, theme)];
        lines.extend(paragraph(
            "In a private window, signed out of every Microsoft portal, open:",
            room,
            theme.heading,
        ));
        let from = lines.len();
        let link = Style::new().add_modifier(Modifier::UNDERLINED);
        for part in pieces(page, room) {
            lines.push(Line::from(vec![Span::raw(" "), Span::styled(part.to_owned(), link)]));
        }
        let to = lines.len();
        lines.extend(paragraph("and sign in as an Admin Agent with this code:", room, theme.heading));
        lines.push(Line::from(Span::styled(format!("   {}", printable(code)), theme.key)));
        lines.extend(paragraph(
            "Type it only where you opened the page yourself. Conditional Access often blocks codes; the address counts still.",
            room,
            theme.faint,
        ));
        self.note_lines(&mut lines, room, theme);
        let mut keys = vec![(" y", "copy the code"), ("d", "the address"), ("p", "paste")];
        if self.has_room {
            keys.push(("w", "QR of the page"));
        }
        keys.push(("Esc", "cancel"));
        Body { lines, link: Some((from, to)), keys, cursor: None }
    }

    fn note_lines(&self, lines: &mut Vec<Line<'static>>, room: usize, theme: &Theme) {
        match (&self.copied, &self.note) {
            (Some(copied), _) => lines.extend(paragraph(copied, room, theme.tick)),
            (None, Some(note)) => lines.extend(paragraph(&format!("! {note}"), room, theme.alert)),
            (None, None) => {}
        }
    }
}

fn domain_body(
    line: &crate::ui::widgets::input::Line,
    error: Option<&str>,
    room: usize,
    theme: &Theme,
) -> Body {
    let label = " CSP domain  ";
    let mut lines = vec![Line::from(vec![
        Span::styled(label, theme.faint),
        Span::raw(printable(line.text()).into_owned()),
    ])];
    let cursor = Some(((label.len() + line.cursor()) as u16, 0));
    lines.push(Line::raw(""));
    lines.extend(paragraph(
        "Whose consent is asked for: the partner's domain. Another one than in the settings goes into them.",
        room,
        theme.faint,
    ));
    if let Some(error) = error {
        lines.extend(paragraph(&format!("! {error}"), room, theme.alert));
    }
    Body { lines, link: None, keys: vec![(" Enter", "go on"), ("Esc", "back")], cursor }
}

fn given_body(consented: &Consented, room: usize, theme: &Theme) -> Body {
    let mut lines = paragraph("The consent is given.", room, theme.tick);
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let value =
                fit(&printable(value), room.saturating_sub(14), Cut::End, theme.ellipsis).into_owned();
            lines.push(Line::from(vec![Span::styled(format!(" {name:<13}"), theme.faint), Span::raw(value)]));
        }
    };
    fact("signed in", consented.user.as_deref());
    fact("partner", consented.company.as_deref());
    fact("tenant", consented.tenant.as_deref());
    let place = if consented.in_vault { "in the key vault" } else { "in the store, encrypted" };
    fact("token", Some(place));
    for remark in &consented.remarks {
        lines.extend(paragraph(&format!("! {remark}"), room, theme.alert));
    }
    lines.push(Line::raw(""));
    lines.extend(paragraph(
        "Next: t checks every service. V shows the refresh token for the CPV team, y on its row copies it unshown.",
        room,
        theme.faint,
    ));
    Body { lines, link: None, keys: vec![(" Enter", "done")], cursor: None }
}

fn failed_body(reason: &str, room: usize, theme: &Theme) -> Body {
    let mut lines = paragraph("There is no consent.", room, theme.alert);
    lines.push(Line::raw(""));
    lines.extend(paragraph(reason, room, Style::new()));
    Body { lines, link: None, keys: vec![(" r", "begin again"), ("Esc", "back")], cursor: None }
}

fn paragraph(text: &str, room: usize, style: Style) -> Vec<Line<'static>> {
    wrapped(&printable(text), room)
        .into_iter()
        .flat_map(|part| pieces(&part, room).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .map(|part| Line::from(Span::styled(format!(" {part}"), style)))
        .collect()
}

/// Minutes and seconds until a time.
fn clock(now: Timestamp, until: Timestamp) -> String {
    let seconds = until.duration_since(now).as_secs().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
