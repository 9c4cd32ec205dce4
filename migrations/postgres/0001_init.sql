-- The schema for PostgreSQL. Its twin under sqlite/ has the same tables and columns.
--
-- Instants are microseconds since the Unix epoch, UTC. Ids are UUIDs. Documents are JSON as text. Whatever
-- belongs to a clinic has the clinic as the first part of its key, so that a row cannot refer to another clinic's.

CREATE TABLE clinics (
    id          UUID    PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    time_zone   TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL
);

-- What is written often about a clinic, apart from what hardly ever changes. Rows come with their clinic.
CREATE TABLE boards (
    clinic_id   UUID    PRIMARY KEY REFERENCES clinics (id),
    last_change BIGINT  NOT NULL CHECK (last_change >= 0),
    heard_at    BIGINT
);

CREATE TABLE changes (
    clinic_id   UUID    NOT NULL REFERENCES clinics (id),
    number      BIGINT  NOT NULL,
    subject     TEXT    NOT NULL CHECK (subject IN ('appointment', 'presence')),
    subject_id  UUID    NOT NULL,
    noted_at    BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, number)
);
CREATE INDEX changes_by_time ON changes (noted_at);

CREATE TABLE staff (
    clinic_id   UUID    NOT NULL REFERENCES clinics (id),
    id          UUID    NOT NULL,
    name        TEXT    NOT NULL,
    email       TEXT    NOT NULL UNIQUE,
    external_id TEXT,
    roles       TEXT    NOT NULL,
    disabled_at BIGINT,
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, external_id)
);

CREATE TABLE passwords (
    clinic_id   UUID    NOT NULL,
    staff_id    UUID    NOT NULL,
    phc         TEXT    NOT NULL,
    set_at      BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, staff_id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
);

CREATE TABLE sign_in_links (
    token_hash  BYTEA   PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    clinic_id   UUID    NOT NULL,
    staff_id    UUID    NOT NULL,
    expires_at  BIGINT  NOT NULL,
    used_at     BIGINT,
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
);
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);

CREATE TABLE sessions (
    token_hash  BYTEA   PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    clinic_id   UUID    NOT NULL,
    staff_id    UUID    NOT NULL,
    created_at  BIGINT  NOT NULL,
    seen_at     BIGINT  NOT NULL,
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
);
CREATE INDEX sessions_by_staff ON sessions (clinic_id, staff_id);

CREATE TABLE api_tokens (
    clinic_id   UUID    NOT NULL REFERENCES clinics (id),
    id          UUID    NOT NULL,
    name        TEXT    NOT NULL,
    scopes      TEXT    NOT NULL,
    token_hash  BYTEA   NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at  BIGINT  NOT NULL,
    revoked_at  BIGINT,
    PRIMARY KEY (clinic_id, id)
);

CREATE TABLE oauth_flows (
    state_hash      BYTEA   PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    clinic_id       UUID    NOT NULL,
    staff_id        UUID    NOT NULL,
    session_hash    BYTEA   NOT NULL CHECK (octet_length(session_hash) = 32),
    verifier_sealed BYTEA   NOT NULL,
    created_at      BIGINT  NOT NULL,
    used_at         BIGINT,
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
);
CREATE INDEX oauth_flows_by_time ON oauth_flows (created_at);

CREATE TABLE connections (
    clinic_id       UUID    NOT NULL,
    id              UUID    NOT NULL,
    staff_id        UUID    NOT NULL,
    zoom_user_id    TEXT    NOT NULL,
    zoom_account_id TEXT    NOT NULL,
    zoom_email      TEXT    NOT NULL,
    zoom_plan       BIGINT  NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('connected', 'needs_reconnect', 'disconnected')),
    trouble         TEXT,
    checked_at      BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    lease_holder    UUID,
    lease_until     BIGINT,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    CHECK ((lease_holder IS NULL) = (lease_until IS NULL))
);
CREATE UNIQUE INDEX connections_by_zoom_user ON connections (zoom_user_id) WHERE state <> 'disconnected';
CREATE UNIQUE INDEX connections_by_staff ON connections (clinic_id, staff_id) WHERE state <> 'disconnected';

CREATE TABLE connection_tokens (
    clinic_id         UUID    NOT NULL,
    connection_id     UUID    NOT NULL,
    access            BYTEA   NOT NULL,
    refresh           BYTEA   NOT NULL,
    access_expires_at BIGINT  NOT NULL,
    scopes            TEXT    NOT NULL,
    refreshed_at      BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, connection_id),
    FOREIGN KEY (clinic_id, connection_id) REFERENCES connections (clinic_id, id)
);
CREATE INDEX connection_tokens_by_refresh ON connection_tokens (refreshed_at);

CREATE TABLE rooms (
    clinic_id       UUID    NOT NULL,
    id              UUID    NOT NULL,
    staff_id        UUID    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('open', 'registered', 'other')),
    meeting_number  BIGINT  NOT NULL UNIQUE,
    zoom_user_id    TEXT    NOT NULL,
    zoom_account_id TEXT    NOT NULL,
    join_url_sealed BYTEA   NOT NULL,
    checked_at      BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    heard_at        BIGINT,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, staff_id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
);

CREATE TABLE appointments (
    clinic_id   UUID    NOT NULL REFERENCES clinics (id),
    id          UUID    NOT NULL,
    external_id TEXT    NOT NULL,
    starts_at   BIGINT  NOT NULL,
    ends_at     BIGINT  NOT NULL,
    host_id     UUID    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('telehealth', 'in_person')),
    status      TEXT    NOT NULL CHECK (status IN ('booked', 'cancelled')),
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, external_id),
    FOREIGN KEY (clinic_id, host_id) REFERENCES staff (clinic_id, id),
    -- The question which appointments overlap a range relies on none being longer than a day.
    CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000000)
);
CREATE INDEX appointments_by_start ON appointments (clinic_id, starts_at, id);
CREATE INDEX appointments_by_host ON appointments (clinic_id, host_id, starts_at, id);

