use domain::{
    staff::Role,
    text::{Email, Phone},
};
use store::{StoreError, testing::Engine};

use crate::{
    ambient, once,
    world::{NOW, World, at, clinic, external, member, name},
};

crate::on_both_engines! {
    a_clinic_and_its_people_come_back_as_they_went_in,
    a_clinics_name_is_taken_once,
    an_address_signs_in_one_person_of_the_installation,
    people_are_found_by_address_in_any_case_and_then_by_external_id,
    people_are_listed_by_name_without_regard_to_case,
    a_person_can_be_renamed_and_shut_out,
    a_persons_telephone_is_kept_and_forgotten,
}

async fn a_clinic_and_its_people_come_back_as_they_went_in(engine: Engine) {
    let ambient = ambient();
    let here = clinic(&ambient, "Clínica \"Łódź\" 🌻; DROP TABLE clinics");
    let mut person = member(&ambient, here.id, "محمد علي", "m.ali@clinic.example");
    person.external_id = Some(external("EHR|77"));
    person.roles = Role::ALL.into();
    person.disabled_at = Some(at(1));
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_clinic(&here).await.unwrap();
    tx.insert_staff(here.id, &person).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.clinic(here.id).await.unwrap(), Some(here.clone()));
    assert_eq!(tx.clinics().await.unwrap(), std::slice::from_ref(&here));
    assert_eq!(tx.staff_member(here.id, person.id).await.unwrap(), Some(person.clone()));
    assert_eq!(tx.staff_by_email("m.ali@clinic.example").await.unwrap(), Some(person));
}

async fn a_clinics_name_is_taken_once(engine: Engine) {
    let ambient = ambient();
    once!(engine.store, tx => tx.insert_clinic(&clinic(&ambient, "Northside"))).unwrap();
    let again = once!(engine.store, tx => tx.insert_clinic(&clinic(&ambient, "Northside")));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}

async fn an_address_signs_in_one_person_of_the_installation(engine: Engine) {
    let (here, there) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    for clinic in [here.clinic, there.clinic] {
        let twin = member(&here.ambient, clinic, "Impostor", here.host.email.as_str());
        let taken = once!(engine.store, tx => tx.insert_staff(clinic, &twin));
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    }
}

async fn people_are_found_by_address_in_any_case_and_then_by_external_id(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut confusing = member(&world.ambient, world.clinic, "Zed", "zed@1.example");
    confusing.external_id = Some(external(world.host.email.as_str()));
    once!(engine.store, tx => tx.insert_staff(world.clinic, &confusing)).unwrap();
    let mut tx = engine.store.read().await.unwrap();
    for known_as in ["osei@1.example", "OSEI@1.Example", "host"] {
        assert_eq!(
            tx.staff_known_as(world.clinic, known_as).await.unwrap().map(|found| found.id),
            Some(world.host.id),
            "{known_as}"
        );
    }
    for unknown in ["nobody", "", "HOST", "\0"] {
        assert_eq!(tx.staff_known_as(world.clinic, unknown).await.unwrap(), None, "{unknown:?}");
    }
    assert_eq!(tx.staff_by_email("no\0body").await.unwrap(), None);
}

async fn people_are_listed_by_name_without_regard_to_case(engine: Engine) {
    let ambient = ambient();
    let here = clinic(&ambient, "Northside");
    once!(engine.store, tx => tx.insert_clinic(&here)).unwrap();
    for (number, called) in ["bo", "Álvaro", "Cy", "al", "Bo"].into_iter().enumerate() {
        let person = member(&ambient, here.id, called, &format!("{number}@x.example"));
        once!(engine.store, tx => tx.insert_staff(here.id, &person)).unwrap();
    }
    let mut tx = engine.store.read().await.unwrap();
    let staff = tx.staff(here.id).await.unwrap();
    let names: Vec<_> = staff.iter().map(|member| member.name.as_str().to_lowercase()).collect();
    assert_eq!(names, ["al", "bo", "bo", "cy", "álvaro"]);
}

async fn a_person_can_be_renamed_and_shut_out(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let roles = [Role::Admin, Role::Scheduler].into();
    once!(engine.store, tx =>
        tx.update_staff(world.clinic, world.host.id, &name("A. Osei-Bonsu"), &roles, Some(NOW)))
    .unwrap();
    let mut tx = engine.store.read().await.unwrap();
    let found = tx.staff_member(world.clinic, world.host.id).await.unwrap().unwrap();
    assert_eq!(found.name.as_str(), "A. Osei-Bonsu");
    assert_eq!((found.roles, found.disabled_at), (roles, Some(NOW)));
    assert_eq!(found.email, Email::parse("osei@1.example").unwrap());
    let colleague = tx.staff_member(world.clinic, world.colleague.id).await.unwrap();
    assert_eq!(colleague, Some(world.colleague), "nobody else is touched");
}

async fn a_persons_telephone_is_kept_and_forgotten(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let phone = Phone::parse("+15550100177").unwrap();
    for phone in [Some(&phone), None] {
        once!(engine.store, tx => tx.set_staff_phone(world.clinic, world.host.id, phone)).unwrap();
        let mut tx = engine.store.read().await.unwrap();
        let found = tx.staff_member(world.clinic, world.host.id).await.unwrap().unwrap();
        assert_eq!(found, domain::staff::StaffMember { phone: phone.cloned(), ..world.host.clone() });
    }
}
