//! The record as a table: one line for each attendee.

use attendance::sessions::SessionRow;
use domain::Timestamp;

use crate::Error;

const HEADER: [&str; 24] = [
    "appointment_id",
    "appointment_external_id",
    "starts_at",
    "ends_at",
    "kind",
    "appointment_status",
    "host_id",
    "host",
    "attendee_id",
    "attendee_external_id",
    "attendee",
    "status",
    "match",
    "match_reasons",
    "arrived_at",
    "joined_at",
    "left_at",
    "waited_seconds",
    "in_session_seconds",
    "together_seconds",
    "late_seconds",
    "no_show",
    "no_show_ruling",
    "no_show_reasons",
];

/// The file.
pub fn of(rows: &[SessionRow]) -> Result<Vec<u8>, Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(HEADER).map_err(Error::internal)?;
    for row in rows {
        for attendee in &row.attendees {
            let time = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
            let matched = attendee.matched.as_ref();
            let ruling = attendee.no_show.as_ref().and_then(|cell| cell.ruling.as_ref());
            let cells: [String; HEADER.len()] = [
                row.id.to_string(),
                row.external_id.to_string(),
                row.starts_at.to_string(),
                row.ends_at.to_string(),
                row.kind.as_str().to_owned(),
                row.status.as_str().to_owned(),
                row.host.id.to_string(),
                row.host.name.to_string(),
                attendee.id.to_string(),
                attendee.external_id.to_string(),
                attendee.name.to_string(),
                attendee.status.as_str().to_owned(),
                matched.map_or("", |matched| matched.level.as_str()).to_owned(),
                matched.map_or_else(String::new, |matched| matched.reasons.join("; ")),
                time(attendee.arrived_at),
                time(attendee.joined_at),
                time(attendee.left_at),
                attendee.waited_seconds.to_string(),
                attendee.in_session_seconds.to_string(),
                attendee.together_seconds.to_string(),
                attendee.late_seconds.map_or_else(String::new, |seconds| seconds.to_string()),
                attendee.no_show.as_ref().map_or("", |cell| cell.says.as_str()).to_owned(),
                ruling.map_or("", |ruling| ruling.ruling.as_str()).to_owned(),
                attendee.no_show.as_ref().map_or_else(String::new, |cell| cell.reasons.join("; ")),
            ];
            file.write_record(cells.iter().map(|cell| safe(cell))).map_err(Error::internal)?;
        }
    }
    file.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// A cell that no spreadsheet takes for a formula: an apostrophe in front of what begins like one. A bare number, such as
/// of somebody who came early, stays one.
fn safe(cell: &str) -> String {
    let is_number = cell.strip_prefix('-').is_some_and(|rest| rest.parse::<u32>().is_ok());
    if !is_number
        && cell.starts_with([
            '=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
        ])
    {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_text() {
        for formula in ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(safe(formula), format!("'{formula}"));
        }
        assert_eq!(safe("Rosa Delgado"), "Rosa Delgado");
        assert_eq!(safe(""), "");
        assert_eq!(safe("-480"), "-480");
    }
}
