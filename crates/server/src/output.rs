//! What commands print: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

/// Prints a line of a result. A reader that went away (`| head`) is no error.
pub fn line(text: impl AsRef<str>) {
    let _ = writeln!(io::stdout().lock(), "{}", text.as_ref());
}

/// Prints a result as JSON, on several lines.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Says something to the person at the keyboard that is no part of the result.
pub fn aside(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// Says why the command cannot run, with the causes that lie behind.
pub fn failure(error: &anyhow::Error) {
    let causes = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    aside(format!("anteroom: {causes}"));
}

/// Whether a person reads standard error as it is written.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}
