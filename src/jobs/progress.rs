//! How far a job is, how fast it goes, and how long it will take.

use std::time::{Duration, Instant};

/// A job's progress at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// What it does now.
    pub phase: &'static str,
    /// Rows done.
    pub done: u64,
    /// Rows in all, once known.
    pub total: Option<u64>,
    /// Rows that failed so far.
    pub failed: u64,
    /// Rows a second, once it can be told.
    pub rate: Option<f64>,
    /// How long it will take at that rate.
    pub left: Option<Duration>,
    /// How long Microsoft has told us to wait.
    pub throttled: Option<Duration>,
    /// The requests in a minute that the configuration allows, while they are what slows the job.
    pub held_at: Option<u32>,
}

impl Progress {
    /// The part behind the count: rate and time left, or why it waits.
    #[must_use]
    pub fn pace(&self) -> String {
        let mut text = match (self.throttled, self.rate, self.left) {
            (Some(wait), _, _) => format!("Microsoft asks to wait {} s", whole_seconds(wait)),
            (None, Some(rate), Some(left)) => format!("{rate:.0}/s, {} left", clock(left)),
            _ => self.phase.to_owned(),
        };
        if self.failed > 0 {
            text.push_str(&format!(", {} failed", self.failed));
        }
        text
    }

    /// What slows the job while nothing stops it.
    #[must_use]
    pub fn held(&self) -> Option<String> {
        let rate = self.held_at.filter(|_| self.throttled.is_none())?;
        Some(format!("held at {rate} requests a minute"))
    }
}

/// Rounded up: what lasts is not over.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// `2:10`, `1:02:10`.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Measures the pace since it began, so that what an earlier run did does not count as speed.
#[derive(Debug)]
pub struct Pace {
    began: Instant,
    at_start: u64,
}

impl Pace {
    /// Begins with so many rows done.
    #[must_use]
    pub fn start(done: u64) -> Self {
        Self { began: Instant::now(), at_start: done }
    }

    /// Fills in rate and time left. Nothing is claimed within the first second.
    pub fn measure(&self, progress: &mut Progress) {
        let elapsed = self.began.elapsed().as_secs_f64();
        let done = progress.done.saturating_sub(self.at_start);
        if elapsed < 1.0 || done == 0 {
            return;
        }
        let rate = done as f64 / elapsed;
        progress.rate = Some(rate);
        progress.left = progress
            .total
            .map(|total| Duration::from_secs_f64(total.saturating_sub(progress.done) as f64 / rate));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_reads_like_a_sentence() {
        let mut progress = Progress { phase: "customers", ..Progress::default() };
        assert_eq!(progress.pace(), "customers");
        progress.rate = Some(12.4);
        progress.left = Some(Duration::from_secs(3730));
        assert_eq!((progress.pace().as_str(), progress.held()), ("12/s, 1:02:10 left", None));
        progress.held_at = Some(500);
        assert_eq!(progress.held().as_deref(), Some("held at 500 requests a minute"));
        progress.throttled = Some(Duration::from_millis(56_200));
        progress.failed = 3;
        assert_eq!(progress.pace(), "Microsoft asks to wait 57 s, 3 failed");
        assert_eq!(progress.held(), None, "what stops it matters more");
    }
}
