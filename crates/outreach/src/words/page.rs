//! The texts of the patients' pages. To add one: a field here, and a line in each file under `locales/`.

use serde::Deserialize;

/// All of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The page of one visit.
    pub visit: Visit,
    /// The check of camera, microphone and speaker.
    pub check: Check,
    /// Sentences that stand on patients’ pages while something is so.
    pub notices: Notices,
    /// The page of all coming visits of one person.
    pub portal: Portal,
    /// Where a lost link is asked for.
    pub lost: Lost,
    /// A link that leads nowhere.
    pub unknown: Unknown,
    /// What is said when something fails.
    pub trouble: Trouble,
}

/// The page of one visit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// “Your video visit”
    pub title: String,
    /// “This visit is over”
    pub title_over: String,
    /// “This visit was cancelled”
    pub title_cancelled: String,
    /// “Your visit is at the clinic”
    pub title_in_person: String,
    /// “Language”
    pub language: String,
    /// “When”
    pub when: String,
    /// “With”
    pub with: String,
    /// “Clinic”
    pub where_clinic: String,
    /// “Join”
    pub join: String,
    /// “Join in the browser”
    pub join_browser: String,
    /// “Join in the Zoom app”
    pub join_app: String,
    /// “How would you like to join?”
    pub join_way: String,
    /// “Zoom opens next. You may have to wait a little there: {{ host }} will let you in.”
    pub then_zoom: String,
    /// “The video room opens next. You may have to wait a little there: {{ host }} will let you in.”
    pub then_other: String,
    /// “You are early, which is fine. The Join button will be here from {{ when }}. Keep this link.”
    pub early: String,
    /// “There is nothing more to do here. If you need another visit, please call {{ phone }}.”
    pub over: String,
    /// “It does not take place. If you did not expect this, please call {{ phone }}.”
    pub cancelled: String,
    /// “There is nothing to join by video: please come to the clinic. If you hoped for a video visit, …”
    pub in_person: String,
    /// “The room is not ready yet. Please keep this page open: it looks again by itself, and the Join …”
    pub not_ready: String,
    /// “This page looks again by itself every minute.”
    pub looks_again: String,
    /// “Your clinician is still with somebody else. It will take about {{ minutes }} minutes more.”
    pub wait_for: String,
    /// “Your clinician is still with somebody else. Please wait a little.”
    pub wait_unknown: String,
    /// “From the clinic”
    pub notice_heading: String,
    /// “{{ time }}”
    pub notice_at: String,
    /// “Add to your calendar”
    pub calendar: String,
    /// “Download the calendar file”
    pub calendar_download: String,
    /// “It opens in the calendar of your phone or computer. It says only that you have a video visit, …”
    pub calendar_hint: String,
    /// “What comes next”
    pub waiting_room_heading: String,
    /// “You press Join, and Zoom asks for your name. Your first name is enough.”
    pub waiting_room_1: String,
    /// “A page says that you are waiting. Nobody sees or hears you yet, and you see no other patient.”
    pub waiting_room_2: String,
    /// “{{ host }} lets you in when it is your turn.”
    pub waiting_room_3: String,
    /// “Join by telephone”
    pub phone_heading: String,
    /// “If video does not work, call one of these numbers and enter the meeting number.”
    pub phone_how: String,
    /// “Meeting number”
    pub phone_meeting: String,
    /// “Passcode”
    pub phone_passcode: String,
    /// “If it does not work”
    pub help_heading: String,
    /// “When your browser asks for the camera and the microphone, choose Allow.”
    pub help_allow: String,
    /// “You need no app: choose “Join from your browser” on Zoom’s page.”
    pub help_browser: String,
    /// “If you are cut off, come back to this page and press Join again. It is the same link every time.”
    pub help_again: String,
    /// “If nothing helps, call {{ phone }}.”
    pub help_call: String,
    /// “Keep this link: it is yours alone.”
    pub keep: String,
    /// “Stop these messages”
    pub stop_heading: String,
    /// “You get no more messages about your visits from this clinic by the way that you choose. Your …”
    pub stop_how: String,
    /// “Stop e-mails”
    pub stop_email: String,
    /// “Stop text messages”
    pub stop_sms: String,
    /// “Noted. You will get no more of these messages.”
    pub stop_done: String,
    /// “If you change your mind, tell the clinic.”
    pub stop_undo: String,
    /// “This part needs JavaScript. You can join without it.”
    pub no_script: String,
}

