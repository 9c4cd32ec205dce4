//! The controls of the simulated world, in-process: each has its twin below `/sim/`.

mod admin;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::knobs::{Fault, Knobs};
use crate::ledger::{CallSeen, CallTotal, LimitBroken};
use crate::oauth::Params;
use crate::outbox::SignedDelivery;
use crate::rest::ApiError;
use crate::room::NewGuest;
use crate::state::{Attempt, Guest, Place};
use crate::world::{SimError, World};

/// What really happened: who was where, and when.
#[derive(Clone, Debug, Serialize)]
pub struct Truth {
    /// Every meeting with its instances.
    pub meetings: Vec<TruthMeeting>,
    /// Every visit with its stays. Microseconds UTC.
    pub guests: Vec<Guest>,
}

/// A meeting that exists or is in the trash.
#[derive(Clone, Debug, Serialize)]
pub struct TruthMeeting {
    /// Meeting number.
    pub number: i64,
    /// The current or next instance.
    pub uuid: String,
    /// Its owner.
    pub host_id: String,
    /// Zoom's type.
    pub kind: i64,
    /// Topic.
    pub topic: String,
    /// The guest's link.
    pub join_url: String,
    /// The waiting room as saved.
    pub waiting_room: bool,
    /// Whether it is in the trash.
    pub deleted: bool,
    /// Each start.
    pub instances: Vec<TruthInstance>,
}

/// One start of a meeting. Microseconds UTC.
#[derive(Clone, Debug, Serialize)]
pub struct TruthInstance {
    /// Its uuid.
    pub uuid: String,
    /// Start.
    pub started_at: i64,
    /// End; open while it runs.
    pub ended_at: Option<i64>,
}

/// Drives a simulated Zoom from the same process.
#[derive(Clone)]
pub struct SimHandle(Arc<World>);

