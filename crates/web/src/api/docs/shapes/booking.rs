//! Appointments and links.

use utoipa::ToSchema;

/// An appointment as a scheduler books it. Sent again with the same external id it changes the appointment.
#[derive(ToSchema)]
pub struct Booking {
    /// When it starts: RFC 3339.
    #[schema(format = DateTime)]
    starts_at: String,
    /// When it ends: after the start, within 24 hours.
    #[schema(format = DateTime)]
    ends_at: String,
    /// E-mail address, external id or `staff_…` of a member of the staff.
    host: String,
    /// May be left out where `event_type`, `location` or `service` is given: the clinic's rules then say whether it is
    /// telehealth. They are asked when it is booked and when one of the three changes.
    kind: Option<Kind>,
    /// As what it is booked, in your own words, such as `Intake`; at most 200 characters.
    #[schema(max_length = 200)]
    event_type: Option<String>,
    /// The room or place, such as `Video`.
    #[schema(max_length = 200)]
    location: Option<String>,
    /// What is provided, such as `Counseling 50`.
    #[schema(max_length = 200)]
    service: Option<String>,
    status: Status,
    /// Who is to attend: 1 to 50.
    #[schema(min_items = 1, max_items = 50)]
    attendees: Vec<BookedAttendee>,
}

/// Somebody who is to attend.
#[derive(ToSchema)]
pub struct BookedAttendee {
    /// Your own id for the person; at most 128 characters.
    #[schema(max_length = 128)]
    external_id: String,
    /// One line, at most 200 characters.
    #[schema(max_length = 200)]
    name: String,
    email: Option<String>,
    /// E.164: `+15550100123`.
    phone: Option<String>,
    /// What they agreed to; nothing where it is absent.
    consent: Option<Consent>,
    /// What they read best, such as `en` or `es`; absent: as it was, and at first the clinic's.
    language: Option<String>,
}

/// What a person agreed to.
#[derive(ToSchema)]
pub struct Consent {
    /// E-mail about their appointments.
    email: bool,
    /// Text messages about their appointments.
    sms: bool,
}

/// Where it takes place.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Kind {
    Telehealth,
    InPerson,
}

/// Whether it takes place.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Status {
    Booked,
    Cancelled,
}

/// An appointment with the links to hand out.
#[derive(ToSchema)]
pub struct Appointment {
    /// `appt_…`
    id: String,
    external_id: String,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    kind: Kind,
    /// As what it was booked; absent where that was not said.
    event_type: Option<String>,
    location: Option<String>,
    service: Option<String>,
    /// Whether it is in person, and the clinic's rules let the desk make it telehealth; absent where nobody said as what it
    /// is booked.
    telehealth_offered: Option<bool>,
    status: Status,
    host: AppointmentHost,
    /// For the host: leads to their room once they are signed in.
    host_link: String,
    attendees: Vec<AppointmentAttendee>,
}

/// The host of an appointment.
#[derive(ToSchema)]
pub struct AppointmentHost {
    /// `staff_…`
    id: String,
    name: String,
    connection: Connection,
}

/// Whether the host's Zoom account is connected. Patients can join only if it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Connection {
    Connected,
    NeedsReconnect,
    NotConnected,
}

/// An attendee with their own link.
#[derive(ToSchema)]
pub struct AppointmentAttendee {
    /// `att_…`
    id: String,
    external_id: String,
    name: String,
    /// For this attendee alone. Leads into the room from 24 hours before the start to 4 hours after the end, unless the
    /// clinic has set other times.
    join_link: String,
}

/// A page of appointments.
#[derive(ToSchema)]
pub struct Appointments {
    items: Vec<Appointment>,
    /// Give it back as `cursor` for the next page; null at the end.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Which links to hand out, and how.
#[derive(ToSchema)]
pub struct HandOut {
    /// `staff`, `patients`, or an `att_…` of this appointment.
    to: String,
    by: By,
}

/// How links are handed out. `email` and `sms` need to be set up, and the patient's consent.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum By {
    Copy,
    Sms,
    Email,
}

/// Links to hand out.
#[derive(ToSchema)]
pub struct Links {
    links: Vec<Link>,
}

/// A link.
#[derive(ToSchema)]
pub struct Link {
    /// Whose it is; absent for the host's.
    attendee: Option<String>,
    url: String,
}
