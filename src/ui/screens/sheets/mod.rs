//! Price Sheets: the list of those that are kept, one of them opened, or two of them compared.

mod compared;
mod list;
mod opened;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::price_sheet::Mapping;
use crate::domain::sheet_record::parse_name;
use crate::domain::text::{printable, thousands};
use crate::jobs::sheets::{Review, ReviewProgress, SheetSummary};
use crate::partner_center::{BadMonth, Edition, Market, SheetOrder, SheetView};
use crate::ui::action::Action;
use crate::ui::commands::Context;
use crate::ui::effect::Effect;
use crate::ui::layers::{Browse, Confirm, Layer, MappingLayer, Prompt, PromptFor, ReviewLayer, first_folder};
use crate::ui::messages;
use crate::ui::messages::sheets::{Held, SheetAnswer, SheetAsk, SheetRequest};
use crate::ui::messages::{Ask, ExportTable};
use crate::ui::out::Out;
use crate::ui::screens::Screen;
use crate::ui::screens::pane::{Around, Pane};
use crate::ui::theme::Theme;

use compared::{Compared, Shown};
use list::List;
use opened::Opened;

/// What is shown above the list.
#[derive(Debug)]
enum View {
    /// A sheet's rows.
    Opened { opened: Opened, pane: Pane, valid_only: bool },
    /// How two sheets differ.
    Compared { compared: Compared, pane: Pane, shown: Shown },
}

/// The tab's state.
#[derive(Debug, Default)]
pub struct Sheets {
    list: Vec<SheetSummary>,
    pane: Pane,
    loaded: bool,
    view: Option<View>,
    /// The file that is being read, and how far.
    reading: Option<(String, Option<ReviewProgress>)>,
    /// A file that was read and not yet kept or given up.
    held: Option<Held>,
    mapping: Option<Mapping>,
    recent: Vec<PathBuf>,
    /// A sheet that was just kept: the cursor goes there.
    kept: Option<String>,
    /// What is awaited, for the status line.
    busy: Option<String>,
}

impl Sheets {
    /// Takes what the world came to.
    pub fn answer(&mut self, answer: SheetAnswer, out: &mut Out) {
        if !matches!(answer, SheetAnswer::Listed(..) | SheetAnswer::Progress(_)) {
            self.busy = None;
        }
        match answer {
            SheetAnswer::Listed(list, recent) => self.take_list(list, recent),
            SheetAnswer::Progress(progress) => {
                if let Some((_, at)) = &mut self.reading {
                    *at = Some(progress);
                }
            }
            SheetAnswer::Reviewed(Ok(held)) => {
                self.reading = None;
                self.held = Some(held);
                out.done("the file is read: I on Price Sheets (2) shows what it holds");
            }
            SheetAnswer::Reviewed(Err(reason)) => {
                self.reading = None;
                out.error(reason);
            }
            SheetAnswer::Unknown { path, tables, saved } => {
                self.reading = None;
                out.open(Layer::Mapping(Box::new(MappingLayer::new(path, tables, saved))));
            }
            SheetAnswer::Kept(name) => {
                self.held = None;
                self.kept = Some(name.clone());
                out.done(format!("kept as {}", printable(&name)));
            }
            SheetAnswer::Taken { review, name, revision, told } => {
                let keep = SheetRequest::Keep { review, name, replace: Some(revision) };
                let lines =
                    vec![told, "Its rows are replaced; plans keep their prices until repriced.".to_owned()];
                out.open(Layer::Confirm(Confirm::new(
                    "Replace the sheet",
                    lines,
                    vec![Effect::Sheets(keep)],
                )));
            }
            SheetAnswer::Opened(name, sheet) => {
                let opened = Opened::new(name, sheet);
                let mut pane = Pane::default();
                pane.load(&opened, |_| None);
                self.view = Some(View::Opened { opened, pane, valid_only: false });
            }
            SheetAnswer::Compared { old, new, comparison } => {
                let compared = Compared::new(old, new, *comparison);
                let mut pane = Pane::default();
                pane.load(&compared, |_| None);
                self.view = Some(View::Compared { compared, pane, shown: Shown::All });
            }
            SheetAnswer::Removed(name) => out.done(format!("removed: {}", printable(&name))),
            SheetAnswer::Used { name, told } => {
                let remove = SheetRequest::Remove { name, even_if_used: true };
                let lines = vec![
                    told,
                    "They keep their prices, but could not be compared with it any more.".to_owned(),
                ];
                out.open(Layer::Confirm(Confirm::new(
                    "Remove it even so",
                    lines,
                    vec![Effect::Sheets(remove)],
                )));
            }
            SheetAnswer::MappingSaved(name) => {
                self.mapping = None;
                out.done(format!("the mapping is saved as {}", printable(&name)));
            }
            SheetAnswer::Failed(reason) => out.error(reason),
        }
    }

