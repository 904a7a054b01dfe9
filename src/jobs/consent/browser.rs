//! A browser that waits at the listener for what comes of its sign-in.

use std::time::Duration;

use tokio::time::timeout;

use super::dialogue::Consented;
use crate::jobs::error::JobError;
use crate::partner_center::consent::{Loopback, Page, Reply};

/// Longest time that a browser gets to take its page.
const PATIENCE: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Browser {
    /// The connection ends with it.
    listener: Loopback,
    reply: Reply,
}

impl Browser {
    pub(super) fn new(listener: Loopback, reply: Reply) -> Self {
        Self { listener, reply }
    }

    /// Answers it with a page that says what became of the sign-in.
    pub(super) async fn tell(self, result: &Result<Consented, JobError>) {
        let page = match result {
            Ok(consented) => Page::done(consented.user.as_deref()),
            Err(error) => Page::failed(&error.to_string()),
        };
        // One that does not take the page keeps nobody from going on.
        drop(timeout(PATIENCE, self.reply.answer(page)).await);
        drop(self.listener);
    }
}
