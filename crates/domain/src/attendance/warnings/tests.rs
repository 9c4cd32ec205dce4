//! Each warning where it is due, and where it is not.

use uuid::Uuid;

use super::*;
use crate::{
    appointment::{Consent, Kind, Status},
    attendance::{
        matching::{Candidate, DecidedBy},
        presence::Whereabouts::{Connecting, InSession, Waiting},
    },
    id::Id,
    text::{ExternalId, Name},
};

fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_449_600 + minutes * 60)
}

/// An appointment that starts so many minutes after ten, each attendee numbered by it and by their place.
fn visit(number: u128, minutes: i64, names: &[&str]) -> Appointment {
    let attendees = (1..).zip(names);
    Appointment {
        id: id(number),
        clinic_id: id(0),
        external_id: ExternalId::parse(&number.to_string()).unwrap(),
        starts_at: at(minutes),
        ends_at: at(minutes + 30),
        host: id(0),
        kind: Kind::Telehealth,
        status: Status::Booked,
        booked_as: crate::telehealth::Booked::default(),
        revision: 0,
        attendees: attendees
            .map(|(place, name)| Attendee {
                id: id(number * 10 + place),
                external_id: ExternalId::parse(&format!("p{number}-{place}")).unwrap(),
                name: Name::parse(name).unwrap(),
                email: None,
                phone: None,
                consent: Consent::default(),
                language: None,
            })
            .collect(),
        created_at: at(-9_000),
        updated_at: at(-9_000),
    }
}

