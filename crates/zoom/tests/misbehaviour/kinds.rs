//! The tables: what can go wrong, and what each class of call has to make of it.

mod answers;
mod refusals;
mod wire;

use zoom::RetryAfter;
use zoom::api::ApiError;
use zoom::oauth::TokenError;

use crate::calls::{Call, Class, Outcome};
use crate::peer::Play;

/// All of them.
pub fn all_kinds() -> Vec<Kind> {
    [
        refusals::in_zooms_words(),
        refusals::of_tokens(),
        refusals::limits(),
        refusals::troubles(),
        refusals::strangers(),
        refusals::redirects(),
        answers::good_ones(),
        answers::bodies(),
        answers::framing(),
        wire::heads(),
        wire::broken(),
        wire::slow(),
        wire::unreachable(),
        wire::encrypted(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a peer does, by the call and by the address that a redirect leads to.
type Plays = Box<dyn Fn(Call, &str) -> Play + Send + Sync>;

/// One way to misbehave, and what is expected then.
pub struct Kind {
    pub name: String,
    pub play: Plays,
    pub address: Address,
    pub client: Client,
    /// Whether the peer may hear the request at all.
    pub is_heard: bool,
    /// Whether it sends the client elsewhere, where nothing may arrive.
    pub redirects: bool,
    must: Must,
}

/// Where the program is told to find Zoom.
#[derive(Debug, Clone, Copy)]
pub enum Address {
    /// At the peer, over http.
    Plain,
    /// At the peer, over https.
    Https,
    /// Not at the peer.
    Elsewhere(&'static str),
}

/// With what patience, and whose word is taken for who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// As the program is used.
    Usual,
    /// Gives up on an answer after less than a second.
    Hasty,
    /// Gives up on a connection after less than a second.
    HastyToConnect,
    /// Trusts the authority of these tests.
    Trusting,
}

/// What is expected of one class of call.
#[derive(Debug, Clone)]
pub enum Want {
    /// This, and whether Zoom may have done it.
    Is(Outcome, bool),
    /// What the call makes of an object in which nothing that it needs can be read.
    EmptyObject,
    /// What it makes of JSON that is no object.
    NoObject,
}

/// What is expected, by class of call.
#[derive(Debug, Clone)]
pub struct Must {
    pub read: Want,
    pub write: Want,
    pub tell: Want,
    pub token: Want,
    pub revoke: Want,
}

impl Must {
    /// The same of all that go to the API, and the same of all that go to OAuth; each with whether it may be done.
    pub fn be(api: Outcome, api_may: bool, oauth: Outcome, oauth_may: bool) -> Self {
        let (api, oauth) = (Want::Is(api, api_may), Want::Is(oauth, oauth_may));
        Self { read: api.clone(), write: api.clone(), tell: api, token: oauth.clone(), revoke: oauth }
    }

    /// Zoom itself refuses: nothing is done.
    pub fn refuse(api: ApiError, oauth: TokenError) -> Self {
        Self::be(Outcome::Api(api), false, Outcome::Token(oauth), false)
    }

    /// There is no answer, or none of Zoom's in health.
    pub fn unavailable(retry: Option<RetryAfter>, may_be_done: bool) -> Self {
        let api = Outcome::Api(ApiError::Unavailable { retry, may_be_done });
        Self::be(
            api,
            may_be_done,
            Outcome::Token(TokenError::Unavailable { retry, may_be_done }),
            may_be_done,
        )
    }

    /// Something that cannot be understood, of which this part is told.
    pub fn be_unreadable(what: &'static str) -> Self {
        Self::be(Outcome::lacks(what), true, Outcome::Token(TokenError::Unreadable), true)
    }

    pub fn be_done() -> Self {
        Self::be(Outcome::Done, true, Outcome::Done, true)
    }

    /// There is nothing to read: enough for those who are only told.
    pub fn be_empty() -> Self {
        let done = Want::Is(Outcome::Done, true);
        Self { tell: done.clone(), revoke: done, ..Self::be_unreadable("the body") }
    }
}

impl Kind {
    pub fn new(name: impl Into<String>, play: Play, must: Must) -> Self {
        Self::by_call(name, move |_| play.clone(), must)
    }

    /// Where the answer depends on the call.
    pub fn by_call(
        name: impl Into<String>,
        play: impl Fn(Call) -> Play + Send + Sync + 'static,
        must: Must,
    ) -> Self {
        Self {
            name: name.into(),
            play: Box::new(move |call, _| play(call)),
            address: Address::Plain,
            client: Client::Usual,
            is_heard: true,
            redirects: false,
            must,
        }
    }

    pub fn with_client(self, client: Client) -> Self {
        Self { client, ..self }
    }

    /// The connection never comes about.
    pub fn unheard(self, address: Address) -> Self {
        Self { address, is_heard: false, ..self }
    }

    /// What a call has to come to, and whether Zoom may have done it.
    pub fn expected(&self, call: Call) -> (Outcome, bool) {
        let want = match call.class() {
            Class::Read => &self.must.read,
            Class::Write => &self.must.write,
            Class::Tell => &self.must.tell,
            Class::Token => &self.must.token,
            Class::Revoke => &self.must.revoke,
        };
        match want {
            Want::Is(outcome, may_be_done) => (outcome.clone(), *may_be_done),
            // Zoom answered with a success: it may be done whatever can be read.
            Want::EmptyObject => (call.of_an_empty_object(), true),
            Want::NoObject => (call.of_no_object(), true),
        }
    }
}

/// A whole answer; every header ends in `\r\n`.
pub fn http(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The same, with JSON in it.
pub fn json(status: u16, body: impl AsRef<[u8]>) -> Vec<u8> {
    http(status, "content-type: application/json\r\n", body)
}

/// What a machine between here and Zoom answers.
pub const PAGE: &str = "<html><body>body-canary, rosa.delgado@mail.example</body></html>";
