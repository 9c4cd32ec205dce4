//! The texts of the patients' pages. To add one: a field here, and a line in each file under `locales/`.

use serde::Deserialize;

/// All of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// What stands on each of them.
    pub common: Common,
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
    /// The page of a room’s guest link.
    pub guest: Guest,
    /// A link that leads nowhere.
    pub unknown: Unknown,
    /// What is said when something fails.
    pub trouble: Trouble,
}

/// What stands on each of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// “Skip to the page”
    pub skip: String,
    /// “Language”
    pub language: String,
    /// “Call {{ phone }}”
    pub call: String,
}

/// The page of a room’s guest link.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guest {
    /// “Video room”
    pub title: String,
    /// “Zoom opens next, and may ask for your name. You wait there a little: {{ host }} will let you in.”
    pub then: String,
    /// “Did you get a link of your own, for one date and time? Please use that one …”
    pub own_link: String,
    /// “The room is not ready yet. …”
    pub not_ready: String,
    /// “Very many have come by this link just now. …”
    pub too_many: String,
    /// “Try again”
    pub again: String,
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
    /// “When”
    pub when: String,
    /// “With”
    pub with: String,
    /// “Join”
    pub join: String,
    /// “Join in the browser”
    pub join_browser: String,
    /// “Without an app. It works in most browsers.”
    pub join_browser_hint: String,
    /// “Zoom opens next. You may have to wait a little there: {{ host }} will let you in.”
    pub then_zoom: String,
    /// “The video room opens next. You may have to wait a little there: {{ host }} will let you in.”
    pub then_other: String,
    /// “The video room opens now.”
    pub onward: String,
    /// “Go on to the video room”
    pub onward_link: String,
    /// “You press Join, and the video room may ask for your name. Your first name is enough.”
    pub waiting_room_other: String,
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
    /// “Your clinician is still with somebody else. It will take about {{ minutes }} minutes more.”
    pub wait_for: String,
    /// “Your clinician is still with somebody else. It will take about a minute more.”
    pub wait_one: String,
    /// “Your clinician is still with somebody else. Please wait a little longer.”
    pub wait_unknown: String,
    /// “From the clinic”
    pub notice_heading: String,
    /// “Said at {{ time }}”
    pub notice_at: String,
    /// “Add to your calendar”
    pub calendar: String,
    /// “This opens in the calendar on your phone or computer. The entry says that you have a video …”
    pub calendar_hint: String,
    /// “If this visit is still in your calendar, please delete it there.”
    pub calendar_remove: String,
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
    /// “You stopped e-mails.”
    pub stopped_email: String,
    /// “You stopped text messages.”
    pub stopped_sms: String,
    /// “Send me e-mails again”
    pub again_email: String,
    /// “Send me text messages again”
    pub again_sms: String,
    /// “Noted. You will get messages again.”
    pub again_done: String,
}

/// The check of camera, microphone and speaker.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// “Check camera and microphone”
    pub heading: String,
    /// “Try it now, before your visit. The check stays on your device: nothing is recorded or sent.”
    pub explain: String,
    /// “The check needs JavaScript, which is off here. Joining does not need it.”
    pub no_script: String,
    /// “Start the check”
    pub start: String,
    /// “Stop the check”
    pub stop: String,
    /// “Check again”
    pub again: String,
    /// “Your browser now asks whether this page may use camera and microphone. Choose Allow.”
    pub asking: String,
    /// “The check is over. Camera and microphone are off again.”
    pub stopped: String,
    /// “What your camera sees”
    pub picture: String,
    /// “How loud you are”
    pub loudness: String,
    /// “Browser”
    pub browser: String,
    /// “Camera”
    pub camera: String,
    /// “Microphone”
    pub microphone: String,
    /// “Speaker”
    pub speaker: String,
    /// “Works for a video visit.”
    pub browser_good: String,
    /// “This browser is too old for video. Try another one, or join with the app.”
    pub browser_old: String,
    /// “This page was not opened safely: its address must begin with https. Please open the link …”
    pub browser_insecure: String,
    /// “This page is open inside another app, which may keep the camera from it. Open it in …”
    pub browser_in_app: String,
    /// “Works. You should see yourself.”
    pub camera_good: String,
    /// “Gives no picture. Is it covered, or switched off by a key or a slider?”
    pub camera_dark: String,
    /// “None was found. Plug one in, or join without: you will be heard all the same.”
    pub camera_none: String,
    /// “Works. We hear you.”
    pub microphone_good: String,
    /// “Say a few words: the bar should move.”
    pub microphone_listening: String,
    /// “Nothing is heard. Is it muted, or is another one chosen? Say a few words.”
    pub microphone_quiet: String,
    /// “None was found. Plug in a headset, or join by telephone if a number stands below.”
    pub microphone_none: String,
    /// “The page may not use it. Open the sign beside the address (a lock, a camera or “aA”), …”
    pub refused: String,
    /// “Your device keeps it from the browser. In the settings of your phone or computer, under …”
    pub refused_by_device: String,
    /// “Another program is using it. Close other video programs and tabs, and check again.”
    pub in_use: String,
    /// “Could not be checked. You can join all the same.”
    pub failed: String,
    /// “Play a sound”
    pub speaker_play: String,
    /// “Did you hear two tones?”
    pub speaker_asked: String,
    /// “Yes”
    pub speaker_yes: String,
    /// “No”
    pub speaker_no: String,
    /// “Works.”
    pub speaker_good: String,
    /// “Turn the volume up, switch silent mode off, and see whether a headset is connected. Then …”
    pub speaker_bad: String,
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
    /// “You can join from {{ when }}.”
    pub opens: String,
    /// “With {{ host }}”
    pub with: String,
    /// “The room is not ready yet. This page looks again by itself.”
    pub not_ready: String,
    /// “At the clinic: please come there.”
    pub in_person: String,
    /// “Times are the clinic’s: {{ zone }}.”
    pub zone_hint: String,
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
    /// “The button was pressed too many times. Please wait {{ minutes }} minutes and try again.”
    pub too_often: String,
}
