use super::*;

#[test]
fn an_id_that_is_known_vouches_for_its_owner() {
    let carries = |mut scene: Scene, users: &[u128]| {
        for event in &mut scene.events {
            let person = event.person.as_mut().unwrap();
            if users.iter().any(|user| person.user_id.as_deref() == Some(&user.to_string())) {
                person.customer_key = Some("key".into());
            }
        }
        scene
    };
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).goes(7, "Rosa", 100).comes(8, "", 900);
    assert_eq!(carries(scene.clone(), &[7, 8]).is(8), certainly(1));
    assert_ne!(carries(scene, &[7]).is(8), certainly(1));
}

#[test]
fn a_shared_account_vouches_for_nobody_whose_household_is_due_as_well() {
    let account = |mut scene: Scene| {
        for event in &mut scene.events {
            event.person.as_mut().unwrap().zoom_user_id = Some("account".into());
        }
        scene
    };
    let scene = two_due().presses(1, 0).comes(7, "Rosa", 12).goes(7, "Rosa", 100).comes(8, "", 900);
    assert_eq!(account(scene.clone()).is(8), certainly(1));
    let mut couple = scene;
    couple.invited[1].appointment = id(1);
    assert_ne!(account(couple).is(8), certainly(1));
}
