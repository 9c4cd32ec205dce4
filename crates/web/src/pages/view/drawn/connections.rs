//! The board of connections, one history, and the readiness of a day.

use askama::Template as _;

use super::super::{
    board::State,
    connections::{
        BesidesLine, ChoiceLine, Clock, ConnectionsList, ConnectionsPage, FoundLine, HistoryLine,
        HistoryPage, HostLine, Progress, ReadinessList, ReadinessPage, StandingLine, StepsForm, TodoLine,
    },
    frame::Place,
};
use super::{HOSTILE, frame, moment};

fn clock() -> Clock {
    Clock {
        day: "Monday 23 November 2026".to_owned(),
        time: "07:02".to_owned(),
        zone: "CST".to_owned(),
        offset: -21_600,
        now: moment("2026-11-23T13:02:00Z").as_millis(),
        rate: 1,
    }
}

fn todo(look: &'static str, what: &str, by: &str, todo: &str) -> TodoLine {
    TodoLine { look, what: what.to_owned(), by: by.to_owned(), todo: todo.to_owned() }
}

fn line(key: &str, name: &str, state: State, todo: Vec<TodoLine>) -> StandingLine {
    StandingLine {
        key: key.to_owned(),
        name: name.to_owned(),
        state,
        todo,
        email: "a.osei@zoom.example".to_owned(),
        renewed: "3 h 12 min ago".to_owned(),
        room: "41 min ago".to_owned(),
        found: Vec::new(),
        more: 0,
        heard: "on Fri 20 Nov 16:40".to_owned(),
        next: "next visit today 09:00".to_owned(),
        told: String::new(),
        look: Some("Check now"),
        remind: false,
    }
}

fn needy() -> Vec<StandingLine> {
    let reconnect = todo(
        "blocks",
        "Zoom no longer accepts the connection, as after a change of password. It has to be connected again.",
        "Dr. Amara Osei",
        "Press “Connect Zoom” and sign in as the same Zoom user. Your room and your links stay as they are.",
    );
    let off = todo(
        "blocks",
        "Waiting room off.",
        HOSTILE,
        "Switch it on in Zoom, in the settings of the meeting “Visits with …”.",
    );
    let found = FoundLine {
        lasts: true,
        sentence: "Waiting room off: found 06:02 at the check before the first visit, still so.".to_owned(),
    };
    vec![
        StandingLine {
            look: None,
            remind: true,
            told: "today 06:10 by e-mail: to connect again".to_owned(),
            room: String::new(),
            ..line("staff_1", "Dr. Amara Osei", State::still("broken", "needs reconnecting"), vec![reconnect])
        },
        StandingLine {
            found: vec![found],
            more: 4,
            look: Some("Repair"),
            remind: true,
            ..line("staff_2", HOSTILE, State::still("broken", "room not as it should be"), vec![off])
        },
        StandingLine {
            email: String::new(),
            renewed: String::new(),
            room: String::new(),
            heard: String::new(),
            look: None,
            remind: true,
            next: "no visit booked".to_owned(),
            ..line("staff_3", "Yusuf Demir", State::still("unconnected", "not connected"), Vec::new())
        },
        line("staff_4", "Nadia Petrova", State::still("paused", "paused at Zoom"), Vec::new()),
        line(
            "staff_5",
            "Mina Sato",
            State::still("checking", "being checked"),
            vec![todo("unsure", "The room was not checked today.", "", "It is done within moments.")],
        ),
        line("staff_6", "Jonas Berg", State::still("unchecked", "not checked"), Vec::new()),
    ]
}

fn well() -> Vec<StandingLine> {
    let note =
        todo("note", "Their Zoom account is a free one.", "Dr. Leila Haddad", "Ask for a Zoom licence.");
    vec![
        line("staff_7", "Dr. Nils Lindqvist", State::still("ready", "ready"), Vec::new()),
        line("staff_8", "Dr. Leila Haddad", State::still("ready", "ready, elsewhere"), vec![note]),
    ]
}

