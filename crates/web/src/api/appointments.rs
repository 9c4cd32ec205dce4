//! Appointments as a scheduler's program sees them.

use std::collections::{HashMap, HashSet};

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    AppointmentId, AttendeeId, ClinicId, StaffId, Timestamp,
    appointment::{Appointment, Consent, Kind, MOST_ATTENDEES, Status, check_times},
    room::ConnectionState,
    telehealth::{Aspect, Booked, Offer, Rule, offered},
    text::{Email, ExternalId, Language, Name, Phone},
};
use outreach::{AppointmentLinks, BookError, BookedAttendee, Booking, Change, known_as};
use serde::Serialize;

use super::{
    input::{Body, Faults, Object, appointment_name, time, word},
    json,
    paging::{Asked, Cursor, UNKNOWN_HOST, clinic_of, host},
};
use crate::{App, Caller, Error};

/// An appointment with the links that go with it.
#[derive(Debug, Serialize)]
pub struct AppointmentJson {
    id: AppointmentId,
    external_id: ExternalId,
    starts_at: Timestamp,
    ends_at: Timestamp,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Name>,
    /// None where nobody said as what it is booked: then the rules have nothing to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    telehealth_offered: Option<bool>,
    status: Status,
    host: HostJson,
    host_link: String,
    attendees: Vec<AttendeeJson>,
}

#[derive(Debug, Serialize)]
struct HostJson {
    id: StaffId,
    name: String,
    connection: &'static str,
}

#[derive(Debug, Serialize)]
struct AttendeeJson {
    id: AttendeeId,
    external_id: ExternalId,
    name: Name,
    join_link: String,
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct Items<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one goes on; none at the end.
    pub next_cursor: Option<String>,
}

pub async fn put(
    State(app): State<App>,
    caller: Caller,
    path: Path<String>,
    body: Body,
) -> Result<Response, Error> {
    let external_id = appointment_name(path)?;
    let mut tx = app.store.read().await?;
    let clinic = clinic_of(&mut *tx, caller.clinic()).await?;
    let faults = Faults::default();
    let wanted = Wanted::read(&body.object(&faults), &faults);
    let member = match &wanted.host {
        Some(name) => host(&mut *tx, &clinic, name).await?,
        None => None,
    };
    if wanted.host.is_some() && member.is_none() {
        faults.note("host", UNKNOWN_HOST);
    }
    let before = known_as(&mut *tx, clinic.id, external_id.as_str()).await?;
    drop(tx);
    faults.check()?;
    let by_rules = wanted.kind.is_none();
    let booking = wanted
        .booking(external_id, member.map(|member| member.id))
        .ok_or_else(|| Error::internal("a booking without faults lacks a field"))?;
    let booked = if by_rules {
        app.outreach.book_by_rules(clinic.id, &booking).await?
    } else {
        app.outreach.book(clinic.id, &booking).await?
    };
    if booked.change != Change::Unchanged {
        look_again(&app, before.as_ref(), &booked.appointment).await;
    }
    let status = if booked.change == Change::Created { StatusCode::CREATED } else { StatusCode::OK };
    let shown = shown(&app, clinic.id, std::slice::from_ref(&booked.appointment)).await?;
    Ok(json(status, &shown.first().ok_or(Error::NotFound)?))
}

/// Who may be meant in a room depends on who is due there. The booking stands whatever comes of this, and the next
/// word from Zoom makes up for it.
pub(crate) async fn look_again(app: &App, before: Option<&Appointment>, now: &Appointment) {
    let moved = before.filter(|before| {
        (before.host, before.starts_at, before.ends_at) != (now.host, now.starts_at, now.ends_at)
    });
    for appointment in moved.into_iter().chain([now]) {
        let range = appointment.starts_at..appointment.ends_at;
        if let Err(error) =
            app.attendance.reconsider_host(appointment.clinic_id, appointment.host, range).await
        {
            tracing::error!(%error, appointment.id = %appointment.id, "a changed appointment was not matched anew");
        }
    }
}

pub async fn get(State(app): State<App>, caller: Caller, path: Path<String>) -> Result<Response, Error> {
    let appointment = named(&app, caller.clinic(), path).await?;
    let shown = shown(&app, caller.clinic(), std::slice::from_ref(&appointment)).await?;
    Ok(json(StatusCode::OK, &shown.first().ok_or(Error::NotFound)?))
}

