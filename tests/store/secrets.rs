//! Secrets and the identity file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cspdeck::store::{IdentityError, Origin, ReadTxn, SecretName, Sharing, Store, StoreError, StoreOptions};
use secrecy::{ExposeSecret, SecretString};

use super::support::{open, options};

const VALUE: &str = "hunter2-a-refresh-token-that-must-not-leak";

fn set(store: &Store, name: SecretName, value: &str) -> Result<(), StoreError> {
    store.put_secret(name, &SecretString::from(value))
}

fn value(store: &Store, name: SecretName) -> Option<String> {
    store.secret(name).unwrap().map(|secret| secret.expose_secret().to_owned())
}

fn identity_error(result: Result<impl Sized, StoreError>) -> IdentityError {
    match result.map(drop) {
        Err(StoreError::Identity(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_secret_comes_back_and_stands_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    assert!(store.secret(SecretName::RefreshToken).unwrap().is_none());
    assert!(!options(folder.path(), "anna").identity.exists());
    for name in SecretName::ALL {
        set(&store, name, &format!("{VALUE} {}", name.as_str())).unwrap();
    }
    set(&store, SecretName::RefreshToken, VALUE).unwrap();
    assert_eq!(value(&store, SecretName::RefreshToken).as_deref(), Some(VALUE));
    assert_eq!(value(&store, SecretName::SmtpPassword), Some(format!("{VALUE} smtp_password")));
    let info = store.read(|txn| txn.secret_info(SecretName::RefreshToken)).unwrap().unwrap();
    assert_eq!(info.set_by, "anna");

    let files = files_below(folder.path());
    assert_eq!(files.len(), 3, "{files:?}");
    for file in &files {
        let bytes = fs::read(file).unwrap();
        assert!(!bytes.windows(7).any(|w| w == b"hunter2"), "{}", file.display());
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o7777, 0o600);
    }
    let audit = store.read(|txn| txn.audit(1, 100)).unwrap();
    assert_eq!(
        audit.last().map(|e| (e.action.as_str(), e.subject.as_str())),
        Some(("secret.set", "refresh_token"))
    );
    assert!(audit.iter().all(|entry| entry.detail.is_empty()));

    assert!(store.write(|txn| txn.remove_secret(SecretName::RefreshToken)).unwrap());
    assert!(!store.write(|txn| txn.remove_secret(SecretName::RefreshToken)).unwrap());
    assert_eq!(value(&store, SecretName::RefreshToken), None);
    // One each, one more for the second value, and one for its end.
    assert_eq!(store.read(ReadTxn::audit_len).unwrap(), SecretName::ALL.len() as u64 + 2);
}

#[test]
fn a_sealed_secret_opens_under_its_own_name_only() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let sealed = store.seal(SecretName::SmtpPassword, &SecretString::from(VALUE)).unwrap();
    store.write(|txn| txn.put_sealed(SecretName::RefreshToken, sealed, Origin::ByHand)).unwrap();
    let error = identity_error(store.secret(SecretName::RefreshToken));
    assert!(matches!(error, IdentityError::Foreign { .. }), "{error}");
}

#[test]
fn a_secret_is_exchanged_only_while_it_is_the_stored_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let name = SecretName::RefreshToken;
    assert!(store.marked_secret(name).unwrap().is_none());
    set(&store, name, "first").unwrap();
    let (token, first) = store.marked_secret(name).unwrap().unwrap();
    assert_eq!(token.expose_secret(), "first");
    let second = store.exchange_secret(name, &first, &SecretString::from("second"), true).unwrap().unwrap();
    assert_eq!(value(&store, name).as_deref(), Some("second"));

    // The same value, set by hand, is another secret.
    set(&store, name, "second").unwrap();
    for used in [&first, &second] {
        assert_eq!(store.exchange_secret(name, used, &SecretString::from("third"), true).unwrap(), None);
        assert_eq!(value(&store, name).as_deref(), Some("second"));
    }
    store.write(|txn| txn.remove_secret(name)).unwrap();
    assert_eq!(store.exchange_secret(name, &second, &SecretString::from("third"), true).unwrap(), None);
    assert_eq!(value(&store, name), None, "what was removed stays removed");
}

#[test]
fn an_identity_file_that_is_missing_foreign_or_open_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let identity = options(folder.path(), "anna").identity;
    let name = SecretName::RefreshToken;
    set(&store, name, VALUE).unwrap();
    let ours = fs::read(&identity).unwrap();

    fs::set_permissions(&identity, fs::Permissions::from_mode(0o644)).unwrap();
    let error = identity_error(store.secret(name));
    let text = error.to_string();
    assert!(text.contains(&format!("chmod 600 {}", identity.display())), "{text}");
    assert!(matches!(
        identity_error(set(&store, name, VALUE)),
        IdentityError::Permissions { mode: 0o644, .. }
    ));

    fs::remove_file(&identity).unwrap();
    assert!(matches!(identity_error(store.secret(name)), IdentityError::Missing { .. }));
    let other = SecretName::SmtpPassword;
    assert!(matches!(identity_error(set(&store, other, VALUE)), IdentityError::Missing { .. }));
    assert!(!identity.exists());

    let elsewhere = tempfile::tempdir().unwrap();
    let foreign = open(elsewhere.path(), "bert");
    set(&foreign, name, "x").unwrap();
    fs::copy(options(elsewhere.path(), "bert").identity, &identity).unwrap();
    assert!(matches!(identity_error(store.secret(name)), IdentityError::Foreign { .. }));
    assert!(matches!(identity_error(set(&store, other, VALUE)), IdentityError::Foreign { .. }));

    fs::write(&identity, "not a key\n").unwrap();
    let text = identity_error(store.secret(name)).to_string();
    assert!(text.contains("AGE-SECRET-KEY-1") && !text.contains("not a key"), "{text}");

    fs::write(&identity, ours).unwrap();
    assert_eq!(value(&store, name).as_deref(), Some(VALUE));
}

#[test]
fn a_lost_identity_is_overcome_by_setting_the_only_secret_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    set(&store, SecretName::RefreshToken, "old").unwrap();
    fs::remove_file(options(folder.path(), "anna").identity).unwrap();
    set(&store, SecretName::RefreshToken, "new").unwrap();
    assert_eq!(value(&store, SecretName::RefreshToken).as_deref(), Some("new"));
}

#[test]
fn a_group_shares_files_that_the_rest_of_the_world_does_not_see() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { sharing: Sharing::Group, ..options(folder.path(), "anna") };
    let store = Store::open(options.clone()).unwrap();
    set(&store, SecretName::RefreshToken, VALUE).unwrap();
    for file in files_below(folder.path()) {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o660, "{}", file.display());
    }
    for file in [&options.path, &options.identity] {
        let mode = fs::metadata(file.parent().unwrap()).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o2770);
    }
}