fn board(needy: Vec<StandingLine>, well: Vec<StandingLine>, fault: Option<&'static str>) -> String {
    let choice = |name: &str, own, clinic| ChoiceLine { name: name.to_owned(), own, clinic };
    let page = ConnectionsPage {
        frame: frame("Connections and rooms", Some(Place::Connections)),
        list: ConnectionsList {
            clock: clock(),
            summary: "2 of 8 clinicians are ready, 4 need something done and 2 have to be checked."
                .to_owned(),
            all_well: needy.is_empty(),
            looking: !needy.is_empty(),
            needy,
            well,
        },
        choices: vec![
            choice("Priya Shah", "", "by text message"),
            choice(HOSTILE, "by e-mail", "on the pages only"),
        ],
        cannot: "Text messages are not set up on this installation, so that nobody is told by them.",
        steps: StepsForm { steps: ["5", HOSTILE, "", ""].map(str::to_owned).to_vec(), fault },
    };
    page.render().unwrap()
}

fn history(found: Vec<HistoryLine>) -> String {
    let page = HistoryPage {
        frame: frame("Dr. Amara Osei", Some(Place::Connections)),
        line: needy().remove(1),
        found,
        clock: clock(),
    };
    page.render().unwrap()
}

fn readiness(hosts: Vec<HostLine>, progress: Option<Progress>) -> String {
    let besides = |look, word, href| BesidesLine {
        word: "Patients’ links",
        state: State::still(look, word),
        sentence: "2 of 9 patients still to come have no link, as far as is known here.".to_owned(),
        href,
        action: "Send them from the board",
    };
    let page = ReadinessPage {
        frame: frame("Readiness", Some(Place::Readiness)),
        list: ReadinessList {
            clock: clock(),
            query: "?since=1795442400000000".to_owned(),
            state: State::still("broken", "Not ready"),
            summary: "2 of 4 hosts are not ready. Their first visit is at 09:00.".to_owned(),
            progress,
            hosts,
            besides: vec![besides("unchecked", "2 without", "/board#unsent"), besides("ready", "live", "")],
            is_admin: true,
        },
    };
    page.render().unwrap()
}

fn hosts() -> Vec<HostLine> {
    (needy().into_iter().chain(well()))
        .map(|line| HostLine {
            key: line.key,
            time: "09:00".to_owned(),
            name: line.name,
            visits: "4 visits, 09:00–16:30".to_owned(),
            state: line.state,
            looked: "checked 41 min ago".to_owned(),
            todo: line.todo,
        })
        .collect()
}

pub fn pages() -> Vec<(&'static str, String)> {
    let found = |what, became: &str, lasts| HistoryLine {
        found: "Fri 20 Nov 06:02".to_owned(),
        what,
        why: "the day’s first visit came near",
        became: became.to_owned(),
        lasts,
    };
    let part = Progress { done: 7, of: 12, over: false, sentence: "7 of 12 checked…".to_owned() };
    let whole = Progress { done: 12, of: 12, over: true, sentence: "12 of 12 checked.".to_owned() };
    vec![
        ("connections", board(needy(), well(), Some("give whole minutes from 1 to 120."))),
        ("connections-well", board(Vec::new(), well(), None)),
        ("connections-none", board(Vec::new(), Vec::new(), None)),
        (
            "connections-history",
            history(vec![
                found("Waiting room off", "Still so; putting it right was tried 2 times, last 06:32.", true),
                found("Recorded by itself", "Put right at once.", false),
            ]),
        ),
        ("connections-history-none", history(Vec::new())),
        ("readiness-checking", readiness(hosts(), Some(part))),
        ("readiness-checked", readiness(hosts(), Some(whole))),
        ("readiness-none", readiness(Vec::new(), None)),
    ]
}
