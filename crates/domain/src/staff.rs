//! The people of the clinic: who signs in, and what each may do.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{ClinicId, StaffId},
    text::{Email, ExternalId, Name, Phone},
    time::Timestamp,
};

/// What a person may do. A person may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Audits attendance and manages people.
    Admin,
    /// Books appointments, hands out links, watches the board.
    Scheduler,
    /// Sees patients in a room of their own.
    Staff,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Scheduler, Self::Staff];

    /// The word used on the command line, in the database and on pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Scheduler => "scheduler",
            Self::Staff => "staff",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a role: use admin, scheduler or staff")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// A person who works at the clinic and signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// Names them.
    pub id: StaffId,
    /// Where they work.
    pub clinic_id: ClinicId,
    /// As patients and colleagues know them.
    pub name: Name,
    /// What they sign in with; unique in the whole installation.
    pub email: Email,
    /// Where text messages to them go; none where they gave no number.
    pub phone: Option<Phone>,
    /// The scheduler's own id for them.
    pub external_id: Option<ExternalId>,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// Since when they may no longer sign in.
    pub disabled_at: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
}

impl StaffMember {
    /// Whether they may do what the role says.
    pub fn is(&self, role: Role) -> bool {
        self.disabled_at.is_none() && self.roles.contains(&role)
    }
}
