//! When to try again, and after how long.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Longest wait that a server can impose.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Upper bound of the first back-off; it doubles with each attempt.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);

/// Upper bound of any back-off.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Statuses that may be gone at the next attempt. A 409 of an operation in progress does not meet reads.
pub(super) fn is_retriable(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

/// Exponential back-off with full jitter after so many failed attempts, so that clients that failed together don't come back
/// together.
pub(super) fn backoff(failed: u32) -> Duration {
    backoff_bound(failed).mul_f64(fastrand::f64())
}

fn backoff_bound(failed: u32) -> Duration {
    let doubled = 1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF)
}

/// The wait that `Retry-After` asks for, in seconds or as a date, capped, with a little jitter on top. None where there is no such
/// header, it can't be read, or its time has come.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let wait = wait_asked(headers.get(RETRY_AFTER)?.to_str().ok()?, now)?;
    let jitter = (wait / 20).min(Duration::from_secs(2)).mul_f64(fastrand::f64());
    Some(wait + jitter)
}

fn wait_asked(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    let wait = match header.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if !header.is_empty() && header.bytes().all(|b| b.is_ascii_digit()) => LONGEST_PAUSE,
        Err(_) => httpdate::parse_http_date(header).ok()?.duration_since(now).ok()?,
    };
    (!wait.is_zero()).then(|| wait.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_each_form() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 2033 08:49:00 GMT").unwrap();
        for (header, expected) in [
            ("57", Some(57)),
            (" 3 ", Some(3)),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("1.5", None),
            ("86400", Some(900)),
            ("99999999999999999999999", Some(900)),
            ("Sun, 06 Nov 2033 08:49:37 GMT", Some(37)),
            ("Sun, 06 Nov 2033 08:48:37 GMT", None),
            ("Tue, 06 Nov 2035 08:48:37 GMT", Some(900)),
        ] {
            assert_eq!(wait_asked(header, now).map(|wait| wait.as_secs()), expected, "{header}");
        }
    }

    #[test]
    fn jitter_only_adds() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "100".parse().unwrap())]);
        for _ in 0..200 {
            let wait = retry_after(&headers, SystemTime::now()).unwrap();
            assert!((Duration::from_secs(100)..Duration::from_secs(103)).contains(&wait), "{wait:?}");
        }
    }

    #[test]
    fn backoff_doubles_up_to_a_bound() {
        let bounds = [1, 2, 3, 7, 8, 100, u32::MAX].map(|failed| backoff_bound(failed).as_millis());
        assert_eq!(bounds, [500, 1000, 2000, 32_000, 60_000, 60_000, 60_000]);
        assert!((0..200).all(|_| backoff(2) <= Duration::from_secs(1)));
    }
}
