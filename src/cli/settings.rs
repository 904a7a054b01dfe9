//! `settings show|set|secret`: the CSP settings of a store.

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::Desk;
use super::failure::{Exit, Failure};
use super::secret_input;
use crate::domain::record::Versioned;
use crate::domain::settings::{Setting, Settings};
use crate::store::{SecretInfo, SecretName, StoreError};

type Secrets = Vec<(SecretName, Option<SecretInfo>)>;

pub(super) fn show(desk: &Desk) -> Result<Exit, Failure> {
    let (settings, secrets) = desk.store.read(|txn| {
        let secrets: Result<Secrets, StoreError> =
            SecretName::ALL.into_iter().map(|name| Ok((name, txn.secret_info(name)?))).collect();
        Ok((txn.settings()?, secrets?))
    })?;
    let lines = lines(desk, &settings, &secrets);
    desk.output.document(&document(desk, &settings, &secrets), &lines)?;
    Ok(Exit::Done)
}

pub(super) fn set(desk: &Desk, pairs: &[String]) -> Result<Exit, Failure> {
    let pairs = pairs.iter().map(|pair| key_and_value(pair)).collect::<Result<Vec<_>, _>>()?;
    let apply = |settings: &mut Settings| pairs.iter().try_for_each(|(key, value)| settings.set(key, value));
    apply(&mut Settings::default()).map_err(|error| Failure::wrong_use(error.to_string()))?;
    desk.store.write(|txn| {
        let mut stored = txn.settings()?;
        apply(&mut stored.value).map_err(|error| StoreError::Fault(error.to_string()))?;
        txn.put_settings(stored.revision, &stored.value)
    })?;
    show(desk)
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

pub(super) fn secret(desk: &Desk, name: &str, typed_value: &[String]) -> Result<Exit, Failure> {
    let Some(secret) = SecretName::parse(name) else {
        let names = SecretName::ALL.map(SecretName::as_str).join(", ");
        return Err(Failure::wrong_use(format!("there is no secret of that name; there are: {names}")));
    };
    if !typed_value.is_empty() {
        return Err(on_the_command_line(name));
    }
    let value: SecretString = secret_input::read(secret)?;
    desk.store.put_secret(secret, &value)?;
    let info = desk.store.read(|txn| txn.secret_info(secret))?;
    let document = json!({ "secret": name, "set": described(info.as_ref()) });
    desk.output.document(&document, &[format!("{name} is set")])?;
    Ok(Exit::Done)
}

fn document(desk: &Desk, settings: &Versioned<Settings>, secrets: &Secrets) -> Value {
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
    Value::Object(document)
}

fn described(info: Option<&SecretInfo>) -> Value {
    info.map_or(Value::Null, |info| {
        let refused = info.refused.as_ref().map(|refusal| json!({ "at": refusal.at, "code": refusal.code }));
        json!({ "set_at": info.set_at, "set_by": info.set_by, "refused": refused })
    })
}

fn lines(desk: &Desk, settings: &Versioned<Settings>, secrets: &Secrets) -> Vec<String> {
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
            line(name.as_str(), &format!("set {:.0} by {}{refused}", info.set_at, info.set_by))
        }
        None => line(name.as_str(), "-"),
    }));
    lines.push(line("store", &desk.store.path().display().to_string()));
    lines
}
