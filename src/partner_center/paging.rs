//! Lists that come in pages. The next page's address is a link with headers
//! (<https://learn.microsoft.com/partner-center/developer/api-throttling-guidance>, developer/utility-resources); it is followed only
//! within the API's own host, and only while it brings something new. `totalCount` is not read: it counts one page at best.

use std::collections::HashSet;
use std::hash::Hash;

use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::base::Base;
use super::call::{Call, Operation};
use super::error::ApiError;
use super::http::{Document, Http, Target};
use super::json::Fields;

/// The one header of a link that is sent.
const CONTINUATION: &str = "MS-ContinuationToken";

/// Longest continuation token, in bytes.
const CONTINUATION_LENGTH: usize = 16 * 1024;

/// Pages in a row without anything new that are taken before a list counts as going round.
const BARREN_PAGES: usize = 20;

/// Where a list goes on. It can be kept in a checkpoint; what it holds is checked again when it is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NextPage {
    uri: String,
    #[serde(default)]
    continuation: Option<String>,
}

impl NextPage {
    /// The address and header by which to ask for it.
    pub(super) fn target(&self, base: &Base) -> Result<Target, String> {
        let url = base.resolve(&self.uri)?;
        let continuation = self.continuation.as_deref().map(header).transpose()?;
        Ok(Target { url, continuation })
    }
}

fn header(token: &str) -> Result<HeaderValue, String> {
    if token.len() > CONTINUATION_LENGTH {
        return Err(format!("its {CONTINUATION} has {} bytes", token.len()));
    }
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("its {CONTINUATION} holds characters that no header may have"));
    }
    HeaderValue::from_str(token).map_err(|_| format!("its {CONTINUATION} can't be sent"))
}

/// An item of a list that could not be read as it came. The others are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OddItem {
    /// Its place in the list, counted from 1.
    pub position: usize,
    /// What is odd about it.
    pub reason: String,
    /// Whether the item is in the list all the same, with the odd part left out or mended.
    pub kept: bool,
}

/// One page as it came.
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    pub(super) next: Option<NextPage>,
    pub(super) call: Call,
}

impl Page {
    /// Takes the envelope off.
    pub(super) fn read(document: Document, base: &Base) -> Result<Self, ApiError> {
        let Document { mut value, call } = document;
        let next = match next_page(&value, base) {
            Ok(next) => next,
            Err(reason) => return Err(ApiError::ForeignLink { call: Box::new(call), reason }),
        };
        match items(&mut value) {
            Some(items) => Ok(Self { items, next, call }),
            None => {
                let reason = "JSON without a list of items".to_owned();
                Err(ApiError::BadBody { call: Box::new(call), reason })
            }
        }
    }
}

