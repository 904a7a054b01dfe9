//! A Partner Center in a process of its own, and a home that is configured for it.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::home::Home;

/// Ends with this value.
pub struct Partner {
    child: Child,
}

impl Partner {
    /// Starts it with these options, and configures the home for it by file and verbs.
    pub fn start(home: &Home, options: &[&str]) -> Self {
        let (partner, document) = Self::found(home, options);
        let told = |name: &str| document[name].as_str().unwrap().to_owned();
        let settings = ["cpv_app_id", "microsoft_id", "csp_domain", "tier"];
        let settings = settings.map(|name| format!("{name}={}", told(name)));
        let arguments: Vec<&str> =
            ["settings", "set"].into_iter().chain(settings.iter().map(String::as_str)).collect();
        home.run(&arguments);
        for secret in ["cpv_app_secret", "refresh_token"] {
            home.run_with_input(&["settings", "secret", secret], &told(secret));
        }
        partner
    }

    /// Starts it with these options, and has the home's configuration lead to it; nothing is set. What it tells of itself comes with
    /// it.
    pub fn found(home: &Home, options: &[&str]) -> (Self, Value) {
        let mut command = home.command(&["simulator", "--json"]);
        let mut child = command.args(options).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut documents = serde_json::Deserializer::from_reader(stdout).into_iter::<Value>();
        let document = documents.next().unwrap().unwrap();
        let folder = home.path().join("config/cspdeck");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
        let url = document["url"].as_str().unwrap();
        let endpoints = ["login", "partner_center", "pricing", "graph", "key_vault", "managed_identity"];
        let endpoints: String = endpoints.iter().map(|name| format!("{name} = \"{url}\"\n")).collect();
        let file = format!("[endpoints]\n{endpoints}[http]\nrequests_per_minute = 100000\n");
        fs::write(folder.join("config.toml"), file).unwrap();
        (Self { child }, document)
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
