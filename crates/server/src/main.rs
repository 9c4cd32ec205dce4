//! The binary `anteroom`: settings, command line, telemetry, wiring, background loops, the demo.

mod cli;
#[cfg(test)]
mod clinic_day;
mod commands;
mod connections;
mod demo;
mod monitor;
mod output;
mod service;
mod settings;
mod tally;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    zoom::http::install_tls();
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::failure(&anyhow::Error::new(error).context("no threads can be started"));
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            output::failure(&error);
            ExitCode::from(2)
        }
    }
}
