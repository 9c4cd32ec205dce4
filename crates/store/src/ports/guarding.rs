//! Guarding rooms: when each was looked at, in what it was found to differ, and who stands in for a host.

use async_trait::async_trait;
use domain::{
    ClinicId, ConnectionId, CoverId, DriftId, RoomId, StaffId, Timestamp,
    room::{
        Connection, Room,
        guard::{Cover, Drift, DriftEnd, Guarded, LookFor, Origin, Shown},
    },
};

use crate::Result;

/// The guard.
#[async_trait]
pub trait Guarding {
    /// How the guard stands to a room.
    async fn guarded(&mut self, clinic: ClinicId, room: RoomId) -> Result<Guarded>;
    /// The same for all rooms of the clinic.
    async fn guarded_all(&mut self, clinic: ClinicId) -> Result<Vec<(RoomId, Guarded)>>;
    /// Says where the room comes from.
    async fn set_origin(&mut self, clinic: ClinicId, room: RoomId, origin: Origin) -> Result<()>;
    /// Wants a look at the room because Zoom said that its meeting was changed; since when, should one be wanted already,
    /// stays.
    async fn want_look(&mut self, clinic: ClinicId, room: RoomId, now: Timestamp) -> Result<()>;
    /// The same, saying why: somebody's asking outweighs any other reason.
    async fn want_look_for(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        now: Timestamp,
        why: LookFor,
    ) -> Result<()>;
    /// Notes what came of a look that began at `asked_at`: Zoom told how the room is set, or why not. What was wanted until
    /// then is wanted no more.
    async fn note_look(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        asked_at: Timestamp,
        trouble: Option<&str>,
    ) -> Result<()>;
    /// Rooms of any clinic at which a look is wanted, longest first.
    async fn rooms_wanted(&mut self, limit: i64) -> Result<Vec<Room>>;
    /// Notes that the room has another meeting, and another number, since then.
    async fn note_number(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()>;
    /// Notes that the room's meeting started; an earlier start than is known changes nothing.
    async fn note_start(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()>;
    /// What Zoom was last asked to show in the room's waiting room; none where nothing of ours stands there.
    async fn shown(&mut self, clinic: ClinicId, room: RoomId) -> Result<Option<Shown>>;
    /// Keeps it.
    async fn set_shown(&mut self, clinic: ClinicId, room: RoomId, shown: Option<&Shown>) -> Result<()>;
    /// Notes that its owner pressed Join as host.
    async fn note_host_press(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()>;

    /// Notes that one more meeting of this host is made or changed at Zoom on that day (UTC, counted from 1970), and
    /// returns how many that makes. Zoom allows 100.
    async fn count_change(&mut self, clinic: ClinicId, connection: ConnectionId, day: i64) -> Result<i64>;

    /// Notes a drift. A conflict where one of its kind lasts already.
    async fn insert_drift(&mut self, drift: &Drift) -> Result<()>;
    /// What the clinic's rooms lack now, by room, then kind.
    async fn drifts_lasting(&mut self, clinic: ClinicId) -> Result<Vec<Drift>>;
    /// What a room was found to lack, youngest first.
    async fn drifts_of(&mut self, clinic: ClinicId, room: RoomId, limit: i64) -> Result<Vec<Drift>>;
    /// What was found in all rooms since then, youngest first.
    async fn drifts_since(&mut self, clinic: ClinicId, since: Timestamp) -> Result<Vec<Drift>>;
    /// Notes that putting it right was tried once more, in vain, and why.
    async fn note_try(&mut self, clinic: ClinicId, id: DriftId, at: Timestamp, hindrance: &str)
    -> Result<()>;
    /// Ends a drift; one that has ended stays as it is.
    async fn end_drift(&mut self, clinic: ClinicId, id: DriftId, at: Timestamp, how: DriftEnd) -> Result<()>;

    /// Notes that somebody stands in.
    async fn insert_cover(&mut self, cover: &Cover) -> Result<()>;
    /// Those that are not over at `now`.
    async fn covers(&mut self, clinic: ClinicId, now: Timestamp) -> Result<Vec<Cover>>;
    /// Those that are over at `now` and of which something is to be taken back at Zoom.
    async fn covers_to_undo(&mut self, clinic: ClinicId, now: Timestamp) -> Result<Vec<Cover>>;
    /// Ends one before its time.
    async fn end_cover(&mut self, clinic: ClinicId, id: CoverId, at: Timestamp) -> Result<()>;
    /// Says whether it stands at Zoom, and whom we named there.
    async fn set_cover_at_zoom(
        &mut self,
        clinic: ClinicId,
        id: CoverId,
        at_zoom: bool,
        named: Option<&str>,
    ) -> Result<()>;

    /// When each connection's tokens were last renewed; those without tokens are left out.
    async fn renewals(&mut self, clinic: ClinicId) -> Result<Vec<(ConnectionId, Timestamp)>>;
    /// When each host's next visit by video begins, of those that end after `now`; whoever has none is left out.
    async fn next_visits(&mut self, clinic: ClinicId, now: Timestamp) -> Result<Vec<(StaffId, Timestamp)>>;
    /// Connections of any clinic that need reconnecting for this reason and about which Zoom was last asked before then.
    async fn connections_in_trouble(
        &mut self,
        trouble: &str,
        checked_before: Timestamp,
        limit: i64,
    ) -> Result<Vec<Connection>>;
}
