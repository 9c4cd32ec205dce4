//! Connected Zoom accounts, their tokens, and the rooms that they give.

use async_trait::async_trait;
use domain::{
    ClinicId, ConnectionId, RoomId, StaffId, Timestamp,
    room::{Connection, ConnectionState, Room},
};
use uuid::Uuid;

use super::access::SealedTokens;
use crate::Result;

/// Connections, tokens, rooms.
#[async_trait]
pub trait Connections {
    /// Adds a connection with its first tokens. A conflict where the Zoom user, or the staff member, already has one
    /// that is not disconnected.
    async fn insert_connection(&mut self, connection: &Connection, tokens: &SealedTokens) -> Result<()>;
    /// The connection, disconnected or not.
    async fn connection(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<Option<Connection>>;
    /// The staff member's connection that is not disconnected.
    async fn connection_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Connection>>;
    /// All that are not disconnected.
    async fn connections(&mut self, clinic: ClinicId) -> Result<Vec<Connection>>;
    /// Renews what Zoom says of the user (e-mail, plan, account) after connecting again.
    async fn update_connection(&mut self, clinic: ClinicId, connection: &Connection) -> Result<()>;
    /// The tokens; none once erased.
    async fn tokens(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<Option<SealedTokens>>;
    /// Replaces the tokens; the connection is then connected, without trouble or doubt, checked at `tokens.refreshed_at`.
    /// False, and nothing is kept, where the connection was disconnected meanwhile.
    async fn set_tokens(&mut self, clinic: ClinicId, tokens: &SealedTokens) -> Result<bool>;
    /// Sets how the connection stands and why. One that is not connected is not in doubt.
    async fn set_connection_state(
        &mut self,
        clinic: ClinicId,
        id: ConnectionId,
        state: ConnectionState,
        trouble: Option<&str>,
        now: Timestamp,
    ) -> Result<()>;
    /// Erases the tokens.
    async fn erase_tokens(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<()>;
    /// Holds the connection until the end of the transaction, so that what is read of it and its tokens afterwards stays
    /// so. Returns who was the last to take its lease, and until when; none where it was given back.
    async fn lock_connection(
        &mut self,
        clinic: ClinicId,
        id: ConnectionId,
    ) -> Result<Option<(Uuid, Timestamp)>>;
    /// Takes the lease to refresh the tokens until `until`. False while somebody else holds it at `now`.
    async fn lease_refresh(
        &mut self,
        clinic: ClinicId,
        id: ConnectionId,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool>;
    /// Gives the lease back, if `holder` still holds it.
    async fn release_refresh(&mut self, clinic: ClinicId, id: ConnectionId, holder: Uuid) -> Result<()>;
    /// Notes that Zoom is about to be asked to renew the tokens: from now on nobody knows whether it still takes those
    /// that are kept.
    async fn note_asked(&mut self, clinic: ClinicId, id: ConnectionId, at: Timestamp) -> Result<()>;
    /// Notes that Zoom's answer left the tokens as they are.
    async fn settle_doubt(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<()>;
    /// When Zoom was last asked to renew the tokens, if nobody knows what came of it.
    async fn in_doubt_since(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<Option<Timestamp>>;

    /// Adds a room with its sealed join link. A conflict where the meeting number or the staff member has one.
    async fn insert_room(&mut self, room: &Room, join_url_sealed: &[u8]) -> Result<()>;
    /// The room.
    async fn room(&mut self, clinic: ClinicId, id: RoomId) -> Result<Option<Room>>;
    /// The staff member's room.
    async fn room_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Room>>;
    /// All rooms.
    async fn rooms(&mut self, clinic: ClinicId) -> Result<Vec<Room>>;
    /// The sealed join link.
    async fn join_url(&mut self, clinic: ClinicId, id: RoomId) -> Result<Option<Vec<u8>>>;
    /// Renews what Zoom says of the room (number, owner, join link) after checking or making it anew.
    async fn update_room(&mut self, clinic: ClinicId, room: &Room, join_url_sealed: &[u8]) -> Result<()>;
    /// Holds the room until the end of the transaction, so that two instances never understand it at once.
    async fn lock_room(&mut self, clinic: ClinicId, id: RoomId) -> Result<()>;
}

/// What the refresher asks over all clinics.
#[async_trait]
pub trait Refreshing {
    /// Connected ones whose tokens were last refreshed before `refreshed_before`, longest ago first.
    async fn connections_to_refresh(
        &mut self,
        refreshed_before: Timestamp,
        limit: i64,
    ) -> Result<Vec<Connection>>;
    /// Those of which nobody knows whether Zoom still takes their tokens, last asked about before then, longest ago first.
    async fn connections_in_doubt(&mut self, asked_before: Timestamp, limit: i64) -> Result<Vec<Connection>>;
}
