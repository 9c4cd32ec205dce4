//! When a patient's link leads into the room: around the appointment, as wide as the clinic wants it.

use domain::{
    Timestamp,
    appointment::{Appointment, Kind, Status},
    outreach::Settings,
};

use super::VisitState;

/// The first instant at which the appointment's links lead into the room.
pub fn opens_at(appointment: &Appointment, settings: &Settings) -> Timestamp {
    appointment.starts_at.minus(settings.opens_before())
}

/// The first instant at which they no longer do.
pub fn closes_at(appointment: &Appointment, settings: &Settings) -> Timestamp {
    appointment.ends_at.plus(settings.closes_after())
}

pub(crate) fn state(
    appointment: &Appointment,
    settings: &Settings,
    has_room: bool,
    now: Timestamp,
) -> VisitState {
    let opens_at = opens_at(appointment, settings);
    if now >= closes_at(appointment, settings) {
        VisitState::Over
    } else if appointment.status == Status::Cancelled {
        VisitState::Cancelled
    } else if appointment.kind == Kind::InPerson {
        VisitState::InPerson
    } else if now < opens_at {
        VisitState::Early { opens_at }
    } else if has_room {
        VisitState::Open
    } else {
        VisitState::HostNotConnected
    }
}
