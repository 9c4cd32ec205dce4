//! The binary `anteroom`: settings, command line, telemetry, wiring, background loops, the demo.

mod cli;
mod output;
mod settings;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match settings::Settings::load(cli.config.as_deref()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(problems) => {
            output::aside(problems.to_string());
            ExitCode::from(2)
        }
    }
}