    fn take_list(&mut self, list: Vec<SheetSummary>, recent: Vec<PathBuf>) {
        let old = std::mem::replace(&mut self.list, list);
        let name =
            |list: &[SheetSummary], row: u32| list.get(row as usize).map(|s| s.record.value.name.clone());
        let rows = List(&self.list);
        self.pane.load(&rows, |row| {
            let name = name(&old, row)?;
            self.list.iter().position(|s| s.record.value.name == name).map(|at| at as u32)
        });
        let at_kept = self.kept.take().and_then(|kept| {
            self.list.iter().position(|sheet| sheet.record.value.name == kept).map(|at| at as u32)
        });
        self.pane.grid.go_to_row(at_kept);
        self.recent = recent;
        self.loaded = true;
    }

    /// The file that was read, where somebody is there to look at it.
    #[must_use]
    pub fn review(&self) -> Option<Layer> {
        let held = self.held.as_ref()?;
        Some(Layer::Review(Box::new(ReviewLayer::new(Arc::clone(&held.0)))))
    }

    /// The sheet under the cursor.
    fn current(&self) -> Option<&SheetSummary> {
        self.list.get(self.pane.grid.current()? as usize)
    }

    /// Asks for the name of what was read; the file's name or the list's month is a good one.
    pub fn ask_name(&mut self, review: &Arc<Review>, out: &mut Out) {
        self.held = Some(Held(Arc::clone(review)));
        let stem = review.file.split('.').next().unwrap_or_default();
        // A download is called after what was asked for; next month "current" would be another one.
        let stem = match &review.facts.month {
            Some(month) => stem.replace(" current", &format!(" {month}")),
            None => stem.to_owned(),
        };
        let name = parse_name(&stem).unwrap_or_default();
        let prompt = Prompt::new(PromptFor::Value(Ask::Sheets(SheetAsk::Name)), "keep as ", &name);
        out.open(Layer::Prompt(prompt.with_hint("a name, such as 2026-12 US")));
    }

    /// Asks for the name of a mapping.
    pub fn ask_mapping_name(&mut self, mapping: Mapping, out: &mut Out) {
        self.mapping = Some(mapping);
        let ask = PromptFor::Value(Ask::Sheets(SheetAsk::MappingName));
        out.open(Layer::Prompt(Prompt::new(ask, "save the mapping as ", "")));
    }

