//! What is said of each address of the API.

/// What is said of one address.
pub struct Told {
    pub method: &'static str,
    pub path: &'static str,
    /// Names the operation for generated clients.
    pub id: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    /// The parameters of the query; all can be left out.
    pub query: &'static [&'static str],
    /// The shape of the body.
    pub takes: Option<&'static str>,
    /// Status, when, media type (none where there is no body), shape.
    pub answers: &'static [(u16, &'static str, &'static str, Option<&'static str>)],
}

pub const ABOUT: &str = "Programs send `Authorization: Bearer antr_…`; each address names the scope that the token \
    needs. Times are RFC 3339 in UTC. Errors are `application/problem+json` (RFC 9457) with a `request_id`, and with \
    `errors` for every field that was refused. Lists take `limit` (at most 200) and `cursor`, and answer `next_cursor`. \
    Fields may be added to answers; take no offence at ones you do not know.";

const JSON: &str = "application/json";

/// What a parameter of this name is, wherever it stands.
pub fn of_parameter(name: &str) -> &'static str {
    match name {
        "appointment" => "Your own id of the appointment, percent-encoded, or its appt_ id",
        "external_id" => "Your own id of the person, percent-encoded, as it stands with the attendee",
        "presence" => "A pres_ id, as the board names it",
        "attendee" => "An att_ id, as appointments and the board name it",
        "from" => "From this instant, RFC 3339; left out: the beginning of the clinic's day",
        "to" => "Up to but not including this instant, RFC 3339; left out: 24 hours after from",
        "host" => "Of this host alone: e-mail address, external id or staff_ id",
        "limit" => "At most so many, 1 to 200; left out: 200",
        "cursor" => "The next_cursor of the page before",
        "date" => "The clinic's day, such as 2026-11-23; left out: today",
        "format" => "json, csv or (not available yet) xlsx; left out: json",
        _ => "",
    }
}

