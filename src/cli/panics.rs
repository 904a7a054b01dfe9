//! A panic is a fault of the program. It is logged, and the operator is told one sentence, not a stack.

use std::panic::PanicHookInfo;
use std::path::PathBuf;

use super::output::complain;
use crate::caught::panic_is_caught;

/// Has every panic of the process logged and told. The dashboard puts its own guard before this.
pub fn report_panics(log_folder: Option<PathBuf>) {
    std::panic::set_hook(Box::new(move |panic| {
        if panic_is_caught() {
            return;
        }
        let fault = described(panic);
        tracing::error!("{fault}\n{}", std::backtrace::Backtrace::capture());
        let log = match &log_folder {
            Some(folder) => format!("; more is in the log in {}", folder.display()),
            None => String::new(),
        };
        complain(&format!(
            "this is a fault of the program ({fault}); nothing that was stored is lost, please report it{log}"
        ));
    }));
}

fn described(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let said = said.unwrap_or("a panic without words");
    match panic.location() {
        Some(place) => format!("{said}, at {}:{}", place.file(), place.line()),
        None => said.to_owned(),
    }
}
