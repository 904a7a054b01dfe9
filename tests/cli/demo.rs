//! `--demo` without a screen.

use serde_json::json;

use crate::support::{Site, files};

#[test]
fn a_demo_leaves_nothing_behind() {
    let site = Site::bare();
    let pulled = site.json(&["--demo", "csp", "pull"]);
    assert_eq!((&pulled["customers"], &pulled["failed"]), (&json!(200), &json!([])));
    assert_eq!(files(&site.folder.path().join("tmp")).len(), 0);
    assert_eq!(std::fs::read_dir(site.folder.path().join("tmp")).unwrap().count(), 0);
    assert!(!site.store_path().exists());
}

#[test]
fn a_named_store_is_kept_and_a_real_one_is_refused() {
    let site = Site::bare();
    let named = site.folder.path().join("kept/demo.redb");
    let named = named.to_str().unwrap();
    site.json(&["--demo", "--store", named, "csp", "pull"]);
    let services = site.json(&["--demo", "--store", named, "services", "list"]);
    assert!(services.as_array().unwrap().iter().any(|s| s["proposed_plan"].is_string()));
    // The simulator's tokens outlive it.
    site.json(&["--demo", "--store", named, "csp", "pull"]);

    site.json(&["settings", "set", "csp_domain=contoso.onmicrosoft.com"]);
    let real = site.store_path();
    let refused = site.run(&["--demo", "--store", real.to_str().unwrap(), "csp", "pull", "--json"]).expect(1);
    assert!(refused.error("demo").contains("real partner"), "{refused:?}");
}
