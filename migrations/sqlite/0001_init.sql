-- The schema for SQLite. Its twin under postgres/ has the same tables and columns.
--
-- Instants are microseconds since the Unix epoch, UTC. Ids are UUIDs, 16 bytes. Documents are JSON as text. Whatever
-- belongs to a clinic has the clinic as the first part of its key, so that a row cannot refer to another clinic's.

CREATE TABLE clinics (
    id          BLOB    PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name        TEXT    NOT NULL UNIQUE,
    time_zone   TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- What is written often about a clinic, apart from what hardly ever changes. Rows come with their clinic.
CREATE TABLE boards (
    clinic_id   BLOB    PRIMARY KEY NOT NULL REFERENCES clinics (id),
    last_change INTEGER NOT NULL CHECK (last_change >= 0),
    heard_at    INTEGER
) STRICT;

CREATE TABLE changes (
    clinic_id   BLOB    NOT NULL REFERENCES clinics (id),
    number      INTEGER NOT NULL,
    subject     TEXT    NOT NULL CHECK (subject IN ('appointment', 'presence')),
    subject_id  BLOB    NOT NULL CHECK (length(subject_id) = 16),
    noted_at    INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_by_time ON changes (noted_at);

CREATE TABLE staff (
    clinic_id   BLOB    NOT NULL REFERENCES clinics (id),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    name        TEXT    NOT NULL,
    email       TEXT    NOT NULL UNIQUE,
    external_id TEXT,
    roles       TEXT    NOT NULL CHECK (json_valid(roles)),
    disabled_at INTEGER,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, external_id)
) STRICT;

CREATE TABLE passwords (
    clinic_id   BLOB    NOT NULL,
    staff_id    BLOB    NOT NULL,
    phc         TEXT    NOT NULL,
    set_at      INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, staff_id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
) STRICT;

CREATE TABLE sign_in_links (
    token_hash  BLOB    PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    clinic_id   BLOB    NOT NULL,
    staff_id    BLOB    NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER,
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
) STRICT;
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);

CREATE TABLE sessions (
    token_hash  BLOB    PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    clinic_id   BLOB    NOT NULL,
    staff_id    BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
) STRICT;
CREATE INDEX sessions_by_staff ON sessions (clinic_id, staff_id);

CREATE TABLE api_tokens (
    clinic_id   BLOB    NOT NULL REFERENCES clinics (id),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    name        TEXT    NOT NULL,
    scopes      TEXT    NOT NULL CHECK (json_valid(scopes)),
    token_hash  BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER,
    PRIMARY KEY (clinic_id, id)
) STRICT;

CREATE TABLE oauth_flows (
    state_hash      BLOB    PRIMARY KEY NOT NULL CHECK (length(state_hash) = 32),
    clinic_id       BLOB    NOT NULL,
    staff_id        BLOB    NOT NULL,
    session_hash    BLOB    NOT NULL CHECK (length(session_hash) = 32),
    verifier_sealed BLOB    NOT NULL,
    created_at      INTEGER NOT NULL,
    used_at         INTEGER,
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
) STRICT;
CREATE INDEX oauth_flows_by_time ON oauth_flows (created_at);

CREATE TABLE connections (
    clinic_id       BLOB    NOT NULL,
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    staff_id        BLOB    NOT NULL,
    zoom_user_id    TEXT    NOT NULL,
    zoom_account_id TEXT    NOT NULL,
    zoom_email      TEXT    NOT NULL,
    zoom_plan       INTEGER NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('connected', 'needs_reconnect', 'disconnected')),
    trouble         TEXT,
    checked_at      INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    lease_holder    BLOB    CHECK (length(lease_holder) = 16),
    lease_until     INTEGER,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    CHECK ((lease_holder IS NULL) = (lease_until IS NULL))
) STRICT;
CREATE UNIQUE INDEX connections_by_zoom_user ON connections (zoom_user_id) WHERE state <> 'disconnected';
CREATE UNIQUE INDEX connections_by_staff ON connections (clinic_id, staff_id) WHERE state <> 'disconnected';

CREATE TABLE connection_tokens (
    clinic_id         BLOB    NOT NULL,
    connection_id     BLOB    NOT NULL,
    access            BLOB    NOT NULL,
    refresh           BLOB    NOT NULL,
    access_expires_at INTEGER NOT NULL,
    scopes            TEXT    NOT NULL,
    refreshed_at      INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, connection_id),
    FOREIGN KEY (clinic_id, connection_id) REFERENCES connections (clinic_id, id)
) STRICT;
CREATE INDEX connection_tokens_by_refresh ON connection_tokens (refreshed_at);

CREATE TABLE rooms (
    clinic_id       BLOB    NOT NULL,
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    staff_id        BLOB    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('open', 'registered', 'other')),
    meeting_number  INTEGER NOT NULL UNIQUE,
    zoom_user_id    TEXT    NOT NULL,
    zoom_account_id TEXT    NOT NULL,
    join_url_sealed BLOB    NOT NULL,
    checked_at      INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    heard_at        INTEGER,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, staff_id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
) STRICT;

