-- Connections that last and rooms that stay right: what the guard found, alerts and who is told of them, and covering
-- colleagues. Its twin under postgres/ ends with the same tables and columns.

ALTER TABLE rooms ADD COLUMN origin TEXT NOT NULL DEFAULT 'made' CHECK (origin IN ('made', 'adopted', 'personal'));
ALTER TABLE rooms ADD COLUMN looked_at INTEGER;
ALTER TABLE rooms ADD COLUMN asked_at INTEGER;
ALTER TABLE rooms ADD COLUMN look_trouble TEXT;
ALTER TABLE rooms ADD COLUMN wanted_at INTEGER;
ALTER TABLE rooms ADD COLUMN wanted_for TEXT CHECK (wanted_for IN ('connected', 'daily', 'first_visit', 'changed', 'asked'));
ALTER TABLE rooms ADD COLUMN numbered_at INTEGER;
ALTER TABLE rooms ADD COLUMN started_at INTEGER;
ALTER TABLE rooms ADD COLUMN host_pressed_at INTEGER;
-- What Zoom was asked to show to whoever waits, and when; gone with the start of the meeting that it was asked for.
ALTER TABLE rooms ADD COLUMN shown TEXT CHECK (json_valid(shown));
CREATE INDEX rooms_wanted ON rooms (wanted_at) WHERE wanted_at IS NOT NULL;

-- Zoom allows so many changes for one host and day: the day (UTC, counted from 1970) and how many there were on it.
ALTER TABLE connections ADD COLUMN changes_on INTEGER;
ALTER TABLE connections ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

-- When Zoom was last asked to renew the tokens; in doubt until it is known what came of that.
ALTER TABLE connections ADD COLUMN asked_at INTEGER;
ALTER TABLE connections ADD COLUMN in_doubt INTEGER NOT NULL DEFAULT 0 CHECK (in_doubt IN (0, 1));
CREATE INDEX connections_in_doubt ON connections (asked_at, id) WHERE in_doubt;
CREATE INDEX connections_in_trouble ON connections (trouble) WHERE state = 'needs_reconnect';

ALTER TABLE staff ADD COLUMN told_own TEXT CHECK (told_own IN ('nothing', 'email', 'sms'));
ALTER TABLE staff ADD COLUMN told_clinic TEXT CHECK (told_clinic IN ('nothing', 'email', 'sms'));

-- Since when the person is to have no link to all their visits, until it is renewed.
ALTER TABLE persons ADD COLUMN portal_revoked_at INTEGER;

-- What a room was found not to be, and what became of it.
CREATE TABLE drifts (
    clinic_id BLOB    NOT NULL,
    id        BLOB    NOT NULL CHECK (length(id) = 16),
    room_id   BLOB    NOT NULL,
    kind      TEXT    NOT NULL,
    found_at  INTEGER NOT NULL,
    found_for TEXT    NOT NULL CHECK (found_for IN ('connected', 'daily', 'first_visit', 'changed', 'asked')),
    hindrance TEXT,
    tries     INTEGER NOT NULL CHECK (tries >= 0),
    tried_at  INTEGER,
    ended_at  INTEGER,
    ended     TEXT    CHECK (ended IN ('repaired', 'gone', 'replaced')),
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    CHECK ((ended_at IS NULL) = (ended IS NULL))
) STRICT;
-- One of a kind lasts at a time.
CREATE UNIQUE INDEX drifts_lasting ON drifts (clinic_id, room_id, kind) WHERE ended_at IS NULL;
CREATE INDEX drifts_by_room ON drifts (clinic_id, room_id, found_at, id);

CREATE TABLE alerts (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    staff_id       BLOB    NOT NULL,
    kind           TEXT    NOT NULL,
    appointment_id BLOB,
    -- Not tied to presences: those are dropped and made again.
    presence_id    BLOB    CHECK (length(presence_id) = 16),
    key            TEXT    NOT NULL,
    detail         TEXT,
    raised_at      INTEGER NOT NULL,
    ended_at       INTEGER,
    told_at        INTEGER,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, key),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id)
) STRICT;
CREATE INDEX alerts_lasting ON alerts (clinic_id, staff_id) WHERE ended_at IS NULL;
CREATE INDEX alerts_untold ON alerts (raised_at, id) WHERE ended_at IS NULL AND told_at IS NULL;

