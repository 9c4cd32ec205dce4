//! Zoom misbehaving: every kind of misbehaviour that can be thought of, against every call that is made, each with the
//! outcome that it has to have. What is expected stands in the tables of `kinds`, by class of call, and is not asked of the
//! code under test.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod tls;

#[cfg(test)]
mod cases {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Semaphore;
    use tokio::task::JoinSet;
    use zoom::http::{Limits, client};

    use crate::calls::{CANARIES, Call, Client};
    use crate::kinds::{self, Address, Kind, all_kinds};
    use crate::peer::{Peer, Play};
    use crate::tls::trusting_client;

    /// How many cases run at once.
    const AT_ONCE: usize = 48;

    /// The clients, made once: each reads the certificates of the machine.
    struct Clients {
        usual: reqwest::Client,
        hasty: reqwest::Client,
        hasty_to_connect: reqwest::Client,
        trusting: reqwest::Client,
    }

    impl Clients {
        fn new() -> Self {
            let usual = Limits::default();
            let hasty = Limits { total: Duration::from_millis(400), ..usual };
            let hasty_to_connect = Limits { connect: Duration::from_millis(250), ..usual };
            Self {
                usual: client(usual).unwrap(),
                hasty: client(hasty).unwrap(),
                hasty_to_connect: client(hasty_to_connect).unwrap(),
                trusting: trusting_client(),
            }
        }

        fn of(&self, kind: &Kind) -> reqwest::Client {
            match kind.client {
                kinds::Client::Usual => self.usual.clone(),
                kinds::Client::Hasty => self.hasty.clone(),
                kinds::Client::HastyToConnect => self.hasty_to_connect.clone(),
                kinds::Client::Trusting => self.trusting.clone(),
            }
        }
    }

    /// Plays one case; says what is wrong with its outcome.
    async fn play(kind: &Kind, call: Call, http: reqwest::Client) -> Result<(), String> {
        let target = if kind.redirects { Some(Peer::start(Play::Deaf).await) } else { None };
        let elsewhere =
            target.as_ref().map(|target| format!("http://{}", target.address)).unwrap_or_default();
        let peer = Peer::start((kind.play)(call, &elsewhere)).await;
        let base = match kind.address {
            Address::Plain => format!("http://{}", peer.address),
            Address::Https => format!("https://{}", peer.address),
            Address::Elsewhere(url) => url.to_owned(),
        };
        let outcome = call.make(&Client::new(http, &base)).await;

        let (expected, may_be_done) = kind.expected(call);
        let mut wrong = Vec::new();
        if outcome != expected {
            wrong.push(format!("{outcome:?}, not {expected:?}"));
        }
        if outcome.may_be_done() != may_be_done {
            wrong.push(format!("may be done: {}, not {may_be_done}", outcome.may_be_done()));
        }
        let shown = outcome.shown();
        wrong
            .extend(CANARIES.iter().filter(|word| shown.contains(*word)).map(|word| format!("shows {word}")));
        let heard = peer.heard();
        if heard.len() > 1 {
            wrong.push(format!("asked {} times", heard.len()));
        }
        if !kind.is_heard && !heard.is_empty() {
            wrong.push("sent its request".to_owned());
        }
        if target.is_some_and(|target| target.connections() > 0) {
            wrong.push("followed a redirect".to_owned());
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!("{call:?} with {}: {}", kind.name, wrong.join("; ")))
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_misbehaviour_has_a_defined_outcome_for_every_call() {
        let kinds = all_kinds();
        let (count, cases) = (kinds.len(), kinds.len() * Call::ALL.len());
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let clients = Clients::new();
        let mut running = JoinSet::new();
        for kind in kinds.into_iter().map(Arc::new) {
            for call in Call::ALL {
                let (kind, places, http) = (Arc::clone(&kind), Arc::clone(&places), clients.of(&kind));
                running.spawn(async move {
                    let _place = places.acquire().await.unwrap();
                    play(&kind, call, http).await
                });
            }
        }
        let outcomes = running.join_all().await;
        let wrong: Vec<&str> =
            outcomes.iter().filter_map(|outcome| outcome.as_ref().err().map(String::as_str)).collect();
        println!("{count} kinds of misbehaviour, {} calls, {cases} cases", Call::ALL.len());
        assert!(wrong.is_empty(), "{} of {cases} cases:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(outcomes.len(), cases);
        assert!(count >= 60 && cases >= 1_200, "{count} kinds, {cases} cases");
    }

    #[test]
    fn no_kind_stands_in_the_tables_twice() {
        let mut names: Vec<String> = all_kinds().into_iter().map(|kind| kind.name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
