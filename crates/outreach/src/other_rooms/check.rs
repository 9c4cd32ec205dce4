//! What can be told from a link alone: what is wrong with it for sure, and what is doubtful.

use std::net::IpAddr;

use domain::text::Name;
use url::{Host, Url};

/// Bytes of a link at most. The longest that products hand out, with a token in it, are about 1,200.
const LONGEST: usize = 2_000;
/// Names that lead nowhere outside a house.
const INTERNAL: [&str; 9] =
    ["localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "onion"];
/// Services that hide where a link leads.
const SHORTENERS: [&str; 9] =
    ["bit.ly", "tinyurl.com", "goo.gl", "t.co", "ow.ly", "is.gd", "rebrand.ly", "cutt.ly", "tiny.cc"];
/// Mail programs and search engines that put their own address around a link: scheme and host end with these.
const WRAPPERS: [&str; 4] = [
    "safelinks.protection.outlook.com",
    "urldefense.com",
    "urldefense.proofpoint.com",
    "linkprotect.cudasvc.com",
];

/// Which of the two links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The host's.
    Host,
    /// The guests'.
    Guest,
}

impl Side {
    /// The field of the form.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Host => "host_url",
            Self::Guest => "guest_url",
        }
    }

    /// In a sentence.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host link",
            Self::Guest => "guest link",
        }
    }
}

/// Something wrong with a link, for which it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLink {
    /// Which link.
    pub side: Side,
    /// What is wrong.
    pub kind: WrongLinkKind,
}

/// What is wrong with a link, in words that say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongLinkKind {
    /// Nothing was pasted.
    #[error("Paste the link here. Where host and guests use the same link, paste it in both fields.")]
    Empty,
    /// It is longer than any link to a room.
    #[error("This is too long for a link to a room. Copy only the link itself.")]
    TooLong,
    /// It is no address on the web.
    #[error(
        "This is not a link. Copy the whole link from the other product, from https:// to its end, and nothing else."
    )]
    NotALink,
    /// It is not protected.
    #[error("This link does not begin with https://, so others could listen in. Copy the https link.")]
    NotHttps,
    /// It holds a user name or a password.
    #[error("This link holds a user name or a password before the @. Copy the link without them.")]
    Credentials,
    /// It leads into a private network.
    #[error(
        "This link leads to a machine inside a private network, where patients cannot reach it. Copy the public link."
    )]
    Private,
    /// It leads back here.
    #[error("This is a link of Anteroom itself. Paste the link that the other product gave you.")]
    Own,
    /// It starts a Zoom meeting with the host's own rights.
    #[error(
        "This is a Zoom start link (it holds “zak=”): whoever has it is signed in as you, and it stops working within hours. \
         Use the meeting’s join link instead, or connect Zoom."
    )]
    StartUrl,
    /// It is one person's own.
    #[error("This link was made for one single guest. Paste the link that all guests may use.")]
    OneGuests,
    /// A mail program has put its own address around it.
    #[error(
        "A mail program has wrapped this link, and the wrapping expires. Open it once and copy the link from the address bar."
    )]
    Wrapped,
    /// It is the host's, where the guests' belongs.
    #[error("This link makes whoever opens it the host. Paste the link for guests here.")]
    HostsRights,
    /// The two are the wrong way round.
    #[error(
        "The two links are the wrong way round: this one is for the host. Paste each into the other field."
    )]
    Swapped,
    /// Somebody else of the clinic has it.
    #[error(
        "This link is already that of {0}. Two people with one room would let in each other’s patients: use a room of your own."
    )]
    SomebodyElses(Name),
}

/// Something doubtful about a link, which is kept all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Which link.
    pub side: Side,
    /// What is doubtful.
    pub kind: DoubtKind,
}

/// What is doubtful about a link, in words that say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoubtKind {
    /// Anteroom could know more of it.
    #[error(
        "This is a Zoom link. If you connect Zoom instead, Anteroom sees who waits; with a pasted link it cannot."
    )]
    Zoom,
    /// It may stop working.
    #[error(
        "This link seems to hold a token, and such links often expire. See whether the product offers a lasting one."
    )]
    Token,
    /// The host may come in as a guest.
    #[error("This looks like the link for guests. See whether the product gives you another one as host.")]
    GuestsLink,
    /// It hides where it leads.
    #[error("This is a short link, which hides where it leads. Paste the one that it leads to.")]
    Shortened,
    /// It leads to no room.
    #[error("This leads to the product’s front page and to no room. Copy the link of your own room.")]
    FrontPage,
    /// Guests would have to sign in.
    #[error("This seems to lead to a page for signing in. Try it in a private window, as a patient would.")]
    SignIn,
    /// The server said that there is nothing.
    #[error("It does not answer ({0}). Open it yourself; if it does not work, paste a new one.")]
    Answered(u16),
    /// No server answered.
    #[error("No server answers there. Look whether the link is complete, and try again.")]
    NoAnswer,
    /// The name leads into a private network.
    #[error("It leads to a machine inside a private network, where patients cannot reach it.")]
    NotPublic,
}

