//! OpenDocument spreadsheets, streamed: a few bytes may repeat a cell a million times, and a reader that holds the whole sheet
//! would hold them all.

use std::io::BufReader;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::error::{Fault, Trouble};
use super::limits;
use super::parts::SafeZip;
use super::visitor::{Flow, Sheet, Value, Visitor, begin, end};

/// Whether the manifest tells of a password.
pub(super) fn is_encrypted(zip: &SafeZip) -> Result<bool, Fault> {
    let mut archive = archive(zip)?;
    let Ok(part) = archive.by_name("META-INF/manifest.xml") else {
        return Ok(false);
    };
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "encryption-data" => {
                return Ok(true);
            }
            Ok(Event::Eof) => return Ok(false),
            Err(error) => {
                return Err(zip.watch().fault().unwrap_or_else(|| Fault::Damaged(error.to_string())));
            }
            Ok(_) => {}
        }
    }
}

fn archive(zip: &SafeZip) -> Result<ZipArchive<SafeZip>, Fault> {
    ZipArchive::new(zip.again())
        .map_err(|error| zip.watch().fault().unwrap_or_else(|| super::unpack::fault(error)))
}

/// Gives every cell of every table to the visitor.
pub(super) fn each<V: Visitor>(zip: &SafeZip, visitor: &mut V) -> Result<(), Trouble> {
    let mut archive = archive(zip)?;
    let part = archive.by_name("content.xml").map_err(super::unpack::fault)?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_end_names = false;
    let mut state = State { visitor, index: 0, hidden_styles: Vec::new(), style: String::new(), table: None };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                let fault = zip.watch().fault().unwrap_or_else(|| Fault::Damaged(error.to_string()));
                return Err(state.trouble(fault));
            }
        };
        match event {
            Event::Start(tag) => state.start(&tag)?,
            Event::End(tag) => state.end(tag.local_name().as_ref())?,
            Event::Text(text) => state.text(&text.xml10_content()),
            Event::CData(text) => state.text(&text.xml10_content()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(c)) => state.text(c.encode_utf8(&mut [0; 4])),
                _ => state.text(quick_xml::escape::resolve_predefined_entity(&entity).unwrap_or_default()),
            },
            Event::Eof => {
                let cut = state.table.is_some().then(|| Fault::Damaged("it ends within a table".to_owned()));
                return cut.map_or(Ok(()), |fault| Err(state.trouble(fault)));
            }
            _ => {}
        }
    }
}

struct State<'a, V> {
    visitor: &'a mut V,
    index: usize,
    hidden_styles: Vec<String>,
    style: String,
    table: Option<Table>,
}

struct Table {
    sheet: Sheet,
    /// No cell of it is wanted any more.
    is_done: bool,
    row: u32,
    row_repeats: u32,
    /// The row's cells, to be given once for each repetition.
    cells: Vec<(u32, u32, Cell)>,
    column: u32,
    repeats: u32,
    value: Option<Cell>,
    /// The paragraphs of the cell that is open, and whether one of them is.
    text: Option<(String, bool)>,
    /// Depth of notes within the cell.
    notes: u32,
    given: u64,
}

#[derive(Clone)]
enum Cell {
    Text(String),
    Number(f64),
}

