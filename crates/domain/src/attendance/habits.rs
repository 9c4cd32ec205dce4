//! Which of Zoom's unsettled behaviours an account shows, counted in what it sent.
//!
//! Zoom's documents leave open what these events look like; the fold and the ladder hold either way. The counts are for
//! people: they tell an admin what to expect of the account, and us which of the ways is really gone.

use std::{collections::BTreeSet, ops::AddAssign, time::Duration};

use serde::Serialize;

use super::{
    event::{RoomEvent, What},
    fold::{Visit, fold},
    names::{Agreement, agreement},
    stay::StayKind,
};
use crate::time::Timestamp;

/// Two events that belong together are told within this time of one another.
const TOGETHER: Duration = Duration::from_mins(1);
/// Whoever goes so shortly before or after the end goes because of it.
const AT_THE_END: Duration = Duration::from_secs(5);
/// "Left" is told this long after the end at most, where it is told at all.
const TOLD_AFTER_THE_END: Duration = Duration::from_mins(2);

/// How often it was so, and how often it was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// It was so.
    pub yes: u64,
    /// It was not.
    pub no: u64,
}

impl Tally {
    fn count(&mut self, yes: bool) {
        if yes { self.yes += 1 } else { self.no += 1 }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.yes += other.yes;
        self.no += other.no;
    }
}

/// What an account is seen to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Habits {
    /// A visitor's name is shown, neither left out nor masked.
    pub names_shown: Tally,
    /// Somebody who is let in is also told to have left the waiting room.
    pub left_waiting_room_on_admission: Tally,
    /// The `user_id` of the waiting room is that of the meeting.
    pub user_id_kept_on_admission: Tally,
    /// The `participant_uuid` of the waiting room is that of the meeting.
    pub participant_uuid_kept_on_admission: Tally,
    /// Where the ids change: being let in is told with those of the meeting.
    pub admitted_with_the_meetings_id: Tally,
    /// Who waits before the host comes is told with the uuid that the meeting gets.
    pub uuid_kept_at_start: Tally,
    /// Who is put back into the waiting room is also told to have joined it.
    pub put_back_also_joins_waiting_room: Tally,
    /// A telephone that is let in is also told to have joined.
    pub phones_join: Tally,
    /// Who is there at the end is also told to have left.
    pub left_told_at_the_end: Tally,
    /// A delivery that is sent again carries a fresh time of signing.
    pub retries_signed_anew: Tally,
}

impl Habits {
    /// Counts what was said of one room.
    pub fn of_room(said: &[RoomEvent]) -> Self {
        let mut habits = Self::default();
        let mut events: Vec<&RoomEvent> = said.iter().collect();
        events.sort_by_key(|event| (event.at, event.what, event.delivery));
        let ends: Vec<Timestamp> =
            events.iter().filter(|event| event.what == What::MeetingEnded).map(|event| event.at).collect();
        for visit in fold(said, &[]) {
            let theirs: Vec<&RoomEvent> =
                events.iter().copied().filter(|event| visit.evidence.contains(&event.delivery)).collect();
            habits.of_visit(&visit, &theirs, &ends);
        }
        habits.of_starts(&events);
        habits
    }

    fn of_visit(&mut self, visit: &Visit, events: &[&RoomEvent], ends: &[Timestamp]) {
        if !visit.is_host {
            let shown = agreement(visit.shown_name.as_deref(), "?");
            self.names_shown.count(!matches!(shown, Agreement::Absent | Agreement::Masked));
        }
        for (index, event) in events.iter().enumerate() {
            let (before, after) =
                (events.get(..index).unwrap_or_default(), events.get(index + 1..).unwrap_or_default());
            match event.what {
                What::Admitted => self.of_admission(visit, event, before, after),
                What::PutInWaitingRoom => {
                    let joins = within(events, event.at, What::JoinedWaitingRoom);
                    self.put_back_also_joins_waiting_room.count(joins);
                }
                _ => {}
            }
        }
        for end in ends {
            let there = visit.stays.iter().any(|stay| {
                stay.kind == StayKind::InSession
                    && stay.from < *end
                    && stay.to.is_some_and(|to| to.distance(*end) <= AT_THE_END)
            });
            if there {
                let told = events.iter().any(|event| {
                    event.what == What::Left
                        && end.minus(AT_THE_END) <= event.at
                        && event.at <= end.plus(TOLD_AFTER_THE_END)
                });
                self.left_told_at_the_end.count(told);
            }
        }
    }