    /// Reads a file, as the operator says or as it tells itself.
    pub fn read(&mut self, path: PathBuf, mapping: Option<Mapping>, out: &mut Out) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.reading = Some((name, None));
        self.held = None;
        out.effect(Effect::Sheets(SheetRequest::Review { path, mapping }));
    }

    fn act_on_list(&mut self, action: Action, out: &mut Out) {
        if self.pane.act(action, &List(&self.list), out) {
            return;
        }
        match action {
            Action::EditCell => match self.current().map(|s| s.record.value.name.clone()) {
                Some(name) => {
                    self.busy = Some(format!("opening {}", printable(&name)));
                    out.effect(Effect::Sheets(SheetRequest::Open(name)));
                }
                None => out.done("no sheet here: I imports one"),
            },
            Action::Remove => match self.current().map(|s| s.record.value.name.clone()) {
                Some(name) => {
                    let lines =
                        vec![format!("{} and its rows are removed from the store.", printable(&name))];
                    let remove = SheetRequest::Remove { name, even_if_used: false };
                    out.open(Layer::Confirm(Confirm::new(
                        "Remove a sheet",
                        lines,
                        vec![Effect::Sheets(remove)],
                    )));
                }
                None => out.done("no sheet here"),
            },
            Action::Compare => self.compare(out),
            Action::Scope => out.done("Enter opens a sheet; o chooses then which of its rows are shown"),
            _ => self.act_anywhere(action, out),
        }
    }

    /// What works on the list and on what is shown above it.
    fn act_anywhere(&mut self, action: Action, out: &mut Out) {
        match action {
            Action::Import => self.import(out),
            Action::Fetch if self.reading.is_some() => out.done("a file is being read: Esc cancels that"),
            Action::Fetch => {
                let ask = PromptFor::Value(Ask::Sheets(SheetAsk::Market));
                let prompt = Prompt::new(ask, "fetch the price sheet of market ", "");
                out.open(Layer::Prompt(prompt.with_hint("US   US 202612   US preview")));
            }
            Action::Export => {
                out.open(Layer::Prompt(Prompt::new(PromptFor::ExportPath, "write to ", "sheet.xlsx")));
            }
            Action::Close if self.reading.is_some() => {
                out.effect(Effect::Sheets(SheetRequest::Cancel));
                out.done("cancelling");
            }
            Action::Close => {}
            Action::Compare | Action::Remove => out.done("Esc goes back to the list; there it works"),
            _ => out.done("nothing is edited here"),
        }
    }

    fn import(&mut self, out: &mut Out) {
        if self.reading.is_some() {
            return out.done("a file is being read: Esc cancels that");
        }
        if let Some(review) = self.review() {
            return out.open(review);
        }
        let folder = first_folder(&self.recent);
        out.effect(Effect::Look { typed: folder.display().to_string(), folder: folder.clone() });
        out.open(Layer::Browse(Box::new(Browse::new("Import a price sheet", folder, self.recent.clone()))));
    }

    fn compare(&mut self, out: &mut Out) {
        let ticked: Vec<u32> = self.pane.grid.ticks.iter().collect();
        let pair = match ticked.as_slice() {
            [a, b] => Some((*a as usize, *b as usize)),
            [] => {
                self.pane.grid.current().and_then(|row| Some((self.one_before(row as usize)?, row as usize)))
            }
            _ => return out.done("tick the two sheets to compare, or none to compare with the month before"),
        };
        let Some((a, b)) = pair.and_then(|(a, b)| Some((self.list.get(a)?, self.list.get(b)?))) else {
            return out.done("no earlier sheet of its kind and market is kept: tick two to compare them");
        };
        let age = |s: &SheetSummary| (s.record.value.facts.month.clone(), s.record.updated_at);
        let (old, new) = if age(a) <= age(b) { (a, b) } else { (b, a) };
        let (old, new) = (old.record.value.name.clone(), new.record.value.name.clone());
        self.busy = Some(format!("comparing {} and {}", printable(&old), printable(&new)));
        out.effect(Effect::Sheets(SheetRequest::Compare { old, new }));
    }

    /// The newest sheet of the same layout and markets of an earlier month.
    fn one_before(&self, row: usize) -> Option<usize> {
        let facts = &self.list.get(row)?.record.value.facts;
        let earlier = self.list.iter().enumerate().filter(|(at, other)| {
            let other = &other.record.value.facts;
            *at != row
                && other.layout == facts.layout
                && other.markets == facts.markets
                && other.month < facts.month
        });
        earlier.max_by_key(|(_, other)| other.record.value.facts.month.clone()).map(|(at, _)| at)
    }

    fn act_on_view(&mut self, action: Action, out: &mut Out) {
        let taken = match &mut self.view {
            Some(View::Opened { opened, pane, valid_only }) => match action {
                Action::EditCell => {
                    if let Some(row) = pane.grid.current() {
                        out.open(Layer::Details(opened.details(row)));
                    }
                    true
                }
                Action::Scope => {
                    *valid_only = !*valid_only;
                    let rows = if *valid_only {
                        opened.valid_rows(Timestamp::now())
                    } else {
                        (0..opened.sheet.len() as u32).collect()
                    };
                    pane.narrow(rows, opened);
                    true
                }
                _ => pane.act(action, opened, out),
            },
            Some(View::Compared { compared, pane, shown }) => match action {
                Action::EditCell => {
                    if let Some(row) = pane.grid.current() {
                        out.open(Layer::Details(compared.details(row)));
                    }
                    true
                }
                Action::Scope => {
                    *shown = shown.next();
                    pane.narrow(compared.rows_of(*shown), compared);
                    true
                }
                _ => pane.act(action, compared, out),
            },
            None => return,
        };
        match action {
            _ if taken => {}
            Action::Close if self.reading.is_none() => self.view = None,
            _ => self.act_anywhere(action, out),
        }
    }

    fn reading_words(&self) -> Option<String> {
        let (file, progress) = self.reading.as_ref()?;
        let file = printable(file);
        let Some(progress) = progress else { return Some(format!("reading {file}   Esc cancels")) };
        let share = match progress.share {
            Some(share) => format!(" {:.0} %", share * 100.0),
            None => String::new(),
        };
        let rows = thousands(progress.rows);
        Some(format!("{} {file}{share}, {rows} rows   Esc cancels", progress.phase))
    }
}

impl Screen for Sheets {
    fn context(&self) -> Context {
        Context::Sheets
    }

    fn act(&mut self, action: Action, out: &mut Out) {
        if self.view.is_some() {
            self.act_on_view(action, out);
        } else {
            self.act_on_list(action, out);
        }
    }

