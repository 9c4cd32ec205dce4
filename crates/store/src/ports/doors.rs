//! Questions asked at the door, before it is known which clinic is meant: by a secret's hash, by an e-mail address
//! that somebody typed, by Zoom's ids. Every answer names its clinic, and everything after it takes that.

use async_trait::async_trait;
use domain::{
    ClinicId, StaffId,
    clinic::Clinic,
    room::{Connection, Room},
    staff::StaffMember,
};

use super::{
    access::{ApiToken, OAuthFlow, Session, SignInLink},
    links::Link,
};
use crate::Result;

/// A SHA-256 of a secret: what is kept in its place.
pub type Hash = [u8; 32];

/// Questions asked before the clinic is known.
#[async_trait]
pub trait Doors {
    /// Every clinic, by name.
    async fn clinics(&mut self) -> Result<Vec<Clinic>>;
    /// Who signs in with this address, in lower case.
    async fn staff_by_email(&mut self, email: &str) -> Result<Option<StaffMember>>;
    /// A person's password (PHC string), where one is set.
    async fn password(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<String>>;
    /// The session of this token.
    async fn session(&mut self, token: &Hash) -> Result<Option<Session>>;
    /// The one-time sign-in link of this token, used or not.
    async fn sign_in_link(&mut self, token: &Hash) -> Result<Option<SignInLink>>;
    /// The API token of this secret, unless revoked.
    async fn api_token(&mut self, token: &Hash) -> Result<Option<ApiToken>>;
    /// The OAuth flow of this state, used or not.
    async fn oauth_flow(&mut self, state: &Hash) -> Result<Option<OAuthFlow>>;
    /// The link of this token, revoked or not.
    async fn link(&mut self, token: &Hash) -> Result<Option<Link>>;
    /// The connection of this Zoom user that is not disconnected, in whichever clinic. There is at most one.
    async fn connection_of_zoom_user(&mut self, zoom_user_id: &str) -> Result<Option<Connection>>;
    /// The room of this meeting number, in whichever clinic. There is at most one.
    async fn room_by_meeting(&mut self, meeting_number: i64) -> Result<Option<Room>>;
}
