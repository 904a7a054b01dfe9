//! Secrets as a vault has them (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret>).

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::error::VaultError;
use crate::domain::text::printable;
use crate::partner_center::call::Call;
use crate::partner_center::error::ApiError;
use crate::partner_center::json::{Fields, text_of};
use crate::partner_center::scrub::cut;

/// Longest value, in bytes.
const VALUE_LENGTH: usize = 25 * 1024;

/// Longest name, in characters.
const NAME_LENGTH: usize = 127;

/// A secret with its value.
#[derive(Debug, Clone)]
pub struct VaultSecret {
    /// The value.
    pub value: SecretString,
    /// What is known about this version.
    pub info: VersionInfo,
}

/// A version of a secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionInfo {
    /// The version's id.
    pub version: String,
    /// Whether it can be read.
    pub enabled: bool,
    /// When it was stored.
    pub created: Option<Timestamp>,
    /// When it was changed last.
    pub updated: Option<Timestamp>,
    /// When it is not to be used any more.
    pub expires: Option<Timestamp>,
    /// Before when it is not to be used.
    pub not_before: Option<Timestamp>,
    /// Such as `text/plain`, as it came.
    pub content_type: Option<String>,
    /// Its tags, as they came.
    pub tags: BTreeMap<String, String>,
}

/// A secret that was deleted and can still be recovered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedInfo {
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When it will be gone for good.
    pub purged_at: Option<Timestamp>,
}

impl DeletedInfo {
    pub(super) fn read(document: &Value) -> Self {
        let moment = |name| Fields::of(document).and_then(|fields| unix_seconds(fields, name));
        Self { deleted_at: moment("deletedDate"), purged_at: moment("scheduledPurgeDate") }
    }
}

/// A value to be stored.
pub(super) struct NewSecret {
    /// What is sent.
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The value in it.
    pub(super) value: SecretString,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
    tags: BTreeMap<&'a str, &'a str>,
    attributes: Attributes,
}

#[derive(Serialize)]
struct Attributes {
    enabled: bool,
}

impl NewSecret {
    pub(super) fn body(
        name: &str,
        value: &SecretString,
        tags: &[(&str, &str)],
        content_type: Option<&str>,
    ) -> Result<Self, VaultError> {
        let text = value.expose_secret();
        if text.len() > VALUE_LENGTH {
            return Err(VaultError::TooLarge { name: name.to_owned(), bytes: text.len() });
        }
        let tags = tags.iter().copied().collect();
        let body = Body { value: text, content_type, tags, attributes: Attributes { enabled: true } };
        let body = serde_json::to_vec(&body).map_err(|_| VaultError::BadOption {
            option: "value of a secret",
            reason: "it can't be written as JSON".to_owned(),
        })?;
        Ok(Self { body: Zeroizing::new(body), value: value.clone() })
    }
}

/// A name that a secret can have.
pub(super) fn name(text: &str) -> Result<&str, VaultError> {
    match is_identifier(text) {
        true => Ok(text),
        false => Err(VaultError::BadName(shown(text))),
    }
}

/// A version that a secret can have.
pub(super) fn version(text: &str) -> Result<&str, VaultError> {
    match is_identifier(text) {
        true => Ok(text),
        false => Err(VaultError::BadVersion(shown(text))),
    }
}

