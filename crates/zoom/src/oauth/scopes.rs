//! Which permissions are needed, and for what.

use std::collections::BTreeSet;

/// One permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeNeed {
    /// Its granular name, at user level.
    pub name: &'static str,
    /// Names of apps older than 2024 that include it.
    pub classic: &'static [&'static str],
    /// What it is for, in words for the person who connects.
    pub purpose: &'static str,
}

/// What a connection cannot do without. Set these on the app in Zoom's Marketplace; a user may untick some on the consent
/// page.
///
/// The events are asked for by subscribing to them; Zoom adds the permissions that they need by itself.
pub const REQUIRED_SCOPES: [ScopeNeed; 8] = [
    ScopeNeed {
        name: "user:read:user",
        classic: &["user:read", "user_profile", "user_info:read"],
        purpose: "to see which Zoom user connected",
    },
    ScopeNeed {
        name: "user:read:settings",
        classic: &["user:read"],
        purpose: "to see whether the account lets a waiting room hold everyone",
    },
    ScopeNeed {
        name: "meeting:write:meeting",
        classic: &["meeting:write"],
        purpose: "to make the permanent room",
    },
    ScopeNeed {
        name: "meeting:read:meeting",
        classic: &["meeting:read"],
        purpose: "to check that the room still exists and its waiting room is on",
    },
    ScopeNeed {
        name: "meeting:read:list_meetings",
        classic: &["meeting:read"],
        purpose: "to find a room made before instead of making a second one",
    },
    ScopeNeed {
        name: "meeting:update:meeting",
        classic: &["meeting:write"],
        purpose: "to switch the waiting room back on",
    },
    ScopeNeed {
        name: "meeting:read:list_past_instances",
        classic: &["meeting:read"],
        purpose: "to find visits whose events were lost",
    },
    ScopeNeed {
        name: "meeting:read:list_past_participants",
        classic: &["meeting:read"],
        purpose: "to compare attendance with Zoom's own record",
    },
];

/// What registered rooms need.
pub const REGISTRANT_SCOPE: ScopeNeed = ScopeNeed {
    name: "meeting:write:registrant",
    classic: &["meeting:write"],
    purpose: "to give each patient a registration of their own, in registered rooms",
};

/// What personal invite links need.
pub const INVITE_LINKS_SCOPE: ScopeNeed = ScopeNeed {
    name: "meeting:write:invite_links",
    classic: &["meeting:write"],
    purpose: "to let a patient's link bring their name along",
};

/// What tells when a past meeting ended.
pub const PAST_MEETING_SCOPE: ScopeNeed = ScopeNeed {
    name: "meeting:read:past_meeting",
    classic: &["meeting:read"],
    purpose: "to see when a meeting ended whose end was not told",
};

/// What a message in the waiting room needs.
pub const IN_MEETING_SCOPE: ScopeNeed = ScopeNeed {
    name: "meeting:update:in_meeting_controls",
    classic: &["meeting:write"],
    purpose: "to show a message in the waiting room",
};

/// What ending a meeting needs, and taking a deleted one out of the trash.
pub const STATUS_SCOPE: ScopeNeed = ScopeNeed {
    name: "meeting:update:status",
    classic: &["meeting:write"],
    purpose: "to end a meeting from here, and to take a deleted room out of Zoom's trash",
};

/// What single features need; without them everything else works.
pub const OPTIONAL_SCOPES: [ScopeNeed; 5] =
    [REGISTRANT_SCOPE, INVITE_LINKS_SCOPE, PAST_MEETING_SCOPE, IN_MEETING_SCOPE, STATUS_SCOPE];

/// What is required and was not granted. Granular names, their account-wide forms (`…:admin`, `…:master`) and the classic
/// names that include them all count.
pub fn missing_scopes(granted: &BTreeSet<String>) -> Vec<&'static ScopeNeed> {
    REQUIRED_SCOPES.iter().filter(|need| !need.is_met_by(granted)).collect()
}

impl ScopeNeed {
    /// Whether one of the granted permissions is or includes this one.
    pub fn is_met_by(&self, granted: &BTreeSet<String>) -> bool {
        let has = |name: &str| {
            granted.contains(name)
                || granted.contains(&format!("{name}:admin"))
                || granted.contains(&format!("{name}:master"))
        };
        has(self.name) || self.classic.iter().any(|name| has(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn each_required_permission_is_missed_by_itself() {
        let all = granted(&REQUIRED_SCOPES.map(|need| need.name));
        assert!(missing_scopes(&all).is_empty());
        for need in &REQUIRED_SCOPES {
            let mut some = all.clone();
            some.remove(need.name);
            assert_eq!(missing_scopes(&some), [need]);
        }
    }

    #[test]
    fn classic_and_account_wide_names_include_the_granular_ones() {
        assert!(missing_scopes(&granted(&["user:read", "meeting:read", "meeting:write"])).is_empty());
        assert!(
            missing_scopes(&granted(&["user:read:admin", "meeting:read:admin", "meeting:write:admin"]))
                .is_empty()
        );
        let admin: Vec<String> = REQUIRED_SCOPES.iter().map(|need| format!("{}:admin", need.name)).collect();
        assert!(missing_scopes(&admin.into_iter().collect()).is_empty());
    }

    #[test]
    fn a_similar_name_is_not_enough() {
        let similar = granted(&["user:read:userx", "meeting:reader", "meeting:read:meeting:nobody"]);
        assert_eq!(missing_scopes(&similar).len(), REQUIRED_SCOPES.len());
        assert_eq!(missing_scopes(&BTreeSet::new()).len(), REQUIRED_SCOPES.len());
    }
}
