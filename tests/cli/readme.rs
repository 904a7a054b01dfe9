//! The README says what is so.

use cspdeck::ui::commands::{Context, all};

const README: &str = include_str!("../../README.md");

/// The key list as the README has it.
fn keys() -> String {
    let mut text = String::new();
    for context in Context::ALL {
        text.push_str(&format!("\n**{}**\n\n| keys | what |\n|---|---|\n", context.title()));
        for command in all().filter(|command| command.context == context) {
            let keys: Vec<String> = command.keys.iter().map(|key| format!("`{key}`")).collect();
            text.push_str(&format!("| {} | {} |\n", keys.join(" "), command.help));
        }
    }
    text
}

#[test]
fn the_key_list_is_that_of_the_command_table() {
    let (_, rest) = README.split_once("<!-- keys: from src/ui/commands -->\n").unwrap();
    let (listed, _) = rest.split_once("\n<!-- end of keys -->").unwrap();
    let expected = keys();
    assert!(listed == expected, "put this between the marks of README.md:\n{expected}");
}

#[test]
fn every_context_of_the_command_table_is_listed() {
    let listed = keys().lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(listed, all().count());
}
