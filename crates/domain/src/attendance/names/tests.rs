use super::*;

#[test]
fn case_marks_order_and_punctuation_do_not_count() {
    assert_eq!(key("Żak, ŁUKASZ"), key("łukasz zak"));
    assert_eq!(key("Renée  O’Brien"), key("o'brien renee"));
    assert_ne!(key("Rosa Delgado"), key("Rosa Delgada"));
    assert_eq!(key(" 🌻 "), "🌻");
}

#[test]
fn a_shorter_or_longer_form_of_the_name_agrees() {
    for shown in ["rosa", "Rosa D.", "R. Delgado", "Mrs Delgado"] {
        assert_eq!(agreement(Some(shown), "Rosa Delgado"), Agreement::Agrees, "{shown}");
    }
    assert_eq!(agreement(Some("Ana & Luis Prado"), "Ana Prado"), Agreement::Agrees);
    assert_eq!(agreement(Some("Ana Maria"), "Ana Maria Prado"), Agreement::Agrees);
    assert_eq!(agreement(Some("Bill Smith"), "William Smith"), Agreement::Agrees);
    assert_eq!(agreement(Some("Kasia"), "Katarzyna Żak"), Agreement::Agrees);
}

#[test]
fn another_persons_name_differs_even_where_one_word_is_the_same() {
    for shown in ["Rosa García", "Tom Reyes", "Ros"] {
        assert_eq!(agreement(Some(shown), "Rosa Delgado"), Agreement::Differs, "{shown}");
    }
}

#[test]
fn what_is_no_name_is_said_to_be_none() {
    assert_eq!(agreement(None, "Rosa Delgado"), Agreement::Absent);
    assert_eq!(agreement(Some("  "), "Rosa Delgado"), Agreement::Absent);
    assert_eq!(agreement(Some("R*** D***"), "Rosa Delgado"), Agreement::Masked);
    assert_eq!(agreement(Some("13125550142"), "Rosa Delgado"), Agreement::Masked);
    assert_eq!(agreement(Some("+1 (312) 555-0142"), "Rosa Delgado"), Agreement::Masked);
    assert_eq!(agreement(Some("🌻"), "Rosa Delgado"), Agreement::Masked);
    assert_eq!(agreement(Some("T R"), "Rosa Delgado"), Agreement::Masked);
    assert_eq!(agreement(Some("SM-G991U"), "Rosa Delgado"), Agreement::Device);
    assert_eq!(agreement(Some("iPhone 15 Pro"), "Rosa Delgado"), Agreement::Device);
    assert_eq!(agreement(Some("Galaxy-Tablet"), "Rosa Delgado"), Agreement::Device);
}

#[test]
fn first_and_last_name_whole_agree_in_full() {
    for shown in
        ["Rosa Delgado", "DELGADO, rosa", "Rosa Delgado 🌻", "Ms. Rosa Delgado (she/her)", "Rosa M. Delgado"]
    {
        assert_eq!(agreement(Some(shown), "Rosa Delgado"), Agreement::Full, "{shown}");
    }
    assert_eq!(agreement(Some("Rosa Delgado"), "Rosa María Delgado"), Agreement::Full);
    assert_eq!(agreement(Some("李小龙"), "李小龙"), Agreement::Full);
    assert_eq!(agreement(Some("Иван Петров"), "Ivan Petrov"), Agreement::Full);
    assert_eq!(agreement(Some("Soren Holm"), "Søren Holm"), Agreement::Full);
}

#[test]
fn a_device_initials_or_a_slip_only_hint() {
    for shown in ["Rosa’s iPhone", "Rosa Delgado's iPad", "RD", "R D", "Rosa Delgada", "Rosa Delg"] {
        assert_eq!(agreement(Some(shown), "Rosa Delgado"), Agreement::Hints, "{shown}");
    }
    for shown in ["Rosa's mom", "Interpreter for Rosa Delgado", "Rosa's mother's iPhone"] {
        assert_eq!(agreement(Some(shown), "Rosa Delgado"), Agreement::ComesFor, "{shown}");
    }
    assert_eq!(agreement(Some("Interpreter 356"), "Rosa Delgado"), Agreement::Differs);
    assert_eq!(agreement(Some("Tom's iPhone"), "Rosa Delgado"), Agreement::Device);
    assert_eq!(agreement(Some("Victor De"), "Victor Du"), Agreement::Differs);
}

#[test]
fn another_first_name_with_the_family_name_is_family() {
    assert_eq!(agreement(Some("Carla Jung"), "Mia Jung"), Agreement::Family);
    assert_eq!(agreement(Some("Delgado Tom"), "Rosa Delgado"), Agreement::Family);
    assert_eq!(agreement(Some("Rachel Scott"), "Scott Scott"), Agreement::Family);
    assert_eq!(agreement(Some("Scott Scott"), "Scott Scott"), Agreement::Full);
}

#[test]
fn people_may_be_named_like_devices_titles_and_relations() {
    assert_eq!(agreement(Some("Anna Weber"), "Max Weber"), Agreement::Family);
    assert_eq!(agreement(Some("Max Weber"), "Anna Weber"), Agreement::Family);
    assert_eq!(agreement(Some("Max Weber"), "Max Weber"), Agreement::Full);
    assert_eq!(agreement(Some("Anna Weber"), "Mag Weber"), Agreement::Family);
    assert_eq!(agreement(Some("Tom"), "Tom Home"), Agreement::Agrees);
    assert_eq!(agreement(Some("Tom Park"), "Tom Home"), Agreement::Differs);
    assert_eq!(agreement(Some("Ji-woo Son"), "Ji-woo Park"), Agreement::ComesFor, "it cannot be told");
    assert_eq!(agreement(Some("Rosa's Mac"), "Rosa Delgado"), Agreement::Hints);
    assert_eq!(agreement(Some("MacBook Air"), "Rosa Delgado"), Agreement::Device);
    assert_eq!(agreement(Some("Rosa Delgado"), "Dr. Rosa Delgado"), Agreement::Full);
}

#[test]
fn a_longer_name_that_begins_otherwise_may_be_a_relatives() {
    assert_eq!(agreement(Some("Juan Carlos Perez"), "Carlos Perez"), Agreement::Agrees);
    assert_eq!(agreement(Some("Anna Maria Weber"), "Maria Weber"), Agreement::Agrees);
    assert_eq!(agreement(Some("Perez, Carlos Juan"), "Carlos Perez"), Agreement::Full);
}

#[test]
fn father_and_son_are_told_apart_where_both_say_which() {
    assert_eq!(agreement(Some("Luis Prado Sr."), "Luis Prado Jr."), Agreement::Differs);
    assert_eq!(agreement(Some("Luis Prado junior"), "Luis Prado Jr."), Agreement::Full);
    assert_eq!(agreement(Some("Luis Prado"), "Luis Prado Jr."), Agreement::Agrees);
}

#[test]
fn a_name_in_letters_that_cannot_be_compared_says_nothing() {
    assert_eq!(agreement(Some("李小龙"), "Bruce Lee"), Agreement::Unreadable);
}
