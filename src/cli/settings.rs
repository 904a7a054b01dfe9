//! `settings show|set|secret`: the CSP settings of a store.

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::failure::{Exit, Failure};
use super::setup::reach;
use super::{Desk, runtime, secret_input};
use crate::domain::record::Versioned;
use crate::domain::settings::{Setting, Settings};
use crate::jobs::secrets::{is_in_vault, set_by_hand};
use crate::jobs::settings::{Saved, SettingsUpdate, save};
use crate::store::{SecretInfo, SecretName, SecretPlace, StoreError};

type Infos = Vec<(SecretName, Option<SecretInfo>)>;

fn stored(desk: &Desk) -> Result<(Versioned<Settings>, Infos), StoreError> {
    desk.store.read(|txn| {
        let secrets: Result<Infos, StoreError> =
            SecretName::ALL.into_iter().map(|name| Ok((name, txn.secret_info(name)?))).collect();
        Ok((txn.settings()?, secrets?))
    })
}

pub(super) fn show(desk: &Desk) -> Result<Exit, Failure> {
    let (settings, secrets) = stored(desk)?;
    let lines = lines(desk, &settings, &secrets);
    desk.output.document(&document(desk, &settings, &secrets), &lines)?;
    Ok(Exit::Done)
}

/// Sets all of them or none. Where that changes the place of secrets, they are moved.
pub(super) fn set(
    desk: &Desk,
    pairs: &[String],
    leaves_secrets: bool,
    takes_newer: bool,
) -> Result<Exit, Failure> {
    let pairs = pairs.iter().map(|pair| key_and_value(pair)).collect::<Result<Vec<_>, _>>()?;
    let before = desk.store.read(|txn| txn.settings())?;
    let mut settings = before.value.clone();
    for (key, value) in &pairs {
        settings.set(key, value).map_err(|error| Failure::wrong_use(error.to_string()))?;
    }
    let problems: Vec<String> =
        settings.problems().iter().map(|(setting, why)| format!("{}: {why}", setting.key())).collect();
    if !problems.is_empty() {
        return Err(Failure::wrong_use(format!("{}; nothing was changed", problems.join("; "))));
    }
    let update = SettingsUpdate {
        before,
        settings,
        secrets: Vec::new(),
        typed_over: Vec::new(),
        leaves_secrets,
        takes_newer,
    };
    let saved = runtime::start()?.block_on(save(&desk.store, &reach(&desk.config), update));
    let Saved { moved, remarks } = saved.map_err(|error| {
        let failure = Failure::from(error);
        Failure { message: format!("nothing was saved: {}", failure.message), ..failure }
    })?;
    let (settings, secrets) = stored(desk)?;
    let mut lines = lines(desk, &settings, &secrets);
    let moved: Vec<&str> = moved.into_iter().map(SecretName::as_str).collect();
    if !moved.is_empty() {
        let place =
            if is_in_vault(&settings.value, SecretName::RefreshToken) { "key vault" } else { "store" };
        lines.push(format!("moved to the {place}: {}", moved.join(", ")));
    }
    lines.extend(remarks.iter().cloned());
    let mut document = document(desk, &settings, &secrets);
    document.insert("moved".to_owned(), json!(moved));
    document.insert("remarks".to_owned(), json!(remarks));
    desk.output.document(&document, &lines)?;
    Ok(Exit::Done)
}

/// Takes `KEY=VALUE` apart. What is no such pair may be a secret, so it is not repeated.
fn key_and_value(pair: &str) -> Result<(&str, &str), Failure> {
    let (key, value) = pair.split_once('=').ok_or_else(|| {
        Failure::wrong_use(format!(
            "KEY=VALUE is expected, such as tier=indirect; the keys are: {}",
            Setting::ALL.map(Setting::key).join(", ")
        ))
    })?;
    if SecretName::parse(key).is_some() {
        return Err(on_the_command_line(key));
    }
    Ok((key, value))
}

fn on_the_command_line(name: &str) -> Failure {
    Failure::wrong_use(format!(
        "{name} is a secret and was not set: on a command line, others on this machine and the shell's history see it. \
         Consider it known, and give the new one on standard input: cspdeck settings secret {name} < FILE"
    ))
}