/// The appointment that a path names, by either of its ids.
pub(super) async fn named(app: &App, clinic: ClinicId, path: Path<String>) -> Result<Appointment, Error> {
    let name = appointment_name(path).map_err(|_| Error::NotFound)?;
    let mut tx = app.store.read().await?;
    known_as(&mut *tx, clinic, name.as_str()).await?.ok_or(Error::NotFound)
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut tx = app.store.read().await?;
    let clinic = clinic_of(&mut *tx, caller.clinic()).await?;
    let page = asked.understand(&mut *tx, &clinic, app.ambient.now()).await?;
    let mut found =
        tx.appointments_page(clinic.id, page.range, page.host, page.after, page.limit + 1).await?;
    drop(tx);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let goes_on = found.len() > limit;
    found.truncate(limit);
    let next_cursor =
        found.last().filter(|_| goes_on).map(|last| Cursor(last.starts_at, last.id).to_string());
    let items = shown(&app, clinic.id, &found).await?;
    Ok(json(StatusCode::OK, &Items { items, next_cursor }))
}

/// Appointments with their hosts' connections and their links, in a few questions however many they are.
async fn shown(
    app: &App,
    clinic: ClinicId,
    appointments: &[Appointment],
) -> Result<Vec<AppointmentJson>, Error> {
    let mut links = app.outreach.links_of_all(clinic, appointments).await?;
    let mut tx = app.store.read().await?;
    let (names, connections) = match appointments {
        [one] => (
            tx.staff_member(clinic, one.host).await?.into_iter().collect(),
            tx.connection_of(clinic, one.host).await?.into_iter().collect(),
        ),
        _ => (tx.staff(clinic).await?, tx.connections(clinic).await?),
    };
    let rules = tx.telehealth_rules(clinic).await?;
    let wished: HashSet<_> = tx.hosts_elsewhere(clinic).await?.into_iter().collect();
    let others = tx.other_rooms(clinic).await?;
    let elsewhere: HashSet<_> =
        others.into_iter().map(|room| room.staff_id).filter(|host| wished.contains(host)).collect();
    drop(tx);
    let names: HashMap<_, _> = names.into_iter().map(|member| (member.id, member.name)).collect();
    let connections: HashMap<_, _> =
        connections.into_iter().map(|connection| (connection.staff_id, connection.state)).collect();
    appointments
        .iter()
        .map(|appointment| {
            let host = HostJson {
                id: appointment.host,
                name: names.get(&appointment.host).map_or_else(String::new, ToString::to_string),
                // Whoever's visits take place in another product needs no Zoom: their links lead somewhere.
                connection: if elsewhere.contains(&appointment.host) {
                    "connected"
                } else {
                    connection_word(connections.get(&appointment.host).copied())
                },
            };
            let links = links.remove(&appointment.id).ok_or(Error::NotFound)?;
            Ok(appointment_json(appointment, host, &links, &rules))
        })
        .collect()
}

fn connection_word(state: Option<ConnectionState>) -> &'static str {
    match state {
        Some(ConnectionState::Connected) => "connected",
        Some(ConnectionState::NeedsReconnect) => "needs_reconnect",
        Some(ConnectionState::Disconnected) | None => "not_connected",
    }
}

fn appointment_json(
    appointment: &Appointment,
    host: HostJson,
    links: &AppointmentLinks,
    rules: &[Rule],
) -> AppointmentJson {
    let attendees = appointment.attendees.iter().map(|attendee| AttendeeJson {
        id: attendee.id,
        external_id: attendee.external_id.clone(),
        name: attendee.name.clone(),
        join_link: links.of(attendee.id).map_or_else(String::new, |link| link.url.expose().to_owned()),
    });
    AppointmentJson {
        id: appointment.id,
        external_id: appointment.external_id.clone(),
        starts_at: appointment.starts_at,
        ends_at: appointment.ends_at,
        kind: appointment.kind,
        event_type: appointment.booked_as.event_type.clone(),
        location: appointment.booked_as.location.clone(),
        service: appointment.booked_as.service.clone(),
        telehealth_offered: (appointment.booked_as != Booked::default()).then(|| {
            appointment.kind == Kind::InPerson && offered(rules, &appointment.booked_as) != Offer::Disabled
        }),
        status: appointment.status,
        host,
        host_link: links.host.expose().to_owned(),
        attendees: attendees.collect(),
    }
}

