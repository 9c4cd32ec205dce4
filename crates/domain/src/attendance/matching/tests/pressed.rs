use super::*;

#[test]
fn one_press_and_then_one_arrival_under_the_name_is_certain() {
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12);
    assert_eq!(scene.is(7), certainly(1));
    let reasons = scene.answer(7).matched.unwrap().reasons;
    assert_eq!(
        reasons,
        ["pressed Join on Rosa Delgado's own link 12 s before", "the name shown in Zoom agrees"]
    );
}

#[test]
fn a_name_that_is_absent_masked_a_device_or_another_makes_it_probable_and_says_so() {
    for (shown, why) in [
        ("", "Zoom shows no name"),
        ("R***", "Zoom shows no full name"),
        ("iPhone", "Zoom shows a device and no name"),
        ("Beatriz Lima", "Zoom shows another name"),
    ] {
        let scene = two_due().presses(1, 0).comes(7, shown, 12);
        assert_eq!(scene.is(7), probably(1), "{shown}");
        assert_eq!(scene.answer(7).matched.unwrap().reasons[1], why);
    }
}

#[test]
fn a_press_that_is_too_old_or_too_far_ahead_says_nothing() {
    assert_eq!(two_due().presses(1, 0).comes(7, "iPhone", 120).is(7), probably(1));
    assert_eq!(two_due().presses(1, 0).comes(7, "iPhone", 121).is(7), None);
    assert_eq!(two_due().presses(1, 5).comes(7, "iPhone", 0).is(7), probably(1));
    assert_eq!(two_due().presses(1, 6).comes(7, "iPhone", 0).is(7), None);
}

#[test]
fn a_press_that_a_mail_scanner_may_have_made_makes_it_probable_whatever_the_name() {
    for shown in ["Rosa", "iPhone", ""] {
        let scene = two_due().may_press(1, 0).comes(7, shown, 12);
        assert_eq!(scene.is(7), probably(1), "{shown}");
    }
    // The patient's own press on top of it counts as ever.
    assert_eq!(two_due().may_press(1, 0).presses(1, 3).comes(7, "Rosa", 12).is(7), certainly(1));
    // And it still speaks against others.
    let scene = two_due().presses(1, 0).may_press(2, 5).comes(7, "iPhone", 12);
    assert_eq!(scene.is(7), None);
}

#[test]
fn who_has_to_install_zoom_first_is_known_by_the_name() {
    assert_eq!(two_due().presses(1, 0).comes(7, "Rosa", 600).is(7), certainly(1));
    assert_eq!(two_due().presses(1, 0).comes(7, "Rosa", 601).is(7), probably(1));
}

#[test]
fn pressing_twice_is_one_press() {
    assert_eq!(two_due().presses(1, 0).presses(1, 3).comes(7, "Rosa", 12).is(7), certainly(1));
}

#[test]
fn two_presses_within_the_same_moments_are_never_certain_without_names() {
    let scene = two_due().presses(1, 0).presses(2, 5).comes(7, "iPhone", 12);
    assert_eq!(scene.is(7), None);
    assert_eq!(scene.candidates(7), [id(2), id(1)]);
    let scene = scene.comes(8, "", 14);
    assert_eq!((scene.is(7), scene.is(8)), (None, None));
}

#[test]
fn names_tell_two_presses_within_the_same_moments_apart_but_never_for_certain() {
    let scene = two_due().presses(1, 0).presses(2, 5).comes(7, "Tom", 12).comes(8, "Rosa D.", 14);
    assert_eq!((scene.is(7), scene.is(8)), (probably(2), probably(1)));
    // And who is left shows no name: there is nobody else to be meant, but no more than that.
    let scene = two_due().presses(1, 0).presses(2, 5).comes(7, "Tom", 12).comes(8, "iPad", 14);
    assert_eq!((scene.is(7), scene.is(8)), (probably(2), probably(1)));
    // Who had come before the next one pressed is not of the same moments.
    let scene = two_due().presses(1, 0).comes(7, "Rosa D.", 12).presses(2, 20).comes(8, "Tom", 32);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), certainly(2)));
}

#[test]
fn a_couple_pressing_together_is_told_apart_by_first_names() {
    let couple = || Scene::default().due(1, "Ana Prado", 600).due(2, "Luis Prado", 600).together();
    let both =
        |apart| couple().presses(1, 0).presses(2, apart).comes(7, "Luis", 40).comes(8, "Ana Prado", 50);
    assert_eq!((both(10).is(7), both(10).is(8)), (probably(2), probably(1)));
    assert_eq!((both(11).is(7), both(11).is(8)), (certainly(2), certainly(1)));
    let neither = couple().presses(1, 0).presses(2, 20).comes(7, "Prado", 40).comes(8, "Familie Prado", 50);
    assert_eq!((neither.is(7), neither.is(8)), (None, None));
}

#[test]
fn nobody_comes_by_a_press_that_is_yet_to_be_made() {
    let scene = two_due().presses(1, 0).comes(7, "", 15).presses(2, 40).comes(8, "", 60);
    assert_eq!((scene.is(7), scene.is(8)), (probably(1), probably(2)));
    // Where somebody is left over, it may have been anybody.
    let scene = scene.comes(9, "", 70);
    assert_eq!(scene.is(8), None);
}

#[test]
fn one_press_and_two_arrivals_are_never_certain_without_names() {
    let scene = two_due().presses(1, 0).comes(7, "iPhone", 12).comes(8, "", 60);
    assert_eq!((scene.is(7), scene.is(8)), (None, None));
    assert_eq!(scene.candidates(7)[0], id(1));
    let reasons = &scene.answer(7).candidates[0].reasons;
    assert!(reasons.contains(&"others came in the same moments".to_owned()), "{reasons:?}");
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).comes(8, "", 60);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), None));
}

#[test]
fn presses_well_apart_are_told_apart() {
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).presses(2, 300).comes(8, "Tom", 312);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), certainly(2)));
}

#[test]
fn a_press_on_one_link_under_the_name_of_another_who_is_due_is_a_question() {
    let scene = two_due().presses(1, 0).comes(7, "Tom Reyes", 12);
    assert_eq!(scene.is(7), None);
    assert_eq!(scene.candidates(7), [id(1), id(2)]);
}

#[test]
fn somebody_who_stays_is_not_taken_for_a_second_one_of_the_same_attendee() {
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).presses(1, 400).comes(8, "Rosa", 410);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), None));
    assert!(scene.candidates(8).contains(&id(1)));
}

#[test]
fn a_departure_of_somebody_who_was_not_heard_to_come_is_no_arrival() {
    let scene = two_due().presses(1, 0).event(9, "Rosa", 10, What::Left).comes(7, "Rosa", 12);
    assert_eq!((scene.is(9), scene.is(7)), (None, certainly(1)));
}