pub(super) fn secret(desk: &Desk, name: &str, remove: bool, typed_value: &[String]) -> Result<Exit, Failure> {
    // What is no name may be a secret, so it is not repeated.
    let Some(secret) = SecretName::parse(name) else {
        if let Some(secret) = name.split_once('=').and_then(|(name, _)| SecretName::parse(name)) {
            return Err(on_the_command_line(secret.as_str()));
        }
        let names = SecretName::ALL.map(SecretName::as_str).join(", ");
        return Err(Failure::wrong_use(format!("there is no secret of that name; there are: {names}")));
    };
    if !typed_value.is_empty() {
        return Err(on_the_command_line(name));
    }
    if remove {
        return remove_secret(desk, secret);
    }
    let value: SecretString = secret_input::read(secret)?;
    runtime::start()?.block_on(set_by_hand(&desk.store, &reach(&desk.config), secret, &value))?;
    let info = desk.store.read(|txn| txn.secret_info(secret))?;
    let document = json!({ "secret": name, "set": described(info.as_ref()) });
    let is_in_vault = info.is_some_and(|info| info.place != SecretPlace::Store);
    let line = format!("{name} is set{}", if is_in_vault { ", in the key vault" } else { "" });
    desk.output.document(&document, &[line])?;
    Ok(Exit::Done)
}

fn remove_secret(desk: &Desk, secret: SecretName) -> Result<Exit, Failure> {
    let name = secret.as_str();
    let info = desk.store.read(|txn| txn.secret_info(secret))?;
    if info.is_some_and(|info| info.place != SecretPlace::Store) {
        let message =
            format!("{name} is in the key vault: only there can it be deleted (az keyvault secret delete)");
        return Err(Failure::new(Exit::Failed, "in_key_vault", message));
    }
    let removed = desk.store.write(|txn| txn.remove_secret(secret))?;
    let line = format!("{name} {}", if removed { "is removed" } else { "was not set" });
    desk.output.document(&json!({ "secret": name, "removed": removed }), &[line])?;
    Ok(Exit::Done)
}

fn document(desk: &Desk, settings: &Versioned<Settings>, secrets: &Infos) -> Map<String, Value> {
    let mut document = match serde_json::to_value(&settings.value) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let is_set = settings.revision > 0;
    document.insert("revision".to_owned(), json!(settings.revision));
    document.insert("updated_by".to_owned(), json!(is_set.then_some(&settings.updated_by)));
    document.insert("updated_at".to_owned(), json!(is_set.then_some(settings.updated_at)));
    let secrets: Map<String, Value> =
        secrets.iter().map(|(name, info)| (name.as_str().to_owned(), described(info.as_ref()))).collect();
    document.insert("secrets".to_owned(), Value::Object(secrets));
    document.insert("store".to_owned(), json!(desk.store.path().display().to_string()));
    document
}

fn described(info: Option<&SecretInfo>) -> Value {
    info.map_or(Value::Null, |info| {
        let refused = info.refused.as_ref().map(|refusal| json!({ "at": refusal.at, "code": refusal.code }));
        let obtained = info.obtained.as_ref();
        let obtained = obtained.map(|from| json!({ "at": from.at, "by": from.by, "user": from.user }));
        let place = match info.place {
            SecretPlace::Store => "store",
            SecretPlace::KeyVault { .. } => "key_vault",
        };
        json!({
            "set_at": info.set_at,
            "set_by": info.set_by,
            "refused": refused,
            "obtained": obtained,
            "place": place,
        })
    })
}

fn lines(desk: &Desk, settings: &Versioned<Settings>, secrets: &Infos) -> Vec<String> {
    let line = |name: &str, value: &str| format!("{name:<34}{value}");
    let shown = |setting: Setting| match settings.value.text(setting) {
        text if text.is_empty() => "-".to_owned(),
        text => text,
    };
    let mut lines: Vec<String> =
        Setting::ALL.iter().map(|setting| line(setting.key(), &shown(*setting))).collect();
    lines.extend(secrets.iter().map(|(name, info)| match info {
        Some(info) => {
            let refused = info.refused.as_ref().map_or_else(String::new, |refusal| {
                format!(", refused by Microsoft {:.0} ({})", refusal.at, refusal.code)
            });
            let place = if info.place == SecretPlace::Store { "" } else { " in the key vault" };
            line(name.as_str(), &format!("set{place} {:.0} by {}{refused}", info.set_at, info.set_by))
        }
        None => line(name.as_str(), "-"),
    }));
    lines.push(line("store", &desk.store.path().display().to_string()));
    lines
}
