//! Giving the consent: what the operator is told while somebody signs in elsewhere, and what they paste.

use std::io::{self, BufRead, Read};

use serde_json::json;
use tokio::sync::mpsc::{Receiver, channel};
use tokio_util::sync::CancellationToken;

use crate::cli::arguments::GiveArguments;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::say;
use crate::cli::signals::Signals;
use crate::cli::{Desk, runtime, setup};
use crate::jobs::consent::{ConsentJob, ConsentSetup, Consented, Input, Stage};

/// What is typed for a code instead of an address.
const CODE: &str = "code";

/// Longest line that is taken for an address, in bytes.
const LONGEST: u64 = 64 << 10;

pub(super) fn run(desk: &Desk, arguments: &GiveArguments) -> Result<Exit, Failure> {
    let settings = desk.store.read(|txn| txn.settings())?.value;
    let domain = arguments.domain.clone().or(settings.csp_domain).ok_or_else(|| {
        Failure::wrong_use(
            "whose consent? --domain YOURS.onmicrosoft.com tells it, and so does csp_domain of the settings",
        )
    })?;
    let setup = setup::consent(&desk.config);
    let cancel = CancellationToken::new();
    let job = ConsentJob {
        store: desk.store.clone(),
        reach: setup::reach(&desk.config),
        setup: ConsentSetup { port: arguments.port.unwrap_or(setup.port), ..setup },
        domain,
        by_code: arguments.device_code,
        cancel: cancel.clone(),
        tell: Box::new(move |stage| say(&lines(&stage).join("\n"))),
    };
    let consented = wait(job, &cancel)?;
    let document = json!({
        "user": consented.user,
        "tenant": consented.tenant,
        "company": consented.company,
        "at": consented.at,
        "place": if consented.in_vault { "key_vault" } else { "store" },
        "remarks": consented.remarks,
    });
    desk.output.document(&document, &[consented.summary()])?;
    Ok(Exit::Done)
}

/// Waits for the sign-in; a signal cancels it, and a second one ends the process.
fn wait(job: ConsentJob, cancel: &CancellationToken) -> Result<Consented, Failure> {
    runtime::start()?.block_on(async {
        let mut signals = Signals::install()?;
        let mut working = Box::pin(job.run(typed()?));
        loop {
            tokio::select! {
                biased;
                number = signals.next() => {
                    if cancel.is_cancelled() {
                        drop(signal_hook::low_level::emulate_default_handler(number));
                    }
                    cancel.cancel();
                }
                done = &mut working => return done.map_err(Failure::from),
            }
        }
    })
}

/// What comes on standard input, line by line. The thread that reads it ends with the process: nothing wakes it before.
fn typed() -> Result<Receiver<Input>, Failure> {
    let (sender, lines) = channel(1);
    let read = move || {
        let mut input = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match input.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(1..) => {}
                // Whoever would have typed is gone.
                Ok(0) | Err(_) => return,
            }
            // A terminal that was left in that mode puts marks around what is pasted.
            let line = String::from_utf8_lossy(&line).replace("\x1b[200~", "").replace("\x1b[201~", "");
            let input = match line.trim() {
                "" => continue,
                CODE => Input::DeviceCode,
                address => Input::Pasted(address.to_owned()),
            };
            if sender.blocking_send(input).is_err() {
                return;
            }
        }
    };
    let started = std::thread::Builder::new().name("pasted".to_owned()).spawn(read);
    started.map_err(|error| runtime::failed_at("standard input can't be read", &error))?;
    Ok(lines)
}

/// What the operator is to know. An address and a command stand on lines of their own, for being copied.
fn lines(stage: &Stage) -> Vec<String> {
    match stage {
        Stage::Waiting { address, redirect_uri, registered_uri, port, tunnel, deaf, until } => {
            let mut lines = vec![
                "Sign in as the user who is to give the consent, an admin agent of the partner with multi-factor authentication,"
                    .to_owned(),
                "in a private window of any browser (or sign out of other accounts there first), at this address:".to_owned(),
                String::new(),
                address.clone(),
                String::new(),
            ];
            match (port, deaf) {
                (Some(port), _) => lines.extend([
                    format!("The browser ends on {redirect_uri}; cspdeck listens there, at 127.0.0.1:{port} of this machine."),
                    "For a browser on your own machine, run this there before you sign in:".to_owned(),
                    String::new(),
                    tunnel.clone().unwrap_or_default(),
                    String::new(),
                    "Without that the browser ends on a page that can't be shown: paste its address here, and press Enter.".to_owned(),
                ]),
                (None, deaf) => lines.extend([
                    match deaf {
                        Some(deaf) => format!("{deaf}, so the browser ends on a page that can't be shown:"),
                        None => format!("The browser ends on {redirect_uri}:"),
                    },
                    "paste its address here, and press Enter.".to_owned(),
                ]),
            }
            lines.push(format!("The app needs the redirect address {registered_uri} (platform Web)."));
            lines.push(format!(
                "The word {CODE} and Enter gives a short code to type instead. Waiting until {until:.0}; Ctrl-C ends it."
            ));
            lines
        }
        Stage::Code { code, page, until } => vec![
            "Sign in as the user who is to give the consent, in a private window of any browser, at"
                .to_owned(),
            String::new(),
            page.clone(),
            String::new(),
            format!("and type this code there: {code}"),
            format!("Waiting until {until:.0}; Ctrl-C ends it."),
        ],
        Stage::NoCode { why, .. } => vec![
            format!("cspdeck: {why}."),
            format!("The address above still counts; the word {CODE} and Enter gives another code."),
        ],
        Stage::NotThis(why) => vec![format!("cspdeck: {why}")],
        Stage::Checking => vec!["Somebody signed in; checking what that brought".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::consent::ssh_line;
    use jiff::Timestamp;

    #[test]
    fn what_is_copied_stands_alone_on_its_line() {
        let waiting = |port, deaf: Option<&str>| Stage::Waiting {
            address: "https://login.example/authorize?x=1".to_owned(),
            redirect_uri: "http://localhost:8400".to_owned(),
            registered_uri: "http://localhost".to_owned(),
            port,
            tunnel: port.map(|port| ssh_line(port, "ana", "jump")),
            deaf: deaf.map(str::to_owned),
            until: Timestamp::UNIX_EPOCH,
        };
        let heard = lines(&waiting(Some(8400), None));
        assert!(heard.iter().any(|line| line == "https://login.example/authorize?x=1"));
        assert!(heard.iter().any(|line| line.starts_with("ssh -L 8400:127.0.0.1:8400 ana@")));
        for deaf in [None, Some("127.0.0.1:80 can't be listened at (denied)")] {
            let unheard = lines(&waiting(None, deaf)).join("\n");
            assert!(!unheard.contains("ssh") && unheard.contains("paste its address"), "{unheard}");
            assert!(deaf.is_none_or(|deaf| unheard.contains(deaf)));
        }
    }
}
