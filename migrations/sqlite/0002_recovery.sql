-- Recovery, and further evidence of who came. Its twin under postgres/ ends with the same tables and columns.
--
-- SQLite cannot change a CHECK, so links and presences are made anew and filled from the old ones. Nothing refers to
-- either, so that no reference breaks on the way.

CREATE TABLE new_links (
    clinic_id      BLOB    NOT NULL REFERENCES clinics (id),
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    link_for       TEXT    NOT NULL,
    appointment_id BLOB,
    attendee_id    BLOB,
    staff_id       BLOB,
    token_hash     BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    token_sealed   BLOB    NOT NULL,
    created_at     INTEGER NOT NULL,
    opened_at      INTEGER,
    revoked_at     INTEGER,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    CHECK (
        link_for IN ('attendee', 'host', 'room', 'guest')
        AND (appointment_id IS NOT NULL) = (link_for IN ('attendee', 'host'))
        AND (attendee_id IS NOT NULL) = (link_for = 'attendee')
        AND (staff_id IS NOT NULL) = (link_for IN ('room', 'guest'))
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

CREATE TABLE new_presences (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    room_id        BLOB    NOT NULL,
    who            TEXT    NOT NULL CHECK (who IN ('visitor', 'staff', 'guest', 'interpreter')),
    staff_id       BLOB,
    shown_name     TEXT,
    first_at       INTEGER NOT NULL,
    whereabouts    TEXT    NOT NULL CHECK (whereabouts IN ('waiting', 'connecting', 'in_session', 'left')),
    since          INTEGER NOT NULL,
    stays          TEXT    NOT NULL CHECK (json_valid(stays)),
    appointment_id BLOB,
    attendee_id    BLOB,
    matched        TEXT    CHECK (json_valid(matched)),
    candidates     TEXT    NOT NULL CHECK (json_valid(candidates)),
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    CHECK ((appointment_id IS NULL) = (matched IS NULL) AND (attendee_id IS NULL) = (matched IS NULL))
) STRICT;
INSERT INTO new_presences
    (clinic_id, id, room_id, who, staff_id, shown_name, first_at, whereabouts, since, stays, appointment_id, attendee_id,
     matched, candidates)
SELECT clinic_id, id, room_id, who, staff_id, shown_name, first_at, whereabouts, since, stays, appointment_id, attendee_id,
       matched, candidates
FROM presences;
DROP TABLE presences;
ALTER TABLE new_presences RENAME TO presences;
CREATE INDEX presences_by_room ON presences (clinic_id, room_id, first_at, id);
CREATE INDEX presences_by_time ON presences (clinic_id, first_at, id);
CREATE INDEX presences_by_appointment ON presences (clinic_id, appointment_id, first_at, id)
    WHERE appointment_id IS NOT NULL;

ALTER TABLE deliveries ADD COLUMN source TEXT NOT NULL DEFAULT 'webhook' CHECK (source IN ('webhook', 'zoom_record'));
-- Entered when a delivery is settled, and only where nothing came of it: storing one costs nothing more.
CREATE INDEX deliveries_fruitless ON deliveries (clinic_id, id, received_at)
    WHERE outcome IN ('ignored', 'foreign', 'failed');
CREATE INDEX deliveries_fruitless_anywhere ON deliveries (id, received_at)
    WHERE outcome IN ('ignored', 'foreign', 'failed');

ALTER TABLE presses ADD COLUMN client_address TEXT;

CREATE INDEX decisions_by_presence ON decisions (clinic_id, presence_id);

ALTER TABLE clinics ADD COLUMN room_kind TEXT NOT NULL DEFAULT 'open'
    CHECK (room_kind IN ('open', 'registered', 'other'));
ALTER TABLE staff ADD COLUMN room_kind TEXT CHECK (room_kind IN ('open', 'registered', 'other'));
ALTER TABLE rooms ADD COLUMN series_ends_at INTEGER;
ALTER TABLE rooms ADD COLUMN kind_trouble TEXT;
ALTER TABLE rooms ADD COLUMN invites_trouble TEXT;
ALTER TABLE rooms ADD COLUMN invites_refused_at INTEGER
    CHECK ((invites_refused_at IS NULL) = (invites_trouble IS NULL));

-- Zoom's own record of a room; made from the inbox like the events, and dropped and made again with them.
CREATE TABLE recorded_stays (
    clinic_id     BLOB    NOT NULL,
    room_id       BLOB    NOT NULL,
    row_id        BLOB    NOT NULL CHECK (length(row_id) = 16),
    began_at      INTEGER NOT NULL,
    -- What it says, without the delivery; which delivery first said so, and which is the youngest that said anything.
    stay          TEXT    NOT NULL CHECK (json_valid(stay)),
    delivery_id   BLOB    NOT NULL CHECK (length(delivery_id) = 16),
    last_delivery BLOB    NOT NULL CHECK (length(last_delivery) = 16),
    PRIMARY KEY (clinic_id, room_id, row_id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
) STRICT;
CREATE INDEX recorded_stays_by_time ON recorded_stays (clinic_id, room_id, began_at, row_id);

-- When it was looked at how things stand in a room. What was shown follows from it, so that it outlives a rebuild.
CREATE TABLE looks (
    clinic_id BLOB    NOT NULL,
    room_id   BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, room_id, at),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE registrations (
    clinic_id       BLOB    NOT NULL,
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    room_id         BLOB    NOT NULL,
    meeting_number  INTEGER NOT NULL,
    registrant_id   TEXT    NOT NULL,
    appointment_id  BLOB,
    attendee_id     BLOB,
    join_url_sealed BLOB    NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    -- One registrant is one person at most, whatever Zoom answers.
    UNIQUE (clinic_id, room_id, registrant_id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    CHECK ((appointment_id IS NULL) = (attendee_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX registrations_of_attendee ON registrations (clinic_id, room_id, meeting_number, attendee_id)
    WHERE attendee_id IS NOT NULL;

CREATE TABLE invites (
    clinic_id       BLOB    NOT NULL,
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    room_id         BLOB    NOT NULL,
    appointment_id  BLOB    NOT NULL,
    attendee_id     BLOB    NOT NULL,
    name            TEXT    NOT NULL,
    join_url_sealed BLOB    NOT NULL,
    at              INTEGER NOT NULL,
    usable_until    INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
) STRICT;
CREATE INDEX invites_by_room ON invites (clinic_id, room_id, at, id);
CREATE INDEX invites_of_attendee ON invites (clinic_id, room_id, attendee_id, at, id);

-- What was shown of somebody, and since when. Not tied to presences: those are dropped and made again.
CREATE TABLE match_changes (
    clinic_id      BLOB    NOT NULL REFERENCES clinics (id),
    presence_id    BLOB    NOT NULL CHECK (length(presence_id) = 16),
    number         INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    who            TEXT    NOT NULL CHECK (who IN ('visitor', 'staff', 'guest', 'interpreter')),
    appointment_id BLOB,
    attendee_id    BLOB,
    matched        TEXT    CHECK (json_valid(matched)),
    PRIMARY KEY (clinic_id, presence_id, number),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    CHECK ((appointment_id IS NULL) = (matched IS NULL) AND (attendee_id IS NULL) = (matched IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE no_show_rulings (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    appointment_id BLOB    NOT NULL,
    attendee_id    BLOB    NOT NULL,
    ruling         TEXT    NOT NULL CHECK (ruling IN ('accepted', 'refused', 'withdrawn')),
    ruled_by       TEXT    NOT NULL CHECK (json_valid(ruled_by)),
    at             INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
) STRICT;
CREATE INDEX no_show_rulings_by_appointment ON no_show_rulings (clinic_id, appointment_id, at, id);

-- When each instance last could take deliveries, and the times in which none could. Of the whole installation.
CREATE TABLE heartbeats (
    instance_id BLOB    PRIMARY KEY NOT NULL CHECK (length(instance_id) = 16),
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX heartbeats_by_time ON heartbeats (at);

CREATE TABLE outages (
    id       BLOB    PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    began_at INTEGER NOT NULL UNIQUE,
    ended_at INTEGER NOT NULL,
    CHECK (ended_at > began_at)
) STRICT;

CREATE TABLE reconciliations (
    clinic_id   BLOB    NOT NULL,
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    room_id     BLOB    NOT NULL,
    began_at    INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    why         TEXT    NOT NULL CHECK (why IN ('ended', 'outage', 'daily', 'asked')),
    due_at      INTEGER NOT NULL,
    tries       INTEGER NOT NULL CHECK (tries >= 0),
    lease_until INTEGER,
    done_at     INTEGER,
    found       TEXT    CHECK (json_valid(found)),
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    CHECK (ended_at >= began_at),
    CHECK (lease_until IS NULL OR done_at IS NULL)
) STRICT;
CREATE INDEX reconciliations_due ON reconciliations (due_at, id) WHERE done_at IS NULL;
CREATE INDEX reconciliations_by_time ON reconciliations (clinic_id, ended_at, began_at, id);
-- Only one that nobody began can take in another; the index is what says that there is one at most.
CREATE UNIQUE INDEX reconciliations_not_begun ON reconciliations (clinic_id, room_id, why)
    WHERE done_at IS NULL AND lease_until IS NULL AND tries = 0;

-- Days are dates in UTC, as ISO 8601 writes them.
CREATE TABLE receiver_days (
    day               TEXT    PRIMARY KEY NOT NULL CHECK (length(day) = 10),
    stored            INTEGER NOT NULL,
    repeated          INTEGER NOT NULL,
    refused           INTEGER NOT NULL,
    unreadable        INTEGER NOT NULL,
    unavailable       INTEGER NOT NULL,
    challenges        INTEGER NOT NULL,
    last_challenge_at INTEGER,
    last_refused_at   INTEGER
) STRICT;

CREATE TABLE feed_days (
    clinic_id       BLOB    NOT NULL REFERENCES clinics (id),
    day             TEXT    NOT NULL CHECK (length(day) = 10),
    -- None for what was about no room of ours.
    room_id         BLOB,
    applied         INTEGER NOT NULL,
    duplicate       INTEGER NOT NULL,
    ignored         INTEGER NOT NULL,
    foreign_account INTEGER NOT NULL,
    failed          INTEGER NOT NULL,
    late            INTEGER NOT NULL,
    UNIQUE (clinic_id, day, room_id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
) STRICT;
CREATE UNIQUE INDEX feed_days_of_no_room ON feed_days (clinic_id, day) WHERE room_id IS NULL;
