use super::*;

fn calls(scene: Scene, number: &str) -> Scene {
    scene.comes(7, "13125550142", 0).tells(7, |person| person.phone = Some(number.to_owned()))
}

fn on_file(mut scene: Scene, numbers: &[&str]) -> Scene {
    for (invited, number) in scene.invited.iter_mut().zip(numbers) {
        invited.phone = Phone::parse(number).ok();
    }
    scene
}

#[test]
fn who_calls_from_the_number_on_file_is_probable_and_never_more() {
    let scene = on_file(two_due(), &["+1 312 555 0100", "+1 312 555 0142"]);
    for number in ["13125550142", "+1 (312) 555-0142", "3125550142"] {
        assert_eq!(calls(scene.clone(), number).looked(900).is(7), probably(2), "{number}");
    }
    let reasons = calls(scene, "13125550142").answer(7).matched.unwrap().reasons;
    assert_eq!(reasons, ["calls from Tom Reyes's telephone number"]);
}

#[test]
fn a_masked_a_short_or_another_number_says_nothing() {
    let scene = on_file(two_due(), &["+1 312 555 0100", "+1 312 555 0142"]);
    for number in ["1312***0142", "0142", "13125550143", ""] {
        assert_eq!(calls(scene.clone(), number).is(7), None, "{number}");
    }
}

#[test]
fn a_family_that_shares_a_telephone_is_a_question() {
    let scene = calls(on_file(two_due(), &["+1 312 555 0142", "+1 312 555 0142"]), "13125550142");
    assert_eq!((scene.is(7), scene.candidates(7)), (None, vec![id(1), id(2)]));
}