/// Reads both links; everything that is wrong with either, at once.
pub(super) fn both(host: &str, guest: &str, own: Option<&Url>) -> Result<(Url, Url), Vec<WrongLink>> {
    let mut wrong = Vec::new();
    let mut read = |side, text| read(text, own).map_err(|kind| wrong.push(WrongLink { side, kind })).ok();
    let urls = (read(Side::Host, host), read(Side::Guest, guest));
    if let (_, Some(guest)) = &urls {
        let host_looks_like_guests = urls.0.as_ref().is_some_and(is_for_guests);
        if is_for_the_host(guest) {
            let kind =
                if host_looks_like_guests { WrongLinkKind::Swapped } else { WrongLinkKind::HostsRights };
            wrong.push(WrongLink { side: Side::Guest, kind });
        } else if is_for_one_guest(guest) {
            wrong.push(WrongLink { side: Side::Guest, kind: WrongLinkKind::OneGuests });
        }
    }
    match urls {
        (Some(host), Some(guest)) if wrong.is_empty() => Ok((host, guest)),
        _ => Err(wrong),
    }
}

/// Browsers and libraries disagree on user names, backslashes, escapes and other scripts in the host, and on short forms
/// of numeric addresses. So the part between `//` and the path must be what the parser made of it.
fn read(text: &str, own: Option<&Url>) -> Result<Url, WrongLinkKind> {
    use WrongLinkKind as Wrong;
    let text = text.trim();
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    if text.len() > LONGEST {
        return Err(Wrong::TooLong);
    }
    if !text.bytes().all(|b| b.is_ascii_graphic())
        || text.contains(['\\', '<', '>', '"', '`', '{', '}', '|', '^'])
    {
        return Err(Wrong::NotALink);
    }
    let url = Url::parse(text).map_err(|_| Wrong::NotALink)?;
    let (scheme, rest) = text.split_once("://").ok_or(Wrong::NotALink)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::Credentials);
    }
    let is_local = own.is_some_and(is_loopback) && is_loopback(&url);
    if !(scheme.eq_ignore_ascii_case("https") || is_local && scheme.eq_ignore_ascii_case("http")) {
        return Err(if matches!(url.scheme(), "http" | "ws" | "wss") {
            Wrong::NotHttps
        } else {
            Wrong::NotALink
        });
    }
    let host = url.host_str().ok_or(Wrong::NotALink)?;
    let as_read = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let as_written = authority.to_ascii_lowercase();
    let as_written = as_written.strip_suffix(":443").unwrap_or(&as_written);
    if as_read != as_written {
        return Err(Wrong::NotALink);
    }
    if own.is_some_and(|own| {
        own.host() == url.host() && own.port_or_known_default() == url.port_or_known_default()
    }) {
        return Err(Wrong::Own);
    }
    if !is_local && !is_public_name(&url) {
        return Err(match url.host() {
            Some(Host::Domain(name)) if !name.contains('.') && !INTERNAL.contains(&name) => Wrong::NotALink,
            _ => Wrong::Private,
        });
    }
    if has_parameter(&url, |name, _| name == "zak") || text.to_ascii_lowercase().contains("zak=") {
        return Err(Wrong::StartUrl);
    }
    if WRAPPERS.iter().any(|wrapper| is_below(host, wrapper))
        || (host.starts_with("www.google.") && url.path() == "/url")
    {
        return Err(Wrong::Wrapped);
    }
    Ok(url)
}

/// What is doubtful about two links that were taken.
pub(super) fn doubts(host: &Url, guest: &Url) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for (side, url) in [(Side::Host, host), (Side::Guest, guest)] {
        let mut doubt = |is_so: bool, kind| {
            if is_so {
                doubts.push(Doubt { side, kind });
            }
        };
        doubt(side == Side::Guest && is_at_zoom(url), DoubtKind::Zoom);
        doubt(holds_a_token(url), DoubtKind::Token);
        doubt(side == Side::Host && host != guest && is_for_guests(url), DoubtKind::GuestsLink);
        doubt(SHORTENERS.contains(&url.host_str().unwrap_or_default()), DoubtKind::Shortened);
        doubt(is_front_page(url), DoubtKind::FrontPage);
        doubt(side == Side::Guest && is_for_signing_in(url), DoubtKind::SignIn);
    }
    doubts
}

