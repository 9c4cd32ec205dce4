//! Every call that is made to Zoom, what a good answer to it is, and how it reads one that lacks something.

use std::time::Duration;

use vault::SecretText;
use zoom::api::{Api, ApiBase, ApiError, MeetingPatch, NewMeeting, NewRegistrant};
use zoom::oauth::{OAuth, TokenError};

/// What no error may show: the secrets that the calls carry, and what the peers write into their answers.
pub const CANARIES: [&str; 9] = [
    "access-canary",
    "refresh-canary",
    "code-canary",
    "verifier-canary",
    "client-secret-canary",
    "body-canary",
    "rosa.delgado",
    "86720014455",
    "Delgado",
];

const NUMBER: i64 = 86_720_014_455;
const UUID: &str = "/k2Vb//TQ0mHs8YcZ1LxEg==";

/// One kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Me,
    UserSettings,
    MeetingSecurity,
    Meeting,
    ListMeetings,
    PastInstances,
    PastParticipants,
    PastMeeting,
    CreateMeeting,
    CreateRegistrant,
    InviteLinks,
    UpdateMeeting,
    NameAlternativeHosts,
    DeleteMeeting,
    RecoverMeeting,
    EndMeeting,
    UpdateWaitingRoom,
    Exchange,
    Refresh,
    Revoke,
}

/// Calls of which the same is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Asks and changes nothing.
    Read,
    /// Changes something, and the answer is needed.
    Write,
    /// Changes something, and the status says it all.
    Tell,
    /// Trades a secret for tokens.
    Token,
    /// Gives a token back.
    Revoke,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Api(ApiError),
    Token(TokenError),
}

impl Outcome {
    /// The answer lacks this.
    pub fn lacks(what: &'static str) -> Self {
        Self::Api(ApiError::Unreadable { what })
    }

    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Done => true,
            Self::Api(error) => error.may_be_done(),
            Self::Token(error) => error.may_be_done(),
        }
    }

    /// All that can be shown of it.
    pub fn shown(&self) -> String {
        let all = |error: &dyn std::error::Error| {
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{error} {error:?} {source}")
        };
        match self {
            Self::Done => String::new(),
            Self::Api(error) => all(error),
            Self::Token(error) => all(error),
        }
    }
}

/// The program's side.
pub struct Client {
    api: Api,
    oauth: OAuth,
}

impl Client {
    /// `base` is where the peer listens: scheme, host and port.
    pub fn new(http: reqwest::Client, base: &str) -> Self {
        let api = Api::new(http.clone(), ApiBase::parse(&format!("{base}/v2")).unwrap());
        let oauth = OAuth::new(
            http,
            &format!("{base}/oauth"),
            "rT6yU8iO0pQwErTyUiOpAs",
            "client-secret-canary".into(),
            "https://clinic.example/zoom/callback",
        );
        Self { api, oauth: oauth.unwrap() }
    }
}

impl Call {
    pub const ALL: [Self; 20] = [
        Self::Me,
        Self::UserSettings,
        Self::MeetingSecurity,
        Self::Meeting,
        Self::ListMeetings,
        Self::PastInstances,
        Self::PastParticipants,
        Self::PastMeeting,
        Self::CreateMeeting,
        Self::CreateRegistrant,
        Self::InviteLinks,
        Self::UpdateMeeting,
        Self::NameAlternativeHosts,
        Self::DeleteMeeting,
        Self::RecoverMeeting,
        Self::EndMeeting,
        Self::UpdateWaitingRoom,
        Self::Exchange,
        Self::Refresh,
        Self::Revoke,
    ];

    pub fn class(self) -> Class {
        match self {
            Self::Me
            | Self::UserSettings
            | Self::MeetingSecurity
            | Self::Meeting
            | Self::ListMeetings
            | Self::PastInstances
            | Self::PastParticipants
            | Self::PastMeeting => Class::Read,
            Self::CreateMeeting | Self::CreateRegistrant | Self::InviteLinks => Class::Write,
            Self::UpdateMeeting
            | Self::NameAlternativeHosts
            | Self::DeleteMeeting
            | Self::RecoverMeeting
            | Self::EndMeeting
            | Self::UpdateWaitingRoom => Class::Tell,
            Self::Exchange | Self::Refresh => Class::Token,
            Self::Revoke => Class::Revoke,
        }
    }

