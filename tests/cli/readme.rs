//! The README says what is so.

use cspdeck::ui::commands::{COMMANDS, Context};

const README: &str = include_str!("../../README.md");

/// The key list as the README has it.
fn keys() -> String {
    let mut text = String::new();
    for (context, title) in [
        (Context::Everywhere, "Everywhere"),
        (Context::Grids, "In the grids"),
        (Context::Preview, "In the preview of Update"),
        (Context::Jobs, "In the list of jobs"),
    ] {
        text.push_str(&format!("\n**{title}**\n\n| keys | what |\n|---|---|\n"));
        for command in COMMANDS.iter().filter(|command| command.context == context) {
            let keys: Vec<String> = command.keys.iter().map(|key| format!("`{key}`")).collect();
            text.push_str(&format!("| {} | {} |\n", keys.join(" "), command.help));
        }
    }
    text
}

#[test]
fn the_key_list_is_that_of_the_command_table() {
    let (_, rest) = README.split_once("<!-- keys: from src/ui/commands.rs -->\n").unwrap();
    let (listed, _) = rest.split_once("\n<!-- end of keys -->").unwrap();
    let expected = keys();
    assert!(listed == expected, "put this between the marks of README.md:\n{expected}");
}

#[test]
fn every_context_of_the_command_table_is_listed() {
    let listed = keys().lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(listed, COMMANDS.len());
}
