//! A clinic of fifty clinicians with twelve appointments a day each, today and for as many days before as it takes to
//! have stored so many events.
//!
//! Whatever the program would have kept of those days is there: deliveries, events, Zoom's record, presences, what was
//! shown, comparisons, decisions, links and presses. The rows are made by the database itself out of their numbers.

use domain::{
    Ambient, ClinicId, Timestamp,
    clinic::{Clinic, Zone},
    text::Name,
};
use store::{Options, Store};

use crate::dialect::Raw;

const HOSTS: u64 = 50;
/// Appointments a day.
pub const A_DAY: u64 = 600;
/// Events that Zoom sends of one appointment.
const OF_ONE: u64 = 8;

/// The first moment of today: Monday, 23 November 2026, UTC, where the clinic is too.
const TODAY: i64 = 1_795_392_000_000_000;
/// Ten minutes into the sixth appointment of the day, which begins half past eleven.
pub const NOW: Timestamp = Timestamp::from_micros(TODAY + (11 * 60 + 40) * MINUTE);
const MINUTE: i64 = 60_000_000;

/// About the size of what Zoom sends.
const BODY: &str = r#"{"event":"meeting.participant_joined","event_ts":1795433400000,"payload":{"account_id":"Kx3mQvTtR5aZ1LwYbN0cGg","object":{"id":"86720014455","uuid":"4444AAAiAAAAAiAiAiiAii==","host_id":"pV8sJ2nXQ7m4dT0uHrBkEw","topic":"Visit","type":3,"start_time":"2026-11-23T15:30:00Z","timezone":"America/Chicago","duration":0,"participant":{"user_id":"16778240","user_name":"Rosa Delgado","id":"","participant_user_id":"","participant_uuid":"55555AAAiAAAAAiAiAiiAii==","public_ip":"203.0.113.20","email":"","join_time":"2026-11-23T15:29:12Z","registrant_id":"","customer_key":"","phone_number":"","leave_reason":"","date_time":"2026-11-23T15:29:12Z","role_change_type":""}}}}"#;

/// The days of so many events.
pub fn days(events: u64) -> u64 {
    (events / (A_DAY * OF_ONE)).max(1)
}

/// The clinic, the same in every database.
pub fn clinic_id() -> ClinicId {
    Ambient::manual(NOW, 1).0.id()
}

/// Fills an empty database with about so many events.
pub async fn fill(url: &str, events: u64) {
    let store = store::open(url, Options::default()).await.expect("an empty database opens");
    add_clinic(&*store).await;
    store.close().await;
    let mut rows =
        Rows { raw: Raw::open(url).await, days: days(events), clinic: "(SELECT id FROM clinics)".into() };
    rows.people().await;
    rows.appointments().await;
    rows.inbox().await;
    rows.attendance().await;
    rows.recovery().await;
    rows.raw.settle().await;
}

async fn add_clinic(store: &dyn Store) {
    let clinic = Clinic {
        id: clinic_id(),
        name: Name::parse("Riverside Counseling").expect("a name"),
        zone: Zone::parse("Etc/UTC").expect("a zone"),
        created_at: Timestamp::from_micros(0),
    };
    let mut tx = store.begin().await.expect("the database answers");
    tx.insert_clinic(&clinic).await.expect("a clinic can be added");
    tx.commit().await.expect("it is kept");
}

struct Rows {
    raw: Raw,
    days: u64,
    clinic: String,
}

/// Which clinician, of the appointment `n`.
const HOST: &str = "(n % 600 % 50)";

impl Rows {
    /// When the appointment `n` begins.
    fn starts(&self) -> String {
        let first = TODAY - i64::try_from(self.days - 1).expect("few") * 1440 * MINUTE + 540 * MINUTE;
        format!("({first} + n / 600 * {} + n % 600 / 50 * {})", 1440 * MINUTE, 30 * MINUTE)
    }

    /// A moment so many seconds after the appointment `n` begins.
    fn after(&self, seconds: i64) -> String {
        format!("({} + {})", self.starts(), seconds * 1_000_000)
    }

    fn count(&self) -> u64 {
        self.days * A_DAY
    }

    /// The id of the thing of one kind that belongs to the appointment `n`.
    fn id(&self, kind: u32) -> String {
        self.raw.id(&self.starts(), &format!("({kind}000000000 + n)"))
    }

