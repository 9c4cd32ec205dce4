//! Who the patients are, and what they call themselves in Zoom.

use super::chance::Chance;

const FIRST: &str = "Maria James Robert Jennifer Michael Linda William Elizabeth David Rosa Ana Luis Jose Patricia Thomas \
Katherine Daniel Susan Carlos Emily Joseph Sarah Christopher Nancy Anthony Karen Matthew Lisa Mark Margaret Steven Ashley \
Andrew Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa Timothy Deborah Ronald Stephanie Jason Rebecca Edward \
Sharon Jeffrey Laura Ryan Cynthia Jacob Dorothy Gary Amy Nicholas Kathleen Eric Angela Jonathan Shirley Stephen Emma Larry \
Brenda Justin Pamela Scott Nicole Brandon Samantha Benjamin Christine Samuel Rachel Gregory Carolyn Alexander Janet Patrick \
Maya Frank Ingrid Amir Leila Chen Yuki Olga Pavel Fatima Omar Priya Ravi Siobhan Niamh Łukasz Søren Zoë Renée";
const LAST: &str = "Smith Garcia Johnson Lopez Williams Brown Jones Martinez Miller Davis Rodriguez Hernandez Wilson Anderson \
Gonzalez Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker \
Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter \
Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers \
Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood \
James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Delgado Prado \
O'Brien Żak Müller Petrov Haddad Osei Tanaka Silva";
const DEVICES: &str = "iPhone iPad Samsung Galaxy-S23 SM-G991U Pixel-8 MacBook-Pro Zoom-user android Laptop";

/// First and last name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patient {
    pub first: &'static str,
    pub last: &'static str,
}

impl Patient {
    pub fn some(chance: &mut Chance) -> Self {
        Self { first: chance.name(FIRST), last: chance.name(LAST) }
    }

    /// Somebody of the same household; four of five share the family name.
    pub fn relative(self, chance: &mut Chance) -> Self {
        let other = Self::some(chance);
        let last = if chance.permille(800) { self.last } else { other.last };
        Self { first: other.first, last }
    }

    pub fn known_as(self) -> String {
        format!("{} {}", self.first, self.last)
    }
}

/// How somebody is named in Zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    Whole,
    Variant,
    FirstName,
    Nickname,
    Mistyped,
    NamedDevice,
    Device,
    Number,
    Sign,
    Relative,
}

impl Style {
    /// The shares are told in the documentation.
    pub fn some(chance: &mut Chance) -> Self {
        match chance.within(0, 1_000) {
            0..560 => Self::Whole,
            560..660 => Self::Variant,
            660..780 => Self::FirstName,
            780..835 => Self::Nickname,
            835..845 => Self::Mistyped,
            845..890 => Self::NamedDevice,
            890..950 => Self::Device,
            950..960 => Self::Number,
            960..970 => Self::Sign,
            _ => Self::Relative,
        }
    }

    /// What Zoom shows then.
    pub fn shown(self, patient: Patient, chance: &mut Chance) -> String {
        let Patient { first, last } = patient;
        let initial = |name: &str| name.chars().next().map(String::from).unwrap_or_default();
        match self {
            Self::Whole => patient.known_as(),
            Self::Variant => match chance.within(0, 6) {
                0 => patient.known_as().to_uppercase(),
                1 => format!("{last}, {first}"),
                2 => patient.known_as().to_lowercase(),
                3 => format!("{first} {} {last}", chance.name("M. J. Ann Lee R.")),
                4 => format!("{first} {last} (she/her)"),
                _ => format!("{} {first} {last}", chance.name("Mr. Mrs. Ms.")),
            },
            Self::FirstName => match chance.within(0, 4) {
                0 => format!("{first} {}.", initial(last)),
                1 => format!("{}. {last}", initial(first)),
                2 => first.to_lowercase(),
                _ => first.to_owned(),
            },
            Self::Nickname => match nickname(first) {
                Some(short) if chance.permille(500) => format!("{short} {last}"),
                Some(short) => short.to_owned(),
                None => first.to_owned(),
            },
            Self::Mistyped => {
                let mut letters: Vec<char> = patient.known_as().chars().collect();
                let at = usize::try_from(chance.within(1, 6)).unwrap_or(1);
                letters.get_mut(at).into_iter().for_each(|letter| *letter = 'x');
                letters.into_iter().collect()
            }
            Self::NamedDevice => format!(
                "{first}{}s {}",
                if chance.permille(500) { '\'' } else { '’' },
                chance.name("iPhone iPad Galaxy")
            ),
            Self::Device => chance.name(DEVICES).replace('-', " "),
            Self::Number => format!("1312555{:04}", chance.within(0, 10_000)),
            Self::Sign => chance.name("🌻 😀 💜 .").to_owned(),
            Self::Relative => patient.relative(chance).known_as(),
        }
    }
}

/// Short forms, written down apart from those that the program knows.
fn nickname(first: &str) -> Option<&'static str> {
    const SHORT: [(&str, &str); 36] = [
        ("William", "Bill"),
        ("Robert", "Bob"),
        ("Elizabeth", "Liz"),
        ("Jennifer", "Jenny"),
        ("Michael", "Mike"),
        ("Katherine", "Kate"),
        ("Thomas", "Tom"),
        ("Daniel", "Dan"),
        ("Joseph", "Joe"),
        ("Christopher", "Chris"),
        ("Anthony", "Tony"),
        ("Margaret", "Peggy"),
        ("Steven", "Steve"),
        ("Andrew", "Drew"),
        ("Joshua", "Josh"),
        ("Kenneth", "Ken"),
        ("Timothy", "Tim"),
        ("Deborah", "Debbie"),
        ("Ronald", "Ron"),
        ("Stephanie", "Steph"),
        ("Rebecca", "Becky"),
        ("Edward", "Ted"),
        ("Jeffrey", "Jeff"),
        ("Jacob", "Jake"),
        ("Nicholas", "Nick"),
        ("Jonathan", "Jon"),
        ("Benjamin", "Ben"),
        ("Samuel", "Sam"),
        ("Gregory", "Greg"),
        ("Alexander", "Alex"),
        ("Patricia", "Trish"),
        ("Susan", "Sue"),
        ("James", "Jim"),
        ("David", "Dave"),
        ("Samantha", "Sam"),
        ("Jose", "Pepe"),
    ];
    SHORT.iter().find(|(whole, _)| *whole == first).map(|(_, short)| *short)
}
