use super::*;

#[test]
fn the_only_one_due_is_probable() {
    let scene = Scene::default().due(1, "Rosa Delgado", 600).due(2, "Tom Reyes", 5_000);
    assert_eq!(scene.clone().comes(7, "iPhone", 0).is(7), probably(1));
    assert_eq!(scene.clone().comes(7, "", 0).is(7), probably(1));
    assert_eq!(scene.comes(7, "Rosa", 0).is(7), probably(1));
}

#[test]
fn the_only_one_due_is_only_a_question_where_zoom_shows_another_name() {
    let scene = Scene::default().due(1, "Rosa Delgado", 600).comes(7, "Beatriz Lima", 0);
    assert_eq!(scene.is(7), None);
    assert_eq!(scene.candidates(7), [id(1)]);
    assert_eq!(
        scene.answer(7).candidates[0].reasons,
        ["due at 08:10, 10 min later", "Zoom shows another name"]
    );
}

#[test]
fn nobody_is_due_earlier_than_half_an_hour_before_or_after_the_end() {
    let scene = Scene::default().due(1, "Rosa Delgado", 2_000);
    assert_eq!(scene.clone().comes(7, "Rosa", 199).answer(7).candidates, []);
    assert_eq!(scene.clone().comes(7, "Rosa", 200).is(7), probably(1));
    assert_eq!(scene.clone().comes(7, "Rosa", 3_800).is(7), probably(1));
    assert_eq!(scene.comes(7, "Rosa", 3_801).is(7), None);
}

#[test]
fn two_unknown_people_at_once_are_not_both_nor_either_the_only_one_due() {
    let scene = Scene::default().due(1, "Rosa Delgado", 600).comes(7, "iPhone", 0).comes(8, "iPad", 30);
    assert_eq!((scene.is(7), scene.is(8)), (None, None));
    let scene = Scene::default().due(1, "Rosa Delgado", 600).comes(7, "iPhone", 0).comes(8, "Rosa", 30);
    assert_eq!((scene.is(7), scene.is(8)), (None, probably(1)));
}

#[test]
fn the_only_one_missing_is_the_only_one_due() {
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).comes(8, "iPhone", 500);
    assert_eq!(scene.is(8), probably(2));
}

#[test]
fn stronger_evidence_for_somebody_who_comes_later_takes_the_attendee_back() {
    let scene = Scene::default().due(1, "Rosa Delgado", 600).comes(7, "iPhone", 0);
    assert_eq!(scene.is(7), probably(1));
    let scene = scene.presses(1, 300).comes(8, "Rosa", 312);
    assert_eq!((scene.is(7), scene.is(8)), (None, certainly(1)));
}
