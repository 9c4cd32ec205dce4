//! A clinic with its people, set up as an operator would: by the command line.

use std::{sync::Arc, time::Duration};

use domain::{
    Ambient, ClinicId, Timestamp,
    room::{Room, RoomKind},
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use reqwest::Method;
use serde_json::Value;
use store::{Options, Store};

use crate::{
    anteroom::{Settings, client},
    eventually, signed,
};

/// A clinic that the command line has added.
#[derive(Debug)]
pub struct Clinic {
    /// As the command line named it.
    pub id: ClinicId,
    settings: Settings,
}

impl Clinic {
    /// Adds "Riverside Counseling", in Chicago.
    pub async fn add(settings: &Settings) -> Self {
        let printed = settings.succeed(&[
            "clinic",
            "add",
            "--name",
            "Riverside Counseling",
            "--time-zone",
            "America/Chicago",
        ]);
        let printed = printed.await;
        let id = printed
            .split_whitespace()
            .find_map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).parse().ok());
        let id = id.unwrap_or_else(|| panic!("no clinic id in {printed:?}"));
        Self { id, settings: settings.clone() }
    }

    /// Adds a person and returns the one-time sign-in link that is printed.
    pub async fn add_user(&self, name: &str, email: &str, roles: &[&str]) -> String {
        self.add_user_with(name, email, roles, &[]).await
    }

    /// The same with further arguments.
    pub async fn add_user_with(&self, name: &str, email: &str, roles: &[&str], further: &[&str]) -> String {
        let id = self.id.to_string();
        let mut arguments = vec!["user", "add", "--clinic", &id, "--name", name, "--email", email];
        arguments.extend(further);
        for role in roles {
            arguments.extend(["--role", role]);
        }
        let printed = self.settings.succeed(&arguments).await;
        let link = printed.split_whitespace().find(|word| word.contains("/sign-in/"));
        link.unwrap_or_else(|| panic!("no sign-in link in {printed:?}")).to_owned()
    }

    /// Adds a token for the API and returns it.
    pub async fn add_token(&self, scopes: &[&str]) -> String {
        let id = self.id.to_string();
        let mut arguments = vec!["token", "add", "--clinic", &id, "--name", "tests"];
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        let printed = self.settings.succeed(&arguments).await;
        let token = printed.split_whitespace().find(|word| word.starts_with("antr_"));
        token.unwrap_or_else(|| panic!("no token in {printed:?}")).to_owned()
    }

    /// Gives as many clinicians a room of these meeting numbers without asking Zoom, straight in the database.
    pub async fn give_rooms(&self, database_url: &str, meeting_numbers: impl IntoIterator<Item = i64>) {
        let store = open(database_url).await;
        let mut tx = store.begin().await.expect("the database is there");
        let ambient = Ambient::system();
        for meeting_number in meeting_numbers {
            let member = StaffMember {
                id: ambient.id(),
                clinic_id: self.id,
                name: Name::parse(&format!("Clinician {meeting_number}")).expect("a name"),
                email: Email::parse(&format!("c{meeting_number}@riverside.example")).expect("an address"),
                phone: None,
                external_id: None,
                roles: [Role::Staff].into(),
                disabled_at: None,
                created_at: ambient.now(),
            };
            tx.insert_staff(self.id, &member).await.expect("the clinician is new");
            let room = Room {
                id: ambient.id(),
                clinic_id: self.id,
                staff_id: member.id,
                kind: RoomKind::Open,
                meeting_number,
                zoom_user_id: signed::HOST.to_owned(),
                zoom_account_id: signed::ACCOUNT.to_owned(),
                checked_at: ambient.now(),
                created_at: ambient.now(),
            };
            tx.insert_room(&room, b"never opened").await.expect("the room is new");
        }
        tx.commit().await.expect("the database is there");
        store.close().await;
    }

    /// Waits until so many people were seen in the clinic's rooms today and yesterday, and returns how many there are.
    pub async fn people_in_rooms(&self, database_url: &str, at_least: usize) -> usize {
        let store = open(database_url).await;
        let now = Ambient::system().now();
        let range = now.minus(Duration::from_hours(24))..now.plus(Duration::from_hours(24));
        let found = eventually("everybody to be seen", async || {
            let people = people(&store, self.id, range.clone()).await;
            (people >= at_least).then_some(people)
        })
        .await;
        store.close().await;
        found
    }
}

/// The program's JSON API, as a scheduler's program uses it.
#[derive(Debug)]
pub struct Program {
    address: String,
    token: String,
    client: reqwest::Client,
}

impl Program {
    /// With a token of [`Clinic::add_token`].
    pub fn new(settings: &Settings, token: String) -> Self {
        Self { address: settings.address(), token, client: client() }
    }

    /// Calls an address, whatever it answers: status and body.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request =
            self.client.request(method, format!("{}{path}", self.address)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the program answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("an answer");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Calls an address that must do what it is asked.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }
}

async fn people(store: &Arc<dyn Store>, clinic: ClinicId, range: std::ops::Range<Timestamp>) -> usize {
    let mut tx = store.read().await.expect("the database is there");
    tx.presences(clinic, range).await.expect("the database is there").len()
}

async fn open(database_url: &str) -> Arc<dyn Store> {
    store::open(database_url, Options::default()).await.expect("the database is there")
}
