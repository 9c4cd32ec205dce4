//! Zoom's REST API, as far as a clinic's rooms need it. Every call acts as the user whose access token it is given.
//!
//! Calls are not repeated here: whether that is right depends on the call (making a meeting twice makes two) and on what
//! the caller's time allows. [`ApiError`] says what is known.

mod base;
mod dial_in;
mod error;
mod joining;
mod meeting;
mod past;
mod request;
mod user;

use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;
use vault::SecretText;

pub(crate) use base::is_safe_base;
pub use base::{ApiBase, BadApiUrl};
pub use dial_in::{DialIn, DialInNumber};
pub use error::{ApiError, FieldFault};
pub use joining::{InviteLink, NewRegistrant, Registrant};
pub use meeting::{Deviation, Meeting, MeetingKind, MeetingSummary, RoomSettings, WhoWaits};
pub use past::{Instance, ParticipantStatus, PastMeeting, PastParticipant};
pub use request::{MeetingPatch, NewMeeting, Series};
pub use user::{Me, MeetingSecurity, Plan, UserSettings};

use crate::http;
use error::refusal;
use joining::Invitation;

/// Entries on a page at most.
const PAGE_SIZE: &str = "300";

/// The client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    base: ApiBase,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for next, within 15 minutes; `None` on the last page.
    pub next: Option<String>,
    /// Entries that could not be read and are left out. Not zero: the list is not complete.
    pub unreadable: usize,
}

impl Api {
    /// A client for this address, usually `https://api.zoom.us/v2`.
    pub fn new(http: reqwest::Client, base: ApiBase) -> Self {
        Self { http, base }
    }

    /// The same at the regional address that came with a token, or `None` where that address is not one of Zoom's.
    #[must_use]
    pub fn regional(&self, api_url: &str) -> Option<Self> {
        Some(Self { http: self.http.clone(), base: self.base.regional(api_url)? })
    }

    /// `GET /users/me`: whose token this is.
    pub async fn me(&self, token: &SecretText) -> Result<Me, ApiError> {
        Me::read(&self.get(token, &["users", "me"], &[]).await?)
    }

    /// `GET /users/me/settings`.
    pub async fn user_settings(&self, token: &SecretText) -> Result<UserSettings, ApiError> {
        UserSettings::read(&self.get(token, &["users", "me", "settings"], &[]).await?)
    }

    /// `GET /users/me/settings?option=meeting_security`.
    pub async fn meeting_security(&self, token: &SecretText) -> Result<MeetingSecurity, ApiError> {
        let query = [("option", "meeting_security")];
        MeetingSecurity::read(&self.get(token, &["users", "me", "settings"], &query).await?)
    }

    /// `POST /users/me/meetings`. Not idempotent: before trying again after an error for which [`ApiError::may_be_done`]
    /// holds, look with [`list_meetings`](Self::list_meetings) for the marker.
    pub async fn create_meeting(
        &self,
        token: &SecretText,
        meeting: &NewMeeting,
    ) -> Result<Meeting, ApiError> {
        let answer = self.send(token, Method::POST, &["users", "me", "meetings"], &[], Some(meeting)).await?;
        Meeting::read(&answer)
    }

    /// `GET /meetings/{number}`.
    pub async fn meeting(&self, token: &SecretText, number: i64) -> Result<Meeting, ApiError> {
        Meeting::read(&self.get(token, &["meetings", &number.to_string()], &[]).await?)
    }

    /// `PATCH /meetings/{number}`. Zoom allows 100 of these and of creations per user and day: do not repair in a loop.
    pub async fn update_meeting(
        &self,
        token: &SecretText,
        number: i64,
        patch: &MeetingPatch,
    ) -> Result<(), ApiError> {
        self.tell(token, Method::PATCH, &["meetings", &number.to_string()], Some(patch)).await
    }

    /// `DELETE /meetings/{number}`. Into Zoom's trash, for 30 days.
    pub async fn delete_meeting(&self, token: &SecretText, number: i64) -> Result<(), ApiError> {
        let nothing: Option<&Value> = None;
        self.tell(token, Method::DELETE, &["meetings", &number.to_string()], nothing).await
    }

    /// `GET /users/me/meetings?type=scheduled`: recurring rooms among them. Pass the previous page's
    /// [`next`](Page::next).
    pub async fn list_meetings(
        &self,
        token: &SecretText,
        next: Option<&str>,
    ) -> Result<Page<MeetingSummary>, ApiError> {
        let query =
            [("type", "scheduled"), ("page_size", PAGE_SIZE), ("next_page_token", next.unwrap_or(""))];
        let answer = self.get(token, &["users", "me", "meetings"], &query).await?;
        page(&answer, "meetings", MeetingSummary::read)
    }

    /// `PUT /meetings/{number}/status`: ends the running instance for everyone.
    pub async fn end_meeting(&self, token: &SecretText, number: i64) -> Result<(), ApiError> {
        self.set_status(token, number, "end").await
    }

    /// `PUT /meetings/{number}/status`: takes a deleted meeting out of Zoom's trash, with its number and its links. Zoom keeps
    /// it there for 30 days; [`ApiError::NotFound`] with code 3001 after that, and also where it is not in the trash.
    pub async fn recover_meeting(&self, token: &SecretText, number: i64) -> Result<(), ApiError> {
        self.set_status(token, number, "recover").await
    }

    async fn set_status(&self, token: &SecretText, number: i64, action: &str) -> Result<(), ApiError> {
        let action = json!({ "action": action });
        self.tell(token, Method::PUT, &["meetings", &number.to_string(), "status"], Some(&action)).await
    }