    fn set_filter(&mut self, text: &str, _: &mut Out) {
        match &mut self.view {
            None => self.pane.set_filter(text, &List(&self.list)),
            Some(View::Opened { opened, pane, .. }) => pane.set_filter(text, opened),
            Some(View::Compared { compared, pane, .. }) => pane.set_filter(text, compared),
        }
    }

    fn typed(&mut self, ask: Ask, text: &str, out: &mut Out) -> Result<(), String> {
        let Ask::Sheets(ask) = ask else { return Ok(()) };
        match ask {
            SheetAsk::Name => {
                let name = parse_name(text).map_err(|error| error.to_string())?;
                if let Some(review) = self.held.clone() {
                    self.busy = Some(format!("storing {name}"));
                    out.effect(Effect::Sheets(SheetRequest::Keep { review, name, replace: None }));
                }
            }
            SheetAsk::Market => {
                let order = order(text)?;
                self.reading = Some((order.to_string(), None));
                self.held = None;
                out.effect(Effect::Sheets(SheetRequest::Fetch(order)));
            }
            SheetAsk::MappingName => {
                let name = parse_name(text).map_err(|error| error.to_string())?;
                if let Some(mapping) = self.mapping.clone() {
                    out.effect(Effect::Sheets(SheetRequest::SaveMapping { name, mapping }));
                }
            }
        }
        Ok(())
    }

    fn chosen(&mut self, _: &messages::Choice, _: &mut Out) {}

    fn file(&mut self, path: PathBuf, out: &mut Out) {
        self.read(path, None, out);
    }

    fn export(&self) -> ExportTable {
        match &self.view {
            None => ExportTable::of("price sheets", &List(&self.list), self.pane.grid.order()),
            Some(View::Opened { opened, pane, .. }) => {
                ExportTable::of("price sheet", opened, pane.grid.order())
            }
            Some(View::Compared { compared, pane, .. }) => {
                ExportTable::of("comparison", compared, pane.grid.order())
            }
        }
    }

    fn status(&self) -> String {
        if let Some(words) = self.reading_words() {
            return words;
        }
        if let Some(busy) = &self.busy {
            return busy.clone();
        }
        match &self.view {
            None if self.held.is_some() => {
                "a file is read and not kept yet: I shows what it holds".to_owned()
            }
            None => self.pane.ticked(),
            Some(View::Opened { pane, .. }) => format!("{}   Esc goes back to the list", pane.ticked()),
            Some(View::Compared { compared, .. }) => compared.summary(),
        }
    }

    fn problem(&self) -> Option<String> {
        None
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, _: Option<&str>, theme: &Theme) {
        match &mut self.view {
            None => {
                let empty: &[&str] = if self.loaded {
                    &[
                        "Microsoft's price sheets will be here.",
                        "I imports a file, F fetches one from Partner Center.",
                    ]
                } else {
                    &["reading the store"]
                };
                let right = if self.list.len() > 1 { "[C] compares" } else { "" };
                let around = Around { title: "Price sheets", right, empty, focused: true };
                self.pane.draw(frame, area, &List(&self.list), around, theme);
            }
            Some(View::Opened { opened, pane, valid_only }) => {
                let title = printable(&opened.name).into_owned();
                let right = if *valid_only { "[o] rows: valid today" } else { "[o] rows: all" };
                let empty = ["No row of it is valid today.", "o shows all of them"];
                let around = Around { title: &title, right, empty: &empty, focused: true };
                pane.draw(frame, area, opened, around, theme);
            }
            Some(View::Compared { compared, pane, shown }) => {
                let title = format!("{} -> {}  ", printable(&compared.old), printable(&compared.new));
                let right = format!("[o] shows: {}", shown.name());
                let empty = ["Nothing of that kind differs.", "o shows another kind"];
                let around = Around { title: &title, right: &right, empty: &empty, focused: true };
                pane.draw(frame, area, compared, around, theme);
            }
        }
    }
}

/// `US`, `US 202612` or `US preview`.
fn order(text: &str) -> Result<SheetOrder, String> {
    let mut words = text.split_whitespace();
    let market = words.next().unwrap_or_default().parse::<Market>().map_err(|error| error.to_string())?;
    let edition = match words.next() {
        None => Edition::Current,
        Some(word) if word.eq_ignore_ascii_case("preview") => Edition::Preview,
        Some(word) => Edition::Month(word.parse().map_err(|error: BadMonth| error.to_string())?),
    };
    match words.next() {
        Some(word) => Err(format!("\"{}\" is too much: a market, and a month or preview", printable(word))),
        None => Ok(SheetOrder { market, view: SheetView::Licences, edition }),
    }
}