/// The items; a collection may leave out an empty list, as it leaves out all that is null.
fn items(value: &mut Value) -> Option<Vec<Value>> {
    if let Value::Array(items) = value {
        return Some(std::mem::take(items));
    }
    let fields = Fields::of(value)?;
    if fields.get("items").is_none() {
        let kind = fields.object("attributes")?.text("objectType")?;
        return kind.eq_ignore_ascii_case("Collection").then(Vec::new);
    }
    let key =
        value.as_object()?.iter().find(|(k, v)| k.eq_ignore_ascii_case("items") && v.is_array())?.0.clone();
    match value.get_mut(&key)?.take() {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

fn next_page(value: &Value, base: &Base) -> Result<Option<NextPage>, String> {
    let Some(fields) = Fields::of(value) else { return Ok(None) };
    let Some(next) = fields.object("links").and_then(|links| links.get("next")) else { return Ok(None) };
    let Some(next) = Fields::of(next) else { return Err("it is no link".to_owned()) };
    if next.text("method").is_some_and(|method| !method.eq_ignore_ascii_case("GET")) {
        return Err("its method is not GET".to_owned());
    }
    let named = next.array("headers").unwrap_or_default().iter().filter_map(Fields::of).find_map(|header| {
        let is_continuation = header.text("key").is_some_and(|key| key.eq_ignore_ascii_case(CONTINUATION));
        is_continuation.then(|| header.text("value")).flatten()
    });
    let continuation = named.or_else(|| fields.text("continuationToken"));
    let page = match next.text("uri") {
        Some(uri) => NextPage { uri, continuation },
        None if continuation.is_none() => return Ok(None),
        None => return Err("it has no address".to_owned()),
    };
    page.target(base)?;
    Ok(Some(page))
}

/// Reads a list's items one by one. Of two with the same key the first is kept.
pub(super) fn read_items<T, K: Hash + Eq>(
    items: &[Value],
    read: impl Fn(Fields<'_>, &mut Vec<String>) -> Result<T, String>,
    key: impl Fn(&T) -> K,
) -> (Vec<T>, Vec<OddItem>) {
    let (mut kept, mut odd, mut seen) = (Vec::with_capacity(items.len()), Vec::new(), HashSet::new());
    for (position, item) in (1..).zip(items) {
        let mut notes = Vec::new();
        let item = Fields::of(item)
            .ok_or_else(|| "it is no object".to_owned())
            .and_then(|item| read(item, &mut notes));
        match item {
            Ok(item) if !seen.insert(key(&item)) => {
                odd.push(OddItem {
                    position,
                    reason: "its id came before; the first is kept".to_owned(),
                    kept: false,
                });
            }
            Ok(item) => {
                let kept_all_the_same =
                    |note: String| OddItem { position, reason: format!("kept, but {note}"), kept: true };
                odd.extend(notes.into_iter().map(kept_all_the_same));
                kept.push(item);
            }
            Err(reason) => odd.push(OddItem { position, reason, kept: false }),
        }
    }
    (kept, odd)
}

/// What a list has brought so far, by key.
#[derive(Debug, Clone)]
pub(super) struct Circle<K> {
    seen: HashSet<K>,
    followed: HashSet<NextPage>,
    barren: usize,
}

impl<K> Default for Circle<K> {
    fn default() -> Self {
        Self { seen: HashSet::new(), followed: HashSet::new(), barren: 0 }
    }
}

impl<K: Hash + Eq> Circle<K> {
    /// A list that has brought these already.
    pub(super) fn after(seen: impl Iterator<Item = K>) -> Self {
        Self { seen: seen.collect(), ..Self::default() }
    }

    /// Takes the keys of a page and where it leads; returns how many keys are new.
    pub(super) fn admit(
        &mut self,
        keys: impl Iterator<Item = K>,
        next: Option<&NextPage>,
        call: &Call,
    ) -> Result<usize, ApiError> {
        let repeated = |reason: String| Err(ApiError::RepeatedPage { call: Box::new(call.clone()), reason });
        let (mut all, mut new) = (0, 0);
        for key in keys {
            all += 1;
            new += usize::from(self.seen.insert(key));
        }
        if new == 0 && all > 0 {
            return repeated(format!("all its {all} items came before"));
        }
        self.barren = if new == 0 { self.barren + 1 } else { 0 };
        if self.barren > BARREN_PAGES {
            return repeated(format!("{BARREN_PAGES} pages in a row were empty"));
        }
        if next.is_some_and(|next| !self.followed.insert(next.clone())) {
            return repeated("it leads back to a page that was already taken".to_owned());
        }
        Ok(new)
    }
}

/// Reads a list of any other kind to its end, guarded in the same way.
pub(super) async fn read_all(http: &Http, operation: &Operation, first: Url) -> Result<Vec<Value>, ApiError> {
    let mut target = Target { url: first, continuation: None };
    let (mut items, mut circle) = (Vec::new(), Circle::default());
    loop {
        let page = Page::read(http.get(operation, &target).await?, &http.base)?;
        circle.admit(page.items.iter().map(identity), page.next.as_ref(), &page.call)?;
        items.extend(page.items);
        let Some(next) = page.next else { return Ok(items) };
        target = next
            .target(&http.base)
            .map_err(|reason| ApiError::ForeignLink { call: Box::new(page.call), reason })?;
    }
}

/// By what an item is known: its id, or all of it.
fn identity(item: &Value) -> String {
    Fields::of(item).and_then(|fields| fields.text("id")).unwrap_or_else(|| item.to_string())
}