    fn digits(&self, kind: u32) -> String {
        self.raw.digits(&self.starts(), &format!("({kind}000000000 + n)"))
    }

    fn of_host(&self, kind: u32, host: &str) -> String {
        self.raw.id("0", &format!("({kind}000 + {host})"))
    }

    /// Inserts one row for each `n` below `count` of which the condition holds.
    async fn insert(&mut self, table_and_columns: &str, count: u64, values: &[&str], condition: &str) {
        let (series, values) = (self.raw.series(count), values.join(", "));
        let sql =
            format!("INSERT INTO {table_and_columns} {series} SELECT {values} FROM series WHERE {condition}");
        self.raw.run(&sql).await;
    }

    async fn people(&mut self) {
        let clinic = self.clinic.clone();
        let (staff, room) = (self.of_host(1, "n"), self.of_host(2, "n"));
        self.insert(
            "staff (clinic_id, id, name, email, roles, created_at)",
            HOSTS,
            &[&clinic, &staff, "'Dr. Amara ' || n", "n || '@clinic.example'", r#"'["staff"]'"#, "0"],
            "TRUE",
        )
        .await;
        let sealed = self.raw.bytes("'00ff'");
        let heard = (NOW.as_micros() - 5_000_000).to_string();
        self.insert(
            "rooms (clinic_id, id, staff_id, kind, meeting_number, zoom_user_id, zoom_account_id, join_url_sealed,
                    checked_at, created_at, heard_at)",
            HOSTS,
            &[&clinic, &room, &staff, "'open'", "80000000000 + n", "'u' || n", "'a'", &sealed, "0", "0", &heard],
            "TRUE",
        )
        .await;
        self.raw.run(&format!("UPDATE boards SET last_change = 2000, heard_at = {heard}")).await;
        let (noted, subject) = (NOW.as_micros().to_string(), self.id(3));
        self.insert(
            "changes (clinic_id, number, subject, subject_id, noted_at)",
            2_000,
            &[&clinic, "n + 1", "'appointment'", &subject, &noted],
            "TRUE",
        )
        .await;
    }

