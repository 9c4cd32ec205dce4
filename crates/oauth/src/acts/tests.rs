use std::time::Duration;

use domain::{
    attendance::matching::StaffOrToken,
    room::{Room, guard::Cover},
};
use serde_json::json;
use store::ports::access::Session;
use zoom::oauth::{IN_MEETING_SCOPE, STATUS_SCOPE};
use zoomsim::{Fault, SimUser};

use super::*;
use crate::testing::{JONAS, START, World};

const END: &str = "PUT /v2/meetings/*/status";
const SHOW: &str = "PATCH /v2/live_meetings/*/events";
const SAVE: &str = "PATCH /v2/meetings/*";
/// Of another organisation.
const LEE: &str = "Zq1vB6gFSx8jOaC3iNwKuA";
/// A free Zoom account of the same one.
const NADIA: &str = "c7HdW4yPRn2eXkU9qLsMtQ";
/// Licensed, of the same one.
const MIRA: &str = "h2FkP9aTzQ6wXnB3sVyLeR";

fn fault(route: &str, status: u16) -> Fault {
    Fault { route: route.to_owned(), status: Some(status), count: 1, ..Fault::default() }
}

impl World {
    /// Dr Osei, connected, in her own running meeting, with somebody who waits.
    async fn in_session() -> (Self, Room) {
        let world = Self::with(|config| {
            let organisation = config.users[0].account_id.clone();
            let mira = SimUser::new(MIRA, &organisation, "mira.sol@clinic.example", "Mira", "Sol");
            config.users.push(mira);
        })
        .await;
        world.connected().await;
        let room = world.her_room().await;
        world.sim.start(room.meeting_number).unwrap();
        world.sim.join_named(room.meeting_number, "Rosa").unwrap();
        (world, room)
    }

    async fn her_room(&self) -> Room {
        let mut tx = self.store.read().await.unwrap();
        tx.room_of(self.amara.clinic_id, self.amara.staff_id).await.unwrap().unwrap()
    }

    async fn end(&self) -> Result<Ended, ActError> {
        self.zoom.end_for_all(self.amara.clinic_id, self.amara.staff_id).await
    }

    async fn show(&self, title: &str, text: &str) -> Result<ShownWhere, ActError> {
        self.zoom.show_in_waiting_room(self.amara.clinic_id, self.amara.staff_id, title, text).await
    }

    async fn shown(&self, room: &Room) -> Option<String> {
        let mut tx = self.store.read().await.unwrap();
        tx.shown(room.clinic_id, room.id).await.unwrap().map(|shown| shown.title)
    }

    fn runs(&self, room: &Room) -> bool {
        let meetings = self.meetings();
        let meeting = meetings.iter().find(|meeting| meeting.number == room.meeting_number).unwrap();
        meeting.instances.iter().any(|instance| instance.ended_at.is_none())
    }

