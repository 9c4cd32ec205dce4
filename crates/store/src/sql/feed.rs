//! How the feed from Zoom is doing.

use std::ops::Range;

use async_trait::async_trait;
use domain::{ClinicId, DeliveryId, RoomId, Timestamp, id::Id as _};
use jiff::civil::Date;
use uuid::Uuid;

use super::{
    SqlTx,
    inbox::delivery,
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::{
        feed::{DeliveryHead, Feed, FeedCounts, ReceiverCounts},
        inbox::Delivery,
    },
};

/// The very condition of the indexes, or they would not be used.
const FRUITLESS: &str = "outcome IN ('ignored', 'foreign', 'failed')";

const HEAD: &str = "SELECT id, source, received_at, event, late, clinic_id, outcome, \
    CAST(octet_length(body) AS BIGINT) AS bytes FROM deliveries WHERE ";
const PAGE: &str = " AND received_at >= $1 AND received_at < $2 AND id < $3";
const YOUNGEST_FIRST: &str = " ORDER BY id DESC LIMIT $4";

const FEED_DAY: &str = "INSERT INTO feed_days \
    (clinic_id, day, room_id, applied, duplicate, ignored, foreign_account, failed, late) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT ";

const ADDED: &str = " DO UPDATE SET
    applied = feed_days.applied + excluded.applied, duplicate = feed_days.duplicate + excluded.duplicate,
    ignored = feed_days.ignored + excluded.ignored,
    foreign_account = feed_days.foreign_account + excluded.foreign_account,
    failed = feed_days.failed + excluded.failed, late = feed_days.late + excluded.late";

fn receiver_day<DB: Backend>(row: &Record<DB>) -> Result<(Date, ReceiverCounts)> {
    let counts = ReceiverCounts {
        stored: row.get("stored")?,
        repeated: row.get("repeated")?,
        refused: row.get("refused")?,
        unreadable: row.get("unreadable")?,
        unavailable: row.get("unavailable")?,
        challenges: row.get("challenges")?,
        last_challenge_at: row.get("last_challenge_at")?,
        last_refused_at: row.get("last_refused_at")?,
    };
    Ok((row.get("day")?, counts))
}

fn feed_day<DB: Backend>(row: &Record<DB>) -> Result<(Date, Option<RoomId>, FeedCounts)> {
    let counts = FeedCounts {
        applied: row.get("applied")?,
        duplicate: row.get("duplicate")?,
        ignored: row.get("ignored")?,
        foreign: row.get("foreign_account")?,
        failed: row.get("failed")?,
        late: row.get("late")?,
    };
    Ok((row.get("day")?, row.get("room_id")?, counts))
}

fn head<DB: Backend>(row: &Record<DB>) -> Result<DeliveryHead> {
    Ok(DeliveryHead {
        id: row.get("id")?,
        source: row.get("source")?,
        received_at: row.get("received_at")?,
        event: row.get("event")?,
        late: row.get("late")?,
        clinic_id: row.get("clinic_id")?,
        outcome: row.get("outcome")?,
        bytes: row.get("bytes")?,
    })
}

/// An id below those of all deliveries that came from then on: their ids begin with the millisecond.
fn before_all_of(at: Timestamp) -> DeliveryId {
    let millis = u128::try_from(at.as_millis()).unwrap_or(0).min((1 << 48) - 1);
    DeliveryId::from_uuid(Uuid::from_u128(millis << 80))
}

