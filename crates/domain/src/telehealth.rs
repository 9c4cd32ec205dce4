//! When is it telehealth? Where the scheduler does not say, the clinic's rules for event types, locations and services
//! do.

use serde::{Deserialize, Serialize};

use crate::{appointment::Kind, text::Name};

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The kind of event, such as "Intake".
    EventType,
    /// The room or place, such as "Video".
    Location,
    /// What is provided, such as "Counseling 50".
    Service,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EventType, Self::Location, Self::Service];

    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventType => "event_type",
            Self::Location => "location",
            Self::Service => "service",
        }
    }

    /// The aspect that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|aspect| aspect.as_str() == word)
    }
}

/// What a rule says, and what the rules together come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// It is telehealth.
    Automatic,
    /// It is not, but the desk may make it so.
    Manual,
    /// It is not, and it is not offered.
    #[default]
    Disabled,
}

impl Offer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Automatic, Self::Manual, Self::Disabled];

    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
            Self::Disabled => "disabled",
        }
    }

    /// The offer that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|offer| offer.as_str() == word)
    }
}

/// As what an appointment was booked, in the scheduler's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// The kind of event.
    pub event_type: Option<Name>,
    /// The room or place.
    pub location: Option<Name>,
    /// What is provided.
    pub service: Option<Name>,
}

impl Booked {
    /// The word for one aspect.
    pub fn of(&self, aspect: Aspect) -> Option<&Name> {
        match aspect {
            Aspect::EventType => self.event_type.as_ref(),
            Aspect::Location => self.location.as_ref(),
            Aspect::Service => self.service.as_ref(),
        }
    }
}

/// One of a clinic's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub aspect: Aspect,
    /// The word that it is for, as the scheduler writes it; compared without regard to case.
    pub name: Name,
    /// What it says.
    pub offer: Offer,
}

/// What the rules come to: any automatic one makes it telehealth, else any manual one offers it, else it is hidden.
pub fn offered(rules: &[Rule], booked: &Booked) -> Offer {
    let said = |rule: &&Rule| {
        booked
            .of(rule.aspect)
            .is_some_and(|name| name.as_str().to_lowercase() == rule.name.as_str().to_lowercase())
    };
    let says = |offer| rules.iter().filter(said).any(|rule| rule.offer == offer);
    if says(Offer::Automatic) {
        Offer::Automatic
    } else if says(Offer::Manual) {
        Offer::Manual
    } else {
        Offer::Disabled
    }
}

/// Where an appointment takes place when it is left to the rules; `before` is how it stood, if it was booked before.
///
/// The rules are asked when it is booked, and again when its words change: while they stay the same, so does what was
/// decided, by a rule or by hand. Under other words that offer telehealth, what somebody made telehealth by hand stays so.
pub fn kind(rules: &[Rule], booked: &Booked, before: Option<(Kind, &Booked)>) -> Kind {
    if let Some((kind, words)) = before {
        if words == booked {
            return kind;
        }
        let by_hand = kind == Kind::Telehealth && offered(rules, words) != Offer::Automatic;
        if by_hand && offered(rules, booked) == Offer::Manual {
            return Kind::Telehealth;
        }
    }
    match offered(rules, booked) {
        Offer::Automatic => Kind::Telehealth,
        Offer::Manual | Offer::Disabled => Kind::InPerson,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_desk_made_by_hand_is_not_undone_while_the_words_stay_or_still_offer_it() {
        let rule = |name: &str, offer| Rule { aspect: Aspect::Service, name: self::name(name), offer };
        let rules = [
            rule("Video", Offer::Automatic),
            rule("Intake", Offer::Manual),
            rule("Follow-up", Offer::Manual),
        ];
        let service = |word: &str| Booked { service: Some(name(word)), ..Booked::default() };
        let (video, intake, follow_up, lab) =
            (service("video"), service("Intake"), service("Follow-up"), service("Lab"));
        assert_eq!(kind(&rules, &video, None), Kind::Telehealth);
        assert_eq!(kind(&rules, &intake, None), Kind::InPerson);
        assert_eq!(kind(&rules, &lab, None), Kind::InPerson);
        let by_hand = Some((Kind::Telehealth, &intake));
        assert_eq!(kind(&rules, &intake, by_hand), Kind::Telehealth, "sent again");
        assert_eq!(kind(&rules, &follow_up, by_hand), Kind::Telehealth, "still offered");
        assert_eq!(kind(&rules, &lab, by_hand), Kind::InPerson, "no longer offered");
        assert_eq!(
            kind(&rules, &intake, Some((Kind::Telehealth, &video))),
            Kind::InPerson,
            "by a rule alone"
        );
        assert_eq!(kind(&rules, &video, Some((Kind::InPerson, &video))), Kind::InPerson, "by hand as well");
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn offers(event_type: Offer, location: Offer, service: Offer) -> Offer {
        let rules = [
            Rule { aspect: Aspect::EventType, name: name("Intake"), offer: event_type },
            Rule { aspect: Aspect::Location, name: name("Video"), offer: location },
            Rule { aspect: Aspect::Service, name: name("Counseling"), offer: service },
            Rule { aspect: Aspect::Service, name: name("Somebody else’s"), offer: Offer::Automatic },
        ];
        let booked = Booked {
            event_type: Some(name("intake")),
            location: Some(name("VIDEO")),
            service: Some(name("Counseling")),
        };
        offered(&rules, &booked)
    }

    #[test]
    fn any_automatic_makes_it_telehealth_else_any_manual_offers_it_else_it_is_hidden() {
        for one in Offer::ALL {
            for two in Offer::ALL {
                for three in Offer::ALL {
                    let all = [one, two, three];
                    let expected = if all.contains(&Offer::Automatic) {
                        Offer::Automatic
                    } else if all.contains(&Offer::Manual) {
                        Offer::Manual
                    } else {
                        Offer::Disabled
                    };
                    assert_eq!(offers(one, two, three), expected, "{all:?}");
                }
            }
        }
    }

    #[test]
    fn what_no_rule_speaks_of_is_hidden() {
        assert_eq!(
            offered(&[], &Booked { service: Some(name("Counseling")), ..Booked::default() }),
            Offer::Disabled
        );
        let rules = [Rule { aspect: Aspect::Location, name: name("Video"), offer: Offer::Automatic }];
        assert_eq!(
            offered(&rules, &Booked { service: Some(name("Video")), ..Booked::default() }),
            Offer::Disabled
        );
    }
}
