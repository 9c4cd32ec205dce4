//! Whether everything was found in its time, mended or explained, and told once: what happened against what was written
//! down.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    StaffId, Timestamp,
    alert::{AlertKind, Group},
    outreach::reminders::QuietHours,
};

use crate::{
    calendar::PATIENT,
    misfortune::{Happened, Misfortune, Sign},
    rows::{self, Alert, Drift, Written},
    world::ROUND,
    year::Year,
};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// What Zoom tells is found within so long.
const AFTER_AN_EVENT: Duration = Duration::from_mins(16);
/// What Zoom does not tell of a room is found by the daily look, what it does not tell of a connection by the renewal: both
/// within a day, and a round.
const BY_THE_DAY: Duration = Duration::from_hours(24 + 3);
/// So long before the first visit of a day its room is looked at.
const BEFORE_THE_VISIT: Duration = Duration::from_hours(2);

/// What is said of one kind of misfortune.
#[derive(Debug, Default)]
pub struct Tally {
    pub happened: u64,
    /// From its happening until it was found, longest.
    pub found_within: Duration,
    /// Of those, in which Zoom and the program were there all the time.
    pub found_within_undisturbed: Duration,
    pub over_within: Duration,
}

/// The judgement.
#[derive(Default)]
pub struct Judged {
    pub by_kind: BTreeMap<String, Tally>,
    pub wrong: Vec<String>,
    pub alerts: u64,
    pub letters_about_alerts: u64,
    pub rooms_replaced: u64,
    /// Drifts by what made the program look, and by how they ended.
    pub drifts: BTreeMap<String, u64>,
}

pub async fn judge(year: &Year) -> Judged {
    let written = rows::read(&year.world.database_url).await;
    let mut judged = Judged { wrong: year.counts.wrong.clone(), ..Judged::default() };
    for happened in &year.happened {
        one(year, &written, happened, &mut judged);
    }
    for drift in &written.drifts {
        let how = drift.how.as_deref().unwrap_or("lasting");
        *judged.drifts.entry(format!("{}, {how}", drift.found_for)).or_default() += 1;
    }
    nothing_else(year, &written, &mut judged);
    telling(year, &written, &mut judged);
    links(year, &written, &mut judged);
    unused(year, &written, &mut judged);
    judged
}

fn say(happened: &Happened, what: &str) -> String {
    let word = happened.what.word(happened.heard);
    format!("{} host {}, {word}: {what}", happened.at, happened.host)
}

/// Until when it must have been found.
fn promised(year: &Year, happened: &Happened) -> Timestamp {
    let at = happened.at;
    let told_by_zoom = happened.heard
        && matches!(
            happened.what,
            Misfortune::Removed
                | Misfortune::ByHand(_)
                | Misfortune::Deleted
                | Misfortune::Flapping
                | Misfortune::Locked
        );
    let mut until = if told_by_zoom { at.plus(AFTER_AN_EVENT) } else { at.plus(BY_THE_DAY) };
    let first = year.lives[happened.host].visits.iter().filter(|visit| visit.first);
    if let Some(first) = first.map(|visit| visit.starts).find(|starts| starts.minus(BEFORE_THE_VISIT) > at) {
        until = until.min(first.minus(BEFORE_THE_VISIT).plus(HOUR + HOUR / 4));
    }
    after_what_blinds(year, at, until)
}

/// The same, where Zoom or the program was away meanwhile: a round and a half after it came back.
fn after_what_blinds(year: &Year, from: Timestamp, mut until: Timestamp) -> Timestamp {
    for (gone, back) in &year.blind {
        if let Some(back) = back
            && *gone <= until
            && from <= back.plus(ROUND)
        {
            until = until.max(back.plus(ROUND + ROUND / 2));
        }
    }
    until
}

fn is_disturbed(year: &Year, from: Timestamp, to: Timestamp) -> bool {
    year.blind.iter().any(|(gone, back)| *gone <= to && back.is_none_or(|back| from <= back.plus(ROUND)))
}

