//! Every call that the OAuth and REST sides know: its name, what it needs, and how much it counts.

use serde::{Deserialize, Serialize};

use crate::config::Plan;

/// Zoom's labels for calls, each with limits of its own for the whole account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Reading and changing one thing.
    Light,
    /// Lists.
    Medium,
    /// Some texts of Zoom's count the making of a meeting here.
    Heavy,
    /// Reports and dashboards; counted by the minute.
    ResourceIntensive,
    /// The OAuth side, for which no limit is documented.
    Unmetered,
}

/// So many calls in a second or a minute, and so many in a day with which other calls.
pub(crate) struct Limits {
    pub most: u32,
    pub by_minute: bool,
    pub day: Option<(&'static str, u32)>,
}

impl Weight {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Light => "Light",
            Self::Medium => "Medium",
            Self::Heavy => "Heavy",
            Self::ResourceIntensive => "Resource-intensive",
            Self::Unmetered => "",
        }
    }

    /// Free and Pro. On a paid account only heavy and resource-intensive calls have a limit of the day, which they share.
    pub(crate) fn limits(self, plan: Plan) -> Limits {
        let (by_minute, free) = (self == Self::ResourceIntensive, plan == Plan::Basic);
        let (most, day) = match (self, free) {
            (Self::Light, true) => (4, Some(6_000)),
            (Self::Medium, true) => (2, Some(2_000)),
            (Self::Heavy, true) => (1, Some(1_000)),
            (Self::Light, false) => (30, None),
            (Self::Medium, false) => (20, None),
            (Self::ResourceIntensive, _) | (Self::Heavy, false) => (10, Some(30_000)),
            (Self::Unmetered, _) => (u32::MAX, None),
        };
        let shared = if free { self.label() } else { "Heavy" };
        Limits { most, by_minute, day: day.map(|most| (shared, most)) }
    }
}

/// One call: its method and path, one of the scopes that it needs (granular name first, then the classic one), its label.
#[derive(Debug)]
pub(crate) struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub scopes: [&'static str; 2],
    pub weight: Weight,
}

macro_rules! routes {
    ($($name:ident $method:literal $path:literal $weight:ident $granular:literal $classic:literal;)*) => {
        $(pub(crate) const $name: Route = Route {
            method: $method, path: $path, scopes: [$granular, $classic], weight: Weight::$weight,
        };)*
        const ALL: &[Route] = &[$($name),*];
    };
}

routes! {
    ME "GET" "/v2/users/{user}" Light "user:read:user" "user:read";
    SETTINGS "GET" "/v2/users/{user}/settings" Medium "user:read:settings" "user:read";
    CHANGE_SETTINGS "PATCH" "/v2/users/{user}/settings" Light "user:update:settings" "user:write";
    LIST "GET" "/v2/users/{user}/meetings" Medium "meeting:read:list_meetings" "meeting:read";
    CREATE "POST" "/v2/users/{user}/meetings" Medium "meeting:write:meeting" "meeting:write";
    READ "GET" "/v2/meetings/{id}" Light "meeting:read:meeting" "meeting:read";
    UPDATE "PATCH" "/v2/meetings/{id}" Light "meeting:update:meeting" "meeting:write";
    DELETE "DELETE" "/v2/meetings/{id}" Light "meeting:delete:meeting" "meeting:write";
    STATUS "PUT" "/v2/meetings/{id}/status" Light "meeting:update:status" "meeting:write";
    IN_MEETING "PATCH" "/v2/live_meetings/{id}/events" Light "meeting:update:in_meeting_controls" "meeting:write";
    INVITE_LINKS "POST" "/v2/meetings/{id}/invite_links" Light "meeting:write:invite_links" "meeting:write";
    REGISTRANTS "POST" "/v2/meetings/{id}/registrants" Light "meeting:write:registrant" "meeting:write";
    PAST "GET" "/v2/past_meetings/{id}" Light "meeting:read:past_meeting" "meeting:read";
    INSTANCES "GET" "/v2/past_meetings/{id}/instances" Medium "meeting:read:list_past_instances" "meeting:read";
    PARTICIPANTS "GET" "/v2/past_meetings/{id}/participants" Medium "meeting:read:list_past_participants" "meeting:read";
    TOKEN "POST" "/oauth/token" Unmetered "" "";
    REVOKE "POST" "/oauth/revoke" Unmetered "" "";
}

impl Route {
    /// The call that a method and a path make. Paths have the ids of one segment each.
    pub(crate) fn find(method: &str, path: &str) -> Option<&'static Self> {
        let fits = |known: &str, said: &str| known == said || (known.starts_with('{') && !said.is_empty());
        ALL.iter().find(|route| {
            route.method == method
                && route.path.split('/').count() == path.split('/').count()
                && route.path.split('/').zip(path.split('/')).all(|(known, said)| fits(known, said))
        })
    }

    /// What the knob `weights` calls it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_found_by_method_and_path() {
        let found = |method: &str, path: &str| Route::find(method, path).map(Route::name);
        assert_eq!(found("GET", "/v2/meetings/86720014455").as_deref(), Some("GET /v2/meetings/{id}"));
        assert_eq!(found("PUT", "/v2/meetings/1/status").as_deref(), Some("PUT /v2/meetings/{id}/status"));
        assert_eq!(found("GET", "/v2/users/me/settings").as_deref(), Some("GET /v2/users/{user}/settings"));
        assert_eq!(found("GET", "/v2/users/me/nothing"), None);
        assert_eq!(found("DELETE", "/v2/users/me"), None);
    }

    #[test]
    fn only_heavy_calls_of_a_paid_account_have_a_limit_of_the_day_and_share_it() {
        let day = |weight: Weight, plan| weight.limits(plan).day;
        assert_eq!(day(Weight::Light, Plan::Licensed), None);
        assert_eq!(day(Weight::Heavy, Plan::Licensed), day(Weight::ResourceIntensive, Plan::Licensed));
        assert_eq!(day(Weight::Light, Plan::Basic), Some(("Light", 6_000)));
        assert_ne!(day(Weight::Heavy, Plan::Basic), day(Weight::ResourceIntensive, Plan::Basic));
    }
}
