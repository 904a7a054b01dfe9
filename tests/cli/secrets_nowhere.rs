//! Everything that handles secrets is run, and none of them is found in any file, output, argument or environment.

use std::collections::BTreeSet;
use std::process::Child;
use std::thread;
use std::time::Duration;

use memchr::memmem;

use cspdeck::simulator::{APP_SECRET, PARTNER_DOMAIN, REFRESH_TOKEN, SMTP_PASSWORD, SMTP_USER};

use crate::browser::{Consent, sign_in, visit};
use crate::door::{Door, Seen};
use crate::support::{Answer, Simulator, Site, files, finish};

const VAULT_SECRET: &str = "the~secret~of~another~app";

/// What processes have shown of themselves.
#[derive(Default)]
struct Shown {
    said: Vec<String>,
    of_processes: Vec<Vec<u8>>,
}

impl Shown {
    /// Runs a verb and notes what it says, and what others see of its process.
    fn run(&mut self, site: &Site, arguments: &[&str]) -> Answer {
        let child = site.command(arguments).spawn().unwrap();
        let answer = self.watch(child);
        self.note(&answer);
        answer
    }

    fn note(&mut self, answer: &Answer) {
        self.said.extend([answer.out.clone(), answer.err.clone()]);
    }

    fn watch(&mut self, child: Child) -> Answer {
        let id = child.id();
        let end = thread::spawn(move || finish(child));
        while !end.is_finished() {
            self.look_at(id);
            thread::sleep(Duration::from_millis(20));
        }
        end.join().unwrap()
    }

    fn look_at(&mut self, id: u32) {
        for file in ["cmdline", "environ"] {
            // One that has just ended shows nothing.
            self.of_processes.extend(std::fs::read(format!("/proc/{id}/{file}")));
        }
    }

    fn consent(&mut self, site: &Site, arguments: &[&str], act: impl FnOnce(&mut Consent)) -> Answer {
        let mut consent = Consent::begin(site, arguments);
        act(&mut consent);
        self.look_at(consent.child.id());
        let answer = consent.end();
        self.note(&answer);
        answer
    }
}

/// The values that follow these words in what went over the wire.
fn values(text: &str, words: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for word in words {
        for (at, _) in text.match_indices(word) {
            let rest = &text[at + word.len()..];
            let value = rest.split(['"', '&', ' ', '\r', '\n']).next().unwrap();
            // As it is sent in a form, and as it is.
            let form = format!("v={value}");
            let (_, plain) = url::form_urlencoded::parse(form.as_bytes()).next().unwrap();
            found.extend([value.to_owned(), plain.into_owned()]);
        }
    }
    assert!(!found.is_empty(), "no {words:?} was seen, so this test shows nothing");
    found
}

/// All secrets that went through the door.
fn wired(seen: &Seen) -> BTreeSet<String> {
    let text = seen.text();
    [
        &["\"refresh_token\":\"", "refresh_token="][..],
        &["\"access_token\":\""],
        &["\"device_code\":\"", "device_code="],
        &["code_verifier="],
        &["&code=", "\ncode=", "?code="],
        &["client_secret="],
    ]
    .into_iter()
    .flat_map(|words| values(&text, words))
    .collect()
}

/// Consents of every kind, and what becomes of the token, by a login whose wire is listened to.
fn sign_in_in_every_way(site: &mut Site, shown: &mut Shown) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    for (how, code) in [("admin", 0), ("no-mfa", 1), ("no-role", 1), ("declined", 1), ("expired-code", 1)] {
        let simulator = Simulator::start(&[
            "--customers",
            "5",
            "--sign-in-as",
            how,
            "--pending-polls",
            "0",
            "--smtp-port",
            "0",
            "--latency-ms",
            "20",
        ]);
        let door = Door::before(&simulator.url);
        let smtp = &simulator.document["smtp"]["port"];
        let text = std::fs::read_to_string(site.config()).unwrap();
        let (_, rest) = text.split_once("[http]").unwrap();
        let (rest, _) = rest.split_once("\n[smtp]").unwrap_or((rest, ""));
        let (url, login) = (&simulator.url, door.url());
        std::fs::write(
            site.config(),
            format!(
                "[endpoints]\nlogin = \"{login}\"\npartner_center = \"{url}\"\npricing = \"{url}\"\ngraph = \"{url}\"\n\
                 managed_identity = \"{url}\"\n[http]{rest}\n[smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\n\
                 security = \"none\"\nuser = \"{SMTP_USER}\"\n"
            ),
        )
        .unwrap();
        site.simulator = Some(simulator);
        let seen = door.open(None);
        shown.consent(site, &[], |consent| drop(visit(&consent.address()))).expect(code);
        let mut by_hand = |consent: &mut Consent| {
            let end = sign_in(&consent.address());
            secrets
                .extend(end.split_once("?code=").map(|(_, rest)| rest.split('&').next().unwrap().to_owned()));
            consent.paste(&end.replace("state=", "state=x"));
            consent.until("another sign-in");
            consent.paste(&end);
        };
        shown.consent(site, &[], &mut by_hand).expect(code);
        if how == "admin" {
            shown.consent(site, &["--device-code"], |consent| drop(consent.until("Waiting until"))).expect(0);
            shown.run(site, &["settings", "check", "--json"]).expect(0);
            shown.run(site, &["consent", "renew"]).expect(0);
            shown.run(site, &["consent", "status"]).expect(0);
            shown.run(site, &["csp", "pull"]).expect(0);
            secrets.extend(wired(&seen));
        }
    }
    secrets
}

