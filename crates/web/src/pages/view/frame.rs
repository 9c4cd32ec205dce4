//! What stands around every page: its title, who is signed in, and where they may go.

use domain::staff::{Role, StaffMember};

/// The frame of a page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// What the browser's tab says.
    pub title: String,
    /// As patients know the clinic; empty where nobody has signed in.
    pub clinic: String,
    /// Who is signed in; empty where nobody has.
    pub person: String,
    /// Where they may go.
    pub places: Vec<Place>,
    /// Where they are.
    pub here: Option<Place>,
    /// What has just been done, as a sentence of ours.
    pub said: Option<&'static str>,
}

/// A page that stands in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The desk's board.
    Board,
    /// The booking form.
    Book,
    /// Whether the day can begin.
    Readiness,
    /// A staff member's own room.
    Room,
    /// The auditor's page.
    Attendance,
    /// How patients are reached.
    Outreach,
    /// Everybody's connection and room.
    Connections,
    /// How word comes from Zoom.
    Feed,
}

impl Place {
    /// Every place, in the order of the navigation.
    const ALL: [Self; 8] = [
        Self::Board,
        Self::Book,
        Self::Readiness,
        Self::Room,
        Self::Attendance,
        Self::Connections,
        Self::Outreach,
        Self::Feed,
    ];

    /// Where it is.
    pub fn href(self) -> &'static str {
        match self {
            Self::Board => "/board",
            Self::Book => "/appointments/new",
            Self::Readiness => "/readiness",
            Self::Room => "/room",
            Self::Attendance => "/attendance",
            Self::Connections => "/connections",
            Self::Outreach => "/outreach",
            Self::Feed => "/feed",
        }
    }

    /// What it is called.
    pub fn word(self) -> &'static str {
        match self {
            Self::Board => "Board",
            Self::Book => "Book",
            Self::Readiness => "Readiness",
            Self::Room => "My room",
            Self::Attendance => "Attendance",
            Self::Connections => "Connections",
            Self::Outreach => "Messages",
            Self::Feed => "Zoom feed",
        }
    }

    /// Who may go there: whoever has one of these roles.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Board | Self::Book => &[Role::Scheduler],
            Self::Readiness => &[Role::Admin, Role::Scheduler],
            Self::Room => &[Role::Staff],
            Self::Attendance | Self::Connections | Self::Outreach | Self::Feed => &[Role::Admin],
        }
    }

    fn is_open_to(self, member: &StaffMember) -> bool {
        self.roles().iter().any(|&role| member.is(role))
    }

    /// The page that a person begins with: the first that they may open.
    pub fn first_of(member: &StaffMember) -> Option<Self> {
        [Self::Board, Self::Room, Self::Attendance].into_iter().find(|place| place.is_open_to(member))
    }
}

impl Frame {
    /// The frame of a page that needs nobody signed in.
    pub fn bare(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// The frame of a page for one of the staff, who is shown only where they may go.
    pub fn of(member: &StaffMember, clinic: &str, title: &str, here: Option<Place>) -> Self {
        Self {
            title: title.to_owned(),
            clinic: clinic.to_owned(),
            person: member.name.as_str().to_owned(),
            places: Place::ALL.into_iter().filter(|place| place.is_open_to(member)).collect(),
            here,
            said: None,
        }
    }

    /// Whether the place is where they are.
    pub fn is_here(&self, place: &Place) -> bool {
        self.here == Some(*place)
    }
}
