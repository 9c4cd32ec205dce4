use super::*;

#[test]
fn a_look_is_due_when_time_alone_ripens_a_press() {
    let scene = Scene::default().due(1, "Rosa Delgado", 400).presses(1, 0).comes(7, "", 12);
    assert_eq!(scene.next_look(), Some(220));
    assert_eq!(scene.clone().looked(200).next_look(), Some(220));
    assert_eq!(scene.looked(220).next_look(), None);
}

#[test]
fn no_look_is_due_where_only_news_can_help() {
    assert_eq!(Scene::default().next_look(), None);
    assert_eq!(two_due().presses(1, 0).comes(7, "Rosa", 12).next_look(), None);
    // Somebody else is missing, and may be the one who came.
    let scene = Scene::default().due(1, "Rosa Delgado", 400).due(2, "Tom Reyes", 900);
    assert_eq!(scene.presses(1, 0).comes(7, "", 12).next_look(), None);
}

#[test]
fn a_look_is_due_for_a_registered_link_that_was_pressed_long_ago() {
    let scene = Scene::default().due(1, "Rosa Delgado", 1_200).registers(1, "rosa");
    let scene = scene.comes(7, "", 0).registered_as(7, "rosa");
    assert_eq!(scene.next_look(), Some(1_020));
    assert_eq!(scene.looked(1_020).is(7), certainly(1));
}

#[test]
fn a_look_before_the_last_news_says_nothing_more() {
    let scene = Scene::default().due(1, "Rosa Delgado", 400).presses(1, 0).comes(7, "", 12);
    assert_eq!(scene.clone().looked(-50).answers(), scene.answers());
}
