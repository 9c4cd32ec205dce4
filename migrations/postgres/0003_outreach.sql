-- Handing out links: messages and what became of them, reminders, notices, portals, and rooms of other products. Its
-- twin under sqlite/ ends with the same tables and columns.

ALTER TABLE appointments ADD COLUMN revision BIGINT NOT NULL DEFAULT 0 CHECK (revision >= 0);
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
    clinic_id   UUID    NOT NULL REFERENCES clinics (id),
    id          UUID    NOT NULL,
    external_id TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, external_id)
);

ALTER TABLE links ADD COLUMN person_id UUID;
ALTER TABLE links ADD CONSTRAINT links_person_fkey FOREIGN KEY (clinic_id, person_id) REFERENCES persons (clinic_id, id);
ALTER TABLE links DROP CONSTRAINT links_check;
ALTER TABLE links ADD CONSTRAINT links_check CHECK (
    link_for IN ('attendee', 'host', 'room', 'guest', 'portal')
    AND (appointment_id IS NOT NULL) = (link_for IN ('attendee', 'host'))
    AND (attendee_id IS NOT NULL) = (link_for = 'attendee')
    AND (staff_id IS NOT NULL) = (link_for IN ('room', 'guest'))
    AND (person_id IS NOT NULL) = (link_for = 'portal')
);
CREATE UNIQUE INDEX links_of_portal ON links (clinic_id, person_id)
    WHERE link_for = 'portal' AND revoked_at IS NULL;

-- Rooms of other products: two links that somebody pasted. The digests tell the same link at two people.
CREATE TABLE other_rooms (
    clinic_id        UUID    NOT NULL,
    id               UUID    NOT NULL,
    staff_id         UUID    NOT NULL,
    host_url_sealed  BYTEA   NOT NULL,
    guest_url_sealed BYTEA   NOT NULL,
    host_url_digest  BYTEA   NOT NULL CHECK (octet_length(host_url_digest) = 32),
    guest_url_digest BYTEA   NOT NULL CHECK (octet_length(guest_url_digest) = 32),
    host_name        TEXT    NOT NULL,
    trouble          TEXT,
    checked_at       BIGINT,
    created_at       BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, staff_id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id)
);

ALTER TABLE presses ALTER COLUMN room_id DROP NOT NULL;
ALTER TABLE presses ADD COLUMN other_room_id UUID;
ALTER TABLE presses ADD CONSTRAINT presses_other_room_fkey
    FOREIGN KEY (clinic_id, other_room_id) REFERENCES other_rooms (clinic_id, id);
ALTER TABLE presses ADD CONSTRAINT presses_room_check CHECK ((room_id IS NULL) = (other_room_id IS NOT NULL));
ALTER TABLE presses ADD COLUMN from_page BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX presses_by_appointment ON presses (clinic_id, appointment_id, attendee_id, at);

ALTER TABLE rooms ADD COLUMN dial_in_sealed BYTEA;

-- What a person says where no room tells it.
CREATE TABLE marks (
    clinic_id      UUID    NOT NULL,
    id             UUID    NOT NULL,
    appointment_id UUID    NOT NULL,
    attendee_id    UUID    NOT NULL,
    marked         TEXT    NOT NULL CHECK (marked IN ('waiting', 'in_session', 'left', 'withdrawn')),
    marked_by      TEXT    NOT NULL,
    at             BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
);
CREATE INDEX marks_by_appointment ON marks (clinic_id, appointment_id, at, id);

CREATE TABLE notices (
    clinic_id      UUID    NOT NULL,
    id             UUID    NOT NULL,
    host_id        UUID    NOT NULL,
    appointment_id UUID,
    minutes_late   BIGINT,
    words          TEXT,
    said_by        TEXT    NOT NULL,
    at             BIGINT  NOT NULL,
    until          BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, host_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id),
    CHECK ((minutes_late IS NULL) = (words IS NOT NULL))
);
-- Those that stand are few, whoever they are of.
CREATE INDEX notices_standing ON notices (clinic_id, until, host_id);