fn one(year: &Year, written: &Written, happened: &Happened, judged: &mut Judged) {
    let staff = year.world.hosts[happened.host].id;
    let tally = judged.by_kind.entry(happened.what.word(happened.heard)).or_default();
    tally.happened += 1;
    let horizon = happened.over.unwrap_or(year.end);
    let found = match happened.what.sign() {
        Sign::Alert(kinds) => written
            .alerts
            .iter()
            .filter(|alert| alert.staff == staff && kinds.iter().any(|kind| kind.as_str() == alert.kind))
            .map(|alert| alert.raised)
            .find(|raised| (happened.at..=horizon).contains(raised)),
        Sign::Drift(kind) => written
            .drifts
            .iter()
            .filter(|drift| drift.staff == staff && drift.kind == kind.as_str())
            .map(|drift| drift.found)
            .find(|found| (happened.at..=horizon).contains(found)),
        Sign::Nothing => Some(happened.at),
    };
    let until = promised(year, happened);
    // The approval was given back, and the old tokens with it, before it had to be found: nothing was left to be found.
    let went_by = happened.what == Misfortune::Approval { revives: true } && happened.mendable <= until;
    match found {
        None if went_by => {}
        None => {
            let near = |at: Timestamp| happened.at <= at && at <= horizon;
            let alerts: Vec<_> =
                written.alerts.iter().filter(|one| one.staff == staff && near(one.raised)).collect();
            let drifts: Vec<_> =
                written.drifts.iter().filter(|one| one.staff == staff && near(one.found)).collect();
            let what = format!("never found, but {alerts:?} {drifts:?}");
            judged.wrong.push(say(happened, &what));
        }
        Some(found) => {
            let delay = found.since(happened.at);
            tally.found_within = tally.found_within.max(delay);
            if !is_disturbed(year, happened.at, found) {
                tally.found_within_undisturbed = tally.found_within_undisturbed.max(delay);
            }
            if found > until {
                judged.wrong.push(say(happened, &format!("found at {found}, promised by {until}")));
            }
            mended(year, written, happened, found, judged);
        }
    }
    match happened.over {
        None => judged.wrong.push(say(happened, "not over by the end of the year")),
        Some(over) => {
            let tally = judged.by_kind.entry(happened.what.word(happened.heard)).or_default();
            tally.over_within = tally.over_within.max(over.since(happened.mendable));
        }
    }
}

/// A drift that can be mended is mended when it is found; one that cannot is explained, and mended when it can be.
fn mended(year: &Year, written: &Written, happened: &Happened, found: Timestamp, judged: &mut Judged) {
    let Sign::Drift(kind) = happened.what.sign() else { return };
    let staff = year.world.hosts[happened.host].id;
    let drifts: Vec<&Drift> = written
        .drifts
        .iter()
        .filter(|drift| drift.staff == staff && drift.kind == kind.as_str() && drift.found >= found)
        .filter(|drift| happened.over.is_none_or(|over| drift.found <= over))
        .collect();
    let explained = happened.what == Misfortune::Locked;
    for drift in drifts {
        let until = match happened.what {
            Misfortune::Locked | Misfortune::Flapping | Misfortune::Unused => {
                happened.mendable.max(drift.found).plus(BY_THE_DAY)
            }
            _ => drift.found.plus(HOUR * 2),
        };
        let until = after_what_blinds(year, drift.found, until);
        match drift.ended {
            Some(ended) if ended <= until => {}
            // Only its owner can start it: whenever they do.
            Some(_) if happened.what == Misfortune::Unused => {}
            other => judged.wrong.push(say(happened, &format!("mended at {other:?}, not by {until}"))),
        }
        if explained
            && drift.hindrance.is_none()
            && drift.ended.is_none_or(|ended| ended.since(drift.found) > HOUR)
        {
            judged.wrong.push(say(happened, "lasted without being explained"));
        }
    }
}

/// Nothing is found where nothing was.
fn nothing_else(year: &Year, written: &Written, judged: &mut Judged) {
    let host_of = |staff: StaffId| year.world.hosts.iter().position(|host| host.id == staff);
    let explained = |staff: StaffId, at: Timestamp| {
        year.happened.iter().any(|happened| {
            Some(happened.host) == host_of(staff)
                && happened.at <= at
                && happened.over.is_none_or(|over| at <= over.plus(HOUR))
        })
    };
    for drift in &written.drifts {
        let unused = drift.kind == "unused";
        if !unused && !explained(drift.staff, drift.found) {
            judged.wrong.push(format!("{} found where nothing had happened: {drift:?}", drift.found));
        }
    }
    for alert in &written.alerts {
        let kind = AlertKind::from_word(&alert.kind).expect("a kind");
        let is_lasting = matches!(kind.group(), Group::Connection | Group::Room);
        let unused = matches!(kind, AlertKind::RoomUnused);
        if is_lasting && !unused && !explained(alert.staff, alert.raised) {
            judged.wrong.push(format!("{} raised where nothing had happened: {alert:?}", alert.raised));
        }
    }
}

