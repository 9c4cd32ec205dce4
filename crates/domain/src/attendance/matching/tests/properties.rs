//! What holds in every room, whoever comes and whatever is known.

use proptest::prelude::*;

use super::*;
use crate::attendance::names::{Agreement, agreement};

const NAMES: [&str; 8] =
    ["Rosa Delgado", "Tom Reyes", "Rosa", "iPhone", "", "R***", "Luis Delgado", "Beatriz Lima"];
const DUE: [&str; 3] = ["Rosa Delgado", "Tom Reyes", "Luis Delgado"];
const ADDRESSES: [&str; 2] = ["198.51.100.7", "198.51.100.9"];

/// A room where names and times are all that is known.
fn scene() -> impl Strategy<Value = Scene> {
    (
        proptest::collection::vec((0_usize..3, 0_i64..2_000, proptest::bool::ANY), 1..5),
        proptest::collection::vec((0_u128..4, 0_i64..300), 0..5),
        proptest::collection::vec(
            (0_i64..300, proptest::sample::select(&NAMES[..]), proptest::option::of(30_i64..900)),
            1..6,
        ),
        proptest::collection::vec(0_i64..2_400, 0..2),
    )
        .prop_map(|(due, presses, comes, looks)| {
            let mut scene = Scene::default();
            for (number, (name, starts, together)) in (0_u128..).zip(due) {
                scene = scene.due(number, DUE[name], starts);
                if together {
                    scene.invited.iter_mut().for_each(|one| one.appointment = id(0));
                }
            }
            for (number, seconds) in presses {
                scene = scene.presses(number, seconds);
            }
            for (user, (seconds, name, stays)) in (0_u128..).zip(comes) {
                scene = scene.comes(user, name, seconds);
                if let Some(stays) = stays {
                    scene = scene.goes(user, name, seconds + stays);
                }
            }
            looks.into_iter().fold(scene, Scene::looked)
        })
}

/// A room where also ids and addresses are told, and people have decided.
fn full_scene() -> impl Strategy<Value = Scene> {
    let told = (proptest::option::of(0_u128..5), proptest::option::of(0_usize..2));
    let verdict = (0_usize..6, 0_u128..6, 0_u128..4, 300_i64..400);
    (
        scene(),
        proptest::collection::vec(told, 6),
        proptest::collection::vec(proptest::option::of(0_usize..2), 5),
        proptest::collection::vec(verdict, 0..4),
    )
        .prop_map(|(mut scene, told, pressed_from, verdicts)| {
            for number in 0..4 {
                scene = scene.registers(number, &number.to_string());
            }
            for (user, (registrant, address)) in (0_u128..).zip(told) {
                if let Some(registrant) = registrant {
                    scene = scene.registered_as(user, &registrant.to_string());
                }
                if let Some(address) = address {
                    scene = scene.from(user, ADDRESSES[address]);
                }
            }
            for (press, address) in scene.presses.iter_mut().zip(pressed_from) {
                press.client_address = address.map(|address| ADDRESSES[address].parse().unwrap());
            }
            let come =
                scene.events.iter().filter(|event| event.what == What::JoinedWaitingRoom).count() as u128;
            for (kind, user, attendee, seconds) in verdicts {
                let verdict = [
                    Verdict::Not(id(attendee)),
                    Verdict::Not(id(attendee)),
                    Verdict::Guest,
                    Verdict::Interpreter,
                    Verdict::Undecided,
                    Verdict::Attendee(id(attendee)),
                ][kind];
                scene = scene.decided(user % come, seconds, verdict);
            }
            scene
        })
}

fn certain_by_rule(answer: &Answer) -> Option<AttendeeId> {
    let matched = answer.matched.as_ref()?;
    (matched.level == Level::Certain && matched.decided_by == DecidedBy::Rule).then_some(matched.attendee)
}

