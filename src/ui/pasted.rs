//! A text that was pasted. It may be a secret, so it leaves no copy behind and is never shown by accident.

use std::fmt;

use zeroize::Zeroizing;

/// See the module.
pub struct Pasted(Zeroizing<String>);

impl Pasted {
    /// The text, as the terminal sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Pasted {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Pasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pasted({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_the_length_alone() {
        let pasted = Pasted::from("s3cret".to_owned());
        assert_eq!(format!("{pasted:?}"), "Pasted(6 bytes)");
        assert_eq!(pasted.as_str(), "s3cret");
    }
}