    fn of_admission(
        &mut self,
        visit: &Visit,
        admitted: &RoomEvent,
        before: &[&RoomEvent],
        after: &[&RoomEvent],
    ) {
        let joined = after.iter().find(|event| event.what == What::Joined);
        if !visit.phones.is_empty() {
            self.phones_join.count(joined.is_some());
        }
        // Who never arrives may have left instead.
        let Some(joined) = joined else { return };
        let around: Vec<&RoomEvent> = before.iter().chain(after).copied().collect();
        self.left_waiting_room_on_admission.count(within(&around, admitted.at, What::LeftWaitingRoom));
        let Some(waited) = before.iter().rfind(|event| event.what == What::JoinedWaitingRoom) else { return };
        let (Some(waited), Some(joined), Some(admitted)) = (&waited.person, &joined.person, &admitted.person)
        else {
            return;
        };
        if let (Some(before), Some(after)) = (&waited.user_id, &joined.user_id) {
            self.user_id_kept_on_admission.count(before == after);
            match &admitted.user_id {
                Some(id) if before != after && (id == before || id == after) => {
                    self.admitted_with_the_meetings_id.count(id == after);
                }
                _ => {}
            }
        }
        if let (Some(before), Some(after)) = (&waited.participant_uuid, &joined.participant_uuid) {
            self.participant_uuid_kept_on_admission.count(before == after);
        }
    }

    /// Whoever waited while no meeting ran, against the next meeting that started.
    fn of_starts(&mut self, events: &[&RoomEvent]) {
        let mut waiting: BTreeSet<&str> = BTreeSet::new();
        let mut runs = false;
        for event in events {
            match (event.what, &event.instance) {
                (What::JoinedWaitingRoom, Some(uuid)) if !runs => _ = waiting.insert(uuid),
                (What::MeetingStarted, Some(uuid)) => {
                    for before in std::mem::take(&mut waiting) {
                        self.uuid_kept_at_start.count(before == uuid);
                    }
                    runs = true;
                }
                (What::MeetingEnded, _) => runs = false,
                _ => {}
            }
        }
    }

    /// Each behaviour as a statement, with how often it was so.
    pub fn statements(&self) -> [(&'static str, Tally); 10] {
        [
            ("A visitor’s name is shown", self.names_shown),
            ("Whoever is let in is told to have left the waiting room", self.left_waiting_room_on_admission),
            ("The id of the waiting room is that of the meeting", self.user_id_kept_on_admission),
            ("The uuid of the waiting room is that of the meeting", self.participant_uuid_kept_on_admission),
            ("Being let in is told with the meeting’s ids", self.admitted_with_the_meetings_id),
            ("Whoever waits before the start is told with the meeting’s uuid", self.uuid_kept_at_start),
            (
                "Whoever is put back is told to have joined the waiting room",
                self.put_back_also_joins_waiting_room,
            ),
            ("A telephone that is let in is told to have joined", self.phones_join),
            ("Whoever is there at the end is told to have left", self.left_told_at_the_end),
            ("A delivery that is sent again is signed anew", self.retries_signed_anew),
        ]
    }
}

impl AddAssign for Habits {
    fn add_assign(&mut self, other: Self) {
        self.names_shown += other.names_shown;
        self.left_waiting_room_on_admission += other.left_waiting_room_on_admission;
        self.user_id_kept_on_admission += other.user_id_kept_on_admission;
        self.participant_uuid_kept_on_admission += other.participant_uuid_kept_on_admission;
        self.admitted_with_the_meetings_id += other.admitted_with_the_meetings_id;
        self.uuid_kept_at_start += other.uuid_kept_at_start;
        self.put_back_also_joins_waiting_room += other.put_back_also_joins_waiting_room;
        self.phones_join += other.phones_join;
        self.left_told_at_the_end += other.left_told_at_the_end;
        self.retries_signed_anew += other.retries_signed_anew;
    }
}

fn within(events: &[&RoomEvent], at: Timestamp, what: What) -> bool {
    events.iter().any(|event| event.what == what && event.at.distance(at) <= TOGETHER)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        attendance::event::Person,
        id::{DeliveryId, Id as _},
    };

    fn told(events: &[(i64, What, &str, &str, &str)]) -> Habits {
        let events: Vec<RoomEvent> = events
            .iter()
            .enumerate()
            .map(|(index, (seconds, what, uuid, user, name))| RoomEvent {
                delivery: DeliveryId::from_uuid(Uuid::from_u128(1 + index as u128)),
                at: Timestamp::from_seconds(1_795_442_400 + seconds),
                what: *what,
                instance: Some((*uuid).to_owned()),
                person: (!user.is_empty()).then(|| Person {
                    user_id: Some((*user).to_owned()),
                    participant_uuid: Some(format!("P{user}")),
                    name: Some((*name).to_owned()).filter(|name| !name.is_empty()),
                    phone: name.strip_prefix('+').map(str::to_owned),
                    ..Person::default()
                }),
            })
            .collect();
        Habits::of_room(&events)
    }

