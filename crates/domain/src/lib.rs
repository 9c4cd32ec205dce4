//! What is true, whoever stores it, sends it or shows it: ids, time, the clinic and its people, rooms,
//! appointments, and how events of a room become attendance.
//!
//! Pure: no I/O but the two doors in [`ambient`] (the clock and the randomness), no async, no SQL, no HTTP.

pub mod alert;
pub mod ambient;
pub mod appointment;
pub mod attendance;
pub mod clinic;
pub mod id;
pub mod outreach;
pub mod room;
pub mod staff;
pub mod telehealth;
pub mod text;
pub mod time;

pub use ambient::Ambient;
pub use id::{
    AlertId, ApiTokenId, AppointmentId, AttendeeId, ClinicId, ConnectionId, CoverId, DecisionId, DeliveryId,
    DriftId, InviteId, LinkId, MarkId, MessageId, NoticeId, OutageId, PersonId, PresenceId, PressId,
    ReconciliationId, RegistrationId, RoomId, RulingId, StaffId,
};
pub use time::Timestamp;