    async fn lack(&self, scope: &ScopeNeed) {
        let connection = self.connection().await.unwrap();
        let mut tx = self.store.begin().await.unwrap();
        let mut tokens = tx.tokens(connection.clinic_id, connection.id).await.unwrap().unwrap();
        tokens.scopes =
            tokens.scopes.split_whitespace().filter(|one| *one != scope.name).collect::<Vec<_>>().join(" ");
        assert!(tx.set_tokens(connection.clinic_id, &tokens).await.unwrap());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_running_meeting_ends_for_everybody_and_one_that_does_not_run_is_told_so() {
    let (world, room) = World::in_session().await;
    assert!(world.runs(&room));
    assert_eq!(world.end().await.unwrap(), Ended::ForAll);
    assert!(!world.runs(&room));
    assert_eq!(world.end().await.unwrap(), Ended::NothingRan, "a second press");
}

#[tokio::test]
async fn an_end_whose_answer_was_lost_is_looked_after() {
    let (world, room) = World::in_session().await;
    world.sim.fault(Fault { after: true, cut: true, ..fault(END, 504) });
    assert_eq!(world.end().await.unwrap(), Ended::ForAll);
    assert!(!world.runs(&room));

    let (world, room) = World::in_session().await;
    world.sim.fault(fault(END, 504));
    assert!(matches!(world.end().await, Err(ActError::Unsure)), "it still runs, and may yet end");
    assert!(world.runs(&room));
}

#[tokio::test]
async fn what_was_not_permitted_is_named_before_zoom_is_asked() {
    let (world, _) = World::in_session().await;
    world.lack(&STATUS_SCOPE).await;
    world.lack(&IN_MEETING_SCOPE).await;
    world.count(END);
    world.count(SHOW);
    let ActError::MissingScope(scope) = world.end().await.unwrap_err() else { panic!("another error") };
    assert_eq!(scope.name, "meeting:update:status");
    let error = world.show("Late", "").await.unwrap_err();
    assert!(error.words().what.contains("meeting:update:in_meeting_controls"), "{}", error.words().what);
    assert_eq!(world.counted().await, 0);
}

#[tokio::test]
async fn a_limit_is_told_in_words_and_holds_the_next_press_back() {
    let (world, room) = World::in_session().await;
    world.sim.fault(fault(END, 429));
    let ActError::Limit(wait) = world.end().await.unwrap_err() else { panic!("another error") };
    assert!(wait > Duration::ZERO);
    world.count(END);
    assert!(matches!(world.end().await, Err(ActError::Limit(_))));
    assert_eq!(world.counted().await, 0, "Zoom asked to be left alone");
    world.clock.advance(wait);
    assert_eq!(world.end().await.unwrap(), Ended::ForAll);
    assert!(!world.runs(&room));
}

#[tokio::test]
async fn a_token_that_zoom_calls_dead_is_renewed_once() {
    let (world, room) = World::in_session().await;
    world.sim.fault(fault(END, 401));
    assert_eq!(world.end().await.unwrap(), Ended::ForAll);
    assert!(!world.runs(&room));
}

#[tokio::test]
async fn a_message_is_shown_while_the_meeting_runs_and_is_gone_with_it() {
    let (world, room) = World::in_session().await;
    assert_eq!(world.show("Running 10 minutes late", "").await.unwrap(), ShownWhere::AtZoom);
    assert_eq!(world.shown(&room).await.as_deref(), Some("Running 10 minutes late"));
    let clear = || world.zoom.clear_waiting_room(room.clinic_id, room.staff_id);
    assert_eq!(clear().await.unwrap(), ShownWhere::AtZoom);
    assert_eq!(world.shown(&room).await, None);
    world.show("With you in a moment", "").await.unwrap();
    world.end().await.unwrap();
    assert_eq!(world.shown(&room).await, None, "the next meeting begins with Zoom's own words");
    assert_eq!(world.show("Late", "").await.unwrap(), ShownWhere::NotRunning);
    assert_eq!(world.shown(&room).await, None);
    assert_eq!(clear().await.unwrap(), ShownWhere::NotRunning);
}

#[tokio::test]
async fn a_message_longer_than_zoom_shows_is_refused_and_not_cut() {
    let (world, _) = World::in_session().await;
    world.count(SHOW);
    let title = "x".repeat(LONGEST_TITLE);
    assert!(matches!(world.show(&format!("{title}x"), "").await, Err(ActError::TooLong)));
    assert!(matches!(world.show("Late", &"x".repeat(LONGEST_TEXT + 1)).await, Err(ActError::TooLong)));
    assert_eq!(world.counted().await, 0);
    assert_eq!(world.show(&title, &"ü".repeat(LONGEST_TEXT)).await.unwrap(), ShownWhere::AtZoom);
}

#[tokio::test]
async fn a_room_that_is_gone_or_was_never_there_is_told_apart_from_one_that_does_not_run() {
    let (world, room) = World::in_session().await;
    world.end().await.unwrap();
    world.sim.delete_meeting(room.meeting_number).unwrap();
    assert!(matches!(world.end().await, Err(ActError::Gone)));
    assert!(matches!(world.show("Late", "").await, Err(ActError::Gone)));
    let world = World::new().await;
    assert!(matches!(world.end().await, Err(ActError::NoRoom)));
    assert!(matches!(world.show("Late", "").await, Err(ActError::NoRoom)));
}

impl World {
    /// Dr Osei in session, and Dr Berg, connected as this Zoom user.
    async fn with_colleague(zoom_user: Option<&str>) -> (Self, Room, Session) {
        let (world, room) = Self::in_session().await;
        let jonas = world.colleague().await;
        if let Some(zoom_user) = zoom_user {
            world.connect(&jonas, zoom_user).await.unwrap();
        }
        (world, room, jonas)
    }

    async fn cover_by(&self, by: &Session) -> Result<Covered, CoverError> {
        let until = self.ambient.now().plus(Duration::from_hours(8));
        let said_by = StaffOrToken::Staff(self.amara.staff_id);
        self.zoom.cover(self.amara.clinic_id, self.amara.staff_id, by.staff_id, until, said_by).await
    }

    async fn end_cover(&self, cover: &Cover) -> bool {
        self.zoom.end_cover(cover.clinic_id, cover.host_id, cover.id).await.unwrap()
    }

    async fn may_start(&self, zoom_user: &str) -> bool {
        let number = self.her_room().await.meeting_number;
        // Ending it leaves nobody in it who would be the host already.
        let _ = self.sim.end(number);
        self.sim.start_as(number, zoom_user).is_ok()
    }

    async fn to_undo(&self) -> usize {
        let (clinic, now) = (self.amara.clinic_id, self.ambient.now());
        self.store.read().await.unwrap().covers_to_undo(clinic, now).await.unwrap().len()
    }
}

#[tokio::test]
async fn a_colleague_who_stands_in_may_start_the_meeting_until_it_is_over() {
    let (world, room, jonas) = World::with_colleague(Some(JONAS)).await;
    let already = json!({ "settings": { "alternative_hosts": "mira.sol@clinic.example" } });
    world.sim.change_meeting(room.meeting_number, &already).unwrap();
    assert!(!world.may_start(JONAS).await);
    let covered = world.cover_by(&jonas).await.unwrap();
    assert!(covered.cover.at_zoom && covered.not_at_zoom.is_none(), "{covered:?}");
    assert!(world.may_start(JONAS).await);
    assert!(world.may_start(MIRA).await, "whoever might start it before still may");
    assert!(world.end_cover(&covered.cover).await);
    assert!(!world.may_start(JONAS).await);
    assert!(world.may_start(MIRA).await);
    assert!(!world.end_cover(&covered.cover).await, "it is over");
}

#[tokio::test]
async fn it_ends_by_itself_and_is_taken_back_at_zoom_in_the_next_round() {
    let (world, _, jonas) = World::with_colleague(Some(JONAS)).await;
    world.cover_by(&jonas).await.unwrap();
    assert_eq!(world.zoom.undo_covers().await.unwrap(), 0, "it holds");
    world.clock.advance(Duration::from_hours(8));
    world.sim.fault(fault(SAVE, 503));
    assert_eq!(world.zoom.undo_covers().await.unwrap(), 0);
    assert!(world.may_start(JONAS).await);
    assert_eq!(world.zoom.undo_covers().await.unwrap(), 1, "tried again");
    assert!(!world.may_start(JONAS).await);
    assert_eq!(world.to_undo().await, 0);
}

#[tokio::test]
async fn whoever_was_an_alternative_host_before_stays_one() {
    let (world, room, jonas) = World::with_colleague(Some(JONAS)).await;
    let already = json!({ "settings": { "alternative_hosts": "jonas.berg@clinic.example" } });
    world.sim.change_meeting(room.meeting_number, &already).unwrap();
    world.count(SAVE);
    let covered = world.cover_by(&jonas).await.unwrap();
    assert!(covered.cover.at_zoom);
    assert!(world.end_cover(&covered.cover).await);
    assert_eq!((world.to_undo().await, world.counted().await), (0, 0), "nothing was changed at Zoom");
}

#[tokio::test]
async fn where_zoom_does_not_let_them_the_reason_is_told_and_the_cover_holds_here() {
    for (zoom_user, why) in [(None, NotAtZoom::ColleagueNotConnected), (Some(LEE), NotAtZoom::OtherAccount)] {
        let (world, _, jonas) = World::with_colleague(zoom_user).await;
        let covered = world.cover_by(&jonas).await.unwrap();
        assert_eq!(covered.not_at_zoom, Some(why));
        assert!(!covered.cover.at_zoom);
        let now = world.ambient.now();
        let holding = world.store.read().await.unwrap().covers(world.amara.clinic_id, now).await.unwrap();
        assert_eq!(holding, [covered.cover]);
    }
    // Only whoever has a licence may be one.
    let (world, _, jonas) = World::with_colleague(Some(NADIA)).await;
    let covered = world.cover_by(&jonas).await.unwrap();
    assert_eq!(covered.not_at_zoom, Some(NotAtZoom::Refused));
    assert_eq!(world.to_undo().await, 0);
    assert!(covered.not_at_zoom.unwrap().words().todo.contains("Make Host"));
}

#[tokio::test]
async fn what_zoom_did_without_telling_is_found_or_taken_back() {
    let (world, _, jonas) = World::with_colleague(Some(JONAS)).await;
    world.sim.fault(Fault { after: true, cut: true, ..fault(SAVE, 504) });
    let covered = world.cover_by(&jonas).await.unwrap();
    assert_eq!(covered.not_at_zoom, None, "asked, it says that it did");

    let (world, _, jonas) = World::with_colleague(Some(JONAS)).await;
    world.sim.fault(Fault { after: true, cut: true, ..fault(SAVE, 504) });
    // The first look works, the one after the lost answer does not.
    world.sim.fault(Fault { status: None, ..fault("GET /v2/meetings/*", 200) });
    world.sim.fault(fault("GET /v2/meetings/*", 503));
    let covered = world.cover_by(&jonas).await.unwrap();
    assert_eq!(covered.not_at_zoom, Some(NotAtZoom::Unavailable));
    assert!(world.end_cover(&covered.cover).await);
    assert!(!world.may_start(JONAS).await);
}

#[tokio::test]
async fn one_colleague_stands_in_at_a_time_and_never_the_host_or_a_stranger() {
    let (world, _, jonas) = World::with_colleague(Some(JONAS)).await;
    let stranger = world.elsewhere().await;
    assert!(matches!(world.cover_by(&stranger).await, Err(CoverError::Unknown)));
    assert!(matches!(world.cover_by(&world.amara).await, Err(CoverError::Unknown)));
    let first = world.cover_by(&jonas).await.unwrap();
    let again = world.cover_by(&jonas).await.unwrap();
    assert_eq!(again.cover.id, first.cover.id);
    let other = world.colleague().await;
    assert!(matches!(world.cover_by(&other).await, Err(CoverError::Taken)));
    assert!(
        !world.zoom.end_cover(jonas.clinic_id, jonas.staff_id, first.cover.id).await.unwrap(),
        "not theirs"
    );
    let past = domain::Timestamp::from_seconds(START);
    let said_by = StaffOrToken::Staff(world.amara.staff_id);
    let over =
        world.zoom.cover(world.amara.clinic_id, world.amara.staff_id, jonas.staff_id, past, said_by).await;
    assert!(matches!(over, Err(CoverError::Over)));
}

#[tokio::test]
async fn a_cover_that_begins_again_is_not_undone_by_the_one_before() {
    let (world, _, jonas) = World::with_colleague(Some(JONAS)).await;
    let first = world.cover_by(&jonas).await.unwrap();
    world.sim.fault(fault("GET /v2/meetings/*", 503));
    assert!(world.end_cover(&first.cover).await);
    assert_eq!(world.to_undo().await, 1, "Zoom did not answer");
    let second = world.cover_by(&jonas).await.unwrap();
    assert!(second.cover.at_zoom);
    assert_eq!(world.zoom.undo_covers().await.unwrap(), 1);
    assert!(world.may_start(JONAS).await, "it serves for the second");
    assert!(world.end_cover(&second.cover).await);
    // What was read when it began did not name anybody; the row does.
    world.zoom.undo_covers().await.unwrap();
    assert!(!world.may_start(JONAS).await);
}
