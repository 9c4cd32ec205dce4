//! Who works at the demo's clinic. Everybody is made up.

use domain::staff::Role;
use zoomsim::SimUser;

/// The clinic.
pub const CLINIC: &str = "Riverside Counseling";
/// Where its clocks hang, if the machine's own time zone is not known.
pub const ZONE: &str = "America/Chicago";

/// Zoom's id of the clinic's account.
const ACCOUNT: &str = "Kx3mQvTtR5aZ1LwYbN0cGg";

/// Somebody who works there.
pub struct Person {
    /// In addresses and external ids.
    pub key: &'static str,
    /// As patients and colleagues know them.
    pub name: &'static str,
    /// What they do, for the sign-in page.
    pub job: &'static str,
    /// What they may do.
    pub roles: &'static [Role],
    /// The page that they look at.
    pub face: &'static str,
    /// Their Zoom user, if they have one.
    pub zoom: Option<ZoomUser>,
}

/// A person's user at the simulated Zoom.
pub struct ZoomUser {
    /// 22 characters.
    pub id: &'static str,
    /// Given name.
    pub first: &'static str,
    /// Family name.
    pub last: &'static str,
    /// Whether they connected before the demo begins.
    pub connected: bool,
}

/// Everybody.
pub const PEOPLE: [Person; 5] = [
    Person {
        key: "desk",
        name: "Priya Nair",
        job: "front desk",
        roles: &[Role::Scheduler],
        face: "/board",
        zoom: None,
    },
    Person {
        key: "osei",
        name: "Dr Amara Osei",
        job: "clinician, connected to Zoom",
        roles: &[Role::Staff],
        face: "/room",
        zoom: Some(ZoomUser { id: "pV8sJ2nXQ7m4dT0uHrBkEw", first: "Amara", last: "Osei", connected: true }),
    },
    Person {
        key: "lindqvist",
        name: "Jonas Lindqvist",
        job: "clinician, connected to Zoom",
        roles: &[Role::Staff],
        face: "/room",
        zoom: Some(ZoomUser {
            id: "m0Lk2Qw9TUe5VzRx8sYbAg",
            first: "Jonas",
            last: "Lindqvist",
            connected: true,
        }),
    },
    Person {
        key: "rahman",
        name: "Dr Nadia Rahman",
        job: "clinician, not connected yet: try Connect Zoom",
        roles: &[Role::Staff],
        face: "/room",
        zoom: Some(ZoomUser {
            id: "c7HdW4yPRn2eXkU9qLsMtQ",
            first: "Nadia",
            last: "Rahman",
            connected: false,
        }),
    },
    Person {
        key: "admin",
        name: "Dana Whitlock",
        job: "administration",
        roles: &[Role::Admin, Role::Scheduler],
        face: "/attendance",
        zoom: None,
    },
];

impl Person {
    /// What they sign in with.
    pub fn email(&self) -> String {
        format!("{}@riverside.example", self.key)
    }
}

/// Everybody's Zoom users.
pub fn zoom_users() -> Vec<SimUser> {
    PEOPLE
        .iter()
        .filter_map(|person| {
            let zoom = person.zoom.as_ref()?;
            Some(SimUser::new(zoom.id, ACCOUNT, &person.email(), zoom.first, zoom.last))
        })
        .collect()
}
