//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{staff::Role, text};

/// Connects a clinic's scheduler to Zoom: permanent rooms, live waiting rooms, proof of attendance.
#[derive(Debug, Parser)]
#[command(name = "anteroom", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// Read settings from this file instead of config/anteroom.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 found a problem, 2 cannot run.\n\
    Settings come from config/anteroom.toml and ANTEROOM_… variables; docs/operating.md explains them.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service. Brings the database's schema up to date first, unless told not to.
    Serve(Serve),
    /// Show a clinic with a simulated Zoom on this machine; nothing to set up.
    Demo(Demo),
    /// Read the settings, reach the database and Zoom, and say what is wrong. Changes nothing.
    Check(Report),
    /// Look at the rooms of today's hosts at Zoom, put right what can be, and list what is to be done by whom.
    ///
    /// For the start of the day: exits with 0 where all of today's hosts are ready, with 1 where something is to be done.
    /// It can be run beside the service.
    Ready {
        /// Only this clinic's, by its name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: Option<String>,
        #[command(flatten)]
        report: Report,
    },
    /// Bring the database's schema up to date.
    Migrate,
    /// Clinics.
    #[command(subcommand)]
    Clinic(Clinic),
    /// People who work at a clinic.
    #[command(subcommand)]
    User(User),
    /// Tokens for the JSON API.
    #[command(subcommand)]
    Token(Token),
    /// What was made of Zoom's events.
    #[command(subcommand)]
    Attendance(Attendance),
    /// What Zoom delivered.
    #[command(subcommand)]
    Inbox(Inbox),
    /// The audit log.
    #[command(subcommand)]
    Audit(Audit),
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct Report {
    /// Print JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Leave the database's schema alone; refuse to start if it is not up to date.
    #[arg(long)]
    pub no_migrate: bool,
}

/// How to show.
#[derive(Debug, Args)]
pub struct Demo {
    /// Forget the earlier demo and start over.
    #[arg(long)]
    pub fresh: bool,
    /// Serve on this port of 127.0.0.1; the simulated Zoom takes the next one.
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..=65534))]
    pub port: u16,
}

/// Clinics.
#[derive(Debug, Subcommand)]
pub enum Clinic {
    /// Add a clinic.
    Add {
        /// As patients know it; unique in this installation.
        #[arg(long, value_parser = text::Name::parse)]
        name: text::Name,
        /// Where its clocks hang: an IANA name such as America/Chicago.
        #[arg(long, value_name = "TZ", value_parser = domain::clinic::Zone::parse)]
        time_zone: domain::clinic::Zone,
        #[command(flatten)]
        report: Report,
    },
}

/// People.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a person and print a link that lets them in once, within 24 hours, to set a password.
    ///
    /// For somebody who is there already, with the same name and roles, it prints a new link.
    Add {
        /// The clinic's name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: String,
        /// As patients and colleagues know them.
        #[arg(long, value_parser = text::Name::parse)]
        name: text::Name,
        /// What they sign in with; unique in this installation.
        #[arg(long, value_parser = text::Email::parse)]
        email: text::Email,
        /// Where text messages to them go, such as +15550100123. They can change it on their own page.
        #[arg(long, value_parser = text::Phone::parse)]
        phone: Option<text::Phone>,
        /// What they may do: admin, scheduler or staff. Several are allowed.
        #[arg(long, required = true, num_args = 1..)]
        role: Vec<Role>,
        #[command(flatten)]
        report: Report,
    },
}

/// API tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Add a token and print it, once.
    Add {
        /// The clinic's name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: String,
        /// What it is for.
        #[arg(long, value_parser = text::Name::parse)]
        name: text::Name,
        /// What it may do. Several are allowed.
        #[arg(long, required = true, num_args = 1..)]
        scope: Vec<Scope>,
        #[command(flatten)]
        report: Report,
    },
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Scope {
    /// Book, change and cancel appointments.
    #[value(name = "appointments:write")]
    AppointmentsWrite,
    /// Read appointments and the board.
    #[value(name = "appointments:read")]
    AppointmentsRead,
    /// Read attendance.
    #[value(name = "attendance:read")]
    AttendanceRead,
    /// Hand out links.
    #[value(name = "links:send")]
    LinksSend,
}