CREATE TABLE appointments (
    clinic_id   BLOB    NOT NULL REFERENCES clinics (id),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    external_id TEXT    NOT NULL,
    starts_at   INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL,
    host_id     BLOB    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('telehealth', 'in_person')),
    status      TEXT    NOT NULL CHECK (status IN ('booked', 'cancelled')),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, external_id),
    FOREIGN KEY (clinic_id, host_id) REFERENCES staff (clinic_id, id),
    -- The question which appointments overlap a range relies on none being longer than a day.
    CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000000)
) STRICT;
CREATE INDEX appointments_by_start ON appointments (clinic_id, starts_at, id);
CREATE INDEX appointments_by_host ON appointments (clinic_id, host_id, starts_at, id);

CREATE TABLE attendees (
    clinic_id      BLOB    NOT NULL,
    appointment_id BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    external_id    TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    email          TEXT,
    phone          TEXT,
    consent_email  INTEGER NOT NULL CHECK (consent_email IN (0, 1)),
    consent_sms    INTEGER NOT NULL CHECK (consent_sms IN (0, 1)),
    position       INTEGER NOT NULL,
    -- Whether the scheduler still lists this attendee. Presses and decisions speak of those it no longer lists.
    listed         INTEGER NOT NULL CHECK (listed IN (0, 1)),
    PRIMARY KEY (clinic_id, appointment_id, id),
    UNIQUE (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id)
) STRICT;
CREATE UNIQUE INDEX attendees_by_external_id ON attendees (clinic_id, appointment_id, external_id) WHERE listed;

CREATE TABLE links (
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
        link_for IN ('attendee', 'host', 'room')
        AND (appointment_id IS NOT NULL) = (link_for IN ('attendee', 'host'))
        AND (attendee_id IS NOT NULL) = (link_for = 'attendee')
        AND (staff_id IS NOT NULL) = (link_for = 'room')
    )
) STRICT;
CREATE INDEX links_by_appointment ON links (clinic_id, appointment_id);
CREATE UNIQUE INDEX links_of_attendee ON links (clinic_id, attendee_id)
    WHERE link_for = 'attendee' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_host ON links (clinic_id, appointment_id)
    WHERE link_for = 'host' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_room ON links (clinic_id, staff_id)
    WHERE link_for = 'room' AND revoked_at IS NULL;

CREATE TABLE presses (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    appointment_id BLOB    NOT NULL,
    attendee_id    BLOB    NOT NULL,
    room_id        BLOB    NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
) STRICT;
-- Where two indexes would do, SQLite takes the one that was made first: the narrower one stands first.
CREATE INDEX presses_by_room ON presses (clinic_id, room_id, at, id);
CREATE INDEX presses_by_time ON presses (clinic_id, at, id);

-- Every accepted delivery, raw. It belongs to no clinic until it is understood.
CREATE TABLE deliveries (
    id          BLOB    PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    received_at INTEGER NOT NULL,
    event_ts    INTEGER NOT NULL,
    digest      BLOB    NOT NULL CHECK (length(digest) = 16),
    event       TEXT    NOT NULL,
    late        INTEGER NOT NULL CHECK (late IN (0, 1)),
    body        TEXT    NOT NULL,
    clinic_id   BLOB    REFERENCES clinics (id),
    outcome     TEXT    CHECK (outcome IN ('applied', 'ignored', 'duplicate', 'foreign', 'failed')),
    settled_at  INTEGER,
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
) STRICT;
-- A repetition carries the same time, so the index grows at its end and not all over.
CREATE UNIQUE INDEX deliveries_by_digest ON deliveries (event_ts, digest);
CREATE INDEX deliveries_to_settle ON deliveries (id) WHERE settled_at IS NULL;

-- The key begins with the time rather than with the digest for the same reason.
CREATE TABLE room_events (
    clinic_id   BLOB    NOT NULL,
    room_id     BLOB    NOT NULL,
    at          INTEGER NOT NULL,
    meaning     BLOB    NOT NULL CHECK (length(meaning) = 16),
    delivery_id BLOB    NOT NULL CHECK (length(delivery_id) = 16),
    event       TEXT    NOT NULL CHECK (json_valid(event)),
    PRIMARY KEY (clinic_id, room_id, at, meaning),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE presences (
    clinic_id      BLOB    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    room_id        BLOB    NOT NULL,
    who            TEXT    NOT NULL CHECK (who IN ('visitor', 'staff', 'guest')),
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
CREATE INDEX presences_by_room ON presences (clinic_id, room_id, first_at, id);
CREATE INDEX presences_by_time ON presences (clinic_id, first_at, id);
CREATE INDEX presences_by_appointment ON presences (clinic_id, appointment_id, first_at, id)
    WHERE appointment_id IS NOT NULL;

-- Not tied to presences: those are dropped and made again.
CREATE TABLE decisions (
    clinic_id   BLOB    NOT NULL,
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    room_id     BLOB    NOT NULL,
    presence_id BLOB    NOT NULL CHECK (length(presence_id) = 16),
    attendee_id BLOB,
    verdict     TEXT    NOT NULL CHECK (json_valid(verdict)),
    decided_by  TEXT    NOT NULL CHECK (json_valid(decided_by)),
    at          INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, attendee_id) REFERENCES attendees (clinic_id, id)
) STRICT;
CREATE INDEX decisions_by_room ON decisions (clinic_id, room_id, at, id);
