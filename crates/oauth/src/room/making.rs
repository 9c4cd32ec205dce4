//! Finding a room at Zoom, making one where there is none, and keeping it as visits need it.

use domain::{
    Timestamp,
    room::{RoomKind, guard::Origin},
};
use zoom::{
    api::{ApiError, Meeting, MeetingKind, MeetingPatch, NewMeeting, Plan, Series},
    oauth::REGISTRANT_SCOPE,
};

use super::{How, RoomError};
use crate::{KindTrouble, Zoom, calls::is_granted, guard::Look};

/// Pages of 300 meetings that are looked through.
const MOST_PAGES: u32 = 20;
/// What a room that is not used any more says to whoever still comes into its waiting room.
const MOVED: &str = "Not used any more: please use the link from your clinic";

/// Why a room of the wanted kind is not to be had.
pub(super) enum Hindrance {
    /// Zoom forbids it, or does not do it: the room stays of the kind that it is.
    Trouble(KindTrouble),
    /// Something else is wrong.
    Error(RoomError),
}

impl From<ApiError> for Hindrance {
    fn from(error: ApiError) -> Self {
        match KindTrouble::of(&error) {
            Some(trouble) => Self::Trouble(trouble),
            None => Self::Error(error.into()),
        }
    }
}

impl From<RoomError> for Hindrance {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::Zoom(error) => error.into(),
            other => Self::Error(other),
        }
    }
}

impl Zoom {
    /// A room of that kind, made by us before or now.
    pub(super) async fn find_or_make(
        &self,
        look: &Look,
        kind: RoomKind,
    ) -> Result<(Meeting, How), RoomError> {
        let owner = &look.owner;
        // The topic is repeated in every event and shown to everybody: the host's name, nothing about patients.
        let topic = format!("Visits with {}", owner.member.name);
        let marker = owner.marker(kind);
        if let Some(meeting) = self.find(look, &marker, kind).await? {
            return Ok((self.back_in_use(look, meeting, &topic).await?, How::Found));
        }
        let agenda = format!("Made by Anteroom. Please leave this line as it is: {marker}");
        let new = match kind {
            RoomKind::Registered => {
                let series = Series::from(self.0.ambient.now().as_micros());
                NewMeeting::registered_room(&topic, &agenda, series)
            }
            RoomKind::Open | RoomKind::Other => NewMeeting::visit_room(&topic, &agenda),
        };
        match look.caller.create(&new).await {
            Ok(made) => Ok((made, How::Made)),
            // The answer was lost, but Zoom may have made it.
            Err(error) if error.may_be_done() => match self.find(look, &marker, kind).await? {
                Some(meeting) => Ok((meeting, How::Found)),
                None => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// The room of this kind that was made for this staff member before: the oldest, should there be several.
    async fn find(&self, look: &Look, marker: &str, kind: RoomKind) -> Result<Option<Meeting>, RoomError> {
        let wanted = match kind {
            RoomKind::Registered => MeetingKind::FixedTimes,
            RoomKind::Open | RoomKind::Other => MeetingKind::NoFixedTime,
        };
        let mut complete = false;
        let mut readable = true;
        let mut ours = Vec::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let page = look.caller.list(next.as_deref()).await?;
            readable &= page.unreadable == 0;
            let own = page.items.into_iter().filter(|meeting| {
                meeting.kind == wanted && meeting.agenda.as_deref().is_some_and(|text| text.contains(marker))
            });
            ours.extend(own.map(|meeting| (meeting.created_at.unwrap_or(i64::MAX), meeting.number)));
            next = page.next;
            if next.is_none() {
                complete = true;
                break;
            }
        }
        match ours.into_iter().min() {
            Some((_, number)) => Ok(Some(look.caller.meeting(number).await?)),
            None if complete && readable => Ok(None),
            None => Err(RoomError::ListIncomplete),
        }
    }

    /// Whether this Zoom user may have a registered room at all, before anything is made for it.
    pub(super) fn may_register(look: &Look) -> Result<(), Hindrance> {
        if !is_granted(&look.owner.scopes, &REGISTRANT_SCOPE) {
            return Err(Hindrance::Trouble(KindTrouble::Scope));
        }
        // The plan as it is now, not as it was when Zoom was connected.
        match &look.host.me {
            Ok(me) if me.plan == Plan::Licensed => Ok(()),
            Ok(_) => Err(Hindrance::Trouble(KindTrouble::Plan)),
            Err(error) => Err(error.clone().into()),
        }
    }

    /// A registered room with its registration on and its series running on, or why there is none.
    pub(super) async fn registered_room(&self, look: &mut Look) -> Result<(Meeting, How), Hindrance> {
        Self::may_register(look)?;
        let (meeting, how) = self.find_or_make(look, RoomKind::Registered).await?;
        let meeting = self.secured(look, meeting, RoomKind::Registered).await?;
        if !meeting.registers() {
            return Err(Hindrance::Trouble(KindTrouble::Registration));
        }
        Ok((self.going_on(look, meeting).await?, how))
    }

    /// Lets a series that comes to its end go on. The number, and every link, stays. Tried again at each look.
    pub(super) async fn going_on(&self, look: &Look, meeting: Meeting) -> Result<Meeting, RoomError> {
        let now = self.0.ambient.now();
        // A running meeting is left in peace: there is time.
        if meeting.is_started == Some(true) || !runs_out(series_ends_at(&meeting), now) {
            return Ok(meeting);
        }
        let patch = MeetingPatch::go_on(Series::from(now.as_micros()));
        match look.caller.update(meeting.number, &patch).await {
            Err(error @ ApiError::AccessTokenDead) => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "a room's series could not be extended"),
            Ok(()) => {}
        }
        Ok(look.caller.meeting(meeting.number).await?)
    }

    /// Says on a room that is given up where to go instead. A help for whoever kept its link, and no more. What the owner
    /// made keeps the name that they gave it.
    pub(crate) async fn give_up(&self, look: &Look, number: i64) {
        if look.owner.guarded.origin != Origin::Made {
            return;
        }
        let patch = MeetingPatch::rename(MOVED);
        if let Err(error) = look.caller.update(number, &patch).await {
            tracing::debug!(%error, "a room that was given up keeps its topic");
        }
    }

    async fn back_in_use(&self, look: &Look, meeting: Meeting, topic: &str) -> Result<Meeting, RoomError> {
        if meeting.topic.as_deref() != Some(MOVED) {
            return Ok(meeting);
        }
        look.caller.update(meeting.number, &MeetingPatch::rename(topic)).await?;
        Ok(look.caller.meeting(meeting.number).await?)
    }
}

pub(crate) fn series_ends_at(meeting: &Meeting) -> Option<Timestamp> {
    meeting.series_ends_at.map(Timestamp::from_micros)
}

/// A series is extended while a good part of it is left: a host who is away, a token that needs mending, a Zoom that
/// refuses for a while must not end it.
const EXTENDED_BEFORE_END: std::time::Duration = std::time::Duration::from_hours(20 * 24);
/// When it becomes a matter for a person.
const ALARMING: std::time::Duration = std::time::Duration::from_hours(10 * 24);

/// Whether the series is to be extended.
pub(super) fn runs_out(ends_at: Option<Timestamp>, now: Timestamp) -> bool {
    ends_at.is_none_or(|ends_at| ends_at < now.plus(EXTENDED_BEFORE_END))
}

/// Whether it should have been by now.
pub(super) fn is_alarming(ends_at: Option<Timestamp>, now: Timestamp) -> bool {
    ends_at.is_none_or(|ends_at| ends_at < now.plus(ALARMING))
}
