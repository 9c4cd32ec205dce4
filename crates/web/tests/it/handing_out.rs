//! Handing links out from the appointment's page and from the board: each entry of the menus, and each refusal.

mod links;
mod menus;
mod telling;

use domain::{
    appointment::Appointment,
    outreach::message::Message,
    staff::{Role, StaffMember},
    text::{Email, Phone},
};
use serde_json::{Value, json};

use crate::{
    pages::{give_a_room, link, read},
    world::{Answer, Place, World, booking, post, put},
};

/// A world that sends e-mail and text messages, to nobody who answers.
async fn world() -> World {
    World::of_parts("http://127.0.0.1:8080", |parts| {
        let from = Email::parse("visits@riverside.example").unwrap();
        let mail = outreach::MailSettings { url: "smtp://127.0.0.1:1".into(), from };
        let sms = outreach::SmsSettings {
            url: "http://127.0.0.1:1".parse().unwrap(),
            account: "AC1".to_owned(),
            token: "token".into(),
            from: Phone::parse("+15550100999").unwrap(),
        };
        parts.outreach = parts.outreach.clone().sending_by(Some(mail), Some(sms));
    })
    .await
}

/// A visit of two: one who agreed to both, one who agreed to nothing.
fn of_two(place: &Place) -> Value {
    let mut body = booking(place);
    body["attendees"] = json!([
        { "external_id": "p-1", "name": "Ana Prado", "email": "ana@example.org", "phone": "+15550100111",
          "consent": { "email": true, "sms": true } },
        { "external_id": "p-2", "name": "Luis <b>Prado</b>", "email": "luis@example.org",
          "consent": { "email": false, "sms": false } },
    ]);
    body
}

struct Visit {
    world: World,
    desk: String,
    page: String,
    ana: String,
    luis: String,
    host: String,
}

impl Visit {
    async fn of(world: World, body: &Value) -> Self {
        give_a_room(&world).await;
        let answer = world.send(put("/api/v1/appointments/a").token(&world.here.token).json(body)).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        let booked = answer.json();
        let link = |place: &Value| place.as_str().unwrap_or_default().to_owned();
        Self {
            desk: world.session_of(&world.here.scheduler).await,
            page: format!("/appointments/{}", booked["id"].as_str().unwrap()),
            ana: booked["attendees"][0]["id"].as_str().unwrap().to_owned(),
            luis: link(&booked["attendees"][1]["id"]),
            host: link(&booked["host_link"]),
            world,
        }
    }

    async fn new() -> Self {
        let world = world().await;
        let body = of_two(&world.here);
        Self::of(world, &body).await
    }

    async fn read(&self, path: &str) -> String {
        read(&self.world, &self.desk, path).await
    }

    /// The path of her link, as it stands on the page to be marked by hand.
    async fn anas_link(&self) -> String {
        let page = self.read(&self.page).await;
        let field = page.split(&format!("id=\"address-{}\"", self.ana)).nth(1).unwrap();
        link(field, 'v')
    }

    /// What the form of the page that shows what is sent holds.
    async fn shown(&self, cookie: &str, to: &str, by: &str) -> Vec<(&'static str, String)> {
        let page = read(&self.world, cookie, &format!("{}/send?to={to}&by={by}", self.page)).await;
        let value = |name| {
            let field = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
            (name, field.split('"').next().unwrap_or_default().to_owned())
        };
        ["to", "by", "seen", "nonce"].map(value).into()
    }

    /// Looks at what is sent, and presses Send.
    async fn send(&self, to: &str, by: &str) -> Answer {
        let fields = self.shown(&self.desk, to, by).await;
        self.press_shown(&fields).await
    }

    async fn press_shown(&self, fields: &[(&'static str, String)]) -> Answer {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.press(&format!("{}/send", self.page), &fields).await
    }

    async fn press(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.world.send(post(path).cookie(&self.desk).form(fields)).await
    }

    async fn appointment(&self) -> Appointment {
        let id = self.page.strip_prefix("/appointments/").unwrap().parse().unwrap();
        let mut tx = self.world.store().read().await.unwrap();
        tx.appointment(self.world.here.clinic.id, id).await.unwrap().unwrap()
    }

    async fn messages(&self) -> Vec<Message> {
        let appointment = self.appointment().await;
        let mut tx = self.world.store().read().await.unwrap();
        tx.messages_of_all(appointment.clinic_id, &[appointment.id]).await.unwrap()
    }

    /// Everybody who has no business with this visit: their cookies.
    async fn strangers(&self) -> Vec<String> {
        let world = &self.world;
        let colleague = StaffMember {
            id: world.app.ambient.id(),
            email: Email::parse("colleague@riverside.example").unwrap(),
            external_id: None,
            roles: [Role::Staff].into(),
            ..world.here.staff.clone()
        };
        let mut tx = world.store().begin().await.unwrap();
        tx.insert_staff(colleague.clinic_id, &colleague).await.unwrap();
        tx.commit().await.unwrap();
        let mut cookies = vec![world.session_of(&colleague).await];
        for person in [&world.there.scheduler, &world.there.admin, &world.there.staff] {
            cookies.push(world.session_of(person).await);
        }
        cookies
    }
}
