//! Printing the refresh token, for taking it elsewhere. Nothing else prints a secret.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::cli::failure::{Exit, Failure};
use crate::cli::output::{not_json, say, verbatim};
use crate::cli::setup::reach;
use crate::cli::{Desk, runtime};
use crate::jobs::JobError;
use crate::jobs::secrets::Secrets;
use crate::store::SecretName;

pub(super) fn run(desk: &Desk) -> Result<Exit, Failure> {
    let name = SecretName::RefreshToken;
    let settings = desk.store.read(|txn| txn.settings())?.value;
    let token = runtime::start()?.block_on(async {
        Secrets::of(&desk.store, &reach(&desk.config), settings).await?.get(name).await
    })?;
    let token = token.ok_or_else(JobError::no_token)?;
    desk.store.write(|txn| txn.note_reveal(name, "printed"))?;
    say("that the refresh token is printed here is noted in the audit record");
    let token = token.expose_secret();
    let text = if desk.output.json { json(token)? } else { Zeroizing::new([token, "\n"].concat()) };
    verbatim(text.as_bytes())?;
    Ok(Exit::Done)
}

fn json(token: &str) -> Result<Zeroizing<String>, Failure> {
    let value = Zeroizing::new(serde_json::to_string(token).map_err(|error| not_json(&error))?);
    Ok(Zeroizing::new(["{\"refresh_token\": ", &value, "}\n"].concat()))
}
