//! "Your clinician is with another patient": only when true.

use domain::{
    PresenceId, StaffId,
    attendance::{
        matching::{Candidate, DecidedBy, Level, Match},
        presence::{Presence, Whereabouts, Who},
    },
    text::ExternalId,
};

use super::*;

/// Two visits of the same host, one after the other; the clock stands ten minutes before the second.
struct Two {
    world: World,
    first: Appointment,
    token: String,
    second: Appointment,
}

async fn two() -> Two {
    let world = World::new().await;
    let first = world.booked().await;
    let mut booking = world.booking();
    booking.external_id = Some(ExternalId::parse("A-2").unwrap());
    booking.attendees = vec![attendee("P-2", "Luis Prado")];
    booking.starts_at = first.ends_at;
    booking.ends_at = first.ends_at.plus(Duration::from_mins(50));
    let second = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let token = world.token(&second).await;
    world.clock.set(second.starts_at.minus(Duration::from_mins(10)));
    Two { world, first, token, second }
}

impl Two {
    async fn comes(&self, who: Who, staff: Option<StaffId>, matched: Option<Match>) -> Presence {
        let now = self.world.ambient.now();
        let mut tx = self.world.store.begin().await.unwrap();
        let room = tx.room_of(self.world.clinic, self.world.host).await.unwrap().unwrap();
        let presence = Presence {
            id: self.world.ambient.id::<PresenceId>(),
            clinic_id: self.world.clinic,
            room_id: room.id,
            who,
            staff_id: staff,
            shown_name: Some("R.".to_owned()),
            first_at: now.minus(Duration::from_mins(30)),
            whereabouts: Whereabouts::InSession,
            since: now.minus(Duration::from_mins(30)),
            stays: Vec::new(),
            matched,
            candidates: Vec::new(),
        };
        tx.put_presence(self.world.clinic, &presence).await.unwrap();
        tx.commit().await.unwrap();
        presence
    }

