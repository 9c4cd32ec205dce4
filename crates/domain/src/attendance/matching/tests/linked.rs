use super::*;

/// Two are due one after the other, in a registered room.
fn registered() -> Scene {
    two_due().registers(1, "rosa").registers(2, "tom")
}

fn couple() -> Scene {
    Scene::default()
        .due(1, "Ana Prado", 600)
        .due(2, "Luis Prado", 600)
        .together()
        .registers(1, "ana")
        .registers(2, "luis")
}

#[test]
fn a_registered_link_tells_two_presses_apart_that_were_made_at_once() {
    let scene = registered().presses(1, 0).presses(2, 1).comes(7, "", 12).comes(8, "", 13);
    let scene = scene.registered_as(7, "tom").registered_as(8, "rosa").looked(1_020);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(2), certainly(1)));
    assert_eq!(
        scene.answer(7).matched.unwrap().reasons,
        ["came by Tom Reyes's own registered link", "Zoom shows no name"]
    );
}

#[test]
fn what_people_are_registered_as_is_no_name() {
    let scene = registered().comes(7, "Guest K7QF", 0).registered_as(7, "rosa");
    assert_eq!(scene.is(7), probably(1));
    assert_eq!(scene.looked(420).is(7), certainly(1));
}

#[test]
fn a_name_that_agrees_makes_a_registered_link_certain_at_once() {
    assert_eq!(registered().comes(7, "Rosa", 0).registered_as(7, "rosa").is(7), certainly(1));
}

#[test]
fn a_name_that_contradicts_the_links_owner_is_never_certain_by_the_link_alone() {
    for shown in ["Tom Delgado", "Beatriz Lima"] {
        assert_eq!(
            registered().comes(7, shown, 0).registered_as(7, "rosa").looked(900).is(7),
            probably(1),
            "{shown}"
        );
    }
    let scene = registered().comes(7, "Tom Reyes", 0).registered_as(7, "rosa");
    assert_eq!((scene.is(7), scene.candidates(7)), (None, vec![id(1), id(2)]));
}

#[test]
fn a_link_that_was_given_to_the_other_of_a_couple_is_told_by_the_name() {
    let scene = couple().comes(7, "Luis Prado", 0).registered_as(7, "ana");
    assert_eq!(scene.is(7), probably(2));
    assert_eq!(
        scene.answer(7).matched.unwrap().reasons,
        ["came by Ana Prado's own registered link, under a name like Luis Prado"]
    );
}

#[test]
fn one_of_a_couple_without_a_name_is_certain_once_the_other_uses_an_own_link() {
    let scene = couple().comes(7, "", 0).registered_as(7, "ana").looked(900);
    assert_eq!(scene.is(7), probably(1));
    let scene = scene.presses(2, 100).comes(8, "", 120).registered_as(8, "luis");
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), certainly(2)));
}

#[test]
fn two_at_once_by_one_registered_link_are_a_question_unless_names_tell() {
    let scene = registered().comes(7, "", 0).comes(8, "iPhone", 20);
    let scene = scene.registered_as(7, "rosa").registered_as(8, "rosa").looked(900);
    assert_eq!((scene.is(7), scene.is(8)), (None, None));
    assert_eq!((scene.candidates(7)[0], scene.candidates(8)[0]), (id(1), id(1)));
    let scene = registered().comes(7, "Rosa", 0).comes(8, "iPhone", 20);
    let scene = scene.registered_as(7, "rosa").registered_as(8, "rosa");
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), None));
}

#[test]
fn a_registered_link_holds_for_who_comes_back() {
    let scene = registered().comes(7, "", 0).goes(7, "", 500).comes(8, "", 2_000);
    let scene = scene.registered_as(7, "rosa").registered_as(8, "rosa").looked(2_400);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), certainly(1)));
}

#[test]
fn a_registered_link_of_another_day_is_a_question() {
    let scene = Scene::default().due(1, "Rosa Delgado", 90_000).due(2, "Tom Reyes", 600).registers(1, "rosa");
    let scene = scene.comes(7, "", 0).registered_as(7, "rosa");
    assert_eq!((scene.is(7), scene.candidates(7)), (None, vec![id(1), id(2)]));
}

#[test]
fn a_guests_registration_leaves_it_to_the_name() {
    let scene = registered().registers(0, "guest").comes(7, "Rosa Delgado", 0).registered_as(7, "guest");
    assert_eq!(scene.is(7), certainly(1));
}

#[test]
fn a_preset_name_speaks_for_the_link_and_not_for_the_person() {
    let preset = |scene: Scene| scene.presets(1, "Ana Prado").presses(1, 0).comes(7, "Ana Prado", 12);
    let alone = preset(Scene::default().due(1, "Ana Prado", 600));
    assert_eq!((alone.is(7), alone.clone().looked(420).is(7)), (probably(1), certainly(1)));
    assert_eq!(
        alone.answer(7).matched.unwrap().reasons,
        [
            "came under the name that Ana Prado's own link presets",
            "Zoom shows the name that came with the link"
        ]
    );
    let of_two = preset(Scene::default().due(1, "Ana Prado", 600).due(2, "Luis Prado", 600).together());
    assert_eq!(of_two.looked(900).is(7), probably(1));
}

#[test]
fn a_preset_name_without_a_press_may_have_been_typed_or_kept() {
    let scene = Scene::default().due(1, "Ana Prado", 600).presets(1, "Ana Prado").comes(7, "Ana Prado", 12);
    assert_eq!(scene.is(7), probably(1));
}

#[test]
fn an_address_that_only_one_press_came_from_says_which_press_it_was() {
    let scene = two_due().pressed_from(1, 0, "198.51.100.7").pressed_from(2, 5, "198.51.100.9");
    let scene = scene.comes(7, "", 12).comes(8, "", 14).from(7, "198.51.100.9").from(8, "198.51.100.7");
    assert_eq!((scene.is(7), scene.is(8)), (probably(2), probably(1)));
    assert_eq!(
        scene.answer(7).matched.unwrap().reasons[0],
        "pressed Join on Tom Reyes's own link 7 s before, from the same address"
    );
}

#[test]
fn an_address_that_several_share_says_nothing() {
    let scene = two_due().pressed_from(1, 0, "198.51.100.7").pressed_from(2, 5, "198.51.100.7");
    let scene = scene.comes(7, "", 12).comes(8, "", 14).from(7, "198.51.100.7").from(8, "198.51.100.7");
    assert_eq!((scene.is(7), scene.is(8)), (None, None));
    let scene = two_due().pressed_from(1, 0, "198.51.100.7").comes(7, "", 12).comes(8, "", 14);
    let scene = scene.from(7, "198.51.100.7").from(8, "198.51.100.7");
    assert_eq!((scene.is(7), scene.is(8)), (None, None));
}