    /// A good answer, with something private in it; empty where there is nothing to say.
    pub fn good_body(self) -> &'static str {
        match self {
            Self::Me => {
                r#"{"id":"pV8sJ2nXQ7m4dT0uHrBkEw","account_id":"Kx3mQvTtR5aZ1LwYbN0cGg","email":"rosa.delgado@clinic.example","display_name":"Rosa Delgado","type":2,"pmi":1234567890}"#
            }
            Self::UserSettings => {
                r#"{"in_meeting":{"waiting_room":true},"schedule_meeting":{"join_before_host":false}}"#
            }
            Self::MeetingSecurity => r#"{"meeting_security":{"waiting_room":true}}"#,
            Self::Meeting | Self::CreateMeeting => {
                r#"{"id":86720014455,"type":3,"topic":"Rosa Delgado","join_url":"https://us02web.zoom.us/j/86720014455?pwd=body-canary","password":"body-canary","settings":{"waiting_room":true}}"#
            }
            Self::ListMeetings => {
                r#"{"next_page_token":"","meetings":[{"id":86720014455,"topic":"Rosa Delgado"}]}"#
            }
            Self::PastInstances => r#"{"meetings":[{"uuid":"q7YcT1mZQ0WnHk2Jv+8RbA=="}]}"#,
            Self::PastParticipants => {
                r#"{"next_page_token":"","participants":[{"user_id":"16784384","name":"Rosa Delgado"}]}"#
            }
            Self::PastMeeting => r#"{"uuid":"q7YcT1mZQ0WnHk2Jv+8RbA==","user_name":"Rosa Delgado"}"#,
            Self::CreateRegistrant => {
                r#"{"registrant_id":"rgt","join_url":"https://us02web.zoom.us/w/86720014455?tk=body-canary"}"#
            }
            Self::InviteLinks => {
                r#"{"attendees":[{"name":"Rosa Delgado","join_url":"https://us02web.zoom.us/w/86720014455?tk=body-canary"}]}"#
            }
            Self::Exchange | Self::Refresh => {
                r#"{"access_token":"access-canary","refresh_token":"refresh-canary","expires_in":3599,"scope":"user:read:user"}"#
            }
            Self::Revoke => r#"{"status":"success"}"#,
            _ => "",
        }
    }

    /// What is made of an object in which everything is missing or of the wrong type.
    pub fn of_an_empty_object(self) -> Outcome {
        match self {
            Self::Me => Outcome::lacks("the user's id"),
            Self::MeetingSecurity => Outcome::lacks("meeting_security"),
            Self::Meeting | Self::CreateMeeting => Outcome::lacks("the meeting's number"),
            Self::ListMeetings | Self::PastInstances => Outcome::lacks("meetings"),
            Self::PastParticipants => Outcome::lacks("participants"),
            Self::PastMeeting => Outcome::lacks("the past meeting's uuid"),
            Self::CreateRegistrant => Outcome::lacks("the registrant's id"),
            Self::InviteLinks => Outcome::lacks("attendees"),
            Self::Exchange | Self::Refresh => Outcome::Token(TokenError::Unreadable),
            // Settings are all optional: unknown is a fair answer, which nobody may take for "on".
            Self::UserSettings
            | Self::UpdateMeeting
            | Self::NameAlternativeHosts
            | Self::DeleteMeeting
            | Self::RecoverMeeting
            | Self::EndMeeting
            | Self::UpdateWaitingRoom
            | Self::Revoke => Outcome::Done,
        }
    }

    /// What is made of JSON that is no object.
    pub fn of_no_object(self) -> Outcome {
        match self {
            Self::Me => Outcome::lacks("the user"),
            Self::UserSettings | Self::MeetingSecurity => Outcome::lacks("the settings"),
            Self::Meeting | Self::CreateMeeting => Outcome::lacks("the meeting"),
            Self::ListMeetings | Self::PastInstances => Outcome::lacks("meetings"),
            Self::PastParticipants => Outcome::lacks("participants"),
            Self::PastMeeting => Outcome::lacks("the past meeting"),
            Self::CreateRegistrant => Outcome::lacks("the registrant"),
            Self::InviteLinks => Outcome::lacks("attendees"),
            Self::UpdateMeeting
            | Self::NameAlternativeHosts
            | Self::DeleteMeeting
            | Self::RecoverMeeting
            | Self::EndMeeting
            | Self::UpdateWaitingRoom => Outcome::lacks("the body"),
            Self::Exchange | Self::Refresh | Self::Revoke => Outcome::Token(TokenError::Unreadable),
        }
    }

    /// Makes it.
    pub async fn make(self, client: &Client) -> Outcome {
        let (api, oauth) = (&client.api, &client.oauth);
        let token = SecretText::from("access-canary");
        let patch = MeetingPatch::restore_visit_room();
        let made = match self {
            Self::Me => api.me(&token).await.map(drop),
            Self::UserSettings => api.user_settings(&token).await.map(drop),
            Self::MeetingSecurity => api.meeting_security(&token).await.map(drop),
            Self::Meeting => api.meeting(&token, NUMBER).await.map(drop),
            Self::ListMeetings => api.list_meetings(&token, Some("next")).await.map(drop),
            Self::PastInstances => api.past_instances(&token, NUMBER).await.map(drop),
            Self::PastParticipants => api.past_participants(&token, UUID, None).await.map(drop),
            Self::PastMeeting => api.past_meeting(&token, UUID).await.map(drop),
            Self::CreateMeeting => {
                api.create_meeting(&token, &NewMeeting::visit_room("Visits", "marker")).await.map(drop)
            }
            Self::CreateRegistrant => {
                let guest = NewRegistrant::new("rosa.delgado@mail.example", "Rosa", "Delgado");
                api.create_registrant(&token, NUMBER, &guest).await.map(drop)
            }
            Self::InviteLinks => {
                api.invite_links(&token, NUMBER, &["Rosa Delgado"], Duration::from_hours(2)).await.map(drop)
            }
            Self::UpdateMeeting => api.update_meeting(&token, NUMBER, &patch).await,
            Self::NameAlternativeHosts => {
                let cover = MeetingPatch::alternative_hosts(&["rosa.delgado@clinic.example"]);
                api.update_meeting(&token, NUMBER, &cover).await
            }
            Self::DeleteMeeting => api.delete_meeting(&token, NUMBER).await,
            Self::RecoverMeeting => api.recover_meeting(&token, NUMBER).await,
            Self::EndMeeting => api.end_meeting(&token, NUMBER).await,
            Self::UpdateWaitingRoom => api.update_waiting_room(&token, NUMBER, "Welcome", "Soon").await,
            Self::Exchange => {
                return traded(oauth.exchange("code-canary", &"verifier-canary".into()).await.map(drop));
            }
            Self::Refresh => return traded(oauth.refresh(&"refresh-canary".into()).await.map(drop)),
            Self::Revoke => return traded(oauth.revoke(&token).await),
        };
        made.map_or_else(Outcome::Api, |()| Outcome::Done)
    }
}

fn traded(outcome: Result<(), TokenError>) -> Outcome {
    outcome.map_or_else(Outcome::Token, |()| Outcome::Done)
}
