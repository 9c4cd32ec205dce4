-- Handing out links: messages and what became of them, reminders, notices, portals, and rooms of other products. Its
-- twin under postgres/ ends with the same tables and columns.
--
-- SQLite cannot change a CHECK or take a NOT NULL away, so links and presses are made anew and filled from the old ones.
-- Nothing refers to either, so that no reference breaks on the way.

ALTER TABLE appointments ADD COLUMN revision INTEGER NOT NULL DEFAULT 0 CHECK (revision >= 0);
ALTER TABLE appointments ADD COLUMN event_type TEXT;
ALTER TABLE appointments ADD COLUMN location TEXT;
ALTER TABLE appointments ADD COLUMN service TEXT;
ALTER TABLE attendees ADD COLUMN language TEXT;
ALTER TABLE staff ADD COLUMN phone TEXT;
-- The question which appointments one person has, and whose address somebody has typed.
CREATE INDEX attendees_by_person ON attendees (clinic_id, external_id, appointment_id);
CREATE INDEX attendees_by_email ON attendees (email) WHERE listed AND email IS NOT NULL;
CREATE INDEX attendees_by_phone ON attendees (phone) WHERE listed AND phone IS NOT NULL;

-- Patients who have a link of their own to all their visits.
CREATE TABLE persons (
    clinic_id   BLOB    NOT NULL REFERENCES clinics (id),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    external_id TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, external_id)
) STRICT;

CREATE TABLE new_links (
    clinic_id      BLOB    NOT NULL REFERENCES clinics (id),
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    link_for       TEXT    NOT NULL,
    appointment_id BLOB,
    attendee_id    BLOB,
    staff_id       BLOB,
    person_id      BLOB,
    token_hash     BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    token_sealed   BLOB    NOT NULL,
    created_at     INTEGER NOT NULL,
    opened_at      INTEGER,
    revoked_at     INTEGER,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, person_id) REFERENCES persons (clinic_id, id),
    CHECK (
        link_for IN ('attendee', 'host', 'room', 'guest', 'portal')
        AND (appointment_id IS NOT NULL) = (link_for IN ('attendee', 'host'))
        AND (attendee_id IS NOT NULL) = (link_for = 'attendee')
        AND (staff_id IS NOT NULL) = (link_for IN ('room', 'guest'))
        AND (person_id IS NOT NULL) = (link_for = 'portal')
    )
) STRICT;
INSERT INTO new_links
    (clinic_id, id, link_for, appointment_id, attendee_id, staff_id, token_hash, token_sealed, created_at, opened_at,
     revoked_at)
SELECT clinic_id, id, link_for, appointment_id, attendee_id, staff_id, token_hash, token_sealed, created_at, opened_at,
       revoked_at
FROM links;
DROP TABLE links;
ALTER TABLE new_links RENAME TO links;
CREATE INDEX links_by_appointment ON links (clinic_id, appointment_id);
CREATE UNIQUE INDEX links_of_attendee ON links (clinic_id, attendee_id)
    WHERE link_for = 'attendee' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_host ON links (clinic_id, appointment_id)
    WHERE link_for = 'host' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_room ON links (clinic_id, staff_id)
    WHERE link_for = 'room' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_guests ON links (clinic_id, staff_id)
    WHERE link_for = 'guest' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_portal ON links (clinic_id, person_id)
    WHERE link_for = 'portal' AND revoked_at IS NULL;

-- Rooms of other products: two links that somebody pasted. The digests tell the same link at two people.
CREATE TABLE other_rooms (
    clinic_id        BLOB    NOT NULL,
    id               BLOB    NOT NULL CHECK (length(id) = 16),
    staff_id         BLOB    NOT NULL,
    host_url_sealed  BLOB    NOT NULL,
    guest_url_sealed BLOB    NOT NULL,
    host_url_digest  BLOB    NOT NULL CHECK (length(host_url_digest) = 32),
    guest_url_digest BLOB    NOT NULL CHECK (length(guest_url_digest) = 32),
    host_name        TEXT    NOT NULL,
    trouble          TEXT,
    checked_at       INTEGER,
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, staff_id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
) STRICT;

CREATE TABLE new_presses (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    appointment_id BLOB    NOT NULL,
    attendee_id    BLOB    NOT NULL,
    room_id        BLOB,
    other_room_id  BLOB,
    at             INTEGER NOT NULL,
    client_address TEXT,
    from_page      INTEGER NOT NULL DEFAULT 1 CHECK (from_page IN (0, 1)),
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, other_room_id) REFERENCES other_rooms (clinic_id, id),
    CHECK ((room_id IS NULL) = (other_room_id IS NOT NULL))
) STRICT;
INSERT INTO new_presses (clinic_id, id, appointment_id, attendee_id, room_id, at, client_address)
SELECT clinic_id, id, appointment_id, attendee_id, room_id, at, client_address FROM presses;
DROP TABLE presses;
ALTER TABLE new_presses RENAME TO presses;
CREATE INDEX presses_by_room ON presses (clinic_id, room_id, at, id);
CREATE INDEX presses_by_time ON presses (clinic_id, at, id);
CREATE INDEX presses_by_appointment ON presses (clinic_id, appointment_id, attendee_id, at);