impl<V: Visitor> State<'_, V> {
    fn trouble(&self, fault: Fault) -> Trouble {
        match &self.table {
            Some(table) => Trouble::in_sheet(&table.sheet.name, fault),
            None => fault.into(),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), Trouble> {
        match tag.local_name().as_ref() {
            "style" => self.style = attribute(tag, "name")?.unwrap_or_default(),
            "table-properties" if attribute(tag, "display")?.as_deref() == Some("false") => {
                self.hidden_styles.push(self.style.clone());
            }
            "table" if self.table.is_none() => {
                if self.index >= limits::SHEETS {
                    return Err(
                        Fault::TooMuch { what: "more tables", limit: limits::SHEETS.to_string() }.into()
                    );
                }
                let style = attribute(tag, "style-name")?.unwrap_or_default();
                let name = attribute(tag, "name")?.unwrap_or_default();
                let sheet = Sheet { name, is_hidden: self.hidden_styles.contains(&style) };
                let is_done = begin(self.visitor, self.index, &sheet)? == Flow::Enough;
                self.index += 1;
                self.table = Some(Table {
                    sheet,
                    is_done,
                    row: 0,
                    row_repeats: 1,
                    cells: Vec::new(),
                    column: 0,
                    repeats: 1,
                    value: None,
                    text: None,
                    notes: 0,
                    given: 0,
                });
            }
            name => {
                if let Some(table) = &mut self.table {
                    table.start(name, tag).map_err(|fault| Trouble::in_sheet(&table.sheet.name, fault))?;
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(table) = &mut self.table
            && table.notes == 0
            && let Some((all, true)) = &mut table.text
            && all.len() <= limits::CELL_BYTES
        {
            all.push_str(text);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Trouble> {
        let Some(table) = &mut self.table else {
            return Ok(());
        };
        match name {
            "table" => {
                let sheet = table.sheet.clone();
                self.table = None;
                return end(self.visitor, &sheet);
            }
            "table-row" => table.give(self.visitor)?,
            "annotation" => table.notes = table.notes.saturating_sub(1),
            "p" if table.notes == 0 => {
                if let Some((_, is_open)) = &mut table.text {
                    *is_open = false;
                }
            }
            "table-cell" | "covered-table-cell" => table.close_cell(),
            _ => {}
        }
        Ok(())
    }
}

impl Table {
    fn start(&mut self, name: &str, tag: &BytesStart<'_>) -> Result<(), Fault> {
        let repeats = |name| -> Result<u32, Fault> {
            let text = attribute(tag, name)?;
            Ok(text.and_then(|text| text.parse::<u32>().ok()).unwrap_or(1).max(1))
        };
        match name {
            "table-row" => {
                self.row_repeats = repeats("number-rows-repeated")?;
                self.column = 0;
                self.cells.clear();
            }
            "table-cell" | "covered-table-cell" => {
                self.repeats = repeats("number-columns-repeated")?;
                self.text = Some((String::new(), false));
                self.value = match attribute(tag, "value-type")?.as_deref() {
                    Some("float" | "currency" | "percentage") => {
                        let number = attribute(tag, "value")?.and_then(|text| text.parse().ok());
                        number.map(Cell::Number)
                    }
                    Some("date") => attribute(tag, "date-value")?.map(Cell::Text),
                    Some("time") => attribute(tag, "time-value")?.map(Cell::Text),
                    Some("boolean") => attribute(tag, "boolean-value")?.map(|b| Cell::Text(b.to_uppercase())),
                    _ => attribute(tag, "string-value")?.filter(|text| !text.is_empty()).map(Cell::Text),
                };
            }
            "annotation" => self.notes += 1,
            "p" if self.notes == 0 => {
                if let Some((text, is_open)) = &mut self.text {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    *is_open = true;
                }
            }
            "s" | "tab" | "line-break" if self.notes == 0 => {
                if let Some((text, true)) = &mut self.text {
                    let count = if name == "s" { repeats("c")?.min(1_000) } else { 1 };
                    let c = if name == "line-break" { '\n' } else { ' ' };
                    text.extend(std::iter::repeat_n(c, count as usize));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close_cell(&mut self) {
        let text = self.text.take().map(|(text, _)| text).unwrap_or_default();
        // A formula that failed has the value 0 and its error as text.
        let failed = text.starts_with('#') || text.starts_with("Err:");
        let value = match self.value.take() {
            Some(Cell::Number(_)) if failed => Some(Cell::Text("#VALUE!".to_owned())),
            Some(value) => Some(value),
            None => (!text.is_empty()).then_some(Cell::Text(text)),
        };
        if let Some(value) = value
            && !self.is_done
        {
            self.cells.push((self.column, self.repeats, value));
        }
        self.column = self.column.saturating_add(self.repeats);
    }

    fn give<V: Visitor>(&mut self, visitor: &mut V) -> Result<(), Trouble> {
        let times = if self.cells.is_empty() || self.is_done { 0 } else { self.row_repeats };
        for time in 0..times {
            let row = self.row.saturating_add(time);
            for (first, repeats, cell) in &self.cells {
                if first.saturating_add(*repeats) > limits::COLUMNS {
                    let fault = Fault::TooMuch { what: "more columns", limit: limits::COLUMNS.to_string() };
                    return Err(Trouble::in_cell(&self.sheet.name, row, *first, fault));
                }
                for column in *first..first.saturating_add(*repeats) {
                    self.given += 1;
                    let value = match cell {
                        Cell::Text(text) => Value::Text(text),
                        Cell::Number(number) => Value::Number(*number),
                    };
                    let flow = if self.given > limits::CELLS as u64 {
                        Err(Fault::TooMuch { what: "more cells", limit: limits::CELLS.to_string() })
                    } else {
                        visitor.cell(row, column, value)
                    };
                    if flow.map_err(|fault| Trouble::in_cell(&self.sheet.name, row, column, fault))?
                        == Flow::Enough
                    {
                        self.is_done = true;
                        return Ok(());
                    }
                }
            }
        }
        self.row = self.row.saturating_add(self.row_repeats);
        Ok(())
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Fault> {
    let damaged = |error: String| Fault::Damaged(error);
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| damaged(error.to_string()))?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            return value.map(|text| Some(text.into_owned())).map_err(|error| damaged(error.to_string()));
        }
    }
    Ok(None)
}
