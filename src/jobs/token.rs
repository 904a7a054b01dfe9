//! The stored refresh token: how it stands, and its renewal before it lapses.

use jiff::Timestamp;

use super::connect;
use super::error::{JobError, blocking};
use super::reach::Reach;
use super::secrets::{Kept, Secrets};
use crate::domain::token::{Held, Token};
use crate::store::{ReadTxn, SecretName, Store, StoreError};

/// How the stored token stands.
///
/// # Errors
/// When the store can't be read.
pub fn standing(txn: &ReadTxn) -> Result<Token, StoreError> {
    let Some(info) = txn.secret_info(SecretName::RefreshToken)? else { return Ok(Token::Missing) };
    Ok(Token::Held(Held {
        rotated_at: info.set_at,
        obtained_at: info.obtained.map(|obtained| obtained.at),
        renew_after: txn.settings()?.value.refresh_token_regeneration_days,
        refused: info.refused,
    }))
}

/// What came of a renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// Whether a new token is stored, by this renewal or by another one at the same time; not where it was not due.
    pub is_new: bool,
    /// Why this one stored none, although it was exchanged.
    pub remark: Option<&'static str>,
    /// How it stands now.
    pub token: Token,
}

/// Signs in, which brings a new refresh token and stores it; where it is asked for that only once it is due, nothing is done
/// before. One that can't be stored is not used: the one before it stays.
///
/// # Errors
/// When it can't be exchanged or stored.
pub async fn renew(store: &Store, reach: &Reach, only_if_due: bool) -> Result<Renewed, JobError> {
    let before = look(store, reach).await?;
    let is_due = matches!(&before, Token::Held(held) if held.is_due(Timestamp::now()));
    if only_if_due && !is_due {
        return Ok(Renewed { is_new: false, remark: None, token: before });
    }
    let began = Timestamp::now();
    let connected = connect::connect(store, reach).await?;
    connected.center.sign_in().await?;
    let kept = connected.token.kept();
    let remark = not_renewed(kept);
    let reader = store.clone();
    let token = blocking(move || reader.read(standing)).await?;
    // Where another process was faster, there is a new token all the same, and it comes from the same consent.
    let by_another = kept == Some(Kept::Overtaken)
        && matches!((&before, &token), (Token::Held(before), Token::Held(now))
            if now.obtained_at == before.obtained_at && now.rotated_at >= began);
    Ok(Renewed { is_new: remark.is_none() || by_another, remark, token })
}

/// Why an exchange that succeeded left no new token; none where it did.
pub(super) fn not_renewed(kept: Option<Kept>) -> Option<&'static str> {
    match kept {
        Some(Kept::Stored) => None,
        Some(Kept::Overtaken) => {
            Some("another process renewed it, set it anew or removed it meanwhile, and what is stored stays")
        }
        None => Some("Microsoft gave no new refresh token, and the one before stays"),
    }
}

/// How the token stands, where it is in a key vault as that has it.
///
/// # Errors
/// When store or vault can't be read.
pub async fn look(store: &Store, reach: &Reach) -> Result<Token, JobError> {
    let reader = store.clone();
    let settings = blocking(move || reader.read(|txn| txn.settings())).await?.value;
    Secrets::of(store, reach, settings).await?.look_at_token().await?;
    let reader = store.clone();
    blocking(move || reader.read(standing)).await
}
