//! Drawing a frame: header, tabs, the tab's body, status, key hints, and the layers on top.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};
use unicode_width::UnicodeWidthStr;

use super::action::Tab;
use super::app::App;
use super::commands::available;
use super::layers::Layer;
use super::screens::{Screen, placeholder};
use super::theme::Theme;
use super::widgets::fit::{Cut, fit, wrapped};
use crate::domain::text::printable;

/// Below this size the screen only says so.
const SMALLEST: (u16, u16) = (60, 15);

/// Draws the whole screen.
pub fn draw(app: &mut App, frame: &mut Frame<'_>) {
    app.links.clear();
    let area = frame.area();
    app.too_small = area.width < SMALLEST.0 || area.height < SMALLEST.1;
    if app.too_small {
        let text = format!("{}x{}: too small, {}x{} needed", area.width, area.height, SMALLEST.0, SMALLEST.1);
        frame.render_widget(
            Paragraph::new(vec![
                Line::raw("cspdeck"),
                Line::raw(text),
                Line::raw(if app.layers.is_empty() {
                    "nothing is lost; q leaves"
                } else {
                    "nothing is lost; ^C goes back"
                }),
            ])
            .wrap(Wrap { trim: true }),
            area,
        );
        return;
    }
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    header(app, frame, line(0));
    tabs(app.tab, frame, line(1), &app.theme);
    let body = Rect { y: area.y + 2, height: area.height - 4, ..area };
    let theme = app.theme.clone();
    let job = app.job.as_ref().map(|job| format!("{}: {}, {}", job.title, job.share(), job.whole_message()));
    app.settings.now = app.now;
    if let Some(screen) = app.screen_mut() {
        screen.draw(frame, body, job.as_deref(), &theme);
    } else {
        let lines: Vec<Line<'_>> = placeholder::lines(app.tab).map(Line::raw).to_vec();
        let indented = Rect { x: body.x + 3, y: body.y + 1, width: body.width - 6, height: body.height - 1 };
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), indented);
    }
    status(app, frame, line(area.height - 2));
    // A layer says itself which keys work.
    if app.layers.is_empty() {
        hints(app, frame, line(area.height - 1), &theme);
    }

    let whole = Rect { y: area.y + 1, height: area.height - 1, ..area };
    for layer in &mut app.layers {
        match layer {
            Layer::Confirm(layer) => layer.draw(frame, body, &theme),
            Layer::Prompt(layer) => layer.draw(frame, area, &theme),
            Layer::SecretPrompt(layer) => layer.draw(frame, area, &theme),
            Layer::Choose(layer) => layer.draw(frame, body, &theme),
            Layer::ChooseMany(layer) => layer.draw(frame, body, &theme),
            Layer::Browse(layer) => layer.draw(frame, body, &theme),
            Layer::Details(layer) => layer.draw(frame, body, &theme),
            Layer::Review(layer) => layer.draw(frame, whole, &theme),
            Layer::Mapping(layer) => layer.draw(frame, whole, &theme),
            Layer::Help(layer) => layer.draw(frame, body, &theme),
            Layer::Palette(layer) => layer.draw(frame, body, &theme),
            Layer::Preview(layer) => layer.draw(frame, whole, &theme),
            Layer::Conflict(layer) => layer.draw(frame, body, &theme),
            Layer::PlanForm(layer) => layer.draw(frame, whole, &theme),
            Layer::ManyPlans(layer) => layer.draw(frame, whole, &theme),
            Layer::Reprice(layer) => layer.draw(frame, whole, &theme),
            Layer::Jobs(layer) => layer.draw(frame, whole, &theme),
            Layer::Consent(layer) => layer.draw(frame, whole, app.now, &mut app.links, &theme),
            Layer::Check(layer) => layer.draw(frame, whole, &theme),
            Layer::Reveal(layer) => layer.draw(frame, body, &theme),
        }
    }
    // What these two say would lie below them.
    if app.notice.is_some()
        && matches!(
            app.layers.last(),
            Some(
                Layer::Preview(_)
                    | Layer::Jobs(_)
                    | Layer::Consent(_)
                    | Layer::Check(_)
                    | Layer::PlanForm(_)
                    | Layer::ManyPlans(_)
                    | Layer::Reprice(_)
            )
        )
    {
        status(app, frame, line(area.height - 2));
    }
}

fn header(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let header = &app.header;
    let standing = header.token.standing(app.now);
    let (token, alert) = (standing.headline(), standing.is_alarming());
    let token = if alert { format!("! {token}") } else { token };
    let operator = printable(&header.operator);
    // The partner's name gives way, not what is wrong with the token.
    let others = [header.mode.as_str(), header.tier.as_str(), token.as_str(), operator.as_ref()];
    let taken: usize = others.iter().map(|text| text.width() + 2).sum::<usize>() + "cspdeck  ".len();
    let room = (area.width as usize).saturating_sub(taken).max(8);
    let partner = printable(&header.partner);
    let partner = fit(&partner, room, Cut::Middle, app.theme.ellipsis);
    let mut left = vec![Span::styled("cspdeck", app.theme.heading)];
    for (text, style) in [
        (header.mode.as_str(), app.theme.heading),
        (partner.as_ref(), ratatui::style::Style::new()),
        (header.tier.as_str(), ratatui::style::Style::new()),
        (token.as_str(), if alert { app.theme.alert } else { ratatui::style::Style::new() }),
    ] {
        if !text.is_empty() {
            left.push(Span::raw("  "));
            left.push(Span::styled(text.to_owned(), style));
        }
    }
    // What does not fit is left out: half a word says nothing.
    let job = app.job.as_ref().map(|job| {
        let share = job.share();
        let (message, whole) = (&job.message, job.whole_message());
        [
            format!("{} {share} {whole}", job.title),
            format!("{share} {whole}"),
            format!("{} {share} {message}", job.title),
            format!("{share} {message}"),
            share,
        ]
    });
    let left_width: usize = left.iter().map(|s| s.content.width()).sum();
    let room = (area.width as usize).saturating_sub(left_width + operator.width() + 4);
    let right = match job {
        Some(texts) => match texts.iter().find(|text| text.width() <= room) {
            Some(text) => format!("{}  {operator}", printable(text)),
            None => operator.into_owned(),
        },
        None => match &app.snapshot {
            Some(snapshot) => {
                let failed = match snapshot.failed {
                    0 => String::new(),
                    failed => format!(", {failed} failed"),
                };
                let full = format!("data of {}{failed}", snapshot.completed_at);
                let short = snapshot.completed_at.get(5..).unwrap_or_default();
                match [full.as_str(), short].into_iter().find(|text| text.len() <= room) {
                    Some(text) => format!("{text}  {operator}"),
                    None => operator.into_owned(),
                }
            }
            None => operator.into_owned(),
        },
    };
    frame.render_widget(Paragraph::new(Line::from(left)), area);
    right_aligned(frame, area, &right);
}

