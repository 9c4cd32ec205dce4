-- Connections that last and rooms that stay right: what the guard found, alerts and who is told of them, and covering
-- colleagues. Its twin under sqlite/ ends with the same tables and columns.

ALTER TABLE rooms ADD COLUMN origin TEXT NOT NULL DEFAULT 'made' CHECK (origin IN ('made', 'adopted', 'personal'));
ALTER TABLE rooms ADD COLUMN looked_at BIGINT;
ALTER TABLE rooms ADD COLUMN asked_at BIGINT;
ALTER TABLE rooms ADD COLUMN look_trouble TEXT;
ALTER TABLE rooms ADD COLUMN wanted_at BIGINT;
ALTER TABLE rooms ADD COLUMN wanted_for TEXT CHECK (wanted_for IN ('connected', 'daily', 'first_visit', 'changed', 'asked'));
ALTER TABLE rooms ADD COLUMN numbered_at BIGINT;
ALTER TABLE rooms ADD COLUMN started_at BIGINT;
ALTER TABLE rooms ADD COLUMN host_pressed_at BIGINT;
-- What Zoom was asked to show to whoever waits, and when; gone with the start of the meeting that it was asked for.
ALTER TABLE rooms ADD COLUMN shown TEXT;
CREATE INDEX rooms_wanted ON rooms (wanted_at) WHERE wanted_at IS NOT NULL;

-- Zoom allows so many changes for one host and day: the day (UTC, counted from 1970) and how many there were on it.
ALTER TABLE connections ADD COLUMN changes_on BIGINT;
ALTER TABLE connections ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;

-- When Zoom was last asked to renew the tokens; in doubt until it is known what came of that.
ALTER TABLE connections ADD COLUMN asked_at BIGINT;
ALTER TABLE connections ADD COLUMN in_doubt BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX connections_in_doubt ON connections (asked_at, id) WHERE in_doubt;
CREATE INDEX connections_in_trouble ON connections (trouble) WHERE state = 'needs_reconnect';

ALTER TABLE staff ADD COLUMN told_own TEXT CHECK (told_own IN ('nothing', 'email', 'sms'));
ALTER TABLE staff ADD COLUMN told_clinic TEXT CHECK (told_clinic IN ('nothing', 'email', 'sms'));

-- Since when the person is to have no link to all their visits, until it is renewed.
ALTER TABLE persons ADD COLUMN portal_revoked_at BIGINT;

-- What a room was found not to be, and what became of it.
CREATE TABLE drifts (
    clinic_id UUID    NOT NULL,
    id        UUID    NOT NULL,
    room_id   UUID    NOT NULL,
    kind      TEXT    NOT NULL,
    found_at  BIGINT  NOT NULL,
    found_for TEXT    NOT NULL CHECK (found_for IN ('connected', 'daily', 'first_visit', 'changed', 'asked')),
    hindrance TEXT,
    tries     BIGINT  NOT NULL CHECK (tries >= 0),
    tried_at  BIGINT,
    ended_at  BIGINT,
    ended     TEXT    CHECK (ended IN ('repaired', 'gone', 'replaced')),
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, room_id) REFERENCES rooms (clinic_id, id),
    CHECK ((ended_at IS NULL) = (ended IS NULL))
);
-- One of a kind lasts at a time.
CREATE UNIQUE INDEX drifts_lasting ON drifts (clinic_id, room_id, kind) WHERE ended_at IS NULL;
CREATE INDEX drifts_by_room ON drifts (clinic_id, room_id, found_at, id);

CREATE TABLE alerts (
    clinic_id      UUID    NOT NULL,
    id             UUID    NOT NULL,
    staff_id       UUID    NOT NULL,
    kind           TEXT    NOT NULL,
    appointment_id UUID,
    -- Not tied to presences: those are dropped and made again.
    presence_id    UUID,
    key            TEXT    NOT NULL,
    detail         TEXT,
    raised_at      BIGINT  NOT NULL,
    ended_at       BIGINT,
    told_at        BIGINT,
    PRIMARY KEY (clinic_id, id),
    UNIQUE (clinic_id, key),
    FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, id)
);
CREATE INDEX alerts_lasting ON alerts (clinic_id, staff_id) WHERE ended_at IS NULL;
CREATE INDEX alerts_untold ON alerts (raised_at, id) WHERE ended_at IS NULL AND told_at IS NULL;

-- When a clinic wants to be warned; none where it never said.
CREATE TABLE alert_settings (
    clinic_id UUID PRIMARY KEY NOT NULL REFERENCES clinics (id),
    settings  TEXT NOT NULL
);

CREATE TABLE covers (
    clinic_id UUID    NOT NULL,
    id        UUID    NOT NULL,
    host_id   UUID    NOT NULL,
    by_id     UUID    NOT NULL,
    from_at   BIGINT  NOT NULL,
    until_at  BIGINT  NOT NULL,
    ended_at  BIGINT,
    at_zoom   BOOLEAN NOT NULL,
    -- Whom we named an alternative host at Zoom, until that is taken back.
    named     TEXT,
    said_by   TEXT    NOT NULL,
    PRIMARY KEY (clinic_id, id),
    FOREIGN KEY (clinic_id, host_id) REFERENCES staff (clinic_id, id),
    FOREIGN KEY (clinic_id, by_id) REFERENCES staff (clinic_id, id),
    CHECK (until_at > from_at AND host_id <> by_id)
);
CREATE INDEX covers_by_end ON covers (clinic_id, until_at);

-- A message may be about an alert instead of an appointment.
ALTER TABLE messages ALTER COLUMN appointment_id DROP NOT NULL;
ALTER TABLE messages ADD COLUMN alert_id UUID;
ALTER TABLE messages ADD CONSTRAINT messages_alert_fkey FOREIGN KEY (clinic_id, alert_id) REFERENCES alerts (clinic_id, id);
ALTER TABLE messages DROP CONSTRAINT messages_occasion_check;
ALTER TABLE messages ADD CONSTRAINT messages_occasion_check
    CHECK (occasion IN ('link', 'staff_link', 'booked', 'moved', 'cancelled', 'reminder', 'late', 'recovery', 'alert'));
ALTER TABLE messages ADD CONSTRAINT messages_about_check CHECK ((appointment_id IS NULL) = (alert_id IS NOT NULL));
ALTER TABLE messages ADD CONSTRAINT messages_alert_check CHECK ((occasion = 'alert') = (alert_id IS NOT NULL));
CREATE INDEX messages_about_alerts ON messages (clinic_id, queued_at, id) WHERE alert_id IS NOT NULL;
