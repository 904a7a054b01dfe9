//! Device codes, and how far their sign-ins are.

use super::claims::opaque;
use super::users::{SignIn, User};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a sign-in with a device code may take.
pub(super) const DEVICE_CODE_LIFE: Duration = Duration::from_secs(900);
/// The time to wait between two polls.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// How polls are answered.
pub(super) struct Rules {
    /// So many polls find the user still signing in.
    pub pending_polls: u32,
    /// How the sign-in ends by itself; none if a person decides.
    pub ends_as: Option<SignIn>,
    /// Whether polls that come sooner than the interval are refused.
    pub slows_down: bool,
}

/// What a poll finds.
pub(super) enum Polled {
    Unknown,
    Used,
    Expired,
    Declined,
    TooFast,
    Pending,
    /// The user has signed in, for the scope that was asked for.
    Granted(User, String),
}

struct Device {
    user_code: String,
    scope: String,
    issued: Instant,
    life: Duration,
    polls: u32,
    last_poll: Option<Instant>,
    chosen: Option<SignIn>,
    used: bool,
}

/// All device codes that are under way.
#[derive(Default)]
pub(super) struct Devices(HashMap<String, Device>);

impl Devices {
    /// A new device code for `scope`, and the code that the user types.
    pub(super) fn issue(&mut self, scope: &str, life: Duration) -> (String, String) {
        self.0.retain(|_, device| device.issued.elapsed() < 2 * DEVICE_CODE_LIFE);
        let device_code = format!("D{}", opaque());
        let letters = device_code.chars().skip(1).filter(char::is_ascii_alphanumeric);
        let user_code = letters.take(9).collect::<String>().to_uppercase();
        let device = Device {
            user_code: user_code.clone(),
            scope: scope.to_owned(),
            issued: Instant::now(),
            life,
            polls: 0,
            last_poll: None,
            chosen: None,
            used: false,
        };
        self.0.insert(device_code.clone(), device);
        (device_code, user_code)
    }

    /// Whether a sign-in waits for what the user types, in either case and with spaces or a hyphen in it.
    pub(super) fn is_waiting(&mut self, typed: &str) -> bool {
        self.waiting(typed).is_some()
    }

    /// Ends the sign-in that waits for what the user types. False if none does.
    pub(super) fn choose(&mut self, typed: &str, sign_in: SignIn) -> bool {
        match self.waiting(typed) {
            Some(device) => {
                device.chosen = Some(sign_in);
                true
            }
            None => false,
        }
    }

    fn waiting(&mut self, typed: &str) -> Option<&mut Device> {
        let letters = typed.chars().filter(char::is_ascii_alphanumeric);
        let user_code = letters.collect::<String>().to_uppercase();
        let is_open = |device: &Device| !device.used && device.issued.elapsed() < device.life;
        self.0.values_mut().find(|device| device.user_code == user_code && is_open(device))
    }

    /// Asks whether the user has signed in. It is granted once.
    pub(super) fn poll(&mut self, device_code: &str, rules: &Rules) -> Polled {
        let Some(device) = self.0.get_mut(device_code) else {
            return Polled::Unknown;
        };
        let last_poll = device.last_poll.replace(Instant::now());
        if device.used {
            return Polled::Used;
        }
        if device.issued.elapsed() >= device.life {
            return Polled::Expired;
        }
        if rules.slows_down && last_poll.is_some_and(|last| last.elapsed() < INTERVAL) {
            return Polled::TooFast;
        }
        device.polls += 1;
        let by_itself = rules.ends_as.filter(|_| device.polls > rules.pending_polls);
        match device.chosen.or(by_itself) {
            None => Polled::Pending,
            Some(SignIn::ExpiredCode) => Polled::Expired,
            Some(sign_in) => match sign_in.user() {
                None => Polled::Declined,
                Some(user) => {
                    device.used = true;
                    Polled::Granted(user, device.scope.clone())
                }
            },
        }
    }
}