fn right_aligned(frame: &mut Frame<'_>, area: Rect, text: &str) {
    let width = (text.width() as u16).min(area.width);
    let place = Rect { x: area.x + area.width - width, width, ..area };
    frame.render_widget(Paragraph::new(text), place);
}

fn tabs(current: Tab, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    let full = Tab::ALL.map(|tab| (tab, format!("{} {}", tab.index() + 1, tab.names().0)));
    let short = Tab::ALL.map(|tab| (tab, format!("{} {}", tab.index() + 1, tab.names().1)));
    // Where there is no room for names, the keys are still all there.
    let keys = Tab::ALL.map(|tab| {
        let key = (tab.index() + 1).to_string();
        (tab, if tab == current { format!("{key} {}", tab.names().0) } else { key })
    });
    let width = |tabs: &[(Tab, String)]| tabs.iter().map(|(_, text)| text.len() + 1).sum::<usize>() + 3;
    let room = area.width as usize;
    let tabs = [full, short].into_iter().find(|tabs| width(tabs) <= room).unwrap_or(keys);
    let mut spans = Vec::new();
    for (tab, text) in tabs {
        spans.push(Span::raw(" "));
        if tab == current {
            spans.push(Span::raw("["));
            spans.push(Span::styled(text, theme.heading.add_modifier(Modifier::BOLD)));
            spans.push(Span::raw("]"));
        } else {
            spans.push(Span::raw(text));
        }
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// How many lines a notice may take; more would hide what it is about. What went wrong may take half the screen: what to do about it
/// stands at its end, and there is no other place to read it.
fn notice_lines(is_error: bool, height: u16) -> usize {
    if is_error { usize::from(height / 2).max(4) } else { 4 }
}

fn status(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let width = area.width as usize;
    if let Some(notice) = &app.notice {
        let text = printable(&notice.text);
        let text = if notice.is_error { format!("! {text}") } else { text.into_owned() };
        let style = if notice.is_error { app.theme.alert } else { ratatui::style::Style::new() };
        // A long one grows upwards: what is to be done stands at its end.
        let mut parts = wrapped(&text, width);
        parts.truncate(notice_lines(notice.is_error, frame.area().height));
        let above = parts.len() as u16 - 1;
        let place = Rect { y: area.y - above, height: above + 1, ..area };
        let parts: Vec<Line<'_>> = parts
            .into_iter()
            .map(|part| Line::styled(fit(&part, width, Cut::End, app.theme.ellipsis).into_owned(), style))
            .collect();
        frame.render_widget(Clear, place);
        frame.render_widget(Paragraph::new(parts), place);
        return;
    }
    let Some(screen) = app.screen() else { return };
    let status = screen.status();
    let text = fit(&printable(&status), width, Cut::End, app.theme.ellipsis).into_owned();
    frame.render_widget(Paragraph::new(text), area);
}

fn hints(app: &App, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    // What is wrong with the row under the cursor matters more than the keys, which ? shows as well.
    if app.layers.is_empty()
        && let Some(problem) = app.screen().and_then(Screen::problem)
    {
        let text = fit(&problem, (area.width as usize).saturating_sub(2), Cut::End, theme.ellipsis);
        frame.render_widget(Paragraph::new(Span::styled(format!("! {text}"), theme.alert)), area);
        return;
    }
    let mut commands: Vec<_> = available(app.context()).filter(|c| c.hint.is_some()).collect();
    if commands.is_empty() {
        commands = available(super::commands::Context::Everywhere).filter(|c| c.hint.is_some()).collect();
    }
    commands.sort_by_key(|c| c.hint);
    // Help and leaving are always shown; the others as far as they fit.
    let (mut always, others): (Vec<_>, Vec<_>) = commands.into_iter().partition(|c| c.hint >= Some(90));
    let key = |c: &super::commands::Command| c.keys.first().unwrap_or(&"").replace("Ctrl-", "^");
    let cost = |c: &super::commands::Command| key(c).len() + c.title.len() + 3;
    // The last one needs no gap behind it.
    let mut room = (area.width as usize + 2).saturating_sub(always.iter().map(|c| cost(c)).sum::<usize>());
    let mut shown = Vec::new();
    for command in others {
        if cost(command) > room {
            break;
        }
        room -= cost(command);
        shown.push(command);
    }
    shown.append(&mut always);
    let mut spans = Vec::new();
    for command in shown {
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        spans.push(Span::styled(key(command), theme.key));
        spans.push(Span::raw(format!(" {}", command.title)));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
