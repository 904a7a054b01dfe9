//! How the listener on loopback is reached from the operator's own machine.

/// The line to type there, so that the browser's `localhost` leads to this machine's.
#[must_use]
pub fn ssh_line(port: u16, user: &str, host: &str) -> String {
    format!("ssh -L {port}:127.0.0.1:{port} {user}@{host}")
}

/// This machine's name.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
