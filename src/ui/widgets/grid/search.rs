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
                self.text.extend(folded(part));
            }
            self.text.push(' ');
        }
        self.text.push('\n');
        self.ends.push(self.text.len());
    }

    /// The rows that hold every word of the pattern, in any order and case. `None` for an empty pattern: all rows.
    #[must_use]
    pub fn find(&self, pattern: &str) -> Option<Ticks> {
        let pattern: String = folded(pattern).collect();
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

/// The text without its case, so that both of its cases are found by either: letter by letter, for `str::to_lowercase` writes a
/// sigma at a word's end in another way than inside; `ß` as its capitals are written; `İ` without the dot that it leaves behind.
fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase).filter(|c| *c != '\u{307}').flat_map(|c| match c {
        'ß' => ['s'; 2].into_iter().take(2),
        'ς' => ['σ'; 2].into_iter().take(1),
        other => [other; 2].into_iter().take(1),
    })
}
