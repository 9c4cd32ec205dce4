-- Recovery, and further evidence of who came. Its twin under sqlite/ ends with the same tables and columns.

ALTER TABLE links DROP CONSTRAINT links_check;
ALTER TABLE links ADD CONSTRAINT links_check CHECK (
    link_for IN ('attendee', 'host', 'room', 'guest')
    AND (appointment_id IS NOT NULL) = (link_for IN ('attendee', 'host'))
    AND (attendee_id IS NOT NULL) = (link_for = 'attendee')
    AND (staff_id IS NOT NULL) = (link_for IN ('room', 'guest'))
);
CREATE UNIQUE INDEX links_of_guests ON links (clinic_id, staff_id)
    WHERE link_for = 'guest' AND revoked_at IS NULL;

ALTER TABLE presences DROP CONSTRAINT presences_who_check;
ALTER TABLE presences ADD CONSTRAINT presences_who_check
    CHECK (who IN ('visitor', 'staff', 'guest', 'interpreter'));

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
ALTER TABLE rooms ADD COLUMN series_ends_at BIGINT;
ALTER TABLE rooms ADD COLUMN kind_trouble TEXT;
ALTER TABLE rooms ADD COLUMN invites_trouble TEXT;
ALTER TABLE rooms ADD COLUMN invites_refused_at BIGINT
    CHECK ((invites_refused_at IS NULL) = (invites_trouble IS NULL));

-- Zoom's own record of a room; made from the inbox like the events, and dropped and made again with them.
CREATE TABLE recorded_stays (
    clinic_id     UUID    NOT NULL,
    room_id       UUID    NOT NULL,
    row_id        UUID    NOT NULL,
    began_at      BIGINT  NOT NULL,
    -- What it says, without the delivery; which delivery first said so, and which is the youngest that said anything.
    stay          TEXT    NOT NULL,
    delivery_id   UUID    NOT NULL,
    last_delivery UUID    NOT NULL,
    PRIMARY KEY (clinic_id, room_id, row_id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
);
CREATE INDEX recorded_stays_by_time ON recorded_stays (clinic_id, room_id, began_at, row_id);

-- When it was looked at how things stand in a room. What was shown follows from it, so that it outlives a rebuild.
CREATE TABLE looks (
    clinic_id UUID    NOT NULL,
    room_id   UUID    NOT NULL,
    at        BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, room_id, at),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
);