    /// `PATCH /live_meetings/{number}/events`: the text shown to all who wait. Never anything about a patient: everybody
    /// in the waiting room reads it.
    pub async fn update_waiting_room(
        &self,
        token: &SecretText,
        number: i64,
        title: &str,
        description: &str,
    ) -> Result<(), ApiError> {
        let event = json!({
            "method": "waiting_room.update",
            "params": { "waiting_room_title": title, "waiting_room_description": description },
        });
        self.tell(token, Method::PATCH, &["live_meetings", &number.to_string(), "events"], Some(&event)).await
    }

    /// `GET /past_meetings/{number}/instances`: every start of a room that has ended.
    pub async fn past_instances(&self, token: &SecretText, number: i64) -> Result<Page<Instance>, ApiError> {
        let answer = self.get(token, &["past_meetings", &number.to_string(), "instances"], &[]).await?;
        page(&answer, "meetings", Instance::read)
    }

    /// `GET /past_meetings/{uuid}`: when one start began and ended. Needs the optional permission
    /// `meeting:read:past_meeting`.
    pub async fn past_meeting(
        &self,
        token: &SecretText,
        instance_uuid: &str,
    ) -> Result<PastMeeting, ApiError> {
        PastMeeting::read(&self.get(token, &["past_meetings", instance_uuid], &[]).await?)
    }

    /// `GET /past_meetings/{uuid}/participants`: one entry for every stay, in the waiting room or in session, and beside
    /// it the entry as it came.
    ///
    /// Ready some minutes after the end; [`ApiError::NotFound`] with code 3001 before, [`ApiError::NotAllowed`] with code
    /// 200 where the host has no paid plan. Empty does not mean that nobody came: Zoom leaves out meetings of a single
    /// person.
    pub async fn past_participants(
        &self,
        token: &SecretText,
        instance_uuid: &str,
        next: Option<&str>,
    ) -> Result<Page<(PastParticipant, Value)>, ApiError> {
        let query = [("page_size", PAGE_SIZE), ("next_page_token", next.unwrap_or(""))];
        let answer = self.get(token, &["past_meetings", instance_uuid, "participants"], &query).await?;
        page(&answer, "participants", |entry| Some((PastParticipant::read(entry)?, entry.clone())))
    }

    /// `POST /meetings/{number}/registrants`. Registering the same e-mail address again gives the same registrant, but
    /// counts: Zoom allows three a day for one address, and says [`ApiError::RateLimited`] beyond.
    ///
    /// [`ApiError::NotAllowed`] with code 200 where the host has no paid plan; [`ApiError::NotFound`] with code 300 where
    /// the meeting has no registration, with 3001 where it is gone.
    pub async fn create_registrant(
        &self,
        token: &SecretText,
        number: i64,
        registrant: &NewRegistrant,
    ) -> Result<Registrant, ApiError> {
        let path = ["meetings", &number.to_string(), "registrants"];
        Registrant::read(&self.send(token, Method::POST, &path, &[], Some(registrant)).await?)
    }

    /// `POST /meetings/{number}/invite_links`: a link for each name (at most 500, each cut at 64 bytes) that lives so
    /// long. In Zoom's order, which is that of the names. What Zoom left out, or gave no link for, is not among them.
    pub async fn invite_links(
        &self,
        token: &SecretText,
        number: i64,
        names: &[&str],
        ttl: Duration,
    ) -> Result<Vec<InviteLink>, ApiError> {
        let path = ["meetings", &number.to_string(), "invite_links"];
        let invitation = Invitation::new(names, ttl);
        let answer = self.send(token, Method::POST, &path, &[], Some(&invitation)).await?;
        Ok(page(&answer, "attendees", InviteLink::read)?.items)
    }

    async fn get(
        &self,
        token: &SecretText,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Value, ApiError> {
        let nothing: Option<&Value> = None;
        self.send(token, Method::GET, path, query, nothing).await
    }

    /// A call whose answer says nothing beyond its status.
    async fn tell<B: Serialize + Sync>(
        &self,
        token: &SecretText,
        method: Method,
        path: &[&str],
        body: Option<&B>,
    ) -> Result<(), ApiError> {
        let answer = self.request(token, method, path, &[], body).await?;
        if answer.is_plain_success() { Ok(()) } else { Err(ApiError::Unreadable { what: "the body" }) }
    }

    async fn send<B: Serialize + Sync>(
        &self,
        token: &SecretText,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&B>,
    ) -> Result<Value, ApiError> {
        let answer = self.request(token, method, path, query, body).await?;
        // Where everything may be absent, an error beside a success would pass for an answer.
        serde_json::from_slice(&answer.body)
            .ok()
            .filter(|said| !http::is_refusal(said))
            .ok_or(ApiError::Unreadable { what: "the body" })
    }

    async fn request<B: Serialize + Sync>(
        &self,
        token: &SecretText,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&B>,
    ) -> Result<http::Answer, ApiError> {
        let mut url: Url =
            self.base.join(path).ok_or(ApiError::Invalid { code: None, fields: Vec::new() })?;
        let query: Vec<_> = query.iter().filter(|(_, value)| !value.is_empty()).collect();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url).bearer_auth(token.expose());
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = http::send(request).await?;
        if answer.is_success() { Ok(answer) } else { Err(refusal(&answer)) }
    }
}

fn page<T>(
    answer: &Value,
    list: &'static str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Page<T>, ApiError> {
    // A missing list is not an empty one: nobody may be taken for absent because an answer was odd.
    let Some(Value::Array(entries)) = answer.get(list) else {
        return Err(ApiError::Unreadable { what: list });
    };
    let items: Vec<T> = entries.iter().filter_map(read).collect();
    let next = answer.get("next_page_token").and_then(Value::as_str).filter(|next| !next.is_empty());
    Ok(Page { unreadable: entries.len() - items.len(), items, next: next.map(str::to_owned) })
}

#[cfg(test)]
mod tests;