/// When an alert about a connection or a room is due to be told: at once where the next visit is within a day, else the day
/// before it, else not at all. At night only what is needed before its end.
fn due(year: &Year, alert: &Alert) -> Option<Timestamp> {
    let host = year.world.hosts.iter().position(|host| host.id == alert.staff)?;
    let visits = &year.lives[host].visits;
    let next = visits.iter().find(|visit| visit.ends > alert.raised)?;
    let due = alert.raised.max(next.starts.minus(DAY));
    let morning = QuietHours::default().end_after(due, &year.world.clinic.zone)?;
    Some(if next.starts < morning { due } else { morning })
}

fn telling(year: &Year, written: &Written, judged: &mut Judged) {
    for alert in &written.alerts {
        let kind = AlertKind::from_word(&alert.kind).expect("a kind");
        if kind.group() == Group::Now {
            continue;
        }
        judged.alerts += 1;
        let messages = written.messages.get(&alert.id).map(Vec::as_slice).unwrap_or_default();
        let own: Vec<_> = messages.iter().filter(|message| message.staff == alert.staff).collect();
        let sent: Vec<Timestamp> = own.iter().filter_map(|message| message.sent).collect();
        judged.letters_about_alerts += u64::try_from(sent.len()).expect("few");
        if sent.len() > 1 {
            judged.wrong.push(format!("told {} times: {alert:?}", sent.len()));
        }
        let Some(due) = due(year, alert) else { continue };
        let until = after_what_blinds(year, due, due.plus(ROUND + ROUND / 2));
        let lasted = alert.ended.is_none_or(|ended| ended > until) && until < year.end;
        match sent.first() {
            None if lasted => judged.wrong.push(format!("not told by {until}: {alert:?}, {own:?}")),
            Some(at) if *at > until => judged.wrong.push(format!("told at {at}, not by {until}: {alert:?}")),
            Some(at) if at.plus(ROUND) < due => {
                judged.wrong.push(format!("told at {at}, long before {due}: {alert:?}"));
            }
            _ => {}
        }
        if own.iter().any(|message| message.state == "failed") {
            judged.wrong.push(format!("a letter failed: {alert:?}, {own:?}"));
        }
    }
    for letter in &year.letters {
        if let Some(what) = letter.indiscretion(PATIENT) {
            judged.wrong.push(format!("{} a letter to {} holds {what}", letter.at, letter.to));
        }
    }
    let sent: usize = written.messages.values().flatten().filter(|message| message.sent.is_some()).count();
    if sent != year.letters.len() {
        judged.wrong.push(format!("{} letters arrived, {sent} were sent", year.letters.len()));
    }
}

/// Every room has the number that it had, or its owner was told of the new one.
fn links(year: &Year, written: &Written, judged: &mut Judged) {
    for (host, life) in year.lives.iter().enumerate() {
        for (number, seen) in life.numbers.iter().skip(1) {
            judged.rooms_replaced += 1;
            let staff = year.world.hosts[host].id;
            let announced = written.alerts.iter().find(|alert| {
                alert.staff == staff
                    && alert.kind == "room_replaced"
                    && alert.key.ends_with(&format!("/{number}"))
            });
            match announced {
                None => judged.wrong.push(format!("{seen} host {host}: a new room, and nobody was told")),
                Some(alert) if alert.told.is_none() && seen.plus(DAY * 30) < year.end => {
                    judged.wrong.push(format!("{seen} host {host}: a new room, and {alert:?} was not told"));
                }
                Some(_) => {}
            }
        }
    }
}

/// The room that nobody starts is found a month before Zoom forgets its number, and well again when it was started.
fn unused(year: &Year, written: &Written, judged: &mut Judged) {
    let Some(host) = year.world.hosts.last() else { return };
    let found = written.drifts.iter().find(|drift| drift.kind == "unused" && drift.staff == host.id);
    let since = year.start.plus(DAY * 335);
    match found {
        Some(drift)
            if drift.found >= since
                && drift.found <= after_what_blinds(year, since, since.plus(BY_THE_DAY))
                && drift.how.as_deref() == Some("gone") => {}
        other => judged.wrong.push(format!("a room that nobody starts: {other:?}")),
    }
}
