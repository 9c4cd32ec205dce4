//! What holds of any room whatever.

use std::collections::BTreeSet;

use proptest::{collection::vec, option, prelude::*};

use super::{
    tests::{COLLEAGUE, HOST, Story, at, attendee, id, one, staff, visit},
    *,
};
use crate::attendance::presence::Whereabouts::{Connecting, InSession, Left, Waiting};

const NAMES: [&str; 8] =
    ["", "iPhone", "Tom Reyes", "Amara Osei", "Dr. Osei", "Ben Lim", "Zed Nomura", "Osei"];

/// Where somebody was: up to three places one after the other, up to an hour and a half before ten.
fn was() -> impl Strategy<Value = Vec<(Whereabouts, i64)>> {
    let place = prop_oneof![3 => Just(Waiting), 1 => Just(Connecting), 4 => Just(InSession), 2 => Just(Left)];
    (vec((place, 1_i64..1_500), 1..4), -5_400_i64..2_400).prop_map(|(places, first)| {
        let mut since = first;
        let mut was: Vec<(Whereabouts, i64)> = Vec::new();
        for (place, lasted) in places {
            // Whoever has left stays away, and nobody begins with that.
            let is_over = was.last().is_some_and(|(place, _)| *place == Left);
            if is_over || was.is_empty() && place == Left {
                continue;
            }
            was.push((place, since));
            since += lasted;
        }
        if was.is_empty() { vec![(Waiting, first)] } else { was }
    })
}

fn somebody() -> impl Strategy<Value = (u8, usize, bool, Vec<(Whereabouts, i64)>)> {
    (0_u8..8, 0..NAMES.len(), any::<bool>(), was())
}

fn person(
    number: u128,
    (kind, name, probably, was): &(u8, usize, bool, Vec<(Whereabouts, i64)>),
) -> Presence {
    let level = if *probably { Level::Probable } else { Level::Certain };
    match kind {
        0 => staff(number, HOST, was),
        1 => staff(number, COLLEAGUE, was),
        2 => attendee(number, 11, level, was),
        3 => attendee(number, 21, level, was),
        4 => attendee(number, 22, level, was),
        5 => Presence { who: Who::Guest, ..one(number, NAMES[*name], was) },
        _ => one(number, NAMES[*name], was),
    }
}

prop_compose! {
    fn story()(
        people in vec(somebody(), 0..7),
        now in 0_i64..5_400,
        delay in option::of((0_u64..40, option::of(1_u128..3))),
        marked in option::weighted(0.2, (0_i64..1_800, any::<bool>())),
        covered in any::<bool>(),
        is_deaf in proptest::bool::weighted(0.2),
    ) -> Story {
        let presences: Vec<Presence> =
            (1..).zip(&people).map(|(number, somebody)| person(number, somebody)).collect();
        let mut story = Story::new(now, &presences);
        story.visits.push(visit(3, 0, &["Mei Tanaka"]));
        story.delays = delay
            .map(|(minutes, of)| Delay {
                said_at: at(0),
                by: Duration::from_mins(minutes),
                appointment: of.map(id),
            })
            .into_iter()
            .collect();
        if let Some((since, waits)) = marked {
            let mark = if waits { Marked::Waiting } else { Marked::InSession };
            story.marks.insert(id(31), (mark, at(since)));
        }
        story.covered = covered;
        story.is_deaf = is_deaf;
        story
    }
}

fn keys(story: &Story) -> Vec<String> {
    story.matters().into_iter().map(|matter| matter.key).collect()
}

proptest! {
    #[test]
    fn the_order_in_which_things_are_given_does_not_count(story in story(), by in 0_usize..7) {
        let mut other = story.clone();
        other.presences.reverse();
        other.visits.reverse();
        other.delays.reverse();
        let length = other.presences.len().max(1);
        other.presences.rotate_left(by % length);
        prop_assert_eq!(story.matters(), other.matters());
    }

    #[test]
    fn nothing_is_said_twice(story in story()) {
        let keys = keys(&story);
        prop_assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn a_host_who_is_there_is_never_late_and_leaves_nobody_alone(story in story(), since in -600_i64..0) {
        let mut there = story;
        there.presences.push(staff(99, HOST, &[(InSession, since)]));
        for matter in there.matters() {
            prop_assert!(
                !matches!(matter.kind, AlertKind::HostLate | AlertKind::NobodyHosting),
                "{:?}", matter
            );
        }
    }

    #[test]
    fn everything_is_over_once_everybody_has_left(story in story()) {
        let mut empty = story;
        let now = empty.now;
        empty.marks.clear();
        for presence in &mut empty.presences {
            let left = at(now).max(presence.since);
            presence.stays.iter_mut().for_each(|stay| stay.to = stay.to.or(Some(left)));
            (presence.whereabouts, presence.since) = (Left, left);
        }
        prop_assert_eq!(keys(&empty), Vec::<String>::new());
    }

    #[test]
    fn what_is_about_somebody_is_over_once_they_have_left(story in story()) {
        for matter in story.matters() {
            let Some(about) = matter.presence else { continue };
            let mut later = story.clone();
            later.presences.retain(|presence| presence.id != about);
            later.marks.clear();
            let still = later.matters().into_iter().find(|other| other.key == matter.key);
            // Unless others of the same visit wait as well.
            prop_assert!(still.is_none_or(|other| other.presence != Some(about) && other.appointment.is_some()));
        }
    }

    #[test]
    fn nobodys_absence_follows_from_silence(story in story()) {
        let mut deaf = story;
        deaf.is_deaf = true;
        for matter in deaf.matters() {
            let by_mark = matter.presence.is_none() && matter.kind == AlertKind::HostLate;
            prop_assert!(by_mark || !follows_from_absence(matter.kind), "{:?}", matter);
        }
    }

    #[test]
    fn whoever_is_late_only_gets_later_while_nothing_happens(story in story(), more in 0_i64..600) {
        let minutes = |story: &Story| -> BTreeMap<AppointmentId, u32> {
            let late = story.matters().into_iter().filter(|matter| matter.kind == AlertKind::HostLate);
            late.map(|matter| (matter.appointment.unwrap(), matter.detail.unwrap().parse().unwrap())).collect()
        };
        // Whoever is yet to come is no news of this moment.
        let mut story = story;
        let now = story.now;
        story.presences.retain(|presence| presence.since <= at(now));
        let later = minutes(&Story { now: now + more, ..story.clone() });
        for (visit, minutes) in minutes(&story) {
            prop_assert!(later.get(&visit).is_some_and(|later| *later >= minutes));
        }
    }
}