    const fn yes(times: u64) -> Tally {
        Tally { yes: times, no: 0 }
    }

    const fn no(times: u64) -> Tally {
        Tally { yes: 0, no: times }
    }

    use What::{
        Admitted, Joined, JoinedWaitingRoom, Left, LeftWaitingRoom, MeetingEnded, MeetingStarted,
        PutInWaitingRoom,
    };

    #[test]
    fn an_account_that_changes_ids_and_says_that_the_waiting_room_was_left() {
        let habits = told(&[
            (0, MeetingStarted, "a", "", ""),
            (10, JoinedWaitingRoom, "a", "1", "Rosa Delgado"),
            (60, LeftWaitingRoom, "a", "1", "Rosa Delgado"),
            (60, Admitted, "a", "1", "Rosa Delgado"),
            (63, Joined, "a", "2", "Rosa Delgado"),
            (900, Left, "a", "2", "Rosa Delgado"),
            (901, MeetingEnded, "a", "", ""),
        ]);
        assert_eq!(habits.left_waiting_room_on_admission, yes(1));
        assert_eq!(habits.user_id_kept_on_admission, no(1));
        assert_eq!(habits.participant_uuid_kept_on_admission, no(1));
        assert_eq!(habits.admitted_with_the_meetings_id, no(1));
        assert_eq!(habits.names_shown, yes(1));
        assert_eq!(habits.left_told_at_the_end, yes(1));
    }

    #[test]
    fn an_account_that_keeps_ids_masks_names_and_says_nothing_at_the_end() {
        let habits = told(&[
            (0, MeetingStarted, "a", "", ""),
            (10, JoinedWaitingRoom, "a", "1", "R***"),
            (60, Admitted, "a", "1", ""),
            (63, Joined, "a", "1", ""),
            (901, MeetingEnded, "a", "", ""),
        ]);
        assert_eq!(habits.left_waiting_room_on_admission, no(1));
        assert_eq!(habits.user_id_kept_on_admission, yes(1));
        assert_eq!(habits.admitted_with_the_meetings_id, Tally::default(), "the ids do not differ");
        assert_eq!(habits.names_shown, no(1));
        assert_eq!(habits.left_told_at_the_end, no(1));
    }

    #[test]
    fn a_uuid_before_the_start_is_compared_with_that_of_the_next_start() {
        let before = |uuid| {
            told(&[
                (0, JoinedWaitingRoom, uuid, "1", "Rosa"),
                (60, MeetingStarted, "a", "", ""),
                (70, JoinedWaitingRoom, "a", "2", "Tom"),
            ])
        };
        assert_eq!(before("a").uuid_kept_at_start, yes(1));
        assert_eq!(before("b").uuid_kept_at_start, no(1));
    }

    #[test]
    fn being_put_back_may_be_told_in_one_event_or_in_two() {
        let put_back = |again: &[(i64, What, &'static str, &'static str, &'static str)]| {
            let mut events = vec![
                (0, MeetingStarted, "a", "", ""),
                (10, Joined, "a", "1", "Rosa"),
                (60, PutInWaitingRoom, "a", "1", "Rosa"),
            ];
            events.extend(again);
            told(&events).put_back_also_joins_waiting_room
        };
        assert_eq!(put_back(&[]), no(1));
        assert_eq!(put_back(&[(61, JoinedWaitingRoom, "a", "1", "Rosa")]), yes(1));
    }

    #[test]
    fn a_telephone_that_was_let_in_joins_or_does_not() {
        let habits = told(&[
            (0, MeetingStarted, "a", "", ""),
            (10, JoinedWaitingRoom, "a", "1", "+13125550142"),
            (60, Admitted, "a", "1", "+13125550142"),
        ]);
        assert_eq!(habits.phones_join, no(1));
        assert_eq!(habits.left_waiting_room_on_admission, Tally::default(), "who never joined may have left");
    }

    #[test]
    fn counts_of_rooms_add_up() {
        let mut sum = told(&[(10, JoinedWaitingRoom, "a", "1", "Rosa")]);
        sum += told(&[(10, JoinedWaitingRoom, "a", "1", "")]);
        assert_eq!(sum.names_shown, Tally { yes: 1, no: 1 });
        assert!(sum.statements().iter().any(|(_, tally)| *tally == Tally { yes: 1, no: 1 }));
    }
}