impl SimHandle {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self(world)
    }

    /// The simulator's time, microseconds UTC.
    pub fn now(&self) -> i64 {
        self.0.now()
    }

    /// Delivers everything that is due now; returns when every answer is in.
    pub async fn tick(&self) {
        self.0.tick().await;
    }

    /// Moves a driven clock on, stopping wherever something is due, and delivers on the way. Says whether the clock
    /// can be driven.
    pub async fn advance(&self, by: Duration) -> bool {
        self.0.advance(by).await
    }

    /// Somebody comes by the meeting's number (or a host's personal number).
    pub fn join(&self, number: i64, guest: NewGuest) -> Result<u64, SimError> {
        self.0.turn(|turn| turn.come(number, guest))
    }

    /// Somebody comes as guest with only a name.
    pub fn join_named(&self, number: i64, name: &str) -> Result<u64, SimError> {
        self.join(number, NewGuest { name: name.to_owned(), ..NewGuest::default() })
    }

    /// The owner starts the meeting, or joins the running one; returns the host as a participant.
    pub fn start(&self, number: i64) -> Result<u64, SimError> {
        self.0.turn(|turn| turn.start(number, None))
    }

    /// An alternative host starts the meeting.
    pub fn start_as(&self, number: i64, user_id: &str) -> Result<u64, SimError> {
        self.0.turn(|turn| turn.start(number, Some(user_id.to_owned())))
    }

    /// The host ends the meeting for all.
    pub fn end(&self, number: i64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.end(number))
    }

    /// The host admits somebody from the waiting room. Joining follows after `join_after_admission_ms`.
    pub fn admit(&self, guest: u64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.admit(guest))
    }

    /// The host admits everybody who waits; returns whom.
    pub fn admit_all(&self, number: i64) -> Result<Vec<u64>, SimError> {
        self.0.turn(|turn| {
            let waiting = turn.at(number, Place::Waiting);
            waiting.iter().try_for_each(|guest| turn.admit(*guest))?;
            Ok(waiting)
        })
    }

    /// The host sends somebody back to the waiting room.
    pub fn put_back(&self, guest: u64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.put_back(guest))
    }

    /// The host removes somebody from the meeting or the waiting room.
    pub fn remove(&self, guest: u64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.remove(guest))
    }

    /// Somebody leaves. When nobody is left in the meeting it ends.
    pub fn leave(&self, guest: u64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.leave(guest))
    }

    /// Somebody's line breaks; Zoom tells of it `drop_noticed_after_ms` later.
    pub fn lose_line(&self, guest: u64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.lose_line(guest))
    }

    /// Somebody who has gone comes again, with new ids.
    pub fn rejoin(&self, guest: u64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.rejoin(guest))
    }

    /// A new display name, of which no event tells; the next event has it.
    pub fn rename(&self, guest: u64, name: &str) -> Result<(), SimError> {
        self.0.turn(|turn| {
            let known = turn.guest_mut(guest)?;
            name.clone_into(&mut known.name);
            if let Some(stay) = known.stays.last_mut().filter(|stay| stay.to.is_none()) {
                name.clone_into(&mut stay.name);
            }
            Ok(())
        })
    }

    /// A new role inside the meeting: `host`, `co-host` or `attendee`.
    pub fn change_role(&self, guest: u64, role: &str) -> Result<(), SimError> {
        self.0.turn(|turn| turn.change_role(guest, role))
    }

    /// The phone leg `phone` turns out to belong to `computer`.
    pub fn bind(&self, phone: u64, computer: u64) -> Result<(), SimError> {
        self.0.turn(|turn| turn.bind(phone, computer))
    }

    /// Into a breakout room, or back to the main room.
    pub fn breakout(&self, guest: u64, inside: bool) -> Result<(), SimError> {
        self.0.turn(|turn| turn.breakout(guest, inside))
    }

    /// The host switches the waiting room inside the running meeting; no event tells of it.
    pub fn switch_live_waiting_room(&self, number: i64, on: bool) -> Result<(), SimError> {
        self.0.turn(|turn| {
            turn.meeting(number)?.running().ok_or(SimError::NotRunning)?;
            turn.meeting_mut(number)?.live_waiting_room = Some(on);
            Ok(())
        })
    }

    /// A user makes a meeting on Zoom's own pages: a body as for `POST /users/me/meetings`. Returns its number.
    pub fn create_meeting(&self, user_id: &str, fields: &Value) -> Result<i64, SimError> {
        self.0.turn(|turn| {
            let caller = admin::caller(turn, user_id)?;
            let fields = read_body(fields)?;
            let mut meeting = crate::rest::meetings::new_meeting(turn, &caller, fields).map_err(told)?;
            "web_portal".clone_into(&mut meeting.creation_source);
            turn.state.meetings.insert(meeting.number, meeting.clone());
            turn.tell_saved("meeting.created", &meeting, user_id);
            Ok(meeting.number)
        })
    }

    /// The host changes the saved meeting on Zoom's own pages: a body as for `PATCH /meetings/{id}`.
    pub fn change_meeting(&self, number: i64, fields: &Value) -> Result<(), SimError> {
        self.0.turn(|turn| {
            let host = turn.meeting(number)?.host_id.clone();
            let fields = read_body(fields)?;
            turn.change_meeting(number, fields, &host).map_err(told)
        })
    }

    /// The host deletes the meeting on Zoom's own pages.
    pub fn delete_meeting(&self, number: i64) -> Result<(), SimError> {
        self.0.turn(|turn| {
            let meeting = turn.meeting(number)?.clone();
            let host = meeting.host_id.clone();
            turn.delete_meeting(&meeting, &host).map_err(told)
        })
    }

    /// Consent without a browser: `query` is that of the authorize address. Returns where the browser goes, with the
    /// code or the refusal.
    pub fn consent(&self, query: &str, user_id: &str, allows: bool) -> Result<String, SimError> {
        let decision = if allows { "allow" } else { "decline" };
        let answer = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("user_id", user_id)
            .append_pair("decision", decision)
            .finish();
        let params = Params::parse(&[&answer, query]);
        self.0
            .turn(|turn| crate::oauth::decide(turn, &params))
            .map_err(|(code, reason)| SimError::BadRequest(format!("{code}: {reason}")))
    }

    /// Turns knobs.
    pub fn knobs(&self, turn_them: impl FnOnce(&mut Knobs)) {
        self.0.turn(|turn| turn_them(&mut turn.state.knobs));
    }

    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.0.turn(|turn| turn.state.faults.push(fault));
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.0.turn(|turn| turn.state.faults.clear());
    }

    /// What really happened.
    pub fn truth(&self) -> Truth {
        self.0.turn(|turn| Truth {
            meetings: turn
                .state
                .meetings
                .values()
                .map(|meeting| TruthMeeting {
                    number: meeting.number,
                    uuid: meeting.uuid.clone(),
                    host_id: meeting.host_id.clone(),
                    kind: meeting.kind,
                    topic: meeting.topic.clone(),
                    join_url: turn.join_url(meeting, None),
                    waiting_room: meeting.flag("waiting_room"),
                    deleted: meeting.deleted_at.is_some(),
                    instances: meeting
                        .instances
                        .iter()
                        .map(|instance| TruthInstance {
                            uuid: instance.uuid.clone(),
                            started_at: instance.started_at,
                            ended_at: instance.ended_at,
                        })
                        .collect(),
                })
                .collect(),
            guests: turn.state.guests.values().cloned().collect(),
        })
    }

    /// One visit, as it is now.
    pub fn guest(&self, id: u64) -> Result<Guest, SimError> {
        self.0.turn(|turn| turn.guest(id).cloned())
    }

    /// The delivery log, oldest first: every attempt.
    pub fn deliveries(&self) -> Vec<Attempt> {
        self.0.look(|state| state.log.iter().cloned().collect())
    }

    /// The last calls of the program under test, oldest first: as many as the knob `calls_kept` says.
    pub fn calls(&self) -> Vec<CallSeen> {
        self.0.look(|state| state.ledger.calls())
    }

    /// All calls since the start, by number: how often each was answered with which status.
    pub fn call_totals(&self) -> Vec<CallTotal> {
        self.0.look(|state| state.ledger.totals())
    }

    /// Every call that went beyond a limit, oldest first, also where the limit is not enforced. The first 10,000.
    pub fn limits_broken(&self) -> Vec<LimitBroken> {
        self.0.look(|state| state.ledger.broken())
    }

    /// How many deliveries wait to be sent or sent again.
    pub fn pending(&self) -> usize {
        self.0.look(|state| state.outbox.len() + state.reversing.len())
    }

    /// When the next delivery is due for the first time or again, microseconds UTC. May be in the past. None while there
    /// is nothing to deliver.
    pub fn next_delivery_at(&self) -> Option<i64> {
        self.0.look(|state| state.outbox.first_key_value().map(|(key, _)| key.0))
    }

    /// Takes the deliveries that are due without sending them: signed, to be handed straight to a verifier.
    pub fn take_due(&self) -> Vec<SignedDelivery> {
        self.0.take_due()
    }

    /// A webhook of any body, signed as the app's are: for what a test makes up.
    pub fn sign(&self, body: &str) -> Vec<(&'static str, String)> {
        self.0.turn(|turn| {
            let stamp = turn.now.div_euclid(crate::clock::SECOND).to_string();
            vec![
                ("content-type", "application/json; charset=utf-8".to_owned()),
                ("x-zm-signature", crate::outbox::signature(&turn.state.secrets.webhook, &stamp, body)),
                ("x-zm-request-timestamp", stamp),
                ("x-zm-trackingid", turn.tracking_id("WEBHOOK")),
            ]
        })
    }

    /// Whether the endpoint has answered its challenge, so that events flow.
    pub fn endpoint_is_validated(&self) -> bool {
        self.0.look(|state| state.subscription.validated)
    }

    /// Challenges the endpoint again at the next tick, as pressing Validate in the marketplace does.
    pub fn revalidate(&self) {
        self.0.turn(|turn| {
            turn.state.subscription.next_challenge = turn.now;
            turn.state.subscription.failures = 0;
        });
    }
}

fn read_body(fields: &Value) -> Result<Map<String, Value>, SimError> {
    let sent = fields.as_object().cloned().unwrap_or_default();
    crate::rest::body::read(sent).map_err(|errors| told(crate::rest::invalid(errors)))
}

/// What the REST side would have answered, as one line.
fn told(error: ApiError) -> SimError {
    let fields = error.errors.into_iter().map(|(field, _)| field);
    SimError::BadRequest(std::iter::once(error.message).chain(fields).collect::<Vec<_>>().join(" "))
}

fn set_installed(turn: &mut crate::world::Turn<'_>, user_id: &str, installed: bool) {
    if let Some(user) = turn.state.users.get_mut(user_id) {
        user.installed = installed;
    }
}