fn overlap(a: &Visit, b: &Visit) -> bool {
    let end = |visit: &Visit| visit.stays.last().and_then(|stay| stay.to);
    end(a).is_none_or(|end| b.first_at < end) && end(b).is_none_or(|end| a.first_at < end)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_things_are_known_does_not_matter(scene in full_scene()) {
        let mut other = scene.clone();
        other.presses.reverse();
        other.invited.reverse();
        other.registrations.reverse();
        other.decisions.reverse();
        other.looks.reverse();
        let reversed = other.ask(|evidence| {
            let mut visits = evidence.visits.to_vec();
            visits.reverse();
            climb(&Evidence { visits: &visits, ..*evidence })
        });
        prop_assert_eq!(scene.answers(), reversed);
    }

    #[test]
    fn everybody_is_answered_and_nobody_is_matched_twice_at_once_by_the_rules(scene in full_scene()) {
        let (answers, visits) = (scene.answers(), scene.visits());
        prop_assert_eq!(answers.len(), visits.len());
        for (a, _) in &visits {
            let matched = |visit: &Visit| {
                let matched = answers[&visit.id].matched.as_ref();
                matched.filter(|matched| matched.decided_by == DecidedBy::Rule).map(|matched| matched.attendee)
            };
            prop_assert!(answers[&a.id].matched.is_none() || answers[&a.id].candidates.is_empty());
            for (b, _) in visits.iter().filter(|(b, _)| b.id != a.id && overlap(a, b)) {
                prop_assert!(matched(a).is_none() || matched(a) != matched(b));
            }
        }
    }

    #[test]
    fn who_is_said_not_to_be_somebody_is_never_taken_for_them(scene in full_scene(), number in 0_u128..4) {
        for (visit, _) in scene.visits() {
            let mut denied = scene.clone();
            denied.decisions.push(Decision {
                id: id(99),
                clinic_id: id(0),
                room_id: id(0),
                presence_id: visit.id,
                verdict: Verdict::Not(id(number)),
                decided_by: StaffOrToken::Staff(id(0)),
                at: at(9_000),
            });
            let answer = denied.answers().remove(&visit.id).unwrap();
            let taken = answer.matched.filter(|matched| matched.decided_by == DecidedBy::Rule);
            prop_assert_ne!(taken.map(|matched| matched.attendee), Some(id(number)));
            prop_assert!(answer.candidates.iter().all(|candidate| candidate.attendee != id(number)));
        }
    }

    #[test]
    fn two_presses_at_once_are_never_certain_without_ids(scene in scene()) {
        let answers = scene.answers();
        for (visit, _) in scene.visits() {
            let Some(attendee) = certain_by_rule(&answers[&visit.id]) else { continue };
            let before = |press: &&Press| {
                press.at <= visit.first_at.plus(std::time::Duration::from_secs(5))
                    && visit.first_at.since(press.at).as_secs() <= 120
            };
            let Some(theirs) =
                scene.presses.iter().filter(|press| press.attendee_id == attendee).filter(before).map(|press| press.at).max()
            else {
                continue;
            };
            let was_there = |other: AttendeeId| {
                scene.visits().iter().any(|(visit, _)| {
                    visit.first_at <= theirs
                        && answers[&visit.id].matched.as_ref().is_some_and(|matched| matched.attendee == other)
                })
            };
            for other in scene.presses.iter().filter(|press| press.attendee_id != attendee).filter(before) {
                let at_once = other.at.distance(theirs).as_secs() <= 10;
                prop_assert!(!at_once || was_there(other.attendee_id));
            }
        }
    }

    #[test]
    fn certain_means_that_the_name_fits_nobody_else_who_is_due_and_has_not_come(scene in scene()) {
        let (answers, visits) = (scene.answers(), scene.visits());
        for (visit, _) in &visits {
            let Some(attendee) = certain_by_rule(&answers[&visit.id]) else { continue };
            let invited = |attendee: AttendeeId| scene.invited.iter().find(|one| one.attendee == attendee).unwrap();
            let fits = |one: &Invited| agreement(visit.shown_name.as_deref(), one.name.as_str());
            prop_assert_ne!(fits(invited(attendee)), Agreement::Differs);
            for other in scene.invited.iter().filter(|one| one.attendee != attendee && one.is_due(visit.first_at)) {
                let has_come = visits.iter().any(|(visit, _)| certain_by_rule(&answers[&visit.id]) == Some(other.attendee));
                prop_assert!(!fits(other).fits() || has_come);
            }
        }
    }

    #[test]
    fn time_alone_never_takes_certainty_away(scene in full_scene()) {
        let later = scene.clone().looked(9_000).answers();
        for (presence, answer) in scene.answers() {
            if let Some(attendee) = certain_by_rule(&answer) {
                prop_assert_eq!(certain_by_rule(&later[&presence]), Some(attendee));
            }
        }
    }

    #[test]
    fn a_look_is_due_exactly_when_it_changes_something(scene in full_scene()) {
        let after = |seconds| scene.clone().looked(seconds).answers();
        if let Some(next) = scene.next_look() {
            prop_assert_ne!(after(next), scene.answers());
            prop_assert_eq!(after(next - 1), scene.answers());
        } else {
            prop_assert_eq!(after(90_000), scene.answers());
        }
    }
}