CREATE TABLE attendees (
    clinic_id      UUID    NOT NULL,
    appointment_id UUID    NOT NULL,
    id             UUID    NOT NULL,
    external_id    TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    email          TEXT,
    phone          TEXT,
    consent_email  BOOLEAN NOT NULL,
    consent_sms    BOOLEAN NOT NULL,
    position       BIGINT  NOT NULL,
    -- Whether the scheduler still lists this attendee. Presses and decisions speak of those it no longer lists.
    listed         BOOLEAN NOT NULL,
    PRIMARY KEY (clinic_id, appointment_id, id),
    UNIQUE (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id)
);
CREATE UNIQUE INDEX attendees_by_external_id ON attendees (clinic_id, appointment_id, external_id) WHERE listed;

CREATE TABLE links (
    clinic_id      UUID    NOT NULL REFERENCES clinics (id),
    id             UUID    NOT NULL,
    link_for       TEXT    NOT NULL,
    appointment_id UUID,
    attendee_id    UUID,
    staff_id       UUID,
    token_hash     BYTEA   NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    token_sealed   BYTEA   NOT NULL,
    created_at     BIGINT  NOT NULL,
    opened_at      BIGINT,
    revoked_at     BIGINT,
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
);
CREATE INDEX links_by_appointment ON links (clinic_id, appointment_id);
CREATE UNIQUE INDEX links_of_attendee ON links (clinic_id, attendee_id)
    WHERE link_for = 'attendee' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_host ON links (clinic_id, appointment_id)
    WHERE link_for = 'host' AND revoked_at IS NULL;
CREATE UNIQUE INDEX links_of_room ON links (clinic_id, staff_id)
    WHERE link_for = 'room' AND revoked_at IS NULL;

CREATE TABLE presses (
    clinic_id      UUID    NOT NULL,
    id             UUID    NOT NULL,
    appointment_id UUID    NOT NULL,
    attendee_id    UUID    NOT NULL,
    room_id        UUID    NOT NULL,
    at             BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
);
CREATE INDEX presses_by_room ON presses (clinic_id, room_id, at, id);
CREATE INDEX presses_by_time ON presses (clinic_id, at, id);

-- Every accepted delivery, raw. It belongs to no clinic until it is understood.
CREATE TABLE deliveries (
    id          UUID    PRIMARY KEY,
    received_at BIGINT  NOT NULL,
    event_ts    BIGINT  NOT NULL,
    digest      BYTEA   NOT NULL CHECK (octet_length(digest) = 16),
    event       TEXT    NOT NULL,
    late        BOOLEAN NOT NULL,
    body        TEXT    NOT NULL,
    clinic_id   UUID    REFERENCES clinics (id),
    outcome     TEXT    CHECK (outcome IN ('applied', 'ignored', 'duplicate', 'foreign', 'failed')),
    settled_at  BIGINT,
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
);
-- A repetition carries the same time, so the index grows at its end and not all over.
CREATE UNIQUE INDEX deliveries_by_digest ON deliveries (event_ts, digest);
CREATE INDEX deliveries_to_settle ON deliveries (id) WHERE settled_at IS NULL;

-- The key begins with the time rather than with the digest for the same reason.
CREATE TABLE room_events (
    clinic_id   UUID    NOT NULL,
    room_id     UUID    NOT NULL,
    at          BIGINT  NOT NULL,
    meaning     BYTEA   NOT NULL CHECK (octet_length(meaning) = 16),
    delivery_id UUID    NOT NULL,
    event       TEXT    NOT NULL,
    PRIMARY KEY (clinic_id, room_id, at, meaning),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
);

CREATE TABLE presences (
    clinic_id      UUID    NOT NULL,
    id             UUID    NOT NULL,
    room_id        UUID    NOT NULL,
    who            TEXT    NOT NULL CHECK (who IN ('visitor', 'staff', 'guest')),
    staff_id       UUID,
    shown_name     TEXT,
    first_at       BIGINT  NOT NULL,
    whereabouts    TEXT    NOT NULL CHECK (whereabouts IN ('waiting', 'connecting', 'in_session', 'left')),
    since          BIGINT  NOT NULL,
    stays          TEXT    NOT NULL,
    appointment_id UUID,
    attendee_id    UUID,
    matched        TEXT,
    candidates     TEXT    NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    CHECK ((appointment_id IS NULL) = (matched IS NULL) AND (attendee_id IS NULL) = (matched IS NULL))
);
CREATE INDEX presences_by_room ON presences (clinic_id, room_id, first_at, id);
CREATE INDEX presences_by_time ON presences (clinic_id, first_at, id);
CREATE INDEX presences_by_appointment ON presences (clinic_id, appointment_id, first_at, id)
    WHERE appointment_id IS NOT NULL;

-- Not tied to presences: those are dropped and made again.
CREATE TABLE decisions (
    clinic_id   UUID    NOT NULL,
    id          UUID    NOT NULL,
    room_id     UUID    NOT NULL,
    presence_id UUID    NOT NULL,
    attendee_id UUID,
    verdict     TEXT    NOT NULL,
    decided_by  TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, attendee_id) REFERENCES attendees (clinic_id, id)
);
CREATE INDEX decisions_by_room ON decisions (clinic_id, room_id, at, id);
