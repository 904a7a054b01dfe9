//! How many requests go out: so many in a minute, so many at once, and none while Microsoft asks for a pause.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until};

/// Microsoft asked this client to wait, and all its requests do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    until: Instant,
}

impl Pause {
    /// How long it still lasts; zero once it is over.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// The right to send one request, given back when it is dropped.
pub(super) struct Permit {
    _slot: Option<OwnedSemaphorePermit>,
}

/// Lets requests through one by one.
pub(super) struct Throttle {
    requests_per_minute: u32,
    at_once: Arc<Semaphore>,
    pace: Mutex<Pace>,
    pause: watch::Sender<Option<Pause>>,
}

impl Throttle {
    pub(super) fn new(requests_per_minute: u32, concurrency: usize) -> Self {
        let concurrency = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            requests_per_minute,
            at_once: Arc::new(Semaphore::new(concurrency)),
            pace: Mutex::new(Pace::new(requests_per_minute, concurrency, Instant::now())),
            pause: watch::Sender::new(None),
        }
    }

    /// Tells when a pause begins and ends.
    pub(super) fn pauses(&self) -> watch::Receiver<Option<Pause>> {
        self.pause.subscribe()
    }

    /// The requests in a minute that may go out, while these are what slows the work.
    pub(super) fn held_at(&self) -> Option<u32> {
        self.pace().is_held(Instant::now()).then_some(self.requests_per_minute)
    }

