use super::*;

#[test]
fn who_dropped_out_and_is_back_keeps_the_match_where_nobody_else_fits() {
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).goes(7, "Rosa", 200);
    assert_eq!(scene.clone().comes(8, "Rosa", 230).is(8), certainly(1));
    // A nameless one may be the other who is due.
    let nameless = two_due().presses(1, 0).comes(7, "iPad", 12).goes(7, "iPad", 200).comes(8, "iPad", 230);
    assert_eq!(nameless.is(8), None);
    assert_eq!(scene.presses(2, 220).comes(8, "Rosa", 230).is(8), None);
}

#[test]
fn who_left_and_comes_back_by_the_same_link_is_the_same_attendee() {
    let scene = two_due()
        .presses(1, 0)
        .comes(7, "Rosa", 12)
        .goes(7, "Rosa", 300)
        .presses(1, 400)
        .comes(8, "Rosa", 410);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), certainly(1)));
}

#[test]
fn who_was_let_in_and_never_came_does_not_stand_in_the_way_of_coming_again() {
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).event(7, "Rosa", 60, What::Admitted);
    let soon = scene.clone().presses(1, 170).comes(8, "Rosa", 179);
    assert_eq!((soon.is(7), soon.is(8)), (certainly(1), None));
    let later = scene.presses(1, 170).comes(8, "Rosa", 180);
    assert_eq!((later.is(7), later.is(8)), (certainly(1), certainly(1)));
}

#[test]
fn guests_and_interpreters_who_come_back_stay_what_they_were() {
    for (verdict, who) in [(Verdict::Guest, Who::Guest), (Verdict::Interpreter, Who::Interpreter)] {
        let scene =
            two_due().comes(7, "Beatriz Lima", 0).goes(7, "Beatriz Lima", 200).decided(7, 60, verdict);
        assert_eq!(scene.clone().comes(8, "Beatriz Lima", 230).answer(8).who, who);
        // Not after long, nor where a press speaks for a patient.
        assert_eq!(scene.clone().comes(8, "Beatriz Lima", 500).answer(8).who, Who::Visitor);
        assert_eq!(scene.presses(1, 220).comes(8, "Beatriz Lima", 230).answer(8).who, Who::Visitor);
    }
}