/// The check of camera, microphone and speaker.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// “Check camera and microphone”
    pub heading: String,
    /// “The check stays on your device. Nothing is recorded or sent.”
    pub explain: String,
    /// “Start the check”
    pub start: String,
    /// “Stop the check”
    pub stop: String,
    /// “Your browser now asks whether this page may use camera and microphone. Choose Allow.”
    pub asking: String,
    /// “Camera”
    pub camera: String,
    /// “Microphone”
    pub microphone: String,
    /// “Speaker”
    pub speaker: String,
    /// “Browser”
    pub browser: String,
    /// “Connection”
    pub connection: String,
    /// “Works: you should see yourself.”
    pub camera_good: String,
    /// “No camera was found. You can join without one.”
    pub camera_none: String,
    /// “Works: the bar moves when you speak.”
    pub microphone_good: String,
    /// “Nothing was heard yet. Say a few words.”
    pub microphone_quiet: String,
    /// “No microphone was found. Plug one in, or join by telephone.”
    pub microphone_none: String,
    /// “Play a sound”
    pub speaker_play: String,
    /// “Did you hear it? If not, turn the volume up.”
    pub speaker_heard: String,
    /// “Your browser can do it.”
    pub browser_good: String,
    /// “Your browser is too old for video. Try another one, or the Zoom app.”
    pub browser_old: String,
    /// “You are online.”
    pub connection_good: String,
    /// “You seem to be offline.”
    pub connection_none: String,
    /// “The page may not use it. Open the lock or camera sign beside the address, choose Allow, and try …”
    pub refused: String,
    /// “Another program is using it. Close that program and try again.”
    pub in_use: String,
    /// “This could not be checked. You can still join.”
    pub failed: String,
    /// “All is well. You are ready.”
    pub all_good: String,
}

/// Sentences that stand on patients’ pages while something is so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    /// “We are running about {{ minutes }} minutes late. We are sorry; please stay.”
    pub late: String,
}

/// The page of all coming visits of one person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// “Your visits”
    pub title: String,
    /// “Your coming visits at {{ clinic }}.”
    pub lead: String,
    /// “You have no coming visits here.”
    pub none: String,
    /// “When the clinic books one, it appears on this page.”
    pub none_hint: String,
    /// “Today”
    pub today: String,
    /// “Join”
    pub join: String,
    /// “Open”
    pub open: String,
    /// “Join is here from {{ when }}.”
    pub opens: String,
    /// “With {{ host }}”
    pub with: String,
    /// “At the clinic”
    pub in_person: String,
    /// “Cancelled”
    pub cancelled: String,
    /// “Over”
    pub past: String,
    /// “Times are the clinic’s: {{ zone }}.”
    pub zone_hint: String,
    /// “Lost a link?”
    pub lost: String,
}

/// Where a lost link is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// “Get your link again”
    pub title: String,
    /// “Type the e-mail address or the mobile number that the clinic has of you.”
    pub lead: String,
    /// “E-mail or mobile number”
    pub address: String,
    /// “A number with its country code, such as +1 555 010 0123”
    pub address_hint: String,
    /// “Send my link”
    pub send: String,
    /// “This is neither an e-mail address nor a mobile number with its country code.”
    pub wrong: String,
    /// “Look at your messages”
    pub done_title: String,
    /// “If the clinic knows this address and you have a visit soon, your link is on its way. It may …”
    pub done: String,
    /// “Nothing came? Look among the unwanted mail, try the other address, or call the clinic.”
    pub done_nothing: String,
    /// “That was asked for too often. Please wait {{ minutes }} minutes, or call the clinic.”
    pub too_many: String,
    /// “Try another address”
    pub again: String,
}

/// A link that leads nowhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// “This link does not work”
    pub title: String,
    /// “It may have been cut short when it was copied, or the clinic may have sent you a newer one. …”
    pub message: String,
    /// “Get your link again”
    pub lost: String,
}

/// What is said when something fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// “Something went wrong”
    pub title: String,
    /// “It is not your fault. Please try again in a minute. If it happens again, call the clinic.”
    pub message: String,
    /// “That was pressed too often. Please wait a minute and try again.”
    pub too_often: String,
}
