//! One person's visits.

use utoipa::ToSchema;

use super::{board::Named, booking::Kind};

/// What a patient portal of your own shows a person.
#[derive(ToSchema)]
pub struct PatientVisits {
    /// Anteroom's own page of all this person's visits. For this person alone; it stays the same until it is renewed.
    /// Null once it was revoked, until it is renewed.
    #[schema(required)]
    portal_link: Option<String>,
    /// Those to come, and those whose link still works, by start. Cancelled ones are left out.
    items: Vec<PatientVisit>,
}

/// A person's new link to all their visits.
#[derive(ToSchema)]
pub struct PortalLink {
    /// It. The one before leads nowhere.
    portal_link: String,
}

/// A visit of one person.
#[derive(ToSchema)]
pub struct PatientVisit {
    /// `appt_…`
    id: String,
    /// Your own id of the appointment.
    external_id: String,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    kind: Kind,
    host: Named,
    /// Null where the visit is at the clinic.
    #[schema(required)]
    join: Option<Join>,
}

/// How and when the person joins.
#[derive(ToSchema)]
pub struct Join {
    /// Whether the link leads into the room at this moment. Show your Join button exactly then.
    available: bool,
    /// From when on it does, if the host's room is ready.
    #[schema(format = DateTime)]
    opens_at: String,
    /// From when on it no longer does.
    #[schema(format = DateTime)]
    closes_at: String,
    /// The person's own link to this visit: a page with the Join button, from the first day on. For this person alone.
    url: String,
}
