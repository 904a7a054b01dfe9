//! Mail: the connection to the mail server. It knows neither store nor screen.

mod smtp;

pub use smtp::{MailError, MailServer, Security};
