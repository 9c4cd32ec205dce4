use std::{collections::HashMap, time::Duration};

use domain::{
    Ambient,
    attendance::feed::FeedState,
    clinic::{Clinic, Zone},
    room::{
        Room, RoomKind,
        guard::{Drift, DriftKind, Guarded, LookFor},
    },
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use oauth::Today;

use super::*;
use crate::pages::view::words::Wall;

/// 07:00 in Chicago.
const NOW: &str = "2026-11-23T13:00:00Z";

fn ambient() -> Ambient {
    Ambient::manual(NOW.parse().unwrap(), 3).0
}

/// A connected host whose room was looked at, with a visit that begins so long after seven.
fn host(ambient: &Ambient, name: &str, begins_in: Duration) -> Standing {
    let now = ambient.now();
    let first = now.plus(begins_in);
    let (id, clinic_id) = (ambient.id(), ambient.id());
    Standing {
        member: StaffMember {
            id,
            clinic_id,
            name: Name::parse(name).unwrap(),
            email: Email::parse("a@clinic.example").unwrap(),
            phone: None,
            external_id: None,
            roles: [Role::Staff].into(),
            disabled_at: None,
            created_at: now,
        },
        stands: Stands::Connected,
        zoom_email: None,
        plan: Some(2),
        renewed_at: Some(now),
        room: Some(Room {
            id: ambient.id(),
            clinic_id,
            staff_id: id,
            kind: RoomKind::Open,
            meeting_number: 93_612_345_678,
            zoom_user_id: String::new(),
            zoom_account_id: String::new(),
            checked_at: now,
            created_at: now,
        }),
        guarded: Guarded { looked_at: Some(now), ..Guarded::default() },
        lasting: Vec::new(),
        recent: Vec::new(),
        heard_at: None,
        next_visit: Some(first),
        today: Some(Today {
            first,
            ends: first.plus(Duration::from_hours(1)),
            next: Some(first),
            visits: 1,
            longest: Duration::from_hours(1),
        }),
        as_of: now,
        day_began: "2026-11-23T06:00:00Z".parse().unwrap(),
    }
}

fn unchecked(standing: Standing) -> Standing {
    Standing { guarded: Guarded::default(), ..standing }
}

fn lacks(ambient: &Ambient, standing: Standing, kinds: &[DriftKind]) -> Standing {
    let lasting = kinds.iter().map(|&kind| Drift {
        id: ambient.id(),
        clinic_id: standing.member.clinic_id,
        room_id: ambient.id(),
        kind,
        found_at: standing.as_of,
        found_for: LookFor::Daily,
        hindrance: None,
        tries: 0,
        tried_at: None,
        ended: None,
    });
    Standing { lasting: lasting.collect(), ..standing }
}

fn seen(standings: &[Standing], host: Option<StaffId>, is_today: bool) -> Option<Strip> {
    let ambient = ambient();
    let clinic = Clinic {
        id: ambient.id(),
        name: Name::parse("Riverside").unwrap(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: ambient.now(),
    };
    let board = attendance::Board {
        date: "2026-11-23".parse().unwrap(),
        as_of: ambient.now(),
        feed: attendance::board::Feed {
            state: FeedState::Quiet,
            last_event_at: None,
            sentence: String::new(),
        },
        appointments: Vec::new(),
        unmatched: Vec::new(),
        alerts: Vec::new(),
        warnings: Vec::new(),
        guests: Vec::new(),
        last_change: 0,
        is_today,
    };
    let facts = Facts {
        clinic: &clinic,
        wall: Wall { zone: clinic.zone.clone(), now: ambient.now() },
        rate: 1,
        board: &board,
        staff: &[],
        connections: &[],
        ledgers: &HashMap::new(),
        booked: &HashMap::new(),
        channels: &[],
        notices: &[],
        zoom_names: &HashMap::new(),
        standings,
        query: String::new(),
        is_admin: false,
    };
    strip(&facts, host)
}

const HOURS: [Duration; 6] = [
    Duration::from_hours(1),
    Duration::from_hours(2),
    Duration::from_hours(3),
    Duration::from_hours(4),
    Duration::from_hours(5),
    Duration::from_hours(6),
];

#[test]
fn nothing_is_said_where_everybody_is_ready_or_it_is_another_day() {
    let ambient = ambient();
    let ready = host(&ambient, "Dr. Osei", HOURS[1]);
    let broken = Standing { stands: Stands::NotConnected, ..host(&ambient, "Dr. Haddad", HOURS[1]) };
    assert!(seen(std::slice::from_ref(&ready), None, true).is_none());
    assert!(seen(std::slice::from_ref(&broken), None, false).is_none());
    assert!(seen(&[broken.clone(), ready.clone()], Some(ready.member.id), true).is_none(), "the other's");
    let over = Today { next: None, ..broken.today.unwrap() };
    let home = Standing { today: Some(over), next_visit: None, ..broken };
    assert!(seen(&[home], None, true).is_none(), "whose visits are over needs nothing today");
}

#[test]
fn a_host_who_has_to_connect_again_is_named_with_the_first_visit() {
    let ambient = ambient();
    let broken = Standing { stands: Stands::NeedsReconnect(None), ..host(&ambient, "Dr. Osei", HOURS[1]) };
    let strip = seen(&[broken], None, true).unwrap();
    assert_eq!(strip.title, "Before the day starts");
    assert_eq!(strip.lines[0].host, "Dr. Osei");
    assert_eq!(strip.lines[0].sentence, "Zoom has to be connected again (first visit 09:00).");
}

#[test]
fn the_worst_and_soonest_stand_first_and_the_rest_are_counted() {
    let ambient = ambient();
    let mut hosts: Vec<Standing> = HOURS
        .iter()
        .zip(["A", "B", "C", "D", "E", "F"])
        .map(|(&begins_in, name)| Standing {
            stands: Stands::NotConnected,
            ..host(&ambient, name, begins_in)
        })
        .collect();
    hosts.reverse();
    let strip = seen(&hosts, None, true).unwrap();
    let names: Vec<&str> = strip.lines.iter().map(|line| line.host.as_str()).collect();
    assert_eq!((names.as_slice(), strip.more), (["A", "B", "C", "D"].as_slice(), 2));
}

#[test]
fn a_room_that_nobody_looked_at_is_worth_a_word_only_when_its_visit_is_near() {
    let ambient = ambient();
    let later = unchecked(host(&ambient, "Dr. Osei", HOURS[4]));
    assert!(seen(std::slice::from_ref(&later), None, true).is_none());
    let guarded = Guarded { trouble: Some("unavailable".to_owned()), ..Guarded::default() };
    let tried = Standing { guarded, ..later.clone() };
    assert!(seen(&[tried], None, true).is_some(), "a look came to nothing");
    let soon = unchecked(host(&ambient, "Dr. Haddad", HOURS[0]));
    let strip = seen(&[soon.clone(), later], None, true).unwrap();
    assert_eq!(strip.lines.len(), 1);
    let other = unchecked(host(&ambient, "Dr. Lindqvist", HOURS[0]));
    let both = seen(&[soon, other], None, true).unwrap();
    assert_eq!(both.lines.len(), 1, "it is one thing that is the matter");
    assert_eq!(both.lines[0].sentence, "2 rooms were not checked today.");
}

#[test]
fn what_a_room_lacks_is_named_and_what_is_only_noted_is_not() {
    let ambient = ambient();
    let noted = lacks(&ambient, host(&ambient, "Dr. Osei", HOURS[0]), &[DriftKind::Unused]);
    assert!(seen(&[noted], None, true).is_none());
    let both = [DriftKind::WaitingRoomOff, DriftKind::Recorded];
    let off = lacks(&ambient, host(&ambient, "Dr. Osei", HOURS[0]), &both);
    let strip = seen(&[off], None, true).unwrap();
    assert_eq!(strip.lines[0].sentence, "Waiting room off, and 1 more (first visit 08:00).");
}
