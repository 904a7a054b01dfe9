//! Which rows are ticked: a bit for each row of the source.

/// A set of row numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ticks {
    words: Vec<u64>,
    count: usize,
}

impl Ticks {
    /// Whether a row is ticked.
    #[must_use]
    pub fn has(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    /// How many rows are ticked.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Ticks or unticks a row; true when that changed it.
    pub fn set(&mut self, row: u32, ticked: bool) -> bool {
        let at = row as usize / 64;
        if at >= self.words.len() {
            if !ticked {
                return false;
            }
            self.words.resize(at + 1, 0);
        }
        let bit = 1 << (row % 64);
        let was = self.words[at] & bit != 0;
        if was == ticked {
            return false;
        }
        self.words[at] ^= bit;
        if ticked {
            self.count += 1;
        } else {
            self.count -= 1;
        }
        true
    }

    /// Those that the other set does not have.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        Self::of_words(self.words.iter().zip(others).map(|(word, other)| word & !other).collect())
    }

    /// Ticks what the other set has, too.
    pub fn add(&mut self, other: &Self) {
        let mut words = std::mem::take(&mut self.words);
        words.resize(words.len().max(other.words.len()), 0);
        for (word, other) in words.iter_mut().zip(&other.words) {
            *word |= other;
        }
        *self = Self::of_words(words);
    }

    fn of_words(mut words: Vec<u64>) -> Self {
        while words.last() == Some(&0) {
            words.pop();
        }
        let count = words.iter().map(|word| word.count_ones() as usize).sum();
        Self { words, count }
    }

    /// Its size in memory, in words.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words.len()
    }

    /// Unticks every row.
    pub fn clear(&mut self) {
        self.words.clear();
        self.count = 0;
    }

    /// The ticked rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    at as u32 * 64 + bit
                })
            })
        })
    }
}

impl FromIterator<u32> for Ticks {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut ticks = Self::default();
        for row in rows {
            ticks.set(row, true);
        }
        ticks
    }
}
