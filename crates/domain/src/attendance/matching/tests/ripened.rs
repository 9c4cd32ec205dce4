use super::*;

/// One who is due soon pressed, and somebody came without a name.
fn nameless() -> Scene {
    Scene::default().due(1, "Rosa Delgado", 400).presses(1, 0).comes(7, "", 12)
}

#[test]
fn a_press_without_a_name_ripens_while_nobody_else_comes() {
    assert_eq!(nameless().is(7), probably(1));
    // Two minutes for others to come by it, and some seconds to hear of them; and three minutes before the start.
    assert_eq!(nameless().looked(219).is(7), probably(1));
    assert_eq!(nameless().looked(220).is(7), certainly(1));
    let soon = Scene::default().due(1, "Rosa Delgado", 282).presses(1, 0).comes(7, "", 12);
    assert_eq!(soon.clone().looked(124).is(7), probably(1));
    assert_eq!(soon.looked(125).is(7), certainly(1));
}

#[test]
fn whatever_is_heard_tells_the_time_as_a_look_does() {
    let scene = nameless().event(99, "Dr. Osei", 220, What::Joined);
    assert_eq!(Scene { staff: vec!["Dr. Osei".into()], ..scene }.is(7), certainly(1));
}

#[test]
fn a_press_that_a_mail_scanner_may_have_made_never_ripens() {
    let mut scene = nameless().looked(300);
    assert_eq!(scene.is(7), certainly(1));
    scene.doubted = scene.presses.iter().map(|press| press.id).collect();
    assert_eq!(scene.is(7), probably(1));
}

#[test]
fn a_press_does_not_ripen_where_others_may_have_come_by_it() {
    // Somebody else is missing, the link was pressed again, another link was pressed, somebody else came.
    assert_eq!(nameless().due(2, "Tom Reyes", 900).looked(300).is(7), probably(1));
    assert_eq!(nameless().presses(1, 60).looked(300).is(7), probably(1));
    assert_eq!(nameless().due(2, "Tom Reyes", 9_000).presses(2, 5).looked(300).is(7), None);
    assert_eq!(nameless().comes(8, "", 200).looked(300).is(7), probably(1));
    assert_eq!(nameless().comes(8, "", 100).looked(300).is(7), None);
}

#[test]
fn who_is_due_much_later_stands_in_no_presss_way() {
    assert_eq!(nameless().due(2, "Tom Reyes", 1_500).looked(300).is(7), certainly(1));
}

#[test]
fn the_others_of_the_appointment_always_do() {
    // However early it is.
    let early = Scene::default().due(1, "Ana Prado", 3_600).due(2, "Luis Prado", 3_600).together();
    assert_eq!(early.presses(1, 0).comes(7, "", 12).looked(3_500).is(7), probably(1));
    let scene = nameless().due(2, "Luis Delgado", 400).together();
    assert_eq!(scene.clone().looked(300).is(7), probably(1));
    let scene = scene.presses(2, 200).comes(8, "", 210).looked(500);
    assert_eq!((scene.is(7), scene.is(8)), (certainly(1), probably(2)));
}

#[test]
fn who_comes_without_a_name_about_the_start_may_have_come_along() {
    let scene = Scene::default().due(1, "Rosa Delgado", 281).presses(1, 0).comes(7, "", 12);
    assert_eq!(scene.looked(600).is(7), probably(1));
}

#[test]
fn a_device_where_names_are_told_needs_no_more_than_the_time_to_come() {
    let scene =
        |shown, starts| Scene::default().due(1, "Rosa Delgado", starts).presses(1, 0).comes(7, shown, 12);
    assert_eq!(scene("iPhone", 282).looked(101).is(7), probably(1));
    assert_eq!(scene("iPhone", 282).looked(102).is(7), certainly(1));
    assert_eq!(scene("", 282).looked(102).is(7), probably(1));
    // About the start it takes the time of a press as well.
    assert_eq!(scene("iPhone", 72).looked(12).is(7), certainly(1));
    assert_eq!(scene("iPhone", 71).looked(124).is(7), probably(1));
    assert_eq!(scene("iPhone", 71).looked(125).is(7), certainly(1));
}

#[test]
fn another_name_never_ripens_not_even_a_relatives() {
    let scene =
        |shown| Scene::default().due(1, "Rosa Delgado", 400).presses(1, 0).comes(7, shown, 12).looked(300);
    assert_eq!(scene("Tom Delgado").is(7), probably(1));
    assert_eq!(scene("Beatriz Lima").is(7), probably(1));
}

#[test]
fn who_is_registered_as_a_guest_came_by_nobodys_link() {
    let scene = nameless().registers(0, "guest").registered_as(7, "guest").looked(300);
    assert_eq!(scene.is(7), probably(1));
}