/// The link in a form that all its spellings share, so that one room is known as one: without what only counts who came
/// from where, without the case of its letters, and for a Zoom meeting by its number alone.
pub(super) fn normalised(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.").to_ascii_lowercase();
    if is_at_zoom(url)
        && let Some(number) = url.path_segments().into_iter().flatten().find(|part| is_meeting_number(part))
    {
        return format!("zoom:{number}");
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let mut query: Vec<String> = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("utm_") && name != "authuser")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    query.sort();
    let fragment = url.fragment().unwrap_or_default();
    format!("{host}{port}{}?{}#{fragment}", url.path().trim_end_matches('/'), query.join("&")).to_lowercase()
}

/// Whether it leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    }
}

/// A name of two labels or more that can be found outside the house. Numeric addresses are no rooms of anybody's.
fn is_public_name(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return false };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.')
        && !name.ends_with('.')
        && !INTERNAL.contains(&last)
        && !name.ends_with(".home.arpa")
        && name.split('.').all(|label| !label.is_empty() && label.len() <= 63)
        && last.chars().any(|c| c.is_ascii_alphabetic())
}

fn is_below(host: &str, name: &str) -> bool {
    host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
}

fn has_parameter(url: &Url, is_so: impl Fn(&str, &str) -> bool) -> bool {
    url.query_pairs().any(|(name, value)| is_so(&name.to_ascii_lowercase(), &value.to_ascii_lowercase()))
}

fn is_at_zoom(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    ["zoom.us", "zoom.com", "zoomgov.com"].iter().any(|zoom| is_below(host, zoom))
}

fn is_meeting_number(part: &str) -> bool {
    (9..=12).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the link surely makes whoever opens it the host, or starts the host's own way in.
fn is_for_the_host(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let host = url.host_str().unwrap_or_default();
    let at_zoom = is_at_zoom(url)
        && (path.starts_with("/s/")
            || path.starts_with("/start/")
            || (path.starts_with("/wc/") && (path.ends_with("/start") || path.ends_with("/host"))));
    let by_role = has_parameter(url, |name, value| match name {
        "role" | "userrole" | "user_role" => matches!(value, "host" | "moderator" | "presenter" | "owner"),
        "moderator" | "ismoderator" | "is_moderator" | "host" | "ishost" | "is_host" => {
            matches!(value, "" | "1" | "true" | "yes")
        }
        "hostkey" | "host_key" | "moderatorpassword" | "moderatorpw" | "moderator_password" => true,
        // Whereby's host key: https://docs.whereby.com/reference/whereby-rest-api-reference (hostRoomUrl).
        "roomkey" => is_below(host, "whereby.com"),
        _ => false,
    });
    at_zoom || by_role
}

/// Whether the link is surely the guests' of a product that gives its host another one.
fn is_for_guests(url: &Url) -> bool {
    let at_zoom = is_at_zoom(url)
        && ["/j/", "/w/", "/my/", "/wc/join/"].iter().any(|start| url.path().starts_with(start));
    let by_role = has_parameter(url, |name, value| {
        matches!(name, "role" | "userrole" | "user_role")
            && matches!(value, "guest" | "attendee" | "participant" | "patient" | "client")
    });
    at_zoom || by_role
}

/// Zoom's link for one registrant: everybody would come as that one.
fn is_for_one_guest(url: &Url) -> bool {
    is_at_zoom(url) && has_parameter(url, |name, _| name == "tk")
}

fn holds_a_token(url: &Url) -> bool {
    has_parameter(url, |name, _| {
        matches!(
            name,
            "token"
                | "access_token"
                | "accesstoken"
                | "auth_token"
                | "jwt"
                | "signature"
                | "sig"
                | "expires"
                | "exp"
        )
    })
}

fn is_front_page(url: &Url) -> bool {
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    // `dr-osei.example.com` may well be a room; `example.com` is none.
    let labels = url.host_str().unwrap_or_default().trim_start_matches("www.").split('.').count();
    is_plain && labels <= 2
}

fn is_for_signing_in(url: &Url) -> bool {
    url.path_segments().into_iter().flatten().any(|part| {
        matches!(
            part.to_ascii_lowercase().as_str(),
            "login" | "signin" | "sign-in" | "sign_in" | "log-in" | "sso" | "dashboard" | "admin"
        )
    })
}

#[cfg(test)]
mod tests;
