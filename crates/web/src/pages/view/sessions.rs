//! The auditor's page: sessions of a period, as sentences, each number with a way to its evidence.

use askama::Template;

use super::{board::Choice, frame::Frame};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "sessions.html")]
pub struct SessionsPage {
    /// The frame.
    pub frame: Frame,
    /// The filters, as they were set.
    pub filters: Filters,
    /// The period in words, with the zone.
    pub period: String,
    /// When this was made and for whom.
    pub made: String,
    /// What is wrong with the filters; empty where nothing is.
    pub wrong: String,
    /// Word and number.
    pub totals: Vec<(&'static str, String)>,
    /// One for each attendee of each appointment.
    pub lines: Vec<SessionLine>,
    /// The same filters as a file.
    pub csv: String,
    /// Where the list goes on.
    pub more: Option<String>,
}

/// The filters.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// `2026-11-01`.
    pub from: String,
    /// `2026-11-30`, included.
    pub to: String,
    /// The staff to choose from.
    pub hosts: Vec<Choice>,
    /// A part of the patient's name.
    pub patient: String,
    /// How it ended.
    pub outcomes: Vec<Choice>,
    /// Only sessions with a doubt.
    pub doubts: bool,
}

/// One attendee of one appointment.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// `Mon 23 Nov`.
    pub date: String,
    /// `10:00–10:50`.
    pub time: String,
    /// Who.
    pub patient: String,
    /// With whom.
    pub host: String,
    /// What happened, as sentences.
    pub tells: String,
    /// How long they waited; empty where nothing was measured, as with the two others.
    pub waited: String,
    /// How long they were in the meeting.
    pub in_session: String,
    /// How long with somebody of the staff.
    pub together: String,
    /// The evidence.
    pub open: String,
    /// What somebody should look at.
    pub doubts: Vec<String>,
}