-- When a clinic wants to be warned; none where it never said.
CREATE TABLE alert_settings (
    clinic_id BLOB PRIMARY KEY NOT NULL REFERENCES clinics (id),
    settings  TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

CREATE TABLE covers (
    clinic_id BLOB    NOT NULL,
    id        BLOB    NOT NULL CHECK (length(id) = 16),
    host_id   BLOB    NOT NULL,
    by_id     BLOB    NOT NULL,
    from_at   INTEGER NOT NULL,
    until_at  INTEGER NOT NULL,
    ended_at  INTEGER,
    at_zoom   INTEGER NOT NULL CHECK (at_zoom IN (0, 1)),
    -- Whom we named an alternative host at Zoom, until that is taken back.
    named     TEXT,
    said_by   TEXT    NOT NULL CHECK (json_valid(said_by)),
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, host_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, by_id) REFERENCES staff (clinic_id, id),
    CHECK (until_at > from_at AND host_id <> by_id)
) STRICT;
CREATE INDEX covers_by_end ON covers (clinic_id, until_at);

-- A message may be about an alert instead of an appointment. SQLite cannot take a NOT NULL or a CHECK away, so the table is
-- made anew and filled from the old one; nothing refers to it.
CREATE TABLE new_messages (
    clinic_id      BLOB    NOT NULL REFERENCES clinics (id),
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    appointment_id BLOB,
    attendee_id    BLOB,
    staff_id       BLOB,
    alert_id       BLOB,
    channel        TEXT    NOT NULL CHECK (channel IN ('email', 'sms', 'copy')),
    occasion       TEXT    NOT NULL CHECK (occasion IN ('link', 'staff_link', 'booked', 'moved', 'cancelled', 'reminder',
                                                        'late', 'recovery', 'alert')),
    state          TEXT    NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'failed', 'withdrawn', 'copied')),
    reason         TEXT,
    asked_by       TEXT    CHECK (json_valid(asked_by)),
    content_sealed BLOB,
    -- Names what is sent once at most, whoever thinks of it: a reminder, above all.
    once           TEXT,
    queued_at      INTEGER NOT NULL,
    due_at         INTEGER NOT NULL,
    tries          INTEGER NOT NULL CHECK (tries >= 0),
    lease_until    INTEGER,
    sent_at        INTEGER,
    changed_at     INTEGER NOT NULL,
    provider_id    TEXT,
    -- Why it is withdrawn unless the worker that has it at this moment sends it all the same.
    overtaken      TEXT,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, alert_id) REFERENCES alerts (clinic_id, id),
    CHECK ((attendee_id IS NULL) = (staff_id IS NOT NULL)),
    CHECK ((appointment_id IS NULL) = (alert_id IS NOT NULL)),
    CHECK ((occasion = 'alert') = (alert_id IS NOT NULL)),
    CHECK (lease_until IS NULL OR state = 'queued')
) STRICT;
INSERT INTO new_messages
    (clinic_id, id, appointment_id, attendee_id, staff_id, channel, occasion, state, reason, asked_by, content_sealed, once,
     queued_at, due_at, tries, lease_until, sent_at, changed_at, provider_id, overtaken)
SELECT clinic_id, id, appointment_id, attendee_id, staff_id, channel, occasion, state, reason, asked_by, content_sealed, once,
       queued_at, due_at, tries, lease_until, sent_at, changed_at, provider_id, overtaken
FROM messages;
DROP TABLE messages;
ALTER TABLE new_messages RENAME TO messages;
CREATE INDEX messages_due ON messages (channel, due_at, id) WHERE state = 'queued';
CREATE INDEX messages_by_appointment ON messages (clinic_id, appointment_id, queued_at, id);
CREATE INDEX messages_about_alerts ON messages (clinic_id, queued_at, id) WHERE alert_id IS NOT NULL;
CREATE UNIQUE INDEX messages_once ON messages (clinic_id, once) WHERE once IS NOT NULL;
