//! Keys of the tab Settings, of the consent and of the check.

use super::Context::{Check, Consent, Settings};
use super::{Command, command};
use crate::ui::action::Action;
use crate::ui::widgets::grid::Move;

pub(super) const COMMANDS: &[Command] = &[
    command(Settings, Action::Go(Move::Down), &["j", "Down", "Tab"], "down", "the next row", None),
    command(Settings, Action::Go(Move::Up), &["k", "Up", "S-Tab"], "up", "the row before", None),
    command(Settings, Action::Go(Move::Top), &["g", "Home"], "top", "the first row", None),
    command(Settings, Action::Go(Move::Bottom), &["G", "End"], "bottom", "the last row", None),
    command(Settings, Action::Go(Move::PageDown), &["PgDn", "Ctrl-D"], "page down", "some rows down", None),
    command(Settings, Action::Go(Move::PageUp), &["PgUp", "Ctrl-U"], "page up", "some rows up", None),
    command(
        Settings,
        Action::EditCell,
        &["Enter", "e"],
        "edit",
        "type or choose the row's value; secrets are not shown",
        Some(1),
    ),
    command(Settings, Action::Tick, &["Space"], "turn", "turn a yes into a no", None),
    command(Settings, Action::Save, &["Ctrl-S"], "save", "save settings and secrets", Some(2)),
    command(
        Settings,
        Action::Consent,
        &["c"],
        "consent",
        "CSP partner consent: sign in with a browser elsewhere, which brings the refresh token",
        Some(3),
    ),
    command(
        Settings,
        Action::Check,
        &["t"],
        "check",
        "check sign-in, customers, prices, billing exports, key vault and mail server",
        Some(4),
    ),
    command(
        Settings,
        Action::Renew,
        &["n"],
        "renew token",
        "renew the refresh token now; it is renewed by itself when it is due",
        Some(5),
    ),
    command(
        Settings,
        Action::Reveal,
        &["V"],
        "show token",
        "show the refresh token (asks first, and is noted in the audit)",
        Some(7),
    ),
    command(
        Settings,
        Action::CopyCell,
        &["y"],
        "copy",
        "copy the row's value; the refresh token without showing it (noted in the audit)",
        Some(6),
    ),
    command(Settings, Action::Undo, &["u"], "take back", "give up what is typed in this row", None),
    command(Settings, Action::Remove, &["d"], "forget", "forget the secret of this row (asks first)", None),
];

pub(super) const CONSENT: &[Command] = &[
    command(Consent, Action::CopyCell, &["y"], "copy", "copy the address, or the code (OSC 52)", Some(1)),
    command(
        Consent,
        Action::PasteRedirect,
        &["p"],
        "paste",
        "type or paste the address that the browser ended on; pasting works without it",
        Some(2),
    ),
    command(
        Consent,
        Action::DeviceCode,
        &["d"],
        "code",
        "sign in with a device code; again, back to the address, which counts beside it",
        Some(3),
    ),
    command(
        Consent,
        Action::CopyTunnel,
        &["s"],
        "copy ssh",
        "copy the ssh line that makes the listener reachable from your machine",
        Some(4),
    ),
    command(Consent, Action::Qr, &["w"], "QR", "show the address as a QR code, where it fits", Some(5)),
    command(Consent, Action::Retry, &["r"], "again", "after a failure, begin again", Some(6)),
    command(
        Consent,
        Action::Go(Move::Down),
        &["j", "Down"],
        "down",
        "a line down, where it does not fit",
        None,
    ),
    command(Consent, Action::Go(Move::Up), &["k", "Up"], "up", "a line up", None),
    command(Consent, Action::Close, &["Esc", "q"], "cancel", "cancel: nothing is stored", Some(7)),
];

pub(super) const CHECK: &[Command] = &[
    command(Check, Action::Check, &["t"], "again", "check again", Some(1)),
    command(Check, Action::Go(Move::Down), &["j", "Down"], "down", "a line down", None),
    command(Check, Action::Go(Move::Up), &["k", "Up"], "up", "a line up", None),
    command(Check, Action::Go(Move::PageDown), &["PgDn"], "page down", "a page down", None),
    command(Check, Action::Go(Move::PageUp), &["PgUp"], "page up", "a page up", None),
    command(Check, Action::Close, &["Esc", "q"], "back", "stop the check, or go back", Some(2)),
];
