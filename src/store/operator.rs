//! Who runs this process, as the kernel knows it.

use crate::domain::operator::Operator;
use crate::domain::text::printable;

/// The login uid of a process that no login started.
const NO_LOGIN: u32 = u32::MAX;

/// Characters of a claim that are kept.
const CLAIM: usize = 128;

/// The operator of this process: the kernel's login uid, which `sudo` does not change, else the real uid. `SUDO_USER` and the
/// SSH client's address come from the environment and are claims only.
#[must_use]
pub fn current() -> Operator {
    let login = std::fs::read_to_string("/proc/self/loginuid").unwrap_or_default();
    let uid = login_uid(&login).unwrap_or_else(|| rustix::process::getuid().as_raw());
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let claim = |name: &str| std::env::var(name).ok().and_then(|value| cleaned(&value));
    Operator {
        uid,
        name: name_of(uid, &accounts).unwrap_or_else(|| format!("uid-{uid}")),
        sudo_user: claim("SUDO_USER"),
        ssh_client: claim("SSH_CONNECTION").and_then(|c| c.split(' ').next().map(str::to_owned)),
    }
}

fn login_uid(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|uid| *uid != NO_LOGIN)
}

fn name_of(uid: u32, accounts: &str) -> Option<String> {
    let uid = uid.to_string();
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, its_uid) = (fields.next()?, fields.nth(1)?);
        if its_uid == uid { cleaned(name) } else { None }
    })
}

fn cleaned(text: &str) -> Option<String> {
    let clean: String = printable(text).trim().chars().take(CLAIM).collect();
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unset_login_uid_is_none() {
        assert_eq!(login_uid("1000"), Some(1000));
        assert_eq!(login_uid("0\n"), Some(0));
        assert_eq!(login_uid("4294967295"), None);
        assert_eq!(login_uid(""), None);
    }

    #[test]
    fn names_come_from_the_accounts() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nbroken\nann\u{1b}a:x:1000:1000::/home/anna:/bin/sh\n";
        assert_eq!(name_of(0, accounts).as_deref(), Some("root"));
        assert_eq!(name_of(1000, accounts).as_deref(), Some("ann?a"));
        assert_eq!(name_of(1001, accounts), None);
    }

    #[test]
    fn claims_are_cleaned_and_short() {
        assert_eq!(cleaned(" \n "), None);
        assert_eq!(cleaned("a\u{202e}b").as_deref(), Some("ab"));
        assert_eq!(cleaned(&"x".repeat(1000)).map(|c| c.len()), Some(CLAIM));
    }
}
