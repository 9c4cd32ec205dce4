use super::*;

#[test]
fn the_whole_name_alone_is_certain_where_nobody_else_could_be_meant() {
    let scene = two_due();
    assert_eq!(scene.clone().comes(7, "Delgado, Rosa", 0).is(7), certainly(1));
    assert_eq!(scene.clone().comes(7, "Rosa D.", 0).is(7), probably(1));
    assert_eq!(scene.clone().comes(7, "Rosa's iPhone", 0).is(7), probably(1));
    // Others of the name, of the family, or of the appointment, and two who say so at once.
    assert_eq!(
        scene.clone().due(3, "Rosa María Delgado", 9_000).comes(7, "Rosa Delgado", 0).is(7),
        probably(1)
    );
    assert_eq!(scene.clone().due(3, "Pia Delgado", 900).comes(7, "Rosa Delgado", 0).is(7), probably(1));
    let mut couple = scene.clone();
    couple.invited[1].appointment = id(1);
    assert_eq!(couple.comes(7, "Rosa Delgado", 0).is(7), probably(1));
    let twice = scene.clone().comes(7, "Rosa Delgado", 0).comes(8, "Rosa Delgado", 9);
    assert_eq!((twice.is(7), twice.is(8)), (None, None));
    // Somebody else pressed moments before, and did not come.
    assert_eq!(scene.presses(2, 0).comes(7, "Rosa Delgado", 12).is(7), None);
}

#[test]
fn two_due_whose_names_both_fit_are_a_question() {
    let scene = Scene::default().due(1, "Maria Lopez", 600).due(2, "Maria Silva", 700).comes(7, "Maria", 0);
    assert_eq!((scene.is(7), scene.candidates(7)), (None, vec![id(1), id(2)]));
    assert_eq!(
        scene.answer(7).candidates[0].reasons,
        [
            "named like two people due: Maria Lopez 08:10, Maria Silva 08:11",
            "due at 08:10, 10 min later",
            "the name shown in Zoom agrees"
        ]
    );
}

#[test]
fn one_patient_twice_a_day_is_probably_at_the_nearer_visit() {
    let mut scene = Scene::default().due(1, "Maria Lopez", 600).due(2, "Maria Lopez", 1_700);
    scene.invited[1].person = scene.invited[0].person.clone();
    assert_eq!(scene.comes(7, "Maria Lopez", 0).is(7), probably(1));
}

#[test]
fn two_people_of_the_same_name_due_are_never_certain() {
    let scene = Scene::default().due(1, "Maria Lopez", 600).due(2, "María López", 1_200);
    assert_eq!(scene.presses(1, 0).comes(7, "Maria Lopez", 12).is(7), probably(1));
}

#[test]
fn of_several_due_those_whose_name_agrees_come_first_then_the_nearest() {
    let scene = two_due().due(3, "Ana Prado", 900);
    assert_eq!(scene.clone().due(4, "Tom Silva", 950).comes(7, "Tom", 0).candidates(7)[..2], [id(4), id(2)]);
    assert_eq!(scene.comes(7, "iPhone", 0).candidates(7), [id(1), id(3), id(2)]);
}

#[test]
fn a_namesake_who_has_come_stands_in_nobodys_way() {
    let scene = Scene::default().due(1, "Maria Lopez", 100).due(2, "Maria Lopez", 1_900);
    let scene =
        scene.presses(1, 0).comes(7, "Maria Lopez", 12).presses(2, 1_500).comes(8, "Maria Lopez", 1_512);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), certainly(2)));
}

#[test]
fn the_link_tells_which_of_two_appointments_one_person_comes_to() {
    let mut scene = Scene::default().due(1, "Maria Lopez", 600).due(2, "Maria Lopez", 2_400);
    scene.invited[1].person = scene.invited[0].person.clone();
    let scene = scene.presses(1, 590).comes(7, "Maria Lopez", 602);
    assert_eq!(scene.is(7), certainly(1));
    // The one that is farther off is not certain: links are mixed up.
    let mut scene = Scene::default().due(1, "Maria Lopez", 600).due(2, "Maria Lopez", 2_400);
    scene.invited[1].person = scene.invited[0].person.clone();
    assert_eq!(scene.presses(2, 690).comes(7, "Maria Lopez", 702).is(7), probably(2));
}