ALTER TABLE rooms ADD COLUMN dial_in_sealed BLOB;

-- What a person says where no room tells it.
CREATE TABLE marks (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    appointment_id BLOB    NOT NULL,
    attendee_id    BLOB    NOT NULL,
    marked         TEXT    NOT NULL CHECK (marked IN ('waiting', 'in_session', 'left', 'withdrawn')),
    marked_by      TEXT    NOT NULL CHECK (json_valid(marked_by)),
    at             INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
) STRICT;
CREATE INDEX marks_by_appointment ON marks (clinic_id, appointment_id, at, id);

CREATE TABLE notices (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    host_id        BLOB    NOT NULL,
    appointment_id BLOB,
    minutes_late   INTEGER,
    words          TEXT,
    said_by        TEXT    NOT NULL CHECK (json_valid(said_by)),
    at             INTEGER NOT NULL,
    until          INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, host_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id),
    CHECK ((minutes_late IS NULL) = (words IS NOT NULL))
) STRICT;
-- Those that stand are few, whoever they are of.
CREATE INDEX notices_standing ON notices (clinic_id, until, host_id);

-- How the clinic wants patients to be reached; none where it never said.
CREATE TABLE outreach_settings (
    clinic_id BLOB PRIMARY KEY NOT NULL REFERENCES clinics (id),
    settings  TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

-- Its own wordings, in place of the built-in ones.
CREATE TABLE wordings (
    clinic_id BLOB NOT NULL REFERENCES clinics (id),
    occasion  TEXT NOT NULL CHECK (occasion IN ('link', 'staff_link', 'booked', 'moved', 'cancelled', 'reminder', 'late',
                                                'recovery')),
    channel   TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    language  TEXT NOT NULL,
    subject   TEXT,
    body      TEXT NOT NULL,
    PRIMARY KEY (clinic_id, occasion, channel, language)
) STRICT;

CREATE TABLE telehealth_rules (
    clinic_id BLOB NOT NULL REFERENCES clinics (id),
    aspect    TEXT NOT NULL CHECK (aspect IN ('event_type', 'location', 'service')),
    name      TEXT NOT NULL,
    offer     TEXT NOT NULL CHECK (offer IN ('automatic', 'manual', 'disabled')),
    PRIMARY KEY (clinic_id, aspect, name)
) STRICT;

-- Messages, and what became of them. What one says and where it goes is sealed, and erased when it has been sent.
CREATE TABLE messages (
    clinic_id      BLOB    NOT NULL REFERENCES clinics (id),
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    appointment_id BLOB    NOT NULL,
    attendee_id    BLOB,
    staff_id       BLOB,
    channel        TEXT    NOT NULL CHECK (channel IN ('email', 'sms', 'copy')),
    occasion       TEXT    NOT NULL CHECK (occasion IN ('link', 'staff_link', 'booked', 'moved', 'cancelled', 'reminder',
                                                        'late', 'recovery')),
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
    CHECK ((attendee_id IS NULL) = (staff_id IS NOT NULL)),
    CHECK (lease_until IS NULL OR state = 'queued')
) STRICT;
CREATE INDEX messages_due ON messages (channel, due_at, id) WHERE state = 'queued';
CREATE INDEX messages_by_appointment ON messages (clinic_id, appointment_id, queued_at, id);
CREATE UNIQUE INDEX messages_once ON messages (clinic_id, once) WHERE once IS NOT NULL;

-- What somebody agreed to, each time that it changed: the record of consent.
CREATE TABLE consents (
    clinic_id      BLOB    NOT NULL,
    appointment_id BLOB    NOT NULL,
    attendee_id    BLOB    NOT NULL,
    number         INTEGER NOT NULL,
    channel        TEXT    NOT NULL CHECK (channel IN ('email', 'sms')),
    given          INTEGER NOT NULL CHECK (given IN (0, 1)),
    -- The scheduler's program, somebody at the desk by the form, or the patient on their own page.
    said_by        TEXT    NOT NULL CHECK (said_by IN ('scheduler', 'desk', 'patient')),
    at             INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, appointment_id, attendee_id, number),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
) STRICT, WITHOUT ROWID;

-- Addresses that want nothing more, as their owner said to the sender that all clinics here share.
CREATE TABLE opt_outs (
    channel TEXT    NOT NULL CHECK (channel IN ('email', 'sms')),
    address TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (channel, address)
) STRICT, WITHOUT ROWID;
