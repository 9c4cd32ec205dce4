use super::*;

#[test]
fn a_persons_decision_beats_every_rule_and_frees_the_rest() {
    let scene = two_due().presses(1, 0).presses(2, 5).comes(7, "iPhone", 12).comes(8, "iPad", 14);
    let decided = scene.decided(7, 60, Verdict::Attendee(id(1)));
    assert_eq!(decided.is(7), certainly(1));
    assert_eq!(decided.answer(7).matched.unwrap().decided_by, DecidedBy::Person);
    assert_eq!(decided.is(8), probably(2));
    // It can be wrong, and put right.
    let swapped = decided.decided(7, 90, Verdict::Attendee(id(2)));
    assert_eq!(swapped.is(7), certainly(2));
    assert_eq!(swapped.decided(7, 99, Verdict::Undecided).is(7), None);
}

#[test]
fn a_guest_or_a_colleague_is_nobody_to_be_matched() {
    let scene = two_due().presses(1, 0).comes(7, "iPhone", 12).comes(8, "Interpreter", 14);
    assert_eq!(scene.is(7), None);
    let guest = scene.clone().decided(8, 60, Verdict::Guest);
    assert_eq!((guest.is(7), guest.answer(8).who), (probably(1), Who::Guest));
    let staff = Scene { staff: vec!["Interpreter".into()], ..scene };
    assert_eq!((staff.is(7), staff.answer(8).who), (probably(1), Who::Staff));
}

#[test]
fn a_decision_about_a_presence_that_turned_out_to_be_part_of_another_holds_for_the_whole() {
    // Joined was heard of first; that it was Rosa from the waiting room came later.
    let scene = two_due().event(8, "Rosa", 20, What::Joined).decided(8, 60, Verdict::Attendee(id(2)));
    let scene = scene.comes(7, "Rosa", 0).event(7, "Rosa", 18, What::Admitted);
    assert_eq!(scene.visits().len(), 1);
    assert_eq!(scene.is(7), certainly(2));
}

#[test]
fn who_is_said_not_to_be_somebody_is_never_taken_for_them_and_the_rules_find_the_next_best() {
    let scene = Scene::default().due(1, "Rosa Delgado", 600).due(2, "Tom Reyes", 700);
    let scene = scene.presses(1, 0).comes(7, "iPhone", 12);
    assert_eq!(scene.is(7), probably(1));
    let not = scene.decided(7, 60, Verdict::Not(id(1)));
    assert_eq!(not.is(7), probably(2));
    let neither = not.clone().decided(7, 70, Verdict::Not(id(2)));
    assert_eq!((neither.is(7), neither.candidates(7)), (None, vec![]));
    // The press is free again for who really made it.
    assert_eq!(not.comes(8, "Rosa", 70).is(8), certainly(1));
}

#[test]
fn an_exclusion_holds_until_a_verdict_of_another_kind() {
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).decided(7, 60, Verdict::Not(id(1)));
    assert_ne!(scene.is(7), certainly(1));
    assert_eq!(scene.clone().decided(7, 90, Verdict::Undecided).is(7), certainly(1));
    let assigned = scene.decided(7, 90, Verdict::Attendee(id(2)));
    assert_eq!(assigned.is(7), certainly(2));
    // A decision stands beside an exclusion that was meant for the rules.
    assert_eq!(assigned.decided(7, 99, Verdict::Not(id(1))).is(7), certainly(2));
}

#[test]
fn an_exclusion_goes_along_with_who_comes_back() {
    let scene = two_due().comes(7, "Rosa", 0).goes(7, "Rosa", 100).decided(7, 60, Verdict::Not(id(1)));
    assert_ne!(scene.comes(8, "Rosa", 130).is(8).map(|(attendee, _)| attendee), Some(id(1)));
}

#[test]
fn an_exclusion_counts_for_a_registered_link_too() {
    let scene = two_due().registers(1, "rosa").comes(7, "Rosa", 12).registered_as(7, "rosa");
    assert_eq!(scene.is(7), certainly(1));
    let not = scene.decided(7, 60, Verdict::Not(id(1)));
    assert_ne!(not.is(7).map(|(attendee, _)| attendee), Some(id(1)));
}