-- How the clinic wants patients to be reached; none where it never said.
CREATE TABLE outreach_settings (
    clinic_id UUID PRIMARY KEY REFERENCES clinics (id),
    settings  TEXT NOT NULL
);

-- Its own wordings, in place of the built-in ones.
CREATE TABLE wordings (
    clinic_id UUID NOT NULL REFERENCES clinics (id),
    occasion  TEXT NOT NULL CHECK (occasion IN ('link', 'staff_link', 'booked', 'moved', 'cancelled', 'reminder', 'late',
                                                'recovery')),
    channel   TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    language  TEXT NOT NULL,
    subject   TEXT,
    body      TEXT NOT NULL,
    PRIMARY KEY (clinic_id, occasion, channel, language)
);

CREATE TABLE telehealth_rules (
    clinic_id UUID NOT NULL REFERENCES clinics (id),
    aspect    TEXT NOT NULL CHECK (aspect IN ('event_type', 'location', 'service')),
    name      TEXT NOT NULL,
    offer     TEXT NOT NULL CHECK (offer IN ('automatic', 'manual', 'disabled')),
    PRIMARY KEY (clinic_id, aspect, name)
);

-- Messages, and what became of them. What one says and where it goes is sealed, and erased when it has been sent.
CREATE TABLE messages (
    clinic_id      UUID    NOT NULL REFERENCES clinics (id),
    id             UUID    NOT NULL,
    appointment_id UUID    NOT NULL,
    attendee_id    UUID,
    staff_id       UUID,
    channel        TEXT    NOT NULL CHECK (channel IN ('email', 'sms', 'copy')),
    occasion       TEXT    NOT NULL CHECK (occasion IN ('link', 'staff_link', 'booked', 'moved', 'cancelled', 'reminder',
                                                        'late', 'recovery')),
    state          TEXT    NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'failed', 'withdrawn', 'copied')),
    reason         TEXT,
    asked_by       TEXT,
    content_sealed BYTEA,
    -- Names what is sent once at most, whoever thinks of it: a reminder, above all.
    once           TEXT,
    queued_at      BIGINT  NOT NULL,
    due_at         BIGINT  NOT NULL,
    tries          BIGINT  NOT NULL CHECK (tries >= 0),
    lease_until    BIGINT,
    sent_at        BIGINT,
    changed_at     BIGINT  NOT NULL,
    provider_id    TEXT,
    -- Why it is withdrawn unless the worker that has it at this moment sends it all the same.
    overtaken      TEXT,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    CHECK ((attendee_id IS NULL) = (staff_id IS NOT NULL)),
    CHECK (lease_until IS NULL OR state = 'queued')
);
CREATE INDEX messages_due ON messages (channel, due_at, id) WHERE state = 'queued';
CREATE INDEX messages_by_appointment ON messages (clinic_id, appointment_id, queued_at, id);
CREATE UNIQUE INDEX messages_once ON messages (clinic_id, once) WHERE once IS NOT NULL;

-- What somebody agreed to, each time that it changed: the record of consent.
CREATE TABLE consents (
    clinic_id      UUID    NOT NULL,
    appointment_id UUID    NOT NULL,
    attendee_id    UUID    NOT NULL,
    number         BIGINT  NOT NULL,
    channel        TEXT    NOT NULL CHECK (channel IN ('email', 'sms')),
    given          BOOLEAN NOT NULL,
    -- The scheduler's program, somebody at the desk by the form, or the patient on their own page.
    said_by        TEXT    NOT NULL CHECK (said_by IN ('scheduler', 'desk', 'patient')),
    at             BIGINT  NOT NULL,
    PRIMARY KEY (clinic_id, appointment_id, attendee_id, number),
    FOREIGN KEY (clinic_id, appointment_id, attendee_id) REFERENCES attendees (clinic_id, appointment_id, id)
);

-- Addresses that want nothing more, as their owner said to the sender that all clinics here share.
CREATE TABLE opt_outs (
    channel TEXT    NOT NULL CHECK (channel IN ('email', 'sms')),
    address TEXT    NOT NULL,
    at      BIGINT  NOT NULL,
    PRIMARY KEY (channel, address)
);