/// A booking as it was sent, as far as it could be read.
struct Wanted {
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    host: Option<String>,
    /// None where it is left to the rules.
    kind: Option<Kind>,
    booked_as: Option<Booked>,
    status: Option<Status>,
    attendees: Vec<Option<BookedAttendee>>,
}

impl Wanted {
    fn read(object: &Object<'_>, faults: &Faults) -> Self {
        let starts_at = object.required("starts_at", time);
        let ends_at = object.required("ends_at", time);
        if let (Some(starts_at), Some(ends_at)) = (starts_at, ends_at) {
            faults.take("ends_at", check_times(starts_at, ends_at));
        }
        let items = object.objects("attendees", MOST_ATTENDEES);
        let mut seen = HashSet::new();
        let attendees = items
            .iter()
            .map(|item| {
                let attendee = attendee(item);
                let id = attendee.as_ref().and_then(|attendee| attendee.external_id.clone());
                if id.is_some_and(|id| !seen.insert(id)) {
                    faults.note(
                        item.path_of("external_id"),
                        "is the same as another attendee's of this appointment",
                    );
                }
                attendee
            })
            .collect();
        let booked_as = booked_as(object);
        Self {
            starts_at,
            ends_at,
            // Whoever it names is looked up; here it need only be one line of bounded length.
            host: object.required("host", Name::parse).map(String::from),
            kind: {
                let parse = |text: &str| word(text, Kind::from_word, &["telehealth", "in_person"]);
                // Where the scheduler says as what it is booked, the clinic's rules can say the rest.
                if Aspect::ALL.into_iter().any(|aspect| object.says(aspect.as_str())) {
                    object.optional("kind", parse)
                } else {
                    object.required("kind", parse)
                }
            },
            booked_as,
            status: object.required("status", |text| word(text, Status::from_word, &["booked", "cancelled"])),
            attendees,
        }
    }

    /// The booking; none where a field is missing.
    fn booking(self, external_id: ExternalId, host: Option<StaffId>) -> Option<Booking> {
        Some(Booking {
            external_id: Some(external_id),
            starts_at: self.starts_at?,
            ends_at: self.ends_at?,
            host: host?,
            kind: self.kind.unwrap_or(Kind::InPerson),
            status: self.status?,
            booked_as: self.booked_as,
            attendees: self.attendees.into_iter().collect::<Option<_>>()?,
        })
    }
}

/// As what it is booked, where any of the three is said.
fn booked_as(object: &Object<'_>) -> Option<Booked> {
    let booked = Booked {
        event_type: object.optional("event_type", Name::parse),
        location: object.optional("location", Name::parse),
        service: object.optional("service", Name::parse),
    };
    (booked != Booked::default()).then_some(booked)
}

fn attendee(item: &Object<'_>) -> Option<BookedAttendee> {
    let external_id = item.required("external_id", ExternalId::parse);
    let name = item.required("name", Name::parse);
    let email = item.optional("email", Email::parse);
    let phone = item.optional("phone", Phone::parse);
    let language = item.optional("language", Language::parse);
    let consent = item.object("consent").map_or_else(Consent::default, |consent| Consent {
        email: consent.flag("email"),
        sms: consent.flag("sms"),
    });
    Some(BookedAttendee { external_id: Some(external_id?), name: name?, email, phone, consent, language })
}

impl From<BookError> for Error {
    fn from(error: BookError) -> Self {
        match error {
            BookError::Refused(faults) => Self::Invalid(
                faults
                    .iter()
                    .map(|fault| crate::FieldError { field: fault.field(), message: fault.to_string() })
                    .collect(),
            ),
            BookError::Store(error) => error.into(),
            BookError::ChangedMeanwhile => {
                Self::Conflict("Somebody else changed the appointment meanwhile.".into())
            }
            BookError::Busy => {
                Self::Unavailable("Others are booking the same appointment just now. Send it again.".into())
            }
            error => Self::internal(error),
        }
    }
}