#[async_trait]
impl<DB: Backend> Feed for SqlTx<DB> {
    async fn add_receiver_counts(&mut self, day: Date, counts: &ReceiverCounts) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO receiver_days
                 (day, stored, repeated, refused, unreadable, unavailable, challenges, last_challenge_at,
                  last_refused_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (day) DO UPDATE SET
                 stored = receiver_days.stored + excluded.stored,
                 repeated = receiver_days.repeated + excluded.repeated,
                 refused = receiver_days.refused + excluded.refused,
                 unreadable = receiver_days.unreadable + excluded.unreadable,
                 unavailable = receiver_days.unavailable + excluded.unavailable,
                 challenges = receiver_days.challenges + excluded.challenges,
                 last_challenge_at = CASE WHEN receiver_days.last_challenge_at >= excluded.last_challenge_at
                     THEN receiver_days.last_challenge_at
                     ELSE COALESCE(excluded.last_challenge_at, receiver_days.last_challenge_at) END,
                 last_refused_at = CASE WHEN receiver_days.last_refused_at >= excluded.last_refused_at
                     THEN receiver_days.last_refused_at
                     ELSE COALESCE(excluded.last_refused_at, receiver_days.last_refused_at) END",
        )
        .bind(&day)
        .bind(&counts.stored)
        .bind(&counts.repeated)
        .bind(&counts.refused)
        .bind(&counts.unreadable)
        .bind(&counts.unavailable)
        .bind(&counts.challenges)
        .bind(&counts.last_challenge_at)
        .bind(&counts.last_refused_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn receiver_days(&mut self, first: Date, last: Date) -> Result<Vec<(Date, ReceiverCounts)>> {
        Statement::<DB>::new(
            "SELECT day, stored, repeated, refused, unreadable, unavailable, challenges, last_challenge_at,
                    last_refused_at
             FROM receiver_days WHERE day >= $1 AND day <= $2 ORDER BY day",
        )
        .bind(&first)
        .bind(&last)
        .fetch_all_as(&mut self.inner, receiver_day)
        .await
    }

    async fn add_feed_counts(
        &mut self,
        clinic: ClinicId,
        room: Option<RoomId>,
        day: Date,
        counts: &FeedCounts,
    ) -> Result<()> {
        let statement = match room {
            Some(_) => Statement::<DB>::assembled(&[FEED_DAY, "(clinic_id, day, room_id)", ADDED]),
            None => Statement::<DB>::assembled(&[FEED_DAY, "(clinic_id, day) WHERE room_id IS NULL", ADDED]),
        };
        statement
            .bind(&clinic)
            .bind(&day)
            .bind(&room)
            .bind(&counts.applied)
            .bind(&counts.duplicate)
            .bind(&counts.ignored)
            .bind(&counts.foreign)
            .bind(&counts.failed)
            .bind(&counts.late)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn feed_days(
        &mut self,
        clinic: ClinicId,
        first: Date,
        last: Date,
    ) -> Result<Vec<(Date, Option<RoomId>, FeedCounts)>> {
        let mut days = Statement::<DB>::new(
            "SELECT day, room_id, applied, duplicate, ignored, foreign_account, failed, late
             FROM feed_days WHERE clinic_id = $1 AND day >= $2 AND day <= $3",
        )
        .bind(&clinic)
        .bind(&first)
        .bind(&last)
        .fetch_all_as(&mut self.inner, feed_day)
        .await?;
        // Sorted here, since the engines disagree on where no room at all stands.
        days.sort_by_key(|(day, room, _)| (*day, *room));
        Ok(days)
    }

    async fn fruitless_deliveries(
        &mut self,
        clinic: Option<ClinicId>,
        range: Range<Timestamp>,
        before: Option<DeliveryId>,
        limit: i64,
    ) -> Result<Vec<DeliveryHead>> {
        let before = before.unwrap_or(DeliveryId::from_uuid(Uuid::max()));
        let statement = match clinic {
            Some(_) => {
                Statement::<DB>::assembled(&[HEAD, FRUITLESS, PAGE, " AND clinic_id = $5", YOUNGEST_FIRST])
            }
            None => Statement::<DB>::assembled(&[HEAD, FRUITLESS, PAGE, YOUNGEST_FIRST]),
        };
        let statement = statement.bind(&range.start).bind(&range.end).bind(&before).bind(&limit);
        match clinic {
            Some(clinic) => statement.bind(&clinic),
            None => statement,
        }
        .fetch_all_as(&mut self.inner, head)
        .await
    }

    async fn clinic_deliveries(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        after: Option<DeliveryId>,
        limit: i64,
    ) -> Result<Vec<Delivery>> {
        let first = before_all_of(range.start);
        Statement::<DB>::new(
            "SELECT id, source, received_at, late, body FROM deliveries
             WHERE clinic_id = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4",
        )
        .bind(&clinic)
        .bind(&after.map_or(first, |after| after.max(first)))
        .bind(&before_all_of(range.end))
        .bind(&limit)
        .fetch_all_as(&mut self.inner, delivery)
        .await
    }

    async fn retried(&mut self, clinic: ClinicId, range: Range<Timestamp>) -> Result<(i64, i64)> {
        let counts = Statement::<DB>::new(
            "SELECT late, COUNT(*) AS deliveries FROM deliveries
             WHERE clinic_id = $1 AND id > $2 AND id < $3 AND source = 'webhook'
                 AND event_ts > 0 AND received_at / 1000 - event_ts > 240000
             GROUP BY late",
        )
        .bind(&clinic)
        .bind(&before_all_of(range.start))
        .bind(&before_all_of(range.end))
        .fetch_all_as(&mut self.inner, |row| Ok((row.get::<bool>("late")?, row.get::<i64>("deliveries")?)))
        .await?;
        let of = |late| counts.iter().find(|(is_late, _)| *is_late == late).map_or(0, |(_, count)| *count);
        Ok((of(false), of(true)))
    }

    async fn reopen_delivery(&mut self, clinic: Option<ClinicId>, id: DeliveryId) -> Result<bool> {
        const REOPEN: &str =
            "UPDATE deliveries SET clinic_id = NULL, outcome = NULL, settled_at = NULL WHERE id = $1 AND ";
        let reopened = match clinic {
            Some(clinic) => Statement::<DB>::assembled(&[REOPEN, FRUITLESS, " AND clinic_id = $2"])
                .bind(&id)
                .bind(&clinic),
            None => Statement::<DB>::assembled(&[REOPEN, FRUITLESS]).bind(&id),
        }
        .execute(&mut self.inner)
        .await?;
        self.touched.inbox |= reopened > 0;
        Ok(reopened == 1)
    }
}