#[test]
fn no_secret_is_in_any_file_output_argument_or_environment() {
    let mut site = Site::before_consent(&[]);
    let mut shown = Shown::default();
    for (name, value) in [
        ("smtp_password", SMTP_PASSWORD),
        ("key_vault_secret", VAULT_SECRET),
        ("refresh_token", REFRESH_TOKEN),
    ] {
        let answer = site.secret(name, value).expect(0);
        shown.note(&answer);
    }
    let mut secrets = sign_in_in_every_way(&mut site, &mut shown);

    site.simulate(&["--customers", "5"]);
    for pairs in [site.vault().to_vec(), vec!["key_vault_identity=app".to_owned()]] {
        let mut set = vec!["settings", "set"];
        set.extend(pairs.iter().map(String::as_str));
        shown.run(&site, &set).expect(0);
        shown.run(&site, &["settings", "check"]).expect(0);
        shown.consent(&site, &[], |consent| drop(visit(&consent.address()))).expect(0);
        shown.run(&site, &["csp", "pull", "--full"]).expect(0);
    }
    secrets.extend(revealed(&site));
    shown.run(&site, &["settings", "set", "mfa_method=manual"]).expect(0);
    for fault in [&["--reject-token", "7000215"][..], &["--vault-forbidden"], &["--revoke-refresh-tokens"]] {
        site.simulate(fault);
        let [method, url] = site.vault();
        shown.run(&site, &["settings", "set", &method, &url]);
        shown.run(&site, &["consent", "renew", "--json"]);
        shown.run(&site, &["settings", "check"]);
        shown.run(&site, &["settings", "set", "mfa_method=manual"]);
    }
    shown.run(&site, &["settings", "set", &format!("refresh_token={REFRESH_TOKEN}")]).expect(2);
    shown.run(&site, &["consent", "--domain", PARTNER_DOMAIN, "--port", "0", "--device-code", "--json"]);
    for verb in [
        &["settings", "show", "--json"][..],
        &["audit", "--limit", "1000", "--json"],
        &["jobs", "list", "--json"],
        &["consent", "status", "--json"],
    ] {
        shown.run(&site, verb);
    }
    secrets.extend(revealed(&site));
    search(&site, &shown, secrets);
}

fn revealed(site: &Site) -> Option<String> {
    let token = site.json(&["consent", "reveal"])["refresh_token"].as_str().unwrap().to_owned();
    Some(token)
}

fn search(site: &Site, shown: &Shown, mut secrets: BTreeSet<String>) {
    // All that the simulator issues begins in one of two ways, as Microsoft's do.
    let known = [APP_SECRET, REFRESH_TOKEN, SMTP_PASSWORD, VAULT_SECRET, "1.AXoA", "eyJ"];
    secrets.extend(known.map(str::to_owned));
    let identity = std::fs::read_to_string(site.folder.path().join("config/cspdeck/identity.txt")).unwrap();
    let key = identity.lines().find(|line| line.starts_with("AGE-SECRET-KEY")).unwrap();
    secrets.insert(key.to_owned());
    assert!(secrets.len() > 20, "{} secrets are few, so this test shows little", secrets.len());

    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for file in files(site.folder.path()).into_iter().filter(|file| !file.ends_with("identity.txt")) {
        places.push((file.display().to_string(), std::fs::read(&file).unwrap()));
    }
    let logged = places.iter().filter(|(name, bytes)| name.ends_with(".log") && !bytes.is_empty()).count();
    assert_eq!(logged, 1, "nothing was logged, so this test shows nothing");
    // The operator has typed that one there, and it is refused as known.
    let argued = format!("refresh_token={REFRESH_TOKEN}").into_bytes();
    let is_argued = |bytes: &[u8]| memmem::find(bytes, &argued).is_some();
    assert!(!shown.of_processes.is_empty());
    let processes = shown.of_processes.iter().filter(|bytes| !is_argued(bytes));
    places.extend(processes.map(|bytes| ("what is seen of a process".to_owned(), bytes.clone())));
    places.extend(shown.said.iter().map(|text| ("what was said".to_owned(), text.clone().into_bytes())));
    for (place, bytes) in &places {
        for secret in &secrets {
            let found = memmem::find(bytes, secret.as_bytes()).is_some();
            assert!(!found, "{place} holds a secret that begins with {}", &secret[..3]);
        }
    }
}