    async fn appointments(&mut self) {
        let (clinic, count, starts) = (self.clinic.clone(), self.count(), self.starts());
        let (appointment, attendee, ends) = (self.id(3), self.id(4), self.after(1800));
        let (host, room) = (self.of_host(1, HOST), self.of_host(2, HOST));
        self.insert(
            "appointments (clinic_id, id, external_id, starts_at, ends_at, host_id, kind, status, created_at, updated_at)",
            count,
            &[&clinic, &appointment, "'a' || n", &starts, &ends, &host, "'telehealth'", "'booked'", "0", "0"],
            "TRUE",
        )
        .await;
        let (yes, no) = (self.raw.truth(true), self.raw.truth(false));
        self.insert(
            "attendees (clinic_id, appointment_id, id, external_id, name, email, phone, consent_email, consent_sms,
                        position, listed)",
            count,
            &[&clinic, &appointment, &attendee, "'x'", "'Rosa Delgado ' || n % 997", "'rosa@home.example'", "NULL", yes,
              no, "0", yes],
            "TRUE",
        )
        .await;
        for (kind, link_for, whose) in [(5, "'attendee'", attendee.as_str()), (6, "'host'", "NULL")] {
            let (id, digits) = (self.id(kind), self.digits(kind));
            let (hash, sealed) = (self.raw.bytes(&format!("{digits} || {digits}")), self.raw.bytes(&digits));
            let opened = format!("CASE WHEN n % 3 = 0 THEN {starts} END");
            self.insert(
                "links (clinic_id, id, link_for, appointment_id, attendee_id, token_hash, token_sealed, created_at,
                        opened_at)",
                count,
                &[&clinic, &id, link_for, &appointment, whose, &hash, &sealed, "0", &opened],
                "TRUE",
            )
            .await;
        }
        let (press, pressed) = (self.id(7), self.after(-125));
        self.insert(
            "presses (clinic_id, id, appointment_id, attendee_id, room_id, at, client_address)",
            count,
            &[&clinic, &press, &appointment, &attendee, &room, &pressed, "'203.0.113.20'"],
            &format!("{} AND {pressed} <= {}", came(), NOW.as_micros()),
        )
        .await;
    }

    /// What Zoom sent, as it came and as it was understood. Here `n` numbers the events.
    async fn inbox(&mut self) {
        let clinic = self.clinic.clone();
        let number =
            |text: &str| text.replace("n / 600", "(n / 8) / 600").replace("n % 600", "(n / 8) % 600");
        let at = format!("({} + (n % 8 - 2) * 90000000)", number(&self.starts()));
        let id = self.raw.id(&at, "(8000000000 + n)");
        let digits = self.raw.digits(&at, "(8000000000 + n)");
        let digest = self.raw.bytes(&digits);
        let told = format!("{at} <= {}", NOW.as_micros());
        let (no, count) = (self.raw.truth(false), self.count() * OF_ONE);
        let (event_ts, settled) = (format!("{at} / 1000"), format!("{at} + 200000"));
        self.insert(
            "deliveries (id, received_at, event_ts, digest, event, late, body, clinic_id, outcome, settled_at)",
            count,
            &[&id, &at, &event_ts, &digest, "'meeting.participant_joined'", no, &format!("'{BODY}'"), &clinic,
              "CASE WHEN n % 100 = 0 THEN 'ignored' ELSE 'applied' END", &settled],
            &told,
        )
        .await;
        let room = self.of_host(2, &number(HOST));
        let event = format!(
            r#"'{{"delivery":"inb_' || {digits} || '","at":"' || {} || '","what":"joined","instance":"4444AAAiAAAAAiAiAiiAii==","person":{{"user_id":"16778240","participant_uuid":"55555AAAiAAAAAiAiAiiAii==","name":"Rosa Delgado"}}}}'"#,
            self.raw.instant(&at)
        );
        self.insert(
            "room_events (clinic_id, room_id, at, meaning, delivery_id, event)",
            count,
            &[&clinic, &room, &at, &digest, &id, &event],
            &told,
        )
        .await;
    }

    async fn attendance(&mut self) {
        let (clinic, count, starts) = (self.clinic.clone(), self.count(), self.starts());
        let now = NOW.as_micros();
        let (appointment, attendee) = (self.id(3), self.id(4));
        let (host, room) = (self.of_host(1, HOST), self.of_host(2, HOST));
        let (came_at, left_at) = (self.after(-120), self.after(1500));
        let matched = format!(
            r#"CASE WHEN {NOBODY_KNOWS} THEN NULL ELSE '{{"appointment":"appt_' || {} || '","attendee":"att_' || {} || '","level":"certain","reasons":["pressed Join 5 seconds before"],"decided_by":"rule"}}' END"#,
            self.digits(3),
            self.digits(4),
        );
        let known = |what: &str| format!("CASE WHEN {NOBODY_KNOWS} THEN NULL ELSE {what} END");
        let whereabouts = format!(
            "CASE WHEN {left_at} <= {now} THEN 'left' WHEN {HOST} % 5 = 0 THEN 'waiting' ELSE 'in_session' END"
        );
        let since = format!("CASE WHEN {left_at} <= {now} THEN {left_at} ELSE {starts} END");
        let columns =
            "presences (clinic_id, id, room_id, who, staff_id, shown_name, first_at, whereabouts, since,
                                  stays, appointment_id, attendee_id, matched, candidates)";
        let stays = self.stays(&[("waiting", -120, 0), ("in_session", 0, 1500)]);
        let (visitor, there) = (self.id(9), format!("{} AND {came_at} <= {now}", came()));
        self.insert(
            columns,
            count,
            &[
                &clinic,
                &visitor,
                &room,
                "'visitor'",
                "NULL",
                "'Rosa D.'",
                &came_at,
                &whereabouts,
                &since,
                &stays,
                &known(&appointment),
                &known(&attendee),
                &matched,
                "'[]'",
            ],
            &there,
        )
        .await;
        let (of_staff, stays) = (self.id(10), self.stays(&[("in_session", -60, 1500)]));
        let whereabouts = format!("CASE WHEN {left_at} <= {now} THEN 'left' ELSE 'in_session' END");
        let came_at = self.after(-60);
        self.insert(
            columns,
            count,
            &[
                &clinic,
                &of_staff,
                &room,
                "'staff'",
                &host,
                "'Dr. Osei'",
                &came_at,
                &whereabouts,
                &since,
                &stays,
                "NULL",
                "NULL",
                "NULL",
                "'[]'",
            ],
            &format!("{came_at} <= {now}"),
        )
        .await;
        for (number, after) in [("1", -120), ("2", 0)] {
            let at = self.after(after);
            self.insert(
                "match_changes (clinic_id, presence_id, number, at, who, appointment_id, attendee_id, matched)",
                count,
                &[&clinic, &visitor, number, &at, "'visitor'", &known(&appointment), &known(&attendee), &matched],
                &there,
            )
            .await;
        }
        let (decision, at) = (self.id(11), self.after(60));
        let by = format!(r#"'{{"staff":"staff_' || {} || '"}}'"#, self.raw.digits("0", "1000"));
        self.insert(
            "decisions (clinic_id, id, room_id, presence_id, attendee_id, verdict, decided_by, at)",
            count,
            &[&clinic, &decision, &room, &visitor, "NULL", "'\"guest\"'", &by, &at],
            &format!("n % 30 = 4 AND {at} <= {now}"),
        )
        .await;
        let ruling = self.id(12);
        self.insert(
            "no_show_rulings (clinic_id, id, appointment_id, attendee_id, ruling, ruled_by, at)",
            count,
            &[&clinic, &ruling, &appointment, &attendee, "'accepted'", &by, &left_at],
            &format!("NOT {} AND n % 40 = 7 AND {left_at} <= {now}", came()),
        )
        .await;
    }

    /// The stays of a presence as a document: kind, beginning and end, in seconds after the start. One that is not over
    /// has no end.
    fn stays(&self, stays: &[(&str, i64, i64)]) -> String {
        let one = |(kind, from, to): &(&str, i64, i64)| {
            let (from, to) = (self.after(*from), self.after(*to));
            let ended = format!(
                r#"CASE WHEN {to} <= {} THEN '"' || {} || '","to_source":"webhook"' ELSE 'null,"to_source":null' END"#,
                NOW.as_micros(),
                self.raw.instant(&to),
            );
            format!(
                r#"'{{"kind":"{kind}","from":"' || {} || '","from_source":"webhook","evidence":["inb_' || {} || '"],"to":' || {ended} || '}}'"#,
                self.raw.instant(&from),
                self.digits(8),
            )
        };
        let all: Vec<String> = stays.iter().map(one).collect();
        format!("'[' || {} || ']'", all.join(" || ',' || "))
    }

    async fn recovery(&mut self) {
        let (clinic, count, starts) = (self.clinic.clone(), self.count(), self.starts());
        let (room, now) = (self.of_host(2, HOST), NOW.as_micros());
        let over = self.after(1500);
        for kind in [13, 14] {
            let (row, delivery) = (self.id(kind), self.id(8));
            let stay = format!(
                r#"'{{"delivery":"inb_{:032}","row":"pres_' || {} || '","instance":"4444AAAiAAAAAiAiAiiAii==","kind":"in_session","from":"' || {} || '","to":"' || {} || '","name":"Rosa Delgado"}}'"#,
                0,
                self.digits(kind),
                self.raw.instant(&starts),
                self.raw.instant(&over),
            );
            self.insert(
                "recorded_stays (clinic_id, room_id, row_id, began_at, stay, delivery_id, last_delivery)",
                count,
                &[&clinic, &room, &row, &starts, &stay, &delivery, &delivery],
                &format!("{over} <= {now}"),
            )
            .await;
        }
        self.insert(
            "looks (clinic_id, room_id, at)",
            count,
            &[&clinic, &room, &self.after(-60)],
            &format!("{starts} <= {now}"),
        )
        .await;
        let (reconciliation, due) = (self.id(15), self.after(2100));
        self.insert(
            "reconciliations (clinic_id, id, room_id, began_at, ended_at, why, due_at, tries, done_at, found)",
            count,
            &[&clinic, &reconciliation, &room, &starts, &over, "'ended'", &due, "0", &due, r#"'{"code":"compared","meetings":1}'"#],
            &format!("{due} <= {now}"),
        )
        .await;
    }
}

/// One in twenty attendees does not come.
fn came() -> &'static str {
    "n % 20 <> 7"
}

/// Of one in fifty of those who are there nobody can say who it is.
const NOBODY_KNOWS: &str = "n % 50 = 23";