    /// Holds all requests back for that long; a longer pause that is already on stays.
    pub(super) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let longer = self.pause.send_if_modified(|pause| {
            let longer = pause.is_none_or(|pause| pause.until < until);
            if longer {
                *pause = Some(Pause { until });
            }
            longer
        });
        if longer {
            self.pace().not_before(until);
        }
    }

    /// Waits for the end of a pause, if there is one. Holds no permit.
    pub(super) async fn pause_over(&self) {
        loop {
            let Some(pause) = *self.pause.borrow() else { return };
            sleep_until(pause.until).await;
            self.pause.send_if_modified(|now| {
                let over = *now == Some(pause);
                if over {
                    *now = None;
                }
                over
            });
        }
    }

    /// Waits until one more request may go out. A pause that begins meanwhile takes the permit away again.
    pub(super) async fn admit(&self) -> Permit {
        loop {
            self.pause_over().await;
            // The semaphore is never closed, so there is always a permit in the end.
            let permit = Permit { _slot: Arc::clone(&self.at_once).acquire_owned().await.ok() };
            if self.pause.borrow().is_some() {
                continue;
            }
            let start = self.pace().reserve(Instant::now());
            if let Some(start) = start {
                let mut pauses = self.pause.subscribe();
                tokio::select! {
                    () = sleep_until(start) => {}
                    _ = pauses.wait_for(Option::is_some) => continue,
                }
            }
            return permit;
        }
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token bucket, kept as the time of the next free slot (the generic cell rate algorithm): slots lie `interval` apart, and up to
/// `burst` of them may be taken at once after a rest.
struct Pace {
    interval: Duration,
    /// How far before its slot a request may start.
    ahead: Duration,
    next: Instant,
    /// When the last request starts that had to wait for its slot.
    held: Option<Instant>,
}

/// A request that waits less for its slot is not worth a word.
const HELD: Duration = Duration::from_millis(50);

/// So long after a request that had to wait, the work still counts as held.
const STILL_HELD: Duration = Duration::from_secs(1);

impl Pace {
    /// The burst is a second's worth, and is taken off the rate, so that no minute has more than its requests.
    fn new(requests_per_minute: u32, concurrency: usize, now: Instant) -> Self {
        let rate = requests_per_minute.max(1);
        let burst = (rate / 60).clamp(1, u32::try_from(concurrency).unwrap_or(u32::MAX));
        let interval = Duration::from_secs(60) / (rate - (burst - 1));
        let ahead = interval * (burst - 1);
        Self { interval, ahead, next: now.checked_sub(ahead).unwrap_or(now), held: None }
    }

    /// Takes the next slot; returns its time if that is still to come.
    fn reserve(&mut self, now: Instant) -> Option<Instant> {
        let start = self.next.max(now.checked_sub(self.ahead).unwrap_or(now));
        self.next = start + self.interval;
        if start.saturating_duration_since(now) >= HELD {
            self.held = Some(start);
        }
        (start > now).then_some(start)
    }

    fn is_held(&self, now: Instant) -> bool {
        self.held.is_some_and(|start| now < start + STILL_HELD)
    }

    fn not_before(&mut self, start: Instant) {
        self.next = self.next.max(start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start times in milliseconds of so many requests that come as fast as they are let.
    fn starts(rate: u32, concurrency: usize, count: usize) -> Vec<u128> {
        let begin = Instant::now();
        let mut pace = Pace::new(rate, concurrency, begin);
        let mut now = begin;
        (0..count)
            .map(|_| {
                now = pace.reserve(now).unwrap_or(now);
                now.duration_since(begin).as_millis()
            })
            .collect()
    }

    #[test]
    fn no_minute_has_more_than_its_requests() {
        for (rate, concurrency) in
            [(1, 8), (2, 1), (59, 8), (60, 8), (500, 8), (500, 1), (6000, 64), (60_000, 1000)]
        {
            let starts = starts(rate, concurrency, 3 * rate as usize + 2);
            for (start, one_too_many) in starts.iter().zip(&starts[rate as usize..]) {
                assert!(
                    one_too_many - start >= 59_999,
                    "{rate} and one more within {} ms",
                    one_too_many - start
                );
            }
            let last = starts[2 * rate as usize];
            assert!(
                last <= 125_000,
                "{rate} in a minute must not be slowed to {last} ms for two minutes' worth"
            );
        }
    }

    #[test]
    fn a_burst_is_small_and_the_rest_is_smooth() {
        let starts = starts(500, 8, 20);
        assert!(starts[..8].iter().all(|t| *t == 0), "{starts:?}");
        let gaps: Vec<_> = starts[8..].windows(2).map(|w| w[1] - w[0]).collect();
        assert!(gaps.iter().all(|gap| (120..=123).contains(gap)), "{gaps:?}");
    }

    #[test]
    fn work_is_held_while_its_requests_wait_for_their_slots() {
        let begin = Instant::now();
        let mut pace = Pace::new(60, 4, begin);
        assert!(pace.reserve(begin).is_none() && !pace.is_held(begin), "the first one does not wait");
        let start = pace.reserve(begin).unwrap();
        assert!(pace.is_held(begin) && pace.is_held(start));
        assert!(!pace.is_held(start + STILL_HELD));

        let mut quick = Pace::new(60_000, 4, begin);
        while quick.reserve(begin).is_none_or(|start| start < begin + HELD / 2) {}
        assert!(!quick.is_held(begin), "a wait that nobody notices is not told");
    }

    #[test]
    fn the_highest_rate_costs_nothing() {
        assert!(starts(u32::MAX, 64, 10_000).last().is_some_and(|t| *t <= 1));
    }

    #[tokio::test]
    async fn a_pause_holds_everyone_back_and_ends() {
        let throttle = Arc::new(Throttle::new(60_000, 4));
        let mut pauses = throttle.pauses();
        throttle.pause(Duration::from_millis(80));
        throttle.pause(Duration::from_millis(10));
        assert!(pauses.borrow_and_update().unwrap().left() > Duration::from_millis(20));
        let begin = Instant::now();
        for _ in 0..3 {
            drop(throttle.admit().await);
        }
        assert!(begin.elapsed() >= Duration::from_millis(70));
        assert_eq!(*pauses.borrow_and_update(), None);
    }

    #[tokio::test]
    async fn who_waits_in_a_pause_holds_no_permit() {
        let throttle = Arc::new(Throttle::new(60, 1));
        drop(throttle.admit().await);
        let waiting = tokio::spawn({
            let throttle = Arc::clone(&throttle);
            async move { drop(throttle.admit().await) }
        });
        while throttle.at_once.available_permits() == 1 {
            tokio::task::yield_now().await;
        }
        throttle.pause(Duration::from_secs(60));
        while throttle.at_once.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        waiting.abort();
    }
}
