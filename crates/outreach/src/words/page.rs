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
    /// “Skip to main content”
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
    /// “Zoom opens next, and may ask for your name. You may have to wait there for a moment until {{ …”
    pub then: String,
    /// “Did you get your own link, for one date and time? Please use that one, so that nobody has to …”
    pub own_link: String,
    /// “The room is not ready yet. Please keep this page open. It updates every minute, and the Join …”
    pub not_ready: String,
    /// “Many people have used this link in the last minutes. Please wait 15 minutes and try again, …”
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
    /// “You do not need an app for this.”
    pub join_browser_hint: String,
    /// “Zoom opens next. You may have to wait there for a moment until {{ host }} lets you in.”
    pub then_zoom: String,
    /// “The video room opens next. You may have to wait there for a moment until {{ host }} lets you …”
    pub then_other: String,
    /// “Opening the video room”
    pub onward: String,
    /// “Continue to the video room”
    pub onward_link: String,
    /// “Press Join. The video room may ask for your name; your first name is enough.”
    pub waiting_room_other: String,
    /// “You are early, and that is fine. The Join button will appear here on {{ when }}. Keep this …”
    pub early: String,
    /// “There is nothing more to do here. If you need another visit, please call {{ phone }}.”
    pub over: String,
    /// “Your visit has been cancelled. If you did not expect this, please call {{ phone }}.”
    pub cancelled: String,
    /// “This visit is not by video. Please come to the clinic. If you were expecting a video visit, …”
    pub in_person: String,
    /// “The room is not ready yet. Please keep this page open. It updates by itself, and the Join …”
    pub not_ready: String,
    /// “Your clinician is still with someone else. It should be about {{ minutes }} more minutes.”
    pub wait_for: String,
    /// “Your clinician is still with someone else. It should be about one more minute.”
    pub wait_one: String,
    /// “Your clinician is still with someone else. Please wait a little longer.”
    pub wait_unknown: String,
    /// “From the clinic”
    pub notice_heading: String,
    /// “Posted at {{ time }}”
    pub notice_at: String,
    /// “Add to your calendar”
    pub calendar: String,
    /// “This opens in the calendar on your phone or computer. The entry says that you have a video …”
    pub calendar_hint: String,
    /// “If this visit is still in your calendar, please delete it there.”
    pub calendar_remove: String,
    /// “What happens next”
    pub waiting_room_heading: String,
    /// “Press Join. Zoom asks for your name; your first name is enough.”
    pub waiting_room_1: String,
    /// “A screen tells you that you are waiting. Nobody can see or hear you yet, and you cannot see …”
    pub waiting_room_2: String,
    /// “{{ host }} lets you in when it is your turn.”
    pub waiting_room_3: String,
    /// “Join by phone”
    pub phone_heading: String,
    /// “If video does not work, call one of these numbers and enter the meeting number.”
    pub phone_how: String,
    /// “Meeting number”
    pub phone_meeting: String,
    /// “Passcode”
    pub phone_passcode: String,
    /// “If something does not work, or you get cut off”
    pub help_heading: String,
    /// “When your browser asks for the camera and the microphone, choose Allow.”
    pub help_allow: String,
    /// “You do not need an app. Choose “Join in the browser” here, or “Join from your browser” on …”
    pub help_browser: String,
    /// “If you get cut off, come back to this page and press Join again. It is the same link every …”
    pub help_again: String,
    /// “If none of this helps, call {{ phone }}.”
    pub help_call: String,
    /// “Stop these messages”
    pub stop_heading: String,
    /// “This clinic will stop sending you messages about your visits by e-mail or by text, whichever …”
    pub stop_how: String,
    /// “Stop e-mails”
    pub stop_email: String,
    /// “Stop text messages”
    pub stop_sms: String,
    /// “Done. You will not get any more of these messages.”
    pub stop_done: String,
    /// “You stopped e-mails.”
    pub stopped_email: String,
    /// “You stopped text messages.”
    pub stopped_sms: String,
    /// “Send me e-mails again”
    pub again_email: String,
    /// “Send me text messages again”
    pub again_sms: String,
    /// “Done. You will get messages again.”
    pub again_done: String,
}

