//! Two operators with accounts of their own, on a store that they share through a group. Only root can be two others, so that
//! for anybody else there is nothing to do here.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cspdeck::store::{Sharing, Store, StoreOptions, operator};
use portable_pty::CommandBuilder;

use crate::home::{CSPDECK, Home};
use crate::process::wait_until;
use crate::steps::{line, tick_and_edit};
use crate::terminal::{CTRL_S, Terminal};

const GROUP: u32 = 60_000;
const ANA: u32 = 60_001;
const BEN: u32 = 60_002;

fn set(path: &Path, mode: u32, uid: Option<u32>) {
    chown(path, uid, Some(GROUP)).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A folder of the group with the program and a store in which customers are.
fn shared(home: &Home) -> PathBuf {
    let pulled = Home::pulled();
    let folder = home.path().join("shared");
    fs::create_dir(&folder).unwrap();
    for entry in fs::read_dir(pulled.path()).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            let to = folder.join(entry.file_name());
            fs::copy(entry.path(), &to).unwrap();
            set(&to, 0o660, None);
        }
    }
    let program = folder.join("program");
    fs::copy(CSPDECK, &program).unwrap();
    set(&program, 0o750, None);
    set(&folder, 0o2770, None);
    fs::set_permissions(home.path(), Permissions::from_mode(0o711)).unwrap();
    folder
}

/// The dashboard, run by an account in a home of its own.
fn open_as(uid: u32, home: &Home, shared: &Path) -> Terminal {
    set(home.path(), 0o700, Some(uid));
    let ids = [format!("--reuid={uid}"), format!("--regid={GROUP}"), "--clear-groups".to_owned()];
    let mut command = CommandBuilder::new("setpriv");
    command.args(ids);
    command.arg(shared.join("program"));
    let (store, identity) = (shared.join("store.redb"), shared.join("store.redb.identity"));
    let variables = [
        ("CSPDECK_STORE", store.to_str().unwrap()),
        ("CSPDECK_STORE_IDENTITY", identity.to_str().unwrap()),
        ("CSPDECK_STORE_SHARING", "group"),
    ];
    let terminal = Terminal::of(home, 120, 36, command, &variables);
    terminal.wait("Services of Alpenblick");
    terminal.wait("nothing ticked");
    terminal
}

#[test]
fn two_accounts_share_a_store_and_not_their_drafts() {
    let is_root = rustix::process::getuid().is_root();
    // A login that the kernel remembers stays the operator, whatever account the process has.
    let login = fs::read_to_string("/proc/self/loginuid").unwrap_or_default();
    let no_login = login.trim().is_empty() || login.trim() == u32::MAX.to_string();
    if !is_root || !no_login || Command::new("setpriv").arg("--version").output().is_err() {
        return;
    }
    let (common, hers, his) = (Home::empty(), Home::empty(), Home::empty());
    let folder = shared(&common);
    let store = Store::open(StoreOptions {
        path: folder.join("store.redb"),
        identity: folder.join("store.redb.identity"),
        wait: Duration::from_secs(60),
        sharing: Sharing::Group,
        operator: operator::current(),
    })
    .unwrap();

    let mut ana = open_as(ANA, &hers, &folder);
    tick_and_edit(&mut ana);
    let ticks_of = |uid| {
        let drafts = store.read(|txn| txn.drafts(uid, "migration")).unwrap();
        drafts.ticks.values().map(|ticked| ticked.len()).sum::<usize>()
    };
    wait_until("her ticks in the store", || ticks_of(ANA) == 2);
    let mut ben = open_as(BEN, &his, &folder);
    ben.wait("nothing ticked");
    ben.press(" ");
    ben.wait("1 client, 0 services ticked");
    ben.press(CTRL_S);
    ben.wait("nothing is written yet");
    ben.press("y");
    ben.wait("updated: 1 client");

    // She sees what he has written, by his name, and has her own ticks and edits still.
    ana.until("his update", |screen| line(screen, " 1  Alpenblick").contains("active"));
    ana.press("k");
    ana.wait("2 clients, 0 services ticked");
    assert!(ana.screen().contains("*hans"), "{}", ana.screen());
    let audit = store.read(|txn| txn.audit(1, 1000)).unwrap();
    let written = audit.last().unwrap();
    assert_eq!(written.action, "update");
    assert_eq!((written.operator.uid, written.operator.name.as_str()), (BEN, "uid-60002"));
    for name in ["store.redb", "store.redb.holder"] {
        assert_eq!(fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o7777, 0o660);
    }
}