fn is_identifier(text: &str) -> bool {
    (1..=NAME_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn shown(text: &str) -> String {
    cut(&printable(text), NAME_LENGTH)
}

/// Reads a secret, and refuses one that is not to be used now.
pub(super) fn read(mut document: Value, call: Call) -> Result<VaultSecret, VaultError> {
    let value = take_value(&mut document);
    let info = read_info(&document, call.clone())?;
    let call = Box::new(call);
    let Some(value) = value else {
        return Err(ApiError::BadBody { call, reason: "JSON without a value".to_owned() }.into());
    };
    let now = Timestamp::now();
    if info.not_before.is_some_and(|from| now < from) {
        return Err(VaultError::NotYetValid { call, from: info.not_before });
    }
    if info.expires.is_some_and(|at| at <= now) {
        return Err(VaultError::Expired { call, at: info.expires });
    }
    match info.enabled {
        true => Ok(VaultSecret { value, info }),
        false => Err(VaultError::Disabled { call }),
    }
}

/// Takes the value out, so that it is nowhere else.
fn take_value(document: &mut Value) -> Option<SecretString> {
    let fields = document.as_object_mut()?;
    let (_, value) = fields.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case("value"))?;
    match value.take() {
        Value::String(value) => Some(SecretString::from(value)),
        _ => None,
    }
}

/// Reads what is known about a version.
pub(super) fn read_info(document: &Value, call: Call) -> Result<VersionInfo, VaultError> {
    Fields::of(document).and_then(info).ok_or_else(|| {
        let reason = "JSON without the id of a version".to_owned();
        ApiError::BadBody { call: Box::new(call), reason }.into()
    })
}

/// A page of versions.
pub(super) struct Page {
    pub(super) versions: Vec<VersionInfo>,
    pub(super) next: Option<String>,
}

/// Reads a page; what can't be read among its versions is left out.
pub(super) fn read_page(document: &Value, call: &Call) -> Result<Page, VaultError> {
    let fields = Fields::of(document);
    let items = fields.and_then(|fields| fields.array("value")).ok_or_else(|| {
        let reason = "JSON without a list of versions".to_owned();
        ApiError::BadBody { call: Box::new(call.clone()), reason }
    })?;
    let versions = items.iter().filter_map(Fields::of).filter_map(info).collect();
    Ok(Page { versions, next: fields.and_then(|fields| fields.text("nextLink")) })
}

fn info(secret: Fields<'_>) -> Option<VersionInfo> {
    let attributes = secret.object("attributes");
    let moment = |name| attributes.and_then(|attributes| unix_seconds(attributes, name));
    let tags = secret.get("tags").and_then(Value::as_object).into_iter().flatten();
    Some(VersionInfo {
        version: version_in(&secret.text("id")?)?,
        enabled: attributes.and_then(|attributes| attributes.flag("enabled")).unwrap_or(true),
        created: moment("created"),
        updated: moment("updated"),
        expires: moment("exp"),
        not_before: moment("nbf"),
        content_type: secret.text("contentType"),
        tags: tags.filter_map(|(key, value)| Some((key.clone(), text_of(value)?))).collect(),
    })
}

/// The version in `https://acme-kv.vault.azure.net/secrets/NAME/VERSION`.
fn version_in(id: &str) -> Option<String> {
    let url = Url::parse(id).ok()?;
    let version = url.path_segments()?.skip_while(|segment| *segment != "secrets").nth(2)?;
    is_identifier(version).then(|| version.to_owned())
}

/// A moment in seconds since 1970.
fn unix_seconds(fields: Fields<'_>, name: &str) -> Option<Timestamp> {
    let seconds = fields.text(name)?.parse::<Decimal>().ok()?.trunc().to_i64()?;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_767_225_600;

    fn bundle(attributes: Value) -> Value {
        json!({"Value": "s3cret", "id": "https://acme-kv.vault.azure.net/secrets/pc/0f1e2d", "attributes": attributes,
            "contentType": "text/plain", "tags": {"tenant": "acme", "n": 5, "odd": []}})
    }

    #[test]
    fn a_secret_is_read_whole() {
        let attributes = json!({"enabled": "true", "created": NOW, "Updated": NOW.to_string(), "exp": 9_999_999_999_i64,
            "nbf": 5.9, "recoveryLevel": "Recoverable"});
        let read = read(bundle(attributes), Call::default()).unwrap();
        assert_eq!(read.value.expose_secret(), "s3cret");
        let moment = |seconds| Some(Timestamp::from_second(seconds).unwrap());
        let tags = [("tenant", "acme"), ("n", "5")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let expected = VersionInfo {
            version: "0f1e2d".to_owned(),
            enabled: true,
            created: moment(NOW),
            updated: moment(NOW),
            expires: moment(9_999_999_999),
            not_before: moment(5),
            content_type: Some("text/plain".to_owned()),
            tags: tags.into(),
        };
        assert_eq!(read.info, expected);
        assert!(!format!("{read:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_not_to_be_used_is_refused() {
        let read = |attributes| read(bundle(attributes), Call::default());
        assert!(matches!(read(json!({"exp": NOW / 2})), Err(VaultError::Expired { at: Some(_), .. })));
        assert!(matches!(read(json!({"nbf": 9_999_999_999_i64})), Err(VaultError::NotYetValid { .. })));
        assert!(matches!(read(json!({"enabled": false})), Err(VaultError::Disabled { .. })));
        assert!(read(json!({"exp": "soon", "nbf": null})).is_ok());
    }

    #[test]
    fn what_is_no_secret_is_an_error_that_shows_nothing_of_it() {
        for document in [
            json!({"value": "s3cret"}),
            json!({"value": "s3cret", "id": "s3cret"}),
            json!({"value": "s3cret", "id": "https://acme-kv.vault.azure.net/secrets/pc"}),
            json!({"value": "s3cret", "id": "https://acme-kv.vault.azure.net/secrets/pc/%2e%2e"}),
            json!({"value": 5, "id": "https://acme-kv.vault.azure.net/secrets/pc/v1"}),
            json!(["s3cret"]),
        ] {
            let error = read(document, Call::default()).unwrap_err();
            assert!(matches!(error, VaultError::Exchange(ApiError::BadBody { .. })), "{error}");
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn names_and_values_keep_within_the_vaults_limits() {
        for good in ["a", "pc-refresh-3F", &"x".repeat(127)] {
            assert!(name(good).is_ok() && version(good).is_ok(), "{good}");
        }
        for bad in ["", "a_b", "a.b", "..", "a/b", "ä", "a b", &"x".repeat(128)] {
            assert!(name(bad).is_err() && version(bad).is_err(), "{bad}");
        }
        let value = |bytes| SecretString::from("x".repeat(bytes));
        assert!(NewSecret::body("n", &value(25_600), &[], None).is_ok());
        let error = NewSecret::body("n", &value(25_601), &[], None).err().unwrap();
        assert!(error.to_string().contains("25601 bytes"), "{error}");
    }

    #[test]
    fn what_is_stored_is_written_as_the_vault_reads_it() {
        let new = NewSecret::body("n", &SecretString::from("a\"b"), &[("by", "cspdeck")], Some("text/plain"))
            .unwrap();
        let expected = json!({"value": "a\"b", "contentType": "text/plain", "tags": {"by": "cspdeck"}, "attributes": {"enabled": true}});
        assert_eq!(serde_json::from_slice::<Value>(&new.body).unwrap(), expected);
    }
}