/// The check of camera, microphone and speaker.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// “Check your camera and microphone”
    pub heading: String,
    /// “Try it now, before your visit. The check stays on your device: nothing is recorded or sent.”
    pub explain: String,
    /// “This check needs JavaScript, which is turned off here. You can join without it.”
    pub no_script: String,
    /// “Start the check”
    pub start: String,
    /// “Stop the check”
    pub stop: String,
    /// “Check again”
    pub again: String,
    /// “Your browser is asking whether this page may use your camera and microphone. Choose Allow.”
    pub asking: String,
    /// “The check is done. Your camera and microphone are off again.”
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
    /// “It works for video visits.”
    pub browser_good: String,
    /// “This browser is too old for video. Try another one, or join with the app.”
    pub browser_old: String,
    /// “This page was not opened securely: its address must start with https. Please open the link …”
    pub browser_insecure: String,
    /// “This page is open inside another app, which may block the camera. Open it in Safari, Chrome …”
    pub browser_in_app: String,
    /// “It works. You should see yourself.”
    pub camera_good: String,
    /// “There is no picture. Is the camera covered, or turned off with a key or a slider?”
    pub camera_dark: String,
    /// “No camera was found. Plug one in, or join without it: you can still be heard.”
    pub camera_none: String,
    /// “It works. Your device hears you.”
    pub microphone_good: String,
    /// “Say a few words: the bar should move.”
    pub microphone_listening: String,
    /// “There is no sound. Is the microphone muted, or is a different one selected? Say a few words.”
    pub microphone_quiet: String,
    /// “No microphone was found. Plug in a headset, or join by phone if there is a number below.”
    pub microphone_none: String,
    /// “This page is not allowed to use it. Tap the icon beside the address (a lock, a camera or …”
    pub refused: String,
    /// “Your device is blocking it for this browser. In your phone or computer settings, under …”
    pub refused_by_device: String,
    /// “Another app is using it. Close other video apps and tabs, and check again.”
    pub in_use: String,
    /// “We could not check it. You can still join.”
    pub failed: String,
    /// “Play a sound”
    pub speaker_play: String,
    /// “Did you hear two tones?”
    pub speaker_asked: String,
    /// “Yes”
    pub speaker_yes: String,
    /// “No”
    pub speaker_no: String,
    /// “It works.”
    pub speaker_good: String,
    /// “Turn the volume up, turn silent mode off, and see whether a headset is connected. Then play …”
    pub speaker_bad: String,
}

/// Sentences that stand on patients’ pages while something is so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    /// “We are running about {{ minutes }} minutes late. We are sorry. Please stay with us.”
    pub late: String,
}

/// The page of all coming visits of one person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// “Your visits”
    pub title: String,
    /// “Your upcoming visits at {{ clinic }}.”
    pub lead: String,
    /// “You have no upcoming visits here.”
    pub none: String,
    /// “When the clinic books one, it will appear on this page.”
    pub none_hint: String,
    /// “Today”
    pub today: String,
    /// “Join”
    pub join: String,
    /// “Open”
    pub open: String,
    /// “You can join starting {{ when }}.”
    pub opens: String,
    /// “With {{ host }}”
    pub with: String,
    /// “The room is not ready yet. This page updates by itself.”
    pub not_ready: String,
    /// “This visit is at the clinic. Please come in.”
    pub in_person: String,
    /// “Times are shown in the clinic’s time zone: {{ zone }}.”
    pub zone_hint: String,
}

/// Where a lost link is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// “Get your link again”
    pub title: String,
    /// “Type the e-mail address or the mobile number that the clinic has on file for you.”
    pub lead: String,
    /// “E-mail or mobile number”
    pub address: String,
    /// “A number with its country code, such as +1 555 010 0123”
    pub address_hint: String,
    /// “Send my link”
    pub send: String,
    /// “This is neither an e-mail address nor a mobile number with its country code.”
    pub wrong: String,
    /// “Check your messages”
    pub done_title: String,
    /// “If the clinic has this address on file and you have a visit soon, your link is on its way. …”
    pub done: String,
    /// “Nothing came? Check your spam or junk folder, try another address, or call the clinic.”
    pub done_nothing: String,
    /// “There have been too many requests. Please try again in {{ minutes }} min, or call the clinic.”
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
    /// “The button was pressed too many times. Please try again in {{ minutes }} min.”
    pub too_often: String,
}
