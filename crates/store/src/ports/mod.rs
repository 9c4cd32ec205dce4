//! What the rest of the program may ask of storage. Object safe; no generics; domain types only.
//!
//! Whatever belongs to a clinic takes the clinic first, and finds nothing of another one. The few questions that
//! must be asked before the clinic is known (whose session is this, whose room is this number, what is to be sent)
//! stand in [`doors::Doors`], [`inbox::Inbox`], [`connections::Refreshing`], [`messages::Messages`],
//! [`consents::Consents`], [`outreach::Outreach::attendees_at`], [`alerts::Alerts::alerts_untold`] and [`guarding::Guarding`], and
//! nowhere else.

pub mod access;
pub mod alerts;
pub mod appointments;
pub mod attendance;
pub mod clinics;
pub mod connections;
pub mod consents;
pub mod doors;
pub mod evidence;
pub mod feed;
pub mod guarding;
pub mod inbox;
pub mod links;
pub mod messages;
pub mod other_rooms;
pub mod outreach;
pub mod recovery;
pub mod rooms;

use async_trait::async_trait;
use domain::ClinicId;
use tokio::sync::broadcast;

use crate::Result;

/// One unit of work: sees and makes all of its changes at once. Dropping it without `commit` rolls back.
#[async_trait]
pub trait Tx:
    access::Access
    + alerts::Alerts
    + appointments::Appointments
    + attendance::Attendance
    + clinics::Clinics
    + connections::Connections
    + connections::Refreshing
    + consents::Consents
    + doors::Doors
    + evidence::Evidence
    + feed::Feed
    + guarding::Guarding
    + inbox::Inbox
    + links::Links
    + messages::Messages
    + other_rooms::OtherRooms
    + outreach::Outreach
    + recovery::Recovery
    + rooms::Rooms
    + Send
{
    /// Makes the changes durable, then tells those who listen to [`Store::changes`].
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// Where data is kept.
#[async_trait]
pub trait Store: Send + Sync {
    /// A unit of work that only reads: a snapshot that waits for no writer.
    async fn read(&self) -> Result<Box<dyn Tx>>;

    /// A unit of work that may write. On `SQLite` writers queue; on `PostgreSQL` rows are locked as they are touched.
    async fn begin(&self) -> Result<Box<dyn Tx>>;

    /// Stores all of these deliveries in one statement that is a commit by itself, and returns how many were new: those
    /// that repeat a stored one, or one another, to the byte are not stored again. No unit of work: each step of one
    /// would cost Zoom, which waits for the answer, as much as the statement does.
    async fn keep_deliveries(&self, deliveries: &[inbox::NewDelivery]) -> Result<u64>;

    /// Hears of each clinic whose board changed, here or in another instance. A hint: it may be lost, so a listener
    /// also looks from time to time, and a lagging one looks at once.
    fn changes(&self) -> broadcast::Receiver<ClinicId>;

    /// Hears that this instance has put deliveries into the inbox. A hint likewise. It is not sent to other instances:
    /// they have no need to hurry, and a NOTIFY in every commit would make `PostgreSQL` commit one after another.
    fn arrivals(&self) -> broadcast::Receiver<()>;

    /// Whether the database answers.
    async fn ready(&self) -> Result<()>;

    /// Ends all connections; to be called once, before the program stops.
    async fn close(&self);
}