/// Somebody who is there; the attendee's id is that of [`visit`].
fn one(number: u128, whereabouts: Whereabouts, who: Option<(u128, Level)>) -> Presence {
    Presence {
        id: id(number),
        clinic_id: id(0),
        room_id: id(0),
        who: Who::Visitor,
        staff_id: None,
        shown_name: Some("iPhone".to_owned()),
        first_at: at(i64::try_from(number).unwrap()),
        whereabouts,
        since: at(i64::try_from(number).unwrap()),
        stays: Vec::new(),
        matched: who.map(|(attendee, level)| Match {
            appointment: id(attendee / 10),
            attendee: id(attendee),
            level,
            reasons: Vec::new(),
            decided_by: DecidedBy::Rule,
        }),
        candidates: Vec::new(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "stands where nobody may stand as well")]
fn certain(attendee: u128) -> Option<(u128, Level)> {
    Some((attendee, Level::Certain))
}

fn warnings(there: &[Presence], visits: &[Appointment]) -> Vec<(WarningKind, String, Vec<PresenceId>)> {
    let there: Vec<There<'_>> = there.iter().map(|presence| There { presence, shown: "iPhone" }).collect();
    let visits: Vec<&Appointment> = visits.iter().collect();
    let zone = Zone::parse("America/Chicago").unwrap();
    let mut reversed = there.clone();
    reversed.reverse();
    let found = of_room(&there, &visits, &zone);
    assert_eq!(found, of_room(&reversed, &visits, &zone), "the order in which they are given does not count");
    found.into_iter().map(|warning| (warning.kind, warning.sentence, warning.presences)).collect()
}

fn day() -> [Appointment; 3] {
    [visit(1, 0, &["Tom Reyes"]), visit(2, 30, &["Ana Prado", "Luis Prado"]), visit(3, 60, &["Mei Tanaka"])]
}

#[test]
fn one_visit_alone_in_the_room_is_no_reason_to_warn() {
    let couple = [one(1, Waiting, certain(21)), one(2, Waiting, certain(22))];
    assert_eq!(warnings(&couple, &day()), []);
    let let_in_one_by_one = [one(1, InSession, certain(21)), one(2, Waiting, certain(22))];
    assert_eq!(warnings(&let_in_one_by_one, &day()), []);
    assert_eq!(warnings(&[one(1, InSession, certain(11))], &day()), []);
    assert_eq!(warnings(&[], &day()), []);
}

#[test]
fn who_waits_while_another_visit_is_in_the_meeting_is_told() {
    let there = [one(1, InSession, certain(11)), one(2, Waiting, certain(21))];
    assert_eq!(
        warnings(&there, &day()),
        [(
            WarningKind::PreviousStillThere,
            "Ana Prado (10:30) waits while Tom Reyes (10:00) is still in session.".to_owned(),
            vec![id(2), id(1)],
        )]
    );
    let on_the_way = [
        one(1, Connecting, certain(11)),
        one(2, InSession, None),
        one(3, Waiting, certain(21)),
        one(4, Waiting, Some((22, Level::Probable))),
    ];
    assert_eq!(
        warnings(&on_the_way, &day())[0].1,
        "Ana Prado (10:30) and Luis Prado (10:30, probably) wait while Tom Reyes (10:00) and “iPhone” are still in \
         session."
    );
}

#[test]
fn several_visits_that_wait_are_told() {
    let there = [one(1, Waiting, certain(31)), one(2, Waiting, certain(21)), one(3, Waiting, certain(22))];
    assert_eq!(
        warnings(&there, &day()),
        [(
            WarningKind::SeveralWaiting,
            "Ana Prado (10:30), Luis Prado (10:30) and Mei Tanaka (11:00) wait for different visits. Let in one visit \
             at a time, and nobody by “Admit all”."
                .to_owned(),
            vec![id(2), id(3), id(1)],
        )]
    );
}

#[test]
fn somebody_unknown_who_waits_is_told_with_those_whom_it_may_be() {
    let stranger = one(1, Waiting, None);
    assert_eq!(
        warnings(std::slice::from_ref(&stranger), &day())[0].1,
        "“iPhone” waits, and nobody knows who it is. Ask for the name before letting them in."
    );
    let candidate = |attendee: u128| Candidate {
        appointment: id(attendee / 10),
        attendee: id(attendee),
        level: Level::Ambiguous,
        reasons: Vec::new(),
    };
    let perhaps = Presence { candidates: vec![candidate(21), candidate(31)], ..stranger.clone() };
    let found = warnings(&[perhaps], &day());
    assert_eq!(
        found,
        [(
            WarningKind::UnknownWaiting,
            "“iPhone” waits, and it is not known who it is: perhaps Ana Prado (10:30) or Mei Tanaka (11:00)."
                .to_owned(),
            vec![id(1)],
        )]
    );
    for who in [Who::Guest, Who::Interpreter, Who::Staff] {
        assert_eq!(warnings(&[Presence { who, ..stranger.clone() }], &day()), []);
    }
    assert_eq!(warnings(&[one(1, InSession, None)], &day()), [], "whoever is in is no longer to be let in");
}

#[test]
fn two_people_of_one_name_at_different_visits_are_told_once() {
    let visits = [
        visit(1, 0, &["Rosa Delgado"]),
        visit(2, 30, &["Rosa M. Delgado"]),
        visit(3, 200, &["Rosa Delgado"]),
        visit(4, 60, &["Tom Reyes"]),
    ];
    let found = warnings(&[one(1, Waiting, certain(11))], &visits);
    assert_eq!(
        found,
        [(
            WarningKind::SameName,
            "Two people have one name, or nearly: Rosa Delgado (10:00) and Rosa M. Delgado (10:30). The name alone does \
             not say who waits."
                .to_owned(),
            vec![id(1)],
        )]
    );
    let both = [one(1, Waiting, certain(11)), one(2, Waiting, certain(21))];
    let kinds: Vec<WarningKind> = warnings(&both, &visits).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, [WarningKind::SeveralWaiting, WarningKind::SameName]);
    assert_eq!(warnings(&[one(1, Waiting, certain(41))], &visits), []);
    assert_eq!(warnings(&[one(1, InSession, certain(11))], &visits), []);
}

#[test]
fn the_same_person_twice_a_day_is_nobody_elses_namesake() {
    let mut visits = [visit(1, 0, &["Rosa Delgado"]), visit(2, 30, &["Rosa Delgado"])];
    visits[1].attendees[0].external_id = visits[0].attendees[0].external_id.clone();
    assert_eq!(warnings(&[one(1, Waiting, certain(11))], &visits), []);
}