impl Scope {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AppointmentsWrite => "appointments:write",
            Self::AppointmentsRead => "appointments:read",
            Self::AttendanceRead => "attendance:read",
            Self::LinksSend => "links:send",
        }
    }
}

/// Attendance.
#[derive(Debug, Subcommand)]
pub enum Attendance {
    /// Make attendance again from the stored deliveries.
    Rebuild {
        /// Only this clinic's, by its name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: Option<String>,
        /// Change nothing: say where a rebuild would differ, and exit with 1 if it would.
        #[arg(long)]
        verify: bool,
        #[command(flatten)]
        report: Report,
    },
    /// Compare with Zoom's own record of past meetings and fill in what deliveries lost.
    ///
    /// The running service does so by itself: after each meeting, after every outage, and every night. Exits with 1
    /// if a room could not be compared.
    Reconcile {
        /// Meetings that ran at this time or later, such as 2026-11-23T08:00:00-06:00.
        #[arg(long, value_name = "TIME")]
        from: domain::Timestamp,
        /// Meetings that began before this time.
        #[arg(long, value_name = "TIME")]
        to: domain::Timestamp,
        /// Only this clinic's, by its name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: Option<String>,
        #[command(flatten)]
        report: Report,
    },
}

/// What Zoom delivered.
#[derive(Debug, Subcommand)]
pub enum Inbox {
    /// List the youngest deliveries that nothing came of: ignored, of another Zoom account, not understood.
    List {
        /// Only this clinic's, by its name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: Option<String>,
        #[command(flatten)]
        report: Report,
    },
    /// Put such a delivery back, to be understood anew.
    Replay {
        /// Its id, as `inbox list` shows it.
        delivery: domain::DeliveryId,
    },
    /// Write a clinic's deliveries as JSON Lines, with names, addresses, numbers, ids and times replaced.
    ///
    /// The same thing is replaced by the same thing in the whole file, and all times are moved by one span, so that the
    /// file can be understood anew: `inbox read`.
    Export {
        /// Replace whatever tells who it was. There is no export without it.
        #[arg(long)]
        scrub: bool,
        /// The clinic's name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: String,
        /// Deliveries that came at this time or later.
        #[arg(long, value_name = "TIME")]
        from: domain::Timestamp,
        /// Deliveries that came before this time.
        #[arg(long, value_name = "TIME")]
        to: domain::Timestamp,
        /// Write to this file, which must not be there yet, instead of standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Read such a file and tell who was where when. Needs no settings and no database.
    Read {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        report: Report,
    },
}

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check the chain of entries. Not in this version.
    Verify {
        /// Only this clinic's, by its name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: Option<String>,
        /// An exported file instead of the database.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Write the entries of some days to standard output. Not in this version.
    Export {
        /// The clinic's name or id.
        #[arg(long, value_name = "CLINIC")]
        clinic: String,
        /// The first day.
        #[arg(long, value_name = "DATE")]
        from: jiff::civil::Date,
        /// The last day.
        #[arg(long, value_name = "DATE")]
        to: jiff::civil::Date,
        /// csv, xlsx or json.
        #[arg(long)]
        format: Format,
    },
}

/// What an export is written as.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A spreadsheet.
    Xlsx,
    /// JSON.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_argument_is_explained() {
        fn walk(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }

    #[test]
    fn several_roles_are_taken_in_either_form() {
        let roles = |line: &str| match Cli::try_parse_from(line.split_whitespace()).unwrap().command {
            Command::User(User::Add { role, .. }) => role,
            other => panic!("{other:?}"),
        };
        let start = "anteroom user add --clinic C --name N --email a@b";
        assert_eq!(roles(&format!("{start} --role admin --role staff")), [Role::Admin, Role::Staff]);
        assert_eq!(roles(&format!("{start} --role admin staff")), [Role::Admin, Role::Staff]);
    }

    #[test]
    fn a_scope_is_one_of_four_words() {
        let parse = |scope: &str| {
            Cli::try_parse_from([
                "anteroom", "token", "add", "--clinic", "C", "--name", "N", "--scope", scope,
            ])
        };
        for scope in Scope::value_variants() {
            assert!(parse(scope.as_str()).is_ok(), "{}", scope.as_str());
        }
        assert!(parse("everything").is_err());
    }
}
