//! Reading the settings' form: everything that is wrong is told at once, beside its field and in words.

use std::collections::BTreeMap;

use domain::{
    outreach::{
        LONGEST_WINDOW, Settings,
        reminders::{Ladder, MOST_RUNGS, QuietHours},
    },
    text::{Language, Phone},
};
use jiff::civil::Time;
use outreach::{SiteOrigin, words::Words};

use super::languages;
use crate::pages::view::{
    outreach::{Length, OutreachForm, UNITS},
    words::{Wall, sentence},
};

/// A ladder for whoever does not want to think one up, in minutes: 3 days, 1 day, 1 hour, 10 minutes.
const USUAL: [u32; 4] = [3 * 24 * 60, 24 * 60, 60, 10];

/// What the form sent, as it came.
pub(super) struct Sent(BTreeMap<String, String>);

/// What is wrong: the field's name and why.
type Faults = Vec<(String, String)>;

impl Sent {
    pub fn new(fields: BTreeMap<String, String>) -> Self {
        Self(fields)
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    fn length(&self, name: &str) -> Length {
        let unit = self.text(&format!("{name}-unit"));
        let unit = UNITS.into_iter().map(|(known, _)| known).find(|known| *known == unit);
        Length { number: self.text(&format!("{name}-number")).to_owned(), unit: unit.unwrap_or("minutes") }
    }

    fn rungs(&self) -> Vec<Length> {
        (0..MOST_RUNGS)
            .map(|index| format!("rung-{index}"))
            .take_while(|name| self.0.contains_key(&format!("{name}-number")))
            .map(|name| self.length(&name))
            .collect()
    }

    /// The form as it was sent: nothing that was typed is lost.
    pub fn form(&self, wall: &Wall) -> OutreachForm {
        let rungs = self.rungs();
        OutreachForm {
            opens: self.length("opens"),
            closes: self.length("closes"),
            phone: self.text("phone").to_owned(),
            languages: languages(self.text("language")),
            send_when_booked: self.0.contains_key("send-when-booked"),
            tell_changes: self.0.contains_key("tell-changes"),
            is_full: rungs.len() >= MOST_RUNGS,
            rungs,
            quiet: self.0.contains_key("quiet"),
            quiet_from: self.text("quiet-from").to_owned(),
            quiet_to: self.text("quiet-to").to_owned(),
            zone: format!("{}, {}", wall.zone_word(wall.now), wall.zone_place()),
            portal_origin: self.text("portal-origin").to_owned(),
            unsaved: false,
            faults: Vec::new(),
        }
    }

    /// The form with other reminders, where that is what was asked for.
    pub fn other_rungs(&self, form: &OutreachForm) -> Option<OutreachForm> {
        let mut rungs = form.rungs.clone();
        match self.text("do") {
            "more" if rungs.len() < MOST_RUNGS => {
                rungs.push(Length { number: String::new(), unit: "hours" });
            }
            "more" => {}
            "usual" => rungs = USUAL.into_iter().map(Length::of).collect(),
            "none" => rungs.clear(),
            other => {
                let index: usize = other.strip_prefix("remove-")?.parse().ok()?;
                if index < rungs.len() {
                    rungs.remove(index);
                }
            }
        }
        Some(OutreachForm { is_full: rungs.len() >= MOST_RUNGS, rungs, unsaved: true, ..form.clone() })
    }

    /// The settings that it asks for, or all that is wrong with it.
    pub fn settings(&self, form: &OutreachForm) -> Result<Settings, Faults> {
        let mut faults = Faults::new();
        let mut note = |field: &str, why: String| faults.push((field.to_owned(), why));
        let window = |length: &Length| length.minutes().filter(|minutes| *minutes <= LONGEST_WINDOW);
        let wrong_window = || "Give a whole number, at most 7 days.".to_owned();
        let opens_before = window(&form.opens);
        if opens_before.is_none() {
            note("opens-number", wrong_window());
        }
        let closes_after = window(&form.closes);
        if closes_after.is_none() {
            note("closes-number", wrong_window());
        }
        let phone = match form.phone.as_str() {
            "" => None,
            typed => Phone::parse(typed).map_err(|why| note("phone", sentence(&format!("it {why}")))).ok(),
        };
        let language = Language::parse(self.text("language")).ok().filter(|one| Words::known(one).is_some());
        if language.is_none() {
            note("language", "Choose one of the languages that there are.".to_owned());
        }
        let ladder = ladder(&form.rungs, &mut note);
        let mut time = |field: &str, typed: &str| {
            let time = Time::strptime("%H:%M", typed).ok();
            if form.quiet && time.is_none() {
                note(field, "Give a time such as 21:00.".to_owned());
            }
            time
        };
        let (from, to) = (time("quiet-from", &form.quiet_from), time("quiet-to", &form.quiet_to));
        let quiet = from.zip(to).filter(|_| form.quiet).map(|(from, to)| QuietHours { from, to });
        if quiet.is_some_and(|quiet| quiet.from == quiet.to) {
            note(
                "quiet-to",
                "They end when they begin. Give another time, or take the tick away.".to_owned(),
            );
        }
        let portal_origin = match form.portal_origin.as_str() {
            "" => None,
            typed => SiteOrigin::parse(typed)
                .map(|origin| origin.as_str().to_owned())
                .map_err(|why| note("portal-origin", sentence(&format!("it {why}"))))
                .ok(),
        };
        match (opens_before, closes_after, language, ladder) {
            (Some(opens_before), Some(closes_after), Some(language), Some(ladder)) if faults.is_empty() => {
                Ok(Settings {
                    opens_before,
                    closes_after,
                    phone,
                    language,
                    send_when_booked: form.send_when_booked,
                    tell_changes: form.tell_changes,
                    ladder,
                    quiet,
                    portal_origin,
                })
            }
            _ => Err(faults),
        }
    }
}

/// The ladder of these fields. An empty row is none.
fn ladder(rungs: &[Length], note: &mut impl FnMut(&str, String)) -> Option<Ladder> {
    let mut good = true;
    let mut minutes = Vec::new();
    for (index, rung) in rungs.iter().enumerate().filter(|(_, rung)| !rung.number.is_empty()) {
        match rung.minutes().map(|one| Ladder::new(vec![one]).map(|_| one)) {
            Some(Ok(one)) => minutes.push(one),
            Some(Err(why)) => {
                good = false;
                note(&format!("rung-{index}-number"), sentence(&format!("it {why}")));
            }
            None => {
                good = false;
                note(&format!("rung-{index}-number"), "Give a whole number.".to_owned());
            }
        }
    }
    match Ladder::new(minutes) {
        Ok(ladder) if good => Some(ladder),
        Ok(_) => None,
        Err(why) => {
            note("reminders", sentence(&format!("the ladder {why}")));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Timestamp, clinic::Zone};

    use super::*;

    fn wall() -> Wall {
        Wall { zone: Zone::parse("America/Chicago").unwrap(), now: Timestamp::from_seconds(1_795_442_400) }
    }

    fn sent(changes: &[(&str, &str)]) -> Sent {
        let mut fields: BTreeMap<String, String> = [
            ("opens-number", "1"),
            ("opens-unit", "days"),
            ("closes-number", "240"),
            ("closes-unit", "minutes"),
            ("phone", "+1 (555) 010-0123"),
            ("language", "es"),
            ("quiet", "on"),
            ("quiet-from", "21:00"),
            ("quiet-to", "08:00"),
            ("portal-origin", " https://Portal.example/ "),
        ]
        .into_iter()
        .chain(changes.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        fields.retain(|_, value| value != "(not sent)");
        Sent::new(fields)
    }

    fn settings(changes: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let sent = sent(changes);
        sent.settings(&sent.form(&wall()))
            .map_err(|faults| faults.into_iter().map(|(field, _)| field).collect())
    }

    #[test]
    fn what_was_typed_becomes_settings() {
        let read = settings(&[
            ("rung-0-number", "1"),
            ("rung-0-unit", "hours"),
            ("rung-1-number", "3"),
            ("rung-1-unit", "days"),
        ])
        .unwrap();
        assert_eq!((read.opens_before, read.closes_after), (1440, 240));
        assert_eq!(read.phone.unwrap().as_str(), "+15550100123");
        assert_eq!(read.language.as_str(), "es");
        assert_eq!(read.ladder.rungs(), [4320, 60]);
        assert_eq!(read.quiet, Some(QuietHours::default()));
        assert_eq!(read.portal_origin.as_deref(), Some("https://portal.example"));
        assert!(!read.send_when_booked && !read.tell_changes);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_by_its_field() {
        let faults = settings(&[
            ("opens-number", "8"),
            ("closes-number", "-1"),
            ("phone", "555"),
            ("language", "tlh"),
            ("rung-0-number", "31"),
            ("rung-0-unit", "days"),
            ("rung-1-number", "soon"),
            ("quiet-from", "25:00"),
            ("portal-origin", "http://portal.example"),
        ]);
        assert_eq!(
            faults.unwrap_err(),
            [
                "opens-number",
                "closes-number",
                "phone",
                "language",
                "rung-0-number",
                "rung-1-number",
                "quiet-from",
                "portal-origin"
            ]
        );
    }

    #[test]
    fn quiet_hours_that_end_as_they_begin_are_asked_about() {
        assert_eq!(settings(&[("quiet-to", "21:00")]).unwrap_err(), ["quiet-to"]);
        assert_eq!(settings(&[("quiet", "(not sent)"), ("quiet-to", "21:00")]).unwrap().quiet, None);
    }

    #[test]
    fn an_empty_row_is_no_reminder_and_none_at_all_are_off() {
        assert!(settings(&[("rung-0-number", " ")]).unwrap().ladder.is_empty());
        assert!(settings(&[]).unwrap().ladder.is_empty());
    }

    #[test]
    fn rows_come_and_go_and_keep_what_was_typed() {
        let rows = |what: &str| {
            let sent = sent(&[
                ("rung-0-number", "one"),
                ("rung-1-number", "2"),
                ("do", what),
                ("phone", "half a num"),
            ]);
            let form = sent.other_rungs(&sent.form(&wall())).unwrap();
            assert_eq!(form.phone, "half a num");
            form.rungs.into_iter().map(|rung| rung.number).collect::<Vec<_>>()
        };
        assert_eq!(rows("more"), ["one", "2", ""]);
        assert_eq!(rows("remove-0"), ["2"]);
        assert_eq!(rows("remove-9"), ["one", "2"]);
        assert_eq!(rows("usual"), ["3", "1", "1", "10"]);
        assert_eq!(rows("none"), Vec::<String>::new());
    }
}
