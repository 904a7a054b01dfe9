//! The way from a browser on another machine to the listener on this one.

/// This machine's name.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The command by which the operator's own machine reaches a port of this one, ready for a shell.
#[must_use]
pub fn ssh_line(port: u16, user: &str, host: &str) -> String {
    let target = format!("{user}@{host}");
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._-+".contains(c);
    let target =
        if target.chars().all(plain) { target } else { format!("'{}'", target.replace('\'', r"'\''")) };
    format!("ssh -L {port}:127.0.0.1:{port} {target}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_can_be_copied_into_a_shell() {
        assert_eq!(ssh_line(8400, "ana", "jump-1.corp"), "ssh -L 8400:127.0.0.1:8400 ana@jump-1.corp");
        assert_eq!(ssh_line(1, r"CORP\ana", "jump"), r"ssh -L 1:127.0.0.1:1 'CORP\ana@jump'");
        assert_eq!(ssh_line(1, "o'hara; ls", "jump"), r"ssh -L 1:127.0.0.1:1 'o'\''hara; ls@jump'");
        assert!(!host_name().is_empty());
    }
}
