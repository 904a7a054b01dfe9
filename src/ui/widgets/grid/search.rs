//! Finding rows by what is typed: one lower-case text of all rows, scanned as a whole.

use memchr::memmem;

use super::Ticks;

/// The searchable text of every row.
#[derive(Debug, Default)]
pub struct SearchIndex {
    text: String,
    /// Where each row's text ends.
    ends: Vec<usize>,
}

impl SearchIndex {
    /// Adds the next row's text.
    pub fn push(&mut self, parts: &[&str]) {
        for part in parts {
            if part.is_ascii() {
                self.text.push_str(part);
                let from = self.text.len() - part.len();
                self.text[from..].make_ascii_lowercase();
            } else {
                self.text.extend(part.chars().flat_map(char::to_lowercase));
            }
            self.text.push(' ');
        }
        self.text.push('\n');
        self.ends.push(self.text.len());
    }

    /// The rows that hold every word of the pattern, in any order and case. `None` for an empty pattern: all rows.
    #[must_use]
    pub fn find(&self, pattern: &str) -> Option<Ticks> {
        let pattern = pattern.to_lowercase();
        let mut words: Vec<&str> = pattern.split_whitespace().collect();
        // The longest word is likely the rarest; the others are looked for in its rows only.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let (first, rest) = words.split_first()?;
        let rest: Vec<_> = rest.iter().map(|word| memmem::Finder::new(word.as_bytes())).collect();
        let finder = memmem::Finder::new(first.as_bytes());
        let bytes = self.text.as_bytes();
        let mut found = Ticks::default();
        let (mut at, mut row) = (0, 0);
        while let Some(hit) = finder.find(&bytes[at..]) {
            let place = at + hit;
            row += self.ends[row..].partition_point(|end| *end <= place);
            let Some(&end) = self.ends.get(row) else { break };
            let start = if row == 0 { 0 } else { self.ends[row - 1] };
            if rest.iter().all(|word| word.find(&bytes[start..end]).is_some()) {
                found.set(row as u32, true);
            }
            at = end;
        }
        Some(found)
    }
}