pub static TOLD: &[Told] = &[
    Told {
        method: "PUT",
        path: "/api/v1/appointments/{appointment}",
        id: "putAppointment",
        summary: "Book or change an appointment",
        description: "The same body twice changes nothing. To cancel, send it with the status cancelled. Whoever was sent \
                      something about the visit is told when it is moved, given to another host or cancelled, unless \
                      the clinic does not want that. What a patient has refused on their own page stays refused, \
                      whatever consent says.",
        query: &[],
        takes: Some("Booking"),
        answers: &[
            (200, "It was there, and is now as you say", JSON, Some("Appointment")),
            (201, "It is made", JSON, Some("Appointment")),
        ],
    },
    Told {
        method: "GET",
        path: "/api/v1/appointments/{appointment}",
        id: "getAppointment",
        summary: "Read an appointment with its links",
        description: "",
        query: &[],
        takes: None,
        answers: &[(200, "The appointment", JSON, Some("Appointment"))],
    },
    Told {
        method: "GET",
        path: "/api/v1/appointments",
        id: "listAppointments",
        summary: "List appointments that start in a time",
        description: "By start. Cancelled ones too.",
        query: &["from", "to", "host", "limit", "cursor"],
        takes: None,
        answers: &[(200, "A page of them", JSON, Some("Appointments"))],
    },
    Told {
        method: "POST",
        path: "/api/v1/appointments/{appointment}/links",
        id: "handOutLinks",
        summary: "Hand out links",
        description: "With copy, the links are in the answer, and the ledger notes that you took them. With email or sms, \
                      each is put into the outbox with its message; whoever may not be written to is listed with the \
                      reason. 409 where nobody could be sent anything, with the reason of each, and where the links \
                      lead nowhere: cancelled, at the clinic, over.",
        query: &[],
        takes: Some("HandOut"),
        answers: &[
            (200, "The links, for copy", JSON, Some("Links")),
            (202, "The messages, for email and sms", JSON, Some("Sent")),
        ],
    },
    Told {
        method: "GET",
        path: "/api/v1/appointments/{appointment}/messages",
        id: "getMessages",
        summary: "Read what became of the links of an appointment",
        description: "The delivery ledger: for each attendee and the host, what they were sent and what became of it, \
                      whether the page of their link was opened, and when they last pressed Join.",
        query: &[],
        takes: None,
        answers: &[(200, "The ledger", JSON, Some("Ledger"))],
    },
    Told {
        method: "GET",
        path: "/api/v1/patients/{external_id}/visits",
        id: "listPatientVisits",
        summary: "List one person's coming visits, for a patient portal",
        description: "Who one person is over several appointments is told by your external id alone. A visit is listed \
                      until its link closes; whether Join leads into the room is computed at each call, so ask again \
                      rather than keep it. 404 where you never booked anything for this person.",
        query: &[],
        takes: None,
        answers: &[(
            200,
            "The visits, with the link to Anteroom's own page of them",
            JSON,
            Some("PatientVisits"),
        )],
    },
    Told {
        method: "POST",
        path: "/api/v1/patients/{external_id}/portal-link/renew",
        id: "renewPortalLink",
        summary: "Make one person's portal link anew",
        description: "For a link that somebody else has got hold of. The one in use leads nowhere from now on, and the \
                      answer holds the new one. A person whose link was revoked has one again. The links of their \
                      visits stay as they are. 404 where you never booked anything for this person.",
        query: &[],
        takes: None,
        answers: &[(200, "The new link", JSON, Some("PortalLink"))],
    },
    Told {
        method: "DELETE",
        path: "/api/v1/patients/{external_id}/portal-link",
        id: "revokePortalLink",
        summary: "Revoke one person's portal link",
        description: "It leads nowhere from now on, and the list of visits names none, until you renew it. Doing so twice \
                      is the same as once. The links of their visits stay as they are. 404 where you never booked \
                      anything for this person.",
        query: &[],
        takes: None,
        answers: &[(204, "It is revoked", "", None)],
    },
    Told {
        method: "GET",
        path: "/api/v1/board",
        id: "getBoard",
        summary: "Read the board of a day",
        description: "The browser of a scheduler who is signed in may read it too.",
        query: &["date"],
        takes: None,
        answers: &[(200, "The board", JSON, Some("Board"))],
    },
    Told {
        method: "GET",
        path: "/api/v1/board/stream",
        id: "streamBoard",
        summary: "Follow the board",
        description: "Events named board; id is the change's number, data a BoardEvent. The first holds the whole board; \
                      send Last-Event-ID to go on where you left off. The stream ends when the token is revoked or the \
                      session is over. The browser of a scheduler who is signed in may follow it too.",
        query: &["date"],
        takes: None,
        answers: &[(200, "Events without end", "text/event-stream", Some("BoardEvent"))],
    },
    Told {
        method: "POST",
        path: "/api/v1/presences/{presence}/match",
        id: "decideMatch",
        summary: "Say who somebody in a room is",
        description: "A person's decision: it beats every rule, and a later one replaces it. Say who it is, who it is \
                      not, or as what they are marked; only one of the three. The browser of a scheduler who is signed in \
                      may send it too.",
        query: &[],
        takes: Some("Decision"),
        answers: &[(200, "How they stand now", JSON, Some("Presence"))],
    },
    Told {
        method: "POST",
        path: "/api/v1/attendees/{attendee}/no-show",
        id: "ruleOnNoShow",
        summary: "Say whether somebody did not come",
        description: "Accepts or refuses what is proposed, or takes an earlier word back. Refused with 409 before the visit \
                      begins, where it is cancelled or at the clinic, and where they certainly came. The browser of a \
                      scheduler who is signed in may send it too.",
        query: &[],
        takes: Some("Ruling"),
        answers: &[(200, "How they stand now", JSON, Some("BoardAttendee"))],
    },
    Told {
        method: "GET",
        path: "/api/v1/appointments/{appointment}/attendance",
        id: "getAttendance",
        summary: "Read who attended an appointment",
        description: "Every interval with where its ends come from and the deliveries that prove it. The browser of an \
                      admin or scheduler who is signed in may read it too.",
        query: &[],
        takes: None,
        answers: &[(200, "The record", JSON, Some("AppointmentRecord"))],
    },
    Told {
        method: "GET",
        path: "/api/v1/attendance",
        id: "listAttendance",
        summary: "List the record of a time",
        description: "As a file, it has one line for each attendee and is not in pages. The browser of an admin who is \
                      signed in may read it too.",
        query: &["from", "to", "host", "limit", "cursor", "format"],
        takes: None,
        answers: &[
            (200, "A page of it, or a file", JSON, Some("Record")),
            (200, "A page of it, or a file", "text/csv", None),
        ],
    },
    Told {
        method: "GET",
        path: "/api/v1/feed",
        id: "getFeed",
        summary: "Read how word comes from Zoom",
        description: "For each clinician's room and for the receiver: what was last heard, what came of it, outages, and \
                      comparisons with Zoom's own record. Counts and ids alone. The browser of an admin who is signed in \
                      may read it too.",
        query: &[],
        takes: None,
        answers: &[(200, "How it stands", JSON, Some("FeedHealth"))],
    },
];