CREATE TABLE registrations (
    clinic_id       UUID    NOT NULL,
    id              UUID    NOT NULL,
    room_id         UUID    NOT NULL,
    meeting_number  BIGINT  NOT NULL,
    registrant_id   TEXT    NOT NULL,
    appointment_id  UUID,
    attendee_id     UUID,
    join_url_sealed BYTEA   NOT NULL,
    at              BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    -- One registrant is one person at most, whatever Zoom answers.
    UNIQUE (clinic_id, room_id, registrant_id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    CHECK ((appointment_id IS NULL) = (attendee_id IS NULL))
);
CREATE UNIQUE INDEX registrations_of_attendee ON registrations (clinic_id, room_id, meeting_number, attendee_id)
    WHERE attendee_id IS NOT NULL;

CREATE TABLE invites (
    clinic_id       UUID    NOT NULL,
    id              UUID    NOT NULL,
    room_id         UUID    NOT NULL,
    appointment_id  UUID    NOT NULL,
    attendee_id     UUID    NOT NULL,
    name            TEXT    NOT NULL,
    join_url_sealed BYTEA   NOT NULL,
    at              BIGINT  NOT NULL,
    usable_until    BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
);
CREATE INDEX invites_by_room ON invites (clinic_id, room_id, at, id);
CREATE INDEX invites_of_attendee ON invites (clinic_id, room_id, attendee_id, at, id);

-- What was shown of somebody, and since when. Not tied to presences: those are dropped and made again.
CREATE TABLE match_changes (
    clinic_id      UUID    NOT NULL REFERENCES clinics (id),
    presence_id    UUID    NOT NULL,
    number         BIGINT  NOT NULL,
    at             BIGINT  NOT NULL,
    who            TEXT    NOT NULL CHECK (who IN ('visitor', 'staff', 'guest', 'interpreter')),
    appointment_id UUID,
    attendee_id    UUID,
    matched        TEXT,
    PRIMARY KEY (clinic_id, presence_id, number),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    CHECK ((appointment_id IS NULL) = (matched IS NULL) AND (attendee_id IS NULL) = (matched IS NULL))
);

CREATE TABLE no_show_rulings (
    clinic_id      UUID    NOT NULL,
    id             UUID    NOT NULL,
    appointment_id UUID    NOT NULL,
    attendee_id    UUID    NOT NULL,
    ruling         TEXT    NOT NULL CHECK (ruling IN ('accepted', 'refused', 'withdrawn')),
    ruled_by       TEXT    NOT NULL,
    at             BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
);
CREATE INDEX no_show_rulings_by_appointment ON no_show_rulings (clinic_id, appointment_id, at, id);

-- When each instance last could take deliveries, and the times in which none could. Of the whole installation.
CREATE TABLE heartbeats (
    instance_id UUID    PRIMARY KEY,
    at          BIGINT  NOT NULL
);
CREATE INDEX heartbeats_by_time ON heartbeats (at);

CREATE TABLE outages (
    id       UUID    PRIMARY KEY,
    began_at BIGINT  NOT NULL UNIQUE,
    ended_at BIGINT  NOT NULL,
    CHECK (ended_at > began_at)
);

CREATE TABLE reconciliations (
    clinic_id   UUID    NOT NULL,
    id          UUID    NOT NULL,
    room_id     UUID    NOT NULL,
    began_at    BIGINT  NOT NULL,
    ended_at    BIGINT  NOT NULL,
    why         TEXT    NOT NULL CHECK (why IN ('ended', 'outage', 'daily', 'asked')),
    due_at      BIGINT  NOT NULL,
    tries       BIGINT  NOT NULL CHECK (tries >= 0),
    lease_until BIGINT,
    done_at     BIGINT,
    found       TEXT,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    CHECK (ended_at >= began_at),
    CHECK (lease_until IS NULL OR done_at IS NULL)
);
CREATE INDEX reconciliations_due ON reconciliations (due_at, id) WHERE done_at IS NULL;
CREATE INDEX reconciliations_by_time ON reconciliations (clinic_id, ended_at, began_at, id);
-- Only one that nobody began can take in another; the index is what says that there is one at most.
CREATE UNIQUE INDEX reconciliations_not_begun ON reconciliations (clinic_id, room_id, why)
    WHERE done_at IS NULL AND lease_until IS NULL AND tries = 0;

-- Days are dates in UTC, as ISO 8601 writes them.
CREATE TABLE receiver_days (
    day               TEXT    PRIMARY KEY CHECK (length(day) = 10),
    stored            BIGINT  NOT NULL,
    repeated          BIGINT  NOT NULL,
    refused           BIGINT  NOT NULL,
    unreadable        BIGINT  NOT NULL,
    unavailable       BIGINT  NOT NULL,
    challenges        BIGINT  NOT NULL,
    last_challenge_at BIGINT,
    last_refused_at   BIGINT
);

CREATE TABLE feed_days (
    clinic_id       UUID    NOT NULL REFERENCES clinics (id),
    day             TEXT    NOT NULL CHECK (length(day) = 10),
    -- None for what was about no room of ours.
    room_id         UUID,
    applied         BIGINT  NOT NULL,
    duplicate       BIGINT  NOT NULL,
    ignored         BIGINT  NOT NULL,
    foreign_account BIGINT  NOT NULL,
    failed          BIGINT  NOT NULL,
    late            BIGINT  NOT NULL,
    UNIQUE (clinic_id, day, room_id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id)
);
CREATE UNIQUE INDEX feed_days_of_no_room ON feed_days (clinic_id, day) WHERE room_id IS NULL;
