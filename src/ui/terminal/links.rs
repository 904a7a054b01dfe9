//! Links that a terminal opens (OSC 8). They lie beside the frame, for its cells can't hold them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// The longest address in bytes that terminals open.
const LONGEST: usize = 2083;

/// The links of one frame.
#[derive(Debug, Default)]
pub struct Links {
    places: Vec<(Rect, String)>,
}

impl Links {
    /// Makes the underlined cells of an area a link, wherever it is cut or covered: what is drawn over them later is not
    /// underlined, and so no part of it. An address that a terminal might not take whole, or take for something else, makes none.
    pub fn add(&mut self, area: Rect, address: &str) {
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        if is_web && address.len() <= LONGEST && address.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.places.push((area, address.to_owned()));
        }
    }

    /// There are none.
    pub fn clear(&mut self) {
        self.places.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The cells of a frame that are links, by their index, with the address.
    pub(super) fn cells<'a>(&'a self, frame: &'a Buffer) -> impl Iterator<Item = (usize, &'a str)> {
        self.places.iter().flat_map(move |(place, address)| {
            let positions = place.intersection(frame.area).positions();
            positions.filter_map(move |position| {
                let at = frame.index_of(position.x, position.y);
                let cell = frame.content.get(at)?;
                cell.modifier.contains(Modifier::UNDERLINED).then_some((at, address.as_str()))
            })
        })
    }
}