    async fn change(&self, presence: &Presence) {
        let mut tx = self.world.store.begin().await.unwrap();
        tx.put_presence(self.world.clinic, presence).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn host_comes(&self) -> Presence {
        self.comes(Who::Staff, Some(self.world.host), None).await
    }

    async fn wait(&self) -> Option<Wait> {
        self.world.outreach.visit(&self.token).await.unwrap().wait
    }
}

fn is(appointment: &Appointment, level: Level) -> Match {
    let attendee = appointment.attendees[0].id;
    let decided_by = DecidedBy::Rule;
    Match { appointment: appointment.id, attendee, level, reasons: Vec::new(), decided_by }
}

const fn about(minutes: i64) -> Wait {
    Wait { minutes: Some(minutes) }
}

#[tokio::test]
async fn it_is_told_with_the_minutes_to_the_end_of_the_other_visit() {
    let two = two().await;
    assert_eq!(two.wait().await, None, "nobody is there");
    two.host_comes().await;
    assert_eq!(two.wait().await, None, "the host alone");
    two.comes(Who::Visitor, None, Some(is(&two.first, Level::Certain))).await;
    assert_eq!(two.wait().await, Some(about(10)));
    two.world.clock.advance(Duration::from_secs(9 * 60 + 30));
    assert_eq!(two.wait().await, Some(about(1)), "at least one");
    two.world.clock.set(two.first.ends_at);
    assert_eq!(two.wait().await, Some(Wait { minutes: None }), "a little longer");
    two.world.clock.advance(Duration::from_hours(1));
    assert_eq!(two.wait().await, None, "their leaving was more likely lost");
}

#[tokio::test]
async fn it_is_told_from_half_an_hour_before_the_start() {
    let two = two().await;
    two.host_comes().await;
    two.comes(Who::Visitor, None, Some(is(&two.first, Level::Certain))).await;
    let from = two.second.starts_at.minus(Duration::from_mins(30));
    two.world.clock.set(from.minus(SECOND));
    assert_eq!(two.wait().await, None);
    two.world.clock.set(from);
    assert_eq!(two.wait().await, Some(about(30)));
}

#[tokio::test]
async fn it_is_not_told_where_the_host_is_not_in_the_meeting() {
    let two = two().await;
    let mut host = two.host_comes().await;
    two.comes(Who::Visitor, None, Some(is(&two.first, Level::Certain))).await;
    host.whereabouts = Whereabouts::Left;
    two.change(&host).await;
    assert_eq!(two.wait().await, None);
}

#[tokio::test]
async fn it_is_not_told_of_somebody_who_waits_or_has_left() {
    let two = two().await;
    two.host_comes().await;
    let mut other = two.comes(Who::Visitor, None, Some(is(&two.first, Level::Certain))).await;
    for whereabouts in [Whereabouts::Waiting, Whereabouts::Connecting, Whereabouts::Left] {
        other.whereabouts = whereabouts;
        two.change(&other).await;
        assert_eq!(two.wait().await, None, "{whereabouts:?}");
    }
}

#[tokio::test]
async fn of_somebody_unknown_it_is_told_without_minutes_and_not_for_ever() {
    let two = two().await;
    two.host_comes().await;
    let mut stranger = two.comes(Who::Visitor, None, None).await;
    assert_eq!(two.wait().await, Some(Wait { minutes: None }));
    stranger.matched = Some(is(&two.first, Level::Ambiguous));
    two.change(&stranger).await;
    assert_eq!(two.wait().await, Some(Wait { minutes: None }), "nobody knows for whom they came");
    stranger.matched = None;
    stranger.since = two.world.ambient.now().minus(Duration::from_hours(2));
    two.change(&stranger).await;
    assert_eq!(two.wait().await, None);
}

#[tokio::test]
async fn colleagues_guests_and_interpreters_are_no_patients() {
    let two = two().await;
    two.host_comes().await;
    for who in [Who::Staff, Who::Guest, Who::Interpreter] {
        two.comes(who, None, None).await;
    }
    assert_eq!(two.wait().await, None);
}

#[tokio::test]
async fn it_is_not_told_to_whoever_is_in_the_meeting_or_may_be() {
    let two = two().await;
    two.host_comes().await;
    two.comes(Who::Visitor, None, Some(is(&two.first, Level::Certain))).await;
    let mut own = two.comes(Who::Visitor, None, Some(is(&two.second, Level::Probable))).await;
    assert_eq!(two.wait().await, None, "they are in the meeting themselves");
    own.matched = None;
    own.candidates = vec![Candidate {
        appointment: two.second.id,
        attendee: two.second.attendees[0].id,
        level: Level::Ambiguous,
        reasons: Vec::new(),
    }];
    two.change(&own).await;
    assert_eq!(two.wait().await, None, "they may be");
}

#[tokio::test]
async fn it_is_not_told_to_the_same_person_about_their_own_visit_before() {
    let two = two().await;
    let mut booking = two.world.booking();
    booking.external_id = Some(ExternalId::parse("A-2").unwrap());
    booking.starts_at = two.second.starts_at;
    booking.ends_at = two.second.ends_at;
    let second = two.world.outreach.book(two.world.clinic, &booking).await.unwrap().appointment;
    let token = two.world.token(&second).await;
    two.host_comes().await;
    two.comes(Who::Visitor, None, Some(is(&two.first, Level::Certain))).await;
    assert_eq!(two.world.outreach.visit(&token).await.unwrap().wait, None);
}

#[tokio::test]
async fn a_visit_of_another_day_tells_nothing_by_its_end() {
    let two = two().await;
    two.host_comes().await;
    let mut booking = two.world.booking();
    booking.external_id = Some(ExternalId::parse("A-3").unwrap());
    booking.attendees = vec![attendee("P-3", "Ana Prado")];
    booking.starts_at = two.second.starts_at.plus(Duration::from_hours(24));
    booking.ends_at = two.second.ends_at.plus(Duration::from_hours(24));
    let tomorrow = two.world.outreach.book(two.world.clinic, &booking).await.unwrap().appointment;
    two.comes(Who::Visitor, None, Some(is(&tomorrow, Level::Certain))).await;
    assert_eq!(two.wait().await, Some(Wait { minutes: None }));
}
