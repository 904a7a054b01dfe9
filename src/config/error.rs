//! What can be wrong with a configuration.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error(
        "cannot read the configuration file {}: {source}\ncheck the file, or name another with --config FILE or CSPDECK_CONFIG",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Keys or values are wrong; all that were found, a line each.
    #[error("the configuration is not valid:\n{}", lines(.0))]
    Invalid(Vec<Problem>),
}

/// One thing that is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands: `/etc/cspdeck.toml:12`, a variable or a flag.
    pub origin: String,
    /// The key, such as `http.concurrency`; empty where it is about the whole file.
    pub key: String,
    /// What is wrong and what is allowed. Control characters from outside are escaped in it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{} ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    lines.join("\n")
}
